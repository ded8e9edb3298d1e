import { encryptionOf } from '../../secrets/encrypted.ts';
import type { ValueRule } from './value-rule.ts';

/** Why a text is no value yet, and what to do about it. */
interface Unresolved {
  readonly is: string;
  readonly help: string;
}

/** What refers to a value, as a whole. */
const REFERENCES: readonly (Unresolved & { readonly form: RegExp })[] = [
  {
    form: /^\s*\$\{secrets?:[^}]*\}\s*$/i,
    is: 'refers to a secret itself',
    help: 'give the secret its value: what a value refers to is not looked up',
  },
  {
    form: /^\s*@@secret:[^@]*@@\s*$/,
    is: 'is the mark of a secret',
    help: 'give the secret its value: a mark in the place of a value is not filled in',
  },
];

export const secretUnresolved: ValueRule = {
  code: 'secret-unresolved',
  severity: 'error',
  essential: true,
  what: 'The value of a secret is the secret: not a reference, not a mark, not what is still encrypted.',
  why: 'The machine would take what stands there for the token or password, and everybody who reads the encrypted file could do so, too.',
  check(texts, report) {
    for (const text of texts) {
      const { names, filled, written, at, node } = text;
      // A secret may well hold what looks like these; a whole one that does is one that somebody forgot to look up.
      if (written !== `\${secret:${names[0]}}`) continue;
      const found = REFERENCES.find(({ form }) => form.test(filled)) ?? stillEncrypted(filled);
      if (!found) continue;
      report({
        node,
        message: `The value of the secret ${names[0]} ${found.is}: the machine would take it as it stands.`,
        at,
        help: found.help,
      });
    }
  },
};

function stillEncrypted(value: string): Unresolved | undefined {
  const encryption = encryptionOf(value);
  if (!encryption) return undefined;
  const { program, command } = encryption;
  return {
    is: `is still encrypted by ${program}`,
    help: `decrypt it first: ${command} | harvgen … --secrets -`,
  };
}

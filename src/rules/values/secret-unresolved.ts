import type { ValueRule } from './value-rule.ts';

/** What is no value yet, as a whole, and by what it is told. */
const UNRESOLVED: readonly { readonly form: RegExp; readonly is: string; readonly help: string }[] = [
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
  {
    form: /^\s*ENC\[/,
    is: 'is still encrypted by sops',
    help: 'decrypt it first: sops -d FILE | harvgen … --secrets -',
  },
  {
    form: /^\s*\$ANSIBLE_VAULT;/,
    is: 'is still encrypted by ansible-vault',
    help: 'decrypt it first: ansible-vault view FILE | harvgen … --secrets -',
  },
  {
    form: /^\s*(age-encryption\.org\/|-----BEGIN AGE ENCRYPTED FILE-----)/,
    is: 'is still encrypted by age',
    help: 'decrypt it first: age -d FILE | harvgen … --secrets -',
  },
  {
    form: /^\s*-----BEGIN PGP MESSAGE-----/,
    is: 'is still encrypted by PGP',
    help: 'decrypt it first: gpg -d FILE | harvgen … --secrets -',
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
      const found = UNRESOLVED.find(({ form }) => form.test(filled));
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

import type { ValueRule } from './value-rule.ts';

/** What is no value yet, and by what it is told. */
const UNRESOLVED: readonly { readonly form: RegExp; readonly is: string; readonly help: string }[] = [
  {
    form: /\$\{secrets?:/i,
    is: 'refers to a secret itself',
    help: 'give the secret its value: what a value refers to is not looked up',
  },
  {
    form: /@@secret:/,
    is: 'holds the mark of a secret',
    help: 'give the secret its value: a mark within a value is not filled in',
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
  what: 'The value of a secret is the secret: no reference, no mark, nothing that is still encrypted.',
  why: 'The machine would take what stands there for the token or password, and everybody who reads the encrypted file could do so, too.',
  check(texts, report) {
    for (const text of texts) {
      const { names, filled, written, at, node } = text;
      // A text of which the secret is the whole is judged from its beginning; within a longer one, the marks tell.
      const isWhole = written === `\${secret:${names[0]}}`;
      const found = UNRESOLVED.find(({ form }) =>
        isWhole ? form.test(filled) : !form.source.startsWith('^') && form.test(filled),
      );
      if (!found) continue;
      report({
        node,
        message: `The value of ${names.length === 1 ? `the secret ${names[0]}` : `one of the secrets ${names.join(', ')}`} ${found.is}: the machine would take it as it stands.`,
        at,
        help: found.help,
      });
    }
  },
};

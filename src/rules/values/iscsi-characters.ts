import type { SecretPurpose } from './secret-text.ts';
import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

/** What a text of iSCSI is made of as a whole, by what it is for, and how that is said. */
const MADE_OF: Readonly<Partial<Record<SecretPurpose, { readonly form: RegExp; readonly of: string }>>> = {
  chap: { form: /^[A-Za-z0-9._-]+$/, of: 'letters and digits of ASCII, ., _ and -' },
  'foreign-chap': { form: /^[A-Za-z0-9._-]+$/, of: 'letters and digits of ASCII, ., _ and -' },
  'target-name': { form: /^[A-Za-z0-9._:-]+$/, of: 'letters and digits of ASCII, ., _, : and -' },
  'target-suffix': {
    form: /^[a-z0-9.-]{1,40}$/,
    of: 'at most 40 lower-case letters and digits of ASCII, . and -',
  },
};

export const iscsiCharacters: ValueRule = {
  code: 'iscsi-characters',
  severity: 'error',
  essential: true,
  what: "A password of CHAP is made of letters, digits, `.`, `_` and `-`, and the end of targets' names of 40 lower-case letters, digits, `.` and `-` at most.",
  why: 'It stands in a script of iPXE and in the configuration of the iSCSI server, which know no quotes; names of targets know neither upper case nor `_` (RFC 3722).',
  check(texts, report) {
    for (const text of texts) {
      const { purpose, filled, at, node } = text;
      const made = MADE_OF[purpose];
      if (!made || made.form.test(filled)) continue;
      report({
        node,
        message: `${subject(text)} is not made of ${made.of} alone.`,
        at,
        help:
          purpose === 'target-suffix'
            ? 'make another one: openssl rand -hex 16'
            : 'make another one: openssl rand -hex 8',
      });
    }
  },
};

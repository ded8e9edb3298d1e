import { clearTexts } from '../site/clear-text.ts';
import type { Rule } from './rule.ts';

export const clearTextSecret: Rule = {
  code: 'clear-text-secret',
  severity: 'warning',
  what: 'Tokens, passwords and private keys are written as `${secret:name}`; a password of the system may be a crypt hash.',
  why: 'Git keeps what was once written for ever, and whoever can read the repository or fetch a file of the tree has it.',
  check(site, report) {
    for (const { path, at, node } of clearTexts(site)) {
      report({
        ...(node && { node }),
        message: `${path} is in clear text: git keeps it, and whoever reads the repository or the tree has it.`,
        at,
        help: 'write ${secret:name}, give the boot server its value (server.secrets), and change it wherever it is in use',
      });
    }
  },
};

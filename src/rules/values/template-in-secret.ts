import { opensTemplate } from '../template-in-value.ts';
import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

export const templateInSecret: ValueRule = {
  code: 'template-in-secret',
  severity: 'warning',
  what: 'No value of a secret brings `{{` into a configuration.',
  why: 'The installed system reads its configuration through a template engine: what follows `{{` is replaced by what it evaluates to (harvester/harvester#10367). A secret cannot be written otherwise and stay the same.',
  check(texts, report) {
    for (const text of texts) {
      const { path, written, filled, at, node } = text;
      // Webhooks are the installer's, and management controllers read no configuration.
      if (path.startsWith('install.webhooks') || path === 'bmc.password') continue;
      if (opensTemplate(written) || !opensTemplate(filled)) continue;
      report({
        node,
        message: `${subject(text)} brings {{ with it: the installed system takes it for a template, and replaces what follows.`,
        at,
        help: 'choose a value without {{',
      });
    }
  },
};

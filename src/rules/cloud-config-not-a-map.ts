import { eachCloudInitPart } from '../site/each-cloud-init-part.ts';
import { cloudConfigFault } from '../site/read-cloud-config.ts';
import type { Rule } from './rule.ts';

export const cloudConfigNotAMap: Rule = {
  code: 'cloud-config-not-a-map',
  severity: 'error',
  what: 'A text of `user_data` or `vendor_data` that begins with `#cloud-config` is YAML, and a map.',
  why: 'Otherwise cloud-init drops the whole of it, with a warning in a log on the machine.',
  check(site, report) {
    for (const { node, name, part, at } of eachCloudInitPart(site)) {
      const fault = typeof part === 'string' ? cloudConfigFault(part) : undefined;
      if (fault === undefined) continue;
      report({
        node,
        message: `This cloud-config of ${name} ${fault}: cloud-init would drop it.`,
        at,
        help: 'write it as a map instead of a text, so that each fault is said at its line',
      });
    }
  },
};

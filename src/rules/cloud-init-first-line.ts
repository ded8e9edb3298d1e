import { CLOUD_INIT_TEXTS, cloudInitTextOf } from '../knowledge/tables/cloud-init-texts.ts';
import { eachCloudInitPart } from '../site/each-cloud-init-part.ts';
import type { Rule } from './rule.ts';

export const cloudInitFirstLine: Rule = {
  code: 'cloud-init-first-line',
  severity: 'error',
  what: 'A text of `user_data` or `vendor_data` begins in a way that tells cloud-init what it is.',
  why: 'What begins otherwise cloud-init passes over, with a warning in a log on the machine; beside other parts it takes it for cloud-config.',
  check(site, report) {
    for (const { node, name, part, at } of eachCloudInitPart(site)) {
      if (typeof part !== 'string' || cloudInitTextOf(part)) continue;
      report({
        node,
        message: `This text of ${name} begins in no way that cloud-init knows: it would be passed over.`,
        at,
        help: `begin it with ${CLOUD_INIT_TEXTS.map(({ begins }) => begins).join(', ')}; or write cloud-config as a map`,
      });
    }
  },
};

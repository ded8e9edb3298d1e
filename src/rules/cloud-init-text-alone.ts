import { cloudInitTextOf } from '../knowledge/tables/cloud-init-texts.ts';
import { eachCloudInitPart } from '../site/each-cloud-init-part.ts';
import type { Rule } from './rule.ts';

export const cloudInitTextAlone: Rule = {
  code: 'cloud-init-text-alone',
  severity: 'error',
  essential: true,
  what: 'What cloud-init follows or takes apart itself, an include, an archive or MIME, is all that `user_data` or `vendor_data` says, and refers to no secret.',
  why: 'Several parts are handed on as a cloud-config-archive, in which cloud-init neither follows an include nor takes apart another archive. A secret is filled in within quotes, and these have none.',
  check(site, report) {
    for (const { node, name, part, at, parts } of eachCloudInitPart(site)) {
      if (typeof part !== 'string') continue;
      const kind = cloudInitTextOf(part);
      if (!kind?.alone) continue;
      if (parts.length > 1) {
        const other = name === 'user_data' ? 'vendor_data' : 'user_data';
        report({
          node,
          message: `${kind.begins} is one of several parts of ${name}, among which cloud-init does not follow it.`,
          at,
          help: `say what it stands for here, or move it to ${other}`,
        });
      } else if (part.includes('${secret:')) {
        report({
          node,
          message: `${kind.begins} is handed on as it is, and this one refers to a secret, which nothing can quote there.`,
          at,
          help: 'write cloud-config as a map, or a script, and refer to the secret there',
        });
      }
    }
  },
};

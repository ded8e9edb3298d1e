import { CLOUD_CONFIG_LISTS } from '../knowledge/tables/cloud-config-lists.ts';
import { eachCloudInitPart } from '../site/each-cloud-init-part.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const cloudConfigNotAList: Rule = {
  code: 'cloud-config-not-a-list',
  severity: 'error',
  what: '`bootcmd`, `runcmd`, `write_files`, `mounts` and `ssh_authorized_keys` of cloud-config are lists.',
  why: 'Over anything else their modules fail, or take each letter of a text for an item, with a warning in a log on the machine; and it takes the place of the lists of groups, where a list would follow them.',
  check(site, report) {
    for (const { node, name, part } of eachCloudInitPart(site)) {
      if (typeof part !== 'object') continue;
      for (const [key, { sample }] of Object.entries(CLOUD_CONFIG_LISTS)) {
        const value = part[key];
        if (value === undefined || value === null || Array.isArray(value)) continue;
        report({
          node,
          message: `${key} of ${name} is no list: cloud-init would do nothing of it.`,
          at: placeOf(part, key),
          help: `write a list: ${key}: [${sample}]`,
        });
      }
    }
  },
};

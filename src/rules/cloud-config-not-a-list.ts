import { placeOf } from '../origin.ts';
import { eachCloudInitPart } from '../site/each-cloud-init-part.ts';
import type { Rule } from './rule.ts';

/** What cloud-init takes as a list alone. Source: cloud-init, cc_bootcmd.py, cc_runcmd.py, cc_write_files.py. */
const LISTS = ['bootcmd', 'runcmd', 'write_files'] as const;

export const cloudConfigNotAList: Rule = {
  code: 'cloud-config-not-a-list',
  severity: 'error',
  what: '`bootcmd`, `runcmd` and `write_files` of cloud-config are lists.',
  why: 'Over anything else their modules fail, with a warning in a log on the machine; and it takes the place of the lists of groups, where a list would follow them.',
  check(site, report) {
    for (const { node, name, part } of eachCloudInitPart(site)) {
      if (typeof part !== 'object') continue;
      for (const key of LISTS) {
        const value = part[key];
        if (value === undefined || value === null || Array.isArray(value)) continue;
        report({
          node,
          message: `${key} of ${name} is no list: cloud-init would do nothing of it.`,
          at: placeOf(part, key),
          help: `write a list: ${key}: [${key === 'write_files' ? '{ path: /etc/example, content: … }' : '…'}]`,
        });
      }
    }
  },
};

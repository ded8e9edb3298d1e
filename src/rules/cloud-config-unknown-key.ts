import { CLOUD_CONFIG_KEYS } from '../knowledge/tables/cloud-config-keys.ts';
import { eachCloudInitPart } from '../site/each-cloud-init-part.ts';
import { keyPlaceOf } from '../source/origin.ts';
import { nearest } from '../values/nearest.ts';
import type { Rule } from './rule.ts';

const KNOWN: ReadonlySet<string> = new Set(CLOUD_CONFIG_KEYS);

export const cloudConfigUnknownKey: Rule = {
  code: 'cloud-config-unknown-key',
  severity: 'warning',
  what: 'A key of cloud-config is one that cloud-init knows, or begins with `x-`.',
  why: 'What it does not know cloud-init drops; newer releases say so in a log on the machine.',
  check(site, report) {
    for (const { node, name, part } of eachCloudInitPart(site)) {
      if (typeof part !== 'object') continue;
      for (const key of Object.keys(part)) {
        if (KNOWN.has(key) || key.startsWith('x-')) continue;
        const meant = nearest(key, CLOUD_CONFIG_KEYS, 0.3);
        report({
          node,
          message: `${name} has the key ${key}, and no module of cloud-init reads it${meant ? `: did you mean ${meant}?` : '.'}`,
          at: keyPlaceOf(part, key),
          help: 'see https://docs.cloud-init.io/en/latest/reference/modules.html',
        });
      }
    }
  },
};

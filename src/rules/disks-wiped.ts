import { effectiveWipe } from '../site/disks.ts';
import { placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const disksWiped: Rule = {
  code: 'disks-wiped',
  severity: 'warning',
  what: 'No disk but the device loses what is on it, unless a person has said that this is meant.',
  why: 'The installer formats the data disk and clears what wipe_* names without asking, at every installation (harvester/harvester#8825).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const install = node?.os === 'harvester' ? node.config?.install : undefined;
      const version = node?.cluster?.version;
      if (!node || !install || !version) continue;
      const warn = (key: keyof typeof install, fate: string) =>
        report({
          node,
          message: `${fate}: what is there is lost without a question.`,
          at: placeOf(install, key),
          help: 'if that is meant, say so beside config: `silence: {disks-wiped: the reason}`; else remove it',
        });
      const { device, data_disk } = install;
      // That a witness has one, or that it is the device, is a fault of its own.
      if (data_disk && data_disk !== device && !(install.role === 'witness' && isAtLeast(version, 'v1.6.0')))
        warn('data_disk', `The data disk ${data_disk} is formatted as a whole`);
      if (effectiveWipe(node, 'wipe_disks'))
        warn('wipe_disks', 'wipe_disks clears every disk of the machine');
      if (effectiveWipe(node, 'wipe_all_disks'))
        warn('wipe_all_disks', 'wipe_all_disks clears every disk that bears an earlier Harvester');
      const list: readonly (string | undefined)[] = effectiveWipe(node, 'wipe_disks_list') ?? [];
      const others = list.filter((name) => name && name !== device);
      if (others.length > 0) warn('wipe_disks_list', `wipe_disks_list clears ${others.join(', ')}`);
    }
  },
};

import { declaredDisk } from '../site/disks.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const dataDiskIsDevice: Rule = {
  code: 'data-disk-is-device',
  severity: 'error',
  what: 'The data disk is another disk than the device.',
  why: 'The installer knows a disk only by the name that it is given: under two names it would be formatted twice, and lose what was just put on it.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      // Nothing derives a data disk.
      if (node?.os !== 'harvester' || node.said?.install?.data_disk === undefined) continue;
      const install = node.config?.install;
      if (!node.facts || !install?.device || !install.data_disk) continue;
      const { device, data_disk } = install;
      const disk = declaredDisk(node.facts, data_disk);
      const isSameName = device === data_disk;
      if (!isSameName && (!disk || disk !== declaredDisk(node.facts, device))) continue;
      report({
        node,
        message: isSameName
          ? `data_disk is ${data_disk}, which is also the device: the installer ignores it.`
          : `data_disk ${data_disk} and device ${device} are two names of one disk: the installer would format it twice.`,
        at: placeOf(install, 'data_disk'),
        related: [
          { message: 'the device is set at', at: placeOf(install, 'device') },
          ...(disk && !isSameName ? [{ message: 'the disk is declared at', at: placeOf(disk, 'path') }] : []),
        ],
        help: 'name another disk; or remove data_disk, and the volumes of virtual machines lie on the device',
      });
    }
  },
};

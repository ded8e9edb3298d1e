import { roleOf } from '../site/cluster-shape.ts';
import { effective } from '../site/effective.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const witnessDataDisk: Rule = {
  code: 'witness-data-disk',
  severity: 'error',
  what: 'From v1.6.0 on, a witness has no data disk.',
  why: 'A witness holds no volumes. The installer formats its data disk all the same, without looking at its size, and never mounts it; before v1.6.0 it did mount it, and the disk could spare room on the other.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const version = node?.cluster?.version;
      if (!node || !version || !isAtLeast(version, 'v1.6.0')) continue;
      const role = roleOf(node);
      const disk = effective(node, 'install.data_disk');
      // One that is the disk of the system by the same name is taken for none.
      if (role?.role !== 'witness' || !disk?.value || disk.value === node.config?.install?.device) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is a witness, and stores nothing: its data disk ${disk.value} would be formatted, and never used.`,
        at: disk.at,
        related: [{ message: `${node.name} is a witness by`, at: role.at }],
        help: 'remove data_disk; where it is for other nodes, move it to a profile that the witness does not have',
      });
    }
  },
};

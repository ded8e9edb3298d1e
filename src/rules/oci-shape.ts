import { shapeKind } from '../knowledge/tables/oci-shapes.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

/** What becomes of Harvester on shapes that are none for it. */
const WHY_NOT = {
  virtual: "is a virtual machine: Harvester's own would run inside another, if at all",
  diskless: 'has no disk of its own, but a boot volume by iSCSI, and the inventory does not say to use that',
  unknown: 'is not known to have a disk of its own',
} as const;

const LOCAL = 'choose a shape with local NVMe disks, such as BM.DenseIO.E4.128';

const HELP = {
  virtual: LOCAL,
  diskless: `${LOCAL}; or say \`boot: { disk: iscsi, target: "iqn.2015-02.oracle.boot:uefi", server: 169.254.0.2 }\`, which is that volume`,
  unknown:
    "look it up in OCI's documentation, under Compute Shapes; where it has local NVMe disks, silence this rule",
} as const;

export const ociShape: Rule = {
  code: 'oci-shape',
  severity: 'warning',
  what: 'The shape of an instance of Oracle Cloud Infrastructure is bare metal that is known to have disks of its own, or its disk is one by iSCSI.',
  why: 'Harvester is installed on a disk of the machine. Shapes without any have a boot volume by iSCSI, which is used where `boot` says so (harvester/harvester#1365, #5150).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const { oci } = node ?? {};
      if (!node || oci?.shape === undefined || node.os !== 'harvester') continue;
      const kind = shapeKind(oci.shape) ?? 'unknown';
      if (kind === 'nvme' || (node.iscsi && kind !== 'virtual')) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} has the shape ${oci.shape}, which ${WHY_NOT[kind]}.`,
        at: placeOf(oci, 'shape'),
        help: HELP[kind],
      });
    }
  },
};

import { shapeArch } from '../knowledge/tables/oci-shapes.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const ociArch: Rule = {
  code: 'oci-arch',
  severity: 'error',
  what: "The shape of an instance of Oracle Cloud Infrastructure has the cluster's architecture.",
  why: 'The kernel of another architecture does not start: the machine stays in iPXE, and tries again for ever.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const { oci, arch } = node ?? {};
      if (!node || oci?.shape === undefined || !arch) continue;
      const is = shapeArch(oci.shape);
      if (is === arch) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} has the shape ${oci.shape}, which is ${is}, and is to run what is made for ${arch}.`,
        at: placeOf(oci, 'shape'),
        ...(node.cluster
          ? { related: [{ message: 'the architecture is set at', at: placeOf(node.cluster, 'arch') }] }
          : {}),
        help: `choose a shape that is ${arch}, or let the cluster be ${is}`,
      });
    }
  },
};

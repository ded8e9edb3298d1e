import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const ociVirtualMachine: Rule = {
  code: 'oci-virtual-machine',
  severity: 'error',
  what: "A node is an instance of Oracle Cloud Infrastructure or a virtual machine of the site's host, and not both.",
  why: 'Both would boot with the same address and the same configuration: two machines would be one node.',
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.oci || !node.domain || !node.facts) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is an instance of OCI and a virtual machine of the host at once.`,
        at: placeOf(node, 'oci'),
        related: [{ message: 'vm is at', at: placeOf(node.facts, 'vm') }],
        help: 'keep each in a profile of its own, and let the node list one of them',
      });
    }
  },
};

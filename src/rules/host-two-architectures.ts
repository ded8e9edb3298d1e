import type { Node } from '../site/model.ts';
import { hasPlace, placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const hostTwoArchitectures: Rule = {
  code: 'host-two-architectures',
  severity: 'error',
  what: 'The virtual machines of a host that lends them its CPU (KVM) are of one architecture.',
  why: 'KVM runs no other instructions than those of the host: of machines of two architectures libvirt refuses one.',
  check({ host, nodes = [] }, report) {
    if (host?.domainType !== 'kvm') return;
    const machines = nodes.flatMap((node) => (node?.domain && node.arch ? [node] : []));
    const [first] = machines;
    const other = machines.find(({ arch }) => arch !== first?.arch);
    if (!first || !other) return;
    report({
      message: `${first.name} is a machine of ${first.arch} and ${other.name} one of ${other.arch}, and the CPU of their host is of one architecture: libvirt refuses one of them.`,
      at: archPlace(other),
      related: [{ message: `${first.name} has its architecture from`, at: archPlace(first) }],
      help: 'give all of them the same with arch, move some to another host; or say `domain_type: qemu`, which emulates the CPU and is slow',
    });
  },
};

/** Where it is said of which architecture a machine is: by its cluster; else the machine itself. */
function archPlace(node: Draft<Node>) {
  const { cluster } = node;
  return cluster && hasPlace(cluster, 'arch') ? placeOf(cluster, 'arch') : selfPlace(node);
}

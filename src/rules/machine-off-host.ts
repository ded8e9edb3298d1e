import { offHost } from '../site/off-host.ts';
import { namesOf } from '../source/diagnostics/listed.ts';
import { placeOf, selfPlace } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const machineOffHost: Rule = {
  code: 'machine-off-host',
  severity: 'error',
  what: 'Every machine on a network that libvirt makes is a virtual one of the host.',
  why: "The network is a bridge of the host that none of the host's own NICs is in: a machine beside the host is never on it, gets no address and fetches nothing.",
  essential: true,
  check(site, report) {
    for (const [network, nodes] of offHost(site)) {
      const [first, another] = nodes;
      if (!first) continue;
      report({
        message: `${namesOf(nodes)} ${another ? 'are no virtual machines' : 'is no virtual machine'}, and libvirt makes the network ${network.name}: it exists on the host alone, and nothing beside the host is on it.`,
        at: placeOf(first, 'name'),
        related: [{ message: 'the network is defined at', at: selfPlace(network) }],
        help: `give ${another ? 'them' : 'it'} vm, such as \`vm: {preset: small, disks: [{size: 300Gi}]}\`; or use a network that is a bridge of the host, with interface, as virtual machines can be on, too`,
      });
    }
  },
};

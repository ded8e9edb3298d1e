import type { Network } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const keaSharedInterface: Rule = {
  code: 'kea-shared-interface',
  severity: 'error',
  what: 'Kea serves one network on an interface.',
  why: 'It takes the network of the first address of an interface for that of whoever asks there: machines of a second one, management controllers mostly, would get an address of the pool of the first, and be told to boot.',
  check({ networks = [] }, report) {
    const first = new Map<string, Draft<Network>>();
    for (const network of networks) {
      if (!network?.interface || network.dhcp?.server !== 'kea') continue;
      const other = first.get(network.interface);
      if (!other) {
        first.set(network.interface, network);
        continue;
      }
      report({
        message: `${network.name} is on ${network.interface}, and so is ${other.name}: Kea would take its machines for those of ${other.name}.`,
        at: placeOf(network, 'interface'),
        related: [{ message: `${other.name} names it at`, at: placeOf(other, 'interface') }],
        help: 'have dnsmasq or isc for both, which serve several networks on one wire; or give each an interface of its own',
      });
    }
  },
};

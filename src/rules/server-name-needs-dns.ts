import type { Network } from '../site/model.ts';
import { isBroken, placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { ipv4Number } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const serverNameNeedsDns: Rule = {
  code: 'server-name-needs-dns',
  severity: 'error',
  what: 'Where the boot server is known by name, machines have a DNS server to ask.',
  why: 'What machines fetch by the name of the boot server they cannot fetch: they have nobody to ask what it stands for.',
  essential: true,
  check({ nodes = [], server }, report) {
    const names = [
      { name: server?.host, at: server && placeOf(server, 'url') },
      { name: server?.tls?.host, at: server?.tls && placeOf(server.tls, 'url') },
    ];
    const named = names.find(({ name }) => name && ipv4Number(name) === undefined);
    if (!named?.at) return;
    for (const network of new Set<Draft<Network>>(nodes.flatMap((node) => node?.bootNic?.network ?? []))) {
      // A DHCP server that is somebody else's may know DNS servers that the inventory does not.
      if (network.dns?.length !== 0 || isBroken(network, 'dns') || network.dhcp?.server === 'external')
        continue;
      report({
        message: `Machines on ${network.name} cannot find ${named.name}: the network has no DNS servers.`,
        at: selfPlace(network),
        related: [{ message: 'the boot server is named at', at: named.at }],
        help: `add dns to the network ${network.name}, or name the boot server by its address`,
      });
    }
  },
};

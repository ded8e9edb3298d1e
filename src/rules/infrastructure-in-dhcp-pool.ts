import { foreignIscsiAddresses, type IscsiAddress, iscsiAddresses } from '../site/iscsi-addresses.ts';
import type { Network, Server } from '../site/model.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { contains } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const infrastructureInDhcpPool: Rule = {
  code: 'infrastructure-in-dhcp-pool',
  severity: 'error',
  what: 'The gateway, the DNS servers, the boot server, iSCSI servers and the libvirt host lie outside every DHCP pool.',
  why: 'A stranger that is given the address of the gateway or of the boot server cuts every machine off.',
  check({ networks = [], nodes = [], server }, report) {
    const foreign = [...foreignIscsiAddresses(nodes).values()];
    for (const network of networks) {
      const { dhcp } = network ?? {};
      if (!network || !dhcp?.pool) continue;
      for (const { address, whose, at } of infrastructure(network, server, foreign)) {
        if (!address || !contains(dhcp.pool, address)) continue;
        report({
          message: `The address ${address} of ${whose} is inside the DHCP pool ${dhcp.pool.text}: a stranger can be given it.`,
          at: placeOf(dhcp, 'pool'),
          related: [{ message: `${whose} has it at`, at }],
          help: 'make the pool smaller, or move it',
        });
      }
    }
  },
};

interface Owner {
  readonly address: string | undefined;
  readonly whose: string;
  readonly at: Place;
}

function infrastructure(
  network: Draft<Network>,
  server: Draft<Server> | undefined,
  foreign: readonly IscsiAddress[],
): Owner[] {
  const { name, gateway, libvirt, dns = [] } = network;
  const owners: Owner[] = [
    { address: gateway, whose: `the gateway of ${name}`, at: placeOf(network, 'gateway') },
    ...dns.map((address) => ({ address, whose: `a DNS server of ${name}`, at: placeOf(network, 'dns') })),
    ...(libvirt
      ? [{ address: libvirt.address, whose: `the host on ${name}`, at: placeOf(libvirt, 'address') }]
      : []),
    ...(server ? [{ address: server.host, whose: 'the boot server', at: placeOf(server, 'url') }] : []),
    ...iscsiAddresses(network, server),
    ...foreign,
  ];
  // Of an address that several of them have it is said once.
  return owners.filter((one, index) => owners.findIndex(({ address }) => address === one.address) === index);
}

import { isOwnDhcpServer, OWN_DHCP_SERVERS, type OwnDhcpServer } from '../knowledge/tables/dhcp-servers.ts';
import type { Dhcp, Network } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const severalDhcpServers: Rule = {
  code: 'several-dhcp-servers',
  severity: 'error',
  what: 'Of several DHCP servers on one machine, that of libvirt included, each has interfaces of its own, and Kea has none beside it.',
  why: 'Two of them cannot listen on one interface: the second does not start, or both answer. Kea takes UDP port 67 of an address whole, and hears nothing where another server has the port.',
  check({ networks = [] }, report) {
    const served = networks.flatMap((network): Served[] => {
      const { dhcp } = network ?? {};
      const server = dhcp?.server;
      return network && dhcp && isServer(server) ? [{ network, dhcp, server }] : [];
    });
    const own = served.filter(({ server }) => server !== 'libvirt');
    const libvirt = served.find(({ server }) => server === 'libvirt');
    for (const one of own) {
      const fault = own[0] && one.server !== own[0].server && faultOf(one, own);
      const beside = !fault && libvirt && faultBesideLibvirt(one);
      const other = fault ? own[0] : libvirt;
      if (!other || !(fault || beside)) continue;
      report({
        message: `${one.network.name} has ${nameOf(one.server)} for its DHCP server, and ${other.network.name} has ${nameOf(other.server)}: ${fault || beside}.`,
        at: placeOf(one.dhcp, 'server'),
        related: [{ message: 'the other one is named at', at: placeOf(other.dhcp, 'server') }],
        help: fault
          ? 'give all networks the same server, or each its own interface; or say `server: external` where another machine serves'
          : 'say `server: dnsmasq`; or `server: external` where another machine serves',
      });
    }
  },
};

/** Who listens on the boot server; libvirt's dnsmasq does where that is the host. */
type Server = OwnDhcpServer | 'libvirt';

interface Served {
  readonly network: Draft<Network>;
  readonly dhcp: Draft<Dhcp>;
  readonly server: Server;
}

function isServer(server: string | undefined): server is Server {
  return server === 'libvirt' || isOwnDhcpServer(server);
}

function faultOf({ network, server }: Served, own: readonly Served[]): string | undefined {
  if (own.some((one) => one.server === 'kea')) return ALONE;
  if (own.some((one) => one.network.interface === undefined))
    return 'not every network says its interface, and each would listen on all';
  const shared = own.some((one) => one.server !== server && one.network.interface === network.interface);
  return shared ? `both would listen on ${network.interface}` : undefined;
}

/** dnsmasq leaves libvirt's bridges out by itself, and dhcpd listens where it has a subnet alone. */
function faultBesideLibvirt({ network, server }: Served): string | undefined {
  if (server === 'kea') return ALONE;
  const isEverywhere = server === 'coredhcp' && network.interface === undefined;
  return isEverywhere ? 'without an interface of its own it would answer on the other one, too' : undefined;
}

const ALONE = 'Kea has no other server beside it on one machine';

function nameOf(server: Server): string {
  return server === 'libvirt' ? "libvirt's" : OWN_DHCP_SERVERS[server].name;
}

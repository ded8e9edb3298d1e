import { placeOf } from '../origin.ts';
import type { Draft } from '../site/draft.ts';
import type { Dhcp, Network } from '../site/model.ts';
import { isOwnDhcpServer, OWN_DHCP_SERVERS, type OwnDhcpServer } from '../tables/dhcp-servers.ts';
import type { Rule } from './rule.ts';

export const severalDhcpServers: Rule = {
  code: 'several-dhcp-servers',
  severity: 'error',
  what: 'Of several DHCP servers on the boot server each has interfaces of its own, and Kea has none beside it.',
  why: 'Two of them cannot listen on one interface: the second does not start, or both answer. Kea takes UDP port 67 of an address whole, and hears nothing where another server has the port.',
  check({ networks = [] }, report) {
    const served = networks.flatMap((network) => {
      const { dhcp } = network ?? {};
      return network && dhcp && isOwnDhcpServer(dhcp.server) ? [{ network, dhcp, server: dhcp.server }] : [];
    });
    const first = served[0];
    for (const { network, dhcp, server } of served) {
      const other = served.find((one) => one.server !== server);
      if (!first || !other || server === first.server) continue;
      const fault = faultOf(network, server, served);
      if (!fault) continue;
      report({
        message: `${network.name} has ${nameOf(server)} for its DHCP server, and ${first.network.name} has ${nameOf(first.server)}: ${fault}.`,
        at: placeOf(dhcp, 'server'),
        related: [{ message: 'the other one is named at', at: placeOf(first.dhcp, 'server') }],
        help: 'give all networks the same server, or each its own interface; or say `server: external` where another machine serves',
      });
    }
  },
};

interface Served {
  readonly network: Draft<Network>;
  readonly dhcp: Draft<Dhcp>;
  readonly server: OwnDhcpServer;
}

function faultOf(
  { interface: own }: Draft<Network>,
  server: OwnDhcpServer,
  served: readonly Served[],
): string | undefined {
  if (served.some((one) => one.server === 'kea')) return 'Kea has no other server beside it on one machine';
  if (served.some(({ network }) => network.interface === undefined))
    return 'not every network says its interface, and each would listen on all';
  const shared = served.some((one) => one.server !== server && one.network.interface === own);
  return shared ? `both would listen on ${own}` : undefined;
}

function nameOf(server: OwnDhcpServer): string {
  return OWN_DHCP_SERVERS[server].name;
}

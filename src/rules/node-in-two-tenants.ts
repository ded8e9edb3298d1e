import { networkOf } from '../site/bmc-nic.ts';
import type { Network, Node, Site } from '../site/model.ts';
import { tenantsByNetwork } from '../site/tenants-by-network.ts';
import { hasPlace, type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const nodeInTwoTenants: Rule = {
  code: 'node-in-two-tenants',
  severity: 'error',
  what: 'A node has no NIC on the network of a tenant that it is not of, nor is its management controller there.',
  why: "Such a machine leads from one tenant's network into another's; and who reaches its management controller has it, whoever it is of.",
  check(site, report) {
    const byNetwork = tenantsByNetwork(site);
    if (byNetwork.size === 0) return;
    for (const node of site.nodes ?? []) {
      if (!node) continue;
      const places = [...placesOf(node, site)].flatMap(({ network, ...place }) => {
        const tenant = byNetwork.get(network);
        return tenant ? [{ network, tenant, ...place }] : [];
      });
      // One that says none is that of the first: node-without-tenant asks whether that is so.
      const own = node.tenant ?? places[0]?.tenant;
      for (const { network, tenant, what, at } of places) {
        if (network === own?.network) continue;
        report({
          node,
          message: `${node.name} ${node.tenant ? 'is of' : 'is on the network of'} ${own?.name}, and ${what} is on ${network.name}, which is that of ${tenant.name}.`,
          at,
          related: [
            { message: `${network.name} is given to ${tenant.name} at`, at: placeOf(tenant, 'network') },
          ],
          help: `move it to ${own?.network?.name}, or to a network that is no tenant's`,
        });
      }
    }
  },
};

interface On {
  readonly network: Draft<Network>;
  readonly what: string;
  readonly at: Place;
}

/** Where a node is: the networks of its NICs, and of its management controller. */
function* placesOf({ nics = [], facts }: Draft<Node>, { networks = [] }: Draft<Site>): Iterable<On> {
  for (const nic of nics) {
    const { network } = nic ?? {};
    if (nic && network) yield { network, what: 'a NIC of it', at: nicPlace(nic) };
  }
  const { bmc } = facts ?? {};
  const network = bmc?.address === undefined ? undefined : networkOf(bmc.address, networks);
  if (bmc && network) yield { network, what: 'its management controller', at: placeOf(bmc, 'address') };
}

/** What says which network a NIC is on: its address, where it does not name it. */
function nicPlace(nic: NonNullable<Draft<Node>['bootNic']>): Place {
  return placeOf(nic, hasPlace(nic, 'network') ? 'network' : 'ip');
}

import type { Node } from '../site/model.ts';
import { ofWhom } from '../site/of-whom.ts';
import { unlikeOthers } from '../site/unlike-others.ts';
import { hasPlace, isBroken, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const clusterOfTwoTenants: Rule = {
  code: 'cluster-of-two-tenants',
  severity: 'error',
  what: 'All nodes of a cluster are of one tenant, or of none.',
  why: 'A cluster is one system: whoever administers it has the machines and volumes of all its nodes.',
  check(site, report) {
    for (const { cluster, node, at, usual } of unlikeOthers(site, tenantOf)) {
      report({
        node,
        message: `${node.name} is ${ofWhom(node.tenant)}, and ${usual.node.name} of the cluster ${cluster.name} is ${ofWhom(usual.node.tenant)}.`,
        at,
        related: [{ message: `${usual.node.name} is so by`, at: usual.at }],
        help: `give ${node.name} to a cluster of its own tenant's, or the whole cluster to one`,
      });
    }
  },
};

function tenantOf(node: Draft<Node>) {
  if (isBroken(node, 'tenant')) return undefined;
  return { value: node.tenant?.name, at: () => placeOf(node, hasPlace(node, 'tenant') ? 'tenant' : 'name') };
}

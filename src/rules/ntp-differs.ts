import { timeServers } from '../site/time-servers.ts';
import { unlikeOthers } from '../site/unlike-others.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const ntpDiffers: Rule = {
  code: 'ntp-differs',
  severity: 'warning',
  what: 'The nodes of a cluster have the same time servers.',
  why: "Clocks that follow different servers can differ, which etcd and certificates do not bear; and from v1.2.0 on Harvester gives all nodes the create node's list, whatever the others were installed with.",
  check(site, report) {
    const differing = unlikeOthers(site, (node) => {
      const servers = timeServers(node);
      const os = node.config?.os;
      return (
        servers && {
          value: servers.length > 1 ? [...new Set(servers)].sort().join(', ') : (servers[0] ?? ''),
          at: () => (servers.length > 0 && os ? placeOf(os, 'ntp_servers') : placeOf(node, 'name')),
        }
      );
    });
    for (const { node, value, at, usual } of differing) {
      // What stands in a layer is said once, and so names no node.
      const here = value ? `The time servers here are ${value}` : `${node.name} has no time server`;
      report({
        node,
        message: `${here}, and ${usual.node.name} of the same cluster has ${usual.value || 'none'}: their clocks could differ.`,
        at,
        related: [{ message: `what ${usual.node.name} has is at`, at: usual.at }],
        help: 'name the same time servers for all, best with ntp of their network or with os.ntp_servers in defaults',
      });
    }
  },
};

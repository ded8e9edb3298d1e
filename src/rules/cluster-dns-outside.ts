import { CIDRS_SINCE, clusterCidrs, DEFAULT_CLUSTER_DNS } from '../site/cluster-cidrs.ts';
import { isUnknown } from '../site/is-unknown.ts';
import { createNode } from '../site/members.ts';
import { placeOf } from '../source/origin.ts';
import { type Cidr, contains, ipv4Text } from '../values/ipv4.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const clusterDnsOutside: Rule = {
  code: 'cluster-dns-outside',
  severity: 'error',
  what: "The address of a cluster's DNS lies in its service CIDR.",
  why: 'The DNS of the cluster is a service: with an address from elsewhere it cannot be made, and the cluster never gets ready. The installer checks it in its dialogs only.',
  check({ clusters = [] }, report) {
    for (const cluster of clusters) {
      const node = cluster && createNode(cluster);
      const service = cluster && clusterCidrs(cluster).find((one) => one.of === 'service');
      if (!node || !service || isUnknown(node, 'install.cluster_dns')) continue;
      const install = node.said?.install;
      const said = install?.cluster_dns;
      // A release that would drop the key is told so by another rule.
      if (said !== undefined && cluster.version && !isAtLeast(cluster.version, CIDRS_SINCE)) continue;
      if (contains(service.cidr, said ?? DEFAULT_CLUSTER_DNS)) continue;
      if (install && said !== undefined) {
        report({
          message: `The cluster's DNS, ${said}, lies outside of the service CIDR ${service.cidr.text}${service.at ? '' : ', the default'}: it could not be made.`,
          at: placeOf(install, 'cluster_dns'),
          related: service.at ? [{ message: 'the service CIDR is set at', at: service.at }] : [],
          help: `choose an address in ${service.cidr.text}, such as ${usualDns(service.cidr)}`,
        });
      } else if (service.at) {
        report({
          message: `The service CIDR ${service.cidr.text} does not hold ${DEFAULT_CLUSTER_DNS}, the default address of the cluster's DNS: it could not be made.`,
          at: service.at,
          help: `set install.cluster_dns beside it, such as ${usualDns(service.cidr)}`,
        });
      }
    }
  },
};

/** The tenth address, as in the default; in a tiny subnet the last that can be had. */
function usualDns({ first, last }: Cidr): string {
  return ipv4Text(Math.min(first + 10, last - 1));
}

import type { Site } from '../../site/model.ts';
import { placeOf } from '../../source/origin.ts';
import { ipv4Number } from '../../values/ipv4.ts';
import type { AcrossRule } from './across-rule.ts';

export const podsAtOneAddress: AcrossRule = {
  code: 'pods-at-one-address',
  severity: 'error',
  what: 'Sites that are compiled together, and whose pods are behind a LoadBalancer, have addresses of their own.',
  why: "A Service that nginx sees machines' own addresses through (`externalTrafficPolicy: Local`) shares its address with no Service of other pods, whatever the ports: the second one is given none, and its machines find nothing. Of plants that are all numbered alike, and each with a cluster of its own, silence it in the file that they share.",
  check(sites, report) {
    const first = new Map<string, Site>();
    for (const site of sites) {
      const { host, kubernetes } = site.server;
      if (kubernetes?.service !== 'LoadBalancer' || ipv4Number(host) === undefined) continue;
      const other = first.get(host);
      if (!other) {
        first.set(host, site);
        continue;
      }
      report({
        message: `The LoadBalancers of ${site.name} and of ${other.name} are both to have the address ${host}.`,
        at: placeOf(site.server, 'url'),
        related: [{ message: `${other.name} has it at`, at: placeOf(other.server, 'url') }],
        help: 'give each an address of its own in server.url, and send machines on to it with server.next; where these are two clusters, silence pods-at-one-address with the reason',
      });
    }
  },
};

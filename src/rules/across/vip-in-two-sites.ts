import { eachNic } from '../../site/each-nic.ts';
import type { Cluster, Site } from '../../site/model.ts';
import { type Place, placeOf } from '../../source/origin.ts';
import type { Ipv4 } from '../../values/ipv4.ts';
import type { AcrossFinding, AcrossRule } from './across-rule.ts';

export const vipInTwoSites: AcrossRule = {
  code: 'vip-in-two-sites',
  severity: 'error',
  what: "A cluster's VIP is no address of another site that is compiled together with it.",
  why: 'Nodes of one cluster join the other, or both are cut off, where the sites can reach each other. Of sites that cannot, such as plants that are all numbered alike, silence it in the file that they share.',
  check(sites, report) {
    const clusters = new Map<Ipv4, Owner>();
    for (const site of sites) {
      for (const cluster of site.clusters) {
        const other = clusters.get(cluster.vip);
        if (!other) clusters.set(cluster.vip, { site, cluster });
        else if (other.site !== site) {
          const what = `the VIP of ${other.cluster.name}`;
          report(finding({ site, cluster }, { site: other.site, what, at: placeOf(other.cluster, 'vip') }));
        }
      }
    }
    for (const site of sites) {
      for (const { node, nic } of eachNic(site)) {
        const owner = nic.ip === undefined ? undefined : clusters.get(nic.ip);
        if (!owner || owner.site === site) continue;
        report(finding(owner, { site, what: `the address of ${node.name}`, at: placeOf(nic, 'ip') }));
      }
    }
  },
};

interface Owner {
  readonly site: Site;
  readonly cluster: Cluster;
}

function finding({ cluster }: Owner, other: { site: Site; what: string; at: Place }): AcrossFinding {
  return {
    message: `The VIP ${cluster.vip} of ${cluster.name} is also ${other.what} in the site ${other.site.name}: where the two sites reach each other, neither works.`,
    at: placeOf(cluster, 'vip'),
    related: [{ message: `${other.what} is set at`, at: other.at }],
    help: 'give the cluster a free address; where the two never meet, silence vip-in-two-sites with the reason',
  };
}

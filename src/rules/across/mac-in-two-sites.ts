import { read } from '../../site/build.ts';
import { eachBmc } from '../../site/each-bmc.ts';
import { eachNic } from '../../site/each-nic.ts';
import type { Site } from '../../site/model.ts';
import { type Place, placeOf } from '../../source/origin.ts';
import { type Mac, parseMac } from '../../values/mac.ts';
import type { AcrossRule } from './across-rule.ts';

export const macInTwoSites: AcrossRule = {
  code: 'mac-in-two-sites',
  severity: 'error',
  what: 'No MAC address is in two sites that are compiled together.',
  why: 'It is one machine, and it would install itself as whichever of the two answers first: most often it was moved, and not taken out of the other site.',
  check(sites, report) {
    const first = new Map<Mac, Owner>();
    for (const site of sites) {
      for (const owner of ownersIn(site)) {
        const other = first.get(owner.mac);
        if (!other) first.set(owner.mac, owner);
        else if (other.site !== site) {
          report({
            message: `The MAC address ${owner.mac} of ${owner.what} is also that of ${other.what} in the site ${other.site.name}: it is one machine, and can be one of them only.`,
            at: owner.at(),
            related: [{ message: `${other.what} of ${other.site.name} has it at`, at: other.at() }],
            help: `take it out of ${other.site.name} or of ${site.name}, or correct one of the two`,
          });
        }
      }
    }
  },
};

/** Who has a MAC address, in which site. */
interface Owner {
  readonly site: Site;
  readonly mac: Mac;
  readonly what: string;
  readonly at: () => Place;
}

function* ownersIn(site: Site): Iterable<Owner> {
  for (const { node, nic } of eachNic(site)) {
    if (nic.mac) yield { site, mac: nic.mac, what: String(node.name), at: () => placeOf(nic, 'mac') };
  }
  for (const { node, bmc } of eachBmc(site)) {
    const mac = read(bmc.mac, parseMac);
    const what = `the management controller of ${node.name}`;
    if (mac) yield { site, mac, what, at: () => placeOf(bmc, 'mac') };
  }
  for (const cluster of site.clusters) {
    const what = `the VIP of ${cluster.name}`;
    if (cluster.vipHwAddr)
      yield { site, mac: cluster.vipHwAddr, what, at: () => placeOf(cluster, 'vipHwAddr') };
  }
}

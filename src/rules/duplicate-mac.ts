import { read } from '../site/build.ts';
import { eachBmc } from '../site/each-bmc.ts';
import { eachNic } from '../site/each-nic.ts';
import { isSharedBmc } from '../site/is-shared-bmc.ts';
import type { Node, Site } from '../site/model.ts';
import { type Place, placeOf } from '../source/origin.ts';
import { areDistinct } from '../values/distinct.ts';
import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/mac.ts';
import type { Rule } from './rule.ts';

export const duplicateMac: Rule = {
  code: 'duplicate-mac',
  severity: 'error',
  what: 'No MAC address stands for two NICs, management controllers included. One controller may stand at several nodes.',
  why: "A machine is known by its MAC: with two nodes for one MAC, one gets the other's address, script and configuration.",
  essential: true,
  check(site, report) {
    if (areDistinct(macsOf(site))) return;
    const first = new Map<string, { what: string; at: Place; readonly bmcOf: Draft<Node> | undefined }>();
    const see = (mac: string | undefined, what: string, at: () => Place, bmcOf?: Draft<Node>) => {
      if (mac === undefined) return;
      const other = first.get(mac);
      if (!other) {
        first.set(mac, { what, at: at(), bmcOf });
        return;
      }
      const areControllers = bmcOf !== undefined && other.bmcOf !== undefined;
      if (areControllers && isSharedBmc(bmcOf, other.bmcOf)) return;
      report({
        message: `The MAC address ${mac} of ${what} is also that of ${other.what}: one of them would get the other's files.`,
        at: at(),
        related: [{ message: `${other.what} has it at`, at: other.at }],
        help: areControllers
          ? 'read the MAC addresses off the controllers; where both nodes have one, say its address and its MAC address alike at both'
          : 'read the MAC address off the machine, or off its management controller',
      });
    };
    for (const { node, nic } of eachNic(site)) see(nic.mac, String(node.name), () => placeOf(nic, 'mac'));
    for (const { node, bmc } of eachBmc(site)) {
      const mac = read(bmc.mac, parseMac);
      see(mac, `the management controller of ${node.name}`, () => placeOf(bmc, 'mac'), node);
    }
    for (const cluster of site.clusters ?? []) {
      if (cluster) see(cluster.vipHwAddr, `the VIP of ${cluster.name}`, () => placeOf(cluster, 'vipHwAddr'));
    }
  },
};

function macsOf(site: Draft<Site>): readonly string[] {
  const macs: string[] = [];
  for (const { nic } of eachNic(site)) if (nic.mac !== undefined) macs.push(nic.mac);
  for (const { bmc } of eachBmc(site)) {
    const mac = read(bmc.mac, parseMac);
    if (mac !== undefined) macs.push(mac);
  }
  for (const cluster of site.clusters ?? [])
    if (cluster?.vipHwAddr !== undefined) macs.push(cluster.vipHwAddr);
  return macs;
}

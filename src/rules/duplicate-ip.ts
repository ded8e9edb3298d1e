import { eachBmc } from '../site/each-bmc.ts';
import { eachNic } from '../site/each-nic.ts';
import { isSharedBmc } from '../site/is-shared-bmc.ts';
import type { Node, Site } from '../site/model.ts';
import { type Place, placeOf } from '../source/origin.ts';
import { areDistinct } from '../values/distinct.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const duplicateIp: Rule = {
  code: 'duplicate-ip',
  severity: 'error',
  what: 'No address is given to two NICs, management controllers included. One controller may stand at several nodes.',
  why: "Two machines with one address cut each other off, and each may fetch the other's configuration.",
  essential: true,
  check(site, report) {
    if (areDistinct(addressesOf(site))) return;
    const first = new Map<string, { name: string; at: Place; readonly bmcOf: Draft<Node> | undefined }>();
    const see = (ip: string | undefined, name: string, at: () => Place, bmcOf?: Draft<Node>) => {
      if (ip === undefined) return;
      const other = first.get(ip);
      if (!other) {
        first.set(ip, { name, at: at(), bmcOf });
        return;
      }
      const areControllers = bmcOf !== undefined && other.bmcOf !== undefined;
      if (areControllers && isSharedBmc(bmcOf, other.bmcOf)) return;
      report({
        message: `The address ${ip} of ${name} is also that of ${other.name}: they would cut each other off.`,
        at: at(),
        related: [{ message: `${other.name} has it at`, at: other.at }],
        help: areControllers
          ? `give ${name} an address of its own; where both nodes have one controller, say its address and its MAC address alike at both`
          : `give ${name} an address of its own`,
      });
    };
    for (const { node, nic } of eachNic(site)) see(nic.ip, String(node.name), () => placeOf(nic, 'ip'));
    for (const { node, bmc } of eachBmc(site))
      see(bmc.address, `the management controller of ${node.name}`, () => placeOf(bmc, 'address'), node);
  },
};

function addressesOf(site: Draft<Site>): readonly string[] {
  const addresses: string[] = [];
  for (const { nic } of eachNic(site)) if (nic.ip !== undefined) addresses.push(nic.ip);
  for (const { bmc } of eachBmc(site)) if (bmc.address !== undefined) addresses.push(bmc.address);
  return addresses;
}

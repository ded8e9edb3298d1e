import { isUnknown } from '../site/is-unknown.ts';
import type { Nic } from '../site/model.ts';
import { isBroken, keyPlaceOf, lacks, placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const bootNicOutsideBond: Rule = {
  code: 'boot-nic-outside-bond',
  severity: 'warning',
  what: 'The NIC that a node boots from is in its management bond.',
  why: 'The address of a node belongs to that NIC: DHCP keeps it for its MAC address, and the network, VLAN and gateway that the configuration gets are those of its network.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const said = node?.said?.install?.management_interface;
      const { bootNic, nics } = node ?? {};
      if (node?.os !== 'harvester' || !bootNic || !nics || !said?.interfaces) continue;
      const bond = node.config?.install?.management_interface;
      if (!bond?.interfaces) continue;
      if (isUnknown(node, 'install.management_interface.interfaces')) continue;
      if (nics.some((nic) => nic && isBroken(nic, 'boot'))) continue;
      const own = idOf(bootNic);
      const members = new Set(bond.interfaces.map((one) => one?.hwAddr ?? one?.name));
      if (own === undefined || members.has(own) || members.size === 0) continue;
      // One that is not known may have been meant for it.
      const known = new Set(nics.map((nic) => nic && idOf(nic)));
      if ([...members].some((member) => member === undefined || !known.has(member))) continue;
      report({
        node,
        message:
          bond.method === 'static'
            ? 'The interfaces leave out the NIC that the node boots from: its address would be on NICs that need not be on its network.'
            : "The interfaces leave out the NIC that the node boots from: DHCP would not give the installed node the address that is reserved for that NIC's MAC address.",
        at: keyPlaceOf(said, 'interfaces'),
        related: [
          { message: 'the node boots from', at: bootNic.mac ? placeOf(bootNic, 'mac') : selfPlace(bootNic) },
        ],
        help: 'add it to the interfaces; or say with boot: true which of the nics the node boots from',
      });
    }
  },
};

/** What the configuration has a NIC by: its MAC, or its name where that is not known. */
function idOf(nic: Draft<Nic>): string | undefined {
  return nic.mac ?? (lacks(nic, 'mac') ? nic.name : undefined);
}

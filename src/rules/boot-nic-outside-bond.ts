import { isBroken, keyPlaceOf, placeOf } from '../origin.ts';
import { isUnknown } from '../site/is-unknown.ts';
import type { Rule } from './rule.ts';

export const bootNicOutsideBond: Rule = {
  code: 'boot-nic-outside-bond',
  severity: 'warning',
  what: 'The NIC that a node boots from is in its management bond.',
  why: 'The address of a node belongs to that NIC: DHCP keeps it for its MAC address, and the network, VLAN and gateway that the configuration gets are those of its network.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const said = node?.said?.install?.management_interface;
      const bond = node?.config?.install?.management_interface;
      const { bootNic, nics } = node ?? {};
      if (node?.os !== 'harvester' || !bootNic?.mac || !nics || !said?.interfaces || !bond?.interfaces)
        continue;
      if (isUnknown(node, 'install.management_interface.interfaces')) continue;
      if (nics.some((nic) => nic && isBroken(nic, 'boot'))) continue;
      const macs = new Set(bond.interfaces.map((one) => one?.hwAddr));
      if (macs.has(bootNic.mac) || macs.size === 0) continue;
      // One that is not known may have been meant for it.
      const known = new Set(nics.map((nic) => nic?.mac));
      if ([...macs].some((mac) => mac === undefined || !known.has(mac))) continue;
      report({
        node,
        message:
          bond.method === 'static'
            ? 'The interfaces leave out the NIC that the node boots from: its address would be on NICs that need not be on its network.'
            : "The interfaces leave out the NIC that the node boots from: DHCP would not give the installed node the address that is reserved for that NIC's MAC address.",
        at: keyPlaceOf(said, 'interfaces'),
        related: [{ message: 'the node boots from', at: placeOf(bootNic, 'mac') }],
        help: 'add it to the interfaces; or say with boot: true which of the nics the node boots from',
      });
    }
  },
};

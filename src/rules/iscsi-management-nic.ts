import { iscsiNic } from '../site/iscsi-disk.ts';
import type { Nic, Node } from '../site/model.ts';
import { hasPlace, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/mac.ts';
import type { Rule } from './rule.ts';

export const iscsiManagementNic: Rule = {
  code: 'iscsi-management-nic',
  severity: 'warning',
  what: 'A Harvester node reaches its disk by iSCSI by another NIC than those of its management interface.',
  why: 'Harvester puts these into a bond, in the installer and at every boot: for that they go down and lose their address, and with it goes the disk that the system runs from. Its installer therefore does not even offer a NIC that is in use by iSCSI (harvester-installer, pkg/console/network.go; harvester/harvester#6964).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || node.install === 'never' || !node.iscsi?.address) continue;
      const nic = iscsiNic(node);
      if (!nic || !isManaged(nic, node)) continue;
      const { boot } = node;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} reaches its disk at ${node.iscsi.address} by ${nic.name ?? nic.mac ?? 'the NIC that it boots from'}, which Harvester takes for its management interface: as that goes into a bond, the disk is gone.`,
        at: boot && hasPlace(boot, 'disk') ? placeOf(boot, 'disk') : placeOf(node, 'name'),
        help: 'give the node a second NIC, under nics, on a network of its own whose subnet the iSCSI server is in; or name another NIC in config.install.management_interface.interfaces',
      });
    }
  },
};

/** Whether a NIC is one of the management interface; where nothing says which these are, it is the one that boots. */
function isManaged(nic: Draft<Nic>, { config, bootNic }: Draft<Node>): boolean {
  const interfaces = config?.install?.management_interface?.interfaces;
  if (!interfaces) return nic === bootNic;
  return interfaces.some((one) =>
    one?.hwAddr ? parseMac(one.hwAddr) === nic.mac : one?.name !== undefined && one.name === nic.name,
  );
}

import { isOwnDhcpServer } from '../knowledge/tables/dhcp-servers.ts';
import type { Nic, Node } from '../site/model.ts';
import { lacks, placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const missingMac: Rule = {
  code: 'missing-mac',
  severity: 'error',
  what: 'A NIC has its MAC address wherever something goes by it.',
  why: "A DHCP server of the site's own reserves addresses by it, libvirt makes NICs with it, and without DHCP a boot image finds by it which address is the machine's.",
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      for (const nic of node?.nics ?? []) {
        if (!node || !nic || !lacks(nic, 'mac')) continue;
        // OCI chooses it at the launch: the DHCP server is at fault there, and oci-dhcp says so.
        if (node.oci && !node.domain && nic === node.bootNic) continue;
        const need = needOf(node, nic);
        if (!need) continue;
        const [why, help] = need;
        report({
          node,
          message: `${node.name} has a NIC without a MAC address, ${why}.`,
          at: node.nics?.length === 1 ? placeOf(node, 'name') : selfPlace(nic),
          help,
        });
      }
    }
  },
};

const SAY_IT = 'give it the MAC address: `mac: 52:54:00:aa:01:01`';

/** What the MAC address of a NIC is needed for, if for anything, and what to do. */
function needOf(node: Draft<Node>, nic: Draft<Nic>): readonly [why: string, help: string] | undefined {
  const { network } = nic;
  const server = network?.dhcp?.server;
  const isBoot = nic === node.bootNic;
  if (node.domain) return ['and libvirt makes the NIC with it', SAY_IT];
  if (nic.ip && (server === 'libvirt' || isOwnDhcpServer(server)))
    return [
      `and the DHCP server of ${network?.name} reserves ${nic.ip} by it`,
      `${SAY_IT}; where somebody else's DHCP server gives out the addresses, say dhcp: {server: external}`,
    ];
  if (isBoot && network && lacks(network, 'dhcp') && lacks(node, 'uuid') && lacks(node, 'serial'))
    return [
      `and ${network.name} has no DHCP: the boot image could not tell which address is the machine's`,
      `${SAY_IT}; or say what its firmware says of it: uuid, or serial`,
    ];
  const inBond = node.bond?.includes(nic) && !isBoot && lacks(nic, 'name');
  if (inBond && node.os === 'harvester')
    return ['nor a name: Harvester could not be told of it', `${SAY_IT}, or its name`];
  return undefined;
}

import { isOwnDhcpServer } from '../knowledge/boot-programs.ts';
import { FIRST_RELEASE_WITH_FQDN } from '../knowledge/harvester.ts';
import type { Nic, Node } from '../site/model.ts';
import { bmcNics } from '../site/nics.ts';
import { isLikelyMisnamed } from '../site/nodes.ts';
import { lacks, locationOf, selfLocation } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import { error, essential, warning } from './rule.ts';
import { nodesWhose, perNode } from './support.ts';

export const missingMac = essential('missing-mac', {
  what: 'A NIC has its MAC address wherever something goes by it.',
  why: "A DHCP server of the site's own reserves addresses by it, libvirt makes NICs with it, and without DHCP a boot image finds by it which address is the machine's.",
  check: perNode((node, report) => {
    for (const nic of node.nics ?? []) {
      if (!nic || !lacks(nic, 'mac')) continue;
      // OCI chooses it at the launch: the DHCP server is at fault there, and oci-dhcp says so.
      if (node.oci && !node.domain && nic === node.bootNic) continue;
      const need = needOf(node, nic);
      if (!need) continue;
      const [why, help] = need;
      report({
        message: `${node.name} has a NIC without a MAC address, ${why}.`,
        at: node.nics?.length === 1 ? locationOf(node, 'name') : selfLocation(nic),
        help,
      });
    }
  }),
});

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

export const missingXname = error('missing-xname', {
  what: "Where OpenCHAMI's URLs are answered, a node has an xname that boots Linux or by iSCSI, or has a NID or groups.",
  why: "OpenCHAMI's services know a machine by its xname: one without is in none of SMD's lists, so its DHCP servers give it no address, and it is in no group.",
  check: perNode((node, report, site) => {
    if (!site.server?.compat?.includes('ochami')) return;
    const { os, nid, groups = [] } = node;
    const isOfOchami = os === 'linux' || os === 'iscsi' || nid !== undefined || groups.length > 0;
    if (!lacks(node, 'xname') || !isOfOchami || isLikelyMisnamed(node, site)) return;
    report({
      message: `${node.name} has no xname, by which OpenCHAMI's services know it (server.compat).`,
      at: locationOf(node, 'name'),
      help: 'say where it is: `xname: x1000c1s7b0n0`, for cabinet, chassis, slot, management controller and node; numbers that are made up do',
    });
  }),
});

export const missingNid = warning('missing-nid', {
  what: "Where OpenCHAMI's URLs are answered, a node with an xname has a NID, too.",
  why: "OpenCHAMI's consumers of SMD take it for granted: dnsmasq_updater ends where a node has none, and writes no node's address, and coresmd calls all of these nid0000.",
  check: nodesWhose('xname').each((node, report, { server }) => {
    if (!server?.compat?.includes('ochami') || !lacks(node, 'nid')) return;
    report({
      message: `${node.name} has an xname and no NID: dnsmasq_updater, which makes dnsmasq's files from SMD's lists, ends there.`,
      at: locationOf(node, 'xname'),
      help: 'number the nodes, from 1 on: `nid: 1`',
    });
  }),
});

export const dottedHostname = error('dotted-hostname', {
  what: 'A host name has dots only where the release can take them.',
  why: 'Before v1.6.0 the installer takes a host name with dots, and the cluster breaks (harvester/harvester#7312).',
  check: nodesWhose('name', (name) => name.includes('.')).each((node, report) => {
    const version = node.cluster?.version;
    if (!version || isAtLeast(version, FIRST_RELEASE_WITH_FQDN)) return;
    report({
      message: `The host name ${node.name} has dots: Harvester ${version.text} takes it, and the cluster breaks.`,
      at: locationOf(node, 'name'),
      help: `call it ${node.name.split('.')[0]}, or install ${FIRST_RELEASE_WITH_FQDN} or newer`,
    });
  }),
});

export const bmcNameTaken = error('bmc-name-taken', {
  what: "No node is called as another one's management controller is by DHCP: `<node>-bmc`.",
  why: 'Two machines of one name: a DHCP server gives it to the first that asks, or calls the configuration faulty.',
  check({ nodes = [], networks = [] }, report) {
    const controllers = [...bmcNics(nodes, networks)];
    if (controllers.length === 0) return;
    const byName = new Map(nodes.flatMap((node) => (node?.name ? [[node.name.split('.')[0], node]] : [])));
    for (const { node, bmc } of controllers) {
      const other = bmc.network.dhcp && byName.get(bmc.name.split('.')[0]);
      if (!other) continue;
      report({
        node,
        message: `The management controller of ${node.name} is ${bmc.name} to DHCP, which is the name of a node.`,
        at: locationOf(other, 'name'),
        related: [{ message: `${node.name} is at`, at: locationOf(node, 'name') }],
        help: `rename ${other.name}, or remove the MAC address of the controller: without one it has no reservation`,
      });
    }
  },
});

export const nodeCalledImage = essential('node-called-image', {
  what: 'No node that has a disk in the store is called `image`.',
  why: 'In the store a disk is `<prefix><node>.<image>` and an image `<prefix>image.<image>`: the disk of such a node would be the image itself.',
  check: nodesWhose('name', (name) => name === 'image').each((node, report) => {
    if (node.iscsi?.disk === undefined) return;
    report({
      message: `The node image would write its image: in the store, its disk and that are both ${node.iscsi.disk}.`,
      at: locationOf(node, 'name'),
      help: 'call it otherwise',
    });
  }),
});

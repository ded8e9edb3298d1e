import { isOwnDhcpServer } from '../../knowledge/boot-programs.ts';
import { FIRST_RELEASE_WITH_FQDN } from '../../knowledge/harvester.ts';
import { SMD_VALUES } from '../../knowledge/known-values.ts';
import type { Nic, Node } from '../../site/model.ts';
import { bmcNics } from '../../site/nics.ts';
import { isLikelyMisnamed } from '../../site/nodes.ts';
import { isBroken, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import { removeAt, replaceValue, suggestedFix } from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { nearest } from '../../values/text.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, essential, nodesWith, per, warning } from '../rule.ts';

const SET_MAC = 'set the MAC address: `mac: 52:54:00:aa:01:01`';

export const nameRules = [
  essential('missing-mac', {
    what: 'A NIC must have its MAC address wherever DHCP, libvirt or a boot image uses it.',
    why: "The site's own DHCP server reserves IP addresses by it, libvirt creates NICs with it, and without DHCP a boot image selects the machine's IP address by it.",
  }).check(per.node, (node, report) => {
    for (const nic of node.nics ?? []) {
      if (!nic || !lacks(nic, 'mac')) continue;
      // OCI chooses it at the launch: the error is the DHCP server, which oci-dhcp reports.
      if (node.oci && !node.domain && nic === node.bootNic) continue;
      const need = needOf(node, nic);
      if (!need) continue;
      const [why, help] = need;
      report(node.nics?.length === 1 ? locationOf(node, 'name') : selfLocation(nic), {
        message: `${node.name} has a NIC without a MAC address: ${why}.`,
        help,
      });
    }
  }),
  error('missing-xname', {
    what: 'If the site serves OpenCHAMI URLs, a node with Linux, iSCSI, a NID or groups must have an xname.',
    why: 'OpenCHAMI identifies a machine by its xname: without one, the machine is in no list of SMD and in no group, and its DHCP servers lease it no IP address.',
  }).check(per.node, (node, report, site) => {
    if (!site.server?.compat?.includes('ochami')) return;
    const { os, nid, groups = [] } = node;
    const isOfOchami = os === 'linux' || os === 'iscsi' || nid !== undefined || groups.length > 0;
    if (!lacks(node, 'xname') || !isOfOchami || isLikelyMisnamed(node, site)) return;
    report(locationOf(node, 'name'), {
      message: `${node.name} has no xname, by which OpenCHAMI's services identify it (server.compat): it is missing from their lists.`,
      help: 'set its location, real or invented: `xname: x1000c1s7b0n0`, for cabinet, chassis, slot, BMC and node',
    });
  }),
  warning('missing-nid', {
    what: 'If the site serves OpenCHAMI URLs, a node with an xname must also have a NID.',
    why: "OpenCHAMI's clients of SMD require it: dnsmasq_updater stops at a node without one, and writes no IP address of any node; coresmd names all such nodes nid0000.",
  }).check(nodesWith('xname').each, (node, report, { server }) => {
    if (!server?.compat?.includes('ochami') || !lacks(node, 'nid')) return;
    report(locationOf(node, 'xname'), {
      message: `${node.name} has an xname but no NID: dnsmasq_updater, which makes dnsmasq's files from SMD's lists, stops there.`,
      help: 'number the nodes, starting at 1: `nid: 1`',
    });
  }),
  warning('smd-role-unused', {
    tag: 'unnecessary',
    what: 'A role with a capital letter, and a subrole, must be in a site with `server.compat: [ochami]`.',
    why: "They are values of OpenCHAMI's SMD. Harvester's roles are in lower case: with a capital letter, the installer gets no role.",
  }).check(per.node, (node, report, { server }) => {
    if (!server || isBroken(server, 'compat') || server.compat?.includes('ochami')) return;
    for (const { key, value, at } of smdRolesOf(node)) {
      const likely =
        key === 'role' && node.os === 'harvester' && !node.role
          ? nearest(value, ['default', 'management', 'worker', 'witness'])
          : undefined;
      report(at, {
        dedupe: true,
        message: `${node.name} has the ${key} ${value} in OpenCHAMI's SMD, which this site does not serve${likely ? `: did you mean ${likely}?` : ': it has no effect.'}`,
        fix: suggestedFix(likely ? replaceValue(at, likely) : removeAt(at)),
        help: likely
          ? `set a role of Harvester: \`role: ${likely}\`; or set server.compat: [ochami]`
          : `remove ${key}, or set server.compat: [ochami]`,
      });
    }
  }),
  warning('smd-role-unknown', {
    what: "A role or subrole of OpenCHAMI's SMD must be one of its values, or not look like one.",
    why: 'SMD accepts other values only if its own configuration adds them. Clients that select nodes by the right value get no such node.',
  }).check(per.node, (node, report, { server }) => {
    if (!server?.compat?.includes('ochami')) return;
    for (const { key, value, property, at } of smdRolesOf(node)) {
      const known = SMD_VALUES[property] ?? [];
      const likely = known.includes(value) ? undefined : nearest(value, known);
      if (!likely) continue;
      report(at, {
        dedupe: true,
        message: `${node.name} has the ${key} ${value}, which SMD does not have: did you mean ${likely}?`,
        fix: suggestedFix(replaceValue(at, likely)),
        help: `set \`${key}: ${likely}\`; or, if the configuration of SMD adds ${value}, silence this rule`,
      });
    }
  }),
  error('dotted-hostname', {
    what: 'A host name must have dots only if the release supports them.',
    why: 'Before v1.6.0 the installer accepts a host name with dots, but the cluster breaks (harvester/harvester#7312).',
  }).check(nodesWith('name', (name) => name.includes('.')).each, (node, report) => {
    const version = node.cluster?.version;
    if (!version || isAtLeast(version, FIRST_RELEASE_WITH_FQDN)) return;
    report(locationOf(node, 'name'), {
      message: `The host name ${node.name} has dots: Harvester ${version.text} accepts it, but the cluster breaks.`,
      help: `rename it to ${node.name.split('.')[0]}, or install ${FIRST_RELEASE_WITH_FQDN} or newer`,
    });
  }),
  error('bmc-name-taken', {
    what: "A node must not have the DHCP name of another node's BMC: `<node>-bmc`.",
    why: 'Two machines have one name: a DHCP server assigns it to the first client, or rejects the configuration.',
  }).check(({ nodes = [], networks = [] }, report) => {
    const bmcs = [...bmcNics(nodes, networks)];
    if (bmcs.length === 0) return;
    const byName = new Map(nodes.flatMap((node) => (node?.name ? [[node.name.split('.')[0], node]] : [])));
    for (const { node, bmc } of bmcs) {
      const other = bmc.network.dhcp && byName.get(bmc.name.split('.')[0]);
      if (!other) continue;
      report(locationOf(other, 'name'), {
        node,
        message: `The BMC of ${node.name} has the DHCP name ${bmc.name}, which is also the name of a node: only one machine gets it.`,
        related: [{ message: `${node.name} is defined at`, at: locationOf(node, 'name') }],
        help: `rename ${other.name}, or remove the MAC address of the BMC: without one it has no reservation`,
      });
    }
  }),
  essential('node-called-image', {
    what: 'A node with a disk in the store must not be named `image`.',
    why: 'The store names a disk `<prefix><node>.<image>` and an image `<prefix>image.<image>`: the disk of such a node would be the image itself.',
  }).check(nodesWith('name', (name) => name === 'image').each, (node, report) => {
    if (node.iscsi?.disk === undefined) return;
    report(locationOf(node, 'name'), {
      message: `The node image would overwrite its image: in the store, its disk and the image are both ${node.iscsi.disk}.`,
      help: 'rename the node',
    });
  }),
];

/** Returns why the MAC address of a NIC is needed, and what to do; undefined if it is not. */
function needOf(node: Draft<Node>, nic: Draft<Nic>): readonly [why: string, help: string] | undefined {
  const { network } = nic;
  const server = network?.dhcp?.server;
  const isBoot = nic === node.bootNic;
  if (node.domain) return ['libvirt creates the NIC with it', SET_MAC];
  if (nic.ip && (server === 'libvirt' || isOwnDhcpServer(server)))
    return [
      `the DHCP server of ${network?.name} reserves ${nic.ip} by it`,
      `${SET_MAC}; or, if another DHCP server leases the addresses, set dhcp: {server: external}`,
    ];
  if (isBoot && network && lacks(network, 'dhcp') && lacks(node, 'uuid') && lacks(node, 'serial'))
    return [
      `${network.name} has no DHCP, and the boot image cannot select the machine's IP address`,
      `${SET_MAC}; or set the uuid or serial of its firmware`,
    ];
  const inBond = node.bond?.includes(nic) && !isBoot && lacks(nic, 'name');
  if (inBond && node.os === 'harvester')
    return ['without a name, too, Harvester cannot select it', `${SET_MAC}, or its name`];
  return undefined;
}

function smdRolesOf(node: Draft<Node>) {
  return (
    [
      ['role', 'smdRole', 'Role'],
      ['subrole', 'subrole', 'SubRole'],
    ] as const
  ).flatMap(([key, from, property]) => {
    const value = node[from];
    return value === undefined ? [] : { key, value, property, at: locationOf(node, from) };
  });
}

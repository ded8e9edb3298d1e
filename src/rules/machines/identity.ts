import { isSharedSerial, isSharedUuid } from '../../knowledge/known-values.ts';
import { read } from '../../site/from-inventory.ts';
import { lunKey } from '../../site/iscsi.ts';
import type { Network, Node, Site } from '../../site/model.ts';
import { eachBmc, eachNic, isSharedBmc, isTaggedLink, networkOf } from '../../site/nics.ts';
import { eachMachineId, type MachineId } from '../../site/nodes.ts';
import { locationOf, selfLocation } from '../../source/origin.ts';
import { locationKey, rangeAt, type SourceLocation } from '../../source/source.ts';
import { ipv4Number } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { bmcXname, parseMac, plainXname } from '../../values/identifiers.ts';
import { onceFor } from '../../values/once-for.ts';
import { plainPath } from '../../values/text.ts';
import { error, essential, nodesWith, per, repeats, warning } from '../rule.ts';

/** Returns the IP addresses of a site's machines, each with its owner and network. */
export const addressOwners = onceFor((site: Draft<Site>): readonly AddressOwner[] => [...eachAddress(site)]);

const nodesOf = ({ nodes = [] }: Draft<Site>) => nodes;
const shortName = ({ name }: Draft<Node>) => name?.split('.')[0];

type Iscsi = NonNullable<Draft<Node>['iscsi']>;

const perSameIscsi = (key: 'initiator' | 'target', idOf: (iscsi: Iscsi) => string | undefined) =>
  per.repeat(
    nodesWith('iscsi').ofSite,
    ({ iscsi }) => locationOf(iscsi, key),
    ({ iscsi }) => idOf(iscsi),
  );

const ONE_LINE = 'set it in each node: an anchor or alias sets this one for both';

/** Values that the rest of the site sets; the configuration may repeat them, but not differ. */
const STATED_ELSEWHERE: readonly string[] = [
  ...['scheme_version', 'token', 'server_url', 'os.hostname'],
  ...['mode', 'role', 'vip', 'vip_mode', 'vip_hw_addr'].map((key) => `install.${key}`),
  ...['ip', 'subnet_mask', 'gateway', 'vlan_id', 'mtu'].map((key) => `install.management_interface.${key}`),
  // For iSCSI disks only.
  'install.device',
  // For the consoles of the installer only: the serial port of a virtual machine is a default.
  'install.tty',
];

/** Values that agree with the site's: 0 is the default MTU, and a release takes a VIP with the mode `none`, too. */
const SAME: ReadonlySet<string> = new Set(['mtu 0 1500', 'vip_mode none static']);

/** Returns the paths of STATED_ELSEWHERE, and of labels, that a configuration sets; nodes often share a configuration. */
const statedIn = onceFor((config: NonNullable<Draft<Node>['userConfig']>) =>
  [
    ...STATED_ELSEWHERE.map((path) => path.split('.')),
    ...Object.keys(config.os?.labels ?? {}).map((label) => ['os', 'labels', label]),
  ].filter((path) => holderOf(config, path)?.[path.at(-1) ?? ''] !== undefined),
);

export const identityRules = [
  essential('duplicate-hostname', {
    what: 'Host names must be unique within a site, up to the first dot.',
    why: 'The cluster refuses the second node of a name: "Node password rejected, duplicate hostname" (harvester/harvester#1148).',
  }).check(per.repeat(nodesOf, 'name', shortName), (later, first) => ({
    node: later,
    message: `${later.name} and ${first.name} have the same host name, ${shortName(later)}: the cluster refuses the second node.`,
    related: `${first.name} is defined at`,
    help: 'rename one node: names must differ before the first dot',
  })),
  essential('duplicate-mac', {
    what: 'A MAC address must belong to one NIC, BMC or VIP only. Several nodes may declare the same BMC.',
    why: "A machine is identified by its MAC address: of two nodes with one MAC address, one gets the other's IP address, script and configuration.",
  }).check((site, report) => {
    for (const { later, first, areBmcs, at, related, isOneLine } of ownedTwice(macOwners(site)))
      report(at, {
        message: `The MAC address ${later.id} of ${later.what} is also set for ${first.what}: one of them gets the other's files.`,
        related,
        help: isOneLine
          ? ONE_LINE
          : areBmcs
            ? 'read the MAC addresses from the BMCs; or, for a shared BMC, set the same address and mac at both'
            : 'read the MAC address from the machine or from its BMC',
      });
  }),
  essential('duplicate-machine-id', {
    what: 'Each UUID and serial number must belong to one node only.',
    why: 'Boot scripts are looked up by these identifiers: two nodes with one identifier share a script, and a machine can install as the other node.',
  }).check(
    per.repeat(
      eachMachineId,
      ({ at }) => at,
      ({ id }) => id,
    ),
    (later, first) => ({
      node: later.node,
      message: `The ${later.what} ${later.value} of ${later.node.name} is also set for ${first.node.name}: one of them gets the other's script.`,
      related: `${first.node.name} sets it at`,
      help: `read it from the machine: \`dmidecode -s system-${later.key === 'uuid' ? 'uuid' : 'serial-number'}\`; or from iPXE's screen when it finds no script`,
    }),
  ),
  warning('shared-machine-id', {
    what: "A node's UUID and serial number must be its own, not a firmware default.",
    why: 'Every other machine with the same default matches this node, and would install itself as this node.',
  }).check(per.item(eachMachineId), (id, report) => {
    if (!isSharedId(id)) return;
    report(id.at, {
      message: `The ${id.what} ${id.value} of ${id.node.name} is a firmware default of very many machines: they could install as ${id.node.name}.`,
      help: `remove ${id.key}, and add the node's MAC address or another unique identifier`,
    });
  }),
  essential('duplicate-xname', {
    what: 'An xname must belong to one node, and its derived BMC xname to one BMC, which nodes may share.',
    why: "OpenCHAMI identifies a machine by its xname: of two nodes with one xname, one gets the other's kernel command line and is in no list.",
  }).check(({ nodes = [] }, report) => {
    const xnameOf = ({ xname }: Draft<Node>) => (xname === undefined ? undefined : plainXname(xname));
    const twice = repeats(nodes, xnameOf);
    for (const { later, first } of twice)
      report(locationOf(later, 'xname'), {
        node: later,
        message: `The xname ${xnameOf(later)} of ${later.name} is also set for ${first.name}: one of them gets the other's script.`,
        related: [{ message: `${first.name} sets it at`, at: locationOf(first, 'xname') }],
        help: 'set another xname: count the slots, and the nodes of a slot (b0n0, b0n1)',
      });
    const reported = new Set(twice.map(({ later }) => later));
    const bmcs = nodes.flatMap((node) => {
      const [xname, bmc] = [node && xnameOf(node), node?.facts?.bmc];
      return !node || !bmc || xname === undefined || reported.has(node)
        ? []
        : { node, xname: bmcXname(xname), at: selfLocation(bmc) };
    });
    for (const { later, first } of repeats(bmcs, ({ xname }) => xname))
      if (!isSharedBmc(later.node, first.node))
        report(later.at, {
          node: later.node,
          message: `The BMCs of ${later.node.name} and ${first.node.name} are both ${later.xname}, by their nodes' xnames: one of them is missing from the lists.`,
          related: [{ message: `${first.node.name} sets its BMC at`, at: first.at }],
          help: 'for a shared BMC, set the same address and mac at both; or set xnames that differ before the n',
        });
  }),
  essential('duplicate-nid', {
    what: 'Each NID must belong to one node only.',
    why: "Host names and scripts are derived from the NID: of two nodes with one NID, one boots as the other. OpenCHAMI's discovery assigns NID 1 to every node that is alone behind its BMC.",
  }).check(per.repeat(nodesOf, 'nid'), (later, first) => ({
    node: later,
    message: `The NID ${later.nid} of ${later.name} is also set for ${first.name}: one of them gets the other's script.`,
    related: `${first.name} sets it at`,
    help: 'number the nodes of the site, starting at 1',
  })),
  essential('duplicate-nic-name', {
    what: 'NIC names must be unique within a node.',
    why: 'Only one NIC of a machine has the name: the installer adds it to the management bond twice, and omits the other NIC.',
  }).check(nodesWith('nics', ({ length }) => length > 1).each, (node, report) => {
    const { name, nics } = node;
    const own = nics.filter((nic) => nic && !isTaggedLink(node, nic));
    for (const { later, first } of repeats(own, (nic) => nic.name))
      report(locationOf(later, 'name'), {
        message: `Two NICs of ${name} have the name ${later.name}: a machine has only one NIC with that name.`,
        related: [{ message: 'the other NIC sets it at', at: locationOf(first, 'name') }],
        help: "read the names from the machine: ip link, in a shell of Harvester's installer",
      });
  }),
  error('duplicate-initiator', {
    what: 'Each node must have its own iSCSI initiator name.',
    why: 'A target authorizes, logs and reserves by initiator name (RFC 7143, 4.2.7): it cannot distinguish the nodes, and may end one session for the other.',
  }).check(
    perSameIscsi('initiator', ({ initiator }) => initiator),
    (node, first) => ({
      node,
      dedupe: true,
      message: `${node.name} and ${first.name} have the same initiator, ${node.iscsi.initiator}: a target may end the session of one for the other.`,
      related: `${first.name} sets it at`,
      help: 'remove boot.initiator: by default it is derived from the name of the node',
    }),
  ),
  error('duplicate-target', {
    what: 'Each iSCSI disk, one LUN of one target, must be booted by one node only.',
    why: 'Two machines that write one file system destroy it: each caches what the other changes. At a link-local address each machine has its own server, like the instances of a cloud.',
  }).check(perSameIscsi('target', lunKey), (node, first) => ({
    node,
    dedupe: true,
    message: `${node.name} boots the disk of ${first.name}: two machines that write to one disk destroy its content.`,
    related: `${first.name} sets it at`,
    help: 'set another target or LUN; or, for a read-only disk or cluster file system, add silence: {duplicate-target: "the reason"}',
  })),
  essential('duplicate-ip', {
    what: 'An IP address must belong to one NIC or BMC only. Several nodes may declare the same BMC.',
    why: "Two machines with one IP address disconnect each other, and each may fetch the other's configuration.",
  }).check((site, report) => {
    for (const { later, first, areBmcs, at, related, isOneLine } of ownedTwice(addressOwners(site))) {
      const { id = '', what } = later;
      // The address of a BMC may also be a name.
      const address = ipv4Number(id) === undefined ? 'address' : 'IP address';
      report(at, {
        message: `The ${address} ${id} of ${what} is also set for ${first.what}: the two disconnect each other.`,
        related,
        help: isOneLine
          ? ONE_LINE
          : areBmcs
            ? `set another IP address for ${what}; or, for a shared BMC, set the same address and mac at both`
            : `set another IP address for ${what}`,
      });
    }
  }),
  error('contradicts-derived', {
    what: 'The configuration must not contradict the rest of the site.',
    why: 'DHCP, scripts and configuration then disagree about the identity of the node.',
  }).check(per.nodeOnce, (node, report) => {
    if (!node.userConfig || !node.name) return;
    for (const path of statedIn(node.userConfig)) {
      const [key = ''] = path.slice(-1);
      const name = path.join('.');
      // Checked before node.derived, which is computed on first use.
      if ((name === 'install.device' && !node.iscsi) || !node.derived) continue;
      if (name === 'install.tty' && !node.boot?.consoles) continue;
      const written = holderOf(node.userConfig, path);
      const derived = holderOf(node.derived, path);
      if (written?.[key] === undefined || derived?.[key] === undefined) continue;
      const [text, other] = [String(written[key]), String(derived[key])];
      if (plain(text) === plain(other) || SAME.has(`${key} ${text} ${other}`)) continue;
      // A server_url may contain a name instead of the VIP, but not another IP address.
      if (key === 'server_url' && !/^(https:\/\/)?[0-9.]+(:|$)/.test(text)) continue;
      // The machine's name for an iSCSI disk is unknown; it may be this one.
      if (key === 'device' && plainPath(text).startsWith('/dev/disk/by-id/')) continue;
      // Keeps tokens out of build logs.
      const [one, another] = key === 'token' ? ['one', 'another'] : [text, other];
      report(locationOf(written, key), {
        message: `The configuration of ${node.name} sets ${name}: ${one}, but the site sets ${another}.`,
        related: [{ message: 'the site sets it at', at: locationOf(derived, key) }],
        help:
          key === 'device'
            ? 'set install.device only for nodes with a local disk, for example in a profile: for iSCSI disks it is derived'
            : `remove ${name} from config: it is derived`,
      });
    }
  }),
];

/** Whether a UUID or serial number is a default that many machines share, because their vendor set none. */
export function isSharedId({ key, value }: MachineId): boolean {
  return key === 'uuid' ? isSharedUuid(value) : isSharedSerial(value);
}

/** A NIC, a BMC or a VIP, and its IP or MAC address. */
export interface Owner {
  readonly id: string | undefined;
  readonly what: string;
  /** The object and the key that contain the address: a function for each of many thousand would take much memory. */
  readonly holder: object;
  readonly key: string;
  /** The node that declares the BMC. */
  readonly bmcOf?: Draft<Node>;
}

/** Returns the location of an owner's address. */
export function addressAt({ holder, key }: Pick<Owner, 'holder' | 'key'>): SourceLocation {
  return locationOf(holder, key as never);
}

interface AddressOwner extends Owner {
  readonly node: Draft<Node>;
  readonly network: Draft<Network> | undefined;
}

function* eachAddress(site: Draft<Site>): Iterable<AddressOwner> {
  for (const { node, nic } of eachNic(site)) {
    const { ip, network } = nic;
    yield { id: ip, what: String(node.name), holder: nic, key: 'ip', node, network };
  }
  for (const { node, bmc } of eachBmc(site)) {
    const what = `the BMC of ${node.name}`;
    const network = bmc.address === undefined ? undefined : networkOf(bmc.address, site.networks ?? []);
    yield { id: bmc.address, what, holder: bmc, key: 'address', bmcOf: node, node, network };
  }
}

/** Returns the MAC addresses of a site, each with its owner. */
export function* macOwners(site: Draft<Site>): Iterable<Owner> {
  for (const { node, nic } of eachNic(site))
    if (!isTaggedLink(node, nic)) yield { id: nic.mac, what: String(node.name), holder: nic, key: 'mac' };
  for (const { node, bmc } of eachBmc(site)) {
    const what = `the BMC of ${node.name}`;
    yield { id: read(bmc.mac, parseMac), what, holder: bmc, key: 'mac', bmcOf: node };
  }
  for (const cluster of site.clusters ?? []) {
    if (!cluster) continue;
    const what = `the VIP of ${cluster.name}`;
    yield { id: cluster.vipHwAddr, what, holder: cluster, key: 'vipHwAddr' };
  }
}

/** Yields the owners of an address that an earlier owner has. Several nodes may declare one BMC. */
function* ownedTwice(owners: Iterable<Owner>) {
  for (const { later, first } of repeats(owners, ({ id }) => id)) {
    const areBmcs = later.bmcOf !== undefined && first.bmcOf !== undefined;
    if (areBmcs && isSharedBmc(later.bmcOf, first.bmcOf)) continue;
    const [at, other] = [addressAt(later), addressAt(first)];
    const isOneLine = locationKey(at) === locationKey(other) && rangeAt(at) === undefined;
    const related = isOneLine ? [] : [{ message: `${first.what} sets it at`, at: other }];
    yield { later, first, areBmcs, isOneLine, at, related };
  }
}

/** Returns the owners of the given IP addresses, each described in words. */
export function ownersOf(site: Draft<Site>, wanted: ReadonlySet<string | undefined>) {
  return addressOwners(site).flatMap((owner) => {
    const { id, what, bmcOf } = owner;
    if (id === undefined || !wanted.has(id)) return [];
    return [{ address: id, what: bmcOf ? what : `the node ${what}`, at: addressAt(owner) }];
  });
}

type Tree = Record<string, unknown>;

function holderOf(config: object, path: readonly string[]): Tree | undefined {
  return path
    .slice(0, -1)
    .reduce<Tree | undefined>((map, one) => map?.[one] as Tree | undefined, config as Tree);
}

/** Normalizes a value for comparison: MAC addresses ignore the spelling; other values do not. */
function plain(text: string): string {
  return parseMac(text) ?? text.replace(/^https:\/\/|:443$/g, '');
}

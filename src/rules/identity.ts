import { isSharedSerial, isSharedUuid } from '../knowledge/known-values.ts';
import { read } from '../site/build.ts';
import { lunKey } from '../site/iscsi.ts';
import type { Network, Node, Site } from '../site/model.ts';
import { eachBmc, eachNic, isSharedBmc, networkOf } from '../site/nics.ts';
import { eachMachineId, type MachineId } from '../site/nodes.ts';
import { locationOf, selfLocation } from '../source/origin.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { bmcXname, parseMac, plainXname } from '../values/identifiers.ts';
import { onceFor } from '../values/once-for.ts';
import { plainPath } from '../values/text.ts';
import { error, essential, type Rule, warning } from './rule.ts';
import { nodesWhose, perItem, perNodeOnce, repeats } from './support.ts';

export const duplicateHostname = essential('duplicate-hostname', {
  what: 'No two nodes of a site are the same host once domains are cut off.',
  why: 'The second node of a name is refused by the cluster: "Node password rejected, duplicate hostname" (harvester/harvester#1148).',
  check({ nodes = [] }, report) {
    for (const { one, first } of repeats(nodes, ({ name }) => name?.split('.')[0])) {
      report({
        node: one,
        message: `${one.name} and ${first.name} have the same host name, ${one.name?.split('.')[0]}: the cluster would refuse the second.`,
        at: locationOf(one, 'name'),
        related: [{ message: `${first.name} is at`, at: locationOf(first, 'name') }],
        help: 'rename one of them: names must differ before the first dot',
      });
    }
  },
});

export const duplicateMac = essential('duplicate-mac', {
  what: 'No MAC address stands for two NICs, management controllers included. One controller may stand at several nodes.',
  why: "A machine is known by its MAC: with two nodes for one MAC, one gets the other's address, script and configuration.",
  check(site, report) {
    for (const { one, first, areControllers, places } of ownedTwice(macOwners(site))) {
      report({
        message: `The MAC address ${one.id} of ${one.what} is also that of ${first.what}: one of them would get the other's files.`,
        ...places,
        help: areControllers
          ? 'read the MAC addresses off the controllers; where both nodes have one, say its address and its MAC address alike at both'
          : 'read the MAC address off the machine, or off its management controller',
      });
    }
  },
});

export const duplicateMachineId = essential('duplicate-machine-id', {
  what: 'No UUID and no serial number of a firmware stands for two nodes.',
  why: 'Scripts are looked up by them: with two nodes for one, they would be one file, and a machine could install itself as the other.',
  check(site, report) {
    for (const { one, first } of repeats(eachMachineId(site), ({ id }) => id)) {
      report({
        node: one.node,
        message: `The ${one.what} ${one.value} of ${one.node.name} is also that of ${first.node.name}: one of them would get the other's script.`,
        at: one.at,
        related: [{ message: `${first.node.name} has it at`, at: first.at }],
        help: `read it off the machine: \`dmidecode -s system-${one.key === 'uuid' ? 'uuid' : 'serial-number'}\`, or iPXE's own screen where it finds no script`,
      });
    }
  },
});

export const sharedMachineId = warning('shared-machine-id', {
  what: "A node's UUID and serial number are its own, and not what firmware says whose maker has set none.",
  why: 'Every other machine with the same firmware is found by them, too, and would install itself as this node.',
  check: perItem(eachMachineId, (id, report) => {
    if (!isSharedId(id)) return;
    report({
      message: `${id.value} as the ${id.what} of ${id.node.name} is what very many machines have whose maker has set none.`,
      at: id.at,
      help: `remove ${id.key}, and give the node its MAC address, or what else is its own`,
    });
  }),
});

/** Whether many machines have a UUID or serial number because their maker has set none. */
export function isSharedId({ key, value }: MachineId): boolean {
  return key === 'uuid' ? isSharedUuid(value) : isSharedSerial(value);
}

export const duplicateXname = essential('duplicate-xname', {
  what: 'No xname stands for two nodes, nor that of a management controller, which follows from it, for two controllers. One controller may stand at several nodes.',
  why: "OpenCHAMI's services know a machine by its xname: of two with one, one gets the other's kernel line, and is not in the lists.",
  check({ nodes = [] }, report) {
    const xnameOf = ({ xname }: Draft<Node>) => (xname === undefined ? undefined : plainXname(xname));
    const twice = repeats(nodes, xnameOf);
    for (const { one, first } of twice) {
      report({
        node: one,
        message: `The xname ${xnameOf(one)} of ${one.name} is also that of ${first.name}: one of them would get the other's script.`,
        at: locationOf(one, 'xname'),
        related: [{ message: `${first.name} has it at`, at: locationOf(first, 'xname') }],
        help: 'each node has a place of its own: count the slots, and the nodes of a slot (b0n0, b0n1)',
      });
    }
    const reported = new Set(twice.map(({ one }) => one));
    const controllers = nodes.flatMap((node) => {
      const [xname, bmc] = [node && xnameOf(node), node?.facts?.bmc];
      return !node || !bmc || xname === undefined || reported.has(node)
        ? []
        : { node, xname: bmcXname(xname), at: selfLocation(bmc) };
    });
    for (const { one, first } of repeats(controllers, ({ xname }) => xname)) {
      if (isSharedBmc(one.node, first.node)) continue;
      report({
        node: one.node,
        message: `The management controllers of ${one.node.name} and ${first.node.name} are both ${one.xname} by the xnames of these: one of them would not be in the lists.`,
        at: one.at,
        related: [{ message: `${first.node.name} has one at`, at: first.at }],
        help: 'where they are one, say its address and its MAC address alike at both; where each has its own, their xnames differ before the n',
      });
    }
  },
});

export const duplicateNid = essential('duplicate-nid', {
  what: 'No NID stands for two nodes.',
  why: "Host names and scripts are made and found by it: of two nodes with one, one boots as the other. OpenCHAMI's own discovery gives every node NID 1 that is alone behind its management controller.",
  check({ nodes = [] }, report) {
    for (const { one, first } of repeats(nodes, ({ nid }) => nid)) {
      report({
        node: one,
        message: `The NID ${one.nid} of ${one.name} is also that of ${first.name}: one of them would get the other's script.`,
        at: locationOf(one, 'nid'),
        related: [{ message: `${first.name} has it at`, at: locationOf(first, 'nid') }],
        help: 'number the nodes of the site, from 1 on',
      });
    }
  },
});

export const duplicateNicName = essential('duplicate-nic-name', {
  what: 'No two NICs of a node have one name.',
  why: 'The kernel gives each NIC a name of its own: the installer would put the one that has it into the management bond twice, and the other one not at all.',
  check: nodesWhose('nics', ({ length }) => length > 1).each(({ name, nics }, report) => {
    for (const { one, first } of repeats(nics, (nic) => nic.name)) {
      report({
        message: `Two NICs of ${name} have the name ${one.name}: a machine has one NIC of a name.`,
        at: locationOf(one, 'name'),
        related: [{ message: 'the other one has it at', at: locationOf(first, 'name') }],
        help: "read the names off the machine: ip link, in a shell of Harvester's installer",
      });
    }
  }),
});

export const duplicateInitiator = error('duplicate-initiator', {
  what: 'No two nodes call themselves the same to iSCSI targets.',
  why: 'A target lets in, logs and reserves by that name (RFC 7143, 4.2.7): it could not tell the two apart, and may end the session of one for that of the other.',
  check: perSameIscsi('initiator', (one, first) => ({
    message: `${one.name} is the initiator ${one.iscsi?.initiator}, as ${first.name} is.`,
    before: `${first.name} is by`,
    help: 'take boot.initiator out: unless said, it follows from the name of the node',
  })),
});

export const duplicateTarget = error('duplicate-target', {
  what: 'No two nodes boot one disk by iSCSI: one LUN of one target.',
  why: 'Two machines that write one file system destroy it: each keeps in memory what the other changes. At a link-local address each has a server of its own, as instances of a cloud have.',
  check: perSameIscsi('target', (one, first) => ({
    message: `${one.name} boots the disk of ${first.name}: two machines that write one disk destroy what is on it.`,
    before: `${first.name} boots it by`,
    help: 'give each a target or a LUN of its own; where the disk is read-only, or its file system is one for several machines, silence this with the reason',
  })),
});

export const duplicateIp = essential('duplicate-ip', {
  what: 'No address is given to two NICs, management controllers included. One controller may stand at several nodes.',
  why: "Two machines with one address cut each other off, and each may fetch the other's configuration.",
  check(site, report) {
    for (const { one, first, areControllers, places } of ownedTwice(addressOwners(site))) {
      const { id, what } = one;
      report({
        message: `The address ${id} of ${what} is also that of ${first.what}: they would cut each other off.`,
        ...places,
        help: areControllers
          ? `give ${what} an address of its own; where both nodes have one controller, say its address and its MAC address alike at both`
          : `give ${what} an address of its own`,
      });
    }
  },
});

type Iscsi = NonNullable<Draft<Node>['iscsi']>;

/** Returns a check that no two nodes have the same initiator, or the LUN of one target. `before` leads to the first of two. */
function perSameIscsi(
  key: 'initiator' | 'target',
  say: (one: Draft<Node>, first: Draft<Node>) => { message: string; before: string; help: string },
): Rule['check'] {
  const idOf = ({ iscsi }: Draft<Node>) => iscsi && (key === 'target' ? lunKey(iscsi) : iscsi.initiator);
  return ({ nodes = [] }, report) => {
    for (const { one, first } of repeats(nodes, idOf)) {
      const [at, other] = [one, first].map(({ iscsi }) => locationOf(iscsi as Iscsi, key)) as [
        SourceLocation,
        SourceLocation,
      ];
      const { before, ...text } = say(one, first);
      const related = locationKey(other) === locationKey(at) ? [] : [{ message: before, at: other }];
      report({ node: one, dedupe: true, at, related, ...text });
    }
  };
}

/** A NIC, a management controller or a VIP, and its IP or MAC address. */
export interface Owner {
  readonly id: string | undefined;
  readonly what: string;
  readonly at: () => SourceLocation;
  /** The node that declares the management controller. */
  readonly bmcOf?: Draft<Node>;
}

interface AddressOwner extends Owner {
  readonly node: Draft<Node>;
  readonly network: Draft<Network> | undefined;
}

/** Returns the IP addresses of a site's machines, each with its owner and network. */
export const addressOwners = onceFor((site: Draft<Site>): readonly AddressOwner[] => [...eachAddress(site)]);

function* eachAddress(site: Draft<Site>): Iterable<AddressOwner> {
  for (const { node, nic } of eachNic(site)) {
    const { ip, network } = nic;
    yield { id: ip, what: String(node.name), at: () => locationOf(nic, 'ip'), node, network };
  }
  for (const { node, bmc } of eachBmc(site)) {
    const what = `the management controller of ${node.name}`;
    const network = bmc.address === undefined ? undefined : networkOf(bmc.address, site.networks ?? []);
    yield { id: bmc.address, what, at: () => locationOf(bmc, 'address'), bmcOf: node, node, network };
  }
}

/** Returns the MAC addresses of a site, each with its owner. */
export function* macOwners(site: Draft<Site>): Iterable<Owner> {
  for (const { node, nic } of eachNic(site))
    yield { id: nic.mac, what: String(node.name), at: () => locationOf(nic, 'mac') };
  for (const { node, bmc } of eachBmc(site)) {
    const what = `the management controller of ${node.name}`;
    yield { id: read(bmc.mac, parseMac), what, at: () => locationOf(bmc, 'mac'), bmcOf: node };
  }
  for (const cluster of site.clusters ?? []) {
    if (!cluster) continue;
    const what = `the VIP of ${cluster.name}`;
    yield { id: cluster.vipHwAddr, what, at: () => locationOf(cluster, 'vipHwAddr') };
  }
}

/** Returns the owners of an address that an earlier owner has. One management controller may be declared at several nodes. */
function* ownedTwice(owners: Iterable<Owner>) {
  for (const { one, first } of repeats(owners, ({ id }) => id)) {
    const areControllers = one.bmcOf !== undefined && first.bmcOf !== undefined;
    if (areControllers && isSharedBmc(one.bmcOf, first.bmcOf)) continue;
    const related = [{ message: `${first.what} has it at`, at: first.at() }];
    yield { one, first, areControllers, places: { at: one.at(), related } };
  }
}

/** Returns those of some addresses that a site's machines have, each with its owner in words. */
export function ownersOf(site: Draft<Site>, wanted: ReadonlySet<string | undefined>) {
  return addressOwners(site).flatMap(({ id, what, at, bmcOf }) =>
    id === undefined || !wanted.has(id)
      ? []
      : [{ address: id, what: bmcOf ? what : `the node ${what}`, at: at() }],
  );
}

type Tree = Record<string, unknown>;

/** Facts that the rest of the site states; the configuration may repeat them, and nothing else. */
const STATED_ELSEWHERE: readonly string[] = [
  'scheme_version',
  'token',
  'server_url',
  'os.hostname',
  'install.mode',
  'install.role',
  'install.vip',
  'install.vip_mode',
  'install.vip_hw_addr',
  'install.management_interface.ip',
  'install.management_interface.subnet_mask',
  'install.management_interface.gateway',
  'install.management_interface.vlan_id',
  'install.management_interface.mtu',
  // Of a disk by iSCSI alone.
  'install.device',
];

export const contradictsDerived = error('contradicts-derived', {
  what: 'The configuration does not contradict what the rest of the site says.',
  why: 'One fact with two values: DHCP, scripts and configuration would not agree on who the node is.',
  check: perNodeOnce((node, report) => {
    if (!node.userConfig || !node.name) return;
    for (const path of statedIn(node.userConfig)) {
      // First: what is derived is made for whoever asks.
      if ((path === 'install.device' && !node.iscsi) || !node.derived) continue;
      const [said, key] = holderOf(node.userConfig, path);
      const [derived] = holderOf(node.derived, path);
      if (said?.[key] === undefined || derived?.[key] === undefined) continue;
      const [text, other] = [String(said[key]), String(derived[key])];
      if (plain(text) === plain(other)) continue;
      // A name may stand for the VIP in a server_url; another address cannot.
      if (key === 'server_url' && !/^https:\/\/[0-9.]+(:|$)/.test(text)) continue;
      // What a disk by iSCSI calls itself is not known; it may be the one that is named so.
      if (key === 'device' && plainPath(text).startsWith('/dev/disk/by-id/')) continue;
      // A token is nobody's business who reads a build's log.
      const [one, another] = key === 'token' ? ['one', 'another'] : [text, other];
      report({
        message: `The configuration of ${node.name} says ${path}: ${one}, and the site says ${another}.`,
        at: locationOf(said, key),
        related: [{ message: 'the site says it at', at: locationOf(derived, key) }],
        help:
          key === 'device'
            ? 'let install.device be said by nodes with a disk of their own alone, as in a profile: of a disk by iSCSI it is derived'
            : `remove ${path} from config: it is derived`,
      });
    }
  }),
});

/** Returns which of these facts a configuration states; nodes often share one. */
const statedIn = onceFor((config: object) =>
  STATED_ELSEWHERE.filter((path) => {
    const [holder, key] = holderOf(config, path);
    return holder?.[key] !== undefined;
  }),
);

function holderOf(config: object, path: string): [holder: Tree | undefined, key: string] {
  const keys = path.split('.');
  const key = keys.pop() as string;
  return [keys.reduce<Tree | undefined>((map, one) => map?.[one] as Tree | undefined, config as Tree), key];
}

/** MAC addresses are the same in every spelling; of anything else each letter counts. */
function plain(text: string): string {
  return parseMac(text) ?? text.replace(/^https:\/\/([^/:]+)$/, 'https://$1:443');
}

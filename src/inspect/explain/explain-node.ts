import type { SiteInventory } from '../../knowledge/site-inventory.gen.ts';
import type { IscsiBoot, LinuxBoot, Network, Nic, Node, Site, Tenant } from '../../site/model.ts';
import { DRIVE, type Leaf, leavesBelow, type Path } from '../../source/leaf.ts';
import { hasPlace, lacks, placeOf, selfPlace } from '../../source/origin.ts';
import { kernelArgs } from '../../targets/ipxe/kernel.ts';
import type { Draft } from '../../values/draft.ts';
import { kernelWords } from '../../values/kernel-words.ts';
import { cloudInitOf } from './cloud-init-of.ts';
import { Layers } from './layers.ts';

/** A leaf, and the layer of the inventory that wrote it. */
export interface Explained extends Leaf {
  /** `node`, `range <range>`, `profile <name>`, `defaults`, or of what cloud-init finds `group <name>`; undefined for what is in none of them, and for what is derived. */
  readonly layer?: string | undefined;
}

/** How a value is derived that harvgen has for where nothing is said. */
const UNLESS_SAID = 'unless said';

/** How the serial number of a domain's disk follows, where nothing is said. */
const OF_MAC = "from the node's MAC address and the disk's place";

/** How node and target prove who they are, where nothing is said. */
const OF_NODE = "unless said, from the site's and the node's name";

/** How the NIC that booted, and cloud-init's data, come onto the kernel line. */
const ADDED = 'unless it is among boot.args';

/** A disk's name is nothing to say, but to know: `install.device` of the configuration takes it. */
const OF_MACHINE = 'what the machine calls it';

/** What a node's inventory has, in the order in which it is explained; NICs, which have two forms, between the two. */
const WHO = ['mode', 'role'] as const;
const HOW = ['install', 'firmware'] as const;
const KNOWN_BY = ['uuid', 'serial', 'xname', 'nid'] as const;
const FACTS = ['labels', 'disks', 'hardware', 'bmc'] as const;

/**
 * Gives every value of a node as it holds in the end, under the key that one would write on the node, with where it
 * came from: first the inventory's own keys, then Harvester's configuration in the order of the emitted file.
 */
export function explainNode(
  inventory: Draft<SiteInventory>,
  site: Draft<Site>,
  node: Draft<Node>,
): Explained[] {
  const layers = new Layers(inventory, node.name ?? '');
  return [...leavesOf(site, node, layers)].map((leaf) => ({
    ...leaf,
    layer: leaf.at && leaf.derived === undefined ? layers.nameOf(leaf.path, leaf.at) : undefined,
  }));
}

function* leavesOf(site: Draft<Site>, node: Draft<Node>, layers: Layers): Iterable<Leaf> {
  const harvester = node.os === 'harvester';
  // What a machine without Harvester is in a cluster is nothing, unless somebody says so.
  for (const key of WHO) if (harvester || hasPlace(node, key)) yield* saidOrDefault(node, key, [key]);
  yield* clusterOf(node);
  yield* releaseOf(node);
  if (layers.profiles) yield* leavesBelow(layers.profiles, 'profiles');
  for (const key of HOW)
    if (key !== 'install' || (node.os !== 'linux' && node.os !== 'iscsi') || hasPlace(node, key))
      yield* saidOrDefault(node, key, [key]);
  yield* saidOrDefault(node, 'os', ['boot', 'os']);
  yield* leavesBelow(node, 'drive', DRIVE);
  yield* linuxOf(site, node);
  yield* iscsiOf(node);
  if (node.tenant) yield tenantOf(node, node.tenant);
  for (const key of KNOWN_BY) yield* leavesBelow(node, key);
  yield* nicsOf(site, node, layers);
  for (const key of FACTS) if (node.facts) yield* leavesBelow(node.facts, key);
  yield* machineOf(node);
  yield* cloudInitOf(site, node, UNLESS_SAID);
  if (Object.keys(node.silence ?? {}).length > 0) yield* leavesBelow(node, 'silence');
  if (Object.keys(node.config ?? {}).length > 0) yield* leavesBelow(node, 'config');
}

function* saidOrDefault(node: Draft<Node>, key: keyof Node, path: Path): Iterable<Leaf> {
  yield* leavesBelow(node, key, path, { derived: hasPlace(node, key) ? undefined : UNLESS_SAID });
}

/** What a node boots Linux by, with its own values filled in, and what its kernel is told beside what the inventory says. */
function* linuxOf(site: Draft<Site>, node: Draft<Node>): Iterable<Leaf> {
  const { linux, boot } = node;
  if (!linux) return;
  const arch: Path = ['boot', 'arch'];
  if (boot && hasPlace(boot, 'arch')) yield* leavesBelow(boot, 'arch', arch);
  else if (node.arch) yield { path: arch, value: node.arch, derived: UNLESS_SAID };
  yield* leavesBelow(linux, 'kernel', ['boot', 'kernel']);
  const { initrds } = linux;
  if (typeof boot?.initrd === 'string') {
    yield { path: ['boot', 'initrd'], value: initrds?.[0], at: placeOf(boot, 'initrd') };
  } else yield* leavesBelow(linux, 'initrds', ['boot', 'initrd']);
  yield* leavesBelow(linux, 'squashfs', ['boot', 'root', 'squashfs']);
  yield* argsOf(site, node, linux);
  if (node.loader !== undefined)
    yield* leavesBelow(node, 'loader', ['boot', 'loader'], {
      derived: hasPlace(node, 'loader') ? undefined : UNLESS_SAID,
    });
}

/** Whom the machine belongs to. */
function tenantOf(node: Draft<Node>, { name }: Draft<Tenant>): Leaf {
  const said = hasPlace(node, 'tenant') ? { at: placeOf(node, 'tenant') } : { derived: UNLESS_SAID };
  return { path: ['tenant'], value: name, ...said };
}

/** The disk by iSCSI, what the store calls it, and how the node and its target prove who they are. */
function* iscsiOf({ iscsi, os, boot, loader }: Draft<Node>): Iterable<Leaf> {
  if (os !== 'linux' && loader !== undefined && boot && hasPlace(boot, 'loader'))
    yield* leavesBelow(boot, 'loader', ['boot', 'loader']);
  if (!iscsi) return;
  if (boot && hasPlace(boot, 'disk')) yield* leavesBelow(boot, 'disk', ['boot', 'disk']);
  if (iscsi.image) yield { path: ['boot', 'image'], value: iscsi.image.name, at: placeOf(iscsi, 'image') };
  const keys = [
    ['size', 'size'],
    ['target', 'target'],
    ['address', 'server'],
    ['port', 'port'],
    ['lun', 'lun'],
    ['initiator', 'initiator'],
    ['fallback', 'fallback'],
  ] as const;
  for (const [key, path] of keys)
    if (iscsi[key] !== undefined)
      yield* leavesBelow(iscsi, key, ['boot', path], {
        derived: hasPlace(iscsi, key) ? undefined : UNLESS_SAID,
      });
  if (iscsi.disk !== undefined)
    yield { path: ['boot', 'stored'], value: iscsi.disk, derived: originOf(iscsi) };
  yield* chapOf(iscsi, boot?.chap);
}

/** How the inventory calls what a node and its target prove who they are by. */
const CHAP_KEYS = [
  ['user', 'user'],
  ['password', 'password'],
  ['targetUser', 'target_user'],
  ['targetPassword', 'target_password'],
] as const;

function* chapOf({ chap }: Draft<IscsiBoot>, said: unknown): Iterable<Leaf> {
  if (!chap) return;
  const isSaid = typeof said === 'object';
  for (const [key, name] of CHAP_KEYS) {
    if (chap[key] === undefined) continue;
    const path: Path = ['boot', 'chap', name];
    const derived = isSaid && hasPlace(chap, key) ? undefined : OF_NODE;
    if (derived === undefined) yield* leavesBelow(chap, key, path);
    else yield { path, value: chap[key], derived };
  }
}

/** What the store calls a disk, and what that is made of. */
function originOf({ image }: Draft<IscsiBoot>): string {
  if (!image) return 'what the store calls it, which is blank at first';
  const { stored, source, snapshotOf } = image;
  const made = source ?? (snapshotOf && `the disk of ${snapshotOf}`);
  return `what the store calls it: a clone of ${stored}, ${made === undefined ? 'which is there already' : `made of ${made}`}`;
}

/** The kernel's arguments: those of the inventory, by their places there, and then what else it is told. */
function* argsOf(site: Draft<Site>, node: Draft<Node>, { args = [] }: Draft<LinuxBoot>): Iterable<Leaf> {
  const said = node.boot?.args;
  const count = Array.isArray(said) ? said.filter((item) => item !== undefined).length : 0;
  const ofRoot = args.length - count;
  const leaves: Omit<Leaf, 'path'>[] = args.map((value, index) => ({
    value,
    at: placeOf(args, index),
    ...(index < ofRoot ? { derived: 'boot.root' } : {}),
  }));
  const added = addedArgs(site, node).map((value) => ({ value, derived: ADDED }));
  const all = [...leaves.slice(ofRoot), ...leaves.slice(0, ofRoot), ...added];
  for (const [index, leaf] of all.entries()) yield { path: ['boot', 'args', index], ...leaf };
}

/** The arguments that nobody has said; none where it is not known what they would be. */
function addedArgs({ server }: Draft<Site>, node: Draft<Node>): string[] {
  const isKnown = server?.url && node.bootNic && (node.bootNic.mac ?? node.ip) && node.linux?.args;
  if (!isKnown) return [];
  const whole = node as Node;
  const args = kernelArgs({ server } as Site, whole);
  return args.slice(whole.linux?.args.flatMap(kernelWords).length);
}

/** The virtual machine: what is said of it, and beside that what is not; of each disk together. */
function* machineOf(node: Draft<Node>): Iterable<Leaf> {
  if (!node.facts) return;
  const said = [...leavesBelow(node.facts, 'vm')];
  const unsaid = [...unsaidOfDomain(node)];
  for (const [index, leaf] of said.entries()) {
    yield leaf;
    const disk = diskOf(leaf);
    if (disk !== undefined && diskOf(said[index + 1]) !== disk)
      yield* unsaid.filter((one) => diskOf(one) === disk);
  }
  yield* unsaid.filter((one) => diskOf(one) === undefined);
}

/** Which of a virtual machine's disks a leaf is of, if it is of one. */
function diskOf(leaf: Leaf | undefined): string | number | undefined {
  return leaf?.path[1] === 'disks' ? leaf.path[2] : undefined;
}

/** What holds of a node's domain where its inventory does not say it, under the keys that would. */
function* unsaidOfDomain({ domain, facts }: Draft<Node>): Iterable<Leaf> {
  if (!domain) return;
  const { disks = [], vnc, autostart } = domain;
  for (const [index, disk] of disks.entries()) {
    const said = facts?.vm?.disks?.[index];
    if (!disk || !said) continue;
    const path = ['vm', 'disks', index];
    for (const key of ['bus', 'format'] as const) {
      const value = disk[key];
      if (value !== undefined && lacks(said, key))
        yield { path: [...path, key], value, derived: UNLESS_SAID };
    }
    if (disk.serial !== undefined && lacks(said, 'serial'))
      yield { path: [...path, 'serial'], value: disk.serial, derived: OF_MAC };
    if (disk.device !== undefined)
      yield { path: [...path, 'device'], value: disk.device, derived: OF_MACHINE };
  }
  if (vnc?.listen !== undefined && !hasPlace(vnc, 'listen'))
    yield { path: ['vm', 'vnc', 'listen'], value: vnc.listen, derived: UNLESS_SAID };
  if (autostart !== undefined && !hasPlace(domain, 'autostart'))
    yield { path: ['vm', 'autostart'], value: autostart, derived: UNLESS_SAID };
}

function* clusterOf(node: Draft<Node>): Iterable<Leaf> {
  const { cluster } = node;
  if (!cluster) return;
  yield {
    path: ['cluster'],
    value: cluster.name,
    ...(hasPlace(node, 'cluster')
      ? { at: placeOf(node, 'cluster') }
      : { at: selfPlace(cluster), derived: "the site's only cluster" }),
  };
}

/** Which Harvester the node's cluster installs: what every check of its configuration goes by. */
function* releaseOf({ cluster }: Draft<Node>): Iterable<Leaf> {
  if (!cluster) return;
  const { version, arch } = cluster;
  if (version) yield { path: ['harvester', 'version'], value: version.text, at: placeOf(cluster, 'version') };
  if (!arch) return;
  const said = hasPlace(cluster, 'arch') ? { at: placeOf(cluster, 'arch') } : { derived: UNLESS_SAID };
  yield { path: ['harvester', 'arch'], value: arch, ...said };
}

function* nicsOf(site: Draft<Site>, node: Draft<Node>, layers: Layers): Iterable<Leaf> {
  const nics = (node.nics ?? []).flatMap((nic) => nic ?? []);
  for (const [index, nic] of nics.entries()) {
    const path = layers.nics ? ['nics', layers.nics[index] as number] : [];
    if (nic.name !== undefined) yield* leavesBelow(nic, 'name', [...path, 'name']);
    yield* leavesBelow(nic, 'mac', [...path, 'mac']);
    yield* leavesBelow(nic, 'ip', [...path, 'ip']);
    if (nic.network) yield networkOf(site, nic, nic.network, [...path, 'network']);
    if (nic.boot !== undefined) yield* leavesBelow(nic, 'boot', [...path, 'boot']);
    else if (layers.nics && nic === node.bootNic)
      yield { path: [...path, 'boot'], value: true, at: selfPlace(nic), derived: 'the first NIC boots' };
  }
}

function networkOf(site: Draft<Site>, nic: Draft<Nic>, network: Draft<Network>, path: Path): Leaf {
  const value = network.name;
  if (hasPlace(nic, 'network')) return { path, value, at: placeOf(nic, 'network') };
  return site.networks?.length === 1
    ? { path, value, at: selfPlace(network), derived: "the site's only network" }
    : { path, value, at: placeOf(network, 'subnet'), derived: 'the network that holds the address' };
}

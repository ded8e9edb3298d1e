import { isDeepStrictEqual } from 'node:util';
import { shown } from '../../knowledge/hide.ts';
import type { SiteInventory } from '../../knowledge/site-inventory.gen.ts';
import { installer, kernelArgs } from '../../plan/kernel-args.ts';
import { metaDataOf } from '../../plan/meta-data.ts';
import { networkConfigOf } from '../../plan/network-config.ts';
import { cloudInitLeaves } from '../../site/cloud-init.ts';
import type { CloudInit, Node, Site } from '../../site/model.ts';
import { displayPath, formatLocation } from '../../source/diagnostics/text.ts';
import { type Leaf, leavesBelow, type Path, pathText } from '../../source/leaf.ts';
import { hasLocation, isBroken, lacks, locationOf, selfLocation } from '../../source/origin.ts';
import type { Draft } from '../../values/draft.ts';
import { escapeControlChars, kernelWords, nearest, printedJson } from '../../values/text.ts';
import { type Layers, layersOf, setLeaves } from './layers.ts';
import { whyUnused } from './unused.ts';

/** The key of the boot disk's drive number, which firmware counts from 0x80. */
const DRIVE: Path = ['boot', 'drive'];

/** A leaf with the layer of the inventory that set it. */
export interface Explained extends Leaf {
  /** `node`, `range <range>`, `profile <name>`, `defaults`, or for cloud-init `group <name>`; undefined for derived values. */
  readonly layer?: string | undefined;
}

const BY_DEFAULT = 'by default';

/** Returns every effective value of a node with its source location: the inventory's keys, then the configuration. */
export function explainNode(
  inventory: Draft<SiteInventory>,
  site: Draft<Site>,
  node: Draft<Node>,
): Explained[] {
  const layers = layersOf(inventory, node.name ?? '');
  const leaves = [...leavesOf(site, node, layers)];
  const config = (['silence', 'config'] as const).flatMap((key) =>
    Object.keys(node[key] ?? {}).length > 0 ? [...leavesBelow(node, key)] : [],
  );
  const others = setLeaves(inventory, node).filter(
    ({ path }) => !whyUnused(node, path, layers.nics !== undefined) && !isCovered(path, node, leaves),
  );
  return [...leaves, ...others, ...config].map((leaf) => ({
    ...leaf,
    layer: leaf.at && leaf.derived === undefined ? layers.nameOf(leaf.path, leaf.at) : undefined,
  }));
}

/** Whether a value is among the explained ones, perhaps in another form. */
function isCovered(path: Path, { os }: Draft<Node>, leaves: readonly Leaf[]): boolean {
  const [first] = path;
  // Lists of cloud-init are concatenated, and the configuration is explained as a whole.
  if (first === 'config' || first === 'silence' || (first === 'cloud_init' && os === 'linux')) return true;
  const startsWith = (whole: Path, start: Path) => isDeepStrictEqual(whole.slice(0, start.length), start);
  return leaves.some((leaf) => startsWith(leaf.path, path) || startsWith(path, leaf.path));
}

function* leavesOf(site: Draft<Site>, node: Draft<Node>, layers: Layers): Iterable<Leaf> {
  const { facts = {}, os } = node;
  // A machine without Harvester has no mode and role, unless the inventory sets them.
  if (node.cluster?.exists && !hasLocation(node, 'mode')) {
    const derived = 'the cluster exists already';
    yield { path: ['mode'], value: node.mode, at: locationOf(node.cluster, 'exists'), derived };
  } else if (os === 'harvester' || hasLocation(node, 'mode')) yield* setOrDefault(node, 'mode');
  if ((!node.smdRole || node.role) && (os === 'harvester' || hasLocation(node, 'role')))
    yield* setOrDefault(node, 'role');
  if (node.smdRole) yield* leavesBelow(node, 'smdRole', ['role']);
  yield* clusterOf(node);
  if (layers.profiles) yield* leavesBelow(layers.profiles, 'profiles');
  if ((os !== 'linux' && os !== 'iscsi') || hasLocation(node, 'install'))
    yield* setOrDefault(node, 'install');
  yield* setOrDefault(node, 'firmware');
  yield* setOrDefault(node, 'os', ['boot', 'os']);
  yield* leavesBelow(node, 'drive', DRIVE);
  yield* linuxOf(site, node);
  yield* installerOf(node);
  yield* iscsiOf(node);
  if (node.tenant) yield { path: ['tenant'], value: node.tenant.name, ...originOf(node, 'tenant') };
  for (const key of ['uuid', 'serial', 'xname', 'nid', 'subrole', 'rack', 'position', 'height'])
    yield* leavesBelow(node, key);
  yield* nicsOf(site, node, layers);
  for (const key of ['labels', 'disks', 'hardware', 'bmc']) yield* leavesBelow(facts, key);
  yield* machineOf(node);
  yield* cloudInitOf(site, node);
}

function* setOrDefault(container: object, key: string, path: Path = [key]): Iterable<Leaf> {
  yield* leavesBelow(container, key, path, { derived: hasLocation(container, key) ? undefined : BY_DEFAULT });
}

function originOf<T extends object>(container: T, key: keyof T & string): Pick<Leaf, 'at' | 'derived'> {
  return hasLocation(container, key) ? { at: locationOf(container, key) } : { derived: BY_DEFAULT };
}

function* linuxOf(site: Draft<Site>, node: Draft<Node>): Iterable<Leaf> {
  const { linux, boot } = node;
  if (!linux) return;
  const arch: Path = ['boot', 'arch'];
  if (boot && hasLocation(boot, 'arch')) yield* leavesBelow(boot, 'arch', arch);
  else if (node.arch) yield { path: arch, value: node.arch, derived: BY_DEFAULT };
  yield* leavesBelow(linux, 'kernel', ['boot', 'kernel']);
  const initrd: Path = ['boot', 'initrd'];
  if (typeof boot?.initrd === 'string')
    yield { path: initrd, value: linux.initrds?.[0], at: locationOf(boot, 'initrd') };
  else yield* leavesBelow(linux, 'initrds', initrd);
  yield* leavesBelow(linux, 'squashfs', ['boot', 'root', 'squashfs']);
  const { args = [] } = linux;
  const leaves = args.map((value, index) => ({ value, at: locationOf(args, index) }));
  // Those of boot.root come first in the list.
  const ofRoot = args.length - countOf(boot?.args);
  const all = [
    ...leaves.slice(ofRoot),
    ...leaves.slice(0, ofRoot).map((leaf) => ({ ...leaf, derived: 'boot.root' })),
    ...addedArgs(site, node),
  ];
  for (const [index, leaf] of all.entries()) yield { path: ['boot', 'args', index], ...leaf };
  yield* setOrDefault(node, 'loader', ['boot', 'loader']);
}

const countOf = (list: unknown) =>
  Array.isArray(list) ? list.filter((item) => item !== undefined).length : 0;

/** Returns the arguments that harvgen adds to the kernel: the boot NIC, and the URL of cloud-init's data. */
function addedArgs({ server }: Draft<Site>, node: Draft<Node>) {
  const isKnown = server?.url && node.bootNic && (node.bootNic.mac ?? node.bootNic.ip) && node.linux?.args;
  if (!isKnown) return [];
  const complete = node as Node;
  const added = kernelArgs({ server } as Site, complete).slice(
    complete.linux?.args.flatMap(kernelWords).length,
  );
  return added.map((value) => ({ value, derived: 'by default, unless boot.args contains it' }));
}

/** Yields what the inventory adds to the kernel of Harvester's installer: its consoles come first in the list. */
function* installerOf({ boot, installerArgs = [] }: Draft<Node>): Iterable<Leaf> {
  if (boot && installerArgs.length > 0) yield* leavesBelow(boot, 'consoles', ['boot', 'consoles']);
  const consoles = installerArgs.length - countOf(boot?.args);
  for (const [index, value] of installerArgs.entries())
    if (index >= consoles)
      yield { path: ['boot', 'args', index - consoles], value, at: locationOf(installerArgs, index) };
}

/**
 * Yields the consoles and arguments that harvgen adds to the kernel of Harvester's installer; an argument `harvester.<key>=` is also
 * a key of the configuration.
 */
export function* kernelLeaves(site: Draft<Site>, node: Draft<Node>): Iterable<Leaf> {
  const { url, media } = site.server ?? {};
  const isInstalled = node.os === 'harvester' && url && media?.url && node.cluster?.version;
  if (!isInstalled || !hasWholeNics(node) || !(node.bootNic?.mac ?? node.bootNic?.ip)) return;
  const { args, nicArg } = installer(site as Site, node as Node);
  const configUrl = args.findIndex((arg) => arg.startsWith('harvester.install.config_url='));
  const added = [...args.slice(0, configUrl + 1), ...(nicArg ? [`${nicArg}<MAC address of the NIC>`] : [])];
  const counts = { args: countOf(node.boot?.args), consoles: 0 };
  for (const value of added) {
    const [, name = '', text] = /^(console|harvester\.[^=]+)=(.*)$/s.exec(value) ?? [];
    const [prefix, ...key] = name.split('.');
    const list = prefix === 'console' ? 'consoles' : 'args';
    const listed = prefix === 'console' ? text : value;
    yield { path: ['boot', list, counts[list]++], value: listed, derived: BY_DEFAULT };
    if (prefix === 'harvester')
      yield { path: ['config', ...key], value: text, derived: 'an argument of the kernel' };
  }
}

function* iscsiOf({ iscsi, os, boot = {}, loader }: Draft<Node>): Iterable<Leaf> {
  if (os !== 'linux' && loader !== undefined && hasLocation(boot, 'loader'))
    yield* leavesBelow(boot, 'loader', ['boot', 'loader']);
  if (!iscsi) return;
  const { image, disk, chap } = iscsi;
  if (hasLocation(boot, 'disk')) yield* leavesBelow(boot, 'disk', ['boot', 'disk']);
  if (image) yield { path: ['boot', 'image'], value: image.name, at: locationOf(iscsi, 'image') };
  for (const key of ['size', 'target', 'address', 'port', 'lun', 'initiator', 'fallback'])
    yield* setOrDefault(iscsi, key, ['boot', key === 'address' ? 'server' : key]);
  if (disk !== undefined) {
    const made = image?.source ?? (image?.snapshotOf && `the disk of ${image.snapshotOf}`);
    const how = made === undefined ? 'which already exists' : `made from ${made}`;
    const derived = image
      ? `its name in the store: a clone of ${image.stored}, ${how}`
      : 'its name in the store, initially blank';
    yield { path: ['boot', 'stored'], value: disk, derived };
  }
  for (const key of ['user', 'password', 'targetUser', 'targetPassword'] as const) {
    // The path of a key such as target_user.
    const path = ['boot', 'chap', key.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`)];
    const derived = "by default, from the site's and the node's names";
    if (typeof boot.chap === 'object' && chap && hasLocation(chap, key)) yield* leavesBelow(chap, key, path);
    else if (chap?.[key] !== undefined) yield { path, value: chap[key], derived };
  }
}

/** Yields the keys of a virtual machine, each disk followed by its default values. */
function* machineOf({ facts, domain }: Draft<Node>): Iterable<Leaf> {
  const own = facts ? [...leavesBelow(facts, 'vm')] : [];
  const diskOf = (leaf: Leaf | undefined) => (leaf?.path[1] === 'disks' ? leaf.path[2] : undefined);
  for (const [at, leaf] of own.entries()) {
    yield leaf;
    const index = diskOf(leaf);
    const [disk, set] = [domain?.disks?.[Number(index)], facts?.vm?.disks?.[Number(index)]];
    if (index === undefined || diskOf(own[at + 1]) === index || !disk || !set) continue;
    const path = ['vm', 'disks', index];
    for (const key of ['bus', 'format', 'serial'] as const) {
      const derived = key === 'serial' ? "from the node's MAC address and the disk's name" : BY_DEFAULT;
      if (disk[key] !== undefined && lacks(set, key))
        yield { path: [...path, key], value: disk[key], derived };
    }
    // The inventory cannot set the device name of a disk, but `install.device` of the configuration needs it.
    const derived = 'its device name on the machine';
    if (disk.device !== undefined) yield { path: [...path, 'device'], value: disk.device, derived };
  }
  if (!facts || !domain) return;
  const { vnc } = domain;
  if (vnc && !hasLocation(vnc, 'listen')) yield* setOrDefault(vnc, 'listen', ['vm', 'vnc', 'listen']);
  if (!hasLocation(domain, 'autostart')) yield* setOrDefault(domain, 'autostart', ['vm', 'autostart']);
}

function* clusterOf(node: Draft<Node>): Iterable<Leaf> {
  const { cluster } = node;
  if (!cluster) return;
  const { version, arch } = cluster;
  const only = { at: selfLocation(cluster), derived: "the site's only cluster" };
  const origin = hasLocation(node, 'cluster') ? { at: locationOf(node, 'cluster') } : only;
  yield { path: ['cluster'], value: cluster.name, ...origin };
  if (version)
    yield { path: ['harvester', 'version'], value: version.text, at: locationOf(cluster, 'version') };
  if (arch) yield { path: ['harvester', 'arch'], value: arch, ...originOf(cluster, 'arch') };
}

function* nicsOf(site: Draft<Site>, node: Draft<Node>, layers: Layers): Iterable<Leaf> {
  const nics = (node.nics ?? []).flatMap((nic) => nic ?? []);
  for (const [index, nic] of nics.entries()) {
    const path = layers.nics ? ['nics', layers.nics[index] as number] : [];
    for (const key of ['name', 'mac', 'ip']) yield* leavesBelow(nic, key, [...path, key]);
    const { network } = nic;
    if (network) {
      const origin = hasLocation(nic, 'network')
        ? { at: locationOf(nic, 'network') }
        : site.networks?.length === 1
          ? { at: selfLocation(network), derived: "the site's only network" }
          : { at: locationOf(network, 'subnet'), derived: 'the network that contains the IP address' };
      yield { path: [...path, 'network'], value: network.name, ...origin };
    }
    if (nic.boot !== undefined) yield* leavesBelow(nic, 'boot', [...path, 'boot']);
    else if (layers.nics && nic === node.bootNic)
      yield { path: [...path, 'boot'], value: true, at: selfLocation(nic), derived: 'the first NIC boots' };
  }
}

function* cloudInitOf(site: Draft<Site>, node: Draft<Node>): Iterable<Leaf> {
  const { cloudInit } = node;
  if (!cloudInit) return;
  const own = cloudInitLeaves(cloudInit).map(({ path, value, at }): Leaf => ({ path, value, at }));
  const isOfNetwork = ({ path }: Leaf) => path[1] === 'network_config';
  yield* own.filter((leaf) => !isOfNetwork(leaf));
  if (site.name !== undefined && node.name !== undefined && !isBroken(cloudInit, 'metaData')) {
    const whole = metaDataOf(site as Site, node as Node, { ...(cloudInit as CloudInit), metaData: {} });
    for (const [key, value] of Object.entries(whole))
      if (!Object.hasOwn(cloudInit.metaData ?? {}, key))
        yield { path: ['cloud_init', 'meta_data', key], value, derived: BY_DEFAULT };
  }
  yield* own.filter(isOfNetwork);
  if (cloudInit.networkConfig !== undefined || isBroken(cloudInit, 'networkConfig') || !hasWholeNics(node))
    return;
  const config = { network_config: networkConfigOf(node as Node, cloudInit as CloudInit) };
  const derived = "from the node's NICs";
  yield* leavesBelow(config, 'network_config', ['cloud_init', 'network_config'], { derived });
}

function hasWholeNics({ os, nics, bootNics, bootNic, linux }: Draft<Node>): boolean {
  if (!bootNic || !bootNics || (os === 'linux' && !linux?.args) || !nics) return false;
  return nics.every((nic) => {
    const { network } = nic ?? {};
    if (!nic || !network?.subnet || !network.dns || isBroken(nic, 'mac')) return false;
    return !(['dhcp', 'gateway', 'vlan', 'mtu'] as const).some((key) => isBroken(network, key));
  });
}

/** A leaf in JSON output: lines and columns are counted from 1, paths are relative to the current directory. */
export interface PlainLeaf {
  readonly key: string;
  /** The effective value; a secret in clear text is `***`, an empty map or list `{}` or `[]`. */
  readonly value: unknown;
  /** The file that sets the value, or from which the value is derived; omitted for a value without a source. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The layer that sets the value: `node`, `range <range>`, `profile <name>`, `defaults`, or for cloud-init `group <name>`. */
  readonly layer?: string | undefined;
  /** How the value is derived, in a few words; omitted if the location contains the value itself. */
  readonly derived?: string | undefined;
}

/** Renders leaves as one JSON list. */
export function formatLeavesJson(leaves: readonly Explained[], folder: string): string {
  const plain = leaves.map(({ path, value, at, layer, derived }): PlainLeaf => {
    const point = at && { file: displayPath(at.source.file, folder), ...at.source.position(at.start) };
    return { key: pathText(path), value: shown(value, path), ...point, layer, derived };
  });
  return printedJson(plain);
}

/** Renders leaves as text, one per line: key, value and source location. */
export function formatLeaves(leaves: readonly Explained[], folder: string): string {
  const rows = leaves.map((leaf) => leafRow(leaf, folder));
  const keys = Math.max(...rows.map(({ key }) => key.length));
  // Longer values are not aligned.
  const values = Math.max(0, ...rows.map(({ value }) => value.length).filter((length) => length <= 48));
  return rows
    .map(({ key, value, from }) => `${key.padEnd(keys)}  ${value.padEnd(values)}  ${from}\n`)
    .join('');
}

/** Returns the key of a leaf, its value without secrets, and its source, each as text. */
export function leafRow(leaf: Explained, folder: string) {
  return {
    key: escapeControlChars(pathText(leaf.path)),
    value: escapeControlChars(valueText(shown(leaf.value, leaf.path), leaf.path)),
    from: escapeControlChars(origin(leaf, folder)),
  };
}

/** Returns the source of a value: its location, with the derivation in parentheses, or with a layer other than the node. */
function origin({ at, layer, derived }: Explained, folder: string): string {
  if (!at) return derived ?? '';
  const location = formatLocation(at, folder);
  if (derived !== undefined) return `${location} (${derived})`;
  return layer === undefined || layer === 'node' ? location : `${location} in ${layer}`;
}

/** Returns a value as text: without quotes unless necessary, and a boot disk in the firmware's numbering. */
export function valueText(value: unknown, path: Path = []): string {
  if (typeof value === 'number' && isDeepStrictEqual(path.slice(-2), DRIVE)) return `0x${value.toString(16)}`;
  if (typeof value !== 'string') return JSON.stringify(value);
  const isOther =
    !Number.isNaN(Number(value)) || /^(true|false|null|~|yes|no|on|off|\{\}|\[\])$/i.test(value);
  return isOther || value !== value.trim() || /\p{Cc}/u.test(value) ? JSON.stringify(value) : value;
}

/** Returns the leaves with a key, or with a path that starts with it. */
export function select<L extends Leaf>(leaves: readonly L[], key: string): L[] {
  return leaves.filter(({ path }) => path.some((_, index) => pathText(path.slice(0, index + 1)) === key));
}

/** Returns the leaves of an argument of the kernel: `console`, `root`, `ip=dhcp`, `harvester.install.automatic`. */
export function selectArgument<L extends Leaf>(leaves: readonly L[], name: string): L[] {
  if (name === 'console') return select(leaves, 'boot.consoles');
  return select(leaves, 'boot.args').filter(({ value }) => `${value}=`.startsWith(`${name}=`));
}

/** Returns the end of the message for an unknown key: the likely key, and the keys that exist. */
export function suggest(leaves: readonly Pick<Leaf, 'path'>[], key: string): string {
  /** Every valid key with its parent key; the outermost keys have none. */
  const parents = new Map<string, string>();
  for (const { path } of leaves)
    path.forEach((_, index) => {
      parents.set(pathText(path.slice(0, index + 1)), pathText(path.slice(0, index)));
    });
  const known = [...parents.keys()];
  const parent = [...new Set(parents.values())]
    .filter((one) => key.startsWith(`${one}.`) || key.startsWith(`${one}[`))
    .reduce((longest, one) => (one.length > longest.length ? one : longest), '');
  const siblings = known.filter((one) => parents.get(one) === parent);
  // Of the same key in several places, the outermost.
  const [same] = known
    .filter((one) => one.endsWith(`.${key}`))
    .sort((one, other) => one.split('.').length - other.split('.').length);
  const meant = same ?? nearest(key, siblings) ?? nearest(key, known);
  return `${meant ? `: did you mean ${meant}?` : '.'} Keys: ${siblings.join(', ')}`;
}

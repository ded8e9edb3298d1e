import { placeholdersIn } from '../../source/marks.ts';
import { isValueMap } from '../../source/origin.ts';
import { grubUrl } from '../../targets/grub/grub.ts';
import { BOOT_SCRIPT, CLOUD_INIT_FILES, domainPath, GRUB_SCRIPT, WWW } from '../../tree/paths.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import { hyphenMac } from '../../values/identifiers.ts';
import { isSame, isShallow, type Plain, type ValueChange } from './values.ts';

/** The file that says what a site is. */
export const INVENTORY = `${WWW}/inventory.json`;

/** The script that signs what machines run, where their boot is signed. */
export const SIGN_MEDIA = 'scripts/sign-media.sh';

/** What the inventory says in a word: of a node, of a NIC, of what Linux boots by, of a disk by iSCSI. */
const WHO = ['cluster', 'mode', 'role', 'tenant', 'ip', 'uuid', 'serial'] as const;
const NODE = [...WHO, 'os', 'install', 'firmware', 'loader', 'arch'] as const;
const NIC = ['mac', 'name', 'network', 'ip'] as const;
const LINUX = ['kernel', 'squashfs', 'loader'] as const;
const DISK = ['image', 'disk', 'size', 'target', 'address', 'initiator', 'fallback'] as const;

/** What is declared of a machine, and changes nothing of what it boots. */
export const DECLARED = ['xname', 'nid', 'groups', 'labels', 'disks', 'hardware', 'bmc', 'vm'] as const;

type Texts<K extends readonly string[]> = { readonly [key in K[number]]: string | undefined };

/** What a tree says of a site: it may be of another version, or edited, so nearly everything may be missing. */
export interface SiteFacts extends ReturnType<typeof siteFacts> {
  readonly nodes: ReadonlyMap<string, NodeFacts>;
}

/** What is known of a node: what the inventory says of it and of what it is in, and the texts of the files that are its own. */
export type NodeFacts = Readonly<ReturnType<typeof nodeFacts>>;

export type NicFacts = Texts<typeof NIC>;

/** What a node boots Linux by. */
export type LinuxFacts = ReturnType<typeof linuxFacts>;

/** A disk by iSCSI; `disk` is what it is called in the site's own store. What is secret in its target's name is a mark. */
export type IscsiFacts = ReturnType<typeof iscsiFacts>;

/** Whether a node installs Harvester, where its disk has no system or at every boot. */
export function installs({ os, install }: Pick<NodeFacts, 'os' | 'install'>): boolean {
  return os === 'harvester' && install !== 'never';
}

/** Whether a node is installed at every boot. */
export function isAlwaysInstalled(node: NodeFacts): boolean {
  return installs(node) && node.install === 'always';
}

/** The facts of a node that are words. */
export type WordFact = {
  [K in keyof NodeFacts]: NodeFacts[K] extends string | undefined ? K : never;
}[keyof NodeFacts];

/** From what to what a fact goes: undefined where it stays, and where one of the trees does not know it. */
export function stepOf(
  before: NodeFacts,
  after: NodeFacts,
  fact: WordFact,
): { readonly from: string; readonly to: string } | undefined {
  const [from, to] = [before[fact], after[fact]];
  return from === undefined || to === undefined || from === to ? undefined : { from, to };
}

/** Reads what a tree says of its site: nothing of one without files. Returns why where the inventory cannot be read. */
export function readFacts(tree: Tree): SiteFacts | { readonly fault: string } {
  const text = tree.size === 0 ? '{"nodes":[]}' : fileText(tree, INVENTORY);
  if (text === undefined) return { fault: 'is not there' };
  let inventory: unknown;
  try {
    inventory = JSON.parse(text);
  } catch {
    return { fault: 'is no JSON' };
  }
  if (!isValueMap(inventory) || !Array.isArray(inventory.nodes)) return { fault: 'has no list of nodes' };
  if (!isShallow(inventory)) return { fault: 'is nested too deeply' };
  const site = siteFacts(inventory, tree);
  return { ...site, nodes: named(inventory.nodes, (node) => nodeFacts(node, site, tree)) };
}

function siteFacts(inventory: Plain, tree: Tree) {
  const { site: name, url, config_url } = textsOf(inventory, ['site', 'url', 'config_url']);
  const host = isValueMap(inventory.host) ? inventory.host : undefined;
  return {
    name,
    /** Where machines fetch from, and where they fetch their configurations from. */
    url,
    configUrl: config_url ?? url,
    /** Whether it has a libvirt host, and by which name or address people reach that. */
    hasHost: host !== undefined,
    hostAddress: host && textsOf(host, ['address']).address,
    hasPods: tree.has('k8s/kustomization.yaml'),
    iscsi: isValueMap(inventory.iscsi) ? inventory.iscsi : undefined,
    tenants: named(inventory.tenants, ({ name: _, ...tenant }): Plain => tenant),
    images: named(inventory.images, ({ name: _, ...image }): Plain => image),
    /** What is said of networks by dotted key: `gateway`, `dns`, `dhcp.pool`. */
    networks: named(inventory.networks, ({ name: _, ...network }) => flat(network)),
    /** `release` is Harvester's version. */
    clusters: named(inventory.clusters, (cluster) => {
      const { vip, version: release, arch } = textsOf(cluster, ['vip', 'version', 'arch']);
      return { vip, release, arch };
    }),
    /** Where its boot is signed, the first script of its machines: that names who signs. */
    signed: tree.has(SIGN_MEDIA) ? fileText(tree, `${WWW}/${BOOT_SCRIPT}`) : undefined,
  };
}

function nodeFacts(node: Plain, site: ReturnType<typeof siteFacts>, tree: Tree) {
  const words = textsOf(node, NODE);
  const list = maps(node.nics);
  const nics: NicFacts[] = list.map((nic) => textsOf(nic, NIC));
  const bootNic = nics[list.findIndex(({ boot }) => boot === true)] ?? nics[0];
  const mac = bootNic?.mac;
  const key = mac === undefined ? words.ip : hyphenMac(mac);
  const network = site.networks.get(bootNic?.network ?? '');
  const name = String(node.name);
  const script = fileText(tree, `${WWW}/ipxe/${key}.ipxe`);
  const cluster = site.clusters.get(words.cluster ?? '');
  return {
    ...words,
    name,
    site: site.name,
    url: site.url,
    configUrl: site.configUrl,
    signed: site.signed,
    vip: cluster?.vip,
    release: cluster?.release,
    arch: cluster ? cluster.arch : words.arch,
    nics: Array.isArray(node.nics) ? nics : undefined,
    /** The NIC that it boots from, and its MAC address: by that its files are named, or by its address without one. */
    bootNic,
    mac,
    /** The network that it boots from, and whether that has DHCP. */
    networkName: bootNic?.network,
    network,
    leases: network && network['dhcp.server'] !== undefined,
    linux: isValueMap(node.linux) ? linuxFacts(node.linux) : undefined,
    /** The disk that it has by iSCSI, and all networks of its site: by one of them it comes to that. */
    iscsi: isValueMap(node.iscsi) ? iscsiFacts(node.iscsi, script) : undefined,
    networks: isValueMap(node.iscsi) ? site.networks : undefined,
    /** The disk that it boots, as firmware counts; the first where nothing is said. */
    drive: typeof node.drive === 'number' ? node.drive : undefined,
    declared: Object.fromEntries(DECLARED.map((what) => [what, node[what]])),
    domain: isValueMap(node.domain) ? domainFacts(node.domain) : undefined,
    definition: fileText(tree, domainPath({ name })),
    script,
    grubScript: mac === undefined ? undefined : fileText(tree, `${WWW}/${GRUB_SCRIPT}-01-${hyphenMac(mac)}`),
    config: fileText(tree, `${WWW}/config/${key}.yaml`),
    cloudInit: cloudInitFiles(tree, `${WWW}/cloud-init/${key}`),
  };
}

function linuxFacts(linux: Plain) {
  return { ...textsOf(linux, LINUX), initrds: texts(linux.initrds), args: texts(linux.args) };
}

/** The inventory does not say what is secret of a disk, and the marks in the script say which secrets these are. */
function iscsiFacts(iscsi: Plain, script = '') {
  const { target, ...words } = textsOf(iscsi, DISK);
  const marks = placeholdersIn(script).map(({ name }) => name);
  const hidden = target?.split('…') ?? [];
  // They stand behind those of CHAP.
  const first = Math.max(marks.length - hidden.length + 1, 0);
  const ofTarget = marks.slice(first);
  return {
    ...words,
    target: target?.replaceAll('…', (hole) => {
      const name = ofTarget.shift();
      return name === undefined ? hole : `@@secret:${name}@@`;
    }),
    lun: iscsi.lun,
    port: iscsi.port,
    /** The secrets by which the node, and behind that its target, prove who they are (CHAP). */
    chap: marks.slice(0, first),
  };
}

function domainFacts({ disks, ...domain }: Plain): Plain {
  const ofDisks = maps(disks).flatMap(({ target, ...disk }) =>
    Object.entries(disk).map(([key, value]) => [`disks.${String(target)}.${key}`, value]),
  );
  return { ...flat(domain), ...Object.fromEntries(ofDisks) };
}

function cloudInitFiles(tree: Tree, folder: string) {
  if (!tree.has(`${folder}/user-data`)) return undefined;
  const files = CLOUD_INIT_FILES.map((file) => [file, fileText(tree, `${folder}/${file}`)] as const);
  return Object.fromEntries(files);
}

function flat(map: Plain): Plain {
  const entries = Object.entries(map);
  const inner = entries.flatMap(([key, value]) =>
    isValueMap(value) ? Object.entries(value).map(([name, item]) => [`${key}.${name}`, item]) : [],
  );
  return Object.fromEntries([...entries.filter(([, value]) => !isValueMap(value)), ...inner]);
}

function fileText(tree: Tree, path: string): string | undefined {
  const file = tree.get(path);
  return file && textOf(file);
}

/** What has a name in a list, by its name; of two with one name the first counts. */
function named<T>(list: unknown, facts: (one: Plain) => T): Map<string, T> {
  const byName = new Map<string, T>();
  for (const one of maps(list)) {
    if (typeof one.name === 'string' && !byName.has(one.name)) byName.set(one.name, facts(one));
  }
  return byName;
}

function maps(list: unknown): Plain[] {
  return Array.isArray(list) ? list.filter(isValueMap) : [];
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}

/** The texts that a map has under keys; undefined where it has none, or something else. */
function textsOf<const K extends readonly string[]>(map: Plain, keys: K): Texts<K> {
  const entries = keys.map((key) => [key, typeof map[key] === 'string' ? map[key] : undefined]);
  return Object.fromEntries(entries) as Texts<K>;
}

/** Keys of a configuration that harvgen derives, and what they are by the facts that are told of a node themselves. */
const DERIVED: Readonly<Record<string, (node: NodeFacts) => unknown>> = {
  server_url: ({ mode, vip }) => (mode === 'join' ? `https://${vip}:443` : undefined),
  'os.hostname': ({ name }) => name,
  'install.mode': ({ mode }) => mode,
  'install.role': ({ role }) => role,
  'install.vip': ({ mode, vip }) => (mode === 'create' ? vip : undefined),
  'install.management_interface.ip': ({ leases, ip }) => (leases ? undefined : ip),
  'install.management_interface.interfaces': bond,
};

/** Says whether a change of a node's configuration is no more than what other changes of the node or the site bring. */
export function isDerivedChange(change: ValueChange, before: NodeFacts, after: NodeFacts): boolean {
  const derive = Object.hasOwn(DERIVED, change.key) ? DERIVED[change.key] : undefined;
  if (derive) return isSame(change.before, derive(before)) && isSame(change.after, derive(after));
  if (typeof change.before !== 'string' || typeof change.after !== 'string') return false;
  return change.key === 'install.iso_url' && followsInText(change.before, change.after, before, after);
}

/** Returns a text of a node with its new name, addresses and release in place of the old ones. */
export function withNewFacts(old: string, before: NodeFacts, after: NodeFacts): string {
  const words = new Map<string, string>();
  for (const [from, to] of [
    [before.name, after.name],
    [before.mac, after.mac],
    [before.mac?.replaceAll(':', '-'), after.mac?.replaceAll(':', '-')],
    // Where the one has a MAC address and the other none, it is by their addresses that their files are named.
    [`config/${keyOf(before)}.yaml`, `config/${keyOf(after)}.yaml`],
    [`ipxe/${keyOf(before)}.ipxe`, `ipxe/${keyOf(after)}.ipxe`],
    [before.ip, after.ip],
    [before.release, after.release],
    // On the kernel line, with the argument that it is the value of: it may have been the URL of all else.
    [`config_url=${before.configUrl}`, `config_url=${after.configUrl}`],
    [before.url, after.url],
    // In scripts of GRUB it is written otherwise.
    [before.url && grubUrl(before.url), after.url && grubUrl(after.url)],
  ]) {
    if (from && to && from !== to) words.set(from, to);
  }
  const any = [...words.keys()].map((word) => word.replace(/[^A-Za-z0-9]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<![A-Za-z0-9])(${any})(?![A-Za-z0-9])`, 'g');
  return words.size === 0 ? old : old.replace(pattern, (word) => words.get(word) ?? word);
}

/** Says whether a text of a node changes no more than its name, its addresses and its release do. */
export function followsInText(old: string, now: string, before: NodeFacts, after: NodeFacts): boolean {
  return withNewFacts(old, before, after) === now;
}

function keyOf({ mac, ip }: NodeFacts): string | undefined {
  return mac?.replaceAll(':', '-') ?? ip;
}

/** The NICs of the management bond as a configuration lists them; undefined where iPXE tells the installer. */
function bond({ bootNic, nics = [] }: NodeFacts): unknown {
  const others = nics.filter((nic) => nic !== bootNic && nic.network === bootNic?.network);
  const known = [bootNic, ...others].flatMap((nic): object[] => {
    if (nic?.mac !== undefined) return [{ hwAddr: nic.mac }];
    return nic?.name === undefined ? [] : [{ name: nic.name }];
  });
  return known.length > 0 ? known : undefined;
}

import { isValueMap } from '../../source/origin.ts';
import { placeholdersIn } from '../../source/placeholders.ts';
import { grubUrl } from '../../targets/grub/grub.ts';
import { BOOT_SCRIPT, CLOUD_INIT_FILES, domainPath, GRUB_SCRIPT, WWW } from '../../tree/paths.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import { hyphenMac } from '../../values/identifiers.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import { keptResources } from './cloud.ts';
import { isSame, isShallow, type Plain, type ValueChange } from './values.ts';

/** The file that describes a site. */
export const INVENTORY = `${WWW}/inventory.json`;

/** The script that signs the files that machines run, in a site with signed boot. */
export const SIGN_MEDIA = 'scripts/sign-media.sh';

/** Keys with text values: of a node, a NIC, a Linux boot, an iSCSI disk. */
const IDENTITY = ['cluster', 'mode', 'role', 'tenant', 'ip', 'uuid', 'serial'] as const;
const NODE = [...IDENTITY, 'os', 'install', 'firmware', 'loader', 'arch'] as const;
const NIC = ['mac', 'name', 'network', 'ip'] as const;
const LINUX = ['kernel', 'squashfs', 'loader'] as const;
const DISK = ['image', 'disk', 'size', 'target', 'address', 'initiator', 'fallback'] as const;

const PLACE = ['xname', 'nid', 'smd_role', 'subrole', 'rack', 'position', 'height'] as const;
/** Declared facts of a machine, which do not affect its boot. */
export const DECLARED = [...PLACE, 'groups', 'labels', 'disks', 'hardware', 'bmc', 'vm'] as const;

type Texts<K extends readonly string[]> = { readonly [key in K[number]]: string | undefined };

/** The facts of a site in a tree. The tree may be edited or of another version, so most facts may be missing. */
export interface SiteFacts extends ReturnType<typeof siteFacts> {
  readonly nodes: ReadonlyMap<string, NodeFacts>;
}

/** The facts of a node: its values in the inventory, those of its site, cluster and network, and the texts of its files. */
export type NodeFacts = Readonly<ReturnType<typeof nodeFacts>>;

export type NicFacts = Texts<typeof NIC>;

/** The files and settings of a Linux boot. */
export type LinuxFacts = ReturnType<typeof linuxFacts>;

/** An iSCSI disk; `disk` is its name in the site's own store. Secrets in its target's name are placeholders. */
export type IscsiFacts = ReturnType<typeof iscsiFacts>;

/** Whether a node installs Harvester, once or at every boot. */
export function installs({ os, install }: Pick<NodeFacts, 'os' | 'install'>): boolean {
  return os === 'harvester' && install !== 'never';
}

/** Whether a node is installed at every boot. */
export function isAlwaysInstalled(node: NodeFacts): boolean {
  return installs(node) && node.install === 'always';
}

/** The facts of a node that are text. */
export type WordFact = {
  [K in keyof NodeFacts]: NodeFacts[K] extends string | undefined ? K : never;
}[keyof NodeFacts];

/** Returns the old and new value of a fact, or undefined if it is unchanged or missing in one of the trees. */
export function stepOf(
  old: NodeFacts,
  now: NodeFacts,
  fact: WordFact,
): { readonly before: string; readonly after: string } | undefined {
  const [before, after] = [old[fact], now[fact]];
  return before === undefined || after === undefined || before === after ? undefined : { before, after };
}

/** Reads the facts of a site from its tree; an empty tree has no nodes. Returns the error if the inventory is unreadable. */
export function readFacts(tree: Tree): SiteFacts | { readonly error: string } {
  const text = tree.size === 0 ? '{"nodes":[]}' : fileText(tree, INVENTORY);
  if (text === undefined) return { error: 'is missing' };
  const inventory = orUndefined((): unknown => JSON.parse(text));
  if (inventory === undefined) return { error: 'is not JSON' };
  if (!isValueMap(inventory) || !Array.isArray(inventory.nodes)) return { error: 'has no list of nodes' };
  if (!isShallow(inventory)) return { error: 'is nested too deeply' };
  const site = siteFacts(inventory, tree);
  return { ...site, nodes: named(inventory.nodes, (node) => nodeFacts(node, site, tree)) };
}

function siteFacts(inventory: Plain, tree: Tree) {
  const { site: name, url, config_url } = textsOf(inventory, ['site', 'url', 'config_url']);
  const host = isValueMap(inventory.host) ? inventory.host : undefined;
  return {
    name,
    /** The URLs of the boot server: for all files, and for configurations. */
    url,
    configUrl: config_url ?? url,
    /** Whether the site has a libvirt host, and the name or IP address of the host. */
    hasHost: host !== undefined,
    hostAddress: host && textsOf(host, ['address']).address,
    kept: keptResources(tree),
    hasPods: tree.has('k8s/kustomization.yaml'),
    iscsi: isValueMap(inventory.iscsi) ? inventory.iscsi : undefined,
    /** The clients that may fetch files of other machines, by the key of their list; trees of earlier versions lack them. */
    access: isValueMap(inventory.access)
      ? new Map(Object.entries(inventory.access).map(([key, clients]) => [key, texts(clients)]))
      : undefined,
    tenants: named(inventory.tenants, ({ name: _, ...tenant }): Plain => tenant),
    images: named(inventory.images, ({ name: _, ...image }): Plain => image),
    /** The values of networks by dotted key: `gateway`, `dns`, `dhcp.pool`. */
    networks: named(inventory.networks, ({ name: _, ...network }) => flat(network)),
    /** `release` is Harvester's version. */
    clusters: named(inventory.clusters, (cluster) => {
      const { vip, version: release, arch } = textsOf(cluster, ['vip', 'version', 'arch']);
      return { vip, release, arch };
    }),
    /** The entry script of a site with signed boot: it contains the name of the signer. */
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
    /** The boot NIC, and its MAC address, which names the node's files; without one, the IP address does. */
    bootNic,
    mac,
    /** The boot network, and whether it has DHCP. */
    networkName: bootNic?.network,
    network,
    leases: network && network['dhcp.server'] !== undefined,
    installerArgs: texts(node.installer_args),
    linux: isValueMap(node.linux) ? linuxFacts(node.linux) : undefined,
    /** The iSCSI disk, and all networks of the site: the node reaches its disk through one of them. */
    iscsi: isValueMap(node.iscsi) ? iscsiFacts(node.iscsi, script) : undefined,
    networks: isValueMap(node.iscsi) ? site.networks : undefined,
    /** The boot disk in the firmware's numbering (default: the first). */
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

/** The inventory does not contain the secrets of a disk; the placeholders in the script name them. */
function iscsiFacts(iscsi: Plain, script = '') {
  const { target, ...words } = textsOf(iscsi, DISK);
  const marks = placeholdersIn(script).map(({ name }) => name);
  const hidden = target?.split('…') ?? [];
  // The placeholders of the target name follow those of CHAP.
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
    /** The CHAP secrets: of the node, then of its target. */
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

/** Returns the named entries of a list by name. Of two entries with one name, the first takes precedence. */
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

/** Returns the texts of a map by key; undefined if a key is missing or its value is not a text. */
function textsOf<const K extends readonly string[]>(map: Plain, keys: K): Texts<K> {
  const entries = keys.map((key) => [key, typeof map[key] === 'string' ? map[key] : undefined]);
  return Object.fromEntries(entries) as Texts<K>;
}

/** Keys of a configuration that harvgen derives, with their values from facts that are reported themselves. */
const DERIVED: Readonly<Record<string, (node: NodeFacts) => unknown>> = {
  server_url: ({ mode, vip }) => (mode === 'join' ? `https://${vip}:443` : undefined),
  'os.hostname': ({ name }) => name,
  'install.mode': ({ mode }) => mode,
  'install.role': ({ role }) => role,
  'install.vip': ({ mode, vip }) => (mode === 'create' ? vip : undefined),
  'install.management_interface.ip': ({ leases, ip }) => (leases ? undefined : ip),
  'install.management_interface.interfaces': bond,
};

/** Keys that only the node that creates the cluster has: they change with its mode. */
const OF_CREATE = ['install.vip_mode', 'install.vip_hw_addr'];

/** Whether other changes of the node or the site cause this change of its configuration. */
export function isDerivedChange(change: ValueChange, before: NodeFacts, after: NodeFacts): boolean {
  const derive = Object.hasOwn(DERIVED, change.key) ? DERIVED[change.key] : undefined;
  if (derive) return isSame(change.before, derive(before)) && isSame(change.after, derive(after));
  if (before.mode !== after.mode && OF_CREATE.includes(change.key)) return true;
  if (typeof change.before !== 'string' || typeof change.after !== 'string') return false;
  return change.key === 'install.iso_url' && isDerivedText(change.before, change.after, before, after);
}

/** Returns a text of a node with the old name, addresses and release replaced by the new ones. */
export function withNewFacts(old: string, before: NodeFacts, after: NodeFacts): string {
  const words = new Map<string, string>();
  for (const [from, to] of [
    [before.name, after.name],
    [before.mac, after.mac],
    [before.mac?.replaceAll(':', '-'), after.mac?.replaceAll(':', '-')],
    // Without a MAC address, the IP address names the files of a node.
    [`config/${keyOf(before)}.yaml`, `config/${keyOf(after)}.yaml`],
    [`ipxe/${keyOf(before)}.ipxe`, `ipxe/${keyOf(after)}.ipxe`],
    [before.ip, after.ip],
    [before.release, after.release],
    // On the kernel command line, with its argument: the same URL may occur elsewhere for other files.
    [`config_url=${before.configUrl}`, `config_url=${after.configUrl}`],
    [before.url, after.url],
    // GRUB scripts write URLs differently.
    [before.url && grubUrl(before.url), after.url && grubUrl(after.url)],
  ]) {
    if (from && to && from !== to) words.set(from, to);
  }
  const any = [...words.keys()].map((word) => word.replace(/[^A-Za-z0-9]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<![A-Za-z0-9])(${any})(?![A-Za-z0-9])`, 'g');
  return words.size === 0 ? old : old.replace(pattern, (word) => words.get(word) ?? word);
}

/** Whether a text of a node changes only with its name, its addresses and its release. */
export function isDerivedText(old: string, now: string, before: NodeFacts, after: NodeFacts): boolean {
  return withNewFacts(old, before, after) === now;
}

function keyOf({ mac, ip }: NodeFacts): string | undefined {
  return mac?.replaceAll(':', '-') ?? ip;
}

/** Returns the NICs of the management bond as in a configuration; undefined if iPXE passes the NIC to the installer. */
function bond({ bootNic, nics = [] }: NodeFacts): unknown {
  const others = nics.filter((nic) => nic !== bootNic && nic.network === bootNic?.network);
  const known = [bootNic, ...others].flatMap((nic): object[] => {
    if (nic?.mac !== undefined) return [{ hwAddr: nic.mac }];
    return nic?.name === undefined ? [] : [{ name: nic.name }];
  });
  return known.length > 0 ? known : undefined;
}

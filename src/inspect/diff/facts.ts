import { grubUrl } from '../../plan/programs.ts';
import { isValueMap } from '../../source/origin.ts';
import { CLOUD_INIT_FILES, CLOUD_MAIN, domainPath, GRUB_SCRIPT, WWW } from '../../tree/paths.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import { hyphenMac } from '../../values/identifiers.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import { isSame, isShallow, type Plain, type ValueChange } from './values.ts';

/** The file that describes a site. */
export const INVENTORY = `${WWW}/inventory.json`;

/** The script that signs the files that machines run, in a site with signed boot. */
export const SIGN_MEDIA = 'scripts/sign-media.sh';

const T = '';

/** The keys of the site that are read, each with an empty value of its type. Trees of earlier versions have no `server`. */
const SITE = {
  ...{ site: T, url: T, config_url: T, host: { address: T } },
  server: {
    ...{
      root: T,
      media: T,
      images: { folder: T, files: [T] },
      signer: T,
      ports: [0],
      compat: [T],
      namespace: T,
    },
    ...{ secrets_file: T, secrets: [T], target_secrets: [T] },
  },
};
const CLUSTER = { vip: T, version: T, arch: T, network: T };
const NIC = { mac: T, name: T, network: T, ip: T };
const LINUX = { kernel: T, squashfs: T, loader: T, initrds: [T], args: [T] };
/** `disk` is its name in the site's own store. Secrets in its target's name are `…`. */
const ISCSI = {
  ...{ image: T, disk: T, size: T, target: T, address: T, initiator: T, fallback: T, lun: 0, port: 0 },
  ...{ target_secrets: [T], chap_secrets: [T] },
};
const NODE = {
  ...{ cluster: T, mode: T, role: T, tenant: T, ip: T, uuid: T, serial: T },
  ...{ os: T, install: T, firmware: T, loader: T, arch: T, drive: 0, installer_args: [T] },
  ...{ nics: [NIC], linux: LINUX, iscsi: ISCSI },
};

/** The values of a map of the inventory that have the expected type. */
type Read<S> = S extends string
  ? string | undefined
  : S extends number
    ? number | undefined
    : S extends readonly (infer I)[]
      ? readonly NonNullable<Read<I>>[] | undefined
      : { readonly [K in keyof S]: Read<S[K]> } | undefined;

/** Reads the keys of a shape from a value; a value of another type is undefined, as an edited tree may contain anything. */
function read<const S>(value: unknown, shape: S): Read<S> {
  const readAny = (): unknown => {
    if (Array.isArray(shape))
      return Array.isArray(value)
        ? value.map((item) => read(item, shape[0])).filter((item) => item !== undefined)
        : undefined;
    if (typeof shape !== 'object') return typeof value === typeof shape ? value : undefined;
    if (!isValueMap(value)) return undefined;
    return Object.fromEntries(
      Object.entries(shape ?? {}).map(([key, inner]) => [key, read(value[key], inner)]),
    );
  };
  return readAny() as Read<S>;
}

/** Declared facts of a machine, which do not affect its boot. */
export const DECLARED =
  'xname nid smd_role subrole rack position height groups labels disks hardware bmc vm'.split(' ');

/** The facts of a site in a tree. The tree may be edited or of another version, so most facts may be missing. */
export interface SiteFacts extends ReturnType<typeof siteFacts> {
  readonly nodes: ReadonlyMap<string, NodeFacts>;
}

/** The facts of a node: its values in the inventory, those of its site, cluster and network, and the texts of its files. */
export type NodeFacts = Readonly<ReturnType<typeof nodeFacts>>;

export type NicFacts = NonNullable<Read<typeof NIC>>;

/** A libvirt domain: its disks, its boot order by the targets of disks and `network`, and other values by dotted key. */
export type DomainFacts = ReturnType<typeof domainFacts>;

/** Whether a node installs Harvester, once or at every boot. */
export function installs({ os, install }: Pick<NodeFacts, 'os' | 'install'>): boolean {
  return os === 'harvester' && install !== 'never';
}

/** Whether a node is installed at every boot. */
export function isAlwaysInstalled(node: NodeFacts): boolean {
  return installs(node) && node.install === 'always';
}

/** Returns the old and new value of a fact, or undefined if it is unchanged or missing in one of the trees. */
export function stepOf(pair: { readonly before: NodeFacts; readonly after: NodeFacts }, fact: TextFact) {
  const [before, after] = [pair.before[fact], pair.after[fact]];
  return before === undefined || after === undefined || before === after ? undefined : { before, after };
}

type TextFact = {
  [K in keyof NodeFacts]: NodeFacts[K] extends string | undefined ? K : never;
}[keyof NodeFacts];

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
  const { site: name, url, config_url, host, server } = read(inventory, SITE) ?? {};
  const { iscsi, access, tenants, images, networks, clusters } = inventory;
  const withoutName = ({ name: _, ...values }: Plain): Plain => values;
  return {
    /** The URLs of the boot server: for all files, and for configurations. */
    ...{ name, url, configUrl: config_url ?? url },
    /** The libvirt host, with the name or IP address for people. */
    ...{ host, server, kept: keptResources(tree), hasPods: tree.has('k8s/kustomization.yaml') },
    iscsi: isValueMap(iscsi) ? iscsi : undefined,
    /** The clients that may fetch files of other machines, by the key of their list; trees of earlier versions lack them. */
    access: isValueMap(access)
      ? new Map(Object.entries(access).map(([key, clients]) => [key, read(clients, [T]) ?? []]))
      : undefined,
    tenants: named(tenants, withoutName),
    images: named(images, withoutName),
    /** The values of networks by dotted key: `gateway`, `dns`, `dhcp.pool`. */
    networks: named(networks, (network) => flat(withoutName(network))),
    clusters: named(clusters, (cluster) => read(cluster, CLUSTER) as NonNullable<Read<typeof CLUSTER>>),
  };
}

/** Returns the addresses of a cloud VM and its data disks, which Terraform must not destroy; undefined without such a VM. */
function keptResources(tree: Tree): string[] | undefined {
  const main = orUndefined((): unknown => JSON.parse(fileText(tree, CLOUD_MAIN) ?? ''));
  if (!isValueMap(main)) return undefined;
  const entriesOf = (value: unknown) => (isValueMap(value) ? Object.entries(value) : []);
  const isKept = (block: unknown) =>
    isValueMap(block) && isValueMap(block.lifecycle) && block.lifecycle.prevent_destroy === true;
  return entriesOf(main.resource).flatMap(([type, blocks]) =>
    entriesOf(blocks).flatMap(([name, block]) => (isKept(block) ? [`${type}.${name}`] : [])),
  );
}

function nodeFacts(node: Plain, site: ReturnType<typeof siteFacts>, tree: Tree) {
  const { installer_args: installerArgs, ...values } = read(node, NODE) as NonNullable<Read<typeof NODE>>;
  const { nics, ip, iscsi } = values;
  const bootNic = nics?.[maps(node.nics).findIndex(({ boot }) => boot === true)] ?? nics?.[0];
  const mac = bootNic?.mac;
  const key = mac === undefined ? (bootNic?.ip ?? ip) : hyphenMac(mac);
  const network = site.networks.get(bootNic?.network ?? '');
  const name = String(node.name);
  const cloudInit = `${WWW}/cloud-init/${key}`;
  const cluster = site.clusters.get(values.cluster ?? '');
  const managed = cluster?.network ?? bootNic?.network;
  const leases = (on?: Plain) => on && on['dhcp.server'] !== undefined;
  return {
    ...values,
    ...{ name, site: site.name, url: site.url, configUrl: site.configUrl, signer: site.server?.signer },
    ...{ vip: cluster?.vip, release: cluster?.version, arch: cluster ? cluster.arch : values.arch },
    /** The boot NIC, and its MAC address, which names the node's files; without one, the IP address does. */
    ...{ bootNic, mac, networkName: bootNic?.network, network },
    /** Whether the boot network has DHCP, and the management network, with the IP address of the node. */
    ...{ leases: leases(network), managed, isLeased: leases(site.networks.get(managed ?? '')) },
    installerArgs,
    loader: values.loader ?? 'ipxe',
    /** All networks of the site: the node reaches its iSCSI disk through one of them. */
    networks: iscsi && site.networks,
    declared: Object.fromEntries(DECLARED.map((what) => [what, node[what]])),
    domain: isValueMap(node.domain) ? domainFacts(node.domain) : undefined,
    definition: fileText(tree, domainPath({ name })),
    script: fileText(tree, `${WWW}/ipxe/${key}.ipxe`),
    grubScript: mac === undefined ? undefined : fileText(tree, `${WWW}/${GRUB_SCRIPT}-01-${hyphenMac(mac)}`),
    config: fileText(tree, `${WWW}/config/${key}.yaml`),
    cloudInit: tree.has(`${cloudInit}/user-data`)
      ? Object.fromEntries(CLOUD_INIT_FILES.map((file) => [file, fileText(tree, `${cloudInit}/${file}`)]))
      : undefined,
  };
}

function domainFacts({ disks, boot_order: order, ...domain }: Plain) {
  return {
    uuid: domain.uuid,
    disks: maps(disks).filter(({ file }) => file !== undefined),
    order: Array.isArray(order) ? order.map(String) : [],
    values: flat(domain),
  };
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
function named<T>(list: unknown, factsOf: (entry: Plain) => T): Map<string, T> {
  const byName = new Map<string, T>();
  for (const entry of maps(list))
    if (typeof entry.name === 'string' && !byName.has(entry.name)) byName.set(entry.name, factsOf(entry));
  return byName;
}

function maps(list: unknown): Plain[] {
  return Array.isArray(list) ? list.filter(isValueMap) : [];
}

/** Keys of a configuration that harvgen derives, with their values from facts that are reported themselves. */
const DERIVED: Readonly<Record<string, (node: NodeFacts) => unknown>> = {
  server_url: ({ mode, vip }) => (mode === 'join' ? `https://${vip}:443` : undefined),
  'os.hostname': ({ name }) => name,
  'install.mode': ({ mode }) => mode,
  'install.role': ({ role }) => role,
  'install.vip': ({ mode, vip }) => (mode === 'create' ? vip : undefined),
  'install.management_interface.ip': ({ isLeased, ip }) => (isLeased ? undefined : ip),
  'install.management_interface.interfaces': bond,
};

/** Whether other changes of the node or the site cause this change of its configuration. */
export function isDerivedChange(change: ValueChange, before: NodeFacts, after: NodeFacts): boolean {
  const derive = Object.hasOwn(DERIVED, change.key) ? DERIVED[change.key] : undefined;
  if (derive) return isSame(change.before, derive(before)) && isSame(change.after, derive(after));
  // Only the node that creates the cluster has these.
  if (before.mode !== after.mode && /^install\.vip_(mode|hw_addr)$/.test(change.key)) return true;
  if (typeof change.before !== 'string' || typeof change.after !== 'string') return false;
  return change.key === 'install.iso_url' && isDerivedText(change.before, change.after, before, after);
}

/** Returns a text of a node with the old name, addresses and release replaced by the new ones. */
export function withNewFacts(old: string, before: NodeFacts, after: NodeFacts): string {
  const [from, to] = [before, after].map(({ name, mac, ip, release, url, configUrl }) => {
    const key = mac?.replaceAll(':', '-') ?? ip;
    // Without a MAC address, the IP address names the files of a node.
    const files = [`config/${key}.yaml`, `ipxe/${key}.ipxe`];
    // On the kernel command line, with its argument: the same URL may occur elsewhere for other files.
    const urls = [`config_url=${configUrl}`, url, url && grubUrl(url)];
    return [name, mac, mac?.replaceAll(':', '-'), ...files, ip, release, ...urls];
  });
  const words = new Map(
    (from ?? []).flatMap((word, index) => {
      const other = to?.[index];
      return word && other && word !== other ? [[word, other] as const] : [];
    }),
  );
  const any = [...words.keys()].map((word) => word.replace(/[^A-Za-z0-9]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<![A-Za-z0-9])(${any})(?![A-Za-z0-9])`, 'g');
  return words.size === 0 ? old : old.replace(pattern, (word) => words.get(word) ?? word);
}

/** Whether a text of a node changes only with its name, its addresses and its release. */
export function isDerivedText(old: string, now: string, before: NodeFacts, after: NodeFacts): boolean {
  return withNewFacts(old, before, after) === now;
}

/** Returns the NICs of the management bond as in a configuration; undefined if iPXE passes the NIC to the installer. */
function bond({ bootNic, ip, managed, nics = [] }: NodeFacts): unknown {
  const own = nics.filter(({ network }) => network === managed);
  const first = managed === bootNic?.network ? bootNic : own.find((nic) => nic.ip === ip);
  const known = [first, ...own.filter((nic) => nic !== first)].flatMap((nic): object[] => {
    if (nic?.mac !== undefined) return [{ hwAddr: nic.mac }];
    return nic?.name === undefined ? [] : [{ name: nic.name }];
  });
  return known.length > 0 ? known : undefined;
}

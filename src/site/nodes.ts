import { isBroken, lacks, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { nearest } from '../values/text.ts';
import type { LinuxBoot, Network, Node, OciInstance, Site, Tenant } from './model.ts';

/** What a machine's firmware says of it, as the inventory has it. */
export interface MachineId {
  readonly node: Draft<Node>;
  readonly what: 'UUID' | 'serial number';
  readonly key: 'uuid' | 'serial';
  readonly value: string;
  /** The same for both spellings: a web server on a file system that knows no case has one file for them. */
  readonly id: string;
  readonly at: SourceLocation;
}

/** Gives every UUID and serial number that a site's nodes are known by, in the order of the inventory. */
export function eachMachineId({ nodes = [] }: Pick<Draft<Site>, 'nodes'>): MachineId[] {
  return nodes.flatMap((node) =>
    (['uuid', 'serial'] as const).flatMap((key) => {
      const value = node?.[key];
      if (!node || !value) return [];
      const what = key === 'uuid' ? 'UUID' : 'serial number';
      return { node, what, key, value, id: `${key} ${value.toLowerCase()}`, at: locationOf(node, key) };
    }),
  );
}

/** Gives the nodes of a site that are instances of Oracle Cloud Infrastructure, in the order of the inventory. */
export function ociNodes({ nodes }: Pick<Site, 'nodes'>): (Node & { readonly oci: OciInstance })[] {
  return nodes.filter((node): node is Node & { readonly oci: OciInstance } => node.oci !== undefined);
}

/**
 * Says whether all machines that boot from a network are instances of Oracle Cloud Infrastructure. These bring iPXE along, and
 * their script: the cloud's DHCP server says nothing of booting, and nobody is asked for a program.
 */
export function isOciNetwork({ nodes }: Pick<Site, 'nodes'>, network: Network): boolean {
  const booting = nodes.filter(({ bootNic }) => bootNic.network === network);
  return booting.length > 0 && booting.every(({ oci }) => oci !== undefined);
}

/** Gives the tenants of a site by their networks; of two with one network the first, since that is a fault of the other. */
export function tenantsByNetwork({
  tenants = [],
}: Pick<Draft<Site>, 'tenants'>): ReadonlyMap<Draft<Network>, Draft<Tenant>> {
  const byNetwork = new Map<Draft<Network>, Draft<Tenant>>();
  for (const tenant of tenants)
    if (tenant?.network && !byNetwork.has(tenant.network)) byNetwork.set(tenant.network, tenant);
  return byNetwork;
}

/** Says whom something belongs to: "of physics", or "of no tenant". */
export function tenantLabel(tenant: Draft<Tenant> | undefined): string {
  return `of ${tenant?.name ?? 'no tenant'}`;
}

/** A file that machines of a site boot Linux from. */
export interface LinuxImage {
  readonly url: string;
  readonly kind: 'kernel' | 'initrd' | 'rootfs';
  /** Where it lies below `server.images`, if the boot server itself hands it out. */
  readonly path?: string | undefined;
  readonly nodes: readonly Node[];
}

/** Gives the kernels, initrds and root file systems that nodes boot Linux from, each once, in the inventory's order. */
export function linuxImages(site: Pick<Site, 'nodes' | 'server'>): LinuxImage[] {
  const byUrl = new Map<string, LinuxImage & { readonly nodes: Node[] }>();
  for (const node of bootingLinux(site.nodes)) {
    for (const { url, kind } of imagesOf(node.linux)) {
      const known = byUrl.get(url);
      if (known?.nodes.at(-1) === node) continue;
      if (known) known.nodes.push(node);
      else byUrl.set(url, { url, kind, path: pathOf(site, url), nodes: [node] });
    }
  }
  return [...byUrl.values()];
}

/**
 * Gives what the boot server itself hands out for machines to boot Linux from, as paths below a folder, each once and sorted;
 * undefined where it is none.
 */
export function servedImages(site: Pick<Site, 'nodes' | 'server'>) {
  const { path: folder } = site.server.images;
  const files = linuxImages(site).flatMap(({ path }) => path ?? []);
  return folder !== undefined && files.length > 0 ? { folder, files: files.sort() } : undefined;
}

type Booting = Node & { readonly linux: LinuxBoot };

/** The nodes that boot Linux, which never change: many ask, and of large sites most have none. */
const bootingLinux = onceFor((nodes: Site['nodes']) =>
  nodes.filter((node): node is Booting => node.linux !== undefined),
);

function imagesOf(linux: LinuxBoot): Pick<LinuxImage, 'url' | 'kind'>[] {
  return [
    { url: linux.kernel, kind: 'kernel' },
    ...linux.initrds.map((url) => ({ url, kind: 'initrd' as const })),
    ...(linux.squashfs === undefined ? [] : [{ url: linux.squashfs, kind: 'rootfs' as const }]),
  ];
}

function pathOf({ server: { images } }: Pick<Site, 'server'>, url: string): string | undefined {
  return images.path !== undefined && url.startsWith(`${images.url}/`)
    ? url.slice(images.url.length + 1)
    : undefined;
}

/** Names of nodes, among which the one is found that another name most probably stands for. */
export class NodeNames {
  readonly #byNumbers = new Map<string, string[]>();

  constructor(names: Iterable<string>) {
    for (const name of names) {
      const numbers = numbersOf(name);
      this.#byNumbers.set(numbers, this.#byNumbers.get(numbers) ?? []);
      this.#byNumbers.get(numbers)?.push(name);
    }
  }

  /**
   * Gives the one that is meant, among those of the same numbers: nid003 for nid03. In a plant that counts its machines the
   * neighbour is always near, and never meant.
   */
  meantBy(name: string): string | undefined {
    const alike = this.#byNumbers.get(numbersOf(name)) ?? [];
    const others = alike.filter((other) => other !== name);
    return nearest(name, others);
  }
}

/**
 * Says whether a node most probably is none of its own: it says nothing that is of one machine alone, and its name is near
 * that of another, or stands for one of a range whose name cannot be read. missing-address says so, or what is at fault there.
 */
export function isLikelyMisnamed(node: Draft<Node>, site: Pick<Draft<Site>, 'nodes'>): boolean {
  return saysNoIdentity(node) && (isBroken(site, 'nodes') || likelyNode(node, site) !== undefined);
}

/** Gives the node that is meant by one that says nothing that is of one machine alone. */
export function likelyNode(
  node: Draft<Node>,
  { nodes = [] }: Pick<Draft<Site>, 'nodes'>,
): string | undefined {
  if (node.name === undefined || !saysNoIdentity(node)) return undefined;
  return namesOf(nodes).meantBy(node.name);
}

/** The names of nodes that say which machine they are: several rules ask of every node of a site. */
const namesOf = onceFor(
  (nodes: readonly (Draft<Node> | undefined)[]) =>
    new NodeNames(
      nodes.flatMap((node) => (node?.name !== undefined && !saysNoIdentity(node) ? node.name : [])),
    ),
);

function saysNoIdentity(node: Draft<Node>): boolean {
  const { bootNic } = node;
  if (!bootNic || !lacks(bootNic, 'mac') || !lacks(bootNic, 'ip')) return false;
  return (['uuid', 'serial', 'xname', 'nid'] as const).every((key) => lacks(node, key));
}

function numbersOf(name: string): string {
  return (name.match(/\d+/g) ?? []).map(Number).join(' ');
}

import { basename } from 'node:path/posix';
import type { SiteFile } from '../../inventory/own-files.ts';
import type { Node, Site, Tenant } from '../../site/model.ts';
import type { Server } from '../../site/model-server.ts';
import { locationOf } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { nodeKey, OCI_SCRIPT, WWW } from '../../tree/paths.ts';
import { foldersAbove } from '../../tree/tree.ts';
import { type Ipv4Range, parseAddressOrCidr } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { hyphenMac } from '../../values/identifiers.ts';
import { quoteNginxLocation } from '../../values/quoting.ts';

/** A host and port that nginx answers at, and what it hands out there. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly isHttps: boolean;
  /** What says so: `server.url`, `server.ports`, `server.tls`, or the firmware, which has no other port. */
  readonly by: 'url' | 'ports' | 'tls' | 'firmware';
  readonly configurations: boolean;
  /** Whether it has all else that machines fetch, but for iPXE's programs. */
  readonly others: boolean;
  /** Whether it has iPXE's programs: by http alone, since firmware that boots by HTTP trusts no certificate. */
  readonly loaders: boolean;
}

const HTTP = 80;

/** Gives where nginx answers: `server.url`, the same at further ports, `server.tls.url`, and firmware. */
export function listenersOf({ url, host, port, ports, tls }: Server): Listener[] {
  const isHttps = url.startsWith('https:');
  const isOne = !tls || (isHttps && tls.host === host && tls.port === port);
  const none = { configurations: false, others: false, loaders: false };
  const own = { host, isHttps, configurations: isOne, others: true, loaders: !isHttps };
  const listeners: Listener[] = [{ ...own, port, by: 'url' }];
  for (const one of new Set(ports)) if (one !== port) listeners.push({ ...own, port: one, by: 'ports' });
  if (!isOne) {
    const { host, port } = tls;
    listeners.push({ ...none, host, port, isHttps: true, by: 'tls', configurations: true });
  }
  if (isHttps) listeners.push({ ...none, host, port: HTTP, isHttps: false, by: 'firmware', loaders: true });
  return listeners;
}

/** Gives the place in the inventory that has nginx answer there. */
export function listenerPlace(server: Draft<Server>, { by, port }: Listener): SourceLocation {
  if (by === 'ports' && server.ports) return locationOf(server.ports, server.ports.indexOf(port));
  return by === 'tls' && server.tls ? locationOf(server.tls, 'url') : locationOf(server, 'url');
}

/** Endings of text files that a machine or a person fetches. Where the web server knows an ending, it says so itself. */
const TEXT = /\.(cfg|conf|csv|env|ini|ipxe|json|ks|log|md|preseed|pub|sh|toml|txt|xml|ya?ml)$/i;

/** Folders below the document root that nginx serves from beside the tree, and whether it does so for a site. */
const BESIDE_THE_TREE: Readonly<Record<string, (server: Server) => boolean>> = {
  loader: () => true,
  images: ({ images }) => images.path !== undefined,
  harvester: ({ media }) => media.path !== undefined,
  sign: ({ sign }) => sign !== undefined,
};

/** What a machine is known by, in any spelling: its MAC, its address, its UUID. */
const KNOWN_BY = [
  '[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}',
  '[0-9]{1,3}(?:\\.[0-9]{1,3}){3}',
  '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
];

/**
 * What a node's script, configuration or cloud-init's data is asked for by: nginx says who may have it there, and a file of
 * one's own would come before, for everybody.
 */
const OF_A_NODE = new RegExp(
  `^/(?:ipxe|config)(?:/(?:${KNOWN_BY.join('|')})(?:\\.ipxe|\\.yaml)?)?$|^/ipxe/serial/|^/cloud-init/(?:${KNOWN_BY.join('|')})(?:/|$)`,
  'i',
);

/** What OpenCHAMI's services are asked for: nginx says who may have it, and a file of one's own would be everybody's. */
const OF_OCHAMI =
  /^\/(?:apis|boot\/v1|hsm\/v2|cloud-init\/ochami|(?:cloud-init\/(?:[a-z0-9_-]+\/)?)?(?:meta-data|user-data|vendor-data|network-config|phone-home))(?:\/|$)/;

const GROUP_FILE = /^\/(?:cloud-init\/)?([a-z0-9_-]+)\.yaml$/;

/** What has to begin with a dot, since a standard says so (RFC 8615). */
const WELL_KNOWN = '.well-known';

/** Gives the site's own files that the web server hands out: the path that each is asked for by, quoted as a location, and as what. */
export function servedFiles(site: Site) {
  const paths = site.files.flatMap((file) => pathServed(file) ?? []);
  return paths.map((path) => {
    const type = TEXT.test(path) ? 'text/plain' : 'application/octet-stream';
    return { location: quoteNginxLocation(path), type };
  });
}

/** Says why a file below the document root cannot be served; undefined for one that can, and for one elsewhere. */
export function whyNotServed(
  file: SiteFile,
  { server, groups }: Pick<Site, 'server' | 'groups'>,
): { readonly message: string; readonly help: string } | undefined {
  const path = pathServed(file);
  if (path === undefined) return undefined;
  const told = (message: string, help = 'choose another name') => ({ message, help });
  const instead = 'this file would be given out instead, to everybody.';
  if (OF_A_NODE.test(path) || path === `/${OCI_SCRIPT}`)
    return told(`Machines ask for their own files by what they are known by, ${path} among it: ${instead}`);
  const isOfOchami = OF_OCHAMI.test(path) || groups.some(({ name }) => name === GROUP_FILE.exec(path)?.[1]);
  if (server.compat.includes('ochami') && isOfOchami)
    return told(`OpenCHAMI's clients ask for ${path} or what is below it (server.compat): ${instead}`);
  const [folder] =
    Object.entries(BESIDE_THE_TREE).find(
      ([name, isBeside]) => path.startsWith(`/${name}/`) && isBeside(server),
    ) ?? [];
  if (folder === undefined) return undefined;
  const message = `Below /${folder}/ nginx serves what lies beside the tree: this file would stand in its way.`;
  return told(message, 'choose another folder');
}

/** Gives the path of what a dot hides below the document root: the file, or the outermost such folder around it. */
export function hiddenPart(file: SiteFile): string | undefined {
  if (pathServed(file) === undefined) return undefined;
  return [...foldersAbove(file.path), file.path].find((path) => {
    const name = basename(path);
    return name.startsWith('.') && name !== WELL_KNOWN;
  });
}

function pathServed({ path }: SiteFile): string | undefined {
  return path.startsWith(`${WWW}/`) ? path.slice(WWW.length) : undefined;
}

/**
 * What a MAC is read behind, as the end of an IPv6 address. The group of its own keeps it from being taken for an IPv4
 * address, which nginx would do to `::ffff:…`: src/http/modules/ngx_http_geo_module.c.
 */
export const MAC_PREFIX = '::1:';

/** Gives every node by its MAC as an IPv6 address: `::1:5254:00aa:0101`. nginx's `geo` finds any number of these as fast. */
export function macLookup({ nodes }: Pick<Site, 'nodes'>) {
  const known = nodes.filter(({ bootNic }) => bootNic.mac);
  return known.map((node) => asked(node, macAddress(nodeKey(node))));
}

function macAddress(mac: string): string {
  return MAC_PREFIX + mac.replace(/(..)-(..)-?/g, '$1$2:').slice(0, -1);
}

/** The 96 bits with which nginx's `geo` takes an IPv6 address for the IPv4 address behind them: IN6_IS_ADDR_V4MAPPED. */
const MAPPED = '0000:0000:0000:0000:0000:ffff:';

/**
 * Gives every node that has a UUID by that as an IPv6 address: `4c4c:4544:0042:3510:8057:b7c0:4f4d:3332`. nginx's `geo` finds
 * any number of these as fast, whatever their case. Source: nginx, src/http/modules/ngx_http_geo_module.c.
 */
export function askedUuids(site: Site) {
  return site.nodes.flatMap((node) => {
    if (!node.uuid) return [];
    const groups = node.uuid.replaceAll('-', '').match(/.{4}/g) ?? [];
    return asked(node, asLookedUp(groups.join(':')));
  });
}

/** An address as nginx looks it up: that of a UUID may begin like one that stands for an IPv4 address. */
function asLookedUp(address: string): string {
  if (!address.startsWith(MAPPED)) return address;
  const bytes = address.slice(MAPPED.length).replace(':', '').match(/../g) ?? [];
  return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
}

function asked(node: Node, address: string) {
  return { address, key: nodeKey(node), name: node.name };
}

/**
 * Gives which addresses may fetch files for which tenants, and which files are whose, as nginx' `geo` reads both; undefined
 * where no tenant allows anybody anything.
 */
export function tenantTables({ tenants, nodes }: Site) {
  const callers = callersOf(tenants);
  if (callers.length === 0) return undefined;
  const owners = nodes.flatMap((node) => {
    const { tenant, name } = node;
    if (!tenant || tenant.allow.length === 0) return [];
    return addressesOf(node).map((address) => ({ address, tenant: tenant.name, name }));
  });
  return { callers, owners };
}

function addressesOf(node: Node): string[] {
  const { bootNic, bond, loader } = node;
  if (!bootNic.mac) return [nodeKey(node)];
  const macs = (loader === 'grub' ? bond : [bootNic]).flatMap(({ mac }) => mac ?? []);
  return macs.map((mac) => macAddress(hyphenMac(mac)));
}

/** Of the ranges around an address `geo` knows the smallest alone: each has the tenants of those that it lies in, too. */
function callersOf(tenants: readonly Tenant[]) {
  const byRange = new Map<string, { range: Ipv4Range; names: Set<string> }>();
  for (const { name, allow } of tenants) {
    for (const text of allow) {
      const known = byRange.get(text);
      if (known) known.names.add(name);
      else byRange.set(text, { range: parseAddressOrCidr(text) as Ipv4Range, names: new Set([name]) });
    }
  }
  const entries = [...byRange.values()].sort(
    (a, b) => a.range.first - b.range.first || b.range.last - a.range.last,
  );
  const around: typeof entries = [];
  return entries.map((entry) => {
    while ((around.at(-1)?.range.last ?? Infinity) < entry.range.first) around.pop();
    for (const name of around.at(-1)?.names ?? []) entry.names.add(name);
    around.push(entry);
    return { range: entry.range.text, names: [...entry.names].sort().join(',') };
  });
}

import { basename } from 'node:path/posix';
import type { SiteFile } from '../inventory/own-files.ts';
import type { Node, Site, Tenant } from '../site/model.ts';
import type { Server } from '../site/model-server.ts';
import { linksOf } from '../site/nics.ts';
import { locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { nodeKey, OCI_SCRIPT, spareNics, WWW } from '../tree/paths.ts';
import { foldersAbove } from '../tree/tree.ts';
import { type Ipv4Range, parseAddressOrCidr } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { hyphenMac } from '../values/identifiers.ts';
import { quoteNginxLocation } from '../values/quoting.ts';
import type { ServerAddress } from '../values/urls.ts';

/** A host and port that nginx listens on, and the files that it serves there. */
export interface Listener extends ServerAddress {
  /** The source of the listener: `server.url`, `server.ports`, `server.tls`, or firmware, which uses only this port. */
  readonly by: 'url' | 'ports' | 'tls' | 'firmware';
  readonly configurations: boolean;
  /** Whether it serves all other files of machines, except the iPXE binaries. */
  readonly others: boolean;
  /** Whether it serves the iPXE binaries: only by http, because firmware that boots by HTTP trusts no certificate. */
  readonly loaders: boolean;
}

const HTTP = 80;

/** Returns the listeners of nginx: `server.url`, the same on further ports, `server.tls.url`, and the one for firmware. */
export function listenersOf({ url, host, port, ports, tls }: Server): Listener[] {
  const isHttps = url.startsWith('https:');
  const isOne = !tls || (isHttps && tls.host === host && tls.port === port);
  const none = { configurations: false, others: false, loaders: false };
  const own = { host, isHttps, configurations: isOne, others: true, loaders: !isHttps };
  const listeners: Listener[] = [{ ...own, port, by: 'url' }];
  for (const more of new Set(ports)) if (more !== port) listeners.push({ ...own, port: more, by: 'ports' });
  if (!isOne) {
    const { host, port } = tls;
    listeners.push({ ...none, host, port, isHttps: true, by: 'tls', configurations: true });
  }
  if (isHttps) listeners.push({ ...none, host, port: HTTP, isHttps: false, by: 'firmware', loaders: true });
  return listeners;
}

/** Whether the URLs of a server are known, also that of configurations, if it has one. */
export function isWhole(server: Draft<Server> | undefined): server is Server {
  const { tls = server } = server ?? {};
  return [server, tls].every((one) => one?.url && one.host && one.port);
}

/** Returns the source location in the inventory that creates a listener. */
export function listenerLocation(server: Draft<Server>, { by, port }: Listener): SourceLocation {
  if (by === 'ports' && server.ports) return locationOf(server.ports, server.ports.indexOf(port));
  return by === 'tls' && server.tls ? locationOf(server.tls, 'url') : locationOf(server, 'url');
}

/** Extensions of text files. Types that the web server has by itself take precedence. */
const TEXT = /\.(cfg|conf|csv|env|ini|ipxe|json|ks|log|md|preseed|pub|sh|toml|txt|xml|ya?ml)$/i;

/** Directories below the document root that nginx serves from outside the tree, and whether it does so for a site. */
const BESIDE_THE_TREE: Readonly<Record<string, (server: Server) => boolean>> = {
  loader: () => true,
  images: ({ images }) => images.path !== undefined,
  harvester: ({ media }) => media.path !== undefined,
  sign: ({ sign }) => sign !== undefined,
};

/** The identifiers of a machine, in any spelling: its MAC, its IP address, its UUID. */
const IDENTIFIERS = [
  '[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}',
  '[0-9]{1,3}(?:\\.[0-9]{1,3}){3}',
  '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
];

/**
 * URLs of a node's script, configuration or cloud-init data. nginx restricts access to them, but a site file there would take
 * precedence for every client.
 */
const OF_A_NODE = new RegExp(
  `^/(?:ipxe|config)(?:/(?:${IDENTIFIERS.join('|')})(?:\\.ipxe|\\.yaml)?)?$|^/ipxe/serial/|^/cloud-init/(?:${IDENTIFIERS.join('|')})(?:/|$)`,
  'i',
);

/** URLs of OpenCHAMI's services. nginx restricts access to them, but a site file there would be served to every client. */
const OF_OCHAMI =
  /^\/(?:apis|boot\/v1|hsm\/v2|cloud-init\/ochami|(?:cloud-init\/)?(?:admin|version|openapi\.json)|(?:cloud-init\/(?:[a-z0-9_-]+\/)?)?(?:meta-data|user-data|vendor-data|network-config|phone-home))(?:\/|$)/;

const GROUP_FILE = /^\/(?:cloud-init\/)?([a-z0-9_-]+)\.yaml$/;

/** The directory that must begin with a dot, according to RFC 8615. */
const WELL_KNOWN = '.well-known';

/** Returns the site files that the web server serves: the path of each, quoted as a location, and its type. */
export function servedFiles(site: Site) {
  const paths = site.files.flatMap((file) => pathServed(file) ?? []);
  return paths.map((path) => {
    const type = TEXT.test(path) ? 'text/plain' : 'application/octet-stream';
    return { location: quoteNginxLocation(path), type };
  });
}

/** Returns the reason why a file below the document root cannot be served; undefined for other files. */
export function whyNotServed(
  file: SiteFile,
  { server, groups }: Pick<Site, 'server' | 'groups'>,
): { readonly message: string; readonly help: string } | undefined {
  const path = pathServed(file);
  if (path === undefined) return undefined;
  const reason = (message: string, help = 'choose another name') => ({ message, help });
  const consequence = 'nginx would serve this file to every client instead.';
  if (OF_A_NODE.test(path) || path === `/${OCI_SCRIPT}`)
    return reason(`Machines request their own files at ${path}: ${consequence}`);
  const isOfOchami = OF_OCHAMI.test(path) || groups.some(({ name }) => name === GROUP_FILE.exec(path)?.[1]);
  if (server.compat.includes('ochami') && isOfOchami)
    return reason(`OpenCHAMI's clients request ${path} or URLs below it (server.compat): ${consequence}`);
  const [folder] =
    Object.entries(BESIDE_THE_TREE).find(
      ([name, isBeside]) => path.startsWith(`/${name}/`) && isBeside(server),
    ) ?? [];
  if (folder === undefined) return undefined;
  const message = `Below /${folder}/, nginx serves files from outside the output tree: this file would hide one of them.`;
  return reason(message, 'choose another directory');
}

/** Returns the path that a dot hides below the document root: the file, or the outermost such directory around it. */
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
 * The prefix that makes a MAC the end of an IPv6 address. Its own group keeps nginx from reading it as an IPv4
 * address, as it would with `::ffff:…`: src/http/modules/ngx_http_geo_module.c.
 */
export const MAC_PREFIX = '::1:';

/**
 * Returns every node by the MAC of each of its NICs as an IPv6 address: `::1:5254:00aa:0101`. nginx's `geo` looks these up in
 * constant time. A NIC that may boot has its own files.
 */
export function macLookup({ nodes }: Pick<Site, 'nodes'>) {
  return nodes.flatMap((node) => {
    const spares = spareNics(node);
    return linksOf(node).flatMap((nic) => {
      if (!nic.mac) return [];
      const name = hyphenMac(nic.mac);
      return lookupEntry(node, macAddress(name), spares.includes(nic) ? name : undefined);
    });
  });
}

function macAddress(mac: string): string {
  return MAC_PREFIX + mac.replace(/(..)-(..)-?/g, '$1$2:').slice(0, -1);
}

/** The 96 bits with which nginx's `geo` reads an IPv6 address as the IPv4 address behind them: IN6_IS_ADDR_V4MAPPED. */
const MAPPED = '0000:0000:0000:0000:0000:ffff:';

/**
 * Returns every node with a UUID by that UUID as an IPv6 address: `4c4c:4544:0042:3510:8057:b7c0:4f4d:3332`. nginx's `geo`
 * looks these up in constant time, in upper or lower case. Source: nginx, src/http/modules/ngx_http_geo_module.c.
 */
export function uuidLookup(site: Site) {
  return site.nodes.flatMap((node) => {
    if (!node.uuid) return [];
    const groups = node.uuid.replaceAll('-', '').match(/.{4}/g) ?? [];
    return lookupEntry(node, asLookedUp(groups.join(':')));
  });
}

/** Returns an address in the notation that nginx looks up: a UUID may begin like an address that represents an IPv4 address. */
function asLookedUp(address: string): string {
  if (!address.startsWith(MAPPED)) return address;
  const bytes = address.slice(MAPPED.length).replace(':', '').match(/../g) ?? [];
  return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
}

function lookupEntry(node: Node, address: string, key = nodeKey(node)) {
  return { address, key, name: node.name };
}

/**
 * Returns the tables for nginx's `geo`: the IP addresses that may fetch files of each tenant, and the tenant of each file.
 * Returns undefined if no tenant allows any address.
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
  const { bootNic, bootNics, linux } = node;
  if (!bootNic.mac) return [nodeKey(node)];
  const macs = (linux ? bootNics : [bootNic]).flatMap(({ mac }) => mac ?? []);
  return macs.map((mac) => macAddress(hyphenMac(mac)));
}

/** Among the ranges around an address, `geo` finds only the smallest: each range also has the tenants of those around it. */
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

/** Maximum number of sub_filter directives in one location. Source: ngx_http_sub_filter_module.c. */
export const MOST_FILTERS = 255;

import { holdsSecrets } from '../secrets/uses-of.ts';
import type { Node, Site } from '../site/model.ts';
import { hasAddress } from '../site/nics.ts';
import { nodeKey, serialName } from '../tree/paths.ts';
import { contains, type Ipv4, ipv4Number, parseAddressOrCidr } from '../values/addresses.ts';
import { hyphenMac } from '../values/identifiers.ts';

/** A file that nginx serves, as far as it decides about the access. */
export interface Served {
  readonly what: 'boot script' | 'script' | 'configuration' | 'list' | 'OpenCHAMI list' | 'file';
  /** Undefined for a file that every client may fetch, and for lists: only `server.allow` may, and OpenCHAMI's also the machines. */
  readonly node?: Node;
}

/** Returns the IP addresses of nodes, while they boot and lasting, each with the names of the node's script: the key of its files, then others. */
export function callersOf({ nodes }: Pick<Site, 'nodes'>) {
  return nodes.flatMap((node) => {
    const key = nodeKey(node);
    const macs = node.linux ? node.bootNics.flatMap(({ mac }) => (mac ? hyphenMac(mac) : [])) : [];
    const serial = serialName(node);
    const names =
      macs.length > 1 || serial ? [...new Set([key, ...macs, serial ?? []].flat())].join(',') : key;
    // Any NIC may get the installer's first lease: all of them identify the node.
    return node.nics.flatMap((nic) =>
      nic.ip && hasAddress(node, nic) ? { ip: nic.ip, key, names, name: node.name } : [],
    );
  });
}

/** Returns the nodes whose scripts contain secrets: `server.allow_scripts` grants no access to them. */
export function sealedNodes({ nodes }: Pick<Site, 'nodes'>): readonly Node[] {
  return nodes.filter(holdsSecrets);
}

/** Whether nginx serves a file to an IP address: by the lists and tables of its configuration in the tree. */
export function mayFetch(site: Site, { node, what }: Served, address: Ipv4): boolean {
  const { server } = site;
  if (what === 'boot script' || what === 'file' || isListed(server.allow, address)) return true;
  if (what === 'OpenCHAMI list') return isListed(nearOf(site), address);
  if (!node) return false;
  const isOpen = what === 'script' && sealedNodes({ nodes: [node] }).length === 0;
  if (isOpen && isListed(server.allowScripts, address)) return true;
  if (node.tenant && isListed(node.tenant.allow, address)) return true;
  return callersOf({ nodes: [node] }).some(({ ip }) => ip === address);
}

function isListed(list: readonly string[], address: Ipv4): boolean {
  return list.some((text) => {
    const range = parseAddressOrCidr(text);
    return range !== undefined && contains(range, address);
  });
}

/** Returns the IP addresses that may fetch the lists: those of the site's machines, of this server, and of `server.allow`. */
export function nearOf(site: Site): string[] {
  const { host, allow } = site.server;
  const nodes = site.nodes.flatMap(addressesOf);
  const legs = site.networks.flatMap((network) => network.bootServer ?? []);
  const server = ['127.0.0.0/8', ...(ipv4Number(host) === undefined ? [] : [host]), ...legs];
  return [...new Set([...nodes, ...server, ...allow])];
}

/** Returns the IP addresses that a node may have, as nginx does. */
export function addressesOf(node: Node): string[] {
  return node.nics.flatMap((nic) => (nic.ip && hasAddress(node, nic) ? nic.ip : []));
}

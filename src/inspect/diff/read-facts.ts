import { domainPath } from '../../tree/host-paths.ts';
import { CLOUD_INIT_FILES, GRUB_SCRIPT, WWW } from '../../tree/paths.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import { hyphenMac } from '../../values/mac.ts';
import {
  type ClusterFacts,
  DECLARED,
  type DomainFacts,
  type IscsiFacts,
  type LinuxFacts,
  type NetworkFacts,
  type NicFacts,
  type NodeFacts,
  type SiteFacts,
} from './facts.ts';
import { isShallow } from './is-shallow.ts';

/** The file that says what a site is. */
export const INVENTORY = `${WWW}/inventory.json`;

type Plain = Readonly<Record<string, unknown>>;

/** Reads what the files of a tree say of their site. Gives why they say nothing where the inventory cannot be read. */
export function readFacts(tree: Tree): SiteFacts | { readonly fault: string } {
  const file = tree.get(INVENTORY);
  if (!file) return { fault: 'is not there' };
  let inventory: unknown;
  try {
    inventory = JSON.parse(textOf(file));
  } catch {
    return { fault: 'is no JSON' };
  }
  if (!isMap(inventory) || !Array.isArray(inventory.nodes)) return { fault: 'has no list of nodes' };
  if (!isShallow(inventory)) return { fault: 'is nested too deeply' };
  const networks = named(inventory.networks, networkFacts);
  const clusters = named(inventory.clusters, clusterFacts);
  const url = textAt(inventory, 'url');
  const configUrl = textAt(inventory, 'config_url') ?? url;
  const host = isMap(inventory.host) ? inventory.host : undefined;
  const site = {
    name: textAt(inventory, 'site'),
    url,
    configUrl,
    hasHost: host !== undefined,
    hostAddress: host && textAt(host, 'address'),
    iscsi: isMap(inventory.iscsi) ? inventory.iscsi : undefined,
    tenants: named(inventory.tenants, ({ name: _, ...tenant }) => tenant),
    images: named(inventory.images, ({ name: _, ...image }) => image),
    networks,
    clusters,
  };
  return { ...site, nodes: named(inventory.nodes, (node) => nodeFacts(node, site, tree)) };
}

function networkFacts({ name: _, dhcp, libvirt, ...network }: Plain): NetworkFacts {
  const { server, pool, lease } = isMap(dhcp) ? dhcp : {};
  const { name, bridge, forward, address } = isMap(libvirt) ? libvirt : {};
  return {
    ...network,
    'dhcp.server': server,
    'dhcp.pool': pool,
    'dhcp.lease': lease,
    'libvirt.name': name,
    'libvirt.bridge': bridge,
    'libvirt.forward': forward,
    'libvirt.address': address,
  };
}

function clusterFacts(cluster: Plain): ClusterFacts {
  return { vip: textAt(cluster, 'vip'), release: textAt(cluster, 'version'), arch: textAt(cluster, 'arch') };
}

function nodeFacts(
  node: Plain,
  { name: site, url, configUrl, networks, clusters }: Omit<SiteFacts, 'nodes'>,
  tree: Tree,
): NodeFacts {
  const list = maps(node.nics);
  const nics = list.map(nicFacts);
  const bootNic =
    nics[
      Math.max(
        list.findIndex((nic) => nic.boot === true),
        0,
      )
    ];
  const mac = bootNic?.mac;
  const ip = textAt(node, 'ip');
  const key = mac === undefined ? ip : hyphenMac(mac);
  const networkName = bootNic?.network;
  const network = networks.get(networkName ?? '');
  const cluster = textAt(node, 'cluster');
  const script = fileText(tree, `${WWW}/ipxe/${key}.ipxe`);
  return {
    name: String(node.name),
    os: textAt(node, 'os'),
    cluster,
    mode: textAt(node, 'mode'),
    role: textAt(node, 'role'),
    install: textAt(node, 'install'),
    firmware: textAt(node, 'firmware'),
    ip,
    mac,
    uuid: textAt(node, 'uuid'),
    serial: textAt(node, 'serial'),
    drive: typeof node.drive === 'number' ? node.drive : undefined,
    arch: textAt(node, 'arch'),
    linux: isMap(node.linux) ? linuxFacts(node.linux) : undefined,
    iscsi: isMap(node.iscsi) ? iscsiFacts(node.iscsi, script) : undefined,
    networks: isMap(node.iscsi) ? networks : undefined,
    tenant: textAt(node, 'tenant'),
    loader: textAt(node, 'loader'),
    site,
    networkName,
    network,
    leases: network && network['dhcp.server'] !== undefined,
    nics: Array.isArray(node.nics) ? nics : undefined,
    bootNic,
    url,
    configUrl,
    ...clusters.get(cluster ?? ''),
    declared: Object.fromEntries(DECLARED.map((key) => [key, node[key]])),
    domain: isMap(node.domain) ? domainFacts(node.domain) : undefined,
    definition: fileText(tree, domainPath({ name: String(node.name) })),
    script,
    grubScript: mac === undefined ? undefined : fileText(tree, `${WWW}/${GRUB_SCRIPT}-01-${hyphenMac(mac)}`),
    config: fileText(tree, `${WWW}/config/${key}.yaml`),
    cloudInit: cloudInitFiles(tree, `${WWW}/cloud-init/${key}`),
  };
}

/** What cloud-init finds in a folder; undefined where that is not there. */
function cloudInitFiles(tree: Tree, folder: string): NodeFacts['cloudInit'] {
  if (!tree.has(`${folder}/user-data`)) return undefined;
  return Object.fromEntries(CLOUD_INIT_FILES.map((file) => [file, fileText(tree, `${folder}/${file}`)]));
}

/** A domain's facts by key, dotted; its disks by their place on the bus. */
function domainFacts({ disks, vnc, ...domain }: Plain): DomainFacts {
  const { listen, port } = isMap(vnc) ? vnc : {};
  const ofDisks = maps(disks).flatMap(({ target, ...disk }) =>
    Object.entries(disk).map(([key, value]) => [`disks.${String(target)}.${key}`, value]),
  );
  return { ...domain, 'vnc.listen': listen, 'vnc.port': port, ...Object.fromEntries(ofDisks) };
}

function linuxFacts(linux: Plain): LinuxFacts {
  return {
    kernel: textAt(linux, 'kernel'),
    initrds: texts(linux.initrds),
    squashfs: textAt(linux, 'squashfs'),
    args: texts(linux.args),
    loader: textAt(linux, 'loader'),
  };
}

function iscsiFacts(iscsi: Plain, script = ''): IscsiFacts {
  // The inventory hides of the target's name what is secret; the script has a mark there.
  const [, target] = /^san(?:hook|boot) .*iscsi:[^:\s]*:[^:\s]*:[^:\s]*:[^:\s]*:(\S+)/m.exec(script) ?? [];
  const setting = (name: string) => new RegExp(`^set ${name} (\\S+)$`, 'm').exec(script)?.[1];
  const [user, password] = [setting('username'), setting('password')];
  return {
    image: textAt(iscsi, 'image'),
    disk: textAt(iscsi, 'disk'),
    size: textAt(iscsi, 'size'),
    target: target ?? textAt(iscsi, 'target'),
    lun: numberAt(iscsi, 'lun'),
    address: textAt(iscsi, 'address'),
    port: numberAt(iscsi, 'port'),
    initiator: textAt(iscsi, 'initiator'),
    fallback: textAt(iscsi, 'fallback'),
    chap:
      user === undefined || password === undefined
        ? undefined
        : {
            user,
            password,
            targetUser: setting('reverse-username'),
            targetPassword: setting('reverse-password'),
          },
  };
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}

function nicFacts(nic: Plain): NicFacts {
  return {
    mac: textAt(nic, 'mac'),
    name: textAt(nic, 'name'),
    network: textAt(nic, 'network'),
    ip: textAt(nic, 'ip'),
  };
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
  return Array.isArray(list) ? list.filter(isMap) : [];
}

function isMap(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textAt(map: Plain, key: string): string | undefined {
  const value = map[key];
  return typeof value === 'string' ? value : undefined;
}

function numberAt(map: Plain, key: string): number | undefined {
  const value = map[key];
  return typeof value === 'number' ? value : undefined;
}

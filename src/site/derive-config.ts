import type { HarvesterConfig } from '../inventory/harvester-config.gen.ts';
import { hasPlace, inherit, located, type Place, placeOf, selfPlace, setPlace } from '../origin.ts';
import { harvesterMedia } from '../tables/harvester-media.ts';
import type { Draft } from './draft.ts';
import { parseMac } from './mac.ts';
import type { Node, Server } from './model.ts';

type Interface = { name?: string; hwAddr?: string };

/** A value of a derived configuration, and the object and key of the site that it follows from. */
type Fact = readonly [value: unknown, from?: object, key?: string];

/** What a node is before its configuration has been derived. */
export type Underived = Draft<Omit<Node, 'derived' | 'config'>>;

/** Gives what follows for a node's Harvester configuration from the rest of the site. */
export function deriveConfig(node: Underived, server: Draft<Server> | undefined): HarvesterConfig {
  const { cluster, bootNic } = node;
  const network = bootNic?.network;
  const create = node.mode === 'create';
  const fixed = interfaceMethod(node) === 'static';
  const self = placeOf(node, 'name');
  const serverUrl = create || !cluster?.vip ? undefined : `https://${cluster.vip}:443`;
  return map(self, {
    scheme_version: [1],
    server_url: [serverUrl, cluster, 'vip'],
    token: [cluster?.token, cluster, 'token'],
    os: [
      map(self, {
        hostname: [node.name, node, 'name'],
        dns_nameservers: [fixed ? some(network?.dns) : undefined, network, 'dns'],
        ntp_servers: [some(network?.ntp), network, 'ntp'],
        labels: [node.facts?.labels, node.facts, 'labels'],
      }),
    ],
    install: [
      map(self, {
        mode: [node.mode, node, 'mode'],
        role: [node.role, node, 'role'],
        management_interface: [deriveInterface(node, self)],
        iso_url: [isoUrl(node, server), server, 'media'],
        vip: [create ? cluster?.vip : undefined, cluster, 'vip'],
        vip_mode: [create ? cluster?.vipMode : undefined, cluster, 'vipMode'],
        vip_hw_addr: [create ? cluster?.vipHwAddr : undefined, cluster, 'vipHwAddr'],
      }),
    ],
  }) as HarvesterConfig;
}

/**
 * Lays what is said over what is derived. Interfaces that are said by name become those of the node's NICs by MAC:
 * names differ between the installer and the installed system, and between releases (harvester/harvester#9802).
 */
export function overlay(derived: HarvesterConfig, said: HarvesterConfig, node: Underived): HarvesterConfig {
  const result = merge(derived as Tree, said as Tree) as Tree;
  const wanted = said.install?.management_interface?.interfaces as
    | readonly (Interface | undefined)[]
    | undefined;
  const target = (result.install as Tree | undefined)?.management_interface as Tree | undefined;
  if (wanted && target) target.interfaces = wanted.flatMap((one) => (one ? [byMac(one, node)] : []));
  return result as HarvesterConfig;
}

/** How the management interface gets its address: as is said, else by DHCP where its network has a server. */
export function interfaceMethod(node: Underived): 'dhcp' | 'static' {
  return (
    node.said?.install?.management_interface?.method ?? (node.bootNic?.network?.dhcp ? 'dhcp' : 'static')
  );
}

function deriveInterface(node: Underived, self: Place): object {
  const { bootNic } = node;
  const network = bootNic?.network;
  const fixed = interfaceMethod(node) === 'static';
  const macs = (node.bond ?? []).flatMap((nic) => nic?.mac ?? []);
  return map(self, {
    interfaces: [macs.map((mac) => ({ hwAddr: mac })), bootNic, 'mac'],
    method: [fixed ? 'static' : 'dhcp', network, 'dhcp'],
    ip: [fixed ? bootNic?.ip : undefined, bootNic, 'ip'],
    subnet_mask: [fixed ? network?.subnet?.mask : undefined, network, 'subnet'],
    gateway: [fixed ? network?.gateway : undefined, network, 'gateway'],
    // Always written out: the default was balance-tlb before v1.6.0, and a map that is given replaces it as a whole.
    bond_options: [map(self, { mode: ['active-backup'], miimon: ['100'] })],
    mtu: [network?.mtu, network, 'mtu'],
    vlan_id: [network?.vlan, network, 'vlan'],
  });
}

function isoUrl({ cluster }: Underived, server: Draft<Server> | undefined): string | undefined {
  if (!cluster?.version || !cluster.arch || !server?.media?.url) return undefined;
  const version = cluster.version.text;
  return `${server.media.url}/${version}/${harvesterMedia(version, cluster.arch).iso}`;
}

/** An interface by its MAC alone: where both are given, the installer would look at the name only. */
function byMac(wanted: Interface, node: Underived): Interface {
  if (wanted.hwAddr) return { hwAddr: parseMac(wanted.hwAddr) ?? wanted.hwAddr };
  const nic = node.nics?.find((one) => one?.name !== undefined && one.name === wanted.name);
  return nic?.mac ? { hwAddr: nic.mac } : wanted;
}

type Tree = { [key: string]: unknown };

function merge(below: Tree, above: Tree): Tree {
  const result: Tree = located(Object.create(null), selfPlace(below));
  for (const [tree, keys] of [
    [below, Object.keys(below)],
    [above, Object.keys(above)],
  ] as const) {
    for (const key of keys) {
      const under = result[key];
      const value = tree[key];
      result[key] = isTree(under) && isTree(value) && key !== 'bond_options' ? merge(under, value) : value;
      inherit(result, key, tree);
    }
  }
  return result;
}

function map(self: Place, facts: Record<string, Fact>): object {
  const result: Tree = located(Object.create(null), self);
  for (const [key, [value, from, fromKey]] of Object.entries(facts)) {
    if (value === undefined) continue;
    result[key] = value;
    if (!from) continue;
    inherit(result, key, from, fromKey);
    // What the inventory leaves to a default follows from the whole of what it stands in.
    if (!hasPlace(result, key)) setPlace(result, key, selfPlace(from));
  }
  return result;
}

function some<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

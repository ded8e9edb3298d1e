import type { HarvesterConfig } from '../inventory/harvester-config.gen.ts';
import {
  derivationOf,
  hasPlace,
  inherit,
  lacks,
  located,
  markDerived,
  type Place,
  placeOf,
  selfPlace,
  setPlace,
} from '../origin.ts';
import { FIRST_RELEASE_BY_ISCSI, ISCSI_ARGS } from '../tables/harvester-iscsi.ts';
import { type Arch, harvesterMedia } from '../tables/harvester-media.ts';
import { build } from './build.ts';
import type { Draft } from './draft.ts';
import { iscsiDevice } from './iscsi-disk.ts';
import { parseMac } from './mac.ts';
import { storageNodes } from './members.ts';
import type { Cluster, Nic, Node, Server } from './model.ts';
import { isAtLeast } from './version.ts';

type Interface = { name?: string; hwAddr?: string };

/** A value of a derived configuration, how it follows, and the object and key of the site that it follows from. */
type Fact = readonly [value: unknown, how?: string, from?: object, key?: string];

/** What a node is before its configuration has been derived. */
export type Underived = Draft<Omit<Node, 'derived' | 'config'>>;

/** The serial port that libvirt gives a virtual machine, as its kernel calls it: a 16550 of a PC, a PL011 of ARM's. */
const SERIAL_CONSOLES: Readonly<Record<Arch, string>> = {
  amd64: 'ttyS0,115200n8',
  arm64: 'ttyAMA0,115200n8',
};

const NOTHING: HarvesterConfig = Object.freeze(Object.create(null));

/** Completes a node, once its cluster knows its members: derives its configuration and lays what is said over it. */
export function withConfig(node: Underived, server: Draft<Server> | undefined): Draft<Node> {
  const derived = node.os === 'harvester' ? deriveConfig(node, server) : NOTHING;
  const config =
    node.os === 'harvester' ? overlay(derived, (node.said ?? NOTHING) as HarvesterConfig, node) : NOTHING;
  return Object.assign(node, { derived, config }) as Draft<Node>;
}

/** What follows for a node's Harvester configuration from the rest of the site. */
function deriveConfig(node: Underived, server: Draft<Server> | undefined): HarvesterConfig {
  const { cluster, bootNic, facts } = node;
  const network = bootNic?.network;
  const create = node.mode === 'create';
  const fixed = interfaceMethod(node) === 'static';
  const self = placeOf(node, 'name');
  const serverUrl = create || !cluster?.vip ? undefined : `https://${cluster.vip}:443`;
  const replicas = create ? fewReplicas(cluster) : undefined;
  return map(self, {
    scheme_version: [1, 'every release reads layout 1'],
    server_url: [serverUrl, "port 443 of the cluster's VIP", cluster, 'vip'],
    token: [cluster?.token, "the cluster's token", cluster, 'token'],
    os: [
      map(self, {
        hostname: [node.name, "the node's name", node, 'name'],
        dns_nameservers: [
          fixed ? some(network?.dns) : undefined,
          'the DNS servers of the management network',
          network,
          'dns',
        ],
        ntp_servers: [some(network?.ntp), 'the time servers of the management network', network, 'ntp'],
        labels: [facts?.labels, "the node's labels", facts, 'labels'],
        additionalKernelArguments: [
          iscsiArguments(node),
          "the node's disk is one by iSCSI, which its firmware describes",
          node.iscsi,
        ],
      }),
    ],
    install: [
      map(self, {
        mode: [node.mode, "the node's mode", node, 'mode'],
        role: [node.role, "the node's role", node, 'role'],
        skipchecks: [
          isVirtual(node) || undefined,
          'the installer refuses virtual machines without it',
          facts,
          'vm',
        ],
        management_interface: [deriveInterface(node, self)],
        device: deviceOf(node),
        tty: [
          node.domain && SERIAL_CONSOLES[cluster?.arch ?? 'amd64'],
          'the serial port of a virtual machine, which the host keeps the log of',
          facts?.vm ? facts : undefined,
          'vm',
        ],
        iso_url: [
          isoUrl(node, server),
          "the ISO of the cluster's release, below server.media",
          server,
          'media',
        ],
        vip: [create ? cluster?.vip : undefined, "the cluster's VIP", cluster, 'vip'],
        vip_mode: [create ? cluster?.vipMode : undefined, "how the cluster's VIP is had", cluster, 'vipMode'],
        vip_hw_addr: [
          create ? cluster?.vipHwAddr : undefined,
          "the MAC address of the VIP's reservation",
          cluster,
          'vipHwAddr',
        ],
        harvester: [
          replicas === undefined
            ? undefined
            : map(self, {
                storage_class: [
                  map(self, {
                    replica_count: [
                      replicas,
                      'as many replicas as the cluster has nodes with storage',
                      cluster,
                      'vip',
                    ],
                  }),
                ],
              }),
        ],
      }),
    ],
  }) as HarvesterConfig;
}

/** The disk that Harvester is installed on, where something says which. */
function deviceOf({ iscsi, domain, facts }: Underived): Fact {
  if (iscsi) return [iscsiDevice(iscsi), "the node's disk by iSCSI", iscsi, 'target'];
  return [domain?.disks?.[0]?.device, 'the first disk of the virtual machine', facts?.vm, 'disks'];
}

/**
 * What the kernel of an installed system is told so that its initrd logs in at the target that firmware describes (iBFT), by the NIC
 * that it names. They take the place of the `multipath=off` that a node without external storage gets: there is one path, and
 * multipath would claim the volumes of Longhorn too, whose disks may be called as those of a tgt are. Source: dracut.cmdline(7),
 * and harvester-installer, pkg/console/util.go (doInstall) and pkg/config/cos.go (disableLonghornMultipathing).
 */
function iscsiArguments({ iscsi, cluster, said }: Underived): string | undefined {
  if (!iscsi || !cluster?.version || !isAtLeast(cluster.version, FIRST_RELEASE_BY_ISCSI)) return undefined;
  const isMultipath = said?.os?.externalStorageConfig?.enabled === true;
  return [...(isMultipath ? [] : ['multipath=off']), ...ISCSI_ARGS].join(' ');
}

/** Whether the installer must be told to take a virtual machine; before v1.3.0 it took any machine. */
function isVirtual({ facts, cluster }: Underived): boolean {
  return facts?.vm !== undefined && cluster?.version !== undefined && isAtLeast(cluster.version, 'v1.3.0');
}

/**
 * The replicas of the default storage class where the cluster has fewer nodes with storage than the three of
 * Harvester's default: volumes would stay degraded for ever (harvester/harvester#4159). Settable from v1.2.0 on.
 */
function fewReplicas(cluster: Draft<Cluster> | undefined): number | undefined {
  if (!cluster?.version || !isAtLeast(cluster.version, 'v1.2.0')) return undefined;
  const count = storageNodes(cluster);
  return count > 0 && count < 3 ? count : undefined;
}

/**
 * Lays what is said over what is derived. Interfaces that are said by name become those of the node's NICs by MAC:
 * names differ between the installer and the installed system, and between releases (harvester/harvester#9802).
 */
function overlay(derived: HarvesterConfig, said: HarvesterConfig, node: Underived): HarvesterConfig {
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
  const interfaces = (node.bond ?? []).flatMap((nic) =>
    nic?.mac || (nic?.name && lacks(nic, 'mac')) ? [interfaceOf(nic)] : [],
  );
  return map(self, {
    interfaces: [some(interfaces), "the node's NICs on the management network", bootNic, 'mac'],
    method: [
      fixed ? 'static' : 'dhcp',
      fixed ? 'the network has no DHCP server' : 'the network has a DHCP server',
      network,
      'dhcp',
    ],
    ip: [fixed ? bootNic?.ip : undefined, "the node's address", bootNic, 'ip'],
    subnet_mask: [fixed ? network?.subnet?.mask : undefined, "the network's subnet", network, 'subnet'],
    gateway: [fixed ? network?.gateway : undefined, "the network's gateway", network, 'gateway'],
    // Always written out: the default was balance-tlb before v1.6.0, and a map that is given replaces it as a whole.
    bond_options: [
      map(self, {
        mode: ['active-backup', 'the one that needs nothing of the switch'],
        miimon: ['100', 'the interval of link checks in milliseconds, as the installer has it'],
      }),
    ],
    mtu: [network?.mtu, "the network's MTU", network, 'mtu'],
    vlan_id: [network?.vlan, "the network's VLAN", network, 'vlan'],
  });
}

function isoUrl({ cluster }: Underived, server: Draft<Server> | undefined): string | undefined {
  if (!cluster?.version || !cluster.arch || !server?.media?.url) return undefined;
  const version = cluster.version.text;
  return `${server.media.url}/${version}/${harvesterMedia(version, cluster.arch).iso}`;
}

/** An interface by its MAC alone: where both are given, the installer would look at the name only. */
function byMac(wanted: Interface, node: Underived): Interface {
  if (wanted.hwAddr) return build({ hwAddr: parseMac(wanted.hwAddr) ?? wanted.hwAddr }, wanted);
  const nic = node.nics?.find((one) => one?.name !== undefined && one.name === wanted.name);
  return nic?.mac ? interfaceOf(nic) : wanted;
}

/** A NIC by its MAC, or where that is not known by its name. */
function interfaceOf(nic: Draft<Nic>): Interface {
  if (!nic.mac) return map(selfPlace(nic), { name: [nic.name, "the NIC's name", nic, 'name'] });
  return map(selfPlace(nic), { hwAddr: [nic.mac, "the NIC's MAC address", nic, 'mac'] });
}

type Tree = { [key: string]: unknown };

/** Lays one map over another. Each key is said or derived as in the map that it is from; `how` is how `below` is derived. */
function merge(below: Tree, above: Tree, how?: string): Tree {
  const result: Tree = located(Object.create(null), selfPlace(below));
  for (const key of new Set([...Object.keys(below), ...Object.keys(above)])) {
    const under = below[key];
    const over = above[key];
    const from = key in above ? above : below;
    const both = isTree(under) && isTree(over) && key !== 'bond_options';
    result[key] = both ? merge(under, over, derivationOf(below, key) ?? how) : from[key];
    inherit(result, key, from);
    if (from === below && how !== undefined) markDerived(result, key, how);
  }
  return result;
}

function map(self: Place, facts: Record<string, Fact>): object {
  const result: Tree = located(Object.create(null), self);
  for (const [key, [value, how, from, fromKey]] of Object.entries(facts)) {
    if (value === undefined) continue;
    result[key] = value;
    if (how !== undefined) markDerived(result, key, how);
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

import { FIRST_RELEASE_BY_ISCSI, ISCSI_ARGS } from '../knowledge/tables/harvester-iscsi.ts';
import type { Arch } from '../knowledge/tables/harvester-media.ts';
import { lacks } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import type { ClusterFacts } from './cluster-facts.ts';
import { interfaceOf } from './interface-of.ts';
import { iscsiDevice } from './iscsi-disk.ts';
import type { Network, Node, Server } from './model.ts';

/** What a node is before its configuration has been derived. */
export type Underived = Draft<Omit<Node, 'derived' | 'config'>>;

/** What the configuration of a node follows from. */
export interface Given {
  readonly node: Underived;
  readonly server: Draft<Server> | undefined;
  /** The management network. */
  readonly network: Draft<Network> | undefined;
  /** Of the node's cluster, what is the same for all its members. */
  readonly ofCluster: ClusterFacts | undefined;
  /** Whether the node creates its cluster. */
  readonly create: boolean;
  /** Whether its address is set, and not had by DHCP. */
  readonly fixed: boolean;
}

/** A value of a derived configuration, in a few words how it follows, and the object and key of the site that it follows from. */
export interface Fact {
  readonly value: (given: Given) => unknown;
  readonly how: string | ((given: Given) => string);
  readonly from?: (given: Given) => object | undefined;
  readonly key?: string | ((given: Given) => string);
}

/** A map of a derived configuration: what is in it, in its order, and whether it is there. */
export interface Facts {
  readonly facts: readonly (readonly [key: string, fact: Fact | Facts])[];
  readonly when?: (given: Given) => boolean;
}

/** The serial port that libvirt gives a virtual machine, as its kernel calls it: a 16550 of a PC, a PL011 of ARM's. */
const SERIAL_CONSOLES: Readonly<Record<Arch, string>> = {
  amd64: 'ttyS0,115200n8',
  arm64: 'ttyAMA0,115200n8',
};

/** Gives the console of a virtual machine, which the host keeps the log of. */
export function serialConsole({
  domain,
  cluster,
}: Pick<Underived, 'domain' | 'cluster'>): string | undefined {
  return domain && SERIAL_CONSOLES[cluster?.arch ?? 'amd64'];
}

const cluster = ({ node }: Given) => node.cluster;
const bootNic = ({ node }: Given) => node.bootNic;
const network = ({ network }: Given) => network;
const itself = ({ node }: Given) => node;
const declared = ({ node }: Given) => node.facts;

const OS: Facts = {
  facts: [
    ['hostname', { value: ({ node }) => node.name, how: "the node's name", from: itself, key: 'name' }],
    [
      'dns_nameservers',
      {
        value: ({ fixed, network }) => (fixed ? some(network?.dns) : undefined),
        how: 'the DNS servers of the management network',
        from: network,
        key: 'dns',
      },
    ],
    [
      'ntp_servers',
      {
        value: ({ network }) => some(network?.ntp),
        how: 'the time servers of the management network',
        from: network,
        key: 'ntp',
      },
    ],
    [
      'labels',
      { value: ({ node }) => node.facts?.labels, how: "the node's labels", from: declared, key: 'labels' },
    ],
    [
      'additionalKernelArguments',
      {
        value: ({ node }) => iscsiArguments(node),
        how: "the node's disk is one by iSCSI, which its firmware describes",
        from: ({ node }) => node.iscsi,
      },
    ],
  ],
};

/** Always written out: the default was balance-tlb before v1.6.0, and a map that is given replaces it as a whole. */
const BOND_OPTIONS: Facts = {
  facts: [
    ['mode', { value: () => 'active-backup', how: 'the one that needs nothing of the switch' }],
    [
      'miimon',
      { value: () => '100', how: 'the interval of link checks in milliseconds, as the installer has it' },
    ],
  ],
};

const MANAGEMENT_INTERFACE: Facts = {
  facts: [
    [
      'interfaces',
      {
        value: ({ node }) => some(interfacesOf(node)),
        how: "the node's NICs on the management network",
        from: bootNic,
        key: 'mac',
      },
    ],
    [
      'method',
      {
        value: ({ fixed }) => (fixed ? 'static' : 'dhcp'),
        how: ({ fixed }) => (fixed ? 'the network has no DHCP server' : 'the network has a DHCP server'),
        from: network,
        key: 'dhcp',
      },
    ],
    [
      'ip',
      {
        value: ({ fixed, node }) => (fixed ? node.bootNic?.ip : undefined),
        how: "the node's address",
        from: bootNic,
        key: 'ip',
      },
    ],
    [
      'subnet_mask',
      {
        value: ({ fixed, network }) => (fixed ? network?.subnet?.mask : undefined),
        how: "the network's subnet",
        from: network,
        key: 'subnet',
      },
    ],
    [
      'gateway',
      {
        value: ({ fixed, network }) => (fixed ? network?.gateway : undefined),
        how: "the network's gateway",
        from: network,
        key: 'gateway',
      },
    ],
    ['bond_options', BOND_OPTIONS],
    ['mtu', { value: ({ network }) => network?.mtu, how: "the network's MTU", from: network, key: 'mtu' }],
    [
      'vlan_id',
      { value: ({ network }) => network?.vlan, how: "the network's VLAN", from: network, key: 'vlan' },
    ],
  ],
};

const HARVESTER: Facts = {
  when: ({ create, ofCluster }) => create && ofCluster?.replicas !== undefined,
  facts: [
    [
      'storage_class',
      {
        facts: [
          [
            'replica_count',
            {
              value: ({ ofCluster }) => ofCluster?.replicas,
              how: 'as many replicas as the cluster has nodes with storage',
              from: cluster,
              key: 'vip',
            },
          ],
        ],
      },
    ],
  ],
};

const INSTALL: Facts = {
  facts: [
    ['mode', { value: ({ node }) => node.mode, how: "the node's mode", from: itself, key: 'mode' }],
    ['role', { value: ({ node }) => node.role, how: "the node's role", from: itself, key: 'role' }],
    [
      'skipchecks',
      {
        value: ({ node }) => isVirtual(node) || undefined,
        how: 'the installer refuses virtual machines without it',
        from: declared,
        key: 'vm',
      },
    ],
    ['management_interface', MANAGEMENT_INTERFACE],
    // The disk that Harvester is installed on, where something says which.
    [
      'device',
      {
        value: ({ node: { iscsi, domain } }) => (iscsi ? iscsiDevice(iscsi) : domain?.disks?.[0]?.device),
        how: ({ node }) =>
          node.iscsi ? "the node's disk by iSCSI" : 'the first disk of the virtual machine',
        from: ({ node: { iscsi, facts } }) => iscsi ?? facts?.vm,
        key: ({ node }) => (node.iscsi ? 'target' : 'disks'),
      },
    ],
    [
      'tty',
      {
        value: ({ node }) => serialConsole(node),
        how: 'the serial port of a virtual machine, which the host keeps the log of',
        from: ({ node: { facts } }) => (facts?.vm ? facts : undefined),
        key: 'vm',
      },
    ],
    [
      'iso_url',
      {
        value: ({ ofCluster }) => ofCluster?.isoUrl,
        how: "the ISO of the cluster's release, below server.media",
        from: ({ server }) => server,
        key: 'media',
      },
    ],
    [
      'vip',
      {
        value: ({ create, node }) => (create ? node.cluster?.vip : undefined),
        how: "the cluster's VIP",
        from: cluster,
        key: 'vip',
      },
    ],
    [
      'vip_mode',
      {
        value: ({ create, node }) => (create ? node.cluster?.vipMode : undefined),
        how: "how the cluster's VIP is had",
        from: cluster,
        key: 'vipMode',
      },
    ],
    [
      'vip_hw_addr',
      {
        value: ({ create, node }) => (create ? node.cluster?.vipHwAddr : undefined),
        how: "the MAC address of the VIP's reservation",
        from: cluster,
        key: 'vipHwAddr',
      },
    ],
    ['harvester', HARVESTER],
  ],
};

/** What follows for a node's Harvester configuration from the rest of the site. */
export const DERIVED: Facts = {
  facts: [
    ['scheme_version', { value: () => 1, how: 'every release reads layout 1' }],
    [
      'server_url',
      {
        value: ({ create, ofCluster }) => (create ? undefined : ofCluster?.serverUrl),
        how: "port 443 of the cluster's VIP",
        from: cluster,
        key: 'vip',
      },
    ],
    [
      'token',
      { value: ({ node }) => node.cluster?.token, how: "the cluster's token", from: cluster, key: 'token' },
    ],
    ['os', OS],
    ['install', INSTALL],
  ],
};

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

function interfacesOf({ bond = [] }: Underived): readonly object[] {
  const interfaces: object[] = [];
  for (const nic of bond) if (nic?.mac || (nic?.name && lacks(nic, 'mac'))) interfaces.push(interfaceOf(nic));
  return interfaces;
}

function some<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

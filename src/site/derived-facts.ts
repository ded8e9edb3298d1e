import { type Arch, FIRST_RELEASE_BY_ISCSI, harvesterMedia, ISCSI_ARGS } from '../knowledge/harvester.ts';
import { lacks, locationsOf, Origins, remember, selfLocation } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import { storageNodes } from './clusters.ts';
import { iscsiDevice } from './iscsi.ts';
import { isoUrlFor } from './management.ts';
import type { Cluster, Network, Nic, Node } from './model.ts';
import type { Server } from './model-server.ts';

/** A node before its configuration is derived. */
export type Underived = Draft<Omit<Node, 'derived' | 'config'>>;

/** The input that a node's configuration is derived from. */
export interface Given {
  readonly node: Underived;
  readonly self: SourceLocation;
  readonly server: Draft<Server> | undefined;
  readonly network: Draft<Network> | undefined;
  readonly ofCluster: ClusterFacts | undefined;
  readonly create: boolean;
  /** Whether the node's IP address is set, instead of leased by DHCP. */
  readonly fixed: boolean;
}

/** A derived value, a short reason for it, and the object and key of the site that it is derived from. */
export interface Fact {
  readonly value: (given: Given) => unknown;
  readonly how: string | ((given: Given) => string);
  readonly from?: ((given: Given) => object | undefined) | undefined;
  readonly key?: string | ((given: Given) => string) | undefined;
}

/** A map of a derived configuration: its entries in order, and whether it is present. */
export interface Facts {
  readonly facts: Readonly<Record<string, Fact | Facts>>;
  readonly when?: (given: Given) => boolean;
}

/** The common properties of a cluster's members. */
export interface ClusterFacts {
  readonly serverUrl: string | undefined;
  readonly isoUrl: string | undefined;
  /** The replicas of volumes, if fewer than the default. */
  readonly replicas: number | undefined;
}

/** Computes the common properties of a cluster's members. */
export function clusterFacts(cluster: Draft<Cluster>, server: Draft<Server> | undefined): ClusterFacts {
  const { version, arch, vip } = cluster;
  const media = version && arch && server?.media?.url;
  return {
    serverUrl: vip && `https://${vip}:443`,
    isoUrl: media ? `${media}/${version.text}/${harvesterMedia(version.text, arch).iso}` : undefined,
    replicas: fewReplicas(cluster),
  };
}

/**
 * Returns the replicas of the default storage class if the cluster has fewer storage nodes than Harvester's default of
 * three: volumes would stay degraded forever (harvester/harvester#4159). Available from v1.2.0 on.
 */
function fewReplicas(cluster: Draft<Cluster>): number | undefined {
  if (!cluster.version || !isAtLeast(cluster.version, 'v1.2.0')) return undefined;
  const count = storageNodes(cluster);
  return count > 0 && count < 3 ? count : undefined;
}

/** The serial port of a virtual machine in the kernel's naming: libvirt emulates a 16550 (PC) or a PL011 (ARM). */
export const VM_SERIAL_PORTS: Readonly<Record<Arch, string>> = {
  amd64: 'ttyS0,115200n8',
  arm64: 'ttyAMA0,115200n8',
};

/** `source` is the object that the value is derived from and, if it has another name there, the key. */
function fact(how: Fact['how'], source: readonly [Fact['from']?, Fact['key']?], value: Fact['value']): Fact {
  const [from, key] = source;
  return { value, how, from, key };
}

const cluster = ({ node }: Given) => node.cluster;
const management = ({ node }: Given) => node.bond?.[0];
const network = ({ network }: Given) => network;
const itself = ({ node }: Given) => node;
const declared = ({ node }: Given) => node.facts;

const OS: Facts = {
  facts: {
    hostname: fact("the node's name", [itself, 'name'], ({ node }) => node.name),
    dns_nameservers: fact(
      'the DNS servers of the management network',
      [network, 'dns'],
      ({ fixed, network }) => (fixed ? some(network?.dns) : undefined),
    ),
    ntp_servers: fact('the time servers of the management network', [network, 'ntp'], ({ network }) =>
      some(network?.ntp),
    ),
    labels: fact("the node's labels", [declared], ({ node }) => node.facts?.labels),
    additionalKernelArguments: fact(
      'the iSCSI disk of the node, which its firmware describes',
      [({ node }) => node.iscsi],
      ({ node }) => iscsiArguments(node),
    ),
  },
};

const MANAGEMENT_INTERFACE: Facts = {
  facts: {
    interfaces: fact("the node's NICs on the management network", [management, 'mac'], ({ node }) =>
      some(interfacesOf(node)),
    ),
    method: fact(
      ({ fixed }) => (fixed ? 'the network has no DHCP server' : 'the network has a DHCP server'),
      [network, 'dhcp'],
      ({ fixed }) => (fixed ? 'static' : 'dhcp'),
    ),
    ip: fact("the node's IP address", [management], ({ fixed, node }) => (fixed ? node.ip : undefined)),
    subnet_mask: fact("the network's subnet", [network, 'subnet'], ({ fixed, network }) =>
      fixed ? network?.subnet?.mask : undefined,
    ),
    gateway: fact("the network's gateway", [network], ({ fixed, network }) =>
      fixed ? network?.gateway : undefined,
    ),
    // Always written: the default was balance-tlb before v1.6.0, and a user's map replaces it completely.
    bond_options: {
      facts: {
        mode: fact('the mode that needs no switch configuration', [], () => 'active-backup'),
        miimon: fact('the interval of link checks in milliseconds, as in the installer', [], () => '100'),
      },
    },
    mtu: fact("the network's MTU", [network], ({ network }) => network?.mtu),
    vlan_id: fact("the network's VLAN", [network, 'vlan'], ({ network }) => network?.vlan),
  },
};

const HARVESTER: Facts = {
  when: ({ create, ofCluster }) => create && ofCluster?.replicas !== undefined,
  facts: {
    storage_class: {
      facts: {
        replica_count: fact(
          'the number of storage nodes in the cluster',
          [cluster, 'vip'],
          ({ ofCluster }) => ofCluster?.replicas,
        ),
      },
    },
  },
};

const INSTALL: Facts = {
  facts: {
    mode: fact("the node's mode", [itself], ({ node }) => node.mode),
    role: fact("the node's role", [itself], ({ node }) => node.role),
    skipchecks: fact(
      'the installer rejects virtual machines without it',
      [declared, 'vm'],
      ({ node }) => isVirtual(node) || undefined,
    ),
    management_interface: MANAGEMENT_INTERFACE,
    // The disk that Harvester is installed on, if it is set.
    device: fact(
      ({ node }) => (node.iscsi ? "the node's iSCSI disk" : 'the first disk of the virtual machine'),
      [({ node: { iscsi, facts } }) => iscsi ?? facts?.vm, ({ node }) => (node.iscsi ? 'target' : 'disks')],
      ({ node: { iscsi, domain } }) => (iscsi ? iscsiDevice(iscsi) : domain?.disks?.[0]?.device),
    ),
    tty: fact(
      ({ node: { boot } }) =>
        boot?.consoles
          ? 'the first console of the installer'
          : 'the serial port of a virtual machine, whose log the host keeps',
      [
        ({ node: { boot, facts } }) => (boot?.consoles ? boot : facts?.vm ? facts : undefined),
        ({ node: { boot } }) => (boot?.consoles ? 'consoles' : 'vm'),
      ],
      ({ node }) =>
        (node.boot?.consoles as readonly string[] | undefined)?.[0] ??
        (node.domain && VM_SERIAL_PORTS[node.cluster?.arch ?? 'amd64']),
    ),
    iso_url: fact(
      "the ISO of the cluster's release, below server.media",
      [({ server }) => server, 'media'],
      ({ ofCluster, node, server }) =>
        ofCluster?.isoUrl && server && isoUrlFor(node, ofCluster.isoUrl, server),
    ),
    vip: fact("the cluster's VIP", [cluster], ({ create, node }) => (create ? node.cluster?.vip : undefined)),
    vip_mode: fact("the mode of the cluster's VIP", [cluster, 'vipMode'], ({ create, node }) =>
      create ? node.cluster?.vipMode : undefined,
    ),
    vip_hw_addr: fact(
      "the MAC address of the VIP's reservation",
      [cluster, 'vipHwAddr'],
      ({ create, node }) => (create ? node.cluster?.vipHwAddr : undefined),
    ),
    harvester: HARVESTER,
  },
};

/** Returns the values of a node's Harvester configuration that are derived from the rest of the site. */
export const DERIVED: Facts = {
  facts: {
    scheme_version: fact('every release reads layout 1', [], () => 1),
    server_url: fact("port 443 of the cluster's VIP", [cluster, 'vip'], ({ create, ofCluster }) =>
      create ? undefined : ofCluster?.serverUrl,
    ),
    token: fact("the cluster's token", [cluster], ({ node }) => node.cluster?.token),
    os: OS,
    install: INSTALL,
  },
};

/**
 * Kernel arguments for the initrd of an installed system, so that it logs in at the target that firmware describes (iBFT), by
 * the NIC in that table. They replace `multipath=off` of a node without external storage. There is one path, and multipath
 * would also claim Longhorn's volumes, whose disks may have the same names as those of tgt. Source: dracut.cmdline(7), and
 * harvester-installer, pkg/console/util.go (doInstall) and pkg/config/cos.go (disableLonghornMultipathing).
 */
function iscsiArguments({ iscsi, cluster, userConfig }: Underived): string | undefined {
  if (!iscsi || !cluster?.version || !isAtLeast(cluster.version, FIRST_RELEASE_BY_ISCSI)) return undefined;
  const isMultipath = userConfig?.os?.externalStorageConfig?.enabled === true;
  return [...(isMultipath ? [] : ['multipath=off']), ...ISCSI_ARGS].join(' ');
}

/** Whether the installer needs a setting to accept a virtual machine; before v1.3.0 it accepted any machine. */
function isVirtual({ facts, cluster }: Underived): boolean {
  return facts?.vm !== undefined && cluster?.version !== undefined && isAtLeast(cluster.version, 'v1.3.0');
}

function interfacesOf({ bond = [] }: Underived): readonly Interface[] {
  return bond.flatMap((nic) => (nic?.mac || (nic?.name && lacks(nic, 'mac')) ? interfaceOf(nic) : []));
}

/** An interface in the form of a configuration. */
export type Interface = { name?: string; hwAddr?: string };

/** Returns a NIC in the form of a configuration: by its MAC, or by its name if the MAC is unknown. */
export function interfaceOf(nic: Draft<Nic>): Interface {
  return remember(
    nic.mac === undefined ? { name: nic.name } : { hwAddr: nic.mac },
    new InterfaceOrigins(nic),
  );
}

/** The source location of an interface: its identifier comes from its NIC. */
class InterfaceOrigins extends Origins {
  readonly #nic: Draft<Nic>;

  constructor(nic: Draft<Nic>) {
    const { source, start, end } = selfLocation(nic);
    super(source, start, end);
    this.#nic = nic;
  }

  override find(name: string): ReturnType<Origins['find']> {
    const key = name === 'hwAddr' ? 'mac' : name;
    const isCalled = this.derivation(name) !== undefined;
    return locationsOf(this.#nic, key) ?? (isCalled ? { value: this.self, key: this.self } : undefined);
  }

  override derivation(name: string): string | undefined {
    if (name === (this.#nic.mac === undefined ? 'name' : 'hwAddr'))
      return name === 'name' ? "the NIC's name" : "the NIC's MAC address";
    return undefined;
  }
}

function some<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

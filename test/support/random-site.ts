import { harvesterMedia } from '../../src/knowledge/harvester.ts';
import { type Cidr, ipv4Text, parseCidr } from '../../src/values/addresses.ts';
import { isAtLeast, isAtMost, parseVersion, type Version } from '../../src/values/version.ts';
import { cloudInitOf } from './random-cloud-init.ts';
import { type JsonMap, lay, partOf } from './random-fields.ts';
import { domainOf, hostOf } from './random-host.ts';
import {
  type DisklessPlan,
  disklessOf,
  type IscsiPlan,
  imagesOf,
  iscsiServerOf,
  TENANTS,
  tenantNetworksOf,
  tenantsOf,
} from './random-iscsi.ts';
import { linuxOf } from './random-linux.ts';
import type { ClusterPlan, NetworkPlan, NodePlan, SitePlan } from './random-plan.ts';

/** A site without errors: its inventory, and the warnings that it must and may cause. */
export interface RandomSite {
  readonly inventory: JsonMap;
  readonly provokes: ReadonlySet<string>;
  readonly tolerates: ReadonlySet<string>;
  /** The rules that its inventory silences. */
  readonly silenced: ReadonlySet<string>;
}

/** Returns the site of a plan: incompatible choices are skipped. */
export function buildSite(plan: SitePlan): RandomSite {
  return new Builder(plan).build();
}

const SUBNETS = [
  ['192.168.178.0/24', '10.20.0.0/20'],
  ['10.20.31.0/27', '172.16.4.0/22'],
  ['10.9.0.0/25', '192.168.201.0/26'],
];
const NETWORK_NAMES = ['mgmt', 'storage', 'backup_2'];
const CLUSTER_NAMES = ['east', 'west'];
const DEVICE = '/dev/disk/by-path/pci-0000:00:17.0-ata-1';
const ZONE = 'topology.kubernetes.io/zone';
const LOGIN = { ssh_authorized_keys: ['github:your_username'] };

const NO_DISKS = {
  own: false,
  kernelNames: false,
  declared: false,
  data: false,
  kept: false,
  wiped: 0,
  persistent: false,
};

/** Pods that serve the tree, of some sites. */
const PODS: readonly (JsonMap | undefined)[] = [
  { media_claim: 'media' },
  { media_claim: 'media', image: 'registry.example.org/boot/plant:1', replicas: 1 },
  { media_claim: 'media', service: 'NodePort', namespace: 'boot' },
  {
    media_claim: 'media',
    ingress: { class: 'nginx', namespace: 'ingress-nginx', proxies: ['198.18.0.0/16'] },
  },
];

/** A virtual machine that boots its disk, without further settings. */
const SMALL_VM: JsonMap = { vcpus: 2, memory: '4Gi', disks: [{ size: '40Gi' }] };

interface Net {
  readonly name: string;
  readonly subnet: Cidr;
  readonly dhcp: boolean;
  /** Whether libvirt creates it: only virtual machines of the host are on it. */
  readonly isLibvirt: boolean;
  readonly gateway?: string;
  readonly inventory: JsonMap;
  /** Returns an unused IP address. */
  readonly free: () => string;
}

interface Known {
  readonly plan: ClusterPlan;
  readonly name: string;
  readonly release: Version;
  readonly arch: 'amd64' | 'arm64';
  readonly net: Net;
  readonly vip: JsonMap;
  readonly token: string;
}

class Builder {
  readonly #plan: SitePlan;
  readonly #provokes = new Set<string>();
  readonly #tolerates = new Set<string>();
  #macs = 0;

  constructor(plan: SitePlan) {
    this.#plan = plan;
  }

  build(): RandomSite {
    const plan = this.#plan;
    const nets = plan.networks.map((_, index) => this.#network(index));
    const server = this.#server(nets[0] as Net);
    const clusters = plan.clusters.map((_, index) => this.#cluster(index, nets));
    const noProxy = [
      ...nets.map(({ subnet }) => subnet.text),
      ...clusters.map(({ vip }) => vip.vip),
      ...['10.52.0.0/16', '10.53.0.0/16', '10.152.0.0/16', '10.153.0.0/16', '.svc', '.cluster.local'],
    ].join(',');
    const nodes: JsonMap = {};
    const profiles: JsonMap = {};
    for (const cluster of clusters) {
      profiles[`of-${cluster.name}`] = this.#profile(cluster, noProxy);
      const witness = cluster.plan.nodes.findIndex(({ role }, index) => index > 0 && role === 'witness');
      for (const [index, node] of cluster.plan.nodes.entries()) {
        const made = new NodeBuilder(node, cluster, nets, {
          isCreate: index === 0,
          role: this.#role(node, cluster, index, witness),
          isLong: this.#isLong,
          mediaUrl: mediaUrl(server),
          host: plan.host,
          isOnHost: nets.some(({ isLibvirt }) => isLibvirt),
          noProxy,
          number: Object.keys(nodes).length + 1,
          mac: () => this.#mac(),
        }).build();
        nodes[made.name] = made.inventory;
        for (const code of made.provokes) this.#provokes.add(code);
        for (const code of made.tolerates) this.#tolerates.add(code);
      }
    }
    for (let index = 0; index < plan.locals; index += 1) {
      const net = nets[index % nets.length] as Net;
      const nic = net.gateway ? net : (clusters[0]?.net as Net);
      nodes[`pc-${index}`] = {
        mac: this.#mac(),
        ip: nic.free(),
        boot: { os: 'local' },
        ...(nic.isLibvirt && { vm: SMALL_VM }),
      };
    }
    const groups = Object.fromEntries(
      plan.groups.map((group, index) => [`group_${index}`, { cloud_init: cloudInitOf(group, true) }]),
    );
    for (const [index, linux] of plan.linuxes.entries()) {
      const net = nets[index % nets.length] as Net;
      const nic = net.gateway ? net : (clusters[0]?.net as Net);
      const other = nets.find((one) => one !== nic && one.isLibvirt === nic.isLibvirt);
      const first = { mac: this.#mac(), ip: nic.free() };
      const second = other &&
        linux.second && { name: 'hsn0', mac: this.#mac(), network: other.name, ip: other.free() };
      nodes[`cg-${index}`] = {
        ...(second ? { nics: [{ ...first, network: nic.name }, second] } : first),
        boot: linuxOf(linux, nic.dhcp),
        groups: Object.keys(groups),
        cloud_init: cloudInitOf(linux.cloudInit, false),
        ...(nic.isLibvirt && { vm: SMALL_VM }),
      };
    }
    for (const [index, one] of (plan.iscsi?.nodes ?? []).entries())
      nodes[`d-${index}`] = this.#diskless(one, index, plan.iscsi as IscsiPlan, nets, clusters);
    const inventory: JsonMap = {
      site: 'plant',
      harvester: this.#harvester(clusters),
      server,
      ...(plan.host && { host: this.#host(clusters, nets) }),
      networks: {
        ...Object.fromEntries(nets.map(({ name, inventory }) => [name, inventory])),
        ...(plan.iscsi && tenantNetworksOf(plan.iscsi)),
      },
      ...(plan.iscsi?.tenants && { tenants: tenantsOf(plan.iscsi) }),
      ...(plan.iscsi && { images: imagesOf(plan.iscsi) }),
      ...this.#clusters(clusters),
      ...(plan.airGapped && { air_gapped: true }),
      ...(plan.groups.length > 0 && { groups }),
      defaults: { config: this.#defaults(clusters, noProxy) },
      profiles,
      nodes,
    };
    if (plan.airGapped) this.#tolerates.add('air-gapped');
    const silenced = new Set(plan.silent ? [...this.#tolerates, ...this.#provokes] : []);
    if (silenced.size > 0) {
      inventory.silence = Object.fromEntries([...silenced].map((code) => [code, `${code} is known here`]));
      this.#tolerates.add('idle-silence');
    }
    const provokes = new Set([...this.#provokes].filter((code) => !silenced.has(code)));
    return { inventory, provokes, tolerates: this.#tolerates, silenced };
  }

  #diskless(
    one: DisklessPlan,
    index: number,
    plan: IscsiPlan,
    nets: readonly Net[],
    clusters: readonly Known[],
  ): JsonMap {
    const { tenants, vlans } = plan;
    const net = nets[index % nets.length] as Net;
    const nic = net.gateway ? net : (clusters[0]?.net as Net);
    const place = index % TENANTS.length;
    const who: JsonMap = tenants
      ? { ip: `10.7${place}.0.1${index}`, tenant: TENANTS[place] as string }
      : {
          ip: nic.free(),
          ...(nic.isLibvirt && { vm: one.ownDisk ? SMALL_VM : { vcpus: 2, memory: '4Gi' } }),
        };
    const pxelinux = one.pxelinux && !this.#siteArm64 && (tenants || !nic.isLibvirt);
    if (one.chap === 'none' && !one.other) this.#provokes.add('chap-none');
    if (tenants && !vlans) this.#provokes.add('tenant-untagged');
    if (pxelinux && !tenants && !nic.dhcp) this.#provokes.add('pxelinux-without-dhcp');
    return {
      // An external DHCP server may lease the IP address by any identifier.
      ...(one.noMac && tenants && !pxelinux ? {} : { mac: this.#mac() }),
      ...who,
      ...(pxelinux && { firmware: 'bios' }),
      boot: { ...disklessOf(one, index, plan), ...(pxelinux && { loader: 'pxelinux' }) },
    };
  }

  #host(clusters: readonly Known[], nets: readonly Net[]): JsonMap {
    const plan = this.#plan.host as NonNullable<SitePlan['host']>;
    const made = clusters.map(({ name }) => name);
    const hasDomain =
      nets.some(({ isLibvirt }) => isLibvirt) ||
      this.#plan.clusters.some(({ nodes }) => nodes.some(({ domain }) => !domain.bare));
    if (!hasDomain) this.#provokes.add('host-without-domains');
    return hostOf(plan, made);
  }

  get #isLong(): boolean {
    return this.#plan.longForm || this.#plan.clusters.length > 1;
  }

  #mac(): string {
    this.#macs += 1;
    return `52:54:00:aa:${hex(this.#macs >> 8)}:${hex(this.#macs & 255)}`;
  }

  #releaseOf(cluster: ClusterPlan): Version {
    return parseVersion(cluster.ownRelease ? cluster.release : this.#plan.release) as Version;
  }

  #network(index: number): Net {
    const plan = this.#plan.networks[index] as NetworkPlan;
    const count = this.#plan.networks.length;
    const members = this.#plan.clusters.filter(({ network }) => network % count === index);
    const boots = members.length > 0;
    const releases = members.map((cluster) => this.#releaseOf(cluster));
    // From v1.3.1 to v1.4.1, the installer takes its default route only from DHCP.
    const needsDhcp = releases.some((release) => isAtLeast(release, 'v1.3.1') && isAtMost(release, 'v1.4.1'));
    const subnet = parseCidr(SUBNETS[index]?.[plan.subnet] as string) as Cidr;
    const size = subnet.last - subnet.first + 1;
    let last = subnet.first + 1;
    const free = () => {
      last += 1;
      return ipv4Text(last);
    };
    const dhcp = plan.dhcp === 'none' && needsDhcp ? 'dnsmasq' : plan.dhcp;
    const gateway = boots || plan.gateway ? ipv4Text(subnet.first + 1) : undefined;
    const needsDns =
      dhcp === 'none' ||
      this.#plan.server.url === 2 ||
      this.#plan.server.media === 3 ||
      members.some(({ nodes }) => nodes.some(({ fixed }) => fixed));
    const dns = [
      needsDns ? ['10.0.8.53'] : undefined,
      [gateway ?? '10.0.8.53'],
      ['9.9.9.9', '149.112.112.112'],
      ['10.0.8.53'],
    ][plan.dns];
    const ntp = [undefined, ['0.suse.pool.ntp.org', '1.suse.pool.ntp.org'], ['10.0.8.123']][plan.ntp];
    if (!ntp) this.#tolerates.add('ntp-missing');
    this.#tolerates.add('boot-server-without-dns');
    this.#tolerates.add('nic-address-unused');
    this.#tolerates.add('cluster-network-missing');
    if (plan.vlan) {
      this.#tolerates.add('vlan-untagged');
      this.#tolerates.add('dhcp-vlan-too-old');
    }
    const pool = `${ipv4Text(subnet.last - size / 4)}-${ipv4Text(subnet.last - 1)}`;
    const { host } = this.#plan;
    const isLibvirt = host !== undefined && (dhcp === 'dnsmasq' || (dhcp === 'none' && plan.interface));
    // An isolated network leads to no other server.
    const isIsolated =
      host?.forward === 'isolated' &&
      this.#plan.server.media !== 2 &&
      this.#plan.linuxes.length === 0 &&
      !this.#plan.iscsi &&
      !this.#plan.clusters.some(({ isoUrl, nodes }) => isoUrl || nodes.some(({ netInstall }) => netInstall));
    const given = host?.forward === 'isolated' ? 'nat' : host?.forward;
    const forward = isIsolated || !gateway ? 'isolated' : given;
    if (isLibvirt && forward === 'isolated') this.#tolerates.add('isolated-away');
    const own = isLibvirt ? 'libvirt' : this.#ownServer();
    const server = dhcp === 'external' ? 'external' : own;
    if (plan.hostsFiles) this.#tolerates.add('hosts-files-without-dnsmasq');
    const inventory = without({
      subnet: subnet.text,
      gateway,
      dns,
      ntp,
      domain: plan.domain ? 'plant.example.org' : undefined,
      vlan: plan.vlan && !isLibvirt ? 100 + index : undefined,
      mtu: plan.mtu ? 9000 : undefined,
      // On a host, it is a bridge, which virtual machines need if libvirt creates none.
      interface: plan.interface || (host && !isLibvirt) ? `eno${index}` : undefined,
      libvirt:
        isLibvirt && (dhcp === 'none' || forward !== 'none')
          ? without({
              forward: forward === 'none' ? undefined : forward,
              address: this.#hostAddress(dhcp, gateway, free),
            })
          : undefined,
      dhcp:
        dhcp === 'none'
          ? undefined
          : without({
              server: server === 'dnsmasq' && !plan.interface ? undefined : server,
              pool: plan.pool ? pool : undefined,
              lease: plan.lease ? '7d' : undefined,
              hosts_files: plan.hostsFiles || undefined,
            }),
    });
    return {
      name: NETWORK_NAMES[index] as string,
      subnet,
      dhcp: dhcp !== 'none',
      isLibvirt,
      ...(gateway && { gateway }),
      inventory,
      free,
    };
  }

  /** Returns one server for all networks: dnsmasq if the boot server has no known IP address; coredhcp only for one network. */
  #ownServer(): SitePlan['dhcpServer'] {
    const { dhcpServer, networks, server, host } = this.#plan;
    const isByAddress = server.url !== 2 && this.#pods === undefined;
    if (host || !isByAddress) return 'dnsmasq';
    if (dhcpServer === 'coredhcp') this.#tolerates.add('coredhcp-no-boot-file');
    if (dhcpServer === 'kea') this.#tolerates.add('kea-shared-address');
    return dhcpServer === 'coredhcp' && networks.length > 1 ? 'isc' : dhcpServer;
  }

  /** Pods that serve the tree: not that of a host, which serves it itself; an ingress has only port 80. */
  get #pods(): JsonMap | undefined {
    const { host, server } = this.#plan;
    return host || (server.pods === 3 && server.url === 1) ? undefined : PODS[server.pods];
  }

  /** A host serves DHCP and routes from its own IP address; without a gateway, this address is set. */
  #hostAddress(
    dhcp: NetworkPlan['dhcp'],
    gateway: string | undefined,
    free: () => string,
  ): string | undefined {
    return gateway === undefined && dhcp !== 'none' ? free() : undefined;
  }

  #server(net: Net): JsonMap {
    const { url, media, paths, allow, pods } = this.#plan.server;
    if (media === 3) this.#tolerates.add('https-needs-public-ca');
    // The host is the boot server, and the gateway of its own machines.
    const own = (this.#plan.host && net.gateway) ?? net.free();
    if (this.#plan.host) this.#tolerates.add('server-url-not-host');
    if (pods === 2) this.#tolerates.add('kubernetes-node-port');
    return without({
      url: [`http://${own}`, `http://${own}:8080/`, 'http://boot.example.org', 'http://10.0.0.7'][url],
      media: [
        undefined,
        '/srv/media/',
        'http://10.0.0.8:81/harvester',
        'https://releases.rancher.com/harvester',
      ][media],
      ...(paths && { root: '/srv/boot/plant', tftp: '/srv/boot-tftp', secrets: '/etc/nginx/plant.conf' }),
      // Outside of all networks: an entry that covers nodes causes a warning.
      allow: allow ? ['192.0.2.15', '198.51.100.0/24'] : undefined,
      kubernetes: this.#pods,
      iscsi: this.#plan.iscsi && iscsiServerOf(this.#plan.iscsi, url !== 2 && this.#pods === undefined),
    });
  }

  #cluster(index: number, nets: readonly Net[]): Known {
    const plan = this.#plan.clusters[index] as ClusterPlan;
    const name = this.#isLong ? (CLUSTER_NAMES[index] as string) : 'plant';
    const net = nets[plan.network % nets.length] as Net;
    const release = this.#releaseOf(plan);
    const arch =
      isAtLeast(release, 'v1.3.0') && (this.#siteArm64 || (plan.arm64 && !this.#hasOneArch))
        ? 'arm64'
        : 'amd64';
    const byDhcp = plan.vipByDhcp && net.dhcp;
    if (byDhcp) this.#provokes.add('vip-mode-dhcp');
    if (release.text === 'v1.10.0') this.#provokes.add('release-unknown');
    if (plan.token === 2) this.#provokes.add('clear-text-secret');
    this.#tolerateShape(plan, release);
    return {
      plan,
      name,
      release,
      arch,
      net,
      token: plan.token === 2 ? `gkB2vT-7wQz_4xR9mN1c ${name}!` : `\${secret:${name}_token}`,
      vip: {
        vip: net.free(),
        ...(byDhcp && { vip_mode: 'dhcp', vip_hw_addr: `02:00:00:00:00:0${index}` }),
      },
    };
  }

  get #siteArm64(): boolean {
    const releases = this.#hasOneArch ? this.#plan.clusters.map((one) => this.#releaseOf(one)) : [];
    return [parseVersion(this.#plan.release) as Version, ...releases].every(
      (release) => this.#plan.arm64 && isAtLeast(release, 'v1.3.0'),
    );
  }

  /** Whether all machines have the same architecture, because they run on one host by KVM. */
  get #hasOneArch(): boolean {
    return this.#plan.host !== undefined && !this.#plan.host.qemu;
  }

  /** Allows warnings that depend on the number of nodes of each role, as each rule's own test shows. */
  #tolerateShape({ nodes }: ClusterPlan, release: Version): void {
    const codes = isAtLeast(release, 'v1.3.0')
      ? ['no-failover', 'even-etcd-members', 'witness-without-partners', 'cordoned-early']
      : [];
    if (nodes.length === 2) codes.push('two-node-cluster');
    if (nodes.some(({ zone }) => zone)) codes.push('zone-labels');
    for (const code of codes) this.#tolerates.add(code);
  }

  #role({ role }: NodePlan, { release }: Known, index: number, witness: number): string | undefined {
    if (role === 'none' || !isAtLeast(release, 'v1.3.0')) return undefined;
    if (role === 'worker' && index === 0) return undefined;
    return role === 'witness' && index !== witness ? undefined : role;
  }

  #profile({ plan, name, release, arch }: Known, noProxy: string): JsonMap {
    const { config, tolerates } = partOf(plan.fields, { releases: [release.text], noProxy });
    for (const code of tolerates) this.#tolerates.add(code);
    const install: JsonMap = {};
    if (plan.cidrs && isAtLeast(release, 'v1.5.0')) {
      install.cluster_pod_cidr = '10.152.0.0/16';
      install.cluster_service_cidr = '10.153.0.0/16';
      install.cluster_dns = '10.153.0.10';
    }
    if (plan.isoUrl)
      install.iso_url = `http://10.0.0.9/${release.text}/${harvesterMedia(release.text, arch).iso}`;
    if (Object.keys(install).length > 0) lay(config, { install });
    return {
      ...(plan.byProfile && this.#isLong && { cluster: name }),
      ...(Object.keys(config).length > 0 && { config }),
    };
  }

  #defaults(clusters: readonly Known[], noProxy: string): JsonMap {
    const releases = clusters.map(({ release }) => release.text);
    const { config, tolerates } = partOf(this.#plan.fields, { releases, noProxy });
    for (const code of tolerates) this.#tolerates.add(code);
    const login = this.#plan.password ? { password: '${secret:node_password}' } : LOGIN;
    if (this.#plan.airGapped) this.#tolerates.add('air-gapped');
    // Settings for all nodes do not apply to the disks of domains.
    return lay({ os: { ...login }, install: this.#plan.host ? {} : { device: DEVICE } }, config);
  }

  #harvester(clusters: readonly Known[]): JsonMap {
    const [first] = clusters;
    const pins = this.#plan.pins && first ? harvesterMedia(first.release.text, first.arch) : undefined;
    return without({
      version: this.#plan.release,
      arch: this.#siteArm64 ? 'arm64' : undefined,
      sha512: pins && { [pins.iso]: 'ab'.repeat(64), [pins.kernel]: '01'.repeat(64) },
    });
  }

  #clusters(clusters: readonly Known[]): JsonMap {
    const made = clusters.map(({ plan, name, release, arch, vip, token }) => {
      const site = this.#siteArm64 ? 'arm64' : 'amd64';
      const harvester = without({
        version: plan.ownRelease ? release.text : undefined,
        arch: arch === site ? undefined : arch,
      });
      return [name, { ...vip, token, ...(Object.keys(harvester).length > 0 && { harvester }) }] as const;
    });
    return this.#isLong ? { clusters: Object.fromEntries(made) } : { cluster: made[0]?.[1] ?? {} };
  }
}

interface NodeContext {
  readonly host: SitePlan['host'];
  /** Whether there are networks that exist only on the host: a real machine can be on none of them. */
  readonly isOnHost: boolean;
  readonly isCreate: boolean;
  readonly role: string | undefined;
  readonly isLong: boolean;
  readonly mediaUrl: string;
  readonly noProxy: string;
  readonly number: number;
  readonly mac: () => string;
}

/** Builds a Harvester node. */
class NodeBuilder {
  readonly provokes = new Set<string>();
  readonly tolerates = new Set<string>();
  readonly #plan: NodePlan;
  readonly #cluster: Known;
  readonly #nets: readonly Net[];
  readonly #context: NodeContext;
  readonly #ip: string;

  constructor(plan: NodePlan, cluster: Known, nets: readonly Net[], context: NodeContext) {
    this.#plan = plan;
    this.#cluster = cluster;
    this.#nets = nets;
    this.#context = context;
    this.#ip = cluster.net.free();
  }

  build() {
    const { isCreate, role, number, noProxy, isLong } = this.#context;
    const { name: cluster, release, plan: clusterPlan } = this.#cluster;
    const plan = this.#plan;
    const name = `harv-${number}${plan.dotted && this.#since('v1.6.0') ? '.plant.example.org' : ''}`;
    const mode = isCreate ? 'create' : 'join';
    const part = partOf(plan.fields, { releases: [release.text], mode, noProxy });
    for (const code of part.tolerates) this.tolerates.add(code);
    const { nics, inventory: where } = this.#nics();
    const { install, facts } = this.#machine();
    const config = lay(part.config, { install });
    lay(config, this.#network(nics));
    if (plan.repeats) lay(config, this.#repeated(name));
    this.#reinstall();
    const silence = plan.silent ? [...this.provokes] : [];
    for (const code of silence) {
      this.provokes.delete(code);
      this.tolerates.add(code);
    }
    const inventory = without({
      ...where,
      ...this.#firmware(),
      mode: isCreate ? 'create' : plan.repeats ? 'join' : undefined,
      role,
      cluster: isLong && !clusterPlan.byProfile ? cluster : undefined,
      profiles: [`of-${cluster}`],
      install: plan.install === 'none' ? undefined : plan.install,
      ...facts,
      config:
        Object.keys(config.install as JsonMap).length > 0
          ? config
          : without({ ...config, install: undefined }),
      silence: silence.length > 0 ? Object.fromEntries(silence.map((code) => [code, 'intended'])) : undefined,
    });
    return { name, inventory, provokes: this.provokes, tolerates: this.tolerates };
  }

  #since(release: string): boolean {
    return isAtLeast(this.#cluster.release, release);
  }

  #reinstall(): void {
    if (this.#plan.install === 'always') this.provokes.add('install-always');
  }

  #styled(mac: string): string {
    if (this.#plan.macs === 'plain') return mac;
    return this.#plan.macs === 'upper' ? mac.toUpperCase() : mac.replaceAll(':', '-');
  }

  #nics(): { nics: JsonMap[]; inventory: JsonMap } {
    const { bond, others, names } = this.#plan;
    const { net } = this.#cluster;
    const mac = () => this.#styled(this.#context.mac());
    const isUnknown = this.#isWithoutMac;
    const own = () => (isUnknown ? undefined : mac());
    if (bond === 0 && others === 0 && net.dhcp) {
      const nic = without({ mac: own(), ip: this.#ip });
      return { nics: [nic], inventory: nic };
    }
    // With several NICs, names are required to identify them.
    const isNamed = names || !net.dhcp || (isUnknown && bond > 1);
    const nics: JsonMap[] = [];
    for (let index = 0; index < Math.max(1, bond); index += 1) {
      nics.push(
        without({
          name: isNamed ? `eno${index + 1}` : undefined,
          mac: own(),
          network: index > 0 || names ? net.name : undefined,
          ip: index === 0 ? this.#ip : undefined,
        }),
      );
    }
    const away = this.#nets.filter((one) => one !== net);
    const more = away.length === 0 ? [] : Array.from({ length: others }, (_, index) => index);
    const elsewhere = more.map((index) => {
      const other = away[index % away.length] as Net;
      return without({
        name: isNamed ? `enp${index}s0f0np0` : undefined,
        mac: mac(),
        network: other.name,
        ip: index === 0 ? other.free() : undefined,
      });
    });
    if (elsewhere.length === 0 || !names) return { nics, inventory: { nics: [...nics, ...elsewhere] } };
    const [first, ...rest] = nics;
    const all = [...elsewhere, ...rest, { ...first, boot: true }] as JsonMap[];
    return { nics, inventory: { nics: all } };
  }

  /** Whether it has an identifier other than its MAC address, which is not in the inventory. */
  get #isWithoutMac(): boolean {
    const { noMac, uuid, serial } = this.#plan;
    const { net } = this.#cluster;
    const server = (net.inventory.dhcp as JsonMap | undefined)?.server;
    const isFree = net.dhcp ? server === 'external' : uuid || serial;
    return noMac && Boolean(isFree) && this.#context.host === undefined;
  }

  /** Returns the identifiers in its firmware, and the disk that it boots. */
  #firmware(): JsonMap {
    const { uuid, serial, drive } = this.#plan;
    const { number } = this.#context;
    const text = `4C4C4544-0042-3510-8057-0000000000${hex(number)}`;
    return without({
      uuid: uuid ? (number % 2 === 0 ? text : text.toLowerCase()) : undefined,
      // Including those that YAML reads as something else.
      serial: serial ? [`B5W7M${number}`, `1e${number}`, `00${number}7`][number % 3] : undefined,
      boot: drive === undefined ? undefined : { drive },
    });
  }

  #network(nics: readonly JsonMap[]): JsonMap {
    const { fixed } = this.#plan;
    const interfaces = this.#plan.interfaces && nics.every(({ name, mac }) => name ?? mac);
    const management = without({
      method: fixed ? 'static' : undefined,
      interfaces: interfaces
        ? nics.map(({ name, mac }) => (name === undefined ? { hwAddr: mac } : { name }) as JsonMap)
        : undefined,
    });
    return Object.keys(management).length > 0 ? { install: { management_interface: management } } : {};
  }

  /** Returns disks, hardware and firmware, and the parts of the configuration that are derived from them. */
  #machine(): { install: JsonMap; facts: JsonMap } {
    const { hardware, bmc, zone, labels, netInstall, cordoned, domain } = this.#plan;
    const { host, isOnHost } = this.#context;
    const isDomain = host !== undefined && (!domain.bare || isOnHost);
    const vm = this.#plan.vm && host === undefined;
    // A domain's disks are those of its virtual machine.
    const disks = isDomain ? NO_DISKS : this.#plan.disks;
    const { isCreate, role, number } = this.#context;
    const { release, arch } = this.#cluster;
    const isWitness = role === 'witness';
    const hasData = disks.data && !isWitness;
    const wipes = isDomain ? [] : this.#wipes();
    if (vm) this.provokes.add('vm-without-host');
    if (isDomain && domain.vnc === 'open') this.provokes.add('vnc-open');
    if (isDomain && this.#plan.drive === 0x81) this.provokes.add('drive-of-domain');
    const isPlain = !hasData && !disks.kept && wipes.length === 0 && !vm;
    const device =
      disks.own && disks.kernelNames && isPlain ? '/dev/sda' : `/dev/disk/by-id/nvme-eui.00${number}`;
    const data = `/dev/disk/by-id/nvme-eui.10${number}`;
    const third = `/dev/disk/by-id/wwn-0x20${number}`;
    const bios = this.#plan.bios && arch === 'amd64' && !this.#since('v1.8.0');
    const mbr = bios && this.#plan.mbr;
    const isSmall = hardware === 3 || (bios && this.#since('v1.7.0'));
    const lists = wipes.includes('wipe_disks_list');
    if (bios && this.#since('v1.7.0')) this.provokes.add('last-release-with-bios');
    if (hasData || wipes.length > 0) this.provokes.add('disks-wiped');
    const usesNetIso = netInstall && !isCreate && arch === 'amd64' && this.#since('v1.3.0');
    const install = without({
      // On a site with a host, the defaults set no disk, so a node that is not a domain sets it.
      device: disks.own ? device : host && !isDomain ? DEVICE : undefined,
      data_disk: hasData ? data : undefined,
      wipe_disks: wipes.includes('wipe_disks') || undefined,
      wipe_all_disks: wipes.includes('wipe_all_disks') || undefined,
      wipe_disks_list: lists ? [third] : undefined,
      persistent_partition_size:
        disks.persistent && this.#since('v1.2.0') && !hasData && !mbr && !isWitness ? '150Gi' : undefined,
      force_mbr: mbr || undefined,
      skipchecks: isSmall && this.#since('v1.3.0') ? true : undefined,
      cordoned: cordoned && !isCreate && !isWitness && this.#since('v1.9.0') ? true : undefined,
      ...(usesNetIso && {
        with_net_images: true,
        iso_url: `http://10.0.0.9/${release.text}/harvester-${release.text}-amd64-net-install.iso`,
      }),
    });
    const machine: JsonMap[] = [
      { path: disks.own ? device : DEVICE, size: '480GB', ...(isPlain ? {} : { aliases: ['/dev/nvme0n1'] }) },
      ...(hasData ? [{ path: data, size: '1.92TB' }] : []),
      ...(lists || disks.kept
        ? [{ path: third, ...(disks.kept && wipes.length === 0 && { keep: true }) }]
        : []),
    ];
    const facts = without({
      firmware: bios ? 'bios' : hardware === 1 ? 'uefi' : undefined,
      disks: disks.declared ? machine : undefined,
      hardware: [
        undefined,
        { threads: 16, memory: '64Gi', link_speed: '10G' },
        { memory: '128GiB' },
        { threads: 8, memory: '32Gi', link_speed: '1G' },
      ][hardware],
      vm: isDomain
        ? domainOf(domain, host, this.#context.number)
        : vm
          ? {
              memory: '32Gi',
              vcpus: 8,
              disks: machine.map(() => ({ size: '300Gi', bus: 'virtio', format: 'qcow2' })),
            }
          : undefined,
      bmc: bmc
        ? {
            address: `10.0.9.${number}`,
            mac: `b4:2e:99:a6:61:${hex(number)}`,
            protocol: 'redfish',
            user: 'admin',
            password: '${secret:bmc}',
          }
        : undefined,
      labels:
        zone || labels
          ? { ...(zone && { [ZONE]: `rack-${number}` }), ...(labels && { 'example.org/gpu': 'a100' }) }
          : undefined,
    });
    return { install, facts };
  }

  /** Returns the keys of the release that wipe further disks. */
  #wipes(): string[] {
    const { wiped } = this.#plan.disks;
    if (this.#since('v1.5.0')) {
      return (
        [[], ['wipe_disks_list'], ['wipe_all_disks'], ['wipe_all_disks', 'wipe_disks_list'], [], []][wiped] ??
        []
      );
    }
    const hasKey = this.#since('v1.2.2') && isAtMost(this.#cluster.release, 'v1.4.3');
    return hasKey && wiped === 1 ? ['wipe_disks'] : [];
  }

  /** Returns derived values, to repeat them in the configuration. */
  #repeated(name: string): JsonMap {
    const { isCreate, role, mediaUrl } = this.#context;
    const { release, arch, vip, token, net } = this.#cluster;
    const isFixed = this.#plan.fixed || !net.dhcp;
    const { mtu, vlan } = net.inventory;
    return {
      scheme_version: 1,
      token,
      ...(!isCreate && {
        server_url: `https://${vip.vip}${this.#since('v1.1.2') && this.#plan.names ? '' : ':443'}`,
      }),
      os: { hostname: name },
      install: without({
        mode: isCreate ? 'create' : 'join',
        role,
        iso_url: this.#plan.netInstall
          ? undefined
          : `${mediaUrl}/${release.text}/${harvesterMedia(release.text, arch).iso}`,
        ...(isCreate && { vip_mode: 'static', ...vip }),
        management_interface: without({
          method: isFixed ? 'static' : 'dhcp',
          ...(isFixed && { ip: this.#ip, subnet_mask: net.subnet.mask, gateway: net.gateway }),
          mtu,
          vlan_id: vlan,
        }),
      }),
    };
  }
}

function mediaUrl({ url, media }: JsonMap): string {
  return typeof media === 'string' && !media.startsWith('/')
    ? media
    : `${String(url).replace(/\/$/, '')}/harvester`;
}

function hex(number: number): string {
  return number.toString(16).padStart(2, '0');
}

/** Returns a map without the keys that have no value. */
function without(map: Readonly<Record<string, JsonMap[string] | undefined>>): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined)) as JsonMap;
}

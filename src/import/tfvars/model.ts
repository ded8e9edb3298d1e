import { createHash } from 'node:crypto';
import { type Cidr, type Ipv4, ipv4Text, parseCidr } from '../../values/addresses.ts';
import type { Mac } from '../../values/identifiers.ts';
import { type Content, type ContentMap, flow, headed, noted, type SiteModel } from '../write-site.ts';
import { allowOf, type Range, type Settings } from './settings.ts';
import type { CloudSize, Provider } from './variables.ts';

/** What a site is made of. */
export interface SitePlan {
  readonly name: string;
  /** What the host names begin with. */
  readonly stem: string;
  readonly settings: Settings;
  /** The prefix of the provider's own resources, as it stands in the names of disks. */
  readonly prefix: string;
  readonly provider: Provider | undefined;
  readonly subnet: Cidr;
}

/** A part of the provider's disk is for the file system of the host, as harvester-cloud has it. */
const PART_FOR_IMAGE = 9 / 10;

/** Addresses on the nodes' network, by their last number. */
const HOST = 1;
const VIP = 40;
const POOL = [200, 250] as const;

/** The secret that Rancher's address for this cluster is. */
export const REGISTRATION = 'rancher_registration_url';

/** Returns the inventory of a site, with a word on each part. */
export function modelOf(plan: SitePlan): SiteModel {
  const { name, settings, subnet } = plan;
  const { airGapped, rancher } = settings;
  const host = addressIn(subnet, HOST);
  const preset = presetOf(settings);
  const [first, last] = POOL;
  return {
    site: name,
    harvester: { version: settings.version.text },
    air_gapped: airGapped
      ? noted(true, 'the host is the only time server, and forwards nothing of the nodes')
      : undefined,
    server: { url: noted(`http://${host}`, 'the host, as the nodes see it') },
    host: headed(
      'The cloud VM or server that holds all nodes: libvirt host and boot server.\n' +
        'Add `address: …`, by which you reach it, once it is known: the commands of the README take it.',
      hostOf(plan),
    ),
    networks: {
      mgmt: headed('libvirt makes it on the host.', {
        subnet: subnet.text,
        gateway: host,
        dns: flow([host]),
        // Without a way out it is the host, which harvgen knows.
        ntp: airGapped ? undefined : flow(['0.suse.pool.ntp.org', '1.suse.pool.ntp.org']),
        dhcp: {
          server: 'libvirt',
          pool: noted(
            `${addressIn(subnet, first)}-${addressIn(subnet, last)}`,
            'for strangers: clear of the VIP and of the nodes',
          ),
          lease: '7d',
        },
      }),
    },
    cluster: { vip: addressIn(subnet, VIP), token: '${secret:cluster_token}' },
    defaults: {
      vm: { preset: noted(preset, preset === 'small' ? '8 CPUs, 32Gi' : '16 CPUs, 64Gi') },
      config: {
        os: { password: '${secret:node_password}' },
        system_settings: rancher && {
          'cluster-registration-url': noted(`\${secret:${REGISTRATION}}`, 'reaches the create node alone'),
        },
      },
    },
    nodes: nodesOf(plan),
  };
}

/** The size of the VM that harvester-cloud creates for a cluster. */
export function cloudSizeOf(settings: Settings, provider: Provider): CloudSize {
  const { nodes, size } = settings;
  if (nodes.value === 5 && provider.five) return provider.five;
  const least = nodes.value === 1 ? 0 : 1;
  return provider.sizes[nodes.value === 5 || size.value === 'medium' ? ((least + 1) as 1 | 2) : least];
}

/** The size of the nodes: five are small, whatever is said. */
export function presetOf({ nodes, size }: Settings): 'small' | 'medium' {
  return nodes.value === 5 ? 'small' : size.value;
}

function hostOf({ settings, provider, prefix }: SitePlan): ContentMap {
  const { nodes, disksPerNode, diskSize } = settings;
  const size = provider && cloudSizeOf(settings, provider);
  const device = provider?.device;
  const disks = Array.from({ length: nodes.value * disksPerNode }, (_, index) => [
    diskName(index),
    flow({ device: device?.(index, prefix), size: `${diskSize}Gi` }),
  ]);
  // How to say of disks whose names are not known what they are, as a comment that can be made true.
  const unknown = `Data disks of the host, one for each image below, where they have names; images say \`on: data1\` then.
disks:
  data1: { device: ${provider?.deviceForm ?? '/dev/disk/by-id/scsi-0DISK_1'}, size: ${diskSize}Gi }

`;
  return {
    threads: size && noted(size.threads, `of ${size.name}, which harvester-cloud takes for this`),
    memory: size && `${size.gib}Gi`,
    disks:
      device &&
      headed(
        "The VM's data disks: host-setup.sh formats and mounts those that are blank.",
        Object.fromEntries(disks) as ContentMap,
      ),
    expose: headed(
      `${device ? '' : unknown}Ports of the host that lead to the VIP.`,
      exposedOf(settings.sources.value),
    ),
  };
}

function diskName(index: number): string {
  return `data${index + 1}`;
}

function exposedOf(sources: readonly Range[]): Content {
  const allow = sources.flatMap(allowOf);
  const isOpen = sources.some(({ prefix }) => prefix === 0);
  const restricted: Content = isOpen
    ? flow({ port: 6443 }, 'Kubernetes')
    : allow.length > 0
      ? flow({ port: 6443, allow: [...new Set(allow)] }, 'Kubernetes, as harvester-cloud restricts it')
      : flow(
          { port: 6443, address: '127.0.0.1' },
          'Kubernetes, for the host itself: say who else, with allow',
        );
  return [flow({ port: 443 }, 'the dashboard'), restricted];
}

function nodesOf(plan: SitePlan): ContentMap {
  const { name, stem, settings, subnet } = plan;
  const count = settings.nodes.value;
  const nodes = macsOf(name, count).map((mac, index): [string, Content] => [
    `${stem}-${index + 1}`,
    {
      mac,
      ip: addressIn(subnet, VIP + 1 + index),
      mode: index === 0 ? 'create' : undefined,
      role: settings.witness && index === count - 1 ? 'witness' : undefined,
      vm: { disks: imagesOf(plan, index) },
    },
  ]);
  return Object.fromEntries(nodes);
}

/** The first disk of a node is its own of the host's; the others come behind those of all nodes, node by node. */
function imagesOf({ settings, provider }: SitePlan, node: number): Content {
  const { disksPerNode: perNode, diskSize } = settings;
  const size = `${Math.floor(diskSize * PART_FOR_IMAGE)}Gi`;
  return Array.from({ length: perNode }, (_, index): Content => {
    const disk = index === 0 ? node : settings.nodes.value + node * (perNode - 1) + index - 1;
    const on = provider?.device ? { on: diskName(disk) } : {};
    return flow(index === 0 ? { size, ...on } : { size, bus: 'scsi', format: 'raw', ...on });
  });
}

/** Where the nodes' own network is looked for: 192.168.150.0/24 unless that is taken. libvirt's default is 192.168.122.0/24. */
const BASES = ['192.168', '172.29', '10.129'];
const FIRST = 150;
const LAST = 199;

/** Gives a subnet for the nodes that meets none of the ranges which the host must reach beyond it. */
export function freeSubnet(taken: readonly Range[]): Cidr {
  for (const base of BASES) {
    for (let third = FIRST; third <= LAST; third += 1) {
      const subnet = parseCidr(`${base}.${third}.0/24`);
      if (subnet && !taken.some(({ first, last }) => first <= subnet.last && subnet.first <= last))
        return subnet;
    }
  }
  return parseCidr(`${BASES[0]}.${FIRST}.0/24`) as Cidr;
}

function addressIn({ first }: Cidr, number: number): Ipv4 {
  return ipv4Text(first + number);
}

/** Gives MAC addresses for the nodes of a site, which follow from its name. 52:54:00 is QEMU's own part. */
export function macsOf(site: string, count: number): Mac[] {
  const macs = new Set<Mac>();
  for (let index = 1; macs.size < count; index += 1) {
    const digest = createHash('sha256').update(`${site}/${index}`).digest('hex');
    macs.add(`52:54:00:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`);
  }
  return [...macs];
}

import { createHash } from 'node:crypto';
import type { ProviderName } from '../../knowledge/cloud-providers.ts';
import { type Cidr, type Ipv4, ipv4Text, PREFIXES, parseCidr } from '../../values/addresses.ts';
import type { Mac } from '../../values/identifiers.ts';
import { type Content, type ContentMap, flow, headed, noted, type SiteModel } from '../joined/write-site.ts';
import { allowOf, parseRange, type Range, type Settings, withPrefix } from './settings.ts';
import { harvesterCloud } from './variables.ts';

/** The input for the inventory of a site. */
export interface CloudSite {
  readonly name: string;
  /** The beginning of each host name. */
  readonly stem: string;
  readonly settings: Settings;
  readonly provider: ProviderName | undefined;
  readonly subnet: Cidr;
}

/** The share of a provider's disk for an image; the rest is for the host's file system, as in harvester-cloud. */
const PART_FOR_IMAGE = 9 / 10;

/** The last numbers of IP addresses on the nodes' network. */
const HOST = 1;
const VIP = 40;
const POOL = [200, 250] as const;

/** The secret with Rancher's registration URL for this cluster. */
export const REGISTRATION = 'rancher_registration_url';

/** Returns the inventory of a site, with a comment on each part. */
export function modelOf(plan: CloudSite): SiteModel {
  const { name, settings, subnet } = plan;
  const { preset } = settings;
  const isAirGapped = settings.flag('harvester_airgapped');
  const host = addressIn(subnet, HOST);
  const [first, last] = POOL;
  return {
    site: name,
    harvester: { version: settings.version.text },
    air_gapped: isAirGapped
      ? noted(true, 'the host is the only time server, and forwards no traffic of the nodes')
      : undefined,
    server: { url: noted(`http://${host}`, "the IP address of the host on the nodes' network") },
    host: headed(
      'The cloud VM or server that runs all nodes: libvirt host and boot server.' +
        (plan.provider
          ? ''
          : '\nAdd `address: …`, its public address, when it is known: the commands in the README use it.'),
      hostOf(plan),
    ),
    networks: {
      mgmt: headed('libvirt creates it on the host.', {
        subnet: subnet.text,
        gateway: host,
        dns: flow([host]),
        // By default, harvgen uses the host, which is right for an air-gapped site.
        ntp: isAirGapped ? undefined : flow(['0.suse.pool.ntp.org', '1.suse.pool.ntp.org']),
        dhcp: {
          server: 'libvirt',
          pool: noted(
            `${addressIn(subnet, first)}-${addressIn(subnet, last)}`,
            'for unknown machines: without the VIP and the nodes',
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
        system_settings: settings.text('rancher_api_url') && {
          'cluster-registration-url': noted(`\${secret:${REGISTRATION}}`, 'sent to the create node only'),
        },
      },
    },
    nodes: nodesOf(plan),
  };
}

function hostOf({ settings, provider }: CloudSite): ContentMap {
  const perNode = settings.value<number>('data_disk_count');
  const diskSize = settings.value<number>('data_disk_size');
  const type = settings.text('data_disk_type')?.value;
  // These settings are of the provider's default type.
  const isReserved = provider && (type === undefined || type.startsWith('hyperdisk'));
  const reserved = isReserved ? harvesterCloud().projects[provider].disk : {};
  const disks = Array.from({ length: settings.nodes * perNode }, (_, index) => [
    diskName(index),
    flow({ size: `${diskSize}Gi`, type, ...reserved }),
  ]);
  // Without a provider, the disk names are unknown, so the template is a comment for the user to complete.
  const unknown = `Data disks of the host, one for each image below, if they have stable names; then add \`on: data1\` to each image.
disks:
  data1: { device: /dev/disk/by-id/scsi-0DISK_1, size: ${diskSize}Gi }

`;
  return {
    cloud:
      provider &&
      headed(
        '`tofu apply` in cloud/ of the tree creates the VM. Add `ssh_keys: [the content of your .pub file]`.',
        cloudOf(settings, provider),
      ),
    disks:
      provider &&
      headed(
        `The VM's data disks, ${perNode} for each node: host-setup.sh formats and mounts the blank ones.`,
        Object.fromEntries(disks) as ContentMap,
      ),
    expose: headed(
      `${provider ? '' : unknown}Ports of the host that are forwarded to the VIP.`,
      exposedOf(settings.sources),
    ),
  };
}

function cloudOf(settings: Settings, provider: ProviderName): ContentMap {
  const osDiskSize = settings.value<number>('os_disk_size');
  const osDisk = {
    size: osDiskSize ? `${osDiskSize}Gi` : undefined,
    type: settings.text('os_disk_type')?.value,
  };
  const allow = allowOf(settings.sources);
  return {
    provider,
    region:
      settings.text('region')?.value ??
      noted(harvesterCloud().projects[provider].region, "harvester-cloud's default"),
    project: settings.text('project_id')?.value,
    spot: settings.flag('spot_instance') || undefined,
    os_disk: osDisk.size || osDisk.type ? flow(osDisk) : undefined,
    network: networkOf(settings),
    allow: isOpen(settings.sources) || allow.length === 0 ? undefined : flow(allow),
  };
}

/** Returns the network of the VM: an existing one, or the range of a new one; undefined for the default. */
function networkOf(settings: Settings): Content | undefined {
  const [network, vpc, subnet] = ['ip_cidr_range', 'vpc', 'subnet'].map((name) => settings.text(name)?.value);
  if (vpc && subnet) return flow({ vpc, subnet });
  const range = network && parseRange(withPrefix(network));
  if (!range || range.prefix < PREFIXES.shortest || range.prefix > PREFIXES.longest) return undefined;
  return flow({ cidr: `${ipv4Text(range.first)}/${range.prefix}` });
}

function diskName(index: number): string {
  return `data${index + 1}`;
}

/** Whether any address may connect. */
function isOpen(sources: readonly Range[]): boolean {
  return sources.some(({ prefix }) => prefix === 0);
}

function exposedOf(sources: readonly Range[]): Content {
  const list = isOpen(sources) ? [] : allowOf(sources);
  const allow = list.length > 0 ? list : undefined;
  const restricted: Content = allow
    ? flow({ port: 6443, allow }, 'Kubernetes, as harvester-cloud restricts it')
    : isOpen(sources)
      ? flow({ port: 6443 }, 'Kubernetes')
      : flow({ port: 6443, address: '127.0.0.1' }, 'Kubernetes, for the host only: add others to allow');
  return [flow({ port: 443, allow }, 'the dashboard'), restricted];
}

function nodesOf({ name, stem, settings, subnet, provider }: CloudSite): ContentMap {
  const count = settings.nodes;
  const nodes = macsOf(name, count).map((mac, index): [string, Content] => [
    `${stem}-${index + 1}`,
    {
      mac,
      ip: addressIn(subnet, VIP + 1 + index),
      mode: index === 0 ? 'create' : undefined,
      role: settings.flag('harvester_witness_node') && index === count - 1 ? 'witness' : undefined,
      vm: { disks: imagesOf(settings, provider, index) },
    },
  ]);
  return Object.fromEntries(nodes);
}

/** Each node's first disk uses the host disk with the node's number; its other disks use those after, node by node. */
function imagesOf(settings: Settings, provider: ProviderName | undefined, node: number): Content {
  const perNode = settings.value<number>('data_disk_count');
  const size = `${Math.floor(settings.value<number>('data_disk_size') * PART_FOR_IMAGE)}Gi`;
  return Array.from({ length: perNode }, (_, index): Content => {
    const disk = index === 0 ? node : settings.nodes + node * (perNode - 1) + index - 1;
    const on = provider && diskName(disk);
    return flow(index === 0 ? { size, on } : { name: `data${index}`, size, bus: 'scsi', format: 'raw', on });
  });
}

/** The nodes' network is 192.168.150.0/24, or the next free one. libvirt's default is 192.168.122.0/24. */
const BASES = ['192.168', '172.29', '10.129'];
const FIRST = 150;
const LAST = 199;

/** Returns a subnet for the nodes that overlaps none of the ranges that the host must reach. */
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

/** Returns MAC addresses for the nodes, derived from the site name. 52:54:00 is QEMU's prefix. */
export function macsOf(site: string, count: number): Mac[] {
  const macs = new Set<Mac>();
  for (let index = 1; macs.size < count; index += 1) {
    const digest = createHash('sha256').update(`${site}/${index}`).digest('hex');
    macs.add(`52:54:00:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`);
  }
  return [...macs];
}

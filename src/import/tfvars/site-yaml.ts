import type { Cidr } from '../../values/ipv4.ts';
import { type Content, type ContentMap, flow, headed, noted, yamlOf } from '../yaml-of.ts';
import { addressIn, allowOf, macsOf } from './addresses.ts';
import type { CloudSize, Provider } from './providers.ts';
import type { Settings } from './settings.ts';

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
  readonly head: string;
}

/** A part of the provider's disk is for the file system of the host, as harvester-cloud has it. */
const PART_FOR_IMAGE = 9 / 10;

/** Addresses on the nodes' network, by their last number. */
const HOST = 1;
const VIP = 40;
const POOL = [200, 250] as const;

/** The secret that Rancher's address for this cluster is. */
export const REGISTRATION = 'rancher_registration_url';

/** Writes the inventory of a site, with a word on each part. */
export function siteYaml(plan: SitePlan): string {
  const { name, settings, subnet } = plan;
  const host = addressIn(subnet, HOST);
  return yamlOf(
    {
      site: name,
      harvester: { version: settings.version.value.text },
      air_gapped: settings.airGapped.value
        ? noted(true, 'the host is the only time server, and forwards nothing of the nodes')
        : undefined,
      server: { url: noted(`http://${host}`, 'the host, as the nodes see it') },
      host: headed(
        [
          'The cloud VM or server that holds all nodes: libvirt host and boot server.',
          'Add `address: …`, by which you reach it, once it is known: the commands of the README take it.',
        ].join('\n'),
        hostOf(plan),
      ),
      networks: { mgmt: headed('libvirt makes it on the host.', networkOf(plan, host)) },
      cluster: { vip: addressIn(subnet, VIP), token: '${secret:cluster_token}' },
      defaults: defaultsOf(settings),
      nodes: nodesOf(plan),
    },
    plan.head,
  );
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

function hostOf(plan: SitePlan): ContentMap {
  const { settings, provider } = plan;
  const size = provider && cloudSizeOf(settings, provider);
  return {
    threads: size && noted(size.threads, `of ${size.name}, which harvester-cloud takes for this`),
    memory: size && `${size.gib}Gi`,
    disks: disksOf(plan),
    expose: headed(`${unknownDisks(plan)}Ports of the host that lead to the VIP.`, exposedOf(settings)),
  };
}

function disksOf({ settings, provider, prefix }: SitePlan): Content | undefined {
  const { device } = provider ?? {};
  if (!device) return undefined;
  const count = settings.nodes.value * settings.disksPerNode.value;
  const disks = Array.from({ length: count }, (_, index) => [
    diskName(index),
    flow({ device: device(index, prefix), size: `${settings.diskSize.value}Gi` }),
  ]);
  return headed(
    "The VM's data disks: host-setup.sh formats and mounts those that are blank.",
    Object.fromEntries(disks) as ContentMap,
  );
}

/** How to say of disks whose names are not known what they are, as a comment that can be made true. */
function unknownDisks({ settings, provider }: SitePlan): string {
  if (provider?.device) return '';
  const form = provider?.deviceForm ?? '/dev/disk/by-id/scsi-0DISK_1';
  return [
    'Data disks of the host, one for each image below, where they have names; images say `on: data1` then.',
    'disks:',
    `  data1: { device: ${form}, size: ${settings.diskSize.value}Gi }`,
    '',
    '',
  ].join('\n');
}

function diskName(index: number): string {
  return `data${index + 1}`;
}

function exposedOf({ sources }: Settings): Content {
  const allow = sources.value.flatMap(allowOf);
  const isOpen = sources.value.some(({ prefix }) => prefix === 0);
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

function networkOf({ settings, subnet }: SitePlan, host: string): ContentMap {
  const [first, last] = POOL;
  return {
    subnet: subnet.text,
    gateway: host,
    dns: flow([host]),
    // Without a way out it is the host, which harvgen knows.
    ntp: settings.airGapped.value ? undefined : flow(['0.suse.pool.ntp.org', '1.suse.pool.ntp.org']),
    dhcp: {
      server: 'libvirt',
      pool: noted(
        `${addressIn(subnet, first)}-${addressIn(subnet, last)}`,
        'for strangers: clear of the VIP and of the nodes',
      ),
      lease: '7d',
    },
  };
}

function defaultsOf(settings: Settings): ContentMap {
  const preset = presetOf(settings);
  return {
    vm: { preset: noted(preset, preset === 'small' ? '8 CPUs, 32Gi' : '16 CPUs, 64Gi') },
    config: {
      os: { password: '${secret:node_password}' },
      system_settings: settings.rancher && {
        'cluster-registration-url': noted(`\${secret:${REGISTRATION}}`, 'reaches the create node alone'),
      },
    },
  };
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
      role: settings.witness.value && index === count - 1 ? 'witness' : undefined,
      vm: { disks: imagesOf(plan, index) },
    },
  ]);
  return Object.fromEntries(nodes);
}

/** The first disk of a node is its own of the host's; the others come behind those of all nodes, node by node. */
function imagesOf({ settings, provider }: SitePlan, node: number): Content {
  const perNode = settings.disksPerNode.value;
  const size = `${Math.floor(settings.diskSize.value * PART_FOR_IMAGE)}Gi`;
  return Array.from({ length: perNode }, (_, index): Content => {
    const disk = index === 0 ? node : settings.nodes.value + node * (perNode - 1) + index - 1;
    const on = provider?.device ? { on: diskName(disk) } : {};
    return flow(index === 0 ? { size, ...on } : { size, bus: 'scsi', format: 'raw', ...on });
  });
}

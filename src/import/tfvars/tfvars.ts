import { createHash } from 'node:crypto';
import { PROVIDERS } from '../../knowledge/cloud-providers.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Source } from '../../source/source.ts';
import { type Cidr, type Ipv4, ipv4Text, PREFIXES, parseCidr } from '../../values/addresses.ts';
import type { Mac } from '../../values/identifiers.ts';
import { type Attribute, readHcl } from '../hcl/read-hcl.ts';
import {
  type Content,
  type ContentMap,
  flow,
  headed,
  noted,
  type SiteModel,
  writeSite,
} from '../joined/write-site.ts';
import type { ImportedSite, ImportFormat, ImportSettings } from '../model/import-format.ts';
import { hostStemOf, siteNameOf } from '../model/names.ts';
import { Notes } from '../model/notes.ts';
import { COMMANDS, Secrets } from '../model/secrets.ts';
import {
  concealVariables,
  harvesterCloud,
  noteLeft,
  parseRange,
  type Range,
  type Settings,
  settingsOf,
  variableCalled,
} from './variables.ts';

/** A terraform.tfvars, or terraform.tfvars.json, of rancher/harvester-cloud. */
export const tfvars: ImportFormat = {
  name: 'tfvars',
  what: 'a terraform.tfvars or *.tfvars.json of rancher/harvester-cloud, for any provider',
  takes: [],
  read(source, options, report) {
    const attributes = attributesOf(source, report);
    const settings = attributes && settingsOf(attributes, report);
    const site = settings && siteOf(source, attributes, settings, options, report);
    return site && [site];
  },
};

/** Variables that only the projects have that create a cluster. */
const OF_CLUSTERS = /^(?:prefix|region|harvester_version|harvester_node_count)$/;

/** Returns the variables of a file, or undefined if it reports an error. */
function attributesOf(source: Source, report: Report): readonly Attribute[] | undefined {
  const body = readHcl(source);
  concealVariables(source, body);
  if (body.error) {
    report.error(body.error);
    return undefined;
  }
  const { attributes } = body;
  const sets = (form: RegExp) => attributes.some(({ name }) => form.test(name));
  const [project] =
    Object.entries(harvesterCloud().otherProjects).find(([, form]) => sets(new RegExp(form))) ?? [];
  const other = sets(OF_CLUSTERS) ? undefined : project;
  if (!other && attributes.some(({ name }) => variableCalled(name))) return attributes;
  report.error({
    code: 'not-harvester-cloud',
    message: other
      ? `The file is of harvester-cloud's project ${other}, which changes a running cluster: it contains no site to import.`
      : `The file sets no variable${attributes[0] ? ' of harvester-cloud: it cannot be imported as tfvars' : ': it contains no site to import'}.`,
    at: attributes[0]?.at ?? { source, start: 0, end: 0 },
    help: 'use the terraform.tfvars of one of its projects: aws, azure, digitalocean or google-cloud',
  });
  return undefined;
}

function siteOf(
  source: Source,
  attributes: readonly Attribute[],
  settings: Settings,
  options: ImportSettings,
  report: Report,
): ImportedSite | undefined {
  const { provider, version, text, at } = settings;
  const prefix = text('prefix');
  const given = [
    prefix,
    options.site,
    options.folder,
    provider && harvesterCloud().projects[provider].prefix,
  ];
  const firstOf = (make: (text: string) => string | undefined) =>
    given.flatMap((text) => (text === undefined ? [] : (make(text) ?? [])))[0];
  const name = options.site ?? firstOf(siteNameOf);
  // A dot would end the host name, and the number would be in the domain.
  const stem = firstOf((text) => hostStemOf(text.replaceAll('.', '-'), version));
  if (!name || !stem) {
    report.error({
      code: 'tfvars-value',
      message: 'The file provides no site name: prefix is not set, or has no letter or digit.',
      at: at('prefix') ?? { source, start: 0, end: 0 },
      help: 'set prefix, or add --site NAME',
    });
    return undefined;
  }
  const notes = new Notes();
  const why = `not valid as a site name and host name: the site is ${name}, its nodes are ${stem}-1 and so on`;
  if (prefix !== undefined && (stem !== prefix || (options.site === undefined && name !== prefix)))
    notes.changed('prefix', why, at('prefix'));
  noteLeft(attributes, notes);
  const secrets = new Secrets(notes);
  const secretOf = (variable: string, secret: string) => {
    const value = text(variable);
    const place = at(variable);
    if (value !== undefined && place) return secrets.reference(secret, { value, at: place }, variable);
    const why = `it is not set, and the default of harvester-cloud is publicly known: generate a new secret ${secret}`;
    secrets.make(secret, COMMANDS.get(secret) ?? '', variable, why);
    return `\${secret:${secret}}`;
  };
  const token = secretOf('harvester_first_node_token', 'cluster_token');
  const password = secretOf('harvester_password', 'node_password');
  noteDifferences(settings, notes);
  const title =
    `A site${provider ? ` for ${PROVIDERS[provider].title}` : ''}, imported from a terraform.tfvars of ` +
    'rancher/harvester-cloud: a whole Harvester cluster on one libvirt host.';
  return writeSite(name, modelOf({ name, stem, settings, token, password }), title, notes, secrets);
}

/** Adds the notes of harvester-cloud.json that apply, on what is different and what is open. */
function noteDifferences({ provider, sources, text, flag, preset, size, at }: Settings, notes: Notes): void {
  const [vpc, subnet] = [text('vpc'), text('subnet')];
  const isOff = (variable: string) => provider && flag(variable) === false;
  const hasSpot = provider && provider !== 'azure' && !PROVIDERS[provider].without.spot;
  const applying: Readonly<Record<string, unknown>> = {
    'changed harvester_cluster_size': size !== preset,
    'open host.cloud.ssh_keys': provider,
    'changed spot_instance': hasSpot && flag('spot_instance') === undefined,
    'open create_vnet': isOff('create_vnet'),
    'open create_vpc': isOff('create_vpc') && !vpc && !subnet,
    'changed ip_cidr_range': provider && text('ip_cidr_range') && vpc && subnet,
    'changed create_firewall': isOff('create_firewall'),
    'open vpc': provider && vpc && !subnet,
    'open subnet': provider && subnet && !vpc,
    'changed public_ip_source_addresses': provider && sources.length > 0 && !isOpen(sources),
    'open data_disk_size': !provider && (at('data_disk_size') || !at('data_disk_count')),
    'open data_disk_count': !provider && at('data_disk_count') && !at('data_disk_size'),
    'open public_ip_source_addresses': sources.length === 0,
    'open rancher_api_url': text('rancher_api_url'),
    // The commands of a cloud VM use the address that its creation prints.
    'open host.address': !provider,
  };
  for (const [key, note] of Object.entries(harvesterCloud().notes)) {
    const [kind, name = ''] = key.split(' ') as ['open' | 'changed', string];
    if (applying[key]) notes[kind](name, note, at(name));
  }
}

/** The input for the inventory of a site: its name, the beginning of each host name, and references to secrets. */
interface CloudSite {
  readonly name: string;
  readonly stem: string;
  readonly settings: Settings;
  readonly token: string;
  readonly password: string;
}

/** The last number of the VIP on the nodes' network; those of the nodes follow. */
const VIP = 40;

/** Returns the inventory of a site, with a comment on each part. */
function modelOf({ name, stem, settings, token, password }: CloudSite): SiteModel {
  const { preset, provider, nodes } = settings;
  const subnet = freeSubnet(settings);
  const address = (number: number): Ipv4 => ipv4Text(subnet.first + number);
  const isAirGapped = settings.flag('harvester_airgapped');
  const host = address(1);
  return {
    site: name,
    harvester: { version: settings.version.text },
    air_gapped: isAirGapped
      ? noted(true, 'the host is the only time server, and forwards no traffic of the nodes')
      : undefined,
    server: { url: noted(`http://${host}`, "the IP address of the host on the nodes' network") },
    host: headed(
      'The cloud VM or server that runs all nodes: libvirt host and boot server.' +
        (provider
          ? ''
          : '\nAdd `address: …`, its public address, when it is known: the commands in the README use it.'),
      hostOf(settings),
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
            `${address(200)}-${address(250)}`,
            'for unknown machines: without the VIP and the nodes',
          ),
          lease: '7d',
        },
      }),
    },
    cluster: { vip: address(VIP), token },
    defaults: {
      vm: { preset: noted(preset, preset === 'small' ? '8 CPUs, 32Gi' : '16 CPUs, 64Gi') },
      config: {
        os: { password },
        system_settings: settings.text('rancher_api_url') && {
          'cluster-registration-url': noted(
            '${secret:rancher_registration_url}',
            'sent to the create node only',
          ),
        },
      },
    },
    nodes: Object.fromEntries(
      macsOf(name, nodes).map((mac, index) => [
        `${stem}-${index + 1}`,
        {
          mac,
          ip: address(VIP + 1 + index),
          mode: index === 0 ? 'create' : undefined,
          role: settings.flag('harvester_witness_node') && index === nodes - 1 ? 'witness' : undefined,
          vm: { disks: imagesOf(settings, index) },
        },
      ]),
    ),
  };
}

function hostOf({ provider, sources, text, flag, number, nodes }: Settings): ContentMap {
  const perNode = number('data_disk_count');
  const type = text('data_disk_type');
  // These settings are of the provider's default type.
  const isReserved = provider && (type === undefined || type.startsWith('hyperdisk'));
  const { region = '', disk = {} } = provider ? harvesterCloud().projects[provider] : {};
  const osDisk = {
    size: number('os_disk_size') ? `${number('os_disk_size')}Gi` : undefined,
    type: text('os_disk_type'),
  };
  const clients = isOpen(sources) || sources.length === 0 ? undefined : allowOf(sources);
  const size = `${number('data_disk_size')}Gi`;
  // Without a provider, the disk names are unknown, so the template is a comment for the user to complete.
  const unknown = `Data disks of the host, one for each image below, if they have stable names; then add \`on: data1\` to each image.
disks:
  data1: { device: /dev/disk/by-id/scsi-0DISK_1, size: ${size} }

`;
  const [reach, why] = clients
    ? [{ allow: clients }, ', as harvester-cloud restricts it']
    : isOpen(sources)
      ? [{}, '']
      : [{ address: '127.0.0.1' }, ', for the host only: add others to allow'];
  return {
    cloud:
      provider &&
      headed(
        '`tofu apply` in cloud/ of the tree creates the VM. Add `ssh_keys: [the content of your .pub file]`.',
        {
          provider,
          region: text('region') ?? noted(region, "harvester-cloud's default"),
          project: text('project_id'),
          spot: flag('spot_instance') || undefined,
          os_disk: osDisk.size || osDisk.type ? flow(osDisk) : undefined,
          network: networkOf(text),
          allow: clients && flow(clients),
        },
      ),
    disks:
      provider &&
      headed(
        `The VM's data disks, ${perNode} for each node: host-setup.sh formats and mounts the blank ones.`,
        Object.fromEntries(
          Array.from({ length: nodes * perNode }, (_, index) => [
            diskName(index),
            flow({ size, type, ...(isReserved && disk) }),
          ]),
        ),
      ),
    expose: headed(`${provider ? '' : unknown}Ports of the host that are forwarded to the VIP.`, [
      flow({ port: 443, allow: clients }, 'the dashboard'),
      flow({ port: 6443, ...reach }, `Kubernetes${why}`),
    ]),
  };
}

/** Returns the network of the VM: an existing one, or the range of a new one; undefined for the default. */
function networkOf(text: Settings['text']): Content | undefined {
  const [network = '', vpc, subnet] = ['ip_cidr_range', 'vpc', 'subnet'].map((name) => text(name));
  if (vpc && subnet) return flow({ vpc, subnet });
  const range = parseRange(withPrefix(network));
  const isPossible = range && range.prefix >= PREFIXES.shortest && range.prefix <= PREFIXES.longest;
  return isPossible ? flow({ cidr: `${ipv4Text(range.first)}/${range.prefix}` }) : undefined;
}

/** Returns a range with its prefix length, which only the AWS project adds itself. */
function withPrefix(range: string): string {
  return range.includes('/') ? range : `${range}/24`;
}

function diskName(index: number): string {
  return `data${index + 1}`;
}

/** Whether any address may connect. */
function isOpen(sources: readonly Range[]): boolean {
  return sources.some(({ prefix }) => prefix === 0);
}

/** Returns the entries of `allow` for subnets: single addresses, one subnet, or several for one larger than /16. */
function allowOf(ranges: readonly Range[]): string[] {
  const entries = ranges.flatMap(({ first, last, prefix }) => {
    if (prefix >= PREFIXES.shortest && prefix <= PREFIXES.longest) return `${ipv4Text(first)}/${prefix}`;
    const [step, suffix] =
      prefix > PREFIXES.longest ? [1, ''] : [2 ** (32 - PREFIXES.shortest), `/${PREFIXES.shortest}`];
    return Array.from(
      { length: (last - first + 1) / step },
      (_, index) => `${ipv4Text(first + index * step)}${suffix}`,
    );
  });
  return [...new Set(entries)];
}

/** The share of a provider's disk for an image; the rest is for the host's file system, as in harvester-cloud. */
const PART_FOR_IMAGE = 9 / 10;

/** Each node's first disk uses the host disk with the node's number; its other disks use those after, node by node. */
function imagesOf({ provider, nodes, number }: Settings, node: number): Content {
  const disks = number('data_disk_count');
  const size = `${Math.floor(number('data_disk_size') * PART_FOR_IMAGE)}Gi`;
  return Array.from({ length: disks }, (_, index) => {
    const on = provider && diskName(index === 0 ? node : nodes + node * (disks - 1) + index - 1);
    return flow(index === 0 ? { size, on } : { name: `data${index}`, size, bus: 'scsi', format: 'raw', on });
  });
}

/** The nodes' network is 192.168.150.0/24, or the next free one. libvirt's default is 192.168.122.0/24. */
const BASES = ['192.168', '172.29', '10.129'];

/** Returns a subnet for the nodes that overlaps none of the ranges that the host must reach. */
function freeSubnet({ sources, text }: Settings): Cidr {
  const outer = parseRange(withPrefix(text('ip_cidr_range') ?? ''));
  const taken = [...(outer ? [outer] : []), ...sources.filter(({ prefix }) => prefix >= PREFIXES.shortest)];
  const all = BASES.flatMap((base) =>
    Array.from({ length: 50 }, (_, index) => parseCidr(`${base}.${150 + index}.0/24`) as Cidr),
  );
  const isFree = (subnet: Cidr) =>
    !taken.some(({ first, last }) => first <= subnet.last && subnet.first <= last);
  return all.find(isFree) ?? (all[0] as Cidr);
}

/** Returns MAC addresses for the nodes, derived from the site name. 52:54:00 is QEMU's prefix. */
function macsOf(site: string, count: number): Mac[] {
  const macs = new Set<Mac>();
  for (let index = 1; macs.size < count; index += 1) {
    const digest = createHash('sha256').update(`${site}/${index}`).digest('hex');
    macs.add(`52:54:00:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`);
  }
  return [...macs];
}

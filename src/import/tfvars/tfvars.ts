import { hash } from 'node:crypto';
import { PROVIDERS } from '../../knowledge/cloud-providers.ts';
import { type CloudSize, knownSize, smallestSize } from '../../knowledge/cloud-sizes.ts';
import { ipv4Text } from '../../values/addresses.ts';
import { flow, headed, noted, writeSite } from '../joined/write-site.ts';
import type { ImportFormat } from '../model/import-format.ts';
import { hostStemOf, siteNameOf } from '../model/names.ts';
import { Findings, type Notes } from '../model/notes.ts';
import { COMMANDS, Secrets } from '../model/secrets.ts';
import { attributesOf, harvesterCloud, noteLeft, type Settings, settingsOf } from './variables.ts';

/** A terraform.tfvars, or terraform.tfvars.json, of rancher/harvester-cloud. */
export const tfvars: ImportFormat = {
  name: 'tfvars',
  what: 'a terraform.tfvars or *.tfvars.json of rancher/harvester-cloud, for any provider',
  takes: [],
  read(source, options, report) {
    const findings = new Findings(report);
    const { notes } = findings;
    const attributes = attributesOf(source, findings);
    const settings = attributes && settingsOf(attributes, findings);
    if (!settings) return undefined;
    const { provider, version, text, at } = settings;
    const prefix = text('prefix');
    const usual = provider && harvesterCloud().projects[provider].prefix;
    const given = [prefix, options.site, options.folder, usual];
    const firstOf = (make: (text: string) => string | undefined) =>
      given.flatMap((text) => make(text ?? '') ?? [])[0];
    const site = options.site ?? firstOf(siteNameOf);
    // A dot would end the host name, and the number would be in the domain.
    const stem = firstOf((text) => hostStemOf(text.replaceAll('.', '-'), version));
    if (!site || !stem)
      return findings.error(
        'tfvars-value',
        at('prefix') ?? { source, start: 0, end: 0 },
        'The file provides no site name: prefix is not set, or has no letter or digit.',
        'set prefix, or add --site NAME',
      );
    const why = `not valid as a site name and host name: the site is ${site}, its nodes are ${stem}-1 and so on`;
    if (prefix !== undefined && (stem !== prefix || (options.site === undefined && site !== prefix)))
      notes.changed('prefix', why, at('prefix'));
    noteLeft(attributes, notes);
    const secrets = new Secrets(notes);
    const secretOf = (variable: string, secret: string) => {
      const [value, place] = [text(variable), at(variable)];
      if (value !== undefined && place) return secrets.reference(secret, { value, at: place }, variable);
      const unset = `it is not set, and the default of harvester-cloud is publicly known: generate a new secret ${secret}`;
      secrets.make(secret, COMMANDS.get(secret) ?? '', variable, unset);
      return `\${secret:${secret}}`;
    };
    const token = secretOf('harvester_first_node_token', 'cluster_token');
    const password = secretOf('harvester_password', 'node_password');
    noteDifferences(settings, notes);
    const title =
      `A site${provider ? ` for ${PROVIDERS[provider].title}` : ''}, imported from a terraform.tfvars of ` +
      'rancher/harvester-cloud: a whole Harvester cluster on one libvirt host.';
    return [writeSite(site, modelOf(settings, { site, stem, token, password }), title, notes, secrets)];
  },
};

/** Adds the notes of harvester-cloud.json that apply, on what is different and what is open. */
function noteDifferences(settings: Settings, notes: Notes): void {
  const { provider, allow, isOpen, text, flag, preset, size, at } = settings;
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
    'changed public_ip_source_addresses': provider && allow,
    'changed os_disk_size': provider === 'aws',
    'open data_disk_size': !provider && (at('data_disk_size') || !at('data_disk_count')),
    'open data_disk_count': !provider && at('data_disk_count') && !at('data_disk_size'),
    'open public_ip_source_addresses': !allow && !isOpen,
    'open rancher_api_url': text('rancher_api_url'),
    // The commands of a cloud VM use the address that its creation prints.
    'open host.address': !provider,
  };
  for (const [key, note] of Object.entries(harvesterCloud().notes)) {
    const [kind, name = ''] = key.split(' ') as ['open' | 'changed', string];
    if (applying[key]) notes[kind](name, note, at(name));
  }
  noteSize(settings, notes);
}

/** Adds a note on a VM whose size by `auto` is not that of harvester-cloud, which has a size for each number of CPUs. */
function noteSize({ provider, preset, nodes, text, at }: Settings, notes: Notes): void {
  if (!provider) return;
  const { sizes, region } = harvesterCloud().projects[provider];
  const [threads, gib] = (preset === 'small' ? [8, 32] : [16, 64]).map((one) => one * nodes) as [
    number,
    number,
  ];
  const before = sizes[threads] ?? '';
  // DigitalOcean has nested virtualization only on sizes of this ending.
  const same = knownSize(provider, before) ?? knownSize(provider, `${before}-intel`);
  const after = smallestSize(provider, text('region') ?? region, { threads, gib });
  if (!same || !after || after.name === same.name) return;
  const described = (name: string, size: CloudSize) =>
    `${name} with ${size.threads} vCPUs and ${size.gib} GiB`;
  const why = `the VM is ${described(after.name, after)}, the smallest that holds the nodes; in harvester-cloud, it is ${described(before, same)}: for as many, set host.cloud.size to ${same.name}`;
  notes.changed('host.cloud.size', why, at('harvester_cluster_size'));
}

/** The last number of the VIP on the nodes' network; those of the nodes follow. */
const VIP = 40;

/** Returns the inventory of a site, with a comment on each part; `stem` is the beginning of each host name. */
function modelOf(
  settings: Settings,
  { site, stem, token, password }: Readonly<Record<'site' | 'stem' | 'token' | 'password', string>>,
) {
  const { preset, provider, nodes, subnet, flag, text } = settings;
  const address = (number: number) => ipv4Text(subnet.first + number);
  const isAirGapped = flag('harvester_airgapped');
  const alone = 'the host is the only time server, and forwards no traffic of the nodes';
  const pool = `${address(200)}-${address(250)}`;
  const registration = noted('${secret:rancher_registration_url}', 'sent to the create node only');
  const ofHost = 'The cloud VM or server that runs all nodes: libvirt host and boot server.';
  const toAdd = 'Add `address: …`, its public address, when it is known: the commands in the README use it.';
  return {
    site,
    harvester: { version: settings.version.text },
    air_gapped: isAirGapped ? noted(true, alone) : undefined,
    server: { url: noted(`http://${address(1)}`, "the IP address of the host on the nodes' network") },
    host: headed(provider ? ofHost : `${ofHost}\n${toAdd}`, hostOf(settings)),
    networks: {
      mgmt: headed('libvirt creates it on the host.', {
        subnet: subnet.text,
        gateway: address(1),
        dns: flow([address(1)]),
        // By default, harvgen uses the host, which is right for an air-gapped site.
        ntp: isAirGapped ? undefined : flow(['0.suse.pool.ntp.org', '1.suse.pool.ntp.org']),
        dhcp: {
          server: 'libvirt',
          pool: noted(pool, 'for unknown machines: without the VIP and the nodes'),
          lease: '7d',
        },
      }),
    },
    cluster: { vip: address(VIP), token },
    defaults: {
      vm: { preset: noted(preset, preset === 'small' ? '8 CPUs, 32Gi' : '16 CPUs, 64Gi') },
      config: {
        os: { password },
        system_settings: text('rancher_api_url') && { 'cluster-registration-url': registration },
      },
    },
    nodes: Object.fromEntries(
      Array.from({ length: nodes }, (_, index) => {
        // 52:54:00 is QEMU's prefix.
        const digest = hash('sha256', `${site}/${index + 1}`);
        const node = {
          mac: `52:54:00:${digest.slice(0, 6).match(/../g)?.join(':')}`,
          ip: address(VIP + 1 + index),
          mode: index === 0 ? 'create' : undefined,
          role: flag('harvester_witness_node') && index === nodes - 1 ? 'witness' : undefined,
          vm: { disks: imagesOf(settings, index) },
        };
        return [`${stem}-${index + 1}`, node];
      }),
    ),
  };
}

function hostOf({ provider, allow, isOpen, cidr, text, flag, number, nodes }: Settings) {
  const perNode = number('data_disk_count');
  const type = text('data_disk_type');
  // These settings are of the provider's default type.
  const isReserved = provider && (type === undefined || type.startsWith('hyperdisk'));
  const { region = '', disk = {} } = provider ? harvesterCloud().projects[provider] : {};
  const [vpc, subnet] = [text('vpc'), text('subnet')];
  const osDisk = {
    size: number('os_disk_size') ? `${number('os_disk_size')}Gi` : undefined,
    type: text('os_disk_type'),
  };
  const size = `${number('data_disk_size')}Gi`;
  // Without a provider, the disk names are unknown, so the template is a comment for the user to complete.
  const unknown = `Data disks of the host, one for each image below, if they have stable names; then add \`on: data1\` to each image.
disks:
  data1: { device: /dev/disk/by-id/scsi-0DISK_1, size: ${size} }

`;
  const disks = Array.from({ length: nodes * perNode }, (_, index) => [
    `data${index + 1}`,
    flow({ size, type, ...(isReserved && disk) }),
  ]);
  const ofCloud =
    '`tofu apply` in cloud/ of the tree creates the VM. Add `ssh_keys: [the content of your .pub file]`.';
  const cloud = {
    provider,
    region: text('region') ?? noted(region, "harvester-cloud's default"),
    project: text('project_id'),
    spot: flag('spot_instance') || undefined,
    os_disk: osDisk.size || osDisk.type ? flow(osDisk) : undefined,
    network: vpc && subnet ? flow({ vpc, subnet }) : cidr && flow({ cidr }),
    allow: allow
      ? flow(allow)
      : isOpen
        ? undefined
        : flow(['127.0.0.1'], 'nobody can log in: replace it by the addresses of operators'),
  };
  const ofDisks = `The VM's data disks, ${perNode} for each node: host-setup.sh formats and mounts the blank ones.`;
  return {
    cloud: provider && headed(ofCloud, cloud),
    disks: provider && headed(ofDisks, Object.fromEntries(disks)),
    expose: headed(`${provider ? '' : unknown}Ports of the host that are forwarded to the VIP.`, [
      flow({ port: 443, allow }, 'the dashboard'),
      allow || isOpen
        ? flow({ port: 6443, allow }, `Kubernetes${allow ? ', as harvester-cloud restricts it' : ''}`)
        : flow({ port: 6443, address: '127.0.0.1' }, 'Kubernetes, for the host only: add others to allow'),
    ]),
  };
}

/** The share of a provider's disk for an image; the rest is for the host's file system, as in harvester-cloud. */
const PART_FOR_IMAGE = 9 / 10;

/** Each node's first disk uses the host disk with the node's number; its other disks use those after, node by node. */
function imagesOf({ provider, nodes, number }: Settings, node: number) {
  const disks = number('data_disk_count');
  const size = `${Math.floor(number('data_disk_size') * PART_FOR_IMAGE)}Gi`;
  return Array.from({ length: disks }, (_, index) => {
    const disk = index === 0 ? node + 1 : nodes + node * (disks - 1) + index;
    const on = provider && `data${disk}`;
    return flow(index === 0 ? { size, on } : { name: `data${index}`, size, bus: 'scsi', format: 'raw', on });
  });
}

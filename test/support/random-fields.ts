import { gzipSync } from 'node:zlib';
import { isAtLeast, isAtMost, parseVersion, type Version } from '../../src/values/version.ts';
import { configWith, FIELDS, type Field } from '../harvester-fields.ts';
import type { FieldPlan } from './random-plan.ts';

export type Json = string | number | boolean | null | Json[] | JsonMap;
export type JsonMap = { [key: string]: Json };

/** The scope of a layer of configuration: the releases that it must suit, and the mode of its only node, if it has one. */
export interface Reach {
  readonly releases: readonly string[];
  readonly mode?: 'create' | 'join';
  /** The hosts that a proxy must exclude in this site. */
  readonly noProxy: string;
}

/** A part of a configuration, and the warnings that it may cause. */
export interface Part {
  readonly config: JsonMap;
  readonly tolerates: readonly string[];
}

/** Fields that are derived from the rest of the site, or must match it: random-site.ts sets them. */
const BY_SITE =
  /^(server_url|token|os\.hostname|install\.(mode|role|cordoned|vip.*|cluster_.*|device|data_disk|persistent_partition_size|wipe_.*|force_mbr|iso_url|with_net_images|skipchecks|management_interface\.(interfaces.*|method|ip|subnet_mask|gateway|mtu|vlan_id)))$/;

/** Fields that accept any text. */
const ANY_TEXT =
  /^(os\.(sysctls|environment)\.\*|os\.write_files\[\]\.content|os\.wifi\[\]\..*|os\.password|cluster_networks\.\*\.(description|config\.\*)|install\.webhooks\[\]\.basicAuth\..*|os\.after_install_chroot_commands\[\]|system_settings\.(additional-ca|ui-index|ui-path|log-level|support-bundle-namespaces))$/;

/** Valid values other than the samples, with their first release if it is later than that of the field. */
const VARIANTS: Readonly<Record<string, readonly (Json | { from: string; value: Json })[]>> = {
  'os.ssh_authorized_keys[]': [
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kVfFYhUuXqT1l0v4oQmZ0m9QGkz8yq4m0yq0r5n1B ops@example.org',
    '${secret:ssh_key}',
  ],
  'os.ntp_servers[]': ['192.168.178.1', 'ntp.example.org:123', '[fd00::1]:123'],
  'os.password': [
    '${secret:node_password}',
    '$6$Qm3vT9xKpL2w$TidkZKpFh06q6N3wQZ7Gjx4IUijSUOM1WTmUZBPR4GwX79FsSW0l7OsQ3T60Y5TSu3OMhf64.s276N.5IqQnG1',
  ],
  'os.write_files[].encoding': ['', 'b64', 'base64', 'gz+base64', 'gzip+b64'],
  'os.write_files[].permissions': ['755', '0600'],
  'os.labels.*': ['', 'yes', '0123'],
  'os.additionalKernelArguments': ['iommu=pt', ''],
  'install.webhooks[].event': ['STARTED', 'SUCCEEDED'],
  'install.webhooks[].method': ['GET', 'DELETE'],
  'install.webhooks[].url': ['http://192.168.178.7/done/{{.Hostname}}', 'https://hooks.example.org/'],
  'install.webhooks[].payload': ['{"host": "{{.Hostname}}", "ip": "{{.IPAddrV4}}"}', ''],
  'install.tty': ['tty1', 'ttyAMA0', 'ttyS1,9600'],
  'install.config_url': ['https://boot.example.org/x.yaml'],
  'install.management_interface.bond_options.mode': ['active-backup', 'balance-tlb', 'balance-xor'],
  'install.harvester.storage_class.replica_count': [1, 3],
  'install.harvester.longhorn.default_settings.guaranteedInstanceManagerCPU': [0, 12],
  'install.harvester.longhorn.default_settings.storageReservedPercentageForDefaultDisk': [0, 30],
  'sans[]': ['192.168.178.40', 'fd00::40'],
  'system_settings.backup-target': [
    {
      type: 's3',
      bucketName: 'backup',
      bucketRegion: 'eu',
      accessKeyId: '${secret:key}',
      secretAccessKey: '${secret:secret}',
    },
    {
      from: 'v1.4.2',
      value: { type: 'nfs', endpoint: 'nfs://192.168.178.20:/backup', refreshIntervalInSeconds: 300 },
    },
  ],
  'system_settings.cluster-registration-url': [
    { from: 'v1.7.2', value: { url: 'https://rancher.example.org/x.yaml', insecureSkipTLSVerify: false } },
  ],
  'system_settings.containerd-registry': [
    {
      Mirrors: {
        'docker.io': { Endpoints: ['http://registry.example.org'], Rewrites: { '^a/(.*)': 'b/$1' } },
      },
      Configs: { 'registry.example.org': { Auth: { Username: 'u', Password: '${secret:registry}' } } },
    },
  ],
  'system_settings.storage-network': [
    {
      from: 'v1.9.0',
      value: {
        vlan: 200,
        clusterNetwork: 'mgmt',
        range: '192.168.200.0/24',
        exclude: [],
        exclusiveVlan: true,
      },
    },
  ],
  'system_settings.vip-pools': [{}, { default: '192.168.178.128/28', demo: '10.0.0.1-10.0.0.9' }],
  'system_settings.vm-force-reset-policy': [
    { from: 'v1.7.0', value: { enable: false, period: 1, vmMigrationTimeout: 0 } },
  ],
};

/** The warnings that the presence of a field may cause. */
const WARNINGS: readonly (readonly [fields: RegExp, ...codes: string[]])[] = [
  [ANY_TEXT, 'text-trimmed'],
  [/^system_settings/, 'setting-doubtful'],
  [/_version$|^cluster_networks|enable_go_cover_dir$/, 'internal-key'],
  [
    /default_route$|\.(automatic|config_url|silent|no_format|force_gpt)$|guaranteed(Engine|Replica)Manager|ui-plugin-bundled|raw_disk_image_path$|ssl-parameters/,
    'key-without-effect',
  ],
  [
    /password$|basicAuth|passphrase$|ssl-certificates$|backup-target$|containerd-registry$/i,
    'clear-text-secret',
  ],
  [/^os\.ntp_servers/, 'ntp-differs'],
  [/^os\.sshd\.disable_password_auth/, 'password-auth-off'],
  [/^os\.additionalKernelArguments/, 'kernel-arguments-replace'],
  [/replica_count$/, 'replica-count-too-high'],
  [/bond_options/, 'bond-mode-differs', 'bond-mode-one-nic', 'bond-lacp'],
  [/^install\.(webhooks|config_url)/, 'https-needs-public-ca'],
  [/^os\.(ssh_authorized_keys|ntp_servers|dns_nameservers)/, 'air-gapped'],
];

/** Returns the fields that the nodes of a scope may have and that no other part of the site sets. */
export function possibleFields({ releases, mode }: Pick<Reach, 'releases' | 'mode'>): Field[] {
  return FIELDS.filter(
    (field) =>
      !BY_SITE.test(field.path) &&
      releases.every((release) => isIn(field, release)) &&
      (!mode || field.mode === 'both' || field.mode === mode),
  );
}

/** Returns a configuration with those of the planned fields that its nodes may have. */
export function partOf(plans: readonly FieldPlan[], reach: Reach): Part {
  const config: JsonMap = {};
  const tolerates: string[] = [];
  const possible = possibleFields(reach);
  for (const plan of plans) {
    const field = possible[plan.field % possible.length];
    if (!field) continue;
    const one = configWith(field.path, valueFor(field, plan, reach)) as JsonMap;
    if (!canMerge(config, one)) continue;
    merge(config, one);
    tolerates.push(...WARNINGS.flatMap(([paths, ...codes]) => (paths.test(field.path) ? codes : [])));
  }
  finish(config, reach);
  return { config, tolerates };
}

function isIn({ since, until, absent }: Field, text: string): boolean {
  const release = parseVersion(text) as Version;
  return (
    isAtLeast(release, since) &&
    (until === undefined || isAtMost(release, until)) &&
    !absent?.includes(text.replace(/-.*/, ''))
  );
}

function valueFor(field: Field, { variant, text }: FieldPlan, reach: Reach): Json {
  const sample = field.sample as Json;
  if (field.path === 'system_settings.http-proxy') {
    const proxy = { httpProxy: 'http://proxy.example.org:3128', noProxy: reach.noProxy };
    return variant % 2 ? proxy : JSON.stringify(proxy);
  }
  const variants = (VARIANTS[field.path] ?? []).flatMap((one) => {
    if (typeof one !== 'object' || one === null || !('from' in one)) return [one as Json];
    const from = one.from as string;
    return reach.releases.every((release) => isAtLeast(parseVersion(release) as Version, from))
      ? [one.value as Json]
      : [];
  });
  // In lists, text-begins-blank rejects some texts; files with them are in base64.
  const isWhole = /\.(\*|content)$|^system_settings/.test(field.path);
  if (ANY_TEXT.test(field.path)) variants.push(isWhole ? text : text.trimStart() || 'x');
  if (typeof sample === 'boolean') variants.push(!sample);
  // A structured setting is a text, or the equivalent map.
  if (field.path.startsWith('system_settings.') && /^\{/.test(String(sample)))
    variants.push(JSON.parse(sample as string) as Json);
  return variant === 0 ? sample : (variants[variant % (variants.length + 1)] ?? sample);
}

/** Makes dependent fields consistent. */
function finish(config: JsonMap, { releases }: Reach): void {
  const { os, install } = config as { os?: JsonMap; install?: JsonMap };
  for (const file of (os?.write_files ?? []) as JsonMap[]) {
    const { encoding, content } = file;
    if (typeof content !== 'string' || typeof encoding !== 'string' || encoding === '') continue;
    // No secret is substituted in an encoded file: secret-in-encoded-file.
    const plain = content.replaceAll('${secret:', 'secret:');
    const bytes = encoding.startsWith('gz') ? gzipSync(plain) : Buffer.from(plain);
    file.content = bytes.toString('base64');
  }
  const bond = (install?.management_interface as JsonMap | undefined)?.bond_options as JsonMap | undefined;
  if (bond) {
    bond.mode ??= 'active-backup';
    bond.miimon ??= '100';
    // From v1.7.0, options must have names and values that NetworkManager knows: bond-option.
    const { 'sample.name': other, ...options } = bond;
    const isChecked = releases.some((release) => isAtLeast(parseVersion(release) as Version, 'v1.7.0'));
    if (other !== undefined && isChecked)
      (install?.management_interface as JsonMap).bond_options = { ...options, min_links: '1' };
  }
}

/** Whether no list would be merged with a map, and no value with another one. */
function canMerge(into: Json, from: Json): boolean {
  if (Array.isArray(into) && Array.isArray(from)) {
    return into.length === 0 || from.length === 0 || canMerge(into[0] as Json, from[0] as Json);
  }
  if (!isMap(into) || !isMap(from)) return false;
  return Object.keys(from).every(
    (key) =>
      into[key] === undefined || isSame(into[key], from[key]) || canMerge(into[key], from[key] as Json),
  );
}

function merge(into: JsonMap, from: JsonMap): void {
  for (const [key, value] of Object.entries(from)) {
    const there = into[key];
    if (isMap(there) && isMap(value)) merge(there, value);
    else if (Array.isArray(there) && isMap(there[0]) && Array.isArray(value) && isMap(value[0])) {
      merge(there[0], value[0]);
    } else into[key] ??= value;
  }
}

/** Merges one part of a configuration over another, in place. */
export function lay(into: JsonMap, over: JsonMap): JsonMap {
  for (const [key, value] of Object.entries(over)) {
    const there = into[key];
    if (isMap(there) && isMap(value)) lay(there, value);
    else into[key] = value;
  }
  return into;
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

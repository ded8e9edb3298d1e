import { PROVIDERS, type ProviderName } from '../../knowledge/cloud-providers.ts';
import type { Source } from '../../source/source.ts';
import { nearest } from '../../values/text.ts';
import type { Attribute, HclBody } from '../hcl/read-hcl.ts';
import { displayName } from '../model/names.ts';
import type { Notes } from '../model/notes.ts';

/**
 * The defaults of each project of rancher/harvester-cloud. Source: `projects/<provider>/{main,variables}.tf` and
 * `modules/<provider>` there (commit 8a9592a).
 */
export interface Project {
  readonly prefix: string;
  readonly region: string;
  /** The values that it reserves for each data disk. */
  readonly disk: { readonly iops?: number; readonly throughput?: number };
}

export const PROJECTS: Readonly<Record<ProviderName, Project>> = {
  aws: { prefix: 'aws-tf', region: 'us-east-1', disk: { iops: 16000, throughput: 2000 } },
  azure: { prefix: 'azure', region: 'westeurope', disk: {} },
  digitalocean: { prefix: 'do-tf', region: 'fra1', disk: {} },
  google: { prefix: 'gcp-tf', region: 'us-west2', disk: { iops: 50000, throughput: 1200 } },
};

/** A variable of harvester-cloud. */
export interface Variable {
  readonly type: 'string' | 'number' | 'bool' | 'list';
  /** The providers whose projects have it (default: all). */
  readonly only?: readonly ProviderName[];
  /** Whether null means unset. */
  readonly nullable?: boolean;
  /** Whether its value must be hidden. */
  readonly secret?: boolean;
  /** The advice for a variable that has no equivalent in a site. */
  readonly instead?: string;
}

const NO_KEYS = 'harvgen generates no keys: their private half would be in the state of Terraform';
const NO_RANCHER = 'harvgen does not talk to Rancher: the URL in cluster-registration-url is sufficient';

/**
 * Every variable of harvester-cloud, of all its providers. Source: rancher/harvester-cloud,
 * `projects/{aws,azure,digitalocean,google-cloud}/variables.tf`, commit 8a9592a.
 */
export const VARIABLES: Readonly<Record<string, Variable>> = {
  prefix: { type: 'string' },
  subscription_id: {
    type: 'string',
    only: ['azure'],
    secret: true,
    instead: 'set ARM_SUBSCRIPTION_ID when you create the VM',
  },
  project_id: { type: 'string', only: ['google'] },
  do_token: {
    type: 'string',
    only: ['digitalocean'],
    nullable: true,
    secret: true,
    instead: 'set DIGITALOCEAN_TOKEN when you create the VM',
  },
  region: { type: 'string' },
  create_ssh_key_pair: { type: 'bool', instead: NO_KEYS },
  ssh_private_key_path: { type: 'string', nullable: true, instead: NO_KEYS },
  ssh_public_key_path: {
    type: 'string',
    nullable: true,
    instead:
      'add the content of the .pub file to host.cloud.ssh_keys and, for the nodes, to defaults.config.os.ssh_authorized_keys',
  },
  ip_cidr_range: { type: 'string', only: ['aws', 'azure', 'google'] },
  create_vnet: { type: 'bool', only: ['azure'] },
  create_vpc: { type: 'bool', only: ['google'] },
  vpc: { type: 'string', only: ['google'], nullable: true },
  subnet: { type: 'string', only: ['google'], nullable: true },
  create_firewall: { type: 'bool', only: ['google'] },
  spot_instance: { type: 'bool', only: ['aws', 'azure', 'google'] },
  instance_type: {
    type: 'string',
    only: ['digitalocean'],
    instead: 'harvester-cloud does not read it: the size is that of the machines, or host.cloud.size',
  },
  os_disk_type: { type: 'string', only: ['azure', 'google'] },
  os_disk_size: { type: 'number', only: ['aws', 'azure', 'google'] },
  data_disk_count: { type: 'number' },
  data_disk_type: { type: 'string', only: ['azure', 'google'] },
  data_disk_size: { type: 'number' },
  public_ip_source_addresses: { type: 'list' },
  startup_script: {
    type: 'string',
    nullable: true,
    instead: 'add it to the site as files/scripts/mine.sh, and run it after scripts/host-setup.sh',
  },
  harvester_version: { type: 'string' },
  harvester_node_count: { type: 'number' },
  harvester_first_node_token: { type: 'string', secret: true },
  harvester_password: { type: 'string', secret: true },
  harvester_airgapped: { type: 'bool' },
  harvester_witness_node: { type: 'bool' },
  harvester_cluster_size: { type: 'string' },
  rancher_api_url: { type: 'string' },
  rancher_access_key: { type: 'string', secret: true, instead: NO_RANCHER },
  rancher_secret_key: { type: 'string', secret: true, instead: NO_RANCHER },
  rancher_insecure: { type: 'bool', instead: NO_RANCHER },
};

/** Returns a variable of harvester-cloud by name, or undefined. */
export function variableCalled(name: string): Variable | undefined {
  return Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined;
}

function isShowable(name: string): boolean {
  const variable = variableCalled(name);
  return variable !== undefined && !variable.secret;
}

/**
 * Matches a possible variable name that is set: on its own line, in a comment, or after other text. It never starts within
 * a name, because that would take quadratic time.
 */
const SETS = /(?<![\p{ID_Continue}-])([\p{ID_Start}_][\p{ID_Continue}-]*)"?[ \t]*[=:]/gu;

/**
 * Hides values in the lines that errors show, except those of variables that are known not to be secrets. After an error
 * that stops parsing, hides the rest of the text, because its variables are unknown.
 */
export function concealVariables(source: Source, { attributes, error, within }: HclBody): void {
  const { text } = source;
  for (const { name, value } of attributes) if (!isShowable(name)) source.conceal(value.at);
  let concealedTo = 0;
  for (const match of text.matchAll(SETS)) {
    if (match.index < concealedTo || isShowable(match[1] ?? '')) continue;
    const start = match.index + match[0].length;
    const endOfLine = text.indexOf('\n', start);
    concealedTo = endOfLine < 0 ? text.length : endOfLine;
    source.conceal({ start, end: concealedTo });
  }
  if (!error) return;
  if (error.isStray) source.conceal({ start: error.at.start, end: text.length });
  if (within && !isShowable(within.name)) source.conceal({ start: within.start, end: text.length });
}

/** Adds a note on each variable without an equivalent in a site. Skips unset variables. */
export function noteLeft(attributes: readonly Attribute[], notes: Notes): void {
  const set = new Set(attributes.map(({ name }) => name));
  for (const { name, at, value } of attributes) {
    const isUnset = value.type === 'null' || (value.type === 'string' && value.value === '');
    const variable = variableCalled(name);
    const text = variable ? variable.instead : unknownVariableText(name, set);
    if (text !== undefined && !(variable && (isUnset || isOff(name, value))))
      notes.left(displayName(name), text, at);
  }
}

/** Returns a note that suggests a similar variable, unless it is set, too. */
function unknownVariableText(name: string, set: ReadonlySet<string>): string {
  const likely = nearest(name, Object.keys(VARIABLES), 0.2);
  const hint =
    likely && !set.has(likely)
      ? `did you mean ${likely}? Its default applies here`
      : 'it is from another release, or a typo';
  return `harvester-cloud has no such variable: ${hint}`;
}

/** Whether a variable is set to false, so that nothing needs to be done. */
function isOff(name: string, value: Attribute['value']): boolean {
  const isFalse = value.type === 'bool' ? !value.value : value.type === 'string' && value.value === 'false';
  return isFalse && (name === 'rancher_insecure' || name.startsWith('create_'));
}

const ALL = Object.keys(PROVIDERS) as ProviderName[];

/** Returns the provider of a file, from the variables that it sets; undefined if it is ambiguous. */
export function providerOf(attributes: readonly Attribute[]): ProviderName | undefined {
  let left: readonly ProviderName[] = ALL;
  // The first variable of a provider decides; later ones of other providers are listed as not imported.
  for (const { name } of attributes) left = narrowed(left, variableCalled(name)?.only ?? left);
  for (const { name, value } of attributes) {
    if (value.type !== 'string') continue;
    if (name === 'region') left = narrowed(left, byRegion(value.value));
    // Only the AWS project adds the prefix length itself.
    if (name === 'ip_cidr_range')
      left = narrowed(left, value.value.includes('/') ? ['azure', 'google'] : ['aws']);
  }
  return left.length === 1 ? left[0] : undefined;
}

function byRegion(region: string): ProviderName[] {
  return ALL.filter((name) => PROVIDERS[name].region.test(region));
}

function narrowed(left: readonly ProviderName[], to: readonly ProviderName[]): readonly ProviderName[] {
  const both = left.filter((name) => to.includes(name));
  return both.length > 0 ? both : left;
}

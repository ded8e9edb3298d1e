import { OLDEST_RELEASE } from '../../knowledge/harvester.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { SourceLocation } from '../../source/source.ts';
import { type Cidr, ipv4Number, ipv4Text, PREFIXES } from '../../values/addresses.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import type { Attribute, HclValue } from '../hcl/read-hcl.ts';
import type { Sourced } from '../model/gathered.ts';
import { type Variable, variableCalled } from './variables.ts';

/** The value of a variable, converted to its type as in Terraform. */
type Value = string | number | boolean | readonly Sourced<string>[];

type VariableValues = ReadonlyMap<string, Sourced<Value>>;

/** Reads the variables of harvester-cloud that a file sets; null means unset where the variable accepts it. */
export function readVariables(attributes: readonly Attribute[], report: Report): VariableValues {
  const values = new Map<string, Sourced<Value>>();
  const seen = new Map<string, Attribute>();
  for (const attribute of attributes) {
    const { name, at, value } = attribute;
    const first = seen.get(name);
    seen.set(name, first ?? attribute);
    const variable = variableCalled(name);
    if (first)
      report.error({
        code: 'duplicate-key',
        message: 'A variable is set twice: Terraform rejects the file.',
        at,
        related: [{ message: 'the first is at', at: first.at }],
        help: 'remove one of the two',
      });
    // harvgen does not use these variables, so only Terraform needs to check them.
    if (first || !variable || variable.instead !== undefined) continue;
    const converted = convert(value, variable.type);
    if (converted !== undefined) values.set(name, { value: converted, at: value.at });
    else if (value.type !== 'null' || !variable.nullable) reportType(name, value, variable, report);
  }
  return values;
}

const EXPECTED: Readonly<Record<Variable['type'], string>> = {
  string: 'text: write it in double quotes',
  number: 'a number: write it without quotes',
  bool: 'true or false',
  list: 'a list of text: write ["203.0.113.0/24"]',
};

const FOUND: Readonly<Record<HclValue['type'], string>> = {
  string: 'text',
  number: 'a number',
  bool: 'a boolean',
  null: 'null',
  list: 'a list',
  object: 'a map',
};

function reportType(name: string, value: HclValue, { type }: Variable, report: Report): void {
  report.error({
    code: 'tfvars-value',
    message: `The value of ${name} is ${FOUND[value.type]}${value.type === type ? ' with other items in it' : ''}: harvester-cloud accepts only ${EXPECTED[type].replace(/:.*/, '')}.`,
    at: value.at,
    help:
      value.type === 'null'
        ? 'set a value, or remove the line to use the default of harvester-cloud'
        : EXPECTED[type].replace(/^.*: /, ''),
  });
}

const SWITCHES = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);

/** Source: the conversions between primitive types of Terraform's type system (zclconf/go-cty, cty/convert). */
function convert(value: HclValue, type: Variable['type']): Value | undefined {
  if (type === 'list') {
    if (value.type !== 'list') return undefined;
    const texts = value.items.flatMap((item) => {
      const text = convert(item, 'string');
      return typeof text === 'string' ? [{ value: text, at: item.at }] : [];
    });
    return texts.length < value.items.length ? undefined : texts;
  }
  if (value.type === 'null' || value.type === 'list' || value.type === 'object') return undefined;
  if (type === 'string') return String(value.value);
  if (type === 'bool')
    return value.type === 'bool' ? value.value : SWITCHES.get(value.type === 'string' ? value.value : '');
  const isNumber = value.type === 'string' && /^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(value.value);
  const number = isNumber ? Number(value.value) : value.value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A value with its source location; a value without one is harvester-cloud's default. */
interface Setting<T> {
  readonly value: T;
  readonly at?: SourceLocation;
}

/** The validated input of harvester-cloud, including its defaults. */
export interface Settings {
  readonly prefix?: Setting<string> | undefined;
  readonly version: Version;
  readonly nodes: Setting<1 | 3 | 5>;
  readonly size: Setting<'small' | 'medium'>;
  readonly witness: boolean;
  readonly airGapped: boolean;
  readonly token?: Setting<string> | undefined;
  readonly password?: Setting<string> | undefined;
  readonly disksPerNode: number;
  /** In GiB. */
  readonly diskSize: number;
  readonly sources: Setting<readonly Range[]>;
  readonly rancher?: Setting<string> | undefined;
  readonly vm: VmSettings;
}

/** The variables of the cloud VM, as the file sets them. */
export interface VmSettings {
  readonly project?: Setting<string> | undefined;
  readonly region?: Setting<string> | undefined;
  readonly network?: Setting<string> | undefined;
  readonly vpc?: Setting<string> | undefined;
  readonly subnet?: Setting<string> | undefined;
  readonly createVnet?: Setting<boolean> | undefined;
  readonly createVpc?: Setting<boolean> | undefined;
  readonly createFirewall?: Setting<boolean> | undefined;
  readonly spot?: Setting<boolean> | undefined;
  readonly osDiskType?: Setting<string> | undefined;
  /** In GiB. */
  readonly osDiskSize?: number | undefined;
  readonly dataDiskType?: Setting<string> | undefined;
}

/** Defaults. Source: `projects/aws/variables.tf` of rancher/harvester-cloud, commit 8a9592a; the other projects match. */
const DEFAULTS = {
  harvester_version: 'v1.8.1',
  harvester_node_count: 1,
  harvester_cluster_size: 'small',
  data_disk_count: 1,
  data_disk_size: 350,
} as const;

/** The most persistent disks that a provider attaches to one VM: Google Cloud. */
const MOST_DISKS = 128;
/** In GiB: a smaller disk cannot hold Harvester; no provider creates a larger one. */
const LEAST_DISK = 10;
const LARGEST_DISK = 65_536;

/** Validates the values of a file as harvester-cloud does, and adds its defaults; undefined if a value is rejected. */
export function settingsOf(values: VariableValues, report: Report): Settings | undefined {
  const refuse = (at: SourceLocation, message: string, help: string): undefined =>
    report.error({ code: 'tfvars-value', message, at, help }) as undefined;
  const get = <T extends Value>(name: string) => values.get(name) as Sourced<T> | undefined;
  const text = (name: string) => {
    const one = get<string>(name);
    return one && one.value.trim() !== '' ? one : undefined;
  };
  const named = (name: string, form: RegExp) => {
    const one = text(name);
    if (!one || form.test(one.value)) return one;
    return refuse(
      one.at,
      `The value of ${name} is not a name that a provider has.`,
      'write the name as the provider shows it',
    );
  };
  const oneOf = <T extends string | number>(
    name: string,
    allowed: readonly T[],
    byDefault: T,
  ): Setting<T> | undefined => {
    const one = get<T>(name);
    if (!one) return { value: byDefault };
    if (allowed.includes(one.value)) return one;
    return refuse(
      one.at,
      `harvester-cloud accepts only ${allowed.join(', ')} for ${name}.`,
      'use one of these values; for any other, edit the imported site',
    );
  };
  const whole = (name: string, byDefault: number, least: number, most: number): number | undefined => {
    const one = get<number>(name);
    if (!one) return byDefault;
    if (Number.isInteger(one.value) && one.value >= least && one.value <= most) return one.value;
    return refuse(
      one.at,
      `${name} is not a whole number from ${least} to ${most}: no provider offers such disks for the VM.`,
      `set ${name} to a whole number from ${least} to ${most}`,
    );
  };
  const version = versionOf(get<string>('harvester_version'), refuse);
  const nodes = oneOf('harvester_node_count', [1, 3, 5] as const, DEFAULTS.harvester_node_count);
  const size = oneOf('harvester_cluster_size', ['small', 'medium'] as const, DEFAULTS.harvester_cluster_size);
  const witness = get<boolean>('harvester_witness_node');
  if (witness?.value && nodes && nodes.value !== 3)
    report.error({
      code: 'tfvars-value',
      message: `harvester_witness_node requires 3 nodes, but harvester_node_count is ${nodes.value}${nodes.at ? '' : ', its default'}.`,
      at: witness.at,
      related: nodes.at ? [{ message: 'the number of nodes is set at', at: nodes.at }] : [],
      help: 'set harvester_node_count = 3, or harvester_witness_node = false',
    });
  const mostDisks = Math.floor(MOST_DISKS / (nodes?.value ?? 1));
  const disksPerNode = whole('data_disk_count', DEFAULTS.data_disk_count, 1, mostDisks);
  const diskSize = whole('data_disk_size', DEFAULTS.data_disk_size, LEAST_DISK, LARGEST_DISK);
  const osDiskSize = whole('os_disk_size', 0, LEAST_DISK, LARGEST_DISK);
  const sources = get<readonly Sourced<string>[]>('public_ip_source_addresses');
  const ranges = (sources?.value ?? []).flatMap(
    ({ value, at }) =>
      parseRange(value) ??
      refuse(
        at,
        'An entry of public_ip_source_addresses is not an IPv4 subnet.',
        'write an address and a prefix length, such as 203.0.113.10/32 or 198.51.100.0/24',
      ) ??
      [],
  );
  const vm = {
    project: named('project_id', /^[a-z][a-z0-9:.-]*$/),
    region: named('region', NAME),
    network: text('ip_cidr_range'),
    vpc: named('vpc', NAME),
    subnet: named('subnet', NAME),
    createVnet: get<boolean>('create_vnet'),
    createVpc: get<boolean>('create_vpc'),
    createFirewall: get<boolean>('create_firewall'),
    spot: get<boolean>('spot_instance'),
    osDiskType: named('os_disk_type', NAME),
    osDiskSize: osDiskSize || undefined,
    dataDiskType: named('data_disk_type', NAME),
  };
  if (report.failed || !version || !nodes || !size || !disksPerNode || !diskSize) return undefined;
  return {
    prefix: text('prefix'),
    version,
    nodes,
    size,
    witness: witness?.value ?? false,
    airGapped: get<boolean>('harvester_airgapped')?.value ?? false,
    token: text('harvester_first_node_token'),
    password: text('harvester_password'),
    disksPerNode,
    diskSize,
    sources: { value: ranges, ...(sources && { at: sources.at }) },
    rancher: text('rancher_api_url'),
    vm,
  };
}

function versionOf(
  setting: Sourced<string> | undefined,
  refuse: (at: SourceLocation, message: string, help: string) => undefined,
): Version | undefined {
  const version = parseVersion(setting?.value ?? DEFAULTS.harvester_version);
  if (!setting || (version && isAtLeast(version, OLDEST_RELEASE))) return version;
  return refuse(
    setting.at,
    version
      ? `Harvester ${version.text} is older than ${OLDEST_RELEASE}, the oldest release that harvgen supports.`
      : 'harvester_version is not a release of Harvester.',
    'write a release with a leading v, such as v1.8.1',
  );
}

/** The form of names of regions, networks and types of disks. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** A subnet as in Terraform: its first and last address as numbers, and its prefix length. */
export type Range = Pick<Cidr, 'first' | 'last' | 'prefix'>;

/** Reads a subnet of any length as Terraform does; ignores host bits. */
export function parseRange(text: string): Range | undefined {
  const [, address = '', length = ''] = /^([0-9.]+)\/([0-9]|[12][0-9]|3[0-2])$/.exec(text) ?? [];
  const number = ipv4Number(address);
  if (number === undefined) return undefined;
  const size = 2 ** (32 - Number(length));
  const first = number - (number % size);
  return { first, last: first + size - 1, prefix: Number(length) };
}

/** Returns the entries of `allow` for a subnet: single addresses, one subnet, or several for one larger than /16. */
export function allowOf({ first, last, prefix }: Range): string[] {
  if (prefix > PREFIXES.longest)
    return Array.from({ length: last - first + 1 }, (_, index) => ipv4Text(first + index));
  if (prefix >= PREFIXES.shortest) return [`${ipv4Text(first)}/${prefix}`];
  const step = 2 ** (32 - PREFIXES.shortest);
  const count = (last - first + 1) / step;
  return Array.from(
    { length: count },
    (_, index) => `${ipv4Text(first + index * step)}/${PREFIXES.shortest}`,
  );
}

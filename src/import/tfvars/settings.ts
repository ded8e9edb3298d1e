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

const SWITCHES: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false };

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
    return value.type === 'bool' ? value.value : value.type === 'string' ? SWITCHES[value.value] : undefined;
  const isNumber = value.type === 'string' && /^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(value.value);
  const number = isNumber ? Number(value.value) : value.value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** The valid variables of a file. Variables that it does not set have the defaults of harvester-cloud. */
export class Settings {
  readonly #values: VariableValues;
  readonly version: Version;
  /** The subnets in `public_ip_source_addresses`. */
  readonly sources: readonly Range[];

  constructor(values: VariableValues, version: Version, sources: readonly Range[]) {
    this.#values = values;
    this.version = version;
    this.sources = sources;
  }

  /** Returns the text of a variable; undefined if it is not set or blank. */
  text(name: string): Sourced<string> | undefined {
    const setting = this.#values.get(name) as Sourced<string> | undefined;
    return setting?.value.trim() === '' ? undefined : setting;
  }

  /** Returns the boolean of a variable; undefined if it is not set. */
  flag(name: string): boolean | undefined {
    return this.#values.get(name)?.value as boolean | undefined;
  }

  /** Returns the value of a variable with a default. */
  value<T extends string | number>(name: string): T {
    return (this.#values.get(name)?.value ?? variableCalled(name)?.default) as T;
  }

  at(name: string): SourceLocation | undefined {
    return this.#values.get(name)?.at;
  }

  get nodes(): number {
    return this.value('harvester_node_count');
  }

  /** The size of the nodes: five nodes are always small. */
  get preset(): 'small' | 'medium' {
    return this.nodes === 5 ? 'small' : this.value('harvester_cluster_size');
  }
}

/** Reads and validates the variables that a file sets, as harvester-cloud does; undefined if it reports an error. */
export function settingsOf(attributes: readonly Attribute[], report: Report): Settings | undefined {
  const values = readVariables(attributes, report);
  const refuse = (at: SourceLocation, message: string, help: string): undefined =>
    report.error({ code: 'tfvars-value', message, at, help }) as undefined;
  for (const [name, { value, at }] of values) {
    const refusal = refusalOf(name, value, values);
    if (refusal) refuse(at, ...refusal);
  }
  const version = versionOf(values.get('harvester_version') as Sourced<string> | undefined, refuse);
  const nodes = values.get('harvester_node_count');
  const witness = values.get('harvester_witness_node');
  if (witness?.value && isAllowed('harvester_node_count', nodes?.value) && nodes?.value !== 3)
    report.error({
      code: 'tfvars-value',
      message: `harvester_witness_node requires 3 nodes, but harvester_node_count is ${nodes?.value ?? '1, its default'}.`,
      at: witness.at,
      related: nodes ? [{ message: 'the number of nodes is set at', at: nodes.at }] : [],
      help: 'set harvester_node_count = 3, or harvester_witness_node = false',
    });
  const sources = (values.get('public_ip_source_addresses')?.value ?? []) as readonly Sourced<string>[];
  const ranges = sources.flatMap(
    ({ value, at }) =>
      parseRange(value) ??
      refuse(
        at,
        'An entry of public_ip_source_addresses is not an IPv4 subnet.',
        'write an address and a prefix length, such as 203.0.113.10/32 or 198.51.100.0/24',
      ) ??
      [],
  );
  return report.failed || !version ? undefined : new Settings(values, version, ranges);
}

function readVariables(attributes: readonly Attribute[], report: Report): VariableValues {
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

function isAllowed(name: string, value: Value | undefined): boolean {
  return value === undefined || variableCalled(name)?.enum?.includes(value as string | number) !== false;
}

/** Returns why harvester-cloud or a provider rejects a value, with help; undefined if it is valid. */
function refusalOf(
  name: string,
  value: Value,
  values: VariableValues,
): [message: string, help: string] | undefined {
  const { enum: allowed = [], least, most, pattern } = variableCalled(name) ?? {};
  if (!isAllowed(name, value))
    return [
      `harvester-cloud accepts only ${allowed.join(', ')} for ${name}.`,
      'use one of these values; for any other, edit the imported site',
    ];
  if (typeof value === 'string' && value.trim() !== '' && pattern && !new RegExp(pattern).test(value))
    return [
      `The value of ${name} is not a name that a provider has.`,
      'write the name as the provider shows it',
    ];
  if (typeof value !== 'number' || least === undefined || most === undefined) return undefined;
  // All data disks are on one VM.
  const count = values.get('harvester_node_count')?.value as number | undefined;
  const nodes = isAllowed('harvester_node_count', count) ? (count ?? 1) : 1;
  const limit = name === 'data_disk_count' ? Math.floor(most / nodes) : most;
  if (Number.isInteger(value) && value >= least && value <= limit) return undefined;
  return [
    `${name} is not a whole number from ${least} to ${limit}: no provider offers such disks for the VM.`,
    `set ${name} to a whole number from ${least} to ${limit}`,
  ];
}

function versionOf(
  setting: Sourced<string> | undefined,
  refuse: (at: SourceLocation, message: string, help: string) => undefined,
): Version | undefined {
  const version = parseVersion(setting?.value ?? String(variableCalled('harvester_version')?.default));
  if (!setting || (version && isAtLeast(version, OLDEST_RELEASE))) return version;
  return refuse(
    setting.at,
    version
      ? `Harvester ${version.text} is older than ${OLDEST_RELEASE}, the oldest release that harvgen supports.`
      : 'harvester_version is not a release of Harvester.',
    'write a release with a leading v, such as v1.8.1',
  );
}

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

/** Returns a range with its prefix length, which only the AWS project adds itself. */
export function withPrefix(range: string): string {
  return range.includes('/') ? range : `${range}/24`;
}

/** Returns the entries of `allow` for subnets: single addresses, one subnet, or several for one larger than /16. */
export function allowOf(ranges: readonly Range[]): string[] {
  const entries = ranges.flatMap(({ first, last, prefix }) => {
    if (prefix >= PREFIXES.shortest && prefix <= PREFIXES.longest) return `${ipv4Text(first)}/${prefix}`;
    const isSmall = prefix > PREFIXES.longest;
    const step = isSmall ? 1 : 2 ** (32 - PREFIXES.shortest);
    const suffix = isSmall ? '' : `/${PREFIXES.shortest}`;
    const count = (last - first + 1) / step;
    return Array.from({ length: count }, (_, index) => `${ipv4Text(first + index * step)}${suffix}`);
  });
  return [...new Set(entries)];
}

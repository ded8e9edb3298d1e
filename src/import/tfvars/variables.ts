import { PROVIDERS, type ProviderName } from '../../knowledge/cloud-providers.ts';
import { OLDEST_RELEASE } from '../../knowledge/harvester.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { locationOf, type Value } from '../../source/origin.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { type Cidr, ipv4Number } from '../../values/addresses.ts';
import { textBesideCode } from '../../values/package.ts';
import { nearest } from '../../values/text.ts';
import { isAtLeast, parseVersion } from '../../values/version.ts';
import type { Attribute, HclBody } from '../hcl/read-hcl.ts';
import { displayName } from '../model/names.ts';
import { Findings, type Notes } from '../model/notes.ts';

/** What harvester-cloud.json beside this file contains. */
interface HarvesterCloud {
  /** The defaults of the project of each provider, and the values that it reserves for each data disk. */
  readonly projects: Readonly<
    Record<ProviderName, { prefix: string; region: string; disk: { iops?: number; throughput?: number } }>
  >;
  /** The projects that change a running cluster, with the form of their variables. */
  readonly otherProjects: Readonly<Record<string, string>>;
  /** Notes on what is different or open, by their kind and the variable. */
  readonly notes: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, Variable>>;
}

/** A variable of harvester-cloud. */
interface Variable {
  readonly type: 'string' | 'number' | 'bool' | 'list';
  /** The providers whose projects have it (default: all). */
  readonly only?: readonly ProviderName[];
  /** Whether null means unset. */
  readonly nullable?: boolean;
  /** Whether its value must be hidden. */
  readonly secret?: boolean;
  /** The advice for a variable that has no equivalent in a site. */
  readonly instead?: string;
  readonly default?: string | number;
  /** The values that harvester-cloud accepts, the whole numbers, or the form of names at the providers. */
  readonly enum?: readonly unknown[];
  readonly least?: number;
  readonly most?: number;
  readonly pattern?: string;
}

let read: HarvesterCloud | undefined;

/** Returns the facts about harvester-cloud, which few commands need: reads them once. */
export function harvesterCloud(): HarvesterCloud {
  read ??= JSON.parse(textBesideCode('import/tfvars/harvester-cloud.json')) as HarvesterCloud;
  return read;
}

/** Returns a variable of harvester-cloud by name, or undefined. */
export function variableCalled(name: string): Variable | undefined {
  const { variables } = harvesterCloud();
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}

function isShowable(name: string): boolean {
  return variableCalled(name)?.secret === undefined && variableCalled(name) !== undefined;
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
  const lines = `${text}\n`;
  let end = 0;
  for (const { 0: setting, 1: name = '', index } of text.matchAll(SETS)) {
    if (index < end || isShowable(name)) continue;
    const start = index + setting.length;
    end = lines.indexOf('\n', start);
    source.conceal({ start, end });
  }
  if (within && !isShowable(within.name)) source.conceal({ start: within.start, end: text.length });
  else if (error?.code === 'tfvars-syntax') source.conceal({ start: error.at.start, end: text.length });
}

/** Adds a note on each variable without an equivalent in a site. Skips unset variables, and those that are off. */
export function noteLeft(attributes: readonly Attribute[], notes: Notes): void {
  const set = new Set(attributes.map(({ name }) => name));
  for (const { name, at, value } of attributes) {
    const variable = variableCalled(name);
    const isOff = String(value.value) === 'false' && /^create_|^rancher_insecure$/.test(name);
    const likely = nearest(name, Object.keys(harvesterCloud().variables), 0.2);
    if (!variable) {
      const hint =
        likely && !set.has(likely)
          ? `did you mean ${likely}? Its default applies here`
          : 'it is from another release, or a typo';
      notes.left(displayName(name), `harvester-cloud has no such variable: ${hint}`, at);
    } else if (variable.instead !== undefined && value.value !== null && value.value !== '' && !isOff)
      notes.left(name, variable.instead, at);
  }
}

const ALL = Object.keys(PROVIDERS) as ProviderName[];

/** Returns the provider of a file, from the variables that it sets; undefined if it is ambiguous. */
function providerOf(attributes: readonly Attribute[]): ProviderName | undefined {
  const byValue = ({ name, value: { value } }: Attribute): readonly ProviderName[] => {
    if (name === 'region') return ALL.filter((provider) => PROVIDERS[provider].region.test(String(value)));
    // Only the AWS project adds the prefix length itself.
    if (name === 'ip_cidr_range') return String(value).includes('/') ? ['azure', 'google'] : ['aws'];
    return ALL;
  };
  // The first variable of a provider decides; later ones of other providers are listed as not imported.
  const hints = [
    ...attributes.map(({ name }) => variableCalled(name)?.only ?? ALL),
    ...attributes.map(byValue),
  ];
  const left = hints.reduce((known, hint) => {
    const both = known.filter((provider) => hint.includes(provider));
    return both.length > 0 ? both : known;
  }, ALL);
  return left.length === 1 ? left[0] : undefined;
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

/** The types of variables: the form of their values in JSON, and that in words. Source: zclconf/go-cty, cty/convert. */
const TYPES: Readonly<Record<Variable['type'], readonly [RegExp, string]>> = {
  string: [/^(?!null|[[{])/, 'text in double quotes'],
  number: [/^"?-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"?$/, 'a number'],
  bool: [/^"?(?:true|false)"?$|^"[01]"$/, 'true or false'],
  list: [/^\[/, 'a list of IPv4 subnets, such as ["203.0.113.10/32", "198.51.100.0/24"]'],
};

/** Returns what a variable accepts, in words, unless a value is that. The data disks of all nodes are on one VM. */
function expectedFor(name: string, value: Value, nodes: number, provider: ProviderName | undefined) {
  const { type, enum: allowed, least, most = 0, pattern = '' } = variableCalled(name) as Variable;
  const [form, expected] = TYPES[type];
  const text = String(value);
  const number = Number(text);
  const limit = name === 'data_disk_count' ? Math.floor(most / nodes) : most;
  if (!form.test(JSON.stringify(value))) return expected;
  if (allowed && !allowed.map(String).includes(text)) return `one of ${allowed.join(', ')}`;
  if (least !== undefined && !(Number.isInteger(number) && number >= least && number <= limit))
    return `a whole number from ${least} to ${limit}`;
  const version = parseVersion(text);
  if (name === 'harvester_version' && !(version && isAtLeast(version, OLDEST_RELEASE)))
    return `a release of Harvester from ${OLDEST_RELEASE} on, such as v1.8.1`;
  const cloud = name === 'region' && provider && PROVIDERS[provider];
  if (text.trim() === '') return undefined;
  if (!new RegExp(pattern).test(text)) return 'a name as the provider shows it';
  return cloud && !cloud.region.test(text)
    ? `a region of ${cloud.title}, such as ${cloud.aRegion}`
    : undefined;
}

/** The valid settings of a file. */
export type Settings = NonNullable<ReturnType<typeof settingsOf>>;

/**
 * Reads and validates the variables that a file sets, as harvester-cloud does; undefined if it reports an error. Variables that are
 * not set have the defaults of harvester-cloud, or are undefined.
 */
export function settingsOf(attributes: readonly Attribute[], report: Report) {
  const findings = new Findings(report);
  const values = new Map<string, Attribute['value']>();
  const seen = new Map<string, SourceLocation>();
  for (const { name, at, value } of attributes) {
    const first = seen.get(name);
    const variable = variableCalled(name);
    const message = 'A variable is set twice: Terraform rejects the file.';
    if (first)
      findings.error('duplicate-key', at, message, 'remove one of the two', ['the first is at', first]);
    else seen.set(name, at);
    // harvgen does not use variables with an advice, so only Terraform needs to check them.
    if (first || !variable || variable.instead !== undefined) continue;
    if (value.value !== null || !variable.nullable) values.set(name, value);
  }
  const refuse = (at: SourceLocation, name: string, expected: string) =>
    findings.error(
      'tfvars-value',
      at,
      `${name} is not ${expected}.`,
      `write ${expected}; or remove the line to use the default of harvester-cloud`,
    );
  const provider = providerOf(attributes);
  const text = (name: string) => String(values.get(name)?.value ?? variableCalled(name)?.default ?? '');
  const count = Number(text('harvester_node_count'));
  const nodes = count === 3 || count === 5 ? count : 1;
  for (const [name, { value, at }] of values) {
    const expected = expectedFor(name, value, nodes, provider);
    if (expected !== undefined) refuse(at, name, expected);
  }
  const flag = (name: string) => (values.has(name) ? /^(?:true|1)$/.test(text(name)) : undefined);
  const witness = values.get('harvester_witness_node');
  if (witness && flag('harvester_witness_node') && (count === 1 || count === 5))
    findings.error(
      'tfvars-value',
      witness.at,
      `harvester_witness_node requires 3 nodes, but harvester_node_count is ${values.has('harvester_node_count') ? count : '1, its default'}.`,
      'set harvester_node_count = 3, or harvester_witness_node = false',
      ['the number of nodes is set at', values.get('harvester_node_count')?.at],
    );
  const list = values.get('public_ip_source_addresses')?.value;
  const subnets = Array.isArray(list) ? list : [];
  const sources = subnets.flatMap((subnet, index) => {
    const range = parseRange(String(subnet));
    if (!range)
      refuse(
        locationOf(subnets, index),
        'An entry of public_ip_source_addresses',
        'an IPv4 subnet, such as 203.0.113.10/32',
      );
    return range ?? [];
  });
  const version = parseVersion(text('harvester_version'));
  if (report.failed || !version) return undefined;
  const size = text('harvester_cluster_size');
  return {
    provider,
    version,
    /** The subnets in `public_ip_source_addresses`. */
    sources,
    nodes,
    size,
    /** The size of the nodes: five nodes are always small. */
    preset: nodes === 5 ? 'small' : size,
    at: (name: string) => values.get(name)?.at,
    /** Returns the text of a variable, or its default; undefined if it is blank or has none. */
    text: (name: string) => (text(name).trim() === '' ? undefined : text(name)),
    number: (name: string) => Number(text(name)),
    /** Returns the boolean of a variable; undefined if it is not set. */
    flag,
  };
}

import { PROVIDERS, type ProviderName } from '../../knowledge/cloud-providers.ts';
import { OLDEST_RELEASE } from '../../knowledge/harvester.ts';
import { guessSecrets } from '../../source/guess-secrets.ts';
import { locationOf, type Value } from '../../source/origin.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { type Cidr, ipv4Number, ipv4Text, PREFIXES, parseCidr } from '../../values/addresses.ts';
import { textBesideCode } from '../../values/package.ts';
import { nearest } from '../../values/text.ts';
import { isAtLeast, parseVersion } from '../../values/version.ts';
import { type Attribute, readHcl } from '../hcl/read-hcl.ts';
import { displayName } from '../model/names.ts';
import type { Findings, Notes, RelatedAt } from '../model/notes.ts';
import { concealLikely, showOnly } from '../model/secrets.ts';

/** What harvester-cloud.json beside this file contains. */
interface HarvesterCloud {
  readonly projects: Readonly<
    Record<
      ProviderName,
      {
        prefix: string;
        region: string;
        sizes: Record<number, string>;
        disk: { iops?: number; throughput?: number };
      }
    >
  >;
  readonly otherProjects: Readonly<Record<string, string>>;
  readonly notes: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, Variable>>;
}

/** A variable of harvester-cloud. `instead` is the advice for one that has no equivalent in a site. */
interface Variable {
  readonly type: 'string' | 'number' | 'bool' | 'list';
  readonly only?: readonly ProviderName[];
  readonly nullable?: boolean;
  readonly secret?: boolean;
  readonly instead?: string;
  readonly default?: string | number;
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
function variableCalled(name: string): Variable | undefined {
  const { variables } = harvesterCloud();
  return Object.hasOwn(variables, name) ? { secret: false, ...(variables[name] as Variable) } : undefined;
}

/** Variables that only the projects have that create a cluster. */
const OF_CLUSTERS = /^(?:prefix|region|harvester_version|harvester_node_count)$/;

/**
 * Returns the variables of a file, or undefined if it reports an error. Errors show their names, and the values of those that are
 * known not to be secrets. After an error that stops parsing, the rest is unknown.
 */
export function attributesOf(source: Source, { report }: Findings): readonly Attribute[] | undefined {
  const { attributes, error, within } = readHcl(source);
  const isShowable = (name: string) => variableCalled(name)?.secret === false;
  const shown = attributes.map(({ name, at, value }) =>
    isShowable(name) && !hasToken(name, String(value.value)) ? { ...at, end: value.at.end } : at,
  );
  const started = error && within && isShowable(within.name) ? [{ ...within, end: error.at.end }] : [];
  showOnly(source, [...shown, ...started]);
  concealLikely(source);
  const sets = (form: RegExp) => attributes.some(({ name }) => form.test(name));
  const projects = Object.entries(harvesterCloud().otherProjects);
  const [other] = (!sets(OF_CLUSTERS) && projects.find(([, form]) => sets(new RegExp(form)))) || [];
  if (!error && !other && attributes.some(({ name }) => variableCalled(name))) return attributes;
  const first = attributes[0]?.at;
  const message = other
    ? `The file is of harvester-cloud's project ${other}, which changes a running cluster: it contains no site to import.`
    : `The file sets no variable${first ? ' of harvester-cloud' : ''}: it contains no site to import.`;
  const help = 'use the terraform.tfvars of one of its projects: aws, azure, digitalocean or google-cloud';
  report.error(
    error ?? { code: 'not-harvester-cloud', message, at: first ?? { source, start: 0, end: 0 }, help },
  );
  return undefined;
}

/** Adds a note on each variable without an equivalent in a site. Skips unset variables, and those that are off. */
export function noteLeft(attributes: readonly Attribute[], notes: Notes): void {
  const set = new Set(attributes.map(({ name }) => name));
  for (const { name, at, value } of attributes) {
    const variable = variableCalled(name);
    const isOff = String(value.value) === 'false' && /^create_|^rancher_insecure$/.test(name);
    if (!variable) {
      const likely = nearest(name, Object.keys(harvesterCloud().variables), 0.2);
      const isTypo = likely !== undefined && !set.has(likely);
      const hint = isTypo
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
  const byName = ({ name }: Attribute) => variableCalled(name)?.only ?? ALL;
  const hints = [...attributes.map(byName), ...attributes.map(byValue)];
  const left = hints.reduce((known, hint) => {
    const both = known.filter((provider) => hint.includes(provider));
    return both.length > 0 ? both : known;
  }, ALL);
  return left.length === 1 ? left[0] : undefined;
}

/**
 * Reads a subnet of any prefix length as Terraform does; ignores host bits. As entries of `allow`, it is single addresses, one
 * subnet, or several if it is larger than the largest of a site.
 */
function parseRange(text: string) {
  const [, address = '', length = ''] = /^([0-9.]+)\/([0-9]|[12][0-9]|3[0-2])$/.exec(text) ?? [];
  const [number, prefix] = [ipv4Number(address), Number(length)];
  if (number === undefined) return undefined;
  const size = 2 ** (32 - prefix);
  const first = number - (number % size);
  const part = prefix > PREFIXES.longest ? 32 : Math.max(prefix, PREFIXES.shortest);
  const allow = Array.from({ length: 2 ** (part - prefix) }, (_, index) => {
    const address = ipv4Text(first + index * 2 ** (32 - part));
    return part === 32 ? address : `${address}/${part}`;
  });
  return { first, last: first + size - 1, prefix, allow };
}

/** The nodes' network is 192.168.150.0/24, or the next free one. libvirt's default is 192.168.122.0/24. */
const BASES = ['192.168', '172.29', '10.129'];

/** Returns a subnet for the nodes that overlaps none of the ranges that the host must reach. */
function freeSubnet(ranges: readonly NonNullable<ReturnType<typeof parseRange>>[]): Cidr {
  const taken = ranges.filter(({ prefix }) => prefix >= PREFIXES.shortest);
  const all = BASES.flatMap((base) =>
    Array.from({ length: 50 }, (_, index) => parseCidr(`${base}.${150 + index}.0/24`) as Cidr),
  );
  const isFree = ({ first, last }: Cidr) =>
    !taken.some((range) => range.first <= last && first <= range.last);
  return all.find(isFree) ?? (all[0] as Cidr);
}

/** The types of variables: the form of their values in JSON, and that in words. Source: zclconf/go-cty, cty/convert. */
const TYPES: Readonly<Record<Variable['type'], readonly [RegExp, string]>> = {
  string: [/^(?!null|[[{])/, 'text in double quotes'],
  number: [/^"?-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"?$/, 'a number'],
  bool: [/^"?(?:true|false)"?$|^"[01]"$/, 'true or false'],
  list: [/^\[/, 'a list of IPv4 subnets, such as ["203.0.113.10/32", "198.51.100.0/24"]'],
};

/** Whether a value has the form of a token, or a prefix has a part of one: a typo may have removed the name of its variable. */
function hasToken(name: string, text: string): boolean {
  return guessSecrets(text).length > 0 || (name === 'prefix' && /[0-9a-f]{12}/i.test(text));
}

/** Returns what a variable accepts, in words, unless a value is that. The data disks of all nodes are on one VM. */
function expectedFor(name: string, value: Value, nodes: number, provider: ProviderName | undefined) {
  const { type, secret, enum: allowed, least, most = 0, pattern = '' } = variableCalled(name) as Variable;
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
  if (text.trim() === '') return undefined;
  if (!secret && hasToken(name, text)) return 'text without an access token';
  if (!new RegExp(pattern).test(text)) return 'a name as the provider shows it';
  const cloud = name === 'region' && provider ? PROVIDERS[provider] : undefined;
  if (cloud && !cloud.region.test(text)) return `a region of ${cloud.title}, such as ${cloud.aRegion}`;
  return undefined;
}

/** The valid settings of a file. */
export type Settings = NonNullable<ReturnType<typeof settingsOf>>;

/**
 * Reads and validates the variables that a file sets, as harvester-cloud does; undefined if it reports an error. Variables that are
 * not set have the defaults of harvester-cloud, or are undefined.
 */
export function settingsOf(attributes: readonly Attribute[], findings: Findings) {
  const values = new Map<string, Attribute>();
  for (const attribute of attributes) {
    const { name, at } = attribute;
    const first = values.get(name)?.at;
    const message = 'A variable is set twice: Terraform rejects the file.';
    if (first)
      findings.error('duplicate-key', at, message, 'remove one of the two', ['the first is at', first]);
    else values.set(name, attribute);
  }
  const refuse = (at: SourceLocation, name: string, expected: string, ...related: RelatedAt[]) => {
    const help = `write ${expected}; or remove the line to use the default of harvester-cloud`;
    findings.error('tfvars-value', at, `${name} is not ${expected}.`, help, ...related);
  };
  const provider = providerOf(attributes);
  const text = (name: string) => String(values.get(name)?.value.value ?? variableCalled(name)?.default ?? '');
  const count = Number(text('harvester_node_count'));
  const nodes = count === 3 || count === 5 ? count : 1;
  for (const { name, value } of values.values()) {
    const { instead, nullable } = variableCalled(name) ?? { instead: '' };
    // harvgen does not use variables with an advice, so only Terraform needs to check them.
    if (instead !== undefined || (nullable && value.value === null)) continue;
    const expected = expectedFor(name, value.value, nodes, provider);
    if (expected !== undefined) refuse(value.at, name, expected);
  }
  const flag = (name: string) => (values.has(name) ? /^(?:true|1)$/.test(text(name)) : undefined);
  const at = (name: string) => values.get(name)?.value.at;
  const witness = at('harvester_witness_node');
  const onlyFalse = 'false, as required unless harvester_node_count is 3';
  if (witness && flag('harvester_witness_node') && (count === 1 || count === 5))
    refuse(witness, 'harvester_witness_node', onlyFalse, [
      'the number of nodes is set at',
      at('harvester_node_count'),
    ]);
  const list = values.get('public_ip_source_addresses')?.value.value;
  const subnets = Array.isArray(list) ? list : [];
  const expected = 'an IPv4 subnet, such as 203.0.113.10/32';
  const sources = subnets.flatMap((subnet, index) => {
    const range = parseRange(String(subnet));
    if (!range) refuse(locationOf(subnets, index), 'An entry of public_ip_source_addresses', expected);
    return range ?? [];
  });
  const version = parseVersion(text('harvester_version'));
  if (findings.report.failed || !version) return undefined;
  const size = text('harvester_cluster_size');
  const range = text('ip_cidr_range');
  // Only the AWS project adds the prefix length itself.
  const cloud = parseRange(range.includes('/') ? range : `${range}/24`);
  const allow = [...new Set(sources.flatMap((source) => source.allow))];
  const isOpen = sources.some(({ prefix }) => prefix === 0);
  return {
    provider,
    version,
    /** The allowed clients; undefined for none, and if any address may connect. */
    allow: isOpen || allow.length === 0 ? undefined : allow,
    isOpen,
    /** The range of the VM's network. */
    cidr: cloud?.allow.length === 1 ? parseCidr(cloud.allow[0] ?? '')?.text : undefined,
    /** The subnet of the nodes. */
    subnet: freeSubnet(cloud ? [cloud, ...sources] : sources),
    nodes,
    size,
    /** The size of the nodes: five nodes are always small. */
    preset: nodes === 5 ? 'small' : size,
    at,
    /** Returns the text of a variable, or its default; undefined if it is blank or has none. */
    text: (name: string) => (text(name).trim() === '' ? undefined : text(name)),
    number: (name: string) => Number(text(name)),
    /** Returns the boolean of a variable; undefined if it is not set. */
    flag,
  };
}

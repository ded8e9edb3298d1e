import { PROVIDERS, type ProviderName } from '../../knowledge/cloud-providers.ts';
import type { Source } from '../../source/source.ts';
import { textBesideCode } from '../../values/package.ts';
import { nearest } from '../../values/text.ts';
import type { Attribute, HclBody } from '../hcl/read-hcl.ts';
import { displayName } from '../model/names.ts';
import type { Notes } from '../model/notes.ts';

/** What harvester-cloud.json beside this file contains. */
export interface HarvesterCloud {
  /** The defaults of the project of each provider, and the values that it reserves for each data disk. */
  readonly projects: Readonly<
    Record<ProviderName, { prefix: string; region: string; disk: { iops?: number; throughput?: number } }>
  >;
  /** The projects that change a running cluster, with the form of their variables. */
  readonly otherProjects: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, Variable>>;
}

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
  readonly default?: string | number;
  /** The values that harvester-cloud accepts, the whole numbers, or the form of names at the providers. */
  readonly enum?: readonly (string | number)[];
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
  const likely = nearest(name, Object.keys(harvesterCloud().variables), 0.2);
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

import { regionOfOcid } from '../../knowledge/clouds.ts';
import { schemaOf } from '../../knowledge/schemas.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import {
  type Content,
  type ContentMap,
  flow,
  noted,
  OPEN,
  sourceComment,
  sourced,
} from '../joined/write-site.ts';
import type { Sourced } from '../model/gathered.ts';
import type { Findings, Notes } from '../model/notes.ts';
import { shortList } from './machines.ts';
import { showOnly } from './table.ts';

/** An option of a call, with the word after it as the shell expands literal text. */
interface CallOption {
  readonly name: string;
  /** Undefined for an option without a value. */
  readonly value: Sourced<string> | undefined;
  readonly at: SourceLocation;
}

const CALL = /\bcompute(?:[ \t]|\\\r?\n)+instance(?:[ \t]|\\\r?\n)+launch\b/g;
/** Blanks and the shell word after them. */
const WORD =
  /(?:[ \t]|\\\r?\n)*((?:'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[^\r\n]|\$\([^)\n]{0,200}\)|\$\{[^}\n]{0,200}\}|[^\s'"\\;|&()`<>$]+|\$)+)/gy;
const PIECE = /'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([^\r\n])|([^'"\\]+)/g;

/** `export NAME="value" # comment`; the value can be in single quotes, in double quotes, or unquoted. */
const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(?:"([^"\n]*)"|'([^'\n]*)'|([^\s;#"']*))/gm;

/** Short forms of options. Source: the OCI CLI, `oci compute instance launch --help`. */
const LONG: Readonly<Record<string, string>> = { '-c': '--compartment-id' };

/** Returns every variable that a script sets; the last value applies. */
export function variablesOf(source: Source): ReadonlyMap<string, Sourced<string>> {
  return new Map(
    Array.from(source.text.matchAll(ASSIGNMENT), (match) => {
      const [whole, name = '', double, single, bare = ''] = match;
      const value = double ?? single ?? bare;
      const start = match.index + whole.lastIndexOf(value);
      return [name, { value, at: { source, start, end: start + Math.max(1, value.length) } }];
    }),
  );
}

/**
 * Returns the options of every `oci compute instance launch` in a script in their order, even those before it
 * (`oci --region …`). A value that is only a variable of the script gets the value and location of that variable.
 */
function launchOptions(
  source: Source,
  variables: ReadonlyMap<string, Sourced<string>>,
): readonly CallOption[] {
  return Array.from(source.text.matchAll(CALL), ({ index, 0: call }) => {
    const { text } = source;
    const isComment = /^[ \t]*#/.test(text.slice(text.lastIndexOf('\n', index) + 1, index));
    if (isComment) return [];
    const before = /\boci((?:(?:[ \t]|\\\r?\n)+[^\s;|&()`]+){0,12}(?:[ \t]|\\\r?\n)+)$/.exec(
      text.slice(Math.max(0, index - 400), index),
    );
    const globals = before?.[1] ? wordsFrom(source, index - before[1].length, index) : [];
    const own = wordsFrom(source, index + call.length, text.length);
    return [...optionsIn(globals, variables), ...optionsIn(own, variables)];
  }).flat();
}

/** Returns the words from an offset to the end of the command, or to another offset. */
function wordsFrom(source: Source, from: number, to: number): Sourced<string>[] {
  const words: Sourced<string>[] = [];
  WORD.lastIndex = from;
  for (const { index, 0: whole, 1: written = '' } of source.text.matchAll(WORD)) {
    const end = index + whole.length;
    const start = end - written.length;
    if (start >= to || written.startsWith('#')) break;
    words.push({ value: unquoted(written), at: { source, start, end } });
  }
  return words;
}

function unquoted(written: string): string {
  return written.replace(
    PIECE,
    (_, single?: string, double?: string, escaped?: string, bare?: string) =>
      single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? bare ?? '',
  );
}

function optionsIn(
  words: readonly Sourced<string>[],
  variables: ReadonlyMap<string, Sourced<string>>,
): CallOption[] {
  const options: CallOption[] = [];
  words.forEach(({ value, at }, index) => {
    if (!/^-{1,2}[a-z]/.test(value)) return;
    // The value of a short option can follow its letter immediately.
    const short = value.startsWith('--') ? value : value.slice(0, 2);
    const [, name = short, inline] = /^(--[\w-]+)=([\s\S]*)$/.exec(value) ?? [];
    const next = words[index + 1];
    const own = inline === undefined ? next : { value: inline, at };
    const isFlag = inline === undefined && (next === undefined || /^--?[a-z]/.test(next.value));
    options.push({
      name: LONG[name] ?? name,
      value: isFlag || !own ? undefined : (variables.get(variableIn(own.value)) ?? own),
      at,
    });
  });
  return options;
}

/** Returns the name of the variable if a word is only a variable, otherwise an empty text. */
function variableIn(word: string): string {
  const [, braced, bare = ''] = /^\$(?:\{(\w+)\}|(\w+))$/.exec(word) ?? [];
  return braced ?? bare;
}

/** The variables that users edit in launch.sh. Source: oci-harvester, launch.sh. */
const VARIABLES: readonly { readonly name: string; readonly key: string; readonly option?: string }[] = [
  { name: 'COMPARTMENT_UUID', key: 'compartment', option: '--compartment-id' },
  { name: 'SUBNET_UUID', key: 'subnet', option: '--subnet-id' },
  { name: 'IMAGE_UUID', key: 'image', option: '--image-id' },
  { name: 'SHAPE', key: 'shape', option: '--shape' },
  { name: 'AD', key: 'availability_domain', option: '--availability-domain' },
  { name: 'SSH_KEY_FILE', key: 'ssh_public_key' },
];

/** The options of a launch that a site has keys for. Source: the OCI CLI, `oci compute instance launch --help`. */
const FURTHER: Readonly<Record<string, string>> = {
  '--region': 'region',
  '--fault-domain': 'fault_domain',
  '--nsg-ids': 'nsgs',
  '--assign-public-ip': 'public_ip',
};

const CARRIED = [...VARIABLES.flatMap(({ option }) => option ?? []), ...Object.keys(FURTHER)];

/** Options for the output of the CLI and for the script: scripts/oci-launch.sh sets its own. */
const OWN_OPTIONS =
  '--ipxe-script-file --query --raw-output --output --wait-for-state --max-wait-seconds --wait-interval-seconds'.split(
    ' ',
  );

interface Form {
  readonly type?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly items?: Form;
  readonly 'x-expects'?: string;
}

function formOf(key: string): Form {
  const schema = schemaOf('site.schema.json') as {
    $defs: { layer: { properties: { oci: { properties: Record<string, Form> } } } };
  };
  return schema.$defs.layer.properties.oci.properties[key] ?? {};
}

function fits(text: string, { pattern, enum: words }: Form): boolean {
  return words ? words.includes(text) : new RegExp(pattern ?? '').test(text);
}

/** Reads the instance settings of launch.sh for `defaults.oci`, with notes on placeholders. Undefined for another file. */
export function readLaunch(source: Source, findings: Findings): ContentMap | undefined {
  const { notes } = findings;
  const variables = variablesOf(source);
  const options = launchOptions(source, variables);
  const found = new Map(
    VARIABLES.map(({ name, key, option }) => [key, valueFor(option, options) ?? variables.get(name)]),
  );
  const locations = [...found.values()].flatMap((one) => one?.at ?? []);
  const own = [...variables.values()].map(({ at }) => at);
  const ofOptions = options.flatMap(({ name, value }) =>
    value && Object.hasOwn(FURTHER, name) ? value.at : [],
  );
  showOnly(
    source,
    [...locations.map((at) => (own.includes(at) ? widened(at) : at)), ...ofOptions].sort(
      (a, b) => a.start - b.start,
    ),
  );
  if (locations.length === 0)
    return findings.error(
      'not-oci-harvester',
      { source, start: 0, end: 0 },
      'The file sets no variable of launch.sh of oci-harvester, such as SUBNET_UUID.',
      `use launch.sh, which sets ${VARIABLES.map(({ name }) => name).join(', ')}`,
    );
  const valid = new Map(VARIABLES.map(({ name, key }) => [key, usable(name, key, found.get(key), findings)]));
  noteOptions(options, notes);
  return {
    ...Object.fromEntries([...valid].map(([key, one]) => [key, sourced(one) ?? noted(OPEN, 'see above')])),
    ...furtherOf(options, valid.get('subnet') ?? valid.get('image'), notes),
  };
}

/** Returns the value of a variable's option, if the call contains it literally. */
function valueFor(option: string | undefined, options: readonly CallOption[]): Sourced<string> | undefined {
  const value = options.find(({ name }) => name === option)?.value;
  return value && !value.value.includes('$') ? value : undefined;
}

/** Returns a location that includes the beginning of the line and the closing quote. */
function widened({ source, start, end }: SourceLocation): SourceLocation {
  return {
    source,
    start: Math.max(0, source.text.lastIndexOf('\n', start - 1) + 1),
    end: Math.min(end + 1, source.text.length),
  };
}

/** Whether a value is a placeholder of oci-harvester that the user must replace. */
function isPlaceholder(value: string): boolean {
  return /^$|\bip-address\b|\.\.?(?:\w+\.)?update$|^XXXX:|^<.*>$/.test(value);
}

function usable(
  name: string,
  key: string,
  found: Sourced<string> | undefined,
  findings: Findings,
): Sourced<string> | undefined {
  const form = formOf(key);
  const what = form['x-expects'];
  const value = found?.value.replace(/^(?:\$HOME|\$\{HOME\})\//, '~/') ?? '';
  if (found && !isPlaceholder(value)) {
    if (fits(value, form)) return { value, at: found.at };
    findings.warning(
      'oci-launch',
      found.at,
      value.includes('$')
        ? 'This value is a shell expression: harvgen reads only literal values.'
        : `This is not ${what}`,
      `set the literal value in defaults.oci.${key} of the site`,
    );
  }
  const why = `${found ? 'its value is not usable' : 'launch.sh does not set it'}: defaults.oci.${key} is ${what}`;
  return findings.notes.open(name, why, found?.at);
}

/** Adds notes on the options of a launch that a site has no keys for, and on those in which several launches differ. */
function noteOptions(options: readonly CallOption[], notes: Notes): void {
  const others = options.filter(({ name }) => !CARRIED.includes(name) && !OWN_OPTIONS.includes(name));
  const [first] = others;
  const why =
    'not an option of oci-harvester or of scripts/oci-launch.sh: there, the display name of a node is its ' +
    'name, its private IP address is its ip, and tags are oci.tags';
  if (first) notes.left(shortList(others.map(({ name }) => name)), why, first.at);
  for (const option of CARRIED) {
    const [one, ...more] = options.filter(({ name }) => name === option);
    const other = more.find(({ value }) => value?.value !== one?.value?.value);
    const reason =
      'the launches differ in it: defaults.oci contains the value of the first; set the others in their nodes';
    if (other) notes.left(option, reason, other.at);
  }
}

/** Returns the values of options that a site has keys for. The region can also be derived from an OCID. */
function furtherOf(
  options: readonly CallOption[],
  ocid: Sourced<string> | undefined,
  notes: Notes,
): ContentMap {
  const values: Record<string, Content> = {};
  for (const [option, key] of Object.entries(FURTHER)) {
    const found = options.find(({ name }) => name === option);
    const value = found?.value && valueIn(found.value.value, formOf(key));
    const from = sourceComment([found?.value?.at]);
    if (value !== undefined) values[key] = typeof value === 'object' ? flow(value, from) : noted(value, from);
    else if (found)
      notes.left(option, `harvgen reads only literal values: set it in defaults.oci.${key}`, found.at);
  }
  if (!ocid || values.region) return values;
  const region = regionOfOcid(ocid.value);
  if (region) return { region: noted(region, `${sourceComment([ocid.at])}, from the OCID`), ...values };
  const why = 'neither an option nor an OCID contains it (default: from the configuration of the CLI)';
  notes.open('defaults.oci.region', why, ocid.at);
  return values;
}

/** Returns the value of an option for an inventory (lists are JSON in the CLI), or undefined if it is invalid. */
function valueIn(text: string, form: Form): string | boolean | string[] | undefined {
  if (form.type === 'boolean')
    return /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined;
  const { items } = form;
  if (!items) return fits(text, form) ? text : undefined;
  const list = orUndefined((): unknown => JSON.parse(text));
  const isList = Array.isArray(list) && list.length > 0;
  return isList && list.every((one) => typeof one === 'string' && fits(one, items)) ? list : undefined;
}

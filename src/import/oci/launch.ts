import { violationIn } from '../../inventory/schema-errors.ts';
import { regionOfOcid } from '../../knowledge/clouds.ts';
import { type ConfigSchema, sitePart } from '../../knowledge/schemas.ts';
import type { Source } from '../../source/source.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import { type Content, type ContentMap, flow, noted, OPEN, sourceComment } from '../joined/write-site.ts';
import type { Sourced } from '../model/gathered.ts';
import type { Findings } from '../model/notes.ts';
import { showOnly } from '../model/secrets.ts';
import { filled, ociHarvester, shortList } from './table.ts';

/** `oci compute instance launch`, with options before `compute`; the name of the CLI can also be a variable. */
const CALL =
  /\b(?:oci(?:(?:[ \t]|\\\r?\n)+[^\s;|&()`]+){0,12}?(?:[ \t]|\\\r?\n)+)?compute(?:[ \t]|\\\r?\n)+instance(?:[ \t]|\\\r?\n)+launch\b/g;
/** Blanks and the shell word after them. */
const WORD =
  /(?:[ \t]|\\\r?\n)*((?:'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[^\r\n]|\$\([^)\n]{0,200}\)|\$\{[^}\n]{0,200}\}|[^\s'"\\;|&()`<>$]+|\$)+)/gy;
const PIECE = /'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([^\r\n])|([^'"\\]+)/g;

/** `export NAME="value" # comment` */
const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=/gm;

/** Returns every variable that a script sets, with the location of the assignment; the last value applies. */
function variablesOf(source: Source): ReadonlyMap<string, Sourced<string>> {
  const pairs = Array.from(source.text.matchAll(ASSIGNMENT), ({ 0: text, 1: name = '', index: start }) => {
    const from = start + text.length;
    const word = wordAt(source, from);
    const [value, end] = word?.at.start === from ? [word.value, word.at.end] : ['', from];
    // The quotes around all of a value are not part of it.
    const quote = end - from - value.length === 2 ? 1 : 0;
    return [name, { value, at: { source, start: from + quote, end: end - quote } }] as const;
  });
  return new Map(pairs);
}

/** Returns the shell word after an offset, as the shell expands literal text; undefined at the end of the command. */
function wordAt(source: Source, from: number): Sourced<string> | undefined {
  WORD.lastIndex = from;
  const [whole = '', word = '#'] = WORD.exec(source.text) ?? [];
  if (word.startsWith('#')) return undefined;
  const end = from + whole.length;
  const value = word.replace(
    PIECE,
    (_, single?: string, double?: string, escaped?: string, bare?: string) =>
      single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? bare ?? '',
  );
  return { value, at: { source, start: end - word.length, end } };
}

/**
 * Returns the options of every `oci compute instance launch` in a script in their order, even those before it (`oci --region …`), each
 * with the word after it. A value that is only a variable of the script gets the value and location of that variable.
 */
function launchOptions(source: Source, variables: ReadonlyMap<string, Sourced<string>>) {
  const { text } = source;
  return Array.from(text.matchAll(CALL), ({ index }) => {
    if (/^[ \t]*#/.test(text.slice(text.lastIndexOf('\n', index) + 1, index))) return [];
    const words: Sourced<string>[] = [];
    let word = wordAt(source, index);
    for (; word; word = wordAt(source, word.at.end)) words.push(word);
    return words.flatMap(({ value: option, at }, index) => {
      if (!/^-{1,2}[a-z]/.test(option)) return [];
      const [, long, inline] = /^(--[\w-]+)=([\s\S]*)$/.exec(option) ?? [];
      // The value of a short option can follow its letter immediately.
      const name = long ?? (option.startsWith('--') ? option : option.slice(0, 2));
      const literal = inline === undefined ? words[index + 1] : { value: inline, at };
      const isFlag = inline === undefined && /^--?[a-z]/.test(literal?.value ?? '-x');
      const [, braced, bare = ''] = /^\$(?:\{(\w+)\}|(\w+))$/.exec(literal?.value ?? '') ?? [];
      const value = isFlag ? undefined : (variables.get(braced ?? bare) ?? literal);
      return { name: ociHarvester().launch.short[name] ?? name, value, at };
    });
  }).flat();
}

/** A placeholder of oci-harvester that the user must replace. */
const PLACEHOLDER = /^$|\bip-address\b|\.\.?(?:\w+\.)?update$|^XXXX:|^<.*>$/;

/** Reads the instance settings of launch.sh for `defaults.oci`, with notes on placeholders. Undefined for another file. */
export function readLaunch(source: Source, findings: Findings): ContentMap | undefined {
  const { notes } = findings;
  const { settings, set, texts } = ociHarvester().launch;
  const variables = variablesOf(source);
  const options = launchOptions(source, variables);
  const rows = settings.map(({ key, option = '', variable = '' }) => {
    const [first, ...others] = options.filter(({ name }) => name === option);
    const isExpression = variable !== '' && first?.value?.value.includes('$');
    const found = (isExpression ? undefined : first?.value) ?? variables.get(variable);
    return { key, option, variable, first, others, found };
  });
  const shown = rows.flatMap(({ found }) => found?.at ?? []).sort((a, b) => a.start - b.start);
  showOnly(source, shown);
  if (!rows.some(({ variable, found }) => variable && found))
    return findings.error(
      'not-oci-harvester',
      { source, start: 0, end: 0 },
      'The file sets no variable of launch.sh of oci-harvester, such as SUBNET_UUID.',
      `use launch.sh, which sets ${settings.flatMap(({ variable }) => variable ?? []).join(', ')}`,
    );
  const known = [...settings.map(({ option }) => option), ...set];
  const unknown = options.filter(({ name }) => !known.includes(name));
  if (unknown[0]) notes.left(shortList(unknown.map(({ name }) => name)), texts.unknown, unknown[0].at);
  const contents: Record<string, Content> = {};
  let ocid: Sourced<string> | undefined;
  for (const { key, option, variable, first, others, found } of rows) {
    const schema = sitePart(['defaults', 'oci', key])?.schema ?? {};
    const expected = schema['x-expects'];
    const other = others.find(({ value }) => value?.value !== first?.value?.value);
    if (other) notes.left(option, texts.differs, other.at);
    const text = found?.value.replace(/^(?:\$HOME|\$\{HOME\})\//, '~/') ?? '';
    const isPlaceholder = variable !== '' && PLACEHOLDER.test(text);
    const value = isPlaceholder ? undefined : valueIn(text, schema);
    if (value !== undefined) contents[key] = flow(value, sourceComment([found?.at]));
    else if (variable) {
      contents[key] = noted(OPEN, 'see above');
      const message = text.includes('$') ? texts.expression : `This is not ${expected}`;
      const help = `set the literal value in defaults.oci.${key} of the site`;
      if (found && !isPlaceholder) findings.warning('oci-launch', found.at, message, help);
      const state = found ? 'its value is not usable' : 'launch.sh does not set it';
      notes.open(variable, `${state}: defaults.oci.${key} is ${expected}`, found?.at);
    } else if (first) notes.left(option, filled(texts.literal, { key }), first.at);
    if (value !== undefined && (key === 'subnet' || (key === 'image' && !ocid))) ocid = found;
    if (key !== 'region' || value !== undefined || !ocid) continue;
    const region = regionOfOcid(ocid.value);
    if (region) contents[key] = noted(region, `${sourceComment([ocid.at])}, from the OCID`);
    else notes.open('defaults.oci.region', texts.region, ocid.at);
  }
  return contents;
}

/** Returns the value of a key in a script (lists are JSON in the CLI), or undefined if it is invalid. */
function valueIn(text: string, schema: ConfigSchema): string | boolean | string[] | undefined {
  const { type, items } = schema;
  const isJson = type === 'boolean' || items;
  const value = isJson ? orUndefined(() => JSON.parse(type === 'boolean' ? text.toLowerCase() : text)) : text;
  const isValid =
    value !== undefined &&
    !violationIn(value, schema) &&
    (!Array.isArray(value) || !items || value.every((item) => !violationIn(item, items)));
  return isValid ? value : undefined;
}

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CAC } from 'cac';
import { IMPORT_FORMATS, JOINED_FORMATS } from '../import/import-formats.ts';
import { readSite } from '../inventory/read.ts';
import { LAST_PATCHES } from '../knowledge/harvester.ts';
import {
  nodeSchema,
  type Part,
  partAt,
  partsOf,
  readDescriptions,
  siteSchema,
} from '../knowledge/schemas.ts';
import { DIAGNOSTICS } from '../rules/index.ts';
import { Report } from '../source/diagnostics/report.ts';
import { pathText, valueAlong } from '../source/leaf.ts';
import { builtInFiles } from '../targets/templates/template.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { SHELLS } from './completion.ts';

/** A word that can replace the last one of a command line, with its meaning. */
type Candidate = readonly [word: string, meaning?: string | undefined];

type Option = CAC['globalCommand']['options'][number];

/** Words that a shell inserts unchanged: a name in a directory or an inventory must not become a command. */
const SAFE = /^[\w./:@+=,[\]-]+$/;

/** How deep directories are searched for sites. */
const DEPTH = 3;

/**
 * Returns lines for a shell: the words that can replace the last one of a command line, each with its meaning after a tab.
 * Takes the words after `harvgen`. Returns nothing where only a file fits.
 */
export function complete(cli: CAC, words: readonly string[]): string {
  readDescriptions();
  const last = words.at(-1) ?? '';
  const lines = candidates(cli, words.slice(0, -1), last)
    .filter(([word]) => word.startsWith(last) && SAFE.test(word))
    .map(([word, meaning]) => `${word}${meaning ? `\t${firstSentence(meaning)}` : ''}\n`);
  return [...new Set(lines)].join('');
}

function firstSentence(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/(?<=\.) .*/, '');
}

function candidates(cli: CAC, before: readonly string[], last: string): readonly Candidate[] {
  const [name] = before;
  const command = cli.commands.find((command) => command.name === name);
  if (!command)
    return [
      ...cli.commands.map(({ name, description }): Candidate => [name, description]),
      ...optionsOf(cli.globalCommand.options),
    ];
  const options = [...command.options, ...cli.globalCommand.options];
  const flagOf = (word: string | undefined) =>
    options.find(
      ({ rawName, isBoolean }) => !isBoolean && word !== undefined && rawName.split(/[ ,]+/).includes(word),
    );
  const args = before.slice(1).filter((word, at) => !word.startsWith('-') && !flagOf(before[at]));
  const option = flagOf(before.at(-1));
  if (option) return orUndefined(() => valuesOf(option, args, last)) ?? [];
  if (last.startsWith('-')) return optionsOf(options);
  const { value = '' } = command.args[args.length] ?? command.args.findLast(({ variadic }) => variadic) ?? {};
  return orUndefined(() => ofArgument(command.name, value, args, last)) ?? [];
}

function optionsOf(options: readonly Option[]): Candidate[] {
  return options.map(({ rawName, description }) => [/--[\w-]+/.exec(rawName)?.[0] ?? rawName, description]);
}

/** The values of an option: names of the site, or those that its description lists: `Output format: text, json or github`. */
function valuesOf({ rawName, description }: Option, args: readonly string[], last: string): Candidate[] {
  const [, kind = ''] = /<([\w-]+)>/.exec(rawName) ?? [];
  if (kind.endsWith('version')) return releases().map((name) => [name]);
  if (kind === 'site') return sitesBelow(last).map((name) => [name]);
  if (kind === 'node') return nodesOf(args[0] ?? '');
  const [, list = ''] = ['format', 'mode', 'firmware'].includes(kind)
    ? (/(?:: |to )(.*?)(?:$| \(default|, with)/.exec(description) ?? [])
    : [];
  return list
    .replaceAll(/ \([^)]*\)/g, '')
    .split(/, | or /)
    .filter(Boolean)
    .map((word) => [word]);
}

/** Returns what fits an argument, by its name in the definition of the command. */
function ofArgument(command: string, argument: string, args: readonly string[], last: string): Candidate[] {
  const [site = ''] = args;
  const names = (list: readonly string[]): Candidate[] => list.map((name) => [name]);
  switch (argument) {
    case 'sites':
    case 'site':
      // A command would read brackets as a glob.
      return names(sitesBelow(last).filter((name) => !/[[\]]|^-/.test(name))).filter(
        ([word]) => !args.includes(word),
      );
    case 'node':
    case 'nodes':
      return nodesOf(site);
    case 'node-or-key=value':
      return [...nodesOf(site), ...keys(siteSchema(), inventoryOf(site), last, '=')];
    case 'key=value':
      return args[1]?.includes('=')
        ? keys(siteSchema(), inventoryOf(site), last, '=')
        : keys(nodeSchema(), valueAlong(inventoryOf(site), ['nodes', args[1] ?? '']), last, '=');
    case 'key':
      return keys(nodeSchema(), valueAlong(inventoryOf(site), ['nodes', args[1] ?? '']), last, '');
    case 'code':
      return DIAGNOSTICS.map(({ code, what }) => [code, what]);
    case 'version':
      return names(releases());
    case 'name':
      return names(builtInFiles());
    case 'shell':
      return names(SHELLS);
    case 'format':
      return command === 'import'
        ? names([...IMPORT_FORMATS, ...JOINED_FORMATS].map(({ name }) => name))
        : [];
    default:
      return [];
  }
}

/** Returns the releases of Harvester, the newest first. */
export function releases(): string[] {
  return LAST_PATCHES.flatMap((last) => {
    const [minor = '', patches = ''] = last.split(/\.(?=\d+$)/);
    return Array.from({ length: Number(patches) + 1 }, (_, patch) => `${minor}.${patch}`);
  }).reverse();
}

/** Returns the directories of sites below the directory in which a path begins, without those that sites share. */
function sitesBelow(start: string): string[] {
  const folder = start.includes('/') ? start.slice(0, start.lastIndexOf('/') + 1) : '';
  const found: string[] = [];
  const search = (path: string, depth: number) => {
    for (const entry of orUndefined(() => readdirSync(path || '.', { withFileTypes: true })) ?? []) {
      const below = `${path}${entry.name}`;
      const isLink = entry.isSymbolicLink();
      if (!(entry.isDirectory() || isLink) || /^[._]|^node_modules$/.test(entry.name)) continue;
      if (depth === DEPTH && !below.startsWith(start)) continue;
      if (existsSync(join(below, 'site.yaml'))) found.push(below);
      else if (depth > 1 && !isLink) search(`${below}/`, depth - 1);
    }
  };
  search(folder, DEPTH);
  return found.sort();
}

function inventoryOf(site: string): unknown {
  return readSite(site, new Report())?.inventory;
}

function nodesOf(site: string): Candidate[] {
  return Object.keys((valueAlong(inventoryOf(site), ['nodes']) as object | undefined) ?? {}).map((name) => [
    name,
  ]);
}

/**
 * Returns the keys that begin with a text, one level at a time, with `end` after a key that has a value: `config.install.`,
 * `config.install.device=`. Maps with free names have those of the inventory. After `=`, returns the values of the schema.
 */
function keys(root: Part, value: unknown, typed: string, end: string): Candidate[] {
  const [key = '', assigned] = typed.split(/=(.*)/s);
  if (assigned !== undefined && end) return valuesAt(root, key).map((value) => [`${key}=${value}`]);
  const outer = key.slice(0, key.lastIndexOf('.') + 1);
  const steps = outer === '' ? [] : partsOf(outer.slice(0, -1), root);
  if (!steps) return [];
  const path = steps.map(({ step }) => step);
  const part = steps.at(-1) ?? root;
  const here = valueAlong(value, path);
  const free =
    typeof part.schema.additionalProperties === 'object' && typeof here === 'object'
      ? Object.keys(here ?? {})
      : [];
  return [...new Set([...Object.keys(part.schema.properties ?? {}), ...free])].flatMap((name) => {
    const next = partAt(part, name);
    const text = pathText([...path, name]);
    if (next?.schema.items && partAt(next, 0)?.schema.properties)
      return [[`${text}[0].`, next.schema.description]];
    const hasKeys = next?.schema.properties ?? typeof next?.schema.additionalProperties === 'object';
    return [[`${text}${hasKeys ? '.' : end}`, next?.schema.description]];
  });
}

/** Returns the values of a key that the schema lists; releases for a release; null removes a key. */
function valuesAt(root: Part, key: string): readonly string[] {
  const { schema } = partsOf(key, root)?.at(-1) ?? {};
  if (!schema) return [];
  if (key.endsWith('harvester.version')) return releases();
  const listed =
    schema.enum?.map(String) ?? ([schema.type].flat().includes('boolean') ? ['true', 'false'] : []);
  return [...listed, 'null'];
}

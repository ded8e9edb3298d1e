import { type Document, isAlias, parseDocument, visit } from 'yaml';
import { compile, resolve } from '../compile.ts';
import type { SiteOptions } from '../compile-sites.ts';
import { newDiagnostics } from '../edit/apply-fixes.ts';
import {
  attributeToEdits,
  type Change,
  describeEdit,
  editAll,
  nodeNames,
  valueIn,
} from '../edit/edit-node.ts';
import { SaveError, saveFiles, Texts } from '../edit/save.ts';
import { type Explained, explainNode, select, suggest } from '../inspect/explain/explain-node.ts';
import { Disk } from '../inventory/disk.ts';
import { type InventoryFiles, readFiles } from '../inventory/files.ts';
import {
  type ConfigSchema,
  type KeyPart,
  namedKeys,
  nodeSchema,
  type Part,
  partsOf,
  siteSchema,
} from '../knowledge/schemas.ts';
import { Report } from '../source/diagnostics/report.ts';
import { formatLocation } from '../source/diagnostics/text.ts';
import { leavesBelow, pathText } from '../source/leaf.ts';
import { isValueMap, type Value, type ValueMap } from '../source/origin.ts';
import { nearest } from '../values/text.ts';
import { printDiagnostics, uninterrupted } from './console.ts';
import { editing, failEdit } from './edit-errors.ts';
import { UsageError, unknownNode } from './read-arguments.ts';
import { findSite } from './sites.ts';

/**
 * `harvgen set`: edits keys of a node or of the site in its inventory files, unless the result has errors, and prints the
 * changes. Takes the name of the node, or the first KEY=VALUE of the site. Waits for another edit of the same site. Returns
 * the exit code: 1 if nothing was saved. Throws UsageError for an unknown node or key.
 */
export async function set(
  site: string,
  target: string,
  args: readonly string[],
  options: SiteOptions,
): Promise<number> {
  const isOfSite = target.includes('=');
  if (!isOfSite && args.length === 0)
    throw new UsageError(`missing required args: write KEY=VALUE after ${target}, such as install=always`);
  const folder = await findSite(site, 'set');
  return await editing(folder, () =>
    isOfSite
      ? edit(site, folder, undefined, [target, ...args], options)
      : edit(site, folder, target, args, options),
  );
}

async function edit(
  arg: string,
  folder: string,
  node: string | undefined,
  args: readonly string[],
  { templates }: SiteOptions,
): Promise<number> {
  const before = new Report();
  const files = readFiles(folder, before, new Disk());
  if (!files) return failEdit(before.sorted());
  const names = nodeNames(files);
  if (node !== undefined && !names.includes(node)) throw unknownNode(node, names, arg);
  const leaves = await explained(folder, node, before);
  const assignments =
    node === undefined
      ? readAssignments(args, siteSchema(), (key) => unknownSiteKey(key, files))
      : readAssignments(args, nodeSchema(), (key) => unknownKey(arg, node, key, leaves, files));
  const nic = node === undefined ? undefined : keyOfNic(node, assignments, files);
  if (nic !== undefined) throw new UsageError(nic);
  const texts = new Texts();
  const edits = editAll(files, texts, node, assignments, leaves);
  const unsaved = new Map(texts.changes.map(({ path, after }) => [path, after]));
  const { site, tree, diagnostics } = await compile(folder, { edits: unsaved, templates });
  if (!tree) return failEdit(attributeToEdits(diagnostics, node, edits, texts));
  if (node !== undefined && !site?.nodes.some(({ name }) => name === node))
    throw new SaveError(`${node} would be removed with its last key: remove the node in an editor`);
  printDiagnostics(newDiagnostics(diagnostics, before.sorted()));
  const removes = edits.some(({ value }) => value === undefined);
  const after = removes ? await explained(folder, node, new Report(), new Disk(unsaved)) : [];
  await uninterrupted(() => saveFiles(texts.changes, process.cwd()));
  const context = { node, texts, before: leaves, after, folder: process.cwd() };
  for (const edit of edits) process.stdout.write(`${describeEdit(edit, context)}\n`);
  return 0;
}

/** Returns the effective values of a node, or those that a site sets; none if its inventory has errors that hide them. */
async function explained(
  folder: string,
  node: string | undefined,
  report: Report,
  disk = new Disk(),
): Promise<Explained[]> {
  const { inventory, draft } = resolve(folder, report, disk);
  if (node === undefined)
    return Object.keys(inventory ?? {}).flatMap((key) => [...leavesBelow(inventory ?? {}, key)]);
  const found = draft?.nodes?.find((other) => other?.name === node);
  return inventory && draft && found ? explainNode(inventory, draft, found) : [];
}

/** One KEY=VALUE of a command line. */
interface Assignment extends Change {
  readonly key: string;
}

/**
 * Reads KEY=VALUE arguments by the schema of each key. Takes the error message for an unknown key. Throws UsageError,
 * also for a repeated key or one within another one.
 */
function readAssignments(
  args: readonly string[],
  schema: Part,
  unknown: (key: string) => string,
): Assignment[] {
  const seen = new Set<string>();
  const assignments = args.map((arg) => {
    const end = arg.indexOf('=');
    if (end <= 0) throw new UsageError(`${arg} is not KEY=VALUE, such as install=always`);
    const key = arg.slice(0, end);
    const parts = partsOf(key, schema);
    if (!parts) throw new UsageError(unknown(key));
    const path = parts.map(({ step }) => step);
    const name = pathText(path);
    if (seen.has(name)) throw new UsageError(`${name} is set twice: only one value can apply`);
    seen.add(name);
    const text = arg.slice(end + 1);
    const value = readValue(name, text, (parts.at(-1) as KeyPart).schema);
    // Keeps the number as written, but without extra zeros: 0x81 for 0x0081.
    const written = text.trim().replace(/^0x0+(?=[0-9a-f])/i, '0x');
    return { key: name, path, value, ...(typeof value === 'number' ? { written } : {}) };
  });
  for (const { key, path } of assignments) {
    const outer = path.map((_, index) => pathText(path.slice(0, index))).find((path) => seen.has(path));
    if (outer !== undefined) throw new UsageError(`${key} is within ${outer}: set only one of them`);
  }
  return assignments;
}

/** Returns the value as text if the schema allows only text; else parses it as YAML. */
function readValue(key: string, text: string, schema: ConfigSchema): Value | undefined {
  if (text === 'null') return undefined;
  if (isText(schema)) return text;
  const document = parseDocument(text, { prettyErrors: false });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) {
    const secret = text.includes('${secret:') ? ': quote a secret in { } or [ ], "${secret:name}"' : '';
    throw new UsageError(
      `the value of ${key} is not YAML${secret || `: ${problem.message.replace(/\.$/, '')}`}`,
    );
  }
  refuseReferences(key, document);
  const value = document.toJS() as Value;
  if (value === null) throw new UsageError(`${key} has no value; ${key}=null removes it`);
  return value;
}

/** Throws UsageError for aliases, anchors and tags: they have no meaning in a single value. */
function refuseReferences(key: string, document: Document): void {
  visit(document, {
    Node: (_, node) => {
      const reference = isAlias(node)
        ? `the alias *${node.source}`
        : node.anchor
          ? `the anchor &${node.anchor}`
          : node.tag && `the tag ${node.tag.replace('tag:yaml.org,2002:', '!!')}`;
      if (!reference) return;
      throw new UsageError(
        `the value of ${key} has ${reference}, which a command line cannot resolve: write the value itself, or quote it as text`,
      );
    },
  });
}

function isText({ type, enum: allowed }: ConfigSchema): boolean {
  return (
    type === 'string' || (type === undefined && Boolean(allowed?.every((value) => typeof value === 'string')))
  );
}

const MOST_KEYS = 12;
/** Larger than any distance, so that `nearest` always finds a name. */
const ANY = 1000;

/** Returns the message for a key that a site does not have: whether nodes or a part of the site have it, else the most similar key. */
function unknownSiteKey(key: string, files: InventoryFiles): string {
  const isOfLayer = partsOf(`defaults.${key}`, siteSchema()) !== undefined;
  if (partsOf(key))
    return `${key} is a key of a node: name the node before it${isOfLayer ? `, or set it for all nodes as defaults.${key}` : ''}`;
  const meant = keyOfSite(key, files);
  if (meant !== undefined) return `a site has no key ${key}: did you mean ${meant}?`;
  const above = partsOf(key.slice(0, Math.max(0, key.lastIndexOf('.'))), siteSchema()) ?? [];
  const steps = above.map(({ step }) => step);
  return `a site has no key ${key}${shortened(suggest(namedKeys(above.at(-1) ?? siteSchema(), steps), key), key)}`;
}

/**
 * Returns the message for a key that cannot be set on a node. It names the place of a key with an effect on the node, or of a
 * key of the site, else the most similar key. Takes the effective values of the node.
 */
function unknownKey(
  site: string,
  node: string,
  key: string,
  leaves: readonly Explained[],
  files: InventoryFiles,
): string {
  const [leaf] = select(leaves, key);
  const ofSite = leaf ? undefined : keyOfSite(key, files);
  if (ofSite !== undefined)
    return `${key} is not a key of a node: set it for the site with harvgen set ${site} ${ofSite}=…`;
  if (!leaf) return `a node has no key ${key}${shortened(suggest(namedKeys(), key), key)}`;
  const location = leaf.at && formatLocation(leaf.at, process.cwd());
  if (leaf.path[0] === 'harvester') {
    const where = location ? `at ${location}` : 'in `harvester` of the site, or in `clusters`';
    return `${key} applies to a whole cluster, not to ${node}: set it ${where}`;
  }
  const why = [leaf.derived, location && `at ${location}`].filter(Boolean).join(', ');
  return `${key} cannot be set on ${node}: it is ${leaf.value}${why && ` (${why})`}. To set it, list \`nics\` instead of \`mac\` and \`ip\``;
}

/**
 * Returns the key of a site that a key probably is: the key itself, or that of the outermost part of the site that has it, such as
 * a network.
 */
function keyOfSite(key: string, { own, included }: InventoryFiles): string | undefined {
  const maps = [...own, ...included]
    .flatMap(({ content }) => partsWithin(content))
    .sort((path, other) => path.length - other.length);
  return [key, ...maps.map((map) => `${pathText(map)}.${key}`)].find((name) => {
    const parts = partsOf(name, siteSchema());
    const holder = parts?.at(-2)?.schema ?? siteSchema().schema;
    return parts && Object.hasOwn(holder.properties ?? {}, String(parts.at(-1)?.step));
  });
}

/** The maps of keys of nodes, which `unknownKey` and `unknownSiteKey` name in other ways. */
const LAYERS = ['defaults', 'profiles', 'nodes'];

/** Returns the paths of a site's keys, outside lists and these maps. */
function partsWithin(map: ValueMap, path: readonly string[] = []): (readonly string[])[] {
  return Object.entries(map).flatMap(([name, value]) => {
    if (path.length === 0 && LAYERS.includes(name)) return [];
    const here = [...path, name];
    return [here, ...(isValueMap(value) ? partsWithin(value, here) : [])];
  });
}

/**
 * Returns the error for a key of single-NIC nodes on a node that lists its NICs. Undefined if no assignment has such a
 * key, or if another assignment removes the list.
 */
function keyOfNic(
  node: string,
  assignments: readonly Assignment[],
  { own, included }: InventoryFiles,
): string | undefined {
  const found = assignments.find(({ key, value }) => value !== undefined && (key === 'mac' || key === 'ip'));
  const isRemoved = assignments.some(({ key, value }) => key === 'nics' && value === undefined);
  const lists = [...own, ...included].some((file) => Array.isArray(valueIn(file, ['nodes', node, 'nics'])));
  if (!found || isRemoved || !lists) return undefined;
  return `${node} lists its NICs and has no ${found.key} of its own: did you mean nics[0].${found.key}?`;
}

/** Returns the page of the documentation that lists the keys beside a key of a node. */
function pageOf(key: string): string {
  return `docs/reference/${/^config\b/.test(key) ? 'harvester-config' : 'inventory'}.md`;
}

function shortened(suggestion: string, key: string): string {
  const [likely = '', names = ''] = suggestion.split(' Keys: ');
  const all = names.split(', ');
  if (all.length <= MOST_KEYS) return suggestion;
  const near: string[] = [];
  while (near.length < MOST_KEYS) {
    const left = all.filter((name) => !near.includes(name));
    near.push(nearest(key, left, ANY) ?? (left[0] as string));
  }
  const shown = all.filter((name) => near.includes(name)).join(', ');
  return `${likely} Keys: ${shown} and ${all.length - MOST_KEYS} more (all are in ${pageOf(key)})`;
}

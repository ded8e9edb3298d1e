import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type CompletionItem,
  CompletionItemKind,
  InsertTextFormat,
  MarkupKind,
} from 'vscode-languageserver/node';
import type { Compilation } from '../compile.ts';
import { canonicalPath } from '../inventory/canonical-config.ts';
import { availability, hasNoEffect } from '../knowledge/config-schema.ts';
import { LAST_PATCHES } from '../knowledge/harvester.ts';
import { SMD_VALUES } from '../knowledge/known-values.ts';
import type { ConfigSchema, Part } from '../knowledge/schemas.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import { rules } from '../rules/index.ts';
import { ONCE_NAME } from '../site/bootstrap.ts';
import type { Node, Site } from '../site/model.ts';
import { NODE_VALUE_NAMES, networkValueNames, siteValueNames } from '../site/references.ts';
import { type Path, valueAlong } from '../source/leaf.ts';
import { isValueMap, type Value } from '../source/origin.ts';
import { asYaml, keyAsYaml } from '../source/text-edit/as-yaml.ts';
import type { Draft } from '../values/draft.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { isAtLeast, type Version } from '../values/version.ts';
import { type Cursor, cursorAt } from './cursor.ts';
import { type KnownNames, knownNames } from './known-names.ts';
import { isManifest, isSameName } from './occurrences.ts';
import type { OpenFile } from './open-file.ts';
import { kindOfPlace, partAlong, partInside } from './schema-place.ts';
import type { Capability, Workspace } from './workspace.ts';

/** Completion of keys, values and names: from the current text, and the last compilations of its sites. */
export const completion: Capability = (connection, workspace) => {
  connection.onCompletion(({ textDocument, position }) =>
    workspace.answer(textDocument, (file) => itemsAt(file, file.offsetAt(position), workspace), {
      isTyping: true,
    }),
  );
  return { completionProvider: { triggerCharacters: [' ', ':', '{', '[', '/', '.'] } };
};

function itemsAt(file: OpenFile, offset: number, { client }: Workspace): CompletionItem[] | undefined {
  if (!file.isInventory && !isManifest(file.path)) return undefined;
  const snippets = client.textDocument?.completion?.completionItem?.snippetSupport ?? false;
  const sites = file.sites.flatMap(({ known }) => known ?? []);
  const { path, source } = file;
  const found = completionsAt({ path, text: source.text, sites, snippets }, offset);
  return found.map((proposal, index) => itemOf(file, proposal, index));
}

function itemOf(file: OpenFile, proposal: Proposal, index: number): CompletionItem {
  const { label, kind, documentation, detail, insert, isSnippet, start, end } = proposal;
  return {
    label,
    kind: KINDS[kind],
    ...(detail !== undefined && { detail }),
    ...(documentation !== undefined && {
      documentation: { kind: MarkupKind.Markdown, value: documentation },
    }),
    // Clients sort by text.
    sortText: String(index).padStart(4, '0'),
    insertTextFormat: isSnippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    textEdit: { range: file.range(start, end), newText: insert },
  };
}

const KINDS = {
  key: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  name: CompletionItemKind.Reference,
  file: CompletionItemKind.File,
} as const;

/** A completion: a text for a span of the file. */
export interface Proposal {
  readonly label: string;
  readonly kind: 'key' | 'value' | 'name' | 'file';
  readonly documentation?: string | undefined;
  /** Whether the key is required. */
  readonly detail?: string | undefined;
  /** The text to insert; as a snippet, `$0` is the position of the cursor after it. */
  readonly insert: string;
  readonly isSnippet: boolean;
  readonly start: number;
  readonly end: number;
}

/** A site with an inventory. */
type KnownSite = Pick<Compilation, 'inventory' | 'draft'>;

/** The text of a file, and the sites that contain it as they were when they last compiled. */
export interface CompletionContext {
  readonly path: string;
  readonly text: string;
  readonly sites: readonly KnownSite[];
  /** Whether the client supports snippets. */
  readonly snippets: boolean;
}

/** Returns the completions at an offset of a site's file, in the order in which the client must show them. */
export function completionsAt(context: CompletionContext, offset: number): Proposal[] {
  const inText = referencesAt(context, offset);
  if (inText || isManifest(context.path)) return inText ?? [];
  const found = cursorAt(context.text, offset);
  const cursor = found && { ...found, path: canonicalPath(found.path) };
  const part = cursor && partAlong(cursor.path);
  if (!cursor || !part) return [];
  const isMap = typesOf(part.schema).includes('object') && mayHaveKeys(part.schema);
  if (cursor.role === 'key' && isMap) return keysAt(context, cursor, part);
  // A word alone below a key, or in a list, reads like a key without its colon.
  const items = cursor.role === 'key' && !cursor.isFlow ? partInside(part, 0) : undefined;
  const isList = items && typesOf(part.schema).includes('array');
  const path = isList ? [...cursor.path, 0] : cursor.path;
  if (isList && mayHaveKeys(items.schema))
    return keysAt(context, { ...cursor, path }, items).map((key) => ({ ...key, insert: `- ${key.insert}` }));
  if (cursor.hasColon) return [];
  if (cursor.role === 'value' && isMap && typesOf(part.schema).length === 1)
    return typeof cursor.path.at(-1) === 'number' ? keysAt(context, cursor, part) : [];
  return valuesAt(context, { ...cursor, path }, isList ? items : part, isList ? '- ' : '');
}

function typesOf({ type }: ConfigSchema): readonly string[] {
  return type === undefined ? [] : ([type].flat() as string[]);
}

function mayHaveKeys({ properties, additionalProperties: others }: ConfigSchema): boolean {
  return properties !== undefined || typeof others === 'object';
}

function keysAt(context: CompletionContext, cursor: Cursor, part: Part): Proposal[] {
  const { properties = {}, required = [], additionalProperties: others } = part.schema;
  const releases = releasesOf(context.sites, cursor.path);
  const modes = context.sites.flatMap(({ draft }) => nodeOf(draft, cursor.path)?.mode ?? []);
  const keys = Object.keys(properties).filter((key) =>
    isOffered(partInside(part, key)?.schema ?? {}, releases, modes),
  );
  const sorted = [...new Set([...required.filter((key) => keys.includes(key)), ...keys])];
  const names = typeof others === 'object' ? freeNames(context, cursor.path) : [];
  const present = cursor.present.map((key) => canonicalPath([...cursor.path, key]).at(-1));
  return [...sorted.map((name) => ({ name, documentation: undefined })), ...names]
    .filter(({ name }) => !present.some((key) => isSameName(String(key), name)))
    .map(({ name, documentation }) => {
      const inner = partInside(part, name)?.schema ?? {};
      return {
        label: name,
        kind: 'key',
        documentation: documentation ?? inner.description,
        detail: required.includes(name) ? 'required' : undefined,
        ...insertion(context, cursor, name, inner),
      };
    });
}

/** Whether a key is in one of the releases, has an effect there, and is for one of the modes. */
function isOffered(key: ConfigSchema, releases: readonly Version[], modes: readonly string[]): boolean {
  const isOf = (release: Version) => availability(key, release) === 'present' && !hasNoEffect(key, release);
  if (key['x-internal'] || (releases.length > 0 && !releases.some(isOf))) return false;
  return modes.length === 0 || modes.some((mode) => key['x-modes']?.includes(mode) ?? true);
}

function insertion(
  { snippets }: CompletionContext,
  { isFlow, hasColon, quotes, start, end }: Cursor,
  key: string,
  schema: ConfigSchema,
): Pick<Proposal, 'insert' | 'isSnippet' | 'start' | 'end'> {
  const name = quotes ? key : keyAsYaml(key);
  const span = { start, end, isSnippet: false };
  if (hasColon || quotes) return { ...span, insert: name };
  const types = typesOf(schema);
  const isNested = (types[0] === 'object' || types[0] === 'array') && !types.includes('string');
  if (!snippets) return { ...span, insert: isNested && !isFlow ? `${name}:` : `${name}: ` };
  const [map, list] = isFlow ? [' { $0 }', ' [$0]'] : ['\n  $0', '\n  - $0'];
  const rest = !isNested ? ' $0' : types[0] === 'object' ? map : list;
  return { ...span, isSnippet: true, insert: `${name.replace(/[\\$}]/g, '\\$&')}:${rest}` };
}

/** Returns the names that a map with free names may get: rules to silence, or the names in maps of the same kind. */
function freeNames(
  { sites }: CompletionContext,
  path: Path,
): readonly { readonly name: string; readonly documentation?: string }[] {
  if (path.at(-1) === 'silence')
    return rules
      .filter((rule) => !rule.essential)
      .map(({ code, what, why }) => ({ name: code, documentation: `${what} ${why}.` }));
  return mostUsed(sites, ({ names }) => names.get(kindOfPlace(path))).map((name) => ({ name }));
}

/** Texts that identify one machine: no other repeats them. */
const IDENTIFIERS = ['uuid', 'serial', 'xname', 'initiator'];

/** Values of texts that are no enumeration in the schema, by key. */
const USUAL: ReadonlyMap<string, readonly string[]> = new Map([
  ['role', ['default', 'management', 'worker', 'witness', ...(SMD_VALUES.Role ?? [])]],
  ['subrole', SMD_VALUES.SubRole ?? []],
  ['harvester.version', [...LAST_PATCHES].reverse()],
]);

/** Returns the completions of a value; in a list, only those that it lacks. `lead` is the dash of a new entry. */
function valuesAt({ path, sites }: CompletionContext, cursor: Cursor, part: Part, lead: string): Proposal[] {
  const { isFlow: flow, quotes, start, end } = cursor;
  const isEntry = typeof cursor.path.at(-1) === 'number';
  const isFile = cursor.path[0] === 'include';
  const known = isFile ? filesFor(path, cursor.typed) : knownValues(sites, cursor.path, part.schema);
  return [...new Set(known)].flatMap((value) => {
    if (isEntry && cursor.entries.includes(String(value))) return [];
    const text = asYaml(value, { flow, padded: true, quotes });
    const written = quotes ? text.slice(1, -1) : text;
    // A prefix is not the whole value.
    const insert = lead + (part.schema.format === 'mac' ? String(value) : written);
    const kind = isFile ? 'file' : part.schema['x-refers'] ? 'name' : 'value';
    return { label: String(value), kind, insert, isSnippet: false, start, end } satisfies Proposal;
  });
}

/** Returns the values that a key may have: names that the site defines, the schema's values, and those of the same key elsewhere. */
function knownValues(sites: readonly KnownSite[], path: Path, schema: ConfigSchema): readonly Value[] {
  const ofEach = (pick: (known: KnownNames) => Iterable<string>) =>
    inventoriesOf(sites).flatMap((inventory) => [...pick(knownNames(inventory))]);
  const map = schema['x-refers']?.split('.');
  if (map)
    return inventoriesOf(sites).flatMap((inventory) => {
      const entries = valueAlong(inventory, map);
      return isValueMap(entries) ? Object.keys(entries) : [];
    });
  if (schema.format === 'mac') return ofEach(({ macPrefixes }) => macPrefixes);
  if (schema['x-secret']) {
    const examples = (schema.examples ?? []).map(String).filter((text) => /^\$\{secret:\w+\}$/.test(text));
    return [...ofEach(({ secrets }) => secrets).map((name) => `\${secret:${name}}`), ...examples];
  }
  if (path.at(-2) === 'bootstrap') return objectsOf(sites, path);
  const releases = releasesOf(sites, path);
  const fixed = (schema.enum ?? []).filter((value) => {
    const since = schema['x-since-values']?.[String(value)];
    return !since || releases.length === 0 || releases.some((release) => isAtLeast(release, since));
  }) as Value[];
  const types = typesOf(schema);
  if (types.includes('boolean')) fixed.push(true, false);
  const key = String(path.findLast((step) => typeof step === 'string'));
  const isShared = types.includes('string') && schema.format !== 'ipv4' && !IDENTIFIERS.includes(key);
  if (schema.enum || !isShared) return fixed;
  const usual = USUAL.get(path.slice(-2).join('.')) ?? USUAL.get(key) ?? [];
  return [...fixed, ...usual, ...mostUsed(sites, ({ values }) => values.get(kindOfPlace(path)))];
}

/** Returns the kinds and names of the Kubernetes objects of a cluster, which its `bootstrap` selects. */
function objectsOf(sites: readonly KnownSite[], [first, of]: Path): string[] {
  const all = sites.flatMap(({ draft }) => draft?.manifests ?? []);
  return all.flatMap(({ cluster, kind, name }) =>
    !kind || !name || name === ONCE_NAME || (first === 'clusters' && cluster?.name !== of)
      ? []
      : [kind, `${kind}/${name}`],
  );
}

/** Returns the files that an include may name, in the directory that a text before the position names. */
function filesFor(path: string, typed: string): string[] {
  const folder = typed.replace(/[^/]*$/, '');
  const from = join(dirname(path), folder);
  const entries = orUndefined(() => readdirSync(from, { withFileTypes: true })) ?? [];
  const names = entries.flatMap((entry) => {
    const { name } = entry;
    if (name.startsWith('.') || join(from, name) === path) return [];
    if (entry.isDirectory()) return `${folder}${name}/`;
    // The root of a site is not shared.
    return name.endsWith('.yaml') && name !== 'site.yaml' ? `${folder}${name}` : [];
  });
  return [...(folder === '' ? ['../'] : []), ...names.sort()];
}

/** A reference in a text, from its beginning to the position. */
const REFERENCE = /\$\{(secret|node|site):([\w.-]*)$/;

/** Returns the completions in a reference, `${secret:…}`, also within a longer text; undefined outside of one. */
function referencesAt({ text, sites }: CompletionContext, offset: number): Proposal[] | undefined {
  const [, of, typed = ''] = REFERENCE.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)) ?? [];
  if (of === undefined) return undefined;
  const [rest = ''] = /^[\w.-]*/.exec(text.slice(offset)) ?? [];
  const end = offset + rest.length;
  const brace = text[end] === '}' ? '' : '}';
  const names = inventoriesOf(sites).flatMap((inventory) => {
    if (of === 'secret') return [...knownNames(inventory).secrets];
    const networks = Object.keys(inventory.networks ?? {});
    if (of === 'node') return [...NODE_VALUE_NAMES, ...networkValueNames(networks)];
    const pins = Object.keys(inventory.harvester?.sha512 ?? {});
    return siteValueNames(networks, Object.keys(inventory.nodes ?? {}), pins);
  });
  return [...new Set(names)].map((name) => ({
    label: name,
    kind: 'name',
    insert: name + brace,
    isSnippet: false,
    start: offset - typed.length,
    end,
  }));
}

function inventoriesOf(sites: readonly KnownSite[]): readonly Draft<SiteInventory>[] {
  return sites.flatMap(({ inventory }) => inventory ?? []);
}

/** The most names of a completion: nobody reads a longer list. */
const MOST_NAMES = 50;

/** Returns names of several inventories, the most frequent first. */
function mostUsed(
  sites: readonly KnownSite[],
  pick: (known: KnownNames) => ReadonlyMap<string, number> | undefined,
): string[] {
  const all = new Map<string, number>();
  for (const inventory of inventoriesOf(sites))
    for (const [name, uses] of pick(knownNames(inventory)) ?? []) all.set(name, (all.get(name) ?? 0) + uses);
  const sorted = [...all].sort(([, uses], [, other]) => other - uses);
  return sorted.slice(0, MOST_NAMES).map(([name]) => name);
}

/** Returns the releases of the clusters that a place is about: of the node with the place, or of all nodes. */
function releasesOf(sites: readonly KnownSite[], path: Path): readonly Version[] {
  return sites.flatMap(({ draft }) => {
    const node = nodeOf(draft, path);
    return (node?.cluster ? [node.cluster] : (draft?.clusters ?? [])).flatMap((its) => its?.version ?? []);
  });
}

function nodeOf(draft: Draft<Site> | undefined, [first, name]: Path): Draft<Node> | undefined {
  return first === 'nodes' ? draft?.nodes?.find((node) => node?.name === name) : undefined;
}

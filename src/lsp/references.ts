import { dirname, resolve } from 'node:path';
import { Disk } from '../inventory/disk.ts';
import { Source, type SourceLocation } from '../source/source.ts';
import { onceFor } from '../values/once-for.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { isSameName, namesIn, type Occurrence } from './occurrences.ts';
import { placeOf } from './positions.ts';
import type { Capability, Workspace } from './workspace.ts';

/** Go to the definition of a name, across the files of its sites. */
export const definition: Capability = (connection, workspace) => {
  const texts = textsOf(workspace);
  connection.onDefinition(({ textDocument, position }) =>
    workspace.answer(textDocument, (file) =>
      definitionsAt(texts, file.path, file.offsetAt(position)).map((at) => placeOf(at, workspace.uriOf)),
    ),
  );
  return { definitionProvider: true };
};

/** All references to a name in the sites that share it. */
export const references: Capability = (connection, workspace) => {
  const texts = textsOf(workspace);
  connection.onReferences(({ textDocument, position, context }) =>
    workspace.answer(textDocument, (file) => {
      const offset = file.offsetAt(position);
      const found = referencesAt(texts, file.path, offset, context.includeDeclaration);
      return found.map((at) => placeOf(at, workspace.uriOf));
    }),
  );
  return { referencesProvider: true };
};

/** Returns the current texts of the editor's sites. */
export const textsOf = onceFor((workspace: Workspace): SiteTexts => {
  const known = new Map<string, Source>();
  return {
    sitesOf: (path) =>
      workspace.sites.flatMap(({ compilation }) => {
        const files = compilation?.files.filter((file) => file.endsWith('.yaml')) ?? [];
        return files.includes(path) ? [files] : [];
      }),
    source(path) {
      const text = orUndefined(() => new Disk(workspace.edits).text(path));
      if (text === undefined) known.delete(path);
      else if (known.get(path)?.text !== text) known.set(path, new Source(path, text));
      return known.get(path);
    },
  };
});

/** The texts of the sites that an editor has open. */
export interface SiteTexts {
  /** Returns the YAML files of each site that a file belongs to: its own and included ones, and manifests; as absolute paths. */
  sitesOf(path: string): readonly (readonly string[])[];
  /** Returns the current text of a file; undefined if it is unreadable. The same object for the same text. */
  source(path: string): Source | undefined;
}

/** An occurrence with its text. */
export interface Found extends Occurrence {
  readonly source: Source;
}

/** A name, and all its occurrences in the sites that share it. */
export interface SharedName {
  /** The occurrence at the position. */
  readonly here: Found;
  readonly all: readonly Found[];
  /** The files of these sites. */
  readonly sources: readonly Source[];
}

/** Returns the location that defines the name at an offset; of an include, the file; of a secret, all its references. */
export function definitionsAt(texts: SiteTexts, path: string, offset: number): SourceLocation[] {
  const shared = sharedNameAt(texts, path, offset);
  if (!shared) return [];
  const { here, all } = shared;
  if (here.of === 'include') {
    const source = texts.source(targetOf(here));
    return source ? [{ source, start: 0, end: 0 }] : [];
  }
  return all.filter(({ isDefinition, of }) => isDefinition || of === 'secrets').map(locationOf);
}

/** Returns the locations of the name at an offset in all sites that share it. */
export function referencesAt(
  texts: SiteTexts,
  path: string,
  offset: number,
  withDefinitions: boolean,
): SourceLocation[] {
  const { all = [] } = sharedNameAt(texts, path, offset) ?? {};
  return all.filter(({ isDefinition }) => withDefinitions || !isDefinition).map(locationOf);
}

/**
 * Returns the name at an offset of a file with all occurrences in the sites of the file, and in further sites that get an occurrence from
 * a shared file. Undefined without a name there.
 */
export function sharedNameAt(texts: SiteTexts, path: string, offset: number): SharedName | undefined {
  const source = texts.source(path);
  const here =
    source && namesIn(source).occurrences.find(({ start, end }) => start <= offset && offset <= end);
  if (!here) return undefined;
  const found: Found = { ...here, source };
  const sources = new Map<string, Source>();
  // The sites of an included file include it.
  const waiting = here.of === 'include' ? [path, targetOf(found)] : [path];
  const seen = new Set(waiting);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    for (const file of new Set([next, ...texts.sitesOf(next).flat()])) {
      const text = sources.get(file) ?? texts.source(file);
      if (!text) continue;
      sources.set(file, text);
      if (seen.has(file) || occurrencesOf(found, text).length === 0) continue;
      seen.add(file);
      waiting.push(file);
    }
  const sorted = [...sources.values()].sort((source, other) => (source.file < other.file ? -1 : 1));
  return { here: found, all: sorted.flatMap((text) => occurrencesOf(found, text)), sources: sorted };
}

/** Returns the occurrences in a text of the name that another occurrence has. */
export function occurrencesOf(name: Found, source: Source): Found[] {
  return namesIn(source).occurrences.flatMap((occurrence) => {
    const other = { ...occurrence, source };
    if (other.of !== name.of) return [];
    const isSame =
      other.of === 'include' ? targetOf(other) === targetOf(name) : isSameName(other.name, name.name);
    return isSame ? [other] : [];
  });
}

function targetOf({ source, name }: Found): string {
  return resolve(dirname(source.file), name);
}

function locationOf({ source, start, end }: Found): SourceLocation {
  return { source, start, end };
}

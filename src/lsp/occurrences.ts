import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { documentsOf } from '../inventory/yaml-syntax.ts';
import { type Part, siteSchema } from '../knowledge/schemas.ts';
import { Report } from '../source/diagnostics/report.ts';
import type { Path } from '../source/leaf.ts';
import type { Source } from '../source/source.ts';
import { keyText, targetsIn } from '../source/text-edit/yaml-text.ts';
import { hasBrackets, namesOfRange } from '../values/hostlist.ts';
import { onceFor } from '../values/once-for.ts';
import { namedMaps, partInside } from './schema-place.ts';

/** A name in a text: where it is defined, or where a value refers to it. */
export interface Occurrence {
  /** The map of the site that defines the name, such as networks; or `secrets`, or `include`. */
  readonly of: string;
  readonly name: string;
  readonly isDefinition: boolean;
  readonly start: number;
  readonly end: number;
  /** How the name is written: in quotes, plain, or within a longer text. */
  readonly as: 'key' | 'value' | 'text';
  readonly quotes: 'QUOTE_DOUBLE' | 'QUOTE_SINGLE' | undefined;
}

/** The names in one text. */
export interface Names {
  readonly occurrences: readonly Occurrence[];
  /** Whether the text has errors, which may hide names. */
  readonly isBroken: boolean;
}

/** References within texts, with the map of their names, and the text before the name. */
const IN_TEXT: readonly { readonly of: string; readonly form: RegExp }[] = [
  { of: 'secrets', form: /(\$\{secret:)([a-z][a-z0-9_]*)(?=\})/g },
  { of: 'networks', form: /(\$\{site:networks\.)([a-z0-9_-]+)(?=\.)/g },
  { of: 'nodes', form: /(\$\{site:nodes\.)([a-z0-9-]+)(?=\.)/g },
  { of: 'networks', form: /(\$\{node:(?:nic|ip|mac)\.)([a-z0-9_-]+)(?=\})/g },
];

/** Whether a file contains Kubernetes objects instead of keys of the site. */
export function isManifest(path: string): boolean {
  return /[/\\]manifests[/\\]/.test(path);
}

/** Returns the names in a site's file. Tolerates errors. Computed once for each text. */
export const namesIn = onceFor((source: Source): Names => {
  const found = new Map<string, Occurrence>();
  const documents = documentsOf(source, new Report());
  let visits = 0;
  for (const document of documents ?? []) {
    const targets = targetsIn(document);
    walk(document.contents, [], isManifest(source.file) ? undefined : siteSchema(), 0);

    function walk(node: Node | null | undefined, path: Path, part: Part | undefined, depth: number): void {
      // An anchor that contains its own alias has no end, and aliases of aliases multiply.
      visits += 1;
      if (depth > MOST_LEVELS || visits > MOST_VISITS) return;
      if (isAlias(node)) walk(targets.get(node), path, part, depth + 1);
      else if (isMap(node))
        for (const pair of node.items) walkPair(pair as Pair<Node, Node>, path, part, depth);
      else if (isSeq(node))
        for (const [index, item] of (node.items as Node[]).entries())
          walk(item, [...path, index], part && partInside(part, index), depth + 1);
      else if (isScalar(node)) {
        const refers = path[0] === 'include' ? 'include' : part?.schema['x-refers'];
        const name = keyText(node);
        if (refers !== undefined && name !== undefined) add(node, refers, name, 'value');
        textsOf(node);
      }
    }

    function walkPair(
      { key, value }: Pair<Node, Node>,
      path: Path,
      part: Part | undefined,
      depth: number,
    ): void {
      const name = keyText(key);
      if (name === undefined) return;
      // The keys of a merged map are those of this one.
      if (name === '<<') {
        for (const merged of isSeq(value) ? (value.items as Node[]) : [value])
          walk(merged, path, part, depth + 1);
        return;
      }
      const map = path.join('.');
      if (part && namedMaps().has(map)) add(key, map, name, 'key');
      walk(value, [...path, name], part && partInside(part, name), depth + 1);
    }
  }
  return {
    occurrences: [...found.values()].sort((occurrence, other) => occurrence.start - other.start),
    isBroken: visits > MOST_VISITS || !documents || documents.some(({ errors }) => errors.length > 0),
  };

  function add(node: Node, of: string, name: string, as: 'key' | 'value'): void {
    const [start = 0, end = 0] = node.range ?? [];
    const type = isScalar(node) ? node.type : undefined;
    const quotes = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE' ? type : undefined;
    put({ of, name, start, end, as, quotes });
  }

  function textsOf(node: Node): void {
    const [from = 0, to = 0] = node.range ?? [];
    const text = source.text.slice(from, to);
    if (!text.includes('${')) return;
    for (const { of, form } of IN_TEXT)
      for (const { index, 1: before = '', 2: name = '' } of text.matchAll(form)) {
        const start = from + index + before.length;
        put({ of, name, start, end: start + name.length, as: 'text', quotes: undefined });
      }
  }

  /** Through an alias, one text may be reached several times, and be several names. */
  function put(occurrence: Omit<Occurrence, 'isDefinition'>): void {
    const { start, of, as } = occurrence;
    found.set(`${start} ${of}`, { ...occurrence, isDefinition: as === 'key' });
  }
});

const MOST_LEVELS = 100;

/** Far more than the values of a large site. */
const MOST_VISITS = 300_000;

/** Whether two names are, or contain as ranges, the same name. */
export function isSameName(name: string, other: string): boolean {
  if (name === other) return true;
  if (!hasBrackets(name) && !hasBrackets(other)) return false;
  const names = hasBrackets(name) ? namesOfRange(name) : [name];
  return (hasBrackets(other) ? namesOfRange(other) : [other]).some((name) => names.includes(name));
}

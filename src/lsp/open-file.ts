import { relative, sep } from 'node:path';
import type { Position, Range } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Compilation } from '../compile.ts';
import { documentsOf } from '../inventory/yaml-syntax.ts';
import { Report } from '../source/diagnostics/report.ts';
import type { Path } from '../source/leaf.ts';
import { Source } from '../source/source.ts';
import { keyText } from '../source/text-edit/yaml-text.ts';

/** A site with its compilation from the current texts. */
export interface CheckedSite {
  /** The absolute path of its directory. */
  readonly folder: string;
  /** Without the tree. Undefined only after a failure of harvgen itself. */
  readonly compilation: Compilation | undefined;
  /** The last compilation with an inventory: while a text is not YAML, that of an older text. */
  readonly known: Compilation | undefined;
}

/** A part of a YAML text at a position. */
export interface Spot {
  /** The path of the key or list entry, from the root of the file. */
  readonly path: Path;
  /** Whether the position is in the key or in its value. */
  readonly part: 'key' | 'value';
  /** The offsets of the key, or of the scalar or alias. */
  readonly start: number;
  readonly end: number;
  /** The value of the key or entry, if it has one. */
  readonly value: Node | null;
}

/** The last parsed text of each document: an editor sends several requests about each version. */
const PARSED = new WeakMap<
  TextDocument,
  { readonly version: number; readonly documents: readonly Document.Parsed[] }
>();

/** A file in the editor, with its current text and the sites that it belongs to. */
export class OpenFile {
  readonly uri: string;
  readonly path: string;
  readonly version: number;
  readonly source: Source;
  /** The sites whose compilation reads the file, or whose directories contain it. */
  readonly sites: readonly CheckedSite[];
  readonly #document: TextDocument;

  constructor(path: string, document: TextDocument, sites: readonly CheckedSite[]) {
    this.uri = document.uri;
    this.path = path;
    this.version = document.version;
    this.source = new Source(path, document.getText());
    this.sites = sites;
    this.#document = document;
  }

  /** Whether the file is a part of the inventory of a site, and not a template, a manifest or another file. */
  get isInventory(): boolean {
    if (!this.path.endsWith('.yaml')) return false;
    return this.sites.some(({ folder }) => {
      const steps = relative(folder, this.path).split(sep);
      return steps[0] === '..'
        ? !steps.includes('manifests')
        : !['templates', 'files', 'manifests'].includes(steps[0] ?? '');
    });
  }

  /** The YAML documents of the text, also of a text with errors; none if it is nested too deeply. */
  get documents(): readonly Document.Parsed[] {
    const known = PARSED.get(this.#document);
    if (known?.version === this.version) return known.documents;
    const documents = documentsOf(this.source, new Report()) ?? [];
    PARSED.set(this.#document, { version: this.version, documents });
    return documents;
  }

  /** The root of the first document. */
  get root(): Node | null {
    return this.documents[0]?.contents ?? null;
  }

  /** Returns the offset of a position. */
  offsetAt(position: Position): number {
    return this.#document.offsetAt(position);
  }

  /** Returns the range of offsets in the text. */
  range(start: number, end: number): Range {
    return { start: this.#document.positionAt(start), end: this.#document.positionAt(end) };
  }

  /** Returns the innermost part of the first document at a position; undefined outside keys and values. */
  spotAt(position: Position): Spot | undefined {
    return spotIn(this.root, this.offsetAt(position), []);
  }
}

function spotIn(node: Node | null, offset: number, path: Path): Spot | undefined {
  if (isMap<Node, Node | null>(node)) {
    for (const pair of node.items) {
      const found = spotInPair(pair, offset, path);
      if (found) return found;
    }
    return undefined;
  }
  if (!isWithin(node, offset)) return undefined;
  if (isSeq<Node>(node)) {
    for (const [index, item] of node.items.entries()) {
      const found = spotIn(item, offset, [...path, index]);
      if (found) return found;
    }
    return undefined;
  }
  const [start = 0, end = start] = node?.range ?? [];
  return isScalar(node) || isAlias(node) ? { path, part: 'value', start, end, value: node } : undefined;
}

function spotInPair({ key, value }: Pair<Node, Node | null>, offset: number, above: Path): Spot | undefined {
  const name = keyText(key);
  if (name === undefined) return undefined;
  const path = [...above, name];
  const [start = 0, end = start] = key.range ?? [];
  if (isWithin(key, offset)) return { path, part: 'key', start, end, value };
  return isWithin(value, offset) ? spotIn(value, offset, path) : undefined;
}

function isWithin(node: Node | null, offset: number): boolean {
  return Boolean(node?.range && node.range[0] <= offset && offset <= node.range[1]);
}

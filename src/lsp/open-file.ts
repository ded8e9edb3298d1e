import { relative, sep } from 'node:path';
import type { Position, Range } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type Document, isAlias, isScalar, type Node, visit } from 'yaml';
import type { Compilation } from '../compile.ts';
import { documentsOf } from '../inventory/yaml-syntax.ts';
import { Report } from '../source/diagnostics/report.ts';
import type { Path } from '../source/leaf.ts';
import { Source } from '../source/source.ts';
import { keyText } from '../source/text-edit/yaml-text.ts';
import { yamlPath } from './cursor.ts';

/** A site with its compilation from the current texts. */
export interface CheckedSite {
  /** The absolute path of its directory. */
  readonly folder: string;
  /** Without the tree. Undefined only after a failure of harvgen itself. */
  readonly compilation: Compilation | undefined;
  /** The last compilation with an inventory: while a text is not YAML, that of an older text. */
  readonly known: Compilation | undefined;
}

/** A key, scalar or alias of a YAML text: the path of the key or list entry, from the root of the file, and its offsets. */
export interface Spot {
  readonly path: Path;
  readonly start: number;
  readonly end: number;
}

/** The last parsed text of each document: an editor sends several requests about each version. */
const PARSED = new WeakMap<
  TextDocument,
  { readonly version: number; readonly documents: readonly Document.Parsed[] }
>();

/** A file in the editor, with its current text and the sites that it belongs to. */
export class OpenFile {
  readonly path: string;
  readonly source: Source;
  /** The sites whose compilation reads the file, or whose directories contain it. */
  readonly sites: readonly CheckedSite[];
  readonly #document: TextDocument;

  constructor(path: string, document: TextDocument, sites: readonly CheckedSite[]) {
    this.path = path;
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
    const { version } = this.#document;
    const known = PARSED.get(this.#document);
    if (known?.version === version) return known.documents;
    const documents = documentsOf(this.source, new Report()) ?? [];
    PARSED.set(this.#document, { version, documents });
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

  /** Returns the key, scalar or alias of the first document at a position; undefined outside of them. */
  spotAt(position: Position): Spot | undefined {
    const offset = this.offsetAt(position);
    let spot: Spot | undefined;
    visit(this.documents[0] ?? null, {
      Pair: (_, { key }) => (keyText(key as Node) === undefined ? visit.SKIP : undefined),
      Node(_, node, above) {
        const [start = 0, end = start] = node.range ?? [];
        if (!(isScalar(node) || isAlias(node)) || offset < start || end < offset) return undefined;
        spot = { path: yamlPath(above as readonly object[], node), start, end };
        return visit.BREAK;
      },
    });
    return spot;
  }
}

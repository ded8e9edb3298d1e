import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver/node';
import { isMap, type Node, type Pair } from 'yaml';
import { sitePart } from '../knowledge/schemas.ts';
import { keyText } from '../source/text-edit/yaml-text.ts';
import type { OpenFile } from './open-file.ts';
import type { Capability } from './workspace.ts';

/** Document symbols: the keys of a site, and each node, profile or network; in manifests, each object. */
export const symbols: Capability = (connection, workspace) => {
  connection.onDocumentSymbol(({ textDocument }) => workspace.answer(textDocument, symbolsOf));
  return { documentSymbolProvider: true };
};

type AnyPair = Pair<Node, Node | null>;

function symbolsOf(file: OpenFile): DocumentSymbol[] {
  if (!file.isInventory) return file.documents.flatMap(({ contents }) => objectOf(file, contents));
  return pairsIn(file.root).flatMap((pair) => {
    const name = keyText(pair.key) ?? '';
    const isNamed = typeof sitePart([name])?.schema.additionalProperties === 'object' && name !== 'silence';
    const inner = isNamed ? pairsIn(pair.value) : [];
    const children = inner.flatMap((pair) => symbolOf(file, pair, SymbolKind.Object, detailOf(pair)));
    return symbolOf(file, pair, SymbolKind.Namespace, '', children);
  });
}

function symbolOf(
  file: OpenFile,
  { key, value }: AnyPair,
  kind: SymbolKind,
  detail = '',
  children: DocumentSymbol[] = [],
): DocumentSymbol[] {
  const name = keyText(key);
  // Editors reject symbols without a name.
  if (!name || !key.range) return [];
  const [start, end] = key.range;
  const range = file.range(start, Math.max(end, value?.range?.[1] ?? 0));
  const more = { ...(detail && { detail }), ...(children.length > 0 && { children }) };
  return [{ name, kind, range, selectionRange: file.range(start, end), ...more }];
}

/** Returns what identifies a node or network besides its name. */
function detailOf({ value }: AnyPair): string {
  const found = ['ip', 'mac', 'subnet'].map((key) => isMap(value) && value.get(key));
  return found.find((value) => typeof value === 'string') || '';
}

/** Returns the symbol of a Kubernetes object. */
function objectOf(file: OpenFile, contents: Node | null): DocumentSymbol[] {
  if (!isMap(contents) || !contents.range) return [];
  const [kind, name] = [['kind'], ['metadata', 'name']].map((path) => contents.getIn(path));
  if (typeof kind !== 'string') return [];
  const range = file.range(contents.range[0], contents.range[1]);
  const detail = typeof name === 'string' ? name : '';
  return [{ name: kind, detail, kind: SymbolKind.Object, range, selectionRange: range }];
}

function pairsIn(node: Node | null): readonly AnyPair[] {
  return isMap<Node, Node | null>(node) ? node.items : [];
}

import type { InlayHint } from 'vscode-languageserver/node';
import { explainNode, valueText } from '../inspect/explain/explain-node.ts';
import { shown } from '../knowledge/hide.ts';
import { pathText } from '../source/leaf.ts';
import { escapeControlChars } from '../values/text.ts';
import type { Capability } from './capability.ts';
import type { OpenFile } from './open-file.ts';

/** The most values of one key that a hint lists: each node may derive another one. */
const MOST = 3;

/** Inlay hints, if the editor asks for them by `harvgen.inlayHints`: values beside what they are derived from. */
export const inlayHints: Capability = (connection, workspace) => {
  connection.languages.inlayHint.on(({ textDocument, range }) =>
    workspace.settings.inlayHints
      ? workspace.answer(textDocument, (file) => {
          const lines = [range.start.line, range.end.line] as const;
          return hintsOf(file).filter(({ position: { line } }) => lines[0] <= line && line <= lines[1]);
        })
      : [],
  );
  return { inlayHintProvider: true };
};

function hintsOf(file: OpenFile): InlayHint[] {
  const { text } = file.source;
  /** The values by key, for each offset. */
  const derived = new Map<number, Map<string, { readonly values: Set<string>; readonly how: string }>>();
  for (const { compilation } of file.sites) {
    const { inventory, draft } = compilation ?? {};
    if (!inventory || !draft) continue;
    for (const node of draft.nodes ?? [])
      for (const { path, value, at, derived: how } of node ? explainNode(inventory, draft, node) : []) {
        if (how === undefined || at?.source.file !== file.path) continue;
        const shownValue = escapeControlChars(valueText(shown(value, path), path));
        // A copy of the text beside it explains nothing.
        if (text.slice(at.start, at.end).replace(/^(["'])(.*)\1$/s, '$2') === shownValue) continue;
        const isLine = !text.slice(at.start, at.end).includes('\n');
        const lineEnd = text.slice(at.start).search(/\s*(#.*)?(\r?\n|$)/);
        const offset = isLine ? at.end : at.start + Math.max(0, lineEnd);
        const keys = derived.get(offset) ?? new Map();
        derived.set(offset, keys);
        const key = pathText(path);
        const { values } = keys.get(key) ?? { values: new Set<string>() };
        keys.set(key, { values: values.add(shownValue), how });
      }
  }
  return [...derived]
    .sort(([a], [b]) => a - b)
    .flatMap(([offset, keys]) => {
      const labels = [...keys].map(([key, { values }]) => `${key}: ${limited([...values])}`);
      const tooltip = [...keys].map(([key, { how }]) => `${key}: ${how}`).join('\n');
      return labels.length > 0
        ? [
            {
              position: file.range(offset, offset).start,
              label: `→ ${labels.join(', ')}`,
              paddingLeft: true,
              tooltip,
            },
          ]
        : [];
    });
}

function limited(values: readonly string[]): string {
  return values.length > MOST ? `${values.slice(0, MOST).join(' ')} …` : values.join(' ');
}

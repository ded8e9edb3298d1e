import { isDeepStrictEqual } from 'node:util';
import { type Alias, type Document, isAlias, isScalar, type Node, parseDocument, visit } from 'yaml';
import type { Source } from '../source/origin.ts';
import type { Value } from '../source/value.ts';

/** A text that is YAML without a fault, with every token of it, and what its aliases refer to. */
export interface YamlText {
  readonly source: Source;
  readonly document: Document;
  /** The first node of it; undefined where the text says nothing. */
  readonly root: Node | undefined;
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  /** The aliases that refer to a node with an anchor. */
  readonly aliases: ReadonlyMap<Node, readonly Alias[]>;
}

const known = new WeakMap<Source, YamlText>();

/**
 * Reads a text as inventories are read, but keeps its tokens. Gives undefined where it is not the YAML of one document,
 * or has an alias of nothing.
 * Each text is read once: what is read back after an edit is what the next one begins with.
 */
export function readYamlText(source: Source): YamlText | undefined {
  const text = known.get(source) ?? parse(source);
  if (text) known.set(source, text);
  return text;
}

/** Gives the value of a node; of an alias, of what it stands for. */
export function plainOf({ targets, document }: YamlText, node: Node | null): unknown {
  const own = isAlias(node) ? targets.get(node) : node;
  return own?.toJS(document, { maxAliasCount: -1 }) ?? null;
}

/** Says whether a node has a value, in whatever order the keys of its maps are. */
export function hasValue(text: YamlText, node: Node | null, value: Value): boolean {
  return isDeepStrictEqual(plainOf(text, node), structuredClone(value));
}

function parse(source: Source): YamlText | undefined {
  const document = parseDocument(source.text, {
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
    keepSourceTokens: true,
  });
  if (document.errors.length > 0 || document.warnings.length > 0) return undefined;
  const { contents } = document;
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
  const found = references(document);
  return found && { source, document, root: isEmpty ? undefined : contents, ...found };
}

/** Goes through a document once: an alias refers to the last anchor of its name before it. Undefined where there is none. */
function references(document: Document): Pick<YamlText, 'targets' | 'aliases'> | undefined {
  const anchored = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const aliases = new Map<Node, Alias[]>();
  let isWhole = true;
  visit(document, {
    Node: (_, node) => {
      if (!isAlias(node)) {
        if (node.anchor) anchored.set(node.anchor, node);
        return;
      }
      const target = anchored.get(node.source);
      if (!target) {
        isWhole = false;
        return;
      }
      targets.set(node, target);
      const others = aliases.get(target);
      if (others) others.push(node);
      else aliases.set(target, [node]);
    },
  });
  return isWhole ? { targets, aliases } : undefined;
}

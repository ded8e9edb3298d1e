import { Document, isMap, isScalar, isSeq, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { visible } from '../values/quoting/visible.ts';

/** What YAML is made of: plain values, in which any may be wrapped for how it is written. */
export type Content = string | number | boolean | null | readonly Content[] | ContentMap | Written;
export interface ContentMap {
  readonly [key: string]: Content | undefined;
}

/** A value, and how it is written. */
export class Written {
  readonly value: Content;
  readonly how: How;

  /** Takes the value and how it is written. */
  constructor(value: Content, how: How) {
    this.value = value;
    this.how = how;
  }
}

export interface How {
  /** A comment on lines of its own before the key. */
  readonly before?: string;
  /** A comment behind the value. */
  readonly behind?: string;
  /** A comment on lines of its own behind all of it, as deep as what is in it. */
  readonly after?: string;
  /** In braces or brackets, on one line. */
  readonly flow?: boolean;
}

/** Wraps a value: in braces or brackets. */
export function flow(value: Content, behind?: string): Written {
  return new Written(value, { flow: true, ...(behind === undefined ? {} : { behind }) });
}

/** Wraps a value: with a comment behind it. */
export function noted(value: Content, behind: string): Written {
  return new Written(value, { behind });
}

/** Wraps a value: with a comment before its key. */
export function headed(before: string, value: Content): Written {
  return new Written(value, { before });
}

/** Wraps a list or map: with a comment behind all that is in it. */
export function followed(value: Content, after: string): Written {
  return new Written(value, { after });
}

/**
 * Gives YAML of a map: an empty line before each of its keys but the first, what is undefined left out. `head` stands above
 * all, as a comment.
 */
export function yamlOf(content: ContentMap, head: string): string {
  const document = new Document(new YAMLMap());
  const map = nodeOf(content) as YAMLMap<Scalar, Node>;
  map.items.forEach(({ key }, index) => {
    key.spaceBefore = index > 0;
  });
  document.contents = map as unknown as typeof document.contents;
  return `${commentLines(head)}\n${document.toString({ lineWidth: 0, flowCollectionPadding: true })}`;
}

function commentLines(text: string): string {
  return linesOf(text)
    .map((line) => `# ${line}`.trimEnd())
    .join('\n');
}

/** What ends a line anywhere ends it here, and what drives a terminal is shown: a comment must not become YAML. */
function linesOf(text: string): string[] {
  return text.split(/\r\n|[\n\r\v\f\x85\u2028\u2029]/).map(visible);
}

function nodeOf(content: Content): Node {
  if (content instanceof Written) return written(content);
  if (Array.isArray(content)) {
    const list = new YAMLSeq();
    list.items = content.map(nodeOf);
    return list;
  }
  if (typeof content !== 'object' || content === null) return scalarOf(content);
  const map = new YAMLMap<Scalar, Node>();
  for (const [key, value] of Object.entries(content as ContentMap)) {
    if (value === undefined) continue;
    const name = new Scalar(key);
    const before = value instanceof Written ? value.how.before : undefined;
    if (before !== undefined)
      name.commentBefore = linesOf(before)
        .map((line) => ` ${line}`)
        .join('\n');
    map.items.push(new Pair(name, nodeOf(value)));
  }
  return map;
}

/** What older readers of YAML would take for a switch stands in quotes; the library knows the rest. */
function scalarOf(value: string | number | boolean | null): Scalar {
  const scalar = new Scalar(value);
  if (typeof value === 'string' && /^(yes|no|on|off|y|n)$/.test(value)) scalar.type = 'QUOTE_DOUBLE';
  return scalar;
}

function written({ value, how }: Written): Node {
  const node = nodeOf(value);
  if (how.flow && (isMap(node) || isSeq(node))) node.flow = true;
  if (how.behind !== undefined && (isScalar(node) || how.flow)) node.comment = ` ${visible(how.behind)}`;
  if (how.after !== undefined && (isMap(node) || isSeq(node)))
    node.comment = linesOf(how.after)
      .map((line) => ` ${line}`)
      .join('\n');
  return node;
}

import type { InventoryFile, InventoryFiles } from '../inventory/files.ts';
import type { Path } from '../source/leaf.ts';
import { isValueMap, type Value, type ValueMap } from '../source/value.ts';
import { hasBrackets, namesOfRange } from '../values/hostlist.ts';

/**
 * Gives the file that a key of a node belongs into: of the site's own files the one that has it, else the one that has
 * the longest beginning of its path, else the one that says which machine the node is, else the one that has its range.
 * For a node that only an included file has it is the site's root: what stands there lies over it. Undefined where no
 * file has the node.
 */
export function chooseFile(
  { own, included }: InventoryFiles,
  node: string,
  key: Path,
): InventoryFile | undefined {
  let best: InventoryFile | undefined;
  let most = 0;
  for (const file of own) {
    const map = nodeIn(file, node);
    if (map === undefined) continue;
    const depth = 1 + depthOf(map, key) + (definesMachine(map) ? 0.5 : 0);
    if (depth <= most) continue;
    best = file;
    most = depth;
  }
  if (best) return best;
  const ranged = own.find((file) => hasInRange(file, node));
  return ranged ?? (included.some((file) => has(file, node)) ? own[0] : undefined);
}

/**
 * Gives the path of the file that a key of the site itself belongs into: of the site's own files the one that has the
 * longest beginning of its path, else the site's root, which lies over what is included.
 */
export function chooseSiteFile({ own }: InventoryFiles, key: Path): string {
  const depths = own.map(({ content }) => depthOf(content, key));
  const best = depths.indexOf(Math.max(...depths));
  return own[best]?.path ?? '';
}

/** Gives the names of the nodes that any file of the site has, by themselves or in ranges. */
export function nodeNames({ own, included }: InventoryFiles): string[] {
  return [
    ...new Set(
      [...own, ...included].flatMap((file) =>
        keysOf(file).flatMap((key) => (hasBrackets(key) ? namesOfRange(key) : key)),
      ),
    ),
  ];
}

/** Says whether another file than this one has a node, or a range has it, in whichever file. */
export function isElsewhere({ own, included }: InventoryFiles, file: InventoryFile, node: string): boolean {
  return [...own, ...included].some((other) => (other === file ? hasInRange(other, node) : has(other, node)));
}

/** Gives the value of a key of a node in one file, what comes by aliases and merge keys included. */
export function valueIn(file: InventoryFile, node: string, key: Path): Value | undefined {
  return key.reduce<Value | undefined>(inside, nodeIn(file, node));
}

function nodeIn({ content: { nodes } }: InventoryFile, node: string): Value | undefined {
  return isValueMap(nodes) ? nodes[node] : undefined;
}

function has(file: InventoryFile, node: string): boolean {
  return nodeIn(file, node) !== undefined || hasInRange(file, node);
}

/** Says whether a file has a node in a range, which an edit of one node leaves alone. */
function hasInRange(file: InventoryFile, node: string): boolean {
  return keysOf(file).some((key) => hasBrackets(key) && namesOfRange(key).includes(node));
}

function keysOf({ content: { nodes } }: InventoryFile): string[] {
  return isValueMap(nodes) ? Object.keys(nodes) : [];
}

function inside(value: Value | undefined, step: string | number): Value | undefined {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return isValueMap(value) ? (value as ValueMap)[step] : undefined;
}

function depthOf(node: Value, key: Path): number {
  let value: Value | undefined = node;
  const end = key.findIndex((step) => {
    value = inside(value, step);
    return value === undefined;
  });
  return end < 0 ? key.length : end;
}

/** What says which machine a node is. */
const KNOWN_BY = ['mac', 'nics', 'ip', 'uuid', 'serial'];

function definesMachine(node: Value): boolean {
  return isValueMap(node) && KNOWN_BY.some((key) => node[key] !== undefined);
}

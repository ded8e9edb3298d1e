import { isDeepStrictEqual } from 'node:util';
import { shown } from '../../knowledge/hide.ts';
import { displayPath, formatPlace } from '../../source/diagnostics/text.ts';
import { DRIVE, type Leaf, type Path, pathText } from '../../source/leaf.ts';
import { nearest, visible } from '../../values/text.ts';
import type { Explained } from './explain-node.ts';

/** A leaf as programs read it: lines and columns are counted from 1, paths are relative to the current folder. */
export interface PlainLeaf {
  /** Such as `config.install.management_interface.interfaces[0].hwAddr`. */
  readonly key: string;
  /** The value as it holds in the end; a secret in clear text is `***`, a map or list with nothing in it `{}` or `[]`. */
  readonly value: unknown;
  /** What set it, or what it follows from; not there where it follows from nothing that is written. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The layer that set it: `node`, `range <range>`, `profile <name>`, `defaults`, or of what cloud-init finds `group <name>`. */
  readonly layer?: string;
  /** How it follows, in a few words; not there where the value itself is written at the place. */
  readonly derived?: string;
}

/** The widest value that the others are aligned to; what is longer sticks out. */
const WIDEST = 48;

/** Renders leaves as one JSON list. */
export function formatLeavesJson(leaves: readonly Explained[], folder: string): string {
  const plain = leaves.map(({ path, value, at, layer, derived }): PlainLeaf => {
    const point = at && { file: displayPath(at.source.file, folder), ...at.source.position(at.start) };
    return {
      key: pathText(path),
      value: shown(value, path),
      ...point,
      ...(layer === undefined ? {} : { layer }),
      ...(derived === undefined ? {} : { derived }),
    };
  });
  return `${JSON.stringify(plain, null, 2)}\n`;
}

/** Renders leaves for a person, one a line: key, value, and where it came from. */
export function formatLeaves(leaves: readonly Explained[], folder: string): string {
  const rows = leaves.map(
    (leaf) =>
      [
        visible(pathText(leaf.path)),
        visible(valueText(shown(leaf.value, leaf.path), leaf.path)),
        visible(origin(leaf, folder)),
      ] as const,
  );
  const keys = Math.max(...rows.map(([key]) => key.length));
  const values = Math.max(0, ...rows.map(([, value]) => value.length).filter((length) => length <= WIDEST));
  return rows.map(([key, value, from]) => `${key.padEnd(keys)}  ${value.padEnd(values)}  ${from}\n`).join('');
}

/** What a value follows from stands in brackets behind its place; what is in another layer than the node says so. */
function origin({ at, layer, derived }: Explained, folder: string): string {
  if (!at) return derived ?? '';
  const place = formatPlace(at, folder);
  if (derived !== undefined) return `${place} (${derived})`;
  return layer === undefined || layer === 'node' ? place : `${place} in ${layer}`;
}

/**
 * Gives a value as a person reads it: text without quotes, unless it would then be taken for something else, or for two
 * lines; the number of a disk as firmware counts. Takes the key, where it has one.
 */
export function valueText(value: unknown, path: Path = []): string {
  if (typeof value === 'number' && isDeepStrictEqual(path, DRIVE)) return `0x${value.toString(16)}`;
  if (typeof value !== 'string') return JSON.stringify(value);
  const isOther =
    !Number.isNaN(Number(value)) || /^(true|false|null|~|yes|no|on|off|\{\}|\[\])$/i.test(value);
  return isOther || value !== value.trim() || /\p{Cc}/u.test(value) ? JSON.stringify(value) : value;
}

/** Gives the leaves that a key names, or of whose path it is the beginning. */
export function select<L extends Leaf>(leaves: readonly L[], key: string): L[] {
  return leaves.filter(({ path }) => path.some((_, index) => pathText(path.slice(0, index + 1)) === key));
}

/** Says, of a key that is none, which was most probably meant, and which there are. */
export function suggest(leaves: readonly Pick<Leaf, 'path'>[], key: string): string {
  /** Every key that would do, and the one that holds it; the outermost are held by nothing. */
  const holders = new Map<string, string>();
  for (const { path } of leaves)
    path.forEach((_, index) => {
      holders.set(pathText(path.slice(0, index + 1)), pathText(path.slice(0, index)));
    });
  const known = [...holders.keys()];
  const holder = [...new Set(holders.values())]
    .filter((one) => key.startsWith(`${one}.`) || key.startsWith(`${one}[`))
    .reduce((longest, one) => (one.length > longest.length ? one : longest), '');
  const beside = known.filter((one) => holders.get(one) === holder);
  const meant = known.find((one) => one.endsWith(`.${key}`)) ?? nearest(key, beside) ?? nearest(key, known);
  return `${meant ? `: did you mean ${meant}?` : '.'} There are ${beside.join(', ')}`;
}

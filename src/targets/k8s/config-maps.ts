import { createHash } from 'node:crypto';
import type { Site } from '../../site/model.ts';
import type { Emitted } from '../target.ts';
import { configMapKey } from './config-map-key.ts';
import { objectNames } from './pod.ts';

/** A part of the tree as a ConfigMap. */
export interface TreePart {
  readonly name: string;
  /** Its file in the kustomization. */
  readonly file: string;
  /** Texts by key. */
  readonly data: Readonly<Record<string, string>>;
  /** Other files in base64, by key. */
  readonly binaryData: Readonly<Record<string, string>>;
  /** The path of each key in the tree. */
  readonly items: readonly { readonly key: string; readonly path: string }[];
}

/**
 * How much of the tree is put into one ConfigMap. One holds 1 MiB; what `kubectl apply` writes of it into an annotation may
 * have 256 KiB, and is longer than the files by the backslashes before quotes and ends of lines.
 */
const PART = 128 * 1024;

/** What names of files of parts begin with. */
const PART_FILE = 'tree-';

type TreeFile = Pick<Emitted, 'path' | 'content'>;

/**
 * A part ends after about one file in so many, told by the file's path: so a file that comes or goes moves the ends next to
 * it at most, and all other parts stay what they are.
 */
const FILES = 32;

/**
 * Gives the tree in parts that a ConfigMap can hold, in the order of the files. A longer file is a part of its own. Each is
 * called by a digest of all that it holds, so that another tree has other ones beside these: pods that are not replaced yet,
 * or are taken back to, find what they had.
 */
export function treeParts(site: Site, files: readonly TreeFile[]): TreePart[] {
  const parts: TreeFile[][] = [];
  let room = 0;
  for (const file of files) {
    const size = sizeOf(file);
    if (size > room || parts.length === 0) {
      parts.push([]);
      room = PART;
    }
    parts.at(-1)?.push(file);
    room = isLast(file) ? -1 : room - size;
  }
  return parts.map((part) => partOf(site, part));
}

/** Gives 64 bits of a digest. */
function hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

function isLast({ path }: TreeFile): boolean {
  return createHash('sha256').update(path).digest().readUInt32BE() % FILES === 0;
}

/** Gives how much room a file takes in a ConfigMap, in bytes. */
export function sizeOf({ content }: TreeFile): number {
  const bytes = Buffer.byteLength(content);
  return textIn(content) === undefined ? Math.ceil(bytes / 3) * 4 : bytes;
}

function partOf(site: Site, files: readonly TreeFile[]): TreePart {
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  const items = files.map(({ path, content }) => {
    const key = configMapKey(path);
    const text = textIn(content);
    if (text === undefined) binaryData[key] = Buffer.from(content).toString('base64');
    else data[key] = text;
    return { key, path };
  });
  const digest = hex(files.map(({ path, content }) => `${path}\0${hex(content)}\n`).join(''));
  const name = `${objectNames(site).name}-tree-${digest}`;
  // By the first path, so that it stays the same file for git while what it holds changes.
  const file = `${PART_FILE}${hex(files[0]?.path ?? '')}.yaml`;
  return { name, file, data, binaryData, items };
}

/** Gives the text that bytes are; undefined where they are none, or a text that YAML would have to escape. */
function textIn(content: string | Uint8Array): string | undefined {
  const text = typeof content === 'string' ? content : decoded(content);
  return text === undefined || UNTOLD.test(text) ? undefined : text;
}

/** What would not come out of YAML as it went in, or only by escapes: carriage returns, and all that is not printed. */
const UNTOLD = /[^\P{C}\n\t]|[\u2028\u2029]/u;

function decoded(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}

import { createHash } from 'node:crypto';
import type { Site } from '../../site/model.ts';
import type { Emitted } from '../target.ts';
import { configMapKey } from './config-map-key.ts';
import { objectNames } from './pod.ts';

/** A part of the tree as a ConfigMap. */
export interface TreePart {
  readonly name: string;
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

type TreeFile = Pick<Emitted, 'path' | 'content'>;

/** Gives the tree in parts that a ConfigMap can hold, in the order of the files. A longer file is a part of its own. */
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
    room -= size;
  }
  return parts.map((part, index) => partOf(`${objectNames(site).name}-tree-${index + 1}`, part));
}

/** Gives what changes when any file does: the pods that serve the tree are started anew by it. */
export function treeDigest(files: readonly TreeFile[]): string {
  const hash = createHash('sha256');
  for (const { path, content } of files)
    hash.update(`${path}\0${createHash('sha256').update(content).digest('hex')}\n`);
  return hash.digest('hex').slice(0, 16);
}

/** Gives how much room a file takes in a ConfigMap, in bytes. */
export function sizeOf({ content }: TreeFile): number {
  const bytes = Buffer.byteLength(content);
  return textIn(content) === undefined ? Math.ceil(bytes / 3) * 4 : bytes;
}

function partOf(name: string, files: readonly TreeFile[]): TreePart {
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  const items = files.map(({ path, content }) => {
    const key = configMapKey(path);
    const text = textIn(content);
    if (text === undefined) binaryData[key] = Buffer.from(content).toString('base64');
    else data[key] = text;
    return { key, path };
  });
  return { name, data, binaryData, items };
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

import { hash } from 'node:crypto';
import type { File, FilledSecret, Tree } from './tree.ts';

/** Where the manifest lies in the tree. */
export const MANIFEST = 'manifest.json';

/** What a build wrote: by it the next one knows which files are harvgen's. */
export interface Manifest {
  readonly generator: string;
  readonly site: string;
  /** SHA-256 of each file, in hexadecimal, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Where secrets are filled in, by path: first byte, length in bytes, and the mark. Not there where none are. */
  readonly secrets?: Readonly<Record<string, readonly Filled[]>>;
}

type Filled = readonly [start: number, length: number, mark: string];

/** A file that secrets were filled into, as a manifest knows it. */
export interface FilledFile {
  /** SHA-256 of what was written, in hexadecimal. */
  readonly digest: string;
  readonly secrets: readonly FilledSecret[];
}

/**
 * Renders the manifest of a tree, of all in it but a manifest; `generator` is the program and its version. No clock time, so
 * that it is stable. Of files whose digests are known it asks for no content.
 */
export function renderManifest(tree: Tree, site: string, generator: string): string {
  const paths = [...tree].filter(([path]) => path !== MANIFEST);
  const files = Object.fromEntries(paths.map(([path, file]) => [path, digestOf(tree, file)]));
  const secrets = Object.fromEntries(
    paths.flatMap(([path, file]) => (file.secrets ? [[path, file.secrets.map(asFilled)] as const] : [])),
  );
  const tail = Object.keys(secrets).length > 0 ? { secrets } : {};
  return `${JSON.stringify({ generator, site, files, ...tail }, null, 2)}\n`;
}

function asFilled({ start, length, mark }: FilledSecret): Filled {
  return [start, length, mark];
}

/** Gives the files that a manifest says secrets are filled into, by path. What is not as it should be is left out. */
export function filledIn({ files, secrets }: Manifest): Map<string, FilledFile> {
  const filled = new Map<string, FilledFile>();
  for (const [path, places] of Object.entries(secrets ?? {})) {
    const digest = files[path];
    if (typeof digest !== 'string' || !Array.isArray(places) || !places.every(isFilled)) continue;
    filled.set(path, {
      digest,
      secrets: places.map(([start, length, mark]) => ({ start, length, mark })),
    });
  }
  return filled;
}

/** Says whether a manifest may mean that secrets are filled into a file, whether or not it says so as it should. */
export function isSaidFilled({ secrets }: Manifest, path: string): boolean {
  if (secrets === undefined) return false;
  return typeof secrets !== 'object' || secrets === null || Object.hasOwn(secrets, path);
}

function isFilled(place: unknown): place is Filled {
  if (!Array.isArray(place)) return false;
  const [start, length, mark] = place;
  return Number.isSafeInteger(start) && Number.isSafeInteger(length) && typeof mark === 'string';
}

/** Reads a manifest, or both sides of one that a merge of git has left in conflict; undefined for what is none of harvgen's. */
export function parseManifests(text: string): (Manifest | undefined)[] {
  return sides(text).map(parseManifest);
}

/** Reads a manifest; undefined where the text is none of harvgen's. */
export function parseManifest(text: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(text) as Partial<Manifest> | null;
    const ours = typeof manifest?.generator === 'string' && manifest.generator.startsWith('harvgen ');
    const files = manifest?.files;
    if (!ours || typeof files !== 'object' || files === null || Array.isArray(files)) return undefined;
    return manifest as Manifest;
  } catch {
    return undefined;
  }
}

/** The two texts that a merge of git has left in conflict; the text itself where there is no conflict in it. */
function sides(text: string): string[] {
  if (!/^<{7} /m.test(text)) return [text];
  const ours: string[] = [];
  const theirs: string[] = [];
  let into = [ours, theirs];
  for (const line of text.split('\n')) {
    if (/^<{7} /.test(line)) into = [ours];
    else if (/^\|{7} /.test(line)) into = [];
    else if (/^={7}\r?$/.test(line)) into = [theirs];
    else if (/^>{7} /.test(line)) into = [ours, theirs];
    else for (const side of into) side.push(line);
  }
  return [ours, theirs].map((side) => side.join('\n'));
}

/** The digests of the files of a tree, as far as anybody has asked. */
const known = new WeakMap<Tree, Map<File, string>>();

/**
 * Gives the digest of a file of a tree, which is made once: SHA-256, in hexadecimal. Who has its content at hand gives it
 * along, so that it is not made for this alone.
 */
export function digestOf(tree: Tree, file: File, content?: File['content']): string {
  const digests = known.get(tree) ?? new Map<File, string>();
  known.set(tree, digests);
  const found = digests.get(file) ?? digest(content ?? file.content);
  digests.set(file, found);
  return found;
}

/** Gives the SHA-256 of bytes, or of a text's UTF-8 bytes, in hexadecimal. */
export function digest(content: string | Uint8Array): string {
  return hash('sha256', content);
}

import { createHash } from 'node:crypto';
import type { Tree } from './tree.ts';

/** Where the manifest lies in the tree. */
export const MANIFEST = 'manifest.json';

/** What a build wrote: by it the next one knows which files are harvgen's. */
export interface Manifest {
  readonly generator: string;
  readonly site: string;
  /** SHA-256 of each file, in hexadecimal, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** Renders the manifest of a tree; `generator` is the program and its version. No clock time, so that it is stable. */
export function renderManifest(tree: Tree, site: string, generator: string): string {
  const files = Object.fromEntries([...tree].map(([path, { content }]) => [path, digest(content)]));
  const manifest: Manifest = { generator, site, files };
  return `${JSON.stringify(manifest, null, 2)}\n`;
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

/** Gives the SHA-256 of bytes, or of a text's UTF-8 bytes, in hexadecimal. */
export function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

import { join } from 'node:path';
import { compile } from '../../src/compile.ts';
import { MANIFEST, renderManifest } from '../../src/tree/manifest.ts';
import { type File, textOf } from '../../src/tree/tree.ts';
import { writeTree } from './write-tree.ts';

/** Edits of an output tree by path: a part of the file that occurs, and its replacement. */
export type FileEdits = Readonly<Record<string, readonly [from: string, to: string]>>;

/** Builds a site into `out/` of a directory as an earlier version did, whose templates differ by edits. `site` is its directory there. */
export async function buildAs(
  version: string,
  home: string,
  name: string,
  edits: FileEdits = {},
  site = name,
): Promise<void> {
  const { tree } = await compile(join(home, site));
  const older = new Map<string, File>(tree);
  for (const [path, [from, to]] of Object.entries(edits)) {
    const file = older.get(path);
    const text = file ? textOf(file) : '';
    if (!text.includes(from)) throw new Error(`${path} does not contain ${from}`);
    older.set(path, { executable: file?.executable ?? false, content: text.replaceAll(from, to) });
  }
  older.set(MANIFEST, { content: renderManifest(older, name, `harvgen ${version}`) });
  await writeTree(join(home, 'out', name), older);
}

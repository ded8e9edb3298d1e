import { MANIFEST, renderManifest } from '../output/manifest.ts';
import type { File, Tree } from '../output/tree.ts';
import type { Site } from '../site/model.ts';
import { GENERATOR } from '../version.ts';
import { targets } from './index.ts';
import { renderTemplate } from './render.ts';

/** Makes the whole output of a site: the files of every target, sorted by path, and the manifest of them all. */
export function emitTree(site: Site): Tree {
  const files: [string, File][] = [];
  const madeBy = new Map<string, string>();
  for (const target of targets) {
    for (const { path, ...file } of target.emit(site, renderTemplate)) {
      const other = madeBy.get(path);
      if (other) throw new Error(`${path} is made twice: by the targets ${other} and ${target.name}`);
      madeBy.set(path, target.name);
      files.push([path, file]);
    }
  }
  const sorted = () => new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
  files.push([MANIFEST, { content: renderManifest(sorted(), site.name, GENERATOR) }]);
  return sorted();
}

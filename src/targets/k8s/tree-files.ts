import { marksOf } from '../../secrets/marks-of.ts';
import type { Site } from '../../site/model.ts';
import { OCI_SCRIPT, phsConfigPath, phsScriptPath, WWW } from '../../tree/paths.ts';
import { fillsPath, fillsText } from '../nginx/fills.ts';
import type { Emitted } from '../target.ts';

/**
 * Gives what pods serve of a tree, sorted: its document root, and the file that says which secrets nginx is to fill in. Takes
 * what the targets have made, in which marks stand.
 */
export function servedTree(
  site: Site,
  made: readonly Emitted[],
): readonly Pick<Emitted, 'path' | 'content'>[] {
  const marks = marksOf(site);
  // nginx answers by the files that it has anyway for those of an older name.
  const names = site.nodes.flatMap((node) => [phsScriptPath(node), phsConfigPath(node)]);
  const older = new Set([...names, OCI_SCRIPT].map((path) => `${WWW}/${path}`));
  const served = made.filter(({ path }) => path.startsWith(`${WWW}/`) && !older.has(path));
  const fills = { path: fillsPath(marks), content: fillsText(site, marks) };
  // Each is asked for its content once: it may be made for that.
  const files = [...served, fills].map(({ path, content }) => ({ path, content }));
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

import { marksOf } from '../../secrets/marks-of.ts';
import type { Site } from '../../site/model.ts';
import { fillsPath, fillsText } from '../nginx/fills.ts';
import { WWW } from '../paths.ts';
import type { Emitted } from '../target.ts';

/** A node's files by older names: nginx answers for them by those that it has anyway. */
const OLDER_NAME = /^www\/(ipxe|config)\/([0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/**
 * Gives what pods serve of a tree, sorted: its document root, and the file that says which secrets nginx is to fill in. Takes
 * what the targets have made, in which marks stand.
 */
export function servedTree(
  site: Site,
  made: readonly Emitted[],
): readonly Pick<Emitted, 'path' | 'content'>[] {
  const marks = marksOf(site);
  const served = made.filter(({ path }) => path.startsWith(`${WWW}/`) && !OLDER_NAME.test(path));
  const fills = { path: fillsPath(marks), content: fillsText(site, marks) };
  return [...served, fills].sort((a, b) => (a.path < b.path ? -1 : 1));
}

import { fillsPath } from '../../targets/nginx/fills.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import type { SiteChange } from './change.ts';
import type { FileChange } from './file-changes.ts';

/** A file that is called by the marks which nginx fills in: src/targets/nginx/fill-stamp.ts. */
const STAMP = /^nginx\/fills-/;
const NO_MARKS = fillsPath([]);

/**
 * Says whether the include that fills secrets in is to be made anew on the boot server, or deleted: nginx answers 503 for
 * marks that it does not know, be it a known secret in another format, until then.
 */
export function fillChanges(files: readonly FileChange[], after: Tree): SiteChange[] {
  if (!files.some(({ path }) => STAMP.test(path))) return [];
  if ([...after.keys()].some((path) => STAMP.test(path) && path !== NO_MARKS))
    return [{ what: 'secrets', text: 'put the secrets there again' }];
  return [{ what: 'secrets', text: `delete ${includeBefore(files) ?? 'the file of server.secrets'}` }];
}

/** Gives the path of the include, as nginx's file had it. */
function includeBefore(files: readonly FileChange[]): string | undefined {
  for (const { path, before } of files) {
    if (!before || !/^nginx\/[^/]+\.conf$/.test(path)) continue;
    const [, include] = /^ +include (\S+);$/m.exec(afterFilter(textOf(before))) ?? [];
    if (include !== undefined) return include;
  }
  return undefined;
}

/** What follows where nginx is told to filter: other includes may stand before. */
function afterFilter(conf: string): string {
  return conf.slice(Math.max(conf.indexOf('sub_filter_once'), 0));
}

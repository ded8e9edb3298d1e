import type { SiteFile } from '../inventory/own-files.ts';
import type { Site } from '../site/model.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { selfPlace } from '../source/origin.ts';
import { MANIFEST } from '../tree/manifest.ts';
import { foldersAbove } from '../tree/tree.ts';
import { isInWorkFolder, WORK_FOLDER } from '../tree/work-folder.ts';
import { hiddenPart, whyNotServed } from './nginx/served.ts';

/** A file that harvgen makes, and the template that it is rendered by, if any. */
interface MadeFile {
  readonly path: string;
  readonly template?: string | undefined;
}

/** Something that stands in the tree, as it is spelled. */
interface Claim {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** Whose it is: a file of the site's own, or one that harvgen makes. */
  readonly own?: SiteFile;
  readonly made?: MadeFile;
}

/** What stands in the tree, by its folded path. */
type Claims = Map<string, Claim>;

/**
 * Reports files of a site's own that have no place in the output: where harvgen makes a file or needs a folder, where
 * two names are one on some file systems, where the web server cannot serve them, and where it would publish what is
 * hidden. Takes what else is made.
 */
export function checkOwnPaths(
  { files, server, groups }: Pick<Site, 'files' | 'server' | 'groups'>,
  made: readonly MadeFile[],
  report: Report,
): void {
  if (files.length === 0) return;
  const claims: Claims = new Map();
  for (const one of [...made, { path: MANIFEST }, { path: WORK_FOLDER }])
    claim(claims, { path: one.path, made: one });
  const hidden = new Set<string>();
  for (const own of files) {
    const at = selfPlace(own);
    const taken = findTaken(claims, own.path);
    const unserved = whyNotServed(own, { server, groups });
    const hiding = hiddenPart(own);
    if (taken) {
      const { path, own: other } = taken.there;
      const related = other && { message: `${path} is at`, at: selfPlace(other) };
      report.error({
        code: 'file-conflict',
        ...whyTaken(taken),
        at,
        related: related && [related],
      });
    } else if (hiding !== undefined) {
      // Of a folder it is said once.
      if (!hidden.has(hiding)) report.error({ code: 'file-hidden', ...whyHidden(hiding), at });
      hidden.add(hiding);
    } else if (unserved) report.error({ code: 'file-not-served', ...unserved, at });
    claim(claims, { path: own.path, own });
  }
}

/** Notes a file, and the folders that it needs. The first who claims a path has it. */
function claim(claims: Claims, { path, ...whose }: Omit<Claim, 'kind'>): void {
  const note = (one: Claim) => {
    const key = folded(one.path);
    if (!claims.has(key)) claims.set(key, one);
  };
  note({ path, kind: 'file', ...whose });
  for (const folder of foldersAbove(path)) note({ path: folder, kind: 'folder', ...whose });
}

/** What stands in the way of a file, and the path that it has taken: the file's own, or that of a folder around it. */
interface Taken {
  readonly there: Claim;
  readonly path: string;
  readonly kind: Claim['kind'];
}

/** Gives what stands in the way of a file, from the outermost folder on. */
function findTaken(claims: Claims, file: string): Taken | undefined {
  for (const path of foldersAbove(file)) {
    const there = claims.get(folded(path));
    if (there && (there.kind === 'file' || there.path !== path)) return { there, path, kind: 'folder' };
  }
  const there = claims.get(folded(file));
  return there && { there, path: file, kind: 'file' };
}

function whyTaken({ there, path, kind }: Taken): { readonly message: string; readonly help: string } {
  if (there.path !== path) {
    return {
      message: `${path} and ${there.path} are one name to file systems that do not tell case or the ways to write a letter.`,
      help: 'spell it as the other one, or rename it',
    };
  }
  if (isInWorkFolder(there.path))
    return { message: `${WORK_FOLDER} is harvgen's own folder in the tree.`, help: 'choose another folder' };
  if (there.kind === 'folder')
    return { message: `${path} is a folder of the tree, and cannot be a file, too.`, help: 'rename it' };
  if (kind === 'folder')
    return { message: `${path} is a file of the tree, and cannot be a folder, too.`, help: 'rename it' };
  const { template } = there.made ?? {};
  return {
    message: `harvgen makes ${path} itself, and the tree has one file of a name.`,
    help: template
      ? `say by a template of your own what it makes: templates/${template}.eta`
      : 'rename it; what harvgen makes there follows from the inventory alone',
  };
}

function whyHidden(path: string): { readonly message: string; readonly help: string } {
  return {
    message: `${path} would be public: nginx hands out all below www/ to anybody, and what begins with a dot is seldom meant.`,
    help: 'rename it so that it begins with no dot, or move it out of files/www/',
  };
}

/** Gives what a path is to a file system that tells neither case nor Unicode's ways to write a letter. */
function folded(path: string): string {
  return path.normalize('NFC').toLowerCase().normalize('NFC');
}

import type { Report } from '../source/diagnostics/report.ts';
import { BEGINNINGS } from '../source/marks.ts';
import { located, Source } from '../source/origin.ts';
import { isGone, whyUnreadable } from '../values/unreadable.ts';
import type { Disk } from './disk.ts';
import { isLitter } from './litter.ts';
import { type FoundFile, filesBelow } from './walk.ts';
import { wholeFile } from './whole-file.ts';

/** A file of the site's own: `files/<path>` of its folder. */
export interface SiteFile {
  /** Where it goes in the tree, with forward slashes. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/**
 * Reads the files of a site's own: all below `files/`, but for litter and git's own. Reports what cannot be read, and
 * files that refer to a secret; what is at fault is missing in what is given. Each knows the place that it was read from.
 */
export function readOwnFiles(site: string, report: Report, disk: Disk): SiteFile[] {
  return filesBelow(site, 'files', isPassedOver, report, disk).flatMap((found) => {
    const content = bytesOf(found, report, disk);
    if (!content || !checkNoSecret(found.file, content, report)) return [];
    const { path, file, executable } = found;
    return [located({ path, content, executable }, wholeFile(file))];
  });
}

/** A clone in `files/` brings `.git`, in which credentials lie, and a submodule a file of that name. */
function isPassedOver(name: string): boolean {
  return name === '.git' || isLitter(name);
}

/** What a file holds; undefined where it cannot be read, which is reported, or has gone since it was found. */
function bytesOf({ file }: FoundFile, report: Report, disk: Disk): Uint8Array | undefined {
  try {
    return disk.bytes(file);
  } catch (error) {
    if (!isGone(error))
      report.error({ code: 'unreadable-file', ...whyUnreadable(error), at: wholeFile(file) });
    return undefined;
  }
}

/** Nothing fills secrets in but the boot server's web server, and that in what harvgen makes for nodes. */
function checkNoSecret(file: string, content: Uint8Array, report: Report): boolean {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const secret = BEGINNINGS.find((mark) => bytes.includes(mark));
  if (secret === undefined) return true;
  const text = new TextDecoder().decode(content);
  const start = text.indexOf(secret);
  report.error({
    code: 'file-secret',
    message:
      'This refers to a secret, and nothing fills it in here: files of your own are served as they are.',
    at: { source: new Source(file, text), start, end: start + secret.length },
    help: 'take it out; what needs a secret belongs into the configuration of a node',
  });
  return false;
}

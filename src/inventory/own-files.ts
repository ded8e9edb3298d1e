import type { Report } from '../diagnostics/report.ts';
import { located, Source } from '../origin.ts';
import type { SiteFile } from '../site/model.ts';
import type { Disk } from './disk.ts';
import { whyUnreadable } from './unreadable.ts';
import { type FoundFile, filesBelow } from './walk.ts';
import { wholeFile } from './whole-file.ts';

/** What git, desktops and editors leave behind. */
const NOT_MEANT = /^(\.gitkeep|\.DS_Store|\..*\.swp|.*~)$/s;

/** How a secret is written, in an inventory and in the output. */
const SECRET = /@@secret:|\$\{secret:/;

/**
 * Reads the files of a site's own: all below `files/`. Reports what cannot be read, and files that refer to a secret;
 * what is at fault is missing in what is given. Each knows the place that it was read from.
 */
export function readOwnFiles(site: string, report: Report, disk: Disk): SiteFile[] {
  return filesBelow(site, 'files', (name) => NOT_MEANT.test(name), report, disk).flatMap((found) => {
    const content = bytesOf(found, report, disk);
    if (!content || !checkNoSecret(found.file, content, report)) return [];
    const { path, file, executable } = found;
    return [located({ path, content, executable }, wholeFile(file))];
  });
}

function bytesOf({ file }: FoundFile, report: Report, disk: Disk): Uint8Array | undefined {
  try {
    return disk.bytes(file);
  } catch (error) {
    report.error({ code: 'unreadable-file', ...whyUnreadable(error), at: wholeFile(file) });
    return undefined;
  }
}

/** Nothing fills secrets in but the boot server's web server, and that in what harvgen makes for nodes. */
function checkNoSecret(file: string, content: Uint8Array, report: Report): boolean {
  const text = new TextDecoder().decode(content);
  const found = SECRET.exec(text);
  if (!found) return true;
  report.error({
    code: 'file-secret',
    message:
      'This refers to a secret, and nothing fills it in here: files of your own are served as they are.',
    at: { source: new Source(file, text), start: found.index, end: found.index + found[0].length },
    help: 'take it out; what needs a secret belongs into the configuration of a node',
  });
  return false;
}

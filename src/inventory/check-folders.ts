import { basename, join, relative, sep } from 'node:path';
import type { Report } from '../source/diagnostics/report.ts';
import { nearest } from '../values/nearest.ts';
import { isLitter } from './litter.ts';
import { isFolder, isSame } from './stat.ts';
import { wholeFile } from './whole-file.ts';

/** The folders of a site that are more than a place for its YAML files. */
const KNOWN = ['templates', 'files'];

/** Far fewer edits than a misspelt key may have: a folder may be called anything, such as sites or profiles. */
const TOLERANCE = 0.25;

/**
 * Warns of folders of a site that hold something and were probably meant for `templates/` or `files/`: nothing else says
 * that what they hold is passed over. Takes the absolute paths of all files, and of those that are read; a folder that
 * holds one of these is what it should be. Litter is nothing that it holds.
 */
export function checkFolders(
  site: string,
  files: { readonly all: readonly string[]; readonly read: readonly string[] },
  report: Report,
): void {
  const meaning = files.all.filter((path) => !isLitter(basename(path)));
  const read = new Set(files.read.map((path) => topFolder(site, path)));
  for (const name of new Set(meaning.map((path) => topFolder(site, path)))) {
    if (name === undefined || read.has(name)) continue;
    const meant = nearest(name, KNOWN, TOLERANCE);
    if (meant === undefined || isSame(join(site, name), join(site, meant))) continue;
    report.warning({
      code: 'folder-not-read',
      message: `${name}/ is not read, and what it holds changes nothing: did you mean ${meant}/?`,
      at: wholeFile(join(site, name)),
      help: isFolder(join(site, meant))
        ? `move what it holds to ${meant}/, or out of the site`
        : `rename it to ${meant}, or move it out of the site`,
    });
  }
}

/** The folder at the top of a site that a file lies in; undefined for what lies beside site.yaml. */
function topFolder(site: string, path: string): string | undefined {
  const [top, ...more] = relative(site, path).split(sep);
  return more.length > 0 ? top : undefined;
}

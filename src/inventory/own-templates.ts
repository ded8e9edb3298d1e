import type { Report } from '../source/diagnostics/report.ts';
import { Source } from '../source/origin.ts';
import { isGone, whyUnreadable } from '../values/unreadable.ts';
import type { Disk } from './disk.ts';
import { isLitter } from './litter.ts';
import { filesBelow } from './walk.ts';
import { wholeFile } from './whole-file.ts';

/** A file below `templates/`, read. */
export interface TemplateFile {
  /** Relative to `templates/`, with forward slashes. */
  readonly path: string;
  readonly source: Source;
}

/**
 * Reads the templates of a site's own: all below `templates/`, but for dotfiles and litter. Reports what cannot be
 * read, and is missing in what is given.
 */
export function readOwnTemplates(site: string, report: Report, disk: Disk): TemplateFile[] {
  return filesBelow(site, 'templates', isPassedOver, report, disk).flatMap(({ path, file }) => {
    try {
      return [{ path, source: new Source(file, disk.text(file)) }];
    } catch (error) {
      if (!isGone(error))
        report.error({ code: 'unreadable-file', ...whyUnreadable(error), at: wholeFile(file) });
      return [];
    }
  });
}

function isPassedOver(name: string): boolean {
  return name.startsWith('.') || isLitter(name);
}

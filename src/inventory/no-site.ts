import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { namesOf } from '../source/diagnostics/listed.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { brokenLink } from './broken-link.ts';
import { isFile, isFolder } from './stat.ts';
import { wholeFile } from './whole-file.ts';

/** Reports that a folder, as the command line names it, is no site, with what was probably meant by it. */
export function reportNoSite(folder: string, report: Report): void {
  const path = resolve(folder);
  const root = join(path, 'site.yaml');
  const broken = brokenLink(root);
  if (broken) {
    report.error({
      code: 'unreadable-file',
      message: broken.message,
      help: broken.help,
      at: wholeFile(root),
    });
    return;
  }
  const { message, help, name = '' } = whyNoSite(folder, namesIn(path));
  report.error({ code: 'no-site', message, at: wholeFile(join(path, name)), help });
}

interface WhyNoSite {
  readonly message: string;
  readonly help: string;
  /** What in the folder it is about. */
  readonly name?: string;
}

function whyNoSite(folder: string, names: readonly string[]): WhyNoSite {
  if (isFile(folder))
    return { message: 'This is a file: a site is named by its folder.', help: 'name the folder' };
  const help = 'begin one with: harvgen init DIR';
  if (!isFolder(folder))
    return { message: 'There is no such folder: a site is a folder with a site.yaml.', help };
  const misnamed = names.find((name) => /^site\.ya?ml$/i.test(name) && isFile(join(folder, name)));
  if (misnamed !== undefined) {
    return {
      message: `The folder is not a site: it has no site.yaml, but ${misnamed}, which is not read.`,
      help: `rename ${join(folder, misnamed)} to site.yaml`,
      name: misnamed,
    };
  }
  const sites = names.filter((name) => !/^[_.]/.test(name) && isFile(join(folder, name, 'site.yaml')));
  const [first, second] = sites;
  if (first === undefined) return { message: 'This folder is not a site: it has no site.yaml.', help };
  const said = namesOf(sites.map((name) => ({ name })));
  return second === undefined
    ? {
        message: `This folder is not a site: it has no site.yaml, but holds the site ${said}.`,
        help: `name the site: harvgen build ${join(folder, first)}`,
      }
    : {
        message: `This folder is not a site: it has no site.yaml, but holds the sites ${said}.`,
        help: `name one of them, or all: harvgen build '${join(folder, '*')}'`,
      };
}

/** The names of what is in a folder, sorted; none where it cannot be looked into. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

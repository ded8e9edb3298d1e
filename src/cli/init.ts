import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileBesideCode } from '../values/package.ts';
import { plainOrQuoted, schemaLine, siteNameOfFolder, writeNewSite } from './new-site.ts';

/** `harvgen init`: begins a site in a folder that is new or empty, named as the site will be. Gives the exit code. */
export async function init(folder: string): Promise<number> {
  const name = siteNameOfFolder(folder);
  const fault = writeNewSite(folder, newSite(name, folder));
  if (fault !== undefined) {
    process.stderr.write(`harvgen: ${fault}\n`);
    return 1;
  }
  process.stdout.write(
    `${join(folder, 'site.yaml')} is made: put your own machines into it, then\n  harvgen check ${folder}\n  harvgen secrets ${folder}\n`,
  );
  return 0;
}

function newSite(name: string, folder: string): string {
  const template = readFileSync(fileBesideCode('cli/init/site.yaml'), 'utf8');
  return `${schemaLine(folder)}${template.replace('site: @site@\n', `site: ${plainOrQuoted(name)}\n`).replaceAll('@site@', name)}`;
}

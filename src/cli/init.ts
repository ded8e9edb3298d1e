import { join } from 'node:path';
import { textBesideCode } from '../values/package.ts';
import { plainOrQuoted, schemaLine, siteNameOfFolder, writeNewSite } from './new-site.ts';

/** `harvgen init`: creates a site in a new or empty directory, whose name becomes the site's. Returns the exit code. */
export async function init(folder: string): Promise<number> {
  const name = siteNameOfFolder(folder);
  writeNewSite(folder, newSite(name, folder));
  process.stdout.write(
    `${join(folder, 'site.yaml')} created: replace its machines with your own, then run\n  npx harvgen check ${folder}\n  npx harvgen secrets ${folder}\n`,
  );
  return 0;
}

function newSite(name: string, folder: string): string {
  const template = textBesideCode('cli/init/site.yaml');
  return `${schemaLine(folder)}${template.replace('site: @site@\n', `site: ${plainOrQuoted(name)}\n`).replaceAll('@site@', name)}`;
}

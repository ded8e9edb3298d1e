import { realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { SecretsError } from './secrets-error.ts';

/**
 * Refuses a file of secrets within the folder of a site: it would be read as inventory, and committed with it. Takes
 * what `--secrets` says, and the sites' folders. Throws SecretsError.
 */
export function refuseWithinSites(option: string | undefined, sites: readonly string[]): void {
  if (option === undefined || option === '-') return;
  for (const site of sites) {
    if (!isWithin(resolve(option), resolve(site)) && !isWithin(real(option), real(site))) continue;
    throw new SecretsError([
      `${option} is within the site ${site}, whose files are read as inventory and go into git: keep it outside`,
    ]);
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way.split(sep)[0] !== '..' && !isAbsolute(way);
}

/** A path without links; as it is where nothing is there, which whoever reads it will say. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

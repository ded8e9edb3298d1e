import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { ImportedSite } from '../import/model/import-format.ts';
import { gitTracked } from '../tree/git-tracked.ts';
import { UserError } from '../values/user-error.ts';
import { writing } from './new-site.ts';

/**
 * Throws UserError if values of secrets cannot be written to a new file. The file must not exist, be in a site (the new one,
 * or any directory with a site.yaml), or be tracked by git.
 */
export function refuseSecretsTo(file: string, site: string | undefined): void {
  if (existsSync(file))
    throw new UserError(`${file} exists already: use a new file for the values of secrets`);
  const around = siteAround(resolve(file), site === undefined ? undefined : resolve(site));
  if (around !== undefined)
    throw new UserError(
      `${file} is in the site ${around}, whose files are inventory and in git: use a file outside of it`,
    );
  const [taken] = gitTracked(dirname(resolve(file)), [basename(file)]);
  if (!taken) return;
  throw new UserError(
    taken.fault === undefined
      ? `${file} would contain secrets, but the git repository ${taken.workTree} does not ignore it: use a file outside of it, or add it to .gitignore`
      : `${file} is in the git work tree ${taken.workTree}, but whether git ignores it is unknown: ${taken.fault}`,
  );
}

function siteAround(path: string, newSite: string | undefined): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (folder === newSite || existsSync(join(folder, 'site.yaml'))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

type SecretsOf = Pick<ImportedSite, 'name' | 'secrets' | 'secretsToMake'>;

/**
 * Writes values of secrets to a new file that only the user can read. Several sites get a section each; secrets to create
 * are in comments. Throws UserError.
 */
export function writeSecretsTo(file: string, sites: readonly SecretsOf[]): void {
  const text = sites.map((site) => (sites.length === 1 ? entriesOf(site) : sectionOf(site))).join('');
  writing(file, () => writeFileSync(file, text, { flag: 'wx', mode: 0o600 }));
}

function entriesOf({ secrets, secretsToMake }: SecretsOf): string {
  return yamlOf(Object.fromEntries(secrets)) + commentsOf(secretsToMake, '# ');
}

/** An empty section would not be a map, so its name is a comment too. */
function sectionOf({ name, secrets, secretsToMake }: SecretsOf): string {
  if (secrets.size > 0)
    return yamlOf({ [name]: Object.fromEntries(secrets) }) + commentsOf(secretsToMake, '  # ');
  const comments = commentsOf(secretsToMake, '#   ');
  return comments === '' ? '' : `# ${yamlOf({ [name]: '' }).replace(/ ""\n$/, '\n')}${comments}`;
}

function commentsOf(toMake: ReadonlyMap<string, string> = new Map(), before: string): string {
  return [...toMake].map(([name, command]) => `${before}${name}: ${command}\n`).join('');
}

function yamlOf(map: object): string {
  return stringify(map, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });
}

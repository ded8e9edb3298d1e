import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { ImportedSite } from '../import/kind.ts';
import { gitTracked } from '../tree/git-takes.ts';

/**
 * Says why values of secrets cannot go into a new file: it is there, within a site (the folder of the new one, or any
 * that has a site.yaml), or git would take it up. Undefined where they can.
 */
export function whyNoSecretsTo(file: string, site: string | undefined): string | undefined {
  if (existsSync(file)) return `${file} is there already: name a file that is not, for the values of secrets`;
  const holder = siteAround(resolve(file), site === undefined ? undefined : resolve(site));
  if (holder !== undefined)
    return `${file} is within the site ${holder}, whose files are read as inventory and go into git: keep it outside`;
  const [taken] = gitTracked(dirname(resolve(file)), [basename(file)]);
  if (!taken) return undefined;
  return taken.fault === undefined
    ? `${file} would hold secrets, and the git repository ${taken.workTree} does not ignore it: name a file outside of it, or add it to .gitignore`
    : `${file} lies in the work tree of git ${taken.workTree}, and whether that would take it up is not known: ${taken.fault}`;
}

function siteAround(path: string, newSite: string | undefined): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (folder === newSite || existsSync(join(folder, 'site.yaml'))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

type SecretsOf = Pick<ImportedSite, 'name' | 'secrets' | 'secretsToMake'>;

/**
 * Writes values of secrets to a new file, for nobody else to read, of several sites in a section for each; those that are to
 * be made stand there as comments. Says why it could not.
 */
export function writeSecretsTo(file: string, sites: readonly SecretsOf[]): string | undefined {
  const text = sites.map((site) => (sites.length === 1 ? entriesOf(site) : sectionOf(site))).join('');
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    return `${file} cannot be written: ${code}`;
  }
}

function entriesOf({ secrets, secretsToMake }: SecretsOf): string {
  return yamlOf(Object.fromEntries(secrets)) + commentsOf(secretsToMake, '# ');
}

/** A section with nothing in it would be no map: its name is a comment, too, until there is something. */
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

import { type File, type Tree, textOf } from '../output/tree.ts';
import { WWW } from '../targets/paths.ts';
import type { SiteChange } from './change.ts';
import type { FileChange } from './file-changes.ts';

/** Where the boot server fills in secrets: a node's script and configuration. */
const FILLED = new RegExp(`^${WWW}/(ipxe|config)/`);

/** Says which secrets the boot server needs that it did not, and which no file needs any more. */
export function secretChanges(files: readonly FileChange[], after: Tree): SiteChange[] {
  const filled = files.filter(({ path }) => FILLED.test(path));
  const old = secretsIn(filled.map((file) => file.before));
  const now = secretsIn(filled.map((file) => file.after));
  const [needed, unused] = [without(now, old), without(old, now)];
  if (needed.length + unused.length === 0) return [];
  // Another file may have had it all the time.
  const changed = new Set(files.map(({ path }) => path));
  const kept = secretsIn(
    [...after].map(([path, file]) => (FILLED.test(path) && !changed.has(path) ? file : undefined)),
  );
  return [
    ...without(needed, kept).map((name): SiteChange => {
      return { what: 'secret-needed', name, text: `the boot server needs the new secret ${name}` };
    }),
    ...without(unused, kept).map((name): SiteChange => {
      return {
        what: 'secret-unused',
        name,
        text: `the boot server does not need the secret ${name} any more`,
      };
    }),
  ];
}

function secretsIn(files: readonly (File | undefined)[]): Set<string> {
  const names = new Set<string>();
  for (const file of files) {
    if (!file) continue;
    for (const [, name = ''] of textOf(file).matchAll(/@@secret:([a-z][a-z0-9_]*)@@/g)) names.add(name);
  }
  return names;
}

function without(names: Iterable<string>, others: ReadonlySet<string>): string[] {
  return [...names].filter((name) => !others.has(name)).sort();
}

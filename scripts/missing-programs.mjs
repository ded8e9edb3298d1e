// Finds the programs for system tests that this machine lacks. As a command, prints the Debian packages of missing programs, one
// per line. Then scripts/test-deps.sh installs only these packages, because a program from another source may conflict with
// its Debian package.
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The Debian package of each program or file. The last part of a file's path may contain one * as a wildcard. */
export const packages = JSON.parse(readFileSync(join(root, 'test', 'programs.json'), 'utf8'));

/** Whether a program or a file exists on this machine; for `root`, whether the user is root. */
export function isThere(need) {
  if (need === 'root') return process.getuid?.() === 0;
  if (need.startsWith('/')) return filesLike(need).length > 0;
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) => {
    try {
      accessSync(join(folder, need), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Returns the files that match a path with one * in its last part. */
function filesLike(path) {
  const [before, after = ''] = path.slice(path.lastIndexOf('/') + 1).split('*');
  try {
    return readdirSync(dirname(path)).filter((name) =>
      path.includes('*') ? name.startsWith(before) && name.endsWith(after) : name === before,
    );
  } catch {
    return [];
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = Object.entries(packages).flatMap(([need, name]) => (isThere(need) ? [] : [name]));
  for (const name of [...new Set(missing)].sort()) console.log(name);
}

// Which of the programs that system tests run this machine lacks. Called with no import, it prints the Debian packages of
// those that are not there, a line for each: scripts/test-deps.sh installs no others, since a machine may have a program
// from elsewhere, with which Debian's package conflicts.
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The Debian package of each program, or of a file, whose last part may have one * for anything. */
export const packages = JSON.parse(readFileSync(join(root, 'test', 'programs.json'), 'utf8'));

/** Says whether a program, or a file, is on this machine; of `root`, whether this is root. */
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

/** The files that a path with one * in its last part stands for. */
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

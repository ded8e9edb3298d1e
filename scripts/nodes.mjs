// Installs the releases of Node that harvgen supports, from npm: the oldest that package.json names, the newest of each line with long-term
// support, and the newest of all.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The releases, as versions or tags of the packages. */
export const NODES = [`${engines.node.replace('>=', '')}.0`, '22', '24', 'latest'];

/** Returns the path of a release's program. Installs it once, in node_modules/. Throws if there is no such release for this machine. */
export function nodeOf(release) {
  const folder = join(root, 'node_modules', '.nodes', release);
  const name = `node-${process.platform}-${process.arch}`;
  const program = join(folder, 'node_modules', name, 'bin', 'node');
  const options = [
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--ignore-scripts',
    '--silent',
  ];
  if (!existsSync(program))
    execFileSync('npm', ['install', ...options, '--prefix', folder, `${name}@${release}`], {
      stdio: 'inherit',
    });
  return program;
}

// Run as a program, prints all releases with their paths as JSON.
if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(JSON.stringify(NODES.map((release) => [release, nodeOf(release)])));

// Installs the releases of Node that harvgen supports, from npm: the oldest ones that package.json names, the newest of each line with
// long-term support, and the newest of all.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The releases, as versions or tags of the packages. */
export const NODES = [...engines.node.match(/\d+\.\d+\.\d+/g), '22', '24', 'latest'];

const name = `node-${process.platform}-${process.arch}`;

function folderOf(release) {
  return join(root, 'node_modules', '.nodes', release);
}

/** Returns the path of a release's program, whether it is installed or not. */
function programOf(release) {
  return join(folderOf(release), 'node_modules', name, 'bin', 'node');
}

/** Returns the path of a release's program. Installs it once, in node_modules/. Throws if there is no such release for this machine. */
export function nodeOf(release) {
  const program = programOf(release);
  const options = [
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--ignore-scripts',
    '--silent',
  ];
  if (!existsSync(program))
    execFileSync('npm', ['install', ...options, '--prefix', folderOf(release), `${name}@${release}`], {
      stdio: 'inherit',
    });
  return program;
}

// Run as a program, prints all releases with their paths as JSON. With --installed, installs none, and prints null for the path of a
// missing one.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const installed = (release) => (existsSync(programOf(release)) ? programOf(release) : null);
  const pathOf = process.argv.includes('--installed') ? installed : nodeOf;
  console.log(JSON.stringify(NODES.map((release) => [release, pathOf(release)])));
}

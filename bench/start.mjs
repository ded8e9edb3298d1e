// Measures how fast harvgen starts, by each release of Node and as an executable: npm run bench:start. Prints a table for
// docs/how-to/install.md. Runs take turns, so that a load of the machine affects all; the shortest run of each counts.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROUNDS = 41;
const COMMANDS = [['--version'], ['check', 'sites/location_x'], ['build', '--check', 'sites/*']];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'harvgen-start-'));
const print = (script, ...args) =>
  String(execFileSync(process.execPath, [join(root, 'scripts', script), ...args], { cwd: root })).trim();
try {
  const executable = print('build-executable.mjs', folder);
  const programs = JSON.parse(print('nodes.mjs')).map(([, node]) => ({
    name: `Node ${execFileSync(node, ['--version'])}`.trim().replace(' v', ' '),
    command: [node, join(root, 'bin/harvgen.js')],
  }));
  programs.push({
    name: `executable, ${Math.round(statSync(executable).size / 1e6)} MB`,
    command: [executable],
  });
  const shortest = programs.map(() => COMMANDS.map(() => Number.POSITIVE_INFINITY));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [row, { command }] of programs.entries())
      for (const [column, args] of COMMANDS.entries()) {
        const [program, ...rest] = [...command, ...args];
        const start = performance.now();
        spawnSync(program, rest, { cwd: root });
        shortest[row][column] = Math.min(shortest[row][column], performance.now() - start);
      }
  const rows = programs.map(({ name }, row) => [
    name,
    ...shortest[row].map(
      (time, column) => `${Math.round(time)} ms, ${(time / shortest[0][column]).toFixed(2)} ×`,
    ),
  ]);
  const head = ['', ...COMMANDS.map((args) => `\`harvgen ${args.join(' ')}\``)];
  for (const cells of [head, head.map(() => '---'), ...rows]) console.log(`| ${cells.join(' | ')} |`);
} finally {
  rmSync(folder, { recursive: true });
}

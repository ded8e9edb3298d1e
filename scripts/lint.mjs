// npm run lint: runs every stage, two at a time, and prints the output of those that fail.
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';

const STAGES = [
  ['spelling', 'cspell lint --no-progress --no-summary'],
  ['types', 'tsc --noEmit'],
  ['format and code', 'biome check --error-on-warnings .'],
  ['templates', 'node scripts/template-types.mjs'],
  ['generated pages', 'node --import tsx scripts/generate-docs.mjs --check'],
  ['pictures from output', 'node --import tsx scripts/output-pictures.mjs --check'],
  ['pictures', 'node scripts/render-pictures.mjs --check'],
  ['rooms', 'node scripts/check-rooms.mjs'],
  ['seeds of random tests', 'node scripts/check-seeds.mjs'],
];

const left = [...STAGES];
const lanes = Array.from({ length: Math.max(2, availableParallelism()) }, async () => {
  for (let stage = left.shift(); stage; stage = left.shift()) await run(...stage);
});
await Promise.all(lanes);

function run(name, command) {
  return new Promise((resolve) => {
    // npm puts the programs of node_modules/.bin on the PATH.
    execFile('sh', ['-c', command], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error) {
        console.error(`${name} (${command}):\n${stdout}${stderr}`);
        process.exitCode = 1;
      }
      resolve();
    });
  });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HARVGEN, type Plant } from './plant.ts';
import { type Hot, hottestOf, profilesIn } from './profile.ts';

/** Times in milliseconds: until the first measured save, and of each measured save. */
export interface Saves {
  readonly start: number;
  readonly latencies: number[];
}

/** Saves an inventory repeatedly; returns the functions with the most time per save, in descending order. */
export async function hottestOfSaves(plant: Plant, saves: number, most: number): Promise<Hot[]> {
  const profiles = mkdtempSync(join(plant.folder, 'profile-'));
  const { start } = await watchSaves(plant, saves, ['--cpu-prof', `--cpu-prof-dir=${profiles}`]);
  return hottestOf(profilesIn(profiles), most, start).map(({ name, ms }) => ({ name, ms: ms / saves }));
}

/**
 * Measures `build --watch`. Saves the inventory repeatedly, each time with one changed node, alternately in place and by
 * renaming a new file, like editors. Returns the time from each save until harvgen reports the written tree. Takes options for
 * Node. Throws the output of harvgen if it exits early.
 */
export async function watchSaves(
  plant: Plant,
  saves: number,
  options: readonly string[] = [],
): Promise<Saves> {
  const inventory = join(plant.folder, 'plant', 'site.yaml');
  const before = readFileSync(inventory, 'utf8');
  const words = [...options, HARVGEN, 'build', '--watch', 'plant'];
  const begun = performance.now();
  const watching = spawn(process.execPath, words, { cwd: plant.folder });
  const ended = once(watching, 'exit');
  try {
    const printed = outputOf(watching);
    await printed(/watching .*\n/);
    const latencies: number[] = [];
    let start = 0;
    // Ignores the first saves, which include the start of the watch.
    for (let save = -3; save < saves; save += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150)); // simulates typing
      if (save === 0) start = performance.now() - begun;
      const n = ((save + 3) % plant.nodes) + 1;
      const text = before.replace(new RegExp(`(  node-${n}: \\{.*) \\}`), '$1, install: always }');
      const saved = performance.now();
      if (save % 2 === 0) writeFileSync(inventory, text);
      else {
        writeFileSync(`${inventory}~`, text);
        renameSync(`${inventory}~`, inventory);
      }
      await printed(/out\/plant: \d+ written, .*\n/);
      if (save >= 0) latencies.push(performance.now() - saved);
    }
    return { start, latencies };
  } finally {
    watching.kill();
    await ended;
    writeFileSync(inventory, before);
  }
}

/** Returns a function that waits for new output of a process that matches a pattern. */
function outputOf(child: ReturnType<typeof spawn>): (pattern: RegExp) => Promise<void> {
  let text = '';
  let look = () => {};
  let ended = false;
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      look();
    });
  child.on('exit', () => {
    ended = true;
    look();
  });
  return (pattern) =>
    new Promise((resolve, reject) => {
      look = () => {
        const match = pattern.exec(text);
        if (match) {
          text = text.slice(match.index + match[0].length);
          resolve();
        } else if (ended) reject(new Error(`build --watch exited: ${text}`));
      };
      look();
    });
}

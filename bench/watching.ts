import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HARVGEN, type Plant } from './plant.ts';
import { type Hot, hottestOf, profilesIn } from './profile.ts';

/** In milliseconds: how long it took until saves were measured, and then each of them. */
export interface Saves {
  readonly start: number;
  readonly latencies: number[];
}

/** Saves an inventory again and again; gives the functions that a save spends most time in, the hottest first. */
export async function hottestOfSaves(plant: Plant, saves: number, most: number): Promise<Hot[]> {
  const profiles = mkdtempSync(join(plant.folder, 'profile-'));
  const { start } = await watchSaves(plant, saves, ['--cpu-prof', `--cpu-prof-dir=${profiles}`]);
  return hottestOf(profilesIn(profiles), most, start).map(({ name, ms }) => ({ name, ms: ms / saves }));
}

/**
 * Measures `build --watch`: saves the inventory again and again, each time with one node otherwise, in its place and by
 * renaming a new file to it in turn, as editors do; gives the time from each save until harvgen says that the last byte is
 * written. Takes options for Node. Throws what harvgen said where it ends before that.
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
    const said = sayings(watching);
    await said(/watching .*\n/);
    const latencies: number[] = [];
    let start = 0;
    // The first ones are not counted: nobody's watch has just begun.
    for (let save = -3; save < saves; save += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150)); // somebody who types
      if (save === 0) start = performance.now() - begun;
      const n = ((save + 3) % plant.nodes) + 1;
      const text = before.replace(new RegExp(`(  node-${n}: \\{.*) \\}`), '$1, install: always }');
      const saved = performance.now();
      if (save % 2 === 0) writeFileSync(inventory, text);
      else {
        writeFileSync(`${inventory}~`, text);
        renameSync(`${inventory}~`, inventory);
      }
      await said(/out\/plant: \d+ written, .*\n/);
      if (save >= 0) latencies.push(performance.now() - saved);
    }
    return { start, latencies };
  } finally {
    watching.kill();
    await ended;
    writeFileSync(inventory, before);
  }
}

/** Gives what waits until a process has said something that was not waited for before. */
function sayings(child: ReturnType<typeof spawn>): (pattern: RegExp) => Promise<void> {
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
        } else if (ended) reject(new Error(`build --watch has ended: ${text}`));
      };
      look();
    });
}

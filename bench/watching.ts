import { spawn } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HARVGEN, type Plant } from './plant.ts';

/**
 * Measures `build --watch`: saves the inventory again and again, each time with one node otherwise, in its place and by
 * renaming a new file to it in turn, as editors do; gives the milliseconds from each save until harvgen says that the last
 * byte is written. Says what it said where it ends before that.
 */
export async function watchLatencies(plant: Plant, saves: number): Promise<number[]> {
  const inventory = join(plant.folder, 'plant', 'site.yaml');
  const before = readFileSync(inventory, 'utf8');
  const watching = spawn(process.execPath, [HARVGEN, 'build', '--watch', 'plant'], { cwd: plant.folder });
  try {
    const said = sayings(watching);
    await said(/watching .*\n/);
    const latencies: number[] = [];
    // The first ones are not counted: nobody's watch has just begun.
    for (let save = -3; save < saves; save += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150)); // somebody who types
      const n = ((save + 3) % plant.nodes) + 1;
      const text = before.replace(new RegExp(`(  node-${n}: \\{.*) \\}`), '$1, install: always }');
      const begun = performance.now();
      if (save % 2 === 0) writeFileSync(inventory, text);
      else {
        writeFileSync(`${inventory}~`, text);
        renameSync(`${inventory}~`, inventory);
      }
      await said(/out\/plant: \d+ written, .*\n/);
      if (save >= 0) latencies.push(performance.now() - begun);
    }
    return latencies;
  } finally {
    watching.kill();
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

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { hugoOf } from './hugo.ts';
import { HARVGEN, type Plant } from './plant.ts';
import type { Command } from './run.ts';

/** The compared commands, which run on the same nodes. */
export type Name = 'build' | 'rebuild' | 'check' | 'hugo' | 'cp';

/** The names of the contenders in tables, in order. */
export const COMMANDS: Readonly<Record<Name, string>> = {
  build: 'harvgen build',
  rebuild: 'harvgen build, nothing changed',
  check: 'harvgen check',
  hugo: 'hugo',
  cp: 'cp -r',
};

/** A command to measure. */
export interface Contender {
  readonly command: Command;
  /** Prepares each run; not measured. */
  readonly prepare: () => void;
}

/** Returns the contenders for a site. Runs the other tools once and checks that they write the same files. */
export function contendersOf(plant: Plant): ReadonlyMap<Name, Contender> {
  const harvgen = (command: string): Command => ({
    words: [process.execPath, HARVGEN, command, 'plant'],
    folder: plant.folder,
  });
  const hugo = hugoOf(plant);
  const copy = join(plant.folder, 'copy');
  return new Map<Name, Contender>([
    ['build', { command: harvgen('build'), prepare: () => remove(join(plant.folder, 'out')) }],
    ['rebuild', { command: harvgen('build'), prepare: () => {} }],
    ['check', { command: harvgen('check'), prepare: () => {} }],
    ['hugo', { command: hugo.command, prepare: () => remove(hugo.output) }],
    [
      'cp',
      {
        command: { words: ['cp', '-r', plant.tree, copy], folder: plant.folder },
        prepare: () => remove(copy),
      },
    ],
  ]);
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

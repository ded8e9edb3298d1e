import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { hugoOf } from './hugo.ts';
import { HARVGEN, type Plant } from './plant.ts';
import type { Command } from './run.ts';

/** What is measured against each other, on the same nodes. */
export type Name = 'build' | 'rebuild' | 'check' | 'hugo' | 'cp';

/** What each contender is called in tables, in their order. */
export const COMMANDS: Readonly<Record<Name, string>> = {
  build: 'harvgen build',
  rebuild: 'harvgen build, nothing changed',
  check: 'harvgen check',
  hugo: 'hugo',
  cp: 'cp -r',
};

/** Something that is run and measured. */
export interface Contender {
  readonly command: Command;
  /** Does what must be done before each run, and is not measured. */
  readonly prepare: () => void;
}

/** Gives what is measured on a plant; has the rivals do it once, and sees that what they write is the same. */
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

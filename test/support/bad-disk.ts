import fs, { rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { mock } from 'node:test';
import { scratchFolder } from './scratch.ts';

/** Runs work, synchronous up to its first wait, as a user without the rights of root. */
export function asNobody<T>(work: () => T): T {
  const { seteuid, setegid, getuid } = process;
  if (getuid?.() !== 0 || !seteuid || !setegid) return work();
  setegid(65534);
  seteuid(65534);
  try {
    return work();
  } finally {
    seteuid(0);
    setegid(0);
  }
}

/** The calls of a build to the disk, each of which can fail. */
const CALLS = [
  'chmodSync',
  'copyFileSync',
  'linkSync',
  'lstatSync',
  'mkdirSync',
  'readdirSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
  'statSync',
  'utimesSync',
  'writeFileSync',
] as const;

// Node loads the code that removes directories at its first use, and with it the functions as they are then.
rmSync(join(scratchFolder(), 'none'), { recursive: true, force: true });

/**
 * Runs work on a disk with some failing calls, as on a broken disk: `fails` gets the number of each call, from 1, and its
 * name. Returns the result of `work`. Throws its exceptions.
 */
export function onBadDisk<T>(fails: (call: number, name: string) => boolean, work: () => T): T {
  let call = 0;
  const mocks = CALLS.map((name) => {
    const real = fs[name] as (...args: unknown[]) => unknown;
    const bad = (...args: unknown[]): unknown => {
      call += 1;
      if (!fails(call, name)) return real(...args);
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', path: args[0] });
    };
    return mock.method(fs, name, bad as never);
  });
  syncBuiltinESMExports();
  try {
    return work();
  } finally {
    for (const { mock: one } of mocks) one.restore();
    syncBuiltinESMExports();
  }
}

import fs, { rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { mock } from 'node:test';
import { scratchFolder } from './scratch.ts';

/** Does something, synchronous up to its first wait, as somebody who may not do everything, as root may. */
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

/** What a build does to the disk, and where it can fail. */
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

// Node loads what removes folders at the first use, and with it the functions as they are then.
rmSync(join(scratchFolder(), 'none'), { recursive: true, force: true });

/**
 * Does something on a disk of which some calls fail, as on one that breaks: `fails` is told the number of each call,
 * from 1, and its name. Gives what `work` gives; throws what it throws.
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

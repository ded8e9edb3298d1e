import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from '../../src/rehearse/machine.ts';

/** Checks repeatedly until a condition holds; an exception means that it does not. Throws if it never holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    if (await holds().catch(() => false)) return;
    if (Date.now() > end) throw new Error(`the condition never held: ${holds}`);
    await sleep(100);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again, for 15 seconds, until it is so; what throws is not so yet. Throws where it never is. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  for (;;) {
    if (await isSo().catch(() => false)) return;
    if (Date.now() > end) throw new Error(`it never was so: ${isSo}`);
    await sleep(100);
  }
}

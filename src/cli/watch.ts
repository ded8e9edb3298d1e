import { once } from 'node:events';
import { type RebuildOptions, Rebuilds } from './rebuilds.ts';
import { findSites, isGlob } from './sites.ts';
import { UsageError } from './usage-error.ts';
import { Changes } from './watch/changes.ts';

/**
 * `harvgen build --watch`: builds sites, and those anew that a change concerns, until SIGINT or SIGTERM. A fault leaves
 * the last good trees in place; of a glob, sites that come and go are followed. Gives the exit code.
 */
export async function watch(args: readonly string[], options: RebuildOptions): Promise<number> {
  const end = new AbortController();
  const stop = () => end.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  try {
    await buildAndWatch(args, options, end.signal);
  } catch (error) {
    if (!end.signal.aborted) throw error;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  }
  return 0;
}

/** Nobody waits for anything when there has been nothing to do for so long, in milliseconds. */
const IDLE = 20;

/** Builds and watches until the signal comes. */
async function buildAndWatch(
  args: readonly string[],
  options: RebuildOptions,
  end: AbortSignal,
): Promise<void> {
  const ended = end.aborted ? Promise.resolve(undefined) : once(end, 'abort').then(() => undefined);
  const isFollowed = args.some(isGlob);
  let sites: readonly string[] = await findSites(args);
  let concerned = sites;
  const rebuilds = new Rebuilds(sites, options, end);
  const changes = await Changes.open(rebuilds.scope(isFollowed));
  let idle: NodeJS.Timeout | undefined;
  try {
    await rebuilds.build(concerned);
    for (let isNew = true; ; ) {
      // What is read for the first time may have changed before anybody looked at it.
      while (await changes.look(rebuilds.scope(isFollowed)))
        await rebuilds.build(concerned, { onceMore: true });
      if (isNew) process.stderr.write(`harvgen: watching ${sites.join(', ')}; Ctrl-C ends it\n`);
      isNew = false;
      for (let isSettled = false; !isSettled; ) {
        const changed = await Promise.race([changes.next(), ended]);
        if (!changed) return;
        clearTimeout(idle);
        const there = isFollowed ? await found(args, sites) : sites;
        // Sites, too, come and go in several steps.
        if (there.join('\0') !== sites.join('\0') && !(await changes.settled())) continue;
        sites = there;
        if (rebuilds.follow(sites)) isNew = true;
        concerned = rebuilds.concernedBy(changed);
        // What was read while somebody was still saving is built again with the rest of it.
        isSettled =
          concerned.length === 0 || (await rebuilds.build(concerned, { settled: () => changes.settled() }));
        idle = setTimeout(() => changes.add(rebuilds.look()), IDLE);
      }
    }
  } finally {
    clearTimeout(idle);
    await changes.close();
  }
}

/** The sites that there are by now; those that there were where there is none any more. */
async function found(args: readonly string[], before: readonly string[]): Promise<readonly string[]> {
  try {
    return await findSites(args);
  } catch (error) {
    if (error instanceof UsageError) return before;
    throw error;
  }
}

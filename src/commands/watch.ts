import { Changes } from '../watch/changes.ts';
import { type RebuildOptions, Rebuilds } from './rebuilds.ts';

/**
 * `harvgen build --watch`: builds sites, and those anew that a change concerns, until SIGINT or SIGTERM. A fault leaves
 * the last good trees in place. Gives the exit code.
 */
export async function watch(sites: readonly string[], options: RebuildOptions): Promise<number> {
  const stopped = new Promise<undefined>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(undefined));
  });
  const rebuilds = new Rebuilds(sites, options);
  const changes = await Changes.open(rebuilds.scope());
  let concerned = sites;
  for (;;) {
    await rebuilds.build(concerned);
    // What is read for the first time may have changed before anybody looked at it.
    while (await changes.look(rebuilds.scope())) await rebuilds.build(concerned, true);
    if (concerned === sites) process.stderr.write(`harvgen: watching ${sites.join(', ')}; Ctrl-C ends it\n`);
    const changed = await Promise.race([changes.next(), stopped]);
    if (!changed) break;
    concerned = rebuilds.concernedBy(changed);
  }
  await changes.close();
  return 0;
}

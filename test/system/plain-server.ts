import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { fillSecrets } from '../../src/secrets/fill.ts';
import type { Tree } from '../../src/tree/tree.ts';
import { writeTree } from '../support/write-tree.ts';
import type { Answer } from './asker.ts';
import type { WebBox } from './web-box.ts';

const PORT = 8080;

/** A plain web server. */
export interface PlainServer {
  /** Requests a path. */
  ask(path: string): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * Substitutes the secrets of a tree, and serves it from a box by busybox at port 8080, for requests from one IP address.
 * Fails if the server ends before it answers.
 */
export async function servePlainly(
  box: WebBox,
  tree: Tree,
  {
    server,
    from,
    secrets,
  }: { readonly server: string; readonly from: string; readonly secrets: Readonly<Record<string, string>> },
): Promise<PlainServer> {
  const folder = join(box.sandbox.folder, 'filled');
  await mkdir(folder);
  await writeTree(folder, fillSecrets(tree, new Map(Object.entries(secrets))));
  chmodSync(folder, 0o755);
  const argv = ['busybox', 'httpd', '-f', '-p', `${server}:${PORT}`, '-h', join(folder, 'www')];
  const httpd = box.sandbox.spawn(argv, { stdio: 'ignore' });
  const ask = (path: string) => box.get(from, path, { port: PORT });
  while ((await ask('/boot.ipxe')).status !== 200) {
    assert.is(httpd.exitCode, null);
    await sleep(50);
  }
  return {
    ask,
    async stop() {
      const gone = once(httpd, 'close');
      await box.sandbox.stop(httpd);
      if (httpd.exitCode === null && httpd.signalCode === null) await gone;
    },
  };
}

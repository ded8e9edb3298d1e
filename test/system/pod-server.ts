import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { compile } from '../../src/compile.ts';
import { secretManifest } from '../../src/targets/k8s/k8s.ts';
import { makeSite, scratchFolder } from '../support/scratch.ts';
import { folderOf } from '../support/write-tree.ts';
import type { Answer } from './asker.ts';
import { openPod } from './pod.ts';
import type { WebBox } from './web-box.ts';

/** The pod of a site, in which nginx serves its tree. */
export interface PodServer {
  /** Requests a path at the container's port for port 80 of the Service. */
  ask(from: string, path: string): Promise<Answer>;
  stop(): Promise<void>;
}

/** Runs the pod of a site in a box, with the kustomization of its tree and its Secret. */
export async function serveFromPod(
  box: WebBox,
  inventory: string,
  secrets: Readonly<Record<string, string>>,
): Promise<PodServer> {
  const name = /^site: (\S+)$/m.exec(inventory)?.[1] ?? '';
  const { site, tree, diagnostics } = await compile(makeSite(inventory, name));
  if (!site || !tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const made = execFileSync('kubectl', ['kustomize', join(await folderOf(tree), 'k8s')], {
    env: { ...process.env, HOME: scratchFolder() },
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const secret = secretManifest(site, new Map(Object.entries(secrets)));
  const objects = [made, secret].flatMap((text) => parseAllDocuments(text).map((one) => one.toJS()));
  const pod = await openPod(box.sandbox, objects, { claims: { media: scratchFolder() } });
  await pod.start();
  return {
    ask: (from, path) => box.get(from, path, { port: pod.portOf(80) }),
    stop: () => pod.stop(),
  };
}

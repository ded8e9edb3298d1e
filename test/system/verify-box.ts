import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import type { Site } from '../../src/site/model.ts';
import { nginxInclude } from '../../src/targets/nginx/nginx.ts';
import type { Tree } from '../../src/tree/tree.ts';
import { BIN, type Run } from '../support/cli.ts';
import { makeSite } from '../support/scratch.ts';
import { writeTree } from '../support/write-tree.ts';

/** A boot server on a bridge, and another machine of the same network that runs `harvgen verify`. */
export interface VerifyBox {
  readonly sandbox: Sandbox;
  /** The directory of the site's inventory, and its compiled form. */
  readonly folder: string;
  readonly site: Site;
  readonly tree: Tree;
  /** Runs a shell script on the boot server. Returns its output. Throws if it fails. */
  sh(script: string): Promise<string>;
  /** Starts a server in the background until the end, or until the returned function stops it. */
  start(argv: readonly string[], ready: string): Promise<() => Promise<void>>;
  /** Runs `harvgen verify` on the site: on the other machine, or on the boot server; `through` runs it. */
  verify(args?: readonly string[], where?: 'machine' | 'server', through?: readonly string[]): Promise<Run>;
  /** Removes everything. */
  close(): Promise<void>;
}

/** The IP address of the machine that runs the command: server.allow of the inventories grants it access. */
export const ASKER = '192.168.178.50';
export const BRIDGE = 'br0';

/** Opens such a pair, with the tree of an inventory in place, but no server yet. */
export async function openVerifyBox(
  inventory: string,
  {
    server = '192.168.178.7',
    secrets = {},
  }: { server?: string; secrets?: Readonly<Record<string, string>> } = {},
): Promise<VerifyBox> {
  const folder = makeSite(inventory);
  const { site, tree, diagnostics } = await compile(folder);
  if (!site || !tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const sandbox = await openSandbox();
  const running = new Set<() => Promise<void>>();
  const own = (name: string) => join(sandbox.folder, name);

  const box: VerifyBox = {
    sandbox,
    folder,
    site,
    tree,
    sh: (script) => sandbox.run(['sh', '-ec', script]),
    async start(argv, ready) {
      const child = sandbox.spawn(argv, { stdio: 'ignore' });
      await box.sh(`n=0; until ${ready}; do sleep 0.05; n=$((n + 1)); [ $n -lt 400 ]; done`);
      const stop = async () => {
        running.delete(stop);
        await sandbox.stop(child);
      };
      running.add(stop);
      return stop;
    },
    async verify(args = [], where = 'machine', through = []) {
      const enter = where === 'machine' ? ['ip', 'netns', 'exec', 'machine'] : [];
      const run = await verifyIn(sandbox, [...args, folder], [...enter, ...through]);
      return { ...run, stdout: run.stdout.replaceAll(folder, 'sites/plant') };
    },
    async close() {
      await Promise.all([...running].map((stop) => stop()));
      await sandbox.close();
    },
  };
  try {
    await box.sh(`
      ip link add ${BRIDGE} type bridge forward_delay 0
      ip address add ${server}/24 dev ${BRIDGE}
      ip link set ${BRIDGE} up
      mkdir -p /run/netns && ip netns add machine
      ip link add port type veth peer name eth0 netns machine
      ip link set port master ${BRIDGE} up
      ip -n machine link set lo up
      ip -n machine link set eth0 up
      ip -n machine address add ${ASKER}/24 dev eth0`);
    await mkdir(own('tree'));
    await writeTree(own('tree'), tree);
    await chmod(own('tree'), 0o755);
    await sandbox.bind(own('tree'), site.server.root);
    await box.sh(
      'mkdir -p /srv/harvgen/tftp && cp /usr/lib/ipxe/snponly.efi /usr/lib/ipxe/undionly.kpxe /srv/harvgen/tftp',
    );
    if (site.server.secrets !== undefined) {
      await writeFile(own('include'), nginxInclude(site, new Map(Object.entries(secrets))));
      await box.sh(`install -D -m 0600 ${own('include')} ${site.server.secrets}`);
    }
    await writeFile(own('secrets.yaml'), stringify(secrets), { mode: 0o600 });
    return box;
  } catch (error) {
    await box.close();
    throw error;
  }
}

/** Runs `harvgen verify` in a sandbox; `through` starts it. */
export async function verifyIn(
  sandbox: Sandbox,
  args: readonly string[],
  through: readonly string[] = [],
): Promise<Run> {
  const child = sandbox.spawn([...through, process.execPath, BIN, 'verify', ...args], {
    cwd: sandbox.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (!child.stdout || !child.stderr) throw new Error('no output');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code, stdout, stderr };
}

const EXPECTED = new URL('../data/verify.json', import.meta.url);

/**
 * Asserts what a run finds on a server with errors: its differences and notes are those that test/data/verify.json has. Returns the
 * differences, each of which has what to do. HARVGEN_UPDATE=1 rewrites this file: review the changes.
 */
export function assertFinds(name: string, { stdout, stderr, code }: Run): string[] {
  const expected = JSON.parse(readFileSync(EXPECTED, 'utf8')) as Record<string, string[]>;
  const found = differencesIn(stdout);
  if (process.env.HARVGEN_UPDATE)
    writeFileSync(EXPECTED, `${JSON.stringify({ ...expected, [name]: found }, undefined, 2)}\n`);
  else assert.equal({ found, stderr }, { found: expected[name], stderr: '' });
  const differences = found.filter((one) => !one.startsWith('note: '));
  for (const one of differences) assert.match(one, / -> \S/);
  assert.is(code, differences.length > 0 ? 1 : 0);
  return differences;
}

/** Returns the differences in the text of a run, each with what to do, and the notes: without the lines of the machines. */
export function differencesIn(text: string): string[] {
  const [, , ...rest] = text.trim().split('\n\n');
  return rest.map((one) => one.replace(/^\d+\. /, '').replace('\n   ', ' -> '));
}

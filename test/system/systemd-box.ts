import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Sandbox } from './sandbox.ts';

/** A systemd that runs as the first process of namespaces of its own, in a sandbox and on its network. */
export interface SystemdBox {
  /** Runs argv beside systemd's services; gives its stdout, throws an Error with its stderr if it fails. */
  run(argv: readonly string[]): Promise<string>;
  /** Brings a file for all to read, and has systemd read its units anew. */
  put(path: string, text: string): Promise<void>;
  /** One property of a unit, as systemctl show has it. */
  show(unit: string, property: string): Promise<string>;
  /** What a unit, and systemd about it, has said. */
  journal(unit: string): Promise<string>;
  /** Ends systemd and all of its services. May be called twice. */
  close(): Promise<void>;
}

/** The distribution's units that there are. */
const TARGETS = [
  'basic',
  'multi-user',
  'network',
  'network-online',
  'shutdown',
  'sockets',
  'sysinit',
  'timers',
];
const JOURNAL = ['systemd-journald.service', 'systemd-journald.socket', 'systemd-journald-dev-log.socket'];
const BASE = [...TARGETS.map((name) => `${name}.target`), ...JOURNAL];

const SCRIPT = fileURLToPath(new URL('systemd-box.sh', import.meta.url));

/** Starts systemd in a sandbox. Gives it when it is up; throws with its last words if it does not come up. */
export async function startSystemd(sandbox: Sandbox): Promise<SystemdBox> {
  const base = join(sandbox.folder, 'systemd');
  await mkdir(base);
  for (const unit of BASE) await copyFile(`/lib/systemd/system/${unit}`, join(base, unit));
  const child = sandbox.spawn(['bash', SCRIPT, base], { stdio: ['ignore', 'pipe', 'pipe'] });
  const words = lastWords(child);
  const closed = once(child, 'close');
  let process = '';

  const box: SystemdBox = {
    run: (argv) => sandbox.run(['nsenter', '--mount', '--pid', '--ipc', '--target', process, ...argv]),
    async put(path, text) {
      await box.run(['sh', '-c', `mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1"`, 'sh', path, text]);
      await box.run(['systemctl', 'daemon-reload']);
    },
    show: async (unit, property) =>
      (await box.run(['systemctl', 'show', '--value', '--property', property, unit])).trim(),
    async journal(unit) {
      await box.run(['journalctl', '--sync']);
      return box.run(['journalctl', '--quiet', '--no-pager', '--output', 'cat', '--unit', unit]);
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      await sandbox.run(['kill', '-KILL', await text(join(base, 'unshare'))]);
      await closed;
    },
  };

  const end = Date.now() + 20_000;
  for (;;) {
    const parent = await text(join(base, 'unshare'));
    process = parent && (await quiet(sandbox.run(['cat', `/proc/${parent}/task/${parent}/children`])));
    if (process && /running/.test(await quiet(box.run(['systemctl', 'is-system-running'])))) return box;
    if (child.exitCode !== null || Date.now() > end) {
      const state = await quiet(box.run(['systemctl', '--failed', '--no-pager']));
      await box.close();
      throw new Error(`systemd did not come up: ${words()}${state}`);
    }
    await sleep(100);
  }
}

function lastWords(child: ChildProcess): () => string {
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => said.push(chunk));
  return () => Buffer.concat(said).toString();
}

const text = async (path: string) => (await readFile(path, 'utf8').catch(() => '')).trim();
const quiet = async (said: Promise<string>) => (await said.catch(() => '')).trim();

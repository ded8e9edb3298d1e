import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PATIENCE } from '../../src/rehearse/machine.ts';
import type { Sandbox } from '../../src/rehearse/sandbox.ts';

/** A systemd that runs as the first process of its own namespaces, in a sandbox and on its network. */
export interface SystemdBox {
  /** Runs argv next to systemd's services. Returns its stdout. Throws an Error with its stderr if it fails. */
  run(argv: readonly string[]): Promise<string>;
  /** Writes a file that all users can read, and has systemd read its units again. */
  put(path: string, text: string): Promise<void>;
  /** Returns one property of a unit, as systemctl show prints it. */
  show(unit: string, property: string): Promise<string>;
  /** Returns the log of a unit, and of systemd about it. */
  journal(unit: string): Promise<string>;
  /** Stops systemd and all of its services. May be called twice. */
  close(): Promise<void>;
}

/** The available units of the distribution. */
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

/** Starts systemd in a sandbox, and waits until it is up. Throws with its output if it does not start. */
export async function startSystemd(sandbox: Sandbox): Promise<SystemdBox> {
  const base = join(sandbox.folder, 'systemd');
  await mkdir(base);
  for (const unit of BASE) await copyFile(`/lib/systemd/system/${unit}`, join(base, unit));
  const child = sandbox.spawn(['bash', SCRIPT, base], { stdio: ['ignore', 'pipe', 'pipe'] });
  const words = outputOf(child);
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

  const end = Date.now() + PATIENCE;
  for (;;) {
    const parent = await text(join(base, 'unshare'));
    process = parent && (await quiet(sandbox.run(['cat', `/proc/${parent}/task/${parent}/children`])));
    if (process && /running/.test(await quiet(box.run(['systemctl', 'is-system-running'])))) return box;
    if (child.exitCode !== null || Date.now() > end) {
      const state = await quiet(box.run(['systemctl', '--failed', '--no-pager']));
      await box.close();
      throw new Error(`systemd did not start: ${words()}${state}`);
    }
    await sleep(100);
  }
}

function outputOf(child: ChildProcess): () => string {
  const data: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => data.push(chunk));
  return () => Buffer.concat(data).toString();
}

const text = async (path: string) => (await readFile(path, 'utf8').catch(() => '')).trim();
const quiet = async (output: Promise<string>) => (await output.catch(() => '')).trim();

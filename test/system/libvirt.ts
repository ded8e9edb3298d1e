import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { plain } from '../../src/rehearse/console.ts';
import { PATIENCE } from '../../src/rehearse/machine.ts';
import type { Sandbox } from '../../src/rehearse/sandbox.ts';
import { consoleLog } from '../../src/tree/paths.ts';

/** The libvirt of a sandbox: programs in the sandbox find it at qemu:///system, as root does on a host. */
export interface Libvirt {
  /** Runs virsh in the sandbox. Returns its stdout. Throws an Error with its stderr if it fails. */
  virsh(...argv: readonly string[]): Promise<string>;
  /** Returns all serial text of a domain so far, as plain lines, from the log that its definition names. */
  consoleOf(domain: string): Promise<string>;
  /** Discards the serial text of a domain so far. */
  clearConsole(domain: string): Promise<void>;
  /** Resolves with a domain's serial text once that matches. Throws with the end of the text. */
  waitForConsole(domain: string, pattern: RegExp): Promise<string>;
  /** Resolves once `virsh domstate` reports this state. Throws with the end of the domain's serial text. */
  waitForState(domain: string, state: string): Promise<void>;
  /** Stops virtlogd and libvirtd. Domains and networks stay, as they do on a host. */
  stop(): Promise<void>;
}

/**
 * Settings for the parts that the sandbox lacks: other users that may read its images, a security driver, its own cgroups.
 * All other settings are those of the distribution.
 */
const QEMU_CONF = `user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
`;

/** A newly installed libvirt: its directories, without the machine's own networks and domains. */
const FRESH = `
rm -rf /etc/libvirt/qemu /run/libvirt /var/cache/libvirt /var/lib/libvirt /var/log/libvirt
mkdir -p /etc/libvirt/qemu/networks /var/lib/libvirt/images /var/log/libvirt/qemu
mount -t sysfs sysfs /sys # for the NICs of the sandbox instead of the machine's
cat >/etc/libvirt/qemu.conf <<'END'
${QEMU_CONF}END
`;

/**
 * Starts virtlogd and libvirtd in a sandbox, and waits until they answer. Throws with the log if they do not start. Their
 * processes end with the sandbox, however it ends.
 */
export async function startLibvirt(sandbox: Sandbox): Promise<Libvirt> {
  const log = join(sandbox.folder, 'libvirt.log');
  const running: ChildProcess[] = [];

  function start(...argv: string[]): void {
    const file = openSync(log, 'a');
    running.push(sandbox.spawn(argv, { stdio: ['ignore', file, file] }));
    closeSync(file);
  }

  async function failure(domain: string, what: string): Promise<Error> {
    const qemu = await text(sandbox, `/var/log/libvirt/qemu/${domain}.log`);
    const state = await libvirt.virsh('domstate', '--reason', domain).catch(String);
    return new Error(
      `${domain} ran out of time before ${what}; it is ${state.trim()}\n` +
        `--- console\n${tail(await libvirt.consoleOf(domain), 60)}\n--- qemu\n${tail(qemu, 5)}`,
    );
  }

  /** Retries until there is a result. */
  async function persist<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const found = await look();
      if (found !== undefined || Date.now() > end) return found;
      await sleep(500);
    }
  }

  const libvirt: Libvirt = {
    virsh: (...argv) => sandbox.run(['virsh', '--quiet', ...argv]),
    consoleOf: async (domain) => plain(await text(sandbox, consoleLog({ name: domain }))),
    async clearConsole(domain) {
      await sandbox.run(['truncate', '--no-create', '--size=0', consoleLog({ name: domain })]);
    },
    async waitForConsole(domain, pattern) {
      const found = await persist(async () => {
        const output = await libvirt.consoleOf(domain);
        return pattern.test(output) ? output : undefined;
      });
      if (found === undefined) throw await failure(domain, `its console showed ${pattern}`);
      return found;
    },
    async waitForState(domain, state) {
      const found = await persist(async () => {
        const now = (await libvirt.virsh('domstate', domain)).trim();
        return now === state || undefined;
      });
      if (!found) throw await failure(domain, `it was ${state}`);
    },
    async stop() {
      await Promise.all(running.map((child) => sandbox.stop(child)));
    },
  };

  await sandbox.run(['sh', '-ec', FRESH]);
  start('virtlogd');
  start('libvirtd');
  const answers = () => libvirt.virsh('uri').catch(() => undefined);
  if ((await persist(answers)) === undefined) {
    throw new Error(`libvirtd did not start:\n${await readFile(log, 'utf8')}`);
  }
  return libvirt;
}

/** Returns a text file of the sandbox; empty while the file does not exist. */
async function text(sandbox: Sandbox, path: string): Promise<string> {
  return sandbox.run(['cat', path]).catch(() => '');
}

function tail(text: string, lines: number): string {
  const output = text.split('\n').filter((line) => line.trim() !== '');
  return output.slice(-lines).join('\n');
}

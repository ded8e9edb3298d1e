import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { consoleLog } from '../../src/tree/paths.ts';
import { plain } from './console.ts';
import type { Sandbox } from './sandbox.ts';

/** The libvirt of a sandbox: what runs there finds it as root finds it on a host, at qemu:///system. */
export interface Libvirt {
  /** Runs virsh in the sandbox; gives its stdout, throws an Error with its stderr if it fails. */
  virsh(...argv: readonly string[]): Promise<string>;
  /** All serial text of a domain so far, as plain lines, from the log that its definition names. */
  consoleOf(domain: string): Promise<string>;
  /** Forgets what a domain has said: all that counts is what follows. */
  clearConsole(domain: string): Promise<void>;
  /** Resolves with a domain's serial text once that matches; throws with its last words. */
  waitForConsole(domain: string, pattern: RegExp, timeoutMs: number): Promise<string>;
  /** Resolves once `virsh domstate` gives this state; throws with the domain's last words. */
  waitForState(domain: string, state: string, timeoutMs: number): Promise<void>;
  /** Ends virtlogd and libvirtd. Domains and networks stay, as they do on a host. */
  stop(): Promise<void>;
}

/**
 * What the sandbox lacks: other users that may read its images, a security driver, cgroups of its own. All else is as
 * the distribution has it.
 */
const QEMU_CONF = `user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
`;

/** An installed libvirt that nobody has used: the folders, and nothing of the machine's own networks and domains. */
const FRESH = `
rm -rf /etc/libvirt/qemu /run/libvirt /var/cache/libvirt /var/lib/libvirt /var/log/libvirt
mkdir -p /etc/libvirt/qemu/networks /var/lib/libvirt/images /var/log/libvirt/qemu
mount -t sysfs sysfs /sys # for the NICs of the sandbox instead of the machine's
cat >/etc/libvirt/qemu.conf <<'END'
${QEMU_CONF}END
`;

/**
 * Starts virtlogd and libvirtd in a sandbox, and waits until they answer. Takes the sandbox, gives its libvirt; throws
 * with the log where they do not come up. What they start ends with the sandbox, whichever way that ends.
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

  /** Looks again and again until there is something. */
  async function persist<T>(look: () => Promise<T | undefined>, timeoutMs: number): Promise<T | undefined> {
    const end = Date.now() + timeoutMs;
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
    async waitForConsole(domain, pattern, timeoutMs) {
      const found = await persist(async () => {
        const said = await libvirt.consoleOf(domain);
        return pattern.test(said) ? said : undefined;
      }, timeoutMs);
      if (found === undefined) throw await failure(domain, `its console said ${pattern}`);
      return found;
    },
    async waitForState(domain, state, timeoutMs) {
      const found = await persist(async () => {
        const now = (await libvirt.virsh('domstate', domain)).trim();
        return now === state || undefined;
      }, timeoutMs);
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
  if ((await persist(answers, 20_000)) === undefined) {
    throw new Error(`libvirtd did not start:\n${await readFile(log, 'utf8')}`);
  }
  return libvirt;
}

/** A text file of the sandbox; empty while it is not there. */
async function text(sandbox: Sandbox, path: string): Promise<string> {
  return sandbox.run(['cat', path]).catch(() => '');
}

function tail(text: string, lines: number): string {
  const said = text.split('\n').filter((line) => line.trim() !== '');
  return said.slice(-lines).join('\n');
}

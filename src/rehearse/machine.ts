import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../values/user-error.ts';
import { readConsole } from './console.ts';
import { openDumbPxe } from './dumb-pxe.ts';
import { commandLine, type Link, type MachineOptions, MONITOR, netdev } from './qemu.ts';
import type { Sandbox } from './sandbox.ts';

export type { Firmware, MachineOptions } from './qemu.ts';

/** A machine that has been switched on. */
export interface Machine {
  readonly name: string;
  /** All serial text so far, without terminal control. */
  readonly console: string;
  /** For bios-pxe: the names of the files that the ROM has requested over TFTP. */
  readonly chained: readonly string[];
  /** Whether it has switched itself off (or would have restarted). */
  readonly off: boolean;
  /** Resolves with the console text once that matches. Throws with the end of the console and of the server's log. */
  waitFor(pattern: RegExp | string, timeoutMs?: number): Promise<string>;
  /** Resolves when it has switched itself off. Throws like waitFor. */
  waitForOff(): Promise<void>;
  /** Writes the picture on its screen to a file, as PNG, if it is on. Throws UserError if QEMU is too old. */
  saveScreen(path: string): Promise<void>;
  /** Pulls all network cables; later attempts to use the network fail at once. */
  unplug(): Promise<void>;
  /** Cuts the power. May be called twice. */
  stop(): Promise<void>;
}

/** The environment of a machine: the bridge for its NICs, and the server log to show with an error. */
export interface Site {
  sandbox: Sandbox;
  bridge: string;
  serverLog(): Promise<string>;
}

/** The longest wait for a server or a machine, in milliseconds. Only a failure takes as long: a busy host can be ten times slower. */
export const PATIENCE = 15 * 60_000;

/** Makes the names of taps unique in this process. */
let taps = 0;

/** Switches a machine on at a site. Throws if QEMU does not start. */
export async function boot({ sandbox, bridge, serverLog }: Site, options: MachineOptions): Promise<Machine> {
  const folder = await mkdtemp(join(sandbox.folder, 'machine-'));
  const dumbPxe = options.firmware === 'bios-pxe' ? openDumbPxe(folder) : undefined;
  const ownTaps: string[] = [];

  /** Connects the machine's NIC with this index to the bridge. */
  async function plug(index: number): Promise<Link> {
    const tap = `tap${++taps}`;
    await sandbox.run(['ip', 'tuntap', 'add', tap, 'mode', 'tap']);
    ownTaps.push(tap);
    await sandbox.run(['ip', 'link', 'set', tap, 'master', options.bridges?.[index] ?? bridge, 'up']);
    // whole frames without a leading virtio header, for the dumb ROM's filter
    const backend = `tap,ifname=${tap},script=no,downscript=no,vnet_hdr=off`;
    return { backend, more: (await dumbPxe?.filter(netdev(index))) ?? [] };
  }

  /** Pulls the cables of these NICs: for the machine, the link goes down. */
  async function unplug(macs: readonly string[]): Promise<void> {
    const commands = macs.map((mac) => `set_link ${netdev(options.macs.indexOf(mac))} off\n`);
    await command(join(folder, MONITOR), commands.join(''), () => off);
  }

  const links: Link[] = [];
  for (const index of options.macs.keys()) links.push(await plug(index));
  const argv = await commandLine(options, links, folder);
  const qemu = sandbox.spawn(argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const serial = readConsole(qemu.stdout);
  const complaints = readConsole(qemu.stderr);
  const closed = once(qemu, 'close');
  let off = false;
  void closed.then(() => (off = true));
  let stopped: Promise<void> | undefined;

  if (options.unplugged) await unplug(options.unplugged);

  const failure = async (what: string): Promise<Error> => {
    const tail = (text: string, lines: number) => {
      const nonEmpty = text.split('\n').filter((line) => line.trim() !== '');
      return nonEmpty.slice(-lines).join('\n');
    };
    return new Error(
      `${options.name} ${off ? 'went off' : 'ran out of time'} before ${what}\n` +
        `--- console\n${tail(serial.text(), 60)}\n--- qemu\n${tail(complaints.text(), 10)}\n` +
        `--- dnsmasq\n${tail(await serverLog(), 60)}`,
    );
  };

  return {
    name: options.name,
    get console() {
      return serial.text();
    },
    get chained() {
      return dumbPxe?.requested ?? [];
    },
    get off() {
      return off;
    },
    async waitFor(pattern, timeoutMs = PATIENCE) {
      const text = await serial.waitFor(pattern, timeoutMs, () => off);
      if (text === undefined) throw await failure(`its console showed ${pattern}`);
      return text;
    },
    async waitForOff() {
      await serial.waitFor(/(?!)/, PATIENCE, () => off);
      if (!off) throw await failure('it switched itself off');
    },
    async saveScreen(path) {
      // Inside, the directory of the path may be another one.
      const own = join(folder, 'screen.png');
      await command(join(folder, MONITOR), `screendump ${own} -f png\n`, () => off);
      if (off) return;
      await copyFile(own, path).catch(() => {
        throw new UserError(
          'QEMU has not written its screen as PNG: install QEMU 7.1 or newer, or leave out --keep',
        );
      });
    },
    unplug: () => unplug(options.macs),
    stop() {
      stopped ??= (async () => {
        await sandbox.stop(qemu);
        dumbPxe?.close();
        for (const tap of ownTaps) await sandbox.run(['ip', 'link', 'delete', tap]);
        await rm(folder, { recursive: true });
      })();
      return stopped;
    },
  };
}

/** Sends commands to a monitor of QEMU, as soon as it listens; does nothing if QEMU is `gone`. */
async function command(socket: string, commands: string, gone: () => boolean): Promise<void> {
  while (!gone()) {
    const monitor = createConnection(socket).resume();
    try {
      monitor.end(commands);
      await once(monitor, 'close');
      return;
    } catch {
      await sleep(50);
    }
  }
}

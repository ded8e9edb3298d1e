import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from './sandbox.ts';

/** What a DHCP client says of itself, and what it asks for. */
export interface Asking {
  readonly mac: string;
  /** Option 93: the architecture of firmware. */
  readonly arch?: number;
  /** Option 77: what iPXE says that it is. */
  readonly userClass?: string;
  /** Option 60. */
  readonly vendor?: string;
  /** Whether to wait for a server that looks first whether an address of its pool is free: dnsmasq does so for three seconds. */
  readonly patient?: boolean;
}

/** What a server answered, as udhcpc names it: ip, router, dns, boot_file, siaddr, lease, …, and opt<number>. */
export type Answer = Readonly<Record<string, string>>;

/** A NIC that is plugged into a bridge of a sandbox, to ask for addresses by. */
export interface DhcpClient {
  /** Asks as a machine would; gives the answer, or undefined where nobody answers. */
  ask(asking: Asking): Promise<Answer | undefined>;
}

/** Asked for beside what every client asks for: time servers, MTU, and what iPXE and UEFI look for. */
const WANTED = ['-O', 'ntpsrv', '-O', 'mtu', '-O', 'vendor', '-O', '175'];

/** Plugs a NIC into a bridge, and has the bridge pass on what it sends at once. Takes a name for it that is free. */
export async function plugIn(sandbox: Sandbox, bridge: string, name: string): Promise<DhcpClient> {
  const script = join(sandbox.folder, 'say-answer.sh');
  await writeFile(script, '#!/bin/sh\nif [ "$1" = bound ]; then env; fi\n', { mode: 0o755 });
  // With STP, a bridge listens for four seconds before it lets a new port speak.
  await sandbox.run(['ip', 'link', 'set', bridge, 'type', 'bridge', 'stp_state', '0']);
  await sandbox.run(['ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-port`]);
  await sandbox.run(['ip', 'link', 'set', `${name}-port`, 'master', bridge, 'up']);
  await sandbox.run(['ip', 'link', 'set', name, 'up']);
  return {
    async ask({ mac, arch, userClass, vendor = '', patient = false }) {
      await sandbox.run(['ip', 'link', 'set', name, 'address', mac]);
      const asked = [
        ...(arch === undefined ? [] : ['-x', `0x5d:${arch.toString(16).padStart(4, '0')}`]),
        ...(userClass === undefined ? [] : ['-x', `0x4d:${Buffer.from(userClass).toString('hex')}`]),
        ...['-V', vendor],
      ];
      const once = ['-f', '-n', '-q', '-t', patient ? '8' : '2', '-T', '1', '-s', script];
      const said = await sandbox
        .run(['busybox', 'udhcpc', '-i', name, ...once, ...WANTED, ...asked])
        .catch(() => undefined);
      return said === undefined ? undefined : Object.fromEntries(pairsOf(said));
    },
  };
}

function pairsOf(environment: string): (readonly [string, string])[] {
  return environment.split('\n').flatMap((line) => {
    const at = line.indexOf('=');
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
  });
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../src/rehearse/sandbox.ts';

/** The request of a DHCP client. */
export interface DhcpRequest {
  readonly mac: string;
  /** Option 93: the architecture of firmware. */
  readonly arch?: number;
  /** Option 77: iPXE sends its name. */
  readonly userClass?: string;
  /** Option 60. */
  readonly vendor?: string;
  /** Whether to wait for a server that first checks that an IP address of its pool is free; dnsmasq takes three seconds. */
  readonly patient?: boolean;
}

/** The answer of a server, as udhcpc names it: ip, router, dns, boot_file, siaddr, lease, …, and opt<number>. */
export type Answer = Readonly<Record<string, string>>;

/** A NIC on a bridge of a sandbox, to request IP addresses with. */
export interface DhcpClient {
  /** Sends the request of a machine. Returns the answer, or undefined if no server answers. */
  ask(request: DhcpRequest): Promise<Answer | undefined>;
}

/** Options requested in addition to udhcpc's own: time servers, MTU, and those of iPXE and UEFI. */
const WANTED = ['-O', 'ntpsrv', '-O', 'mtu', '-O', 'vendor', '-O', '175'];

/** Plugs a NIC with an unused name into a bridge, which then forwards its frames at once. */
export async function plugIn(sandbox: Sandbox, bridge: string, name: string): Promise<DhcpClient> {
  const script = join(sandbox.folder, 'print-answer.sh');
  await writeFile(script, '#!/bin/sh\nif [ "$1" = bound ]; then env; fi\n', { mode: 0o755 });
  // With STP, a bridge listens for four seconds before it forwards the frames of a new port.
  await sandbox.run(['ip', 'link', 'set', bridge, 'type', 'bridge', 'stp_state', '0']);
  await sandbox.run(['ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-port`]);
  await sandbox.run(['ip', 'link', 'set', `${name}-port`, 'master', bridge, 'up']);
  await sandbox.run(['ip', 'link', 'set', name, 'up']);
  return {
    async ask({ mac, arch, userClass, vendor = '', patient = false }) {
      await sandbox.run(['ip', 'link', 'set', name, 'address', mac]);
      const options = [
        ...(arch === undefined ? [] : ['-x', `0x5d:${arch.toString(16).padStart(4, '0')}`]),
        ...(userClass === undefined ? [] : ['-x', `0x4d:${Buffer.from(userClass).toString('hex')}`]),
        ...['-V', vendor],
      ];
      const once = ['-f', '-n', '-q', '-t', patient ? '8' : '2', '-T', '1', '-s', script];
      const output = await sandbox
        .run(['busybox', 'udhcpc', '-i', name, ...once, ...WANTED, ...options])
        .catch(() => undefined);
      return output === undefined ? undefined : Object.fromEntries(pairsOf(output));
    },
  };
}

function pairsOf(environment: string): (readonly [string, string])[] {
  return environment.split('\n').flatMap((line) => {
    const at = line.indexOf('=');
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
  });
}

import type { ChildProcess } from 'node:child_process';
import type { Sandbox } from '../../src/rehearse/sandbox.ts';
import { until } from './until.ts';

/** A stand-in for a machine: its own network namespace, one cable away from the sandbox. */
export interface Neighbour {
  /** Runs argv there. Returns its stdout. Throws an Error with its stderr if it fails. */
  run(argv: readonly string[]): Promise<string>;
  /** Starts argv there; it ends with the sandbox. */
  spawn(argv: readonly string[]): ChildProcess;
  /** Answers each connection to a TCP port there with a line, `<who> <port> for <the caller's address>`; one line ends it. */
  answer(who: string, port: number): Promise<void>;
  /** Returns the answer of a server. Throws if none answers within a second. */
  ask(address: string, port: number): Promise<string>;
}

interface Place {
  /** The bridge or NIC in the sandbox that the cable leads to; created as a bridge if it does not exist. */
  readonly at: string;
  /** The sandbox's own IP addresses there, with the prefix length. */
  readonly host?: readonly string[];
  /** Its IP addresses, with the prefix length. */
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
}

/** Adds a machine next to a sandbox. */
export async function addNeighbour(
  sandbox: Sandbox,
  name: string,
  { at, host = [], addresses, gateways }: Place,
): Promise<Neighbour> {
  const inside = (argv: readonly string[]) => ['ip', 'netns', 'exec', name, ...argv];
  const family = (address: string) => (address.includes(':') ? ' nodad' : '');
  const there = [
    'link set lo up',
    'link set eth0 up',
    ...addresses.map((address) => `address add ${address} dev eth0${family(address)}`),
    ...gateways.map((gateway) => `route add default via ${gateway}`),
  ];
  const script = [
    `ip netns add ${name}`,
    `ip link show ${at} >/dev/null 2>&1 || { ip link add ${at} type bridge && ip link set ${at} up; }`,
    ...host.map((address) => `ip address replace ${address} dev ${at}${family(address)}`),
    `ip link add to-${name} type veth peer name eth0 netns ${name}`,
    `ip link set to-${name} master ${at} up`,
    `printf '%s\\n' ${there.map((line) => `'${line}'`).join(' ')} | ip netns exec ${name} ip -batch -`,
  ];
  await sandbox.run(['sh', '-ec', script.join('\n')]);

  return {
    run: (argv) => sandbox.run(inside(argv)),
    spawn: (argv) => sandbox.spawn(inside(argv), { stdio: ['pipe', 'pipe', 'ignore'] }),
    async answer(who, port) {
      const program = `SYSTEM:echo ${who} ${port} for $SOCAT_PEERADDR; read line`;
      for (const listen of [`TCP4-LISTEN:${port}`, `TCP6-LISTEN:${port},ipv6only=1`])
        sandbox.spawn(inside(['socat', `${listen},fork,reuseaddr`, program]), { stdio: 'ignore' });
      const listeners = inside(['ss', '-Hltn', `sport = ${port}`]);
      await until(async () => (await sandbox.run(listeners)).trim().split('\n').length === 2);
    },
    async ask(address, port) {
      const to = `TCP:${address.includes(':') ? `[${address}]` : address}:${port},connect-timeout=1`;
      const output = await sandbox.run(inside(['sh', '-c', 'echo | timeout 4 socat -t 2 - "$0"', to]));
      return output.trim();
    },
  };
}

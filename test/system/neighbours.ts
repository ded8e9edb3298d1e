import type { ChildProcess } from 'node:child_process';
import type { Sandbox } from './sandbox.ts';

/** A stand-in for a machine: a network namespace of its own, one cable away from the sandbox. */
export interface Neighbour {
  /** Runs argv there; gives its stdout, throws an Error with its stderr if it fails. */
  run(argv: readonly string[]): Promise<string>;
  /** Starts argv there; it ends with the sandbox. */
  spawn(argv: readonly string[]): ChildProcess;
  /** Answers connections to a TCP port there, each with a line, `<who> <port> for <the caller's address>`; it ends them when it gets one. */
  answer(who: string, port: number): Promise<void>;
  /** What a server says to it; throws where none answers within a second. */
  ask(address: string, port: number): Promise<string>;
}

interface Place {
  /** The bridge, or the NIC of its own, that the cable leads to in the sandbox: made where it is not there. */
  readonly at: string;
  /** The sandbox's own addresses there, with the length of the prefix. */
  readonly host?: readonly string[];
  /** Its addresses, with the length of the prefix. */
  readonly addresses: readonly string[];
  readonly gateway: string;
}

/** Puts a machine beside a sandbox. */
export async function addNeighbour(
  sandbox: Sandbox,
  name: string,
  { at, host = [], addresses, gateway }: Place,
): Promise<Neighbour> {
  const inside = (argv: readonly string[]) => ['ip', 'netns', 'exec', name, ...argv];
  const ip = (...argv: string[]) => sandbox.run(['ip', ...argv]);
  const family = (address: string) => (address.includes(':') ? ['nodad'] : []);
  await ip('netns', 'add', name);
  await ip('link', 'show', at).catch(async () => {
    await ip('link', 'add', at, 'type', 'bridge');
    await ip('link', 'set', at, 'up');
  });
  for (const address of host) await ip('address', 'replace', address, 'dev', at, ...family(address));
  await ip('link', 'add', `to-${name}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  await ip('link', 'set', `to-${name}`, 'master', at, 'up');
  const there = (...argv: string[]) => sandbox.run(inside(['ip', ...argv]));
  await there('link', 'set', 'lo', 'up');
  await there('link', 'set', 'eth0', 'up');
  for (const address of addresses) await there('address', 'add', address, 'dev', 'eth0', ...family(address));
  await there('route', 'add', 'default', 'via', gateway);

  return {
    run: (argv) => sandbox.run(inside(argv)),
    spawn: (argv) => sandbox.spawn(inside(argv), { stdio: ['pipe', 'pipe', 'ignore'] }),
    async answer(who, port) {
      const says = `SYSTEM:echo ${who} ${port} for $SOCAT_PEERADDR; read line`;
      for (const listen of [`TCP4-LISTEN:${port}`, `TCP6-LISTEN:${port},ipv6only=1`])
        sandbox.spawn(inside(['socat', `${listen},fork,reuseaddr`, says]), { stdio: 'ignore' });
      const isThere = `for i in $(seq 50); do [ "$(ss -Hltn 'sport = ${port}' | wc -l)" = 2 ] && exit; sleep 0.1; done; exit 1`;
      await sandbox.run(inside(['sh', '-c', isThere]));
    },
    async ask(address, port) {
      const to = `TCP:${address.includes(':') ? `[${address}]` : address}:${port},connect-timeout=1`;
      const said = await sandbox.run(inside(['sh', '-c', 'echo | timeout 4 socat -t 2 - "$0"', to]));
      return said.trim();
    },
  };
}

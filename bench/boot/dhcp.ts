import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ServerName, startDhcpServer } from '../../src/rehearse/dhcp-servers.ts';
import { openSandbox } from '../../src/rehearse/sandbox.ts';
import { orUndefined } from '../../src/values/or-undefined.ts';
import type { Plant } from '../plant.ts';
import { machinesFile, SERVER, timed } from './web.ts';

/** The measurements of a DHCP server, after all leases. Times are in milliseconds, but processor times in seconds. Memory is in MiB. */
export type Dhcp = Awaited<ReturnType<typeof measureDhcp>>;

/** The programs by the names of the servers in the inventory. */
const PROGRAMS: Readonly<Record<string, string>> = { dnsmasq: 'dnsmasq', kea: 'kea-dhcp4', isc: 'dhcpd' };

/** The most machines that request an IP address. */
const MOST = 10_000;

/** Measures a DHCP server with the emitted configuration: machines request their reserved IP addresses, by a relay. */
export async function measureDhcp(server: ServerName, plant: Plant, seconds: number) {
  const sandbox = await openSandbox();
  try {
    const relay = '10.1.250.250';
    const commands = [
      'ip netns add machines',
      'ip link add s0 type veth peer name c0 netns machines',
      `ip address add ${SERVER}/12 dev s0`,
      'ip link set s0 up',
      `ip -n machines address add ${relay}/12 dev c0`,
      'ip -n machines link set c0 up',
    ];
    for (const command of commands) await sandbox.run(command.split(' '));
    const read = (path: string) => orUndefined(() => readFileSync(join(plant.tree, path), 'utf8'));
    const { ms: start } = await timed(() => startDhcpServer(sandbox, read, server, 'plant'));
    const pid = (await sandbox.run(['pidof', PROGRAMS[server] ?? server])).trim();
    const cpuTime = async () => {
      const threads = await sandbox.run(['sh', '-c', `cat /proc/${pid}/task/*/schedstat`]);
      return threads.split('\n').reduce((sum, line) => sum + Number(line.split(' ')[0]) / 1e9, 0);
    };
    const before = await cpuTime();
    const machines = machinesFile(plant.nodes, plant.folder);
    const job = JSON.stringify({ machines, server: SERVER, relay, parallel: 16, seconds, most: MOST });
    const client = join(import.meta.dirname, 'leases.mjs');
    const argv = ['ip', 'netns', 'exec', 'machines', process.execPath, client, job];
    const result = JSON.parse(await sandbox.run(argv));
    const cpu = (await cpuTime()) - before;
    const status = await sandbox.run(['cat', `/proc/${pid}/smaps_rollup`]);
    return {
      server,
      nodes: plant.nodes,
      start,
      memory: Number(/^Pss: +(\d+)/m.exec(status)?.[1]) / 1024,
      leases: result.done,
      perSecond: result.done / result.seconds,
      cpu: cpu / result.done,
      // Another IP address than the reserved one is an error, too.
      refused: result.refused + result.wrong,
    };
  } finally {
    await sandbox.close();
  }
}

// needs: root busybox dnsmasq ip unshare
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { fileText } from '../support/file-text.ts';
import { NESTED } from '../support/nested-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { type DhcpClient, plugIn } from './dhcp-client.ts';
import { until } from './until.ts';

/** dnsmasq on a host on which libvirt runs its own dnsmasq: in either order, each answers on its networks. */
const SITE = edited(NESTED, [
  'cluster: {',
  '  floor: { subnet: 10.9.0.0/24, gateway: 10.9.0.1, dhcp: { pool: 10.9.0.200-10.9.0.250 } }\ncluster: {',
]);

/** The configuration of libvirt's own dnsmasq. Source: src/network/bridge_driver.c. */
const OF_LIBVIRT = `strict-order
except-interface=lo
bind-dynamic
interface=virbr-mgmt
dhcp-range=192.168.150.200,192.168.150.250
enable-tftp
tftp-root=/srv
`;

const test = suite('two DHCP servers on one host');
let sandbox: Sandbox;
const clients: Record<string, DhcpClient> = {};

test.before(async () => {
  sandbox = await openSandbox();
  for (const [bridge, address] of [
    ['virbr-mgmt', '192.168.150.1/24'],
    ['br-floor', '10.9.0.1/24'],
  ] as const) {
    await sandbox.run(['ip', 'link', 'add', bridge, 'type', 'bridge']);
    await sandbox.run(['ip', 'address', 'add', address, 'dev', bridge]);
    await sandbox.run(['ip', 'link', 'set', bridge, 'up']);
    clients[bridge] = await plugIn(sandbox, bridge, `of-${bridge}`.slice(0, 10));
  }
  const { tree } = await compile(makeSite(SITE));
  await sandbox.run(['mkdir', '-p', '/srv/harvgen/tftp']);
  await writeFile(join(sandbox.folder, 'plant.conf'), fileText(tree, 'dnsmasq/plant.conf') ?? '');
  await writeFile(join(sandbox.folder, 'libvirt.conf'), OF_LIBVIRT);
});

test.after(async () => {
  await sandbox?.close();
});

for (const order of [
  ['libvirt', 'plant'],
  ['plant', 'libvirt'],
]) {
  test(`${order[0]} first`, async () => {
    const running = [];
    for (const name of order) {
      const own = ['pid-file', 'dhcp-leasefile'].map((what) => `--${what}=/run/${name}.${what}`);
      const file = join(sandbox.folder, `${name}.conf`);
      // Without a ping before a lease, which takes longer than a client waits here.
      const child = sandbox.spawn(
        ['dnsmasq', '--keep-in-foreground', '--no-ping', `--conf-file=${file}`, ...own],
        {
          stdio: 'ignore',
        },
      );
      running.push(child);
      // dnsmasq writes its pid file once it has all its ports.
      await until(async () => {
        if (child.exitCode !== null) return true;
        return (await sandbox.run(['cat', `/run/${name}.pid-file`])) !== '';
      });
      assert.is(child.exitCode, null, `${name} runs`);
    }
    const [nested, floor] = [clients['virbr-mgmt'], clients['br-floor']];
    assert.match((await nested?.ask({ mac: '52:54:00:00:00:01' }))?.ip ?? 'no answer', /^192\.168\.150\./);
    assert.match((await floor?.ask({ mac: '52:54:00:00:00:02' }))?.ip ?? 'no answer', /^10\.9\.0\./);
    await Promise.all(running.map((child) => sandbox.stop(child)));
  });
}

test.run();

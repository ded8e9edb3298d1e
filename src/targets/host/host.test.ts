import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cloudSite } from '../../../test/support/cloud-sites.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { textOf } from '../../tree/tree.ts';
import { diskLabel, openingsOf, outsidePorts } from './host.ts';

const label = suite('data disk label');

label('is stable, and unique for each disk and site', () => {
  assert.is(diskLabel('plant', 'data1'), diskLabel('plant', 'data1'));
  const labels = [diskLabel('plant', 'data1'), diskLabel('plant', 'data2'), diskLabel('plant_a', 'data1')];
  assert.is(new Set(labels).size, 3);
});

label('is short enough for xfs, even with long names', () => {
  assert.match(diskLabel('p'.repeat(63), 'd'.repeat(63)), /^[a-z0-9-]{12}$/);
});

label.run();

const test = suite('host openings');

async function siteOf(...edits: readonly Edit[]) {
  const { site, diagnostics } = await compile(makeSite(edited(NESTED, ...edits)));
  if (!site) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return site;
}

const TRUNK = [
  'networks:\n',
  'networks:\n  trunk: { subnet: 10.1.0.0/24, libvirt: { forward: isolated } }\n',
] as const;
const BR0 = ['    gateway: 192.168.150.1\n', '    gateway: 192.168.150.1\n    interface: br0\n'] as const;

test('libvirt networks: the web server on boot networks, and the services of dnsmasq', async () => {
  assert.equal(openingsOf(await siteOf(TRUNK)), [
    {
      bridge: 'virbr-mgmt',
      forward: 'nat',
      ports: ['80/tcp'],
      dnsmasq: ['53/tcp', '53/udp', '67/udp', '69/udp'],
    },
  ]);
});

test('additional web server ports, without duplicates', async () => {
  const site = await siteOf([
    '{ url: http://192.168.150.1 }',
    '{ url: http://192.168.150.1, ports: [10000, 80, 10000] }',
  ]);
  assert.equal(openingsOf(site)[0]?.ports, ['80/tcp', '10000/tcp']);
});

test('air-gapped sites: NTP, too', async () => {
  const site = await siteOf(
    ['site: plant\n', 'site: plant\nair_gapped: true\n'],
    ['ntp_servers: [0.suse.pool.ntp.org], ', ''],
  );
  assert.equal(openingsOf(site)[0]?.ports, ['80/tcp', '123/udp']);
});

test('host bridges: DHCP only if the host leases IP addresses, and TFTP always', async () => {
  for (const [server, dnsmasq] of [
    ['{ server: dnsmasq, pool: 192.168.150.200-192.168.150.250, lease: 7d }', ['67/udp', '69/udp']],
    ['{ server: external }', ['69/udp']],
  ] as const) {
    const site = await siteOf(BR0, [
      '{ server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d }',
      server,
    ]);
    assert.equal(openingsOf(site), [{ bridge: 'br0', ports: ['80/tcp'], dnsmasq }]);
  }
});

test('outside: each exposed port once, without loopback ports', async () => {
  const site = await siteOf([
    '    - { port: 443 }\n',
    '    - { port: 443, address: 203.0.113.7 }\n    - { port: 443, to: 8443, address: 203.0.113.8 }\n    - { port: 8443, to: 443, address: 127.0.0.1 }\n',
  ]);
  assert.equal(outsidePorts(site), ['443/tcp', '6443/tcp']);
});

test('the installer of a virtual machine uses the serial port by default', async () => {
  const tty = async (...edits: readonly Edit[]) =>
    (await siteOf(...edits)).nodes.map(({ config }) => config.install?.tty).at(0);
  assert.is(await tty(), 'ttyS0,115200n8');
  assert.is(await tty(['version: v1.8.1', 'version: v1.8.1, arch: arm64']), 'ttyAMA0,115200n8');
  assert.is(await tty(['  config:\n', '  config:\n    install: { tty: tty1 }\n']), 'tty1');
});

test('waits longer for the data disks of a cloud VM, which are attached while it runs', async () => {
  const seconds = async (text: string) => {
    const { tree, diagnostics } = await compile(makeSite(text));
    const script = tree?.get('scripts/host-setup.sh');
    assert.ok(script, diagnostics.map(({ message }) => message).join('\n'));
    return /^disk_seconds=(.*)$/m.exec(textOf(script) ?? '')?.[1];
  };
  assert.is(await seconds(NESTED), '60');
  assert.is(await seconds(cloudSite('aws')), '600');
});

test.run();

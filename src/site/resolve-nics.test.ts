import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { found, HARV_3, node, plain, resolved, STORAGE } from '../../test/support/resolved.ts';

const test = suite('the NICs of a node');

test('with several networks, that of a NIC is the one that contains its IP address', async () => {
  const site = await resolved(
    ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
    [
      HARV_3,
      '{ nics: [{ mac: 52:54:00:aa:02:03, ip: 10.0.0.3 }, { mac: 52:54:00:aa:01:03, ip: 192.168.178.43, boot: true }] }',
    ],
  );
  const { nics, bootNic, ip } = node(site, 'harv-3');
  assert.equal(
    nics.map(({ mac, network }) => [mac, network.name]),
    [
      ['52:54:00:aa:02:03', 'storage'],
      ['52:54:00:aa:01:03', 'mgmt'],
    ],
  );
  assert.is(bootNic, nics[1]);
  assert.is(ip, '192.168.178.43');
});

test('with one network, every NIC is on it', async () => {
  const site = await resolved([
    HARV_3,
    '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03 }] }',
  ]);
  assert.equal(
    node(site, 'harv-3').nics.map(({ network }) => network.name),
    ['mgmt', 'mgmt'],
  );
});

test('the bond is made of all NICs on the management network, with the boot NIC first', async () => {
  const site = await resolved(
    ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
    [
      HARV_3,
      `{ nics: [
      { mac: 52:54:00:aa:02:03, network: mgmt },
      { mac: 52:54:00:aa:03:03, network: storage },
      { mac: 52-54-00-AA-01-03, ip: 192.168.178.43, boot: true },
      { mac: 52:54:00:aa:04:03, network: mgmt } ] }`,
    ],
  );
  const { bond, config } = node(site, 'harv-3');
  const macs = ['52:54:00:aa:01:03', '52:54:00:aa:02:03', '52:54:00:aa:04:03'];
  assert.equal(
    bond.map(({ mac }) => mac),
    macs,
  );
  assert.equal(
    plain(config.install?.management_interface?.interfaces),
    macs.map((hwAddr) => ({ hwAddr })),
  );
});

test('interfaces that are set by name are written by MAC address', async () => {
  const site = await resolved([
    HARV_3,
    '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { name: eno2, mac: 52:54:00:aa:02:03 }], config: { install: { management_interface: { interfaces: [{ name: eno2 }] } } } }',
  ]);
  assert.equal(plain(node(site, 'harv-3').config.install?.management_interface?.interfaces), [
    { hwAddr: '52:54:00:aa:02:03' },
  ]);
});

test('mac or ip next to nics is an error with both locations', async () => {
  assert.equal(
    await found([
      HARV_3,
      '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }] }',
    ]),
    [
      [
        '25:13',
        'mac-and-nics',
        'harv-3 has both mac and nics: mac is the short form for a node with one NIC.',
        'move mac to its NIC',
        '25:57',
      ],
      [
        '25:37',
        'mac-and-nics',
        'harv-3 has both ip and nics: ip is the short form for a node with one NIC.',
        'move ip to its NIC',
        '25:57',
      ],
    ],
  );
});

test('an empty node is reported at its name', async () => {
  const all = (await found([HARV_3, '{}'])) as string[][];
  assert.ok(all.length > 0);
  assert.ok(all.every(([at]) => at === '25:3'));
});

test.run();

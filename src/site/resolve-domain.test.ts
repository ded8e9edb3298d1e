import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NESTED } from '../../test/support/nested-plant.ts';
import { at, foundIn, node, plain, resolvedFrom } from '../../test/support/resolved.ts';
import { placeOf } from '../source/origin.ts';

const test = suite('the domain of a node');

const DISKS = 'disks: [{ size: 300Gi }]';

test('the preset gives CPUs and memory, and what is said beside it wins', async () => {
  const site = await resolvedFrom(
    NESTED,
    ['memory: 128Gi', 'memory: 256Gi'],
    ['192.168.150.42 }', '192.168.150.42, vm: { preset: medium } }'],
    ['192.168.150.43 }', '192.168.150.43, vm: { memory: 48GB } }'],
  );
  const sizes = site.nodes.map(({ domain }) => [domain?.vcpus, domain?.memory]);
  assert.equal(sizes, [
    [8, 32 * 1024],
    [16, 64 * 1024],
    [8, 48 * 1024],
  ]);
});

test('the machine is checked as large as its preset is, and the preset is what says so', async () => {
  const { facts } = node(await resolvedFrom(NESTED), 'harvester-1');
  assert.is(facts.vm?.memory, '32Gi');
  assert.ok(facts.vm);
  assert.is(at(placeOf(facts.vm, 'memory')), at(placeOf(facts.vm, 'preset')));
});

test('a disk is known by its serial number, or by its WWN, before the machine has ever run', async () => {
  const disks =
    'disks: [{ size: 300Gi }, { size: 100Gi, bus: scsi }, { size: 1TB, serial: data1, format: raw, on: data1 }, { size: 5Gi, bus: scsi }, { size: 5Gi, bus: sata }]';
  const { domain, config } = node(
    await resolvedFrom(NESTED, [DISKS, disks], ['size: 400GB', 'size: 4TB']),
    'harvester-1',
  );
  const [first, second, third, fourth, fifth] = domain?.disks ?? [];
  assert.match(first?.serial ?? '', /^5001a4a[0-9a-f]{9}$/);
  assert.is(first?.device, `/dev/disk/by-id/virtio-${first?.serial}`);
  assert.is(first?.wwn, undefined);
  assert.is(config.install?.device, first?.device);
  assert.match(second?.wwn ?? '', /^5001a4a[0-9a-f]{9}$/);
  assert.is(second?.device, `/dev/disk/by-id/wwn-0x${second?.wwn}`);
  assert.is(third?.device, '/dev/disk/by-id/virtio-data1');
  assert.is(fifth?.wwn, undefined);
  assert.is(fifth?.device, `/dev/disk/by-id/ata-QEMU_HARDDISK_${fifth?.serial}`);
  assert.is(new Set(domain?.disks.map((disk) => disk.device)).size, 5);
  assert.equal(
    [first, second, third, fourth, fifth].map((disk) => disk?.target),
    ['vda', 'sda', 'vdb', 'sdb', 'sdc'],
  );
  assert.equal(
    [first, third].map((disk) => [disk?.file, disk?.size]),
    [
      ['/var/lib/libvirt/images/harvester-1-0.qcow2', 300 * 2 ** 30],
      ['/var/lib/libvirt/images/data1/harvester-1-2.raw', Math.floor(1e12 / 512) * 512],
    ],
  );
});

test('what the machine and its disks are called follows from the MAC, and from nothing else that changes', async () => {
  const before = node(await resolvedFrom(NESTED), 'harvester-2').domain;
  const after = node(
    await resolvedFrom(
      NESTED,
      ['harvester-2:', 'renamed:'],
      ['192.168.150.42', '192.168.150.45'],
      [DISKS, 'disks: [{ size: 400Gi }]'],
    ),
    'renamed',
  ).domain;
  assert.is(after?.uuid, before?.uuid);
  assert.is(after?.disks[0]?.serial, before?.disks[0]?.serial);
  const other = node(await resolvedFrom(NESTED, ['0c:01:02', '0c:01:22']), 'harvester-2').domain;
  assert.is.not(other?.uuid, before?.uuid);
  assert.is.not(other?.disks[0]?.serial, before?.disks[0]?.serial);
});

test('a UUID is one of version 8', async () => {
  for (const { domain } of (await resolvedFrom(NESTED)).nodes) {
    assert.match(domain?.uuid ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test('more disks than letters', async () => {
  const disks = Array.from({ length: 28 }, () => '{ size: 1Gi }').join(', ');
  const { domain } = node(
    await resolvedFrom(NESTED, [DISKS, `disks: [{ size: 300Gi }, ${disks}]`]),
    'harvester-1',
  );
  assert.equal(
    domain?.disks.slice(25).map(({ target }) => target),
    ['vdz', 'vdaa', 'vdab', 'vdac'],
  );
});

test('without a host a virtual machine is a fact, and no domain', async () => {
  const start = NESTED.indexOf('host:\n');
  const host = NESTED.slice(start, NESTED.indexOf('networks:'));
  const site = await resolvedFrom(
    NESTED,
    [host, ''],
    ['server: libvirt, ', ''],
    ['os: { ntp', 'install: { device: /dev/vda }\n    os: { ntp'],
  );
  assert.equal(
    site.nodes.map(({ domain }) => domain),
    [undefined, undefined, undefined],
  );
  assert.is(site.host, undefined);
  assert.is(node(site, 'harvester-1').facts.vm?.vcpus, 8);
});

test('a disk that the host does not have', async () => {
  const found = await foundIn(NESTED, [DISKS, 'disks: [{ size: 300Gi, on: data2 }]']);
  assert.equal(found, [
    [
      '23:51',
      'unknown-host-disk',
      "An image is to lie on the host's disk data2, and the host has no such disk.",
      'known disks: data1',
    ],
  ]);
});

test('a preset that there is not is not followed by complaints of what it would have said', async () => {
  const found = await foundIn(NESTED, ['preset: small', 'preset: tiny']);
  assert.equal(
    found.map((one) => (one as string[]).slice(0, 2)),
    [['23:17', 'bad-value']],
  );
});

test('a bus that there is not is not followed by complaints of a disk that has no name', async () => {
  const found = await foundIn(NESTED, [DISKS, 'disks: [{ size: 300Gi, bus: nvme }]']);
  assert.equal(
    found.map((one) => (one as string[]).slice(0, 2)),
    [['23:52', 'bad-value']],
  );
});

test('the screen is on loopback, and the machine starts with the host, unless said', async () => {
  const site = await resolvedFrom(NESTED, [
    '192.168.150.42 }',
    '192.168.150.42, vm: { autostart: false, vnc: { listen: 192.168.150.1, port: 5902 } } }',
  ]);
  assert.equal(
    site.nodes.map(({ domain }) => plain({ vnc: domain?.vnc, autostart: domain?.autostart })),
    [
      { vnc: { listen: '127.0.0.1' }, autostart: true },
      { vnc: { listen: '192.168.150.1', port: 5902 }, autostart: false },
      { vnc: { listen: '127.0.0.1' }, autostart: true },
    ],
  );
});

test('no two disks have one image, whatever the nodes are called', async () => {
  const site = await resolvedFrom(
    NESTED,
    ['harvester-1:', 'a:'],
    ['harvester-2:', 'a-0:'],
    ['harvester-3:', 'a-0-0:'],
    [DISKS, 'disks: [{ size: 300Gi }, { size: 1Gi, format: raw }, { size: 1Gi, on: data1 }, { size: 1Gi }]'],
  );
  const files = site.nodes.flatMap(({ domain }) => domain?.disks.map(({ file }) => file) ?? []);
  assert.is(new Set(files).size, 12);
});

test.run();

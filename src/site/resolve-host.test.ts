import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NESTED } from '../../test/support/nested-plant.ts';
import type { Edit } from '../../test/support/plant.ts';
import { at, foundIn, node, plain, resolvedFrom } from '../../test/support/resolved.ts';
import { locationOf } from '../source/origin.ts';

const testResolveHost = suite('the libvirt host of a site');

const CLUSTER = 'cluster: { vip: 192.168.150.40, token: "${secret:cluster_token}" }';
const CLUSTERS: Edit = [
  CLUSTER,
  'clusters: { east: { vip: 192.168.150.40, token: "${secret:east}" }, west: { vip: 192.168.150.39, token: "${secret:west}" } }',
];

testResolveHost('has defaults', async () => {
  const { host } = await resolvedFrom(NESTED);
  assert.equal(plain({ ...host, expose: undefined }), {
    address: 'lab.example.org',
    domainType: 'kvm',
    threads: 32,
    memory: '128Gi',
    images: '/var/lib/libvirt/images',
    disks: [
      {
        name: 'data1',
        device: '/dev/disk/by-id/google-data1',
        size: '400GB',
        filesystem: 'ext4',
        mount: '/var/lib/libvirt/images/data1',
      },
    ],
    luns: [],
  });
});

testResolveHost('forwards a port to the same port of the only cluster by default', async () => {
  const { host } = await resolvedFrom(NESTED, [
    '- { port: 443 }',
    '- { port: 8443, to: 443, address: 203.0.113.7 }',
  ]);
  assert.equal(
    host?.expose.map(({ port, to, cluster, address, allow }) => [
      port,
      to,
      cluster.name,
      address,
      plain(allow),
    ]),
    [
      [8443, 443, 'plant', '203.0.113.7', []],
      [6443, 6443, 'plant', undefined, ['203.0.113.0/24']],
    ],
  );
});

testResolveHost('may have another directory of images, where data disks are mounted', async () => {
  const { host } = await resolvedFrom(NESTED, ['  threads: 32', '  images: /srv/images/\n  threads: 32']);
  assert.is(host?.images, '/srv/images');
  assert.is(host?.disks[0]?.mount, '/srv/images/data1');
});

testResolveHost('reports a port with an ambiguous cluster, and one with an unknown cluster', async () => {
  const found = await foundIn(NESTED, CLUSTERS, ['- { port: 6443,', '- { cluster: wast, port: 6443,']);
  assert.equal(
    found.filter((one) => !/node-without-cluster/.test(String(one))),
    [
      [
        '11:15',
        'expose-without-cluster',
        'The port 443 of the host names no cluster: its target VIP is ambiguous.',
        'set cluster to one of: east, west',
      ],
      [
        '12:18',
        'unknown-cluster',
        'A port of the host forwards to the cluster wast, which does not exist.',
        'known clusters: east, west',
      ],
    ],
  );
});

testResolveHost(
  'has libvirt create a network that libvirt serves: its bridge, its IP address, its uplink',
  async () => {
    const [network] = (await resolvedFrom(NESTED)).networks;
    assert.equal(plain(network?.libvirt), {
      name: 'plant-mgmt',
      bridge: 'virbr-mgmt',
      forward: 'nat',
      address: '192.168.150.1',
    });
  },
);

testResolveHost('may have another bridge name, and another IP address', async () => {
  const { networks } = await resolvedFrom(
    NESTED,
    [
      'networks:\n  mgmt:\n',
      `networks:
  test-network-ten: { subnet: 10.10.10.0/24, libvirt: { forward: isolated, address: 10.10.10.2 } }
  bare: { subnet: 10.10.11.0/24, libvirt: { forward: isolated } }
  mgmt:
    interface: virbr7
`,
    ],
    ['ip: 192.168.150.41', 'ip: 192.168.150.41'],
  );
  assert.equal(
    networks.map(({ libvirt }) => plain(libvirt)),
    [
      {
        name: 'plant-test-network-ten',
        bridge: 'virbr-test-netw',
        forward: 'isolated',
        address: '10.10.10.2',
      },
      { name: 'plant-bare', bridge: 'virbr-bare', forward: 'isolated' },
      { name: 'plant-mgmt', bridge: 'virbr7', forward: 'nat', address: '192.168.150.1' },
    ],
  );
});

testResolveHost(
  'serves the time without internet access, and libvirt does not change the firewall',
  async () => {
    const site = await resolvedFrom(
      NESTED,
      ['site: plant', 'site: plant\nair_gapped: true'],
      ['os: { ntp_servers: [0.suse.pool.ntp.org], ', 'os: { '],
    );
    const [network] = site.networks;
    assert.is(network?.libvirt?.forward, 'open');
    assert.equal(plain(network?.ntp), ['192.168.150.1']);
    assert.equal(plain(site.nodes[0]?.config.os?.ntp_servers), ['192.168.150.1']);
  },
);

testResolveHost('does not serve the time if time servers are set, even to none', async () => {
  const airGapped: Edit = ['site: plant', 'site: plant\nair_gapped: true'];
  const without: Edit = ['os: { ntp_servers: [0.suse.pool.ntp.org], ', 'os: { '];
  const own: Edit = ['    dns: [', '    ntp: [192.168.150.9]\n    dns: ['];
  const [network] = (await resolvedFrom(NESTED, airGapped, without, own)).networks;
  assert.equal(plain(network?.ntp), ['192.168.150.9']);
});

testResolveHost.run();

const testResolveDomain = suite('the domain of a node');

const DISKS = 'disks: [{ size: 300Gi }]';

testResolveDomain(
  'has the CPUs and memory of its preset, but values that are set take precedence',
  async () => {
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
  },
);

testResolveDomain('is checked with the size of its preset, at the location of the preset', async () => {
  const { facts } = node(await resolvedFrom(NESTED), 'harvester-1');
  assert.is(facts.vm?.memory, '32Gi');
  assert.ok(facts.vm);
  assert.is(at(locationOf(facts.vm, 'memory')), at(locationOf(facts.vm, 'preset')));
});

testResolveDomain('has disks with a known serial number or WWN before its first start', async () => {
  const disks =
    'disks: [{ size: 300Gi }, { size: 100Gi, bus: scsi, name: "1" }, { size: 1TB, serial: data1, format: raw, on: data1 }, { size: 5Gi, bus: scsi, name: b }, { size: 5Gi, bus: sata, name: c }]';
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
      ['/var/lib/libvirt/images/data1/harvester-1_data1.raw', Math.floor(1e12 / 512) * 512],
    ],
  );
});

testResolveDomain('has identifiers of machine and disks that are derived only from the MAC', async () => {
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

testResolveDomain('has disks that keep their image and numbers in any order, on any bus', async () => {
  const [scratch, longhorn] = ['{ size: 1Gi, serial: scratch }', '{ size: 2Gi, name: longhorn, bus: scsi }'];
  const disksOf = async (...disks: readonly string[]) =>
    node(await resolvedFrom(NESTED, [DISKS, `disks: [{ size: 300Gi }, ${disks}]`]), 'harvester-1').domain
      ?.disks ?? [];
  const [, , before] = await disksOf(scratch, longhorn);
  const [, after] = await disksOf(longhorn.replace('2Gi', '3Gi'));
  assert.is(before?.file, '/var/lib/libvirt/images/harvester-1_longhorn.qcow2');
  for (const key of ['file', 'serial', 'wwn', 'device'] as const) assert.is(after?.[key], before?.[key], key);
  const [, virtio] = await disksOf(longhorn.replace(', bus: scsi', ''), scratch);
  assert.equal([virtio?.file, virtio?.serial], [before?.file, before?.serial]);
});

testResolveDomain('has a UUID of version 8', async () => {
  for (const { domain } of (await resolvedFrom(NESTED)).nodes) {
    assert.match(domain?.uuid ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

testResolveDomain('may have more disks than letters', async () => {
  const disks = Array.from({ length: 28 }, (_, index) => `{ size: 1Gi, name: d${index} }`).join(', ');
  const { domain } = node(
    await resolvedFrom(NESTED, [DISKS, `disks: [{ size: 300Gi }, ${disks}]`]),
    'harvester-1',
  );
  assert.equal(
    domain?.disks.slice(25).map(({ target }) => target),
    ['vdz', 'vdaa', 'vdab', 'vdac'],
  );
});

testResolveDomain('without a host, a virtual machine is declared, but has no domain', async () => {
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

testResolveDomain('reports an unknown disk of the host', async () => {
  const found = await foundIn(NESTED, [DISKS, 'disks: [{ size: 300Gi, on: data2 }]']);
  assert.equal(found, [
    [
      '23:51',
      'unknown-host-disk',
      "An image is on the host's disk data2, which does not exist.",
      'known disks: data1',
    ],
  ]);
});

testResolveDomain('an unknown preset causes no errors about its missing values', async () => {
  const found = await foundIn(NESTED, ['preset: small', 'preset: tiny']);
  assert.equal(
    found.map((one) => (one as string[]).slice(0, 2)),
    [['23:17', 'bad-value']],
  );
});

testResolveDomain('an unknown bus causes no errors about the name of its disk', async () => {
  const found = await foundIn(NESTED, [DISKS, 'disks: [{ size: 300Gi, bus: nvme }]']);
  assert.equal(
    found.map((one) => (one as string[]).slice(0, 2)),
    [['23:52', 'bad-value']],
  );
});

testResolveDomain('has its screen on loopback and starts with the host by default', async () => {
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

testResolveDomain('disks never share an image, for any node names', async () => {
  const site = await resolvedFrom(
    NESTED,
    ['harvester-1:', 'a:'],
    ['harvester-2:', 'a-0:'],
    ['harvester-3:', 'a-0-0:'],
    [
      DISKS,
      'disks: [{ size: 300Gi }, { size: 1Gi, format: raw, name: "1" }, { size: 1Gi, on: data1, name: "0-0" }, { size: 1Gi, serial: "2" }]',
    ],
  );
  const files = site.nodes.flatMap(({ domain }) => domain?.disks.map(({ file }) => file) ?? []);
  assert.is(new Set(files).size, 12);
});

testResolveDomain.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NESTED } from '../../test/support/nested-plant.ts';
import type { Edit } from '../../test/support/plant.ts';
import { foundIn, plain, resolvedFrom } from '../../test/support/resolved.ts';

const test = suite('the libvirt host of a site');

const CLUSTER = 'cluster: { vip: 192.168.150.40, token: "${secret:cluster_token}" }';
const CLUSTERS: Edit = [
  CLUSTER,
  'clusters: { east: { vip: 192.168.150.40, token: "${secret:east}" }, west: { vip: 192.168.150.39, token: "${secret:west}" } }',
];

test('what is not said is filled in', async () => {
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
  });
});

test('a port leads to the same port of the only cluster, unless said', async () => {
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

test('images may lie elsewhere, and data disks are mounted there', async () => {
  const { host } = await resolvedFrom(NESTED, ['  threads: 32', '  images: /srv/images/\n  threads: 32']);
  assert.is(host?.images, '/srv/images');
  assert.is(host?.disks[0]?.mount, '/srv/images/data1');
});

test('a port of several clusters, and one of a cluster that there is not', async () => {
  const found = await foundIn(NESTED, CLUSTERS, ['- { port: 6443,', '- { cluster: wast, port: 6443,']);
  assert.equal(
    found.filter((one) => !/node-without-cluster/.test(String(one))),
    [
      [
        '11:15',
        'expose-without-cluster',
        "It cannot be told which cluster's VIP the port 443 of the host leads to.",
        'say it with cluster: east, west',
      ],
      [
        '12:18',
        'unknown-cluster',
        'A port of the host leads to the cluster wast, and there is no such cluster.',
        'known clusters: east, west',
      ],
    ],
  );
});

test('a network that libvirt serves is made by libvirt: its bridge, its address, its way out', async () => {
  const [network] = (await resolvedFrom(NESTED)).networks;
  assert.equal(plain(network?.libvirt), {
    name: 'plant-mgmt',
    bridge: 'virbr-mgmt',
    forward: 'nat',
    address: '192.168.150.1',
  });
});

test('a bridge of its own name, and another address of the host', async () => {
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

test('without a way out the host tells the time, and libvirt leaves the firewall alone', async () => {
  const site = await resolvedFrom(
    NESTED,
    ['site: plant', 'site: plant\nair_gapped: true'],
    ['os: { ntp_servers: [0.suse.pool.ntp.org], ', 'os: { '],
  );
  const [network] = site.networks;
  assert.is(network?.libvirt?.forward, 'open');
  assert.equal(plain(network?.ntp), ['192.168.150.1']);
  assert.equal(plain(site.nodes[0]?.config.os?.ntp_servers), ['192.168.150.1']);
});

test('time servers that are said, even none, are what counts', async () => {
  const airGapped: Edit = ['site: plant', 'site: plant\nair_gapped: true'];
  const without: Edit = ['os: { ntp_servers: [0.suse.pool.ntp.org], ', 'os: { '];
  const own: Edit = ['    dns: [', '    ntp: [192.168.150.9]\n    dns: ['];
  const [network] = (await resolvedFrom(NESTED, airGapped, without, own)).networks;
  assert.equal(plain(network?.ntp), ['192.168.150.9']);
});

test.run();

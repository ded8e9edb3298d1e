import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Edit } from '../../test/support/plant.ts';
import {
  at,
  CLUSTER,
  CLUSTERS,
  found,
  HARV_3,
  node,
  plain,
  resolved,
  STORAGE,
} from '../../test/support/resolved.ts';
import { locationOf, selfLocation } from '../source/origin.ts';
import type { Site } from './model.ts';

const testResolve = suite('the resolved site');

testResolve('is the common site, with defaults', async () => {
  const site = await resolved();
  assert.is(site.name, 'plant');
  assert.equal(plain(site.server), {
    url: 'http://192.168.178.7',
    host: '192.168.178.7',
    port: 80,
    root: '/srv/harvgen/plant',
    media: { url: 'http://192.168.178.7/harvester', path: '/srv/harvgen/media' },
    images: { url: 'http://192.168.178.7/images', path: '/srv/harvgen/images' },
    tftp: '/srv/harvgen/tftp',
    secrets: '/etc/nginx/harvgen/plant.secrets.conf',
    allow: [],
    ports: [],
    compat: [],
    allowScripts: [],
    tftpServer: 'dnsmasq',
    iscsi: {
      address: '192.168.178.7',
      port: 3260,
      driver: 'tgt',
      iqn: 'iqn.2024-07.internal.harvgen',
      writeCache: false,
      store: { kind: 'files', prefix: 'plant-', folder: '/srv/harvgen/disks', format: 'raw' },
    },
  });
  const [network] = site.networks;
  assert.is(network?.name, 'mgmt');
  assert.is(network?.subnet.mask, '255.255.255.0');
  assert.equal(plain(network?.dhcp), {
    server: 'dnsmasq',
    pool: { text: '192.168.178.200-192.168.178.250', first: 3232281288, last: 3232281338 },
    lease: '12h',
    hostsFiles: false,
    proxy: false,
  });
  const [cluster] = site.clusters;
  assert.equal(
    [cluster?.name, cluster?.version.text, cluster?.arch, cluster?.vipMode],
    ['plant', 'v1.4.1', 'amd64', 'static'],
  );
  assert.equal(
    site.nodes.map(({ name, os, mode, install, firmware, ip }) => [name, os, mode, install, firmware, ip]),
    [
      ['harv-1', 'harvester', 'create', 'once', 'uefi', '192.168.178.41'],
      ['harv-2', 'harvester', 'join', 'once', 'uefi', '192.168.178.42'],
      ['harv-3', 'harvester', 'join', 'once', 'uefi', '192.168.178.43'],
    ],
  );
});

testResolve("the server's URL may end with a slash and have a port; the media may be elsewhere", async () => {
  const { server } = await resolved([
    'url: http://192.168.178.7',
    'url: http://192.168.178.7:8080/\n  media: https://example.org/harvester/',
  ]);
  assert.equal([server.url, server.host, server.port], ['http://192.168.178.7:8080', '192.168.178.7', 8080]);
  assert.equal(plain(server.media), { url: 'https://example.org/harvester' });
});

testResolve('resolved values record their source locations', async () => {
  const site = await resolved();
  const harv2 = node(site, 'harv-2');
  assert.is(at(locationOf(harv2, 'name')), '24:3');
  assert.is(at(locationOf(harv2, 'ip')), '24:41');
  assert.is(at(locationOf(harv2.bootNic, 'mac')), '24:18');
  assert.is(at(selfLocation(site.networks[0] as object)), '7:3');
  assert.is(at(locationOf(site.clusters[0] as Site['clusters'][0], 'version')), '3:12');
  assert.is(at(locationOf(harv2.userConfig.install as object, 'device' as never)), '21:15');
});

testResolve('several clusters have their own nodes, release and VIP', async () => {
  const site = await resolved(
    [
      CLUSTER,
      CLUSTERS.replace('token: "${secret:west}"', 'token: "${secret:west}", harvester: { version: v1.5.1 }'),
    ],
    ['  config:\n', '  cluster: east\n  config:\n'],
    ['ip: 192.168.178.43', 'ip: 192.168.178.43, cluster: west, mode: create'],
  );
  assert.equal(
    site.clusters.map(({ name, version, members }) => [
      name,
      version.text,
      members.map((member) => member.name),
    ]),
    [
      ['east', 'v1.4.1', ['harv-1', 'harv-2']],
      ['west', 'v1.5.1', ['harv-3']],
    ],
  );
  assert.is(node(site, 'harv-2').config.server_url, 'https://192.168.178.40:443');
  assert.is(node(site, 'harv-3').config.install?.vip, '192.168.178.39');
  assert.is(node(site, 'harv-3').config.token, '${secret:west}');
});

testResolve('a machine that boots its own disk belongs to no cluster and has no configuration', async () => {
  const site = await resolved(['ip: 192.168.178.43', 'ip: 192.168.178.43, boot: { os: local }']);
  const { cluster, config, os } = node(site, 'harv-3');
  assert.equal([os, cluster, Object.keys(config)], ['local', undefined, []]);
  assert.is(site.clusters[0]?.members.length, 2);
});

testResolve.run();

const testResolveReferences = suite('references of a site');

testResolveReferences('an unknown profile: its location, and the known ones', async () => {
  const profiles: Edit = ['nodes:\n', 'profiles: { gpu: {}, rack-b: {} }\nnodes:\n'];
  assert.equal(await found(profiles, ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [gpu, gpo]']), [
    ['26:73', 'unknown-profile', 'There is no profile gpo.', 'known profiles: gpu, rack-b'],
  ]);
  assert.equal(await found(['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [gpu]']), [
    [
      '25:68',
      'unknown-profile',
      'There is no profile gpu.',
      'known profiles: none: define it under profiles',
    ],
  ]);
});

testResolveReferences('an unknown profile of defaults is reported once, for all nodes', async () => {
  assert.equal(await found(['  config:\n', '  profiles: [gpu]\n  config:\n']), [
    [
      '17:14',
      'unknown-profile',
      'There is no profile gpu.',
      'known profiles: none: define it under profiles',
    ],
  ]);
});

testResolveReferences('profiles are not found among the properties of every object', async () => {
  for (const name of ['constructor', 'tostring', 'valueof']) {
    const [first] = (await found([
      'ip: 192.168.178.43',
      `ip: 192.168.178.43, profiles: [${name}]`,
    ])) as string[][];
    assert.is(first?.[2], `There is no profile ${name}.`);
  }
});

testResolveReferences('an unknown network: its location, and the known ones', async () => {
  assert.equal(
    await found(
      ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
      [
        HARV_3,
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, network: storge }] }',
      ],
    ),
    [
      [
        '26:103',
        'unknown-network',
        'A NIC of harv-3 is on the network storge, which does not exist.',
        'known networks: storage, mgmt',
      ],
    ],
  );
});

testResolveReferences('an ambiguous network: at the IP address, or at the NIC', async () => {
  assert.equal(await found(['  mgmt:\n', `${STORAGE}  mgmt:\n`], ['ip: 192.168.178.43', 'ip: 10.0.1.3']), [
    [
      '26:41',
      'network-unclear',
      "The IP address 10.0.1.3 of harv-3 is in none of the site's networks: storage, mgmt.",
      'correct the IP address, or the subnet of its network',
    ],
  ]);
  assert.equal(
    await found(
      ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
      [HARV_3, '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03 }] }'],
    ),
    [
      [
        '26:68',
        'network-unclear',
        'The network of a NIC of harv-3 is ambiguous: storage, mgmt.',
        'add network or ip to the NIC',
      ],
    ],
  );
});

testResolveReferences('an unknown cluster: its location, and the known ones', async () => {
  assert.equal(await found(['ip: 192.168.178.43', 'ip: 192.168.178.43, cluster: est']), [
    [
      '25:66',
      'unknown-cluster',
      'harv-3 belongs to the cluster est, which does not exist.',
      'known clusters: plant',
    ],
  ]);
});

testResolveReferences('a node must name its cluster if there are several', async () => {
  assert.equal(
    await found(
      [CLUSTER, CLUSTERS],
      ['mode: create', 'mode: create, cluster: east'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, cluster: east'],
    ),
    [
      [
        '25:3',
        'node-without-cluster',
        'harv-3 runs Harvester but belongs to no cluster.',
        'add cluster: east or cluster: west',
      ],
    ],
  );
});

testResolveReferences('nodes of a site without a cluster are reported', async () => {
  assert.equal(
    await found(
      [CLUSTER, ''],
      ['mode: create', 'boot: { os: local }'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, boot: { os: local }'],
    ),
    [
      [
        '22:3',
        'node-without-cluster',
        'harv-3 runs Harvester, but the site has no cluster.',
        'add a cluster to the site: `cluster: {vip: …, token: …}`',
      ],
    ],
  );
});

testResolveReferences('cluster and clusters at once are an error with both locations', async () => {
  const all = await found(
    [CLUSTER, `${CLUSTERS}${CLUSTER}`],
    ['  config:\n', '  cluster: east\n  config:\n'],
  );
  assert.equal(all, [
    [
      '16:1',
      'cluster-and-clusters',
      'The site has both cluster and clusters: cluster is the short form of clusters with one entry.',
      'move the content of cluster to an entry of clusters',
      '13:1',
    ],
  ]);
});

testResolveReferences.run();

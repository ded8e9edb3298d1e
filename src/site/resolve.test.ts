import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { at, CLUSTER, CLUSTERS, node, plain, resolved } from '../../test/support/resolved.ts';
import { placeOf, selfPlace } from '../source/origin.ts';

import type { Site } from './model.ts';

const test = suite('the resolved site');

test('the common site, with what it does not say filled in', async () => {
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

test("the server's URL may end with a slash and have a port; the media may be elsewhere", async () => {
  const { server } = await resolved([
    'url: http://192.168.178.7',
    'url: http://192.168.178.7:8080/\n  media: https://example.org/harvester/',
  ]);
  assert.equal([server.url, server.host, server.port], ['http://192.168.178.7:8080', '192.168.178.7', 8080]);
  assert.equal(plain(server.media), { url: 'https://example.org/harvester' });
});

test('what is resolved knows where it stood', async () => {
  const site = await resolved();
  const harv2 = node(site, 'harv-2');
  assert.is(at(placeOf(harv2, 'name')), '24:3');
  assert.is(at(placeOf(harv2, 'ip')), '24:41');
  assert.is(at(placeOf(harv2.bootNic, 'mac')), '24:18');
  assert.is(at(selfPlace(site.networks[0] as object)), '7:3');
  assert.is(at(placeOf(site.clusters[0] as Site['clusters'][0], 'version')), '3:12');
  assert.is(at(placeOf(harv2.said.install as object, 'device' as never)), '21:15');
});

test('several clusters have their own nodes, release and VIP', async () => {
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

test('a machine that boots its own disk belongs to no cluster and has no configuration', async () => {
  const site = await resolved(['ip: 192.168.178.43', 'ip: 192.168.178.43, boot: { os: local }']);
  const { cluster, config, os } = node(site, 'harv-3');
  assert.equal([os, cluster, Object.keys(config)], ['local', undefined, []]);
  assert.is(site.clusters[0]?.members.length, 2);
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { plainDiagnostic } from '../diagnostics/json.ts';
import { keyPlaceOf, type Place, placeOf, selfPlace } from '../origin.ts';
import type { Node, Site } from './model.ts';

const test = suite('the resolved site');

const HARV_3 = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
const CLUSTER = 'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n';
const CLUSTERS =
  'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n';
const STORAGE = '  storage: { subnet: 10.0.0.0/24 }\n';

/** Resolves the common site with edits made, which leave it without a fault. */
async function resolved(...edits: readonly Edit[]): Promise<Site> {
  const { site, diagnostics } = await compile(makeSite(edited(PLANT, ...edits)));
  assert.equal(
    diagnostics.map(({ message }) => message),
    [],
  );
  assert.ok(site);
  return site;
}

/** What is said of the common site with edits made: place, code, message, help and related places. */
async function found(...edits: readonly Edit[]): Promise<unknown[]> {
  const { diagnostics } = await compile(makeSite(edited(PLANT, ...edits)));
  return diagnostics.map((diagnostic) => {
    const { line, column, code, message, help, related } = plainDiagnostic(diagnostic, '/');
    return [`${line}:${column}`, code, message, help, ...related.map((at) => `${at.line}:${at.column}`)];
  });
}

function node(site: Site, name: string): Node {
  const one = site.nodes.find((other) => other.name === name);
  assert.ok(one);
  return one;
}

function at(place: Place): string {
  const { line, column } = place.source.position(place.start);
  return `${line}:${column}`;
}

/** What a value is without its places. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test('the common site, with what it does not say filled in', async () => {
  const site = await resolved();
  assert.is(site.name, 'plant');
  assert.equal(plain(site.server), {
    url: 'http://192.168.178.7',
    host: '192.168.178.7',
    port: 80,
    root: '/srv/harvgen/plant',
    media: { url: 'http://192.168.178.7/harvester', path: '/srv/harvgen/media' },
    tftp: '/srv/harvgen/tftp',
    secrets: '/etc/nginx/harvgen/plant.secrets.conf',
    allow: [],
  });
  const [network] = site.networks;
  assert.is(network?.name, 'mgmt');
  assert.is(network?.subnet.mask, '255.255.255.0');
  assert.equal(plain(network?.dhcp), {
    server: 'dnsmasq',
    pool: { text: '192.168.178.200-192.168.178.250', first: 3232281288, last: 3232281338 },
    lease: '12h',
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

const LAYERS: readonly Edit[] = [
  [
    '  config:\n    os:\n',
    '  labels: { from: defaults, d: "1" }\n  profiles: [one]\n  config:\n    os:\n      modules: [d]\n',
  ],
  [
    'nodes:\n',
    `profiles:
  one: { role: worker, labels: { from: one, o: "1" }, config: { os: { modules: [o, p] }, install: { device: /dev/one } } }
  two: { labels: { from: two, t: "1" }, config: { install: { device: /dev/two } } }
nodes:
`,
  ],
];

test('layers: defaults, below the profiles in their order, below the node', async () => {
  const site = await resolved(...LAYERS, [
    'ip: 192.168.178.43',
    'ip: 192.168.178.43, profiles: [one, two], labels: { n: "1" }',
  ]);
  const harv3 = node(site, 'harv-3');
  assert.equal(plain(harv3.facts.labels), { from: 'two', d: '1', o: '1', t: '1', n: '1' });
  assert.is(harv3.said.install?.device, '/dev/two');
  assert.is(harv3.role, 'worker');
});

test('layers: the other order gives the other profile the last word', async () => {
  const site = await resolved(...LAYERS, ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [two, one]']);
  assert.is(node(site, 'harv-3').said.install?.device, '/dev/one');
  assert.is(node(site, 'harv-3').facts.labels?.from, 'one');
});

test('layers: the node has the last word', async () => {
  const site = await resolved(...LAYERS, [
    'ip: 192.168.178.43',
    'ip: 192.168.178.43, role: witness, labels: { from: node }, config: { install: { device: /dev/own } }',
  ]);
  const harv3 = node(site, 'harv-3');
  assert.equal(
    [harv3.role, harv3.facts.labels?.from, harv3.said.install?.device],
    ['witness', 'node', '/dev/own'],
  );
});

test('layers: lists replace each other', async () => {
  const site = await resolved(...LAYERS, ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [two]']);
  assert.equal(plain(node(site, 'harv-2').said.os?.modules), ['o', 'p']);
  assert.equal(plain(node(site, 'harv-3').said.os?.modules), ['d']);
});

test('layers: profiles of the node replace those of defaults, and an empty list takes none', async () => {
  const site = await resolved(...LAYERS, ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: []']);
  assert.is(node(site, 'harv-2').role, 'worker');
  assert.is(node(site, 'harv-3').role, undefined);
});

test('layers: each value knows the layer that it came from', async () => {
  const site = await resolved(...LAYERS, ['ip: 192.168.178.43', 'ip: 192.168.178.43, labels: { n: "1" }']);
  const labels = node(site, 'harv-3').facts.labels as Record<string, string>;
  assert.equal(
    ['d', 'from', 'o', 'n'].map((key) => at(keyPlaceOf(labels, key))),
    ['17:29', '26:34', '26:45', '31:67'],
  );
});

test('layers: nodes do not change each other', async () => {
  const site = await resolved(...LAYERS, ['ip: 192.168.178.42', 'ip: 192.168.178.42, labels: { n: "1" }']);
  assert.is(node(site, 'harv-2').facts.labels?.n, '1');
  assert.is(node(site, 'harv-3').facts.labels?.n, undefined);
});

test('what only a create node may have reaches that one alone, from defaults and from profiles', async () => {
  const site = await resolved(
    [
      '    install:\n',
      '    system_settings: { ui-source: bundled }\n    install:\n      addons: { rancher_logging: { enabled: true } }\n',
    ],
    ['nodes:\n', 'profiles:\n  sans: { config: { sans: [harvester.example.org] } }\nnodes:\n'],
    ['  config:\n    os:', '  profiles: [sans]\n  config:\n    os:'],
  );
  const keys = (name: string) => {
    const { said } = node(site, name);
    return [Object.keys(said).sort(), Object.keys(said.install ?? {}).sort()];
  };
  assert.equal(keys('harv-1'), [
    ['install', 'os', 'sans', 'system_settings'],
    ['addons', 'device'],
  ]);
  assert.equal(keys('harv-2'), [['install', 'os'], ['device']]);
  assert.is(node(site, 'harv-1').config.install?.vip, '192.168.178.40');
  assert.is(node(site, 'harv-2').config.install?.vip, undefined);
});

test('a node that creates by its profile has what only a create node may have', async () => {
  const site = await resolved(
    ['    install:\n', '    system_settings: { ui-source: bundled }\n    install:\n'],
    ['mode: create }', 'profiles: [first] }'],
    ['nodes:\n', 'profiles:\n  first: { mode: create }\nnodes:\n'],
  );
  assert.equal(
    site.nodes.map(({ mode, config }) => [mode, 'system_settings' in config, 'server_url' in config]),
    [
      ['create', true, false],
      ['join', false, true],
      ['join', false, true],
    ],
  );
});

test('with several networks, that of a NIC is the one that holds its address', async () => {
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

test('the bond is made of all NICs on the management network, the one that boots first', async () => {
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

test('interfaces that are said by name are emitted by MAC address', async () => {
  const site = await resolved([
    HARV_3,
    '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { name: eno2, mac: 52:54:00:aa:02:03 }], config: { install: { management_interface: { interfaces: [{ name: eno2 }] } } } }',
  ]);
  assert.equal(plain(node(site, 'harv-3').config.install?.management_interface?.interfaces), [
    { hwAddr: '52:54:00:aa:02:03' },
  ]);
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

test('a profile that is not there: where it is named, and which there are', async () => {
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

test('a profile of defaults that is not there is said once, for all nodes', async () => {
  assert.equal(await found(['  config:\n', '  profiles: [gpu]\n  config:\n']), [
    [
      '17:14',
      'unknown-profile',
      'There is no profile gpu.',
      'known profiles: none: define it under profiles',
    ],
  ]);
});

test('profiles are not found among what every object has', async () => {
  for (const name of ['constructor', 'tostring', 'valueof']) {
    const [first] = (await found([
      'ip: 192.168.178.43',
      `ip: 192.168.178.43, profiles: [${name}]`,
    ])) as string[][];
    assert.is(first?.[2], `There is no profile ${name}.`);
  }
});

test('a network that is not there: where it is named, and which there are', async () => {
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
        'A NIC of harv-3 is on the network storge, and there is no such network.',
        'known networks: storage, mgmt',
      ],
    ],
  );
});

test('a network that cannot be told: at the address, or at the NIC', async () => {
  assert.equal(await found(['  mgmt:\n', `${STORAGE}  mgmt:\n`], ['ip: 192.168.178.43', 'ip: 10.0.1.3']), [
    [
      '26:41',
      'network-unclear',
      "The address 10.0.1.3 of harv-3 is in none of the site's networks: storage, mgmt.",
      'correct the address, or the subnet that it belongs to',
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
        'It cannot be told which network a NIC of harv-3 is on: storage, mgmt.',
        'say it with network, or give the NIC its ip',
      ],
    ],
  );
});

test('a cluster that is not there: where it is named, and which there are', async () => {
  assert.equal(await found(['ip: 192.168.178.43', 'ip: 192.168.178.43, cluster: est']), [
    [
      '25:66',
      'unknown-cluster',
      'harv-3 belongs to est, and there is no such cluster.',
      'known clusters: plant',
    ],
  ]);
});

test('a node of one of several clusters says which', async () => {
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
        'harv-3 is to run Harvester and belongs to no cluster.',
        'say which with cluster: east, west',
      ],
    ],
  );
});

test('nodes of a site without a cluster are said', async () => {
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
        'harv-3 is to run Harvester and belongs to no cluster.',
        'give the site a cluster: `cluster: {vip: …, token: …}`',
      ],
    ],
  );
});

test('cluster and clusters at once are an error that names both', async () => {
  const all = await found(
    [CLUSTER, `${CLUSTERS}${CLUSTER}`],
    ['  config:\n', '  cluster: east\n  config:\n'],
  );
  assert.equal(all, [
    [
      '16:1',
      'cluster-and-clusters',
      'The site has both cluster and clusters: cluster is the short form of clusters with one entry.',
      'move what is under cluster into clusters, under a name of its own',
      '13:1',
    ],
  ]);
});

test('mac or ip beside nics is an error that names both', async () => {
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
        'move mac to the NIC that it belongs to',
        '25:57',
      ],
      [
        '25:37',
        'mac-and-nics',
        'harv-3 has both ip and nics: ip is the short form for a node with one NIC.',
        'move ip to the NIC that it belongs to',
        '25:57',
      ],
    ],
  );
});

test('a node with neither mac nor nics is said at its name', async () => {
  assert.equal(await found([HARV_3, '{ ip: 192.168.178.43 }']), [
    [
      '25:3',
      'missing-key',
      'nodes.harv-3 lacks the key mac.',
      'give the node the MAC address that it boots from: `mac: 52:54:00:aa:01:01`, or list its nics',
    ],
  ]);
});

test('a node without anything is said at its name', async () => {
  const all = (await found([HARV_3, '{}'])) as string[][];
  assert.ok(all.length > 0);
  assert.ok(all.every(([place]) => place === '25:3'));
});

test.run();

// needs: root nginx busybox unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../../src/compile.ts';
import { addressOf, bigPlant, macOf } from '../support/big-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { servePlainly } from './plain-server.ts';
import { openWebBox, type WebBox } from './web-box.ts';

const SERVER = '10.0.0.2';
const NODES = {
  'by-ip': '10.0.0.11',
  'by-uuid': '10.0.0.12',
  'by-serial': '10.0.0.13',
  'by-mac': '10.0.0.14',
} as const;
type Name = keyof typeof NODES;
const ADMIN = '10.0.0.15';
const IMAGE = '10.0.0.16';
const UNKNOWN = '10.0.0.222';
/** The second IP address of the node by-mac. */
const SECOND_NIC = '10.0.1.114';
const CLIENTS = [...Object.values(NODES), ADMIN, IMAGE, UNKNOWN];

const UUID = '4c4c4544-0042-3510-8057-b7c04f4d3332';
/** One that nginx would take for an IPv4 address, and one that looks like the node's MAC address. */
const [MAPPED, LIKE_A_MAC] = [
  '00000000-0000-0000-0000-ffff0a00000b',
  '00000000-0000-0000-0001-525400aa0101',
] as const;
const SERIAL = 'B5W7.M32_x+1';
const SECRETS = { cluster_token: 'the-token-of-the-plant', password: 'the-password-of-root' };

const SITE = `site: cloud
harvester: { version: v1.6.1 }
server:
  url: http://${SERVER}
  allow: [${ADMIN}]
  allow_scripts: [${IMAGE}]
networks:
  subnet: { subnet: 10.0.0.0/24, gateway: 10.0.0.1, dns: [10.0.0.1], dhcp: { server: external } }
  storage: { subnet: 10.0.1.0/24, dhcp: { server: external } }
cluster: { vip: 10.0.0.40, token: "\${secret:cluster_token}" }
defaults:
  config:
    os: { password: "\${secret:password}", ntp_servers: [ntp.example.org] }
    install: { device: /dev/nvme0n1 }
nodes:
  by-ip: { ip: ${NODES['by-ip']}, mode: create }
  by-uuid: { ip: ${NODES['by-uuid']}, uuid: ${UUID.toUpperCase()} }
  by-serial: { ip: ${NODES['by-serial']}, serial: ${SERIAL}, uuid: ${MAPPED} }
  by-mac:
    uuid: ${LIKE_A_MAC}
    nics:
      - { name: eno1, network: subnet, mac: "52:54:00:aa:01:01", ip: ${NODES['by-mac']} }
      - { name: eno2, network: storage, ip: ${SECOND_NIC} }
`;

const MAC_SPELLINGS = ['52-54-00-aa-01-01.ipxe', '52:54:00:AA:01:01', '52-54-00-aa-01-01/'];
const uuids = (uuid: string) => [uuid, uuid.toUpperCase()].flatMap((one) => [`${one}.ipxe`, one, `${one}/`]);
const addresses = (ip: string) => [`${ip}.ipxe`, ip, `${ip}/`];
/** Some firmware adds trailing spaces, which iPXE includes in its requests. */
const serials = (serial: string) =>
  ['.ipxe', '', '/', '%20%20.ipxe', '%20'].map((end) => `serial/${serial}${end}`);

/** Every name of each node's script. */
const SCRIPTS: Record<Name, readonly string[]> = {
  'by-ip': addresses(NODES['by-ip']),
  'by-uuid': [...addresses(NODES['by-uuid']), ...uuids(UUID)],
  'by-serial': [...addresses(NODES['by-serial']), ...serials(SERIAL), ...uuids(MAPPED)],
  'by-mac': [...MAC_SPELLINGS, ...uuids(LIKE_A_MAC)],
};

/** Every name of each node's configuration. */
const configurations = (name: Name) =>
  SCRIPTS[name].filter((path) => !path.startsWith('serial/')).map((path) => path.replace(/\.ipxe$/, '.yaml'));

const names = Object.keys(NODES) as Name[];
const QUERIES = ['', '?ip=10.0.0.11&x=%2f..', '?'];
const BY_CALLER = {
  ipxe: ['/ipxe', '/ipxe/', '/harvester/boot.php'],
  config: ['/config', '/config/'],
};

const test = suite('URLs of nodes with identifiers other than a MAC address, with the real nginx');
let box: WebBox;

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(...CLIENTS, SECOND_NIC);
  await serve(SITE);
});

test.after(() => box?.close());

async function serve(inventory: string): Promise<void> {
  const site = await box.deploy(inventory);
  await box.include(site, SECRETS);
  await box.start(site);
  assert.not.match(await box.log(), /\[(warn|error|emerg)\]/);
}

/** Asserts that an answer contains no data of the site. */
function assertNoData(body: string, path: string): void {
  assert.not.match(body, /by-\w|10\.0\.0|52[:-]54|B5W7|4c4c|the-token|the-password|@@secret/i, path);
}

test('a script by each of its names: for the node, and for clients in server.allow and server.allow_scripts', async () => {
  for (const name of names) {
    for (const path of SCRIPTS[name].flatMap((one) => QUERIES.map((query) => `/ipxe/${one}${query}`))) {
      for (const from of CLIENTS) {
        const { status, body, headers } = await box.get(from, path);
        const may = [NODES[name], ADMIN, IMAGE].includes(from);
        assert.is(status, may ? 200 : 403, `${from}: ${path}`);
        assert.is(headers['cache-control'], 'no-store', path);
        if (may) assert.match(body, `#!ipxe\n# ${name}, a node of cloud\n`);
        else assertNoData(body, path);
      }
    }
  }
});

test('a configuration by each of its names: for the node, and for clients in server.allow', async () => {
  for (const name of names) {
    for (const path of configurations(name).map((one) => `/config/${one}`)) {
      for (const from of CLIENTS) {
        const { status, body, headers } = await box.get(from, path);
        const may = [NODES[name], ADMIN].includes(from);
        assert.is(status, may ? 200 : 403, `${from}: ${path}`);
        assert.is(headers['cache-control'], 'no-store', path);
        if (!may) assertNoData(body, path);
        else assert.equal([parse(body).os.hostname, parse(body).token], [name, SECRETS.cluster_token], path);
      }
    }
  }
});

test("a URL without an identifier serves the script and the configuration of the client's IP address", async () => {
  for (const query of QUERIES) {
    for (const [name, from] of [...Object.entries(NODES), ['by-mac', SECOND_NIC] as const]) {
      for (const path of BY_CALLER.ipxe) {
        const { status, body, headers } = await box.get(from, path + query);
        assert.equal([status, headers['cache-control']], [200, 'no-store'], path);
        assert.match(body, `#!ipxe\n# ${name}, a node of cloud\n`);
      }
      for (const path of BY_CALLER.config) {
        const { status, body } = await box.get(from, path + query);
        assert.is(status, 200, path);
        assert.is(parse(body).os.hostname, name);
      }
    }
    for (const from of [ADMIN, IMAGE, UNKNOWN]) {
      for (const path of BY_CALLER.ipxe) {
        const { status, body, headers } = await box.get(from, path + query);
        assert.equal(
          [status, headers['cache-control'], headers['content-type']],
          [200, 'no-store', 'text/plain'],
        );
        assert.is(body, '#!ipxe\n:start\nchain --replace --autofree /boot.ipxe || sleep 10\ngoto start\n');
      }
      for (const path of BY_CALLER.config) {
        const { status, body } = await box.get(from, path + query);
        assert.is(status, 404, path);
        assertNoData(body, path);
      }
    }
  }
});

test('nginx answers only GET and HEAD', async () => {
  const paths = [...BY_CALLER.ipxe, ...BY_CALLER.config, `/ipxe/${UUID}`, `/ipxe/${NODES['by-uuid']}.ipxe`];
  for (const path of paths) {
    const ask = (method: string) =>
      box.ask({ from: NODES['by-uuid'], text: `${method} ${path} HTTP/1.0\r\nHost: ${SERVER}\r\n\r\n` });
    const head = await ask('HEAD');
    assert.equal([head.status, head.body], [200, ''], path);
    for (const method of ['POST', 'PUT', 'DELETE']) assert.is((await ask(method)).status, 405, path);
  }
});

test('an unknown name is 404, an invalid one 400, and a path elsewhere 404, for every client', async () => {
  const unknown = [
    '10.0.0.99.ipxe',
    '10.0.0.99',
    // The IP address of a node with a MAC address: its files are named by the MAC address.
    NODES['by-mac'],
    '999.999.999.999',
    ...uuids('4c4c4544-0042-3510-8057-b7c04f4d3333'),
    ...uuids('00000000-0000-0000-0000-ffff0a00000c'),
    ...serials('X1'),
    `serial/${SERIAL.toLowerCase()}.ipxe`,
    '52:54:00:aa:01:02',
  ];
  const malformed = [
    '10.0.0',
    '10.0.0.11.yaml',
    '10.0.0.11.12',
    'x10.0.0.11',
    '10.0.0.1111',
    `${UUID}.yaml`,
    `${UUID}0`,
    UUID.replaceAll('-', ''),
    UUID.replaceAll('-', ':'),
    'serial',
    'serial/',
    'serial/a%20b.ipxe',
    'serial/%20a.ipxe',
    'serial/-.ipxe',
    'serial/To%20be%20filled.ipxe',
  ];
  for (const from of CLIENTS) {
    for (const [segments, expected] of [
      [unknown, 404],
      [malformed, 400],
    ] as const) {
      for (const path of segments.map((one) => `/ipxe/${one}`)) {
        const { status, body, headers } = await box.get(from, path);
        assert.equal([status, headers['cache-control']], [expected, 'no-store'], `${from}: ${path}`);
        assertNoData(body, path);
      }
    }
    for (const path of [
      '/harvester',
      '/harvester/',
      '/harvester/boot.php/',
      '/harvester/boot.php/x',
      '/ipxe/a/b',
    ])
      assert.is((await box.get(from, path)).status, 404, path);
    for (const path of [`/config/serial/${SERIAL}.yaml`, '/config/serial/x'])
      assert.is((await box.get(from, path)).status, 400, path);
  }
});

test('a missing file is 404 and not 403, since its own machine may request it', async () => {
  const from = NODES['by-mac'];
  assert.equal(await answerTo(from, `/ipxe/${from}`), [
    404,
    'There is no script with that name. A machine with a MAC in the inventory has its script under that MAC, not its IP address.\n',
  ]);
  await serve(edited(SITE, ['  by-mac:\n', '  by-mac:\n    boot: { os: local }\n']));
  for (const path of ['/config', '/config/52:54:00:aa:01:01', `/config/${LIKE_A_MAC}`])
    assert.equal(
      await answerTo(from, path),
      [
        404,
        'There is no configuration with that name. Only a machine that installs Harvester has one, under its MAC if the inventory contains it.\n',
      ],
      path,
    );
  await serve(SITE);
});

async function answerTo(from: string, path: string): Promise<[number, string]> {
  const { status, body } = await box.get(from, path);
  return [status, body];
}

test('no spelling of a path leads to the files of another node', async () => {
  const ways = Object.values(SCRIPTS)
    .flat()
    .filter((path) => !SCRIPTS['by-serial'].includes(path))
    .flatMap((aim) => [
      `/ipxe/serial/../${aim}`,
      `/ipxe/serial/${SERIAL}.ipxe/../../${aim}`,
      `/ipxe/../config/${aim.replace('.ipxe', '.yaml')}`,
      `/ipxe/${aim},serial/${SERIAL}.ipxe`,
      `/ipxe/${aim}%20${NODES['by-serial']}.ipxe`,
      `/ipxe//${aim}`,
      `/%69pxe/${aim}`,
      `/harvester/boot.php/../../ipxe/${aim}`,
      `http://${NODES['by-ip']}/ipxe/${aim}`,
    ]);
  for (const from of [NODES['by-serial'], UNKNOWN]) {
    for (const path of ways) {
      const { status, body } = await box.get(from, path);
      assert.ok([400, 403, 404].includes(status), `${from}: ${path}: ${status}`);
      assertNoData(body, path);
    }
  }
});

test('configurations that are served by https are on no other port', async () => {
  const tls =
    'tls: { certificate: /etc/ssl/one.pem, key: /etc/ssl/one.key, url: "https://boot.example.org" }';
  const { tree, diagnostics } = await compile(
    makeSite(edited(SITE, ['server:\n', `server:\n  ${tls}\n`]), 'cloud'),
  );
  const file = tree?.get('nginx/cloud.conf');
  assert.ok(file, diagnostics.map(({ message }) => message).join('\n'));
  const [, plain = '', https = ''] = String(Buffer.from(file.content)).split('\nserver {\n');
  for (const path of ['/ipxe/?\\z', '/harvester/boot.php {', '/ipxe/([0-9A-Fa-f]{4})']) {
    assert.ok(plain.includes(path), path);
    assert.not.ok(https.includes(path), path);
  }
  for (const path of ['/config/?\\z', '/config/([0-9A-Fa-f]{4})']) {
    assert.not.ok(plain.includes(path), path);
    assert.ok(https.includes(path), path);
  }
});

test('a plain web server has the names that machines request, that of the seed, and the media', async () => {
  const inventory = edited(SITE, ['server:\n', 'server:\n  compat: [oci]\n']);
  const { tree } = await compile(makeSite(inventory, 'cloud'));
  assert.ok(tree);
  const plain = await servePlainly(box, tree, { server: SERVER, from: UNKNOWN, secrets: SECRETS });
  const { ask } = plain;
  try {
    const first = await ask('/harvester/boot.php');
    assert.is(first.status, 200);
    assert.match(
      first.body,
      /^#!ipxe\n# [^\n]+\n:start\nchain --replace --autofree \.\.\/boot\.ipxe \|\| sleep 10\n/,
    );
    const found: readonly (readonly [Name, string])[] = [
      ['by-ip', `${NODES['by-ip']}.ipxe`],
      ['by-uuid', `${UUID}.ipxe`],
      ['by-serial', `serial/${SERIAL}.ipxe`],
      ['by-mac', '52-54-00-aa-01-01.ipxe'],
    ];
    for (const [name, path] of found)
      assert.match((await ask(`/ipxe/${path}`)).body, `# ${name}, a node of cloud\n`);
  } finally {
    await plain.stop();
  }
});

test('nginx finds each of thousands of nodes, and logs no warning', async () => {
  const count = 5000;
  const uuidOf = (n: number) => `4c4c4544-0042-3510-8057-${macOf(n).key.replaceAll('-', '')}`;
  const inventory = edited(bigPlant(count), [
    'url: http://10.1.250.7',
    `url: http://${SERVER}\n  allow: [${ADMIN}]`,
  ])
    .replace(/pool: \S+/, 'server: external')
    .replace(/mac: [0-9a-f:]+, ip: 10\.1\.(\d+)\.(\d+)/g, (_, high, low) => {
      const n = Number(high) * 250 + Number(low) - 1;
      return `ip: ${addressOf(n)}, uuid: ${uuidOf(n)}, serial: S${n}`;
    });
  await serve(inventory);
  await box.addresses(addressOf(4999));
  for (const n of [1, 2, 255, 256, 4999, 5000]) {
    const paths = [`${addressOf(n)}.ipxe`, uuidOf(n).toUpperCase(), `serial/S${n}.ipxe`];
    for (const path of paths) {
      assert.match((await box.get(ADMIN, `/ipxe/${path}`)).body, `# node-${n}, a node of plant\n`);
      assert.is((await box.get(addressOf(4999), `/ipxe/${path}`)).status, n === 4999 ? 200 : 403);
    }
  }
  assert.match((await box.get(addressOf(4999), '/ipxe')).body, '# node-4999, a node of plant\n');
  assert.match(parse((await box.get(addressOf(4999), '/config')).body).os.hostname, 'node-4999');
});

test.run();

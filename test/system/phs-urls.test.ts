// needs: root nginx busybox unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../../src/compile.ts';
import type { Site } from '../../src/site/model.ts';
import { bigPlant, macOf } from '../support/big-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import type { Answer } from './asker.ts';
import { servePlainly } from './plain-server.ts';
import { openWebBox, type WebBox } from './web-box.ts';

/** The clients: two nodes, an administrator, the IP address that boot images of phs use, and an unknown machine. */
const SERVER = '192.168.178.7';
const [FIRST, SECOND, THIRD] = ['192.168.178.31', '192.168.178.32', '192.168.178.33'] as const;
const ADMIN = '192.168.178.15';
const IMAGE = '192.168.178.252';
const UNKNOWN = '192.168.178.222';
const CLIENTS = [FIRST, SECOND, ADMIN, IMAGE, UNKNOWN];

const MACS = {
  [FIRST]: '52:54:00:ab:0c:01',
  [SECOND]: '52:54:00:ab:0c:0d',
  [THIRD]: '52:54:00:ab:0c:0e',
} as const;
const TOKEN = 'the-token-of-the-plant';
const PASSWORD = 'the-password-of-root';
/** The port of phs, which every image made for it contains. */
const PORT = 10000;

/** A site that has replaced a phs: static IP addresses, files from the release server. */
const SITE = `site: plant
harvester: { version: v1.6.1 }
server:
  url: http://${SERVER}
  ports: [${PORT}]
  media: https://releases.rancher.com/harvester
  allow: [${ADMIN}]
  allow_scripts: [${IMAGE}]
networks:
  mgmt: { subnet: 192.168.178.0/24, gateway: 192.168.178.1, dns: [192.168.178.3] }
cluster: { vip: 192.168.178.40, token: "\${secret:cluster_token}" }
defaults:
  config:
    os:
      ntp_servers: [ntp.example.org]
      ssh_authorized_keys: ["github:your_username"]
      password: \${secret:password}
    install: { device: /dev/disk/by-path/pci-0000:00:17.0-ata-1 }
nodes:
  harv-1: { mode: create, nics: [{ name: enp1s0, mac: "${MACS[FIRST]}", ip: ${FIRST} }] }
  harv-2: { nics: [{ name: enp1s0, mac: "${MACS[SECOND]}", ip: ${SECOND} }] }
  harv-3: { nics: [{ name: enp1s0, mac: "${MACS[THIRD]}", ip: ${THIRD} }] }
`;
const SECRETS = { cluster_token: TOKEN, password: PASSWORD };

/** The entries of phs's own file for these machines. Source of its answers: main.go, returnIPXEScript and returnConfig. */
const PHS = {
  server: `http://${SERVER}`,
  downloadserver: 'https://releases.rancher.com',
  netmask: '255.255.255.0',
  gateway: '192.168.178.1',
  interface: 'enp1s0',
  version: 'v1.6.1',
  configs: {
    [FIRST]: {
      token: TOKEN,
      os: { hostname: 'harv-1', password: PASSWORD, dns_nameservers: ['192.168.178.3'] },
      install: { mode: 'create', device: '/dev/disk/by-path/pci-0000:00:17.0-ata-1', vip: '192.168.178.40' },
    },
    [SECOND]: {
      server_url: 'https://192.168.178.40:443',
      token: TOKEN,
      os: {
        password: PASSWORD,
        ssh_authorized_keys: ['github:your_username'],
        ntp_servers: ['ntp.example.org'],
      },
      install: { mode: 'join', device: '/dev/disk/by-path/pci-0000:00:17.0-ata-1' },
    },
  },
} as const;

function phsScript(node: typeof FIRST | typeof SECOND): string {
  const { downloadserver, server, version, gateway, netmask } = PHS;
  const base = `${downloadserver}/harvester/${version}/harvester-${version}`;
  return [
    '#!ipxe',
    `kernel ${base}-vmlinuz-amd64 ip=${node}::${gateway}:${netmask}:harvester:${PHS.interface}:off rd.cos.disable rd.noverifyssl root=live:${base}-rootfs-amd64.squashfs console=ttyS0 console=tty1 harvester.install.automatic=true harvester.install.config_url=${server}:${PORT}/config/${MACS[node]} net.ifnames=1`,
    `initrd ${base}-initrd-amd64`,
    'boot',
    '',
  ].join('\n');
}

/** Returns every spelling of a MAC address that phs accepted, and the forms that a browser sends. */
function spellings(mac: string): string[] {
  const hyphens = mac.replaceAll(':', '-');
  const mixed = mac.replace(':', '-').replace('ab', 'aB');
  const all = [mac, hyphens, mixed, mac.toUpperCase(), hyphens.toUpperCase(), mac.replaceAll(':', '%3A')];
  return all.flatMap((one) => [one, `${one}/`]);
}

const test = suite('URLs that phs answers, with the real nginx');
let box: WebBox;
let site: Site;

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(...CLIENTS);
  await serve(SITE);
});

test.after(() => box?.close());

async function serve(inventory: string): Promise<void> {
  site = await box.deploy(inventory);
  await box.include(site, SECRETS);
  await box.start(site);
}

const get = (from: string, path: string) => box.get(from, path, { port: PORT });

/** Asserts that an answer contains no data of a node, no secret and no part of the request. */
function assertNoData(body: string, path: string): void {
  assert.not.match(body, /harv-\d|192\.168|52[:-]54|the-token|the-password|@@secret|releases/i, path);
  const [, , segment = ''] = path.split('/');
  if (segment.length > 3) assert.not.ok(body.includes(decodeURIComponent(segment)), path);
}

for (const node of [FIRST, SECOND] as const) {
  test(`/ipxe/<mac> of ${node}: the same files, IP addresses and configuration, by every spelling`, async () => {
    const was = meaning(phsScript(node));
    const canonical = await get(node, `/ipxe/${MACS[node].replaceAll(':', '-')}.ipxe`);
    for (const spelling of spellings(MACS[node])) {
      const path = `/ipxe/${spelling}`;
      const { status, body, headers } = await get(node, path);
      assert.equal(
        [status, headers['content-type'], headers['cache-control']],
        [200, 'text/plain', 'no-store'],
        path,
      );
      assert.is(body, canonical.body, path);
      assert.equal(meaning(body), was, path);
    }
  });

  test(`/config/<mac> of ${node}: every value of phs, by every spelling`, async () => {
    for (const spelling of spellings(MACS[node])) {
      const path = `/config/${spelling}`;
      const { status, body, headers } = await get(node, path);
      assert.equal(
        [status, headers['content-type'], headers['cache-control']],
        [200, 'text/plain', 'no-store'],
        path,
      );
      assert.equal([headers.etag, headers['x-content-type-options']], [undefined, 'nosniff'], path);
      assert.equal(among(parse(body), PHS.configs[node]), PHS.configs[node], path);
    }
  });
}

test('files are for the node, and for clients in server.allow and server.allow_scripts', async () => {
  for (const spelling of spellings(MACS[FIRST])) {
    const statuses = async (path: string) => {
      const answers = await Promise.all(CLIENTS.map((from) => get(from, path)));
      for (const { status, body } of answers) if (status !== 200) assertNoData(body, path);
      return answers.map(({ status }) => status);
    };
    assert.equal(await statuses(`/ipxe/${spelling}`), [200, 403, 200, 200, 403], spelling);
    assert.equal(await statuses(`/config/${spelling}`), [200, 403, 200, 403, 403], spelling);
  }
  // By their own names, too.
  const key = MACS[FIRST].replaceAll(':', '-');
  assert.is((await get(IMAGE, `/ipxe/${key}.ipxe`)).status, 200);
  assert.is((await get(IMAGE, `/config/${key}.yaml`)).status, 403);
  assert.is((await get(IMAGE, '/inventory.json')).status, 403);
});

test('the additional port answers like the port of the URL', async () => {
  // Two requests may fall into two seconds: their `Date` differs then, and nothing else may.
  const but = ({ headers: { date, ...headers }, ...answer }: Answer) => ({ ...answer, headers });
  for (const path of [`/ipxe/${MACS[FIRST]}`, `/config/${MACS[FIRST]}`, '/', '/boot.ipxe', '/ipxe/x'])
    assert.equal(but(await box.get(FIRST, path)), but(await get(FIRST, path)), path);
});

test('an unknown MAC is 404 and another segment 400, for every client, without details', async () => {
  const unknown = [
    '52:54:00:ab:0c:02',
    '00:00:00:00:00:00',
    'FF:FF:C0:A8:B2:1F',
    '00-00-c0-a8-b2-1f',
    '00:01:52:54:00:ab',
  ];
  const malformed = [
    ...[
      'x',
      'all',
      '52:54:00:ab:0c',
      `${MACS[FIRST]}:00`,
      '525400ab0c01',
      '52.54.00.ab.0c.01',
      '5254.00ab.0c01',
    ],
    ...[
      '::1:5254:00ab:0c01',
      '52:54:00:ab:0c:0g',
      '52:54:00:ab:0c:1',
      `x${MACS[FIRST]}`,
      `${MACS[FIRST]}x`,
      '..%00',
    ],
    ...[
      `${MACS[FIRST]}.txt`,
      `${MACS[FIRST]}.yaml`,
      '%20',
      '%7bshell%7d',
      '$%7bnet0/mac%7d'.replace('/', '%3f'),
    ],
    ...['${net0:hwaddr}', '%3Cscript%3E', '::ffff:192.168.178.31'],
  ];
  for (const from of CLIENTS) {
    for (const folder of ['ipxe', 'config']) {
      for (const [segments, expected, words] of [
        [unknown, 404, 'No machine of this site has that MAC.\n'],
        [
          malformed,
          400,
          'The URL contains no MAC, such as 00-00-5e-00-53-01, and no other identifier of a machine.\n',
        ],
      ] as const) {
        for (const path of segments.flatMap((one) => [`/${folder}/${one}`, `/${folder}/${one}/`])) {
          const { status, body, headers } = await get(from, path);
          assert.is(status, expected, `${from}: ${path}`);
          // nginx itself rejects an invalid path.
          if (!path.includes('%00')) {
            assert.equal([body, headers['cache-control']], [words, 'no-store'], path);
          }
          assertNoData(body, path);
        }
      }
    }
  }
});

test('/ describes the server to every client; directories and /all are not there', async () => {
  for (const from of CLIENTS) {
    const { status, headers, body } = await get(from, '/');
    assert.equal(
      [status, headers['content-type'], headers['x-content-type-options']],
      [200, 'text/html', 'nosniff'],
    );
    assert.match(body, /This is the boot server of plant[\s\S]*\/ipxe\/MAC\.ipxe/);
    assertNoData(body, '/');
    for (const path of ['/all', '/all/', '/ipxe/a/b', '/www/', '/ALL'])
      assert.is((await get(from, path)).status, 404, path);
  }
  const text = `HEAD / HTTP/1.0\r\nHost: ${SERVER}:${PORT}\r\n\r\n`;
  const head = await box.ask({ from: UNKNOWN, port: PORT, text });
  assert.equal([head.status, head.body], [200, '']);
});

test('nginx answers only GET and HEAD', async () => {
  for (const path of ['/', '/all', `/ipxe/${MACS[FIRST]}`, `/config/${MACS[FIRST]}`]) {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const text = `${method} ${path} HTTP/1.0\r\nHost: ${SERVER}\r\n\r\n`;
      assert.is((await box.ask({ from: FIRST, port: PORT, text })).status, 405, `${method} ${path}`);
    }
  }
});

test('no spelling of a path leads to the files of another node', async () => {
  const [own, other] = [MACS[FIRST], MACS[SECOND]];
  const ways = spellings(other).flatMap((aim) => [
    `/ipxe/../config/${aim}`,
    `/config/${own}/../${aim}`,
    `/config/${own}%2f..%2f${aim}`,
    `/config/${own}%00${aim}`,
    `/config/${own}%0a${aim}`,
    `/config/${aim}%0a`,
    `/config/${aim}%0a${own}`,
    `/config/${aim}?${own}`,
    `/config/${aim}#${own}`,
    `/config/${aim};${own}`,
    `/config//${aim}`,
    `//config/./${aim}`,
    `/%63onfig/${aim}`,
    `/config%2f${aim}`,
    `/config/${aim}.yaml`,
    `/config/${aim}/${own}`,
    `/config/${own}/${aim}`,
    `/boot.ipxe/../config/${aim}`,
    `/all/../config/${aim}`,
    `http://${SERVER}/config/${aim}`,
    `http://${FIRST}/config/${aim}`,
  ]);
  for (const from of [FIRST, IMAGE, UNKNOWN]) {
    for (const path of ways) {
      const { status, body } = await get(from, path);
      assert.ok([400, 403, 404].includes(status), `${from}: ${path}: ${status}`);
      assert.not.match(body, /harv-|the-token|the-password|@@secret/, path);
    }
  }
});

test('with compat: [phs-all], /all describes the site to clients in server.allow, without a secret', async () => {
  await serve(edited(SITE, ['server:\n', 'server:\n  compat: [phs, phs-all]\n']));
  for (const path of ['/all', '/all/']) {
    for (const from of CLIENTS) {
      const { status, body, headers } = await get(from, path);
      assert.equal(
        [status, headers['cache-control']],
        [from === ADMIN ? 200 : 403, 'no-store'],
        `${from}: ${path}`,
      );
      if (status !== 200) assertNoData(body, path);
    }
    const { body, headers } = await get(ADMIN, path);
    assert.is(headers['content-type'], 'application/json');
    assert.not.match(body, /the-token|the-password|@@secret|\$\{/);
    const { server, downloadserver, maclist, Indices } = JSON.parse(body);
    assert.equal([server, downloadserver], [`http://${SERVER}`, PHS.downloadserver]);
    assert.equal(Indices, { [MACS[FIRST]]: 0, [MACS[SECOND]]: 1, [MACS[THIRD]]: 2 });
    assert.equal(
      maclist
        .slice(0, 2)
        .map(
          ({
            macaddress,
            values: { config, ...values },
          }: {
            macaddress: string;
            values: { config: object };
          }) => ({
            macaddress,
            ...values,
          }),
        ),
      ([FIRST, SECOND] as const).map((ipaddress) => ({
        macaddress: MACS[ipaddress],
        ipaddress,
        netmask: PHS.netmask,
        gateway: PHS.gateway,
        interface: PHS.interface,
        version: PHS.version,
        type: PHS.configs[ipaddress].install.mode,
      })),
    );
  }
  // The files for a plain web server change nothing here.
  assert.match((await get(FIRST, `/config/${MACS[FIRST]}`)).body, TOKEN);
  assert.is((await get(SECOND, `/config/${MACS[FIRST]}`)).status, 403);
  for (const path of ['/www/all', '/all.json', '/all/x'])
    assert.is((await get(ADMIN, path)).status, 404, path);
});

test('a plain web server answers with the files of a tree with substituted secrets, and lists none', async () => {
  const { tree } = await compile(makeSite(edited(SITE, ['server:\n', 'server:\n  compat: [phs]\n'])));
  assert.ok(tree);
  const plain = await servePlainly(box, tree, { server: SERVER, from: UNKNOWN, secrets: SECRETS });
  const { ask } = plain;
  try {
    for (const node of [FIRST, SECOND] as const) {
      assert.equal(meaning((await ask(`/ipxe/${MACS[node]}`)).body), meaning(phsScript(node)));
      const config = parse((await ask(`/config/${MACS[node]}`)).body);
      assert.equal(among(config, PHS.configs[node]), PHS.configs[node]);
    }
    assert.match((await ask('/')).body, 'This is the boot server of plant.');
    for (const path of ['/ipxe/', '/config/', '/ipxe/52:54:00:ab:0c:02', '/config/x', '/all'])
      assert.is((await ask(path)).status, 404, path);
  } finally {
    await plain.stop();
  }
});

test('nginx finds each of thousands of nodes, and logs no warning', async () => {
  const nodes = 5000;
  await serve(
    edited(bigPlant(nodes), ['url: http://10.1.250.7', `url: http://${SERVER}:${PORT}\n  allow: [${ADMIN}]`]),
  );
  assert.not.match(await box.log(), /\[(warn|error|emerg)\]/);
  for (const n of [1, 2, 255, 256, 4999, 5000]) {
    const { status, body } = await get(ADMIN, `/ipxe/${macOf(n).mac.toUpperCase()}`);
    assert.is(status, 200);
    assert.match(body, `# node-${n}, a node of plant\n`);
  }
  assert.is((await get(ADMIN, `/ipxe/${macOf(5001).mac}`)).status, 404);
});

test.run();

/** Returns the effect of an iPXE script: the files that it loads, and the arguments of the kernel about the node. */
function meaning(script: string) {
  const kernel = /^kernel (\S+) (.*?)(?: \|\| goto \w+)?$/m.exec(script);
  const initrd = /^initrd (\S+)/m.exec(script)?.[1];
  const words = kernel?.[2]?.split(' ') ?? [];
  const argument = (name: string) =>
    words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const [ip, , gateway, netmask, , nic] = argument('ip')?.split(':') ?? [];
  const config = new URL(argument('harvester.install.config_url') ?? '');
  return {
    begins: script.startsWith('#!ipxe\n'),
    boots: /^boot\b/m.test(script),
    kernel: kernel?.[1],
    initrd,
    root: argument('root'),
    automatic: argument('harvester.install.automatic'),
    names: argument('net.ifnames'),
    ...{ ip, gateway, netmask, nic },
    // By either name, at either port.
    server: config.hostname,
    config: config.pathname
      .replace(/^\/config\//, '')
      .replace(/\.yaml$/, '')
      .replaceAll('-', ':'),
  };
}

/** Returns the values of a configuration at the keys of another one. */
function among(value: unknown, keys: unknown): unknown {
  if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) return value;
  return Object.fromEntries(
    Object.entries(keys).map(([key, inner]) => [
      key,
      among((value as Record<string, unknown>)?.[key], inner),
    ]),
  );
}

// needs: root nginx unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Site } from '../../src/site/model.ts';
import { edited, PLANT, plantCalled } from '../support/plant.ts';
import type { Answer } from './asker.ts';
import { openWebBox, type WebBox } from './web-box.ts';

/** The clients: three nodes, an administrator (server.allow), another one of a subnet, and an unknown machine. */
const SERVER = '192.168.178.7';
const NODES = ['192.168.178.41', '192.168.178.42', '192.168.178.43'] as const;
const [FIRST, SECOND] = NODES;
const ADMIN = '192.168.178.15';
const NEIGHBOUR = '192.168.178.99';
const UNKNOWN = '192.168.178.222';

const macOf = (address: string) => `52-54-00-aa-01-0${Number(address.slice(-1))}`;
const scriptOf = (address: string) => `/ipxe/${macOf(address)}.ipxe`;
const configOf = (address: string) => `/config/${macOf(address)}.yaml`;

const ALLOW = `url: http://${SERVER}\n  allow: [${ADMIN}, 192.168.178.96/28]`;
const SITE = edited(
  PLANT,
  [`url: http://${SERVER}`, ALLOW],
  ['os: {', 'os: { password: "${secret:password}",'],
);
/** The same site with another secret; its tree is deployed while nginx still has the old configuration. */
const NEWER = SITE.replace('secret:password}', 'secret:other_password}');
const SECRETS = { cluster_token: 'the-token-of-the-plant', password: 'the "password" of root' };
const KERNEL = 'harvester-v1.4.1-vmlinuz-amd64';
const KERNEL_SIZE = 20_000_000;
/** The number of requests at once, which is below nginx's limit for one IP address. */
const AT_ONCE = 25;

const test = suite('access to files, with the real nginx');
let box: WebBox;
let site: Site;
/** Started before the tests, because it takes as long as most of them together. */
let slow: Promise<Answer & { milliseconds: number }>;

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(...NODES, ADMIN, NEIGHBOUR, UNKNOWN);
  site = await box.deploy(SITE);
  await box.include(site, SECRETS);
  const make = `mkdir -p /srv/harvgen/media/v1.4.1 /srv/harvgen/tftp &&
    cd /srv/harvgen/media && truncate -s ${KERNEL_SIZE} v1.4.1/${KERNEL} && echo hidden >v1.4.1/.hidden && echo top >top &&
    echo loader >../tftp/snponly.efi && echo other >../tftp/other && echo near >../mediaX && chmod -R a+rX /srv/harvgen`;
  await box.sandbox.run(['sh', '-c', make]);
  await box.start(site);
  const start = Date.now();
  const begun = box.ask({ from: FIRST, text: `GET ${scriptOf(FIRST)} HTTP/1.1\r\nHost: ` });
  slow = begun.then((answer) => ({ ...answer, milliseconds: Date.now() - start }));
});

test.after(() => box?.close());

const statusOf = async (from: string, path: string) => (await box.get(from, path)).status;

test("each node gets its own script and configuration, and 403 for the others'", async () => {
  for (const node of NODES) {
    for (const other of NODES) {
      const status = node === other ? 200 : 403;
      assert.is(await statusOf(node, scriptOf(other)), status, `${node}: ${scriptOf(other)}`);
      assert.is(await statusOf(node, configOf(other)), status, `${node}: ${configOf(other)}`);
    }
    const { body } = await box.get(node, configOf(node));
    assert.match(body, 'token: "the-token-of-the-plant"\n');
    assert.match(body, 'password: "the \\"password\\" of root"\n');
    assert.not.match(body, '@@secret');
    assert.match((await box.get(node, scriptOf(node))).body, `# harv-${node.slice(-1)}, a node of plant\n`);
  }
});

test('an unknown machine gets 403 for the files of nodes, and 200 for public files', async () => {
  for (const node of NODES) {
    assert.is(await statusOf(UNKNOWN, scriptOf(node)), 403);
    assert.is(await statusOf(UNKNOWN, configOf(node)), 403);
  }
  assert.is(await statusOf(UNKNOWN, '/boot.ipxe'), 200);
  assert.is(await statusOf(UNKNOWN, '/loader/snponly.efi'), 200);
  const { status, body } = await box.get(UNKNOWN, `/harvester/v1.4.1/${KERNEL}`);
  assert.equal([status, body.length], [200, KERNEL_SIZE]);
});

test('clients in server.allow get all files; only they get the description of the site', async () => {
  for (const allowed of [ADMIN, NEIGHBOUR]) {
    for (const node of NODES) {
      assert.is(await statusOf(allowed, scriptOf(node)), 200);
      assert.match((await box.get(allowed, configOf(node))).body, 'the-token-of-the-plant');
    }
    const { status, body, headers } = await box.get(allowed, '/inventory.json');
    assert.equal([status, headers['content-type']], [200, 'application/json']);
    assert.not.match(body, 'the-token');
  }
  for (const other of [...NODES, UNKNOWN]) assert.is(await statusOf(other, '/inventory.json'), 403);
});

test('a missing file is 404, an invalid MAC is 400, and no directory is listed', async () => {
  const paths = [
    ...['/harvester', '/harvester/', '/harvester/v1.4.1', '/harvester/v1.4.1/'],
    ...[
      '/loader',
      '/loader/',
      '/loader/other',
      '/index.html',
      '/favicon.ico',
      '/www/boot.ipxe',
      '/boot.ipxe/',
      '/BOOT.IPXE',
    ],
    ...[
      '/manifest.json',
      '/README.md',
      '/nginx/plant.conf',
      '/dnsmasq/plant.conf',
      '/.git/config',
      '/.harvgen/',
      '/inventory.json/',
    ],
    ...[
      '/harvester/top',
      '/harvester/v1.4.1/.hidden',
      '/harvester/v1.4.1/none',
      '/harvesterX',
      '/harvester/v1.4.1/..',
    ],
    ...['/ipxe/52-54-00-aa-01-09.ipxe', '/config/52-54-00-aa-01-09.yaml', '/config/52-54-00-aa-01-09'],
    ...[
      `/Config/${macOf(FIRST)}.yaml`,
      `/config/${macOf(FIRST)}/x`,
      `/ipxe/x/${macOf(FIRST)}`,
      '/all',
      '/all/',
    ],
  ];
  const notMacs = [
    ...['52-54-00-AA-01-01.yaml', '52:54:00:aa:01:01.yaml', `${macOf(FIRST)}.yaml/`, `${macOf(FIRST)}.yaml~`],
    ...[
      `${macOf(FIRST)}.yaml.bak`,
      `${macOf(FIRST)}.ipxe`,
      `x${macOf(FIRST)}`,
      `${macOf(FIRST)}-01`,
      'x',
      '%20',
    ],
  ];
  for (const from of [FIRST, ADMIN, UNKNOWN]) {
    for (const [path, expected] of [
      ...paths.map((path) => [path, 404] as const),
      ...notMacs.map((name) => [`/config/${name}`, 400] as const),
    ]) {
      const { status, body } = await box.get(from, path);
      assert.is(status, expected, `${from}: ${path}`);
      assert.not.match(body, /Index of|harv-\d|v1\.4\.1|boot\.ipxe|52-54/, path);
    }
  }
});

test('nginx answers only GET and HEAD', async () => {
  const request = (method: string, path: string) =>
    box.ask({
      from: FIRST,
      text: `${method} ${path} HTTP/1.0\r\nHost: ${SERVER}\r\nContent-Length: 0\r\n\r\n`,
    });
  const MALFORMED = ['get', 'Get', 'G\tET', 'G@T'];
  const methods = [
    'POST',
    'PUT',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'TRACE',
    'CONNECT',
    'PROPFIND',
    'MKCOL',
    'LOCK',
    'GETX',
    'FOO',
  ];
  for (const path of [
    '/boot.ipxe',
    scriptOf(FIRST),
    configOf(FIRST),
    `/harvester/v1.4.1/${KERNEL}`,
    '/',
    '/inventory.json',
  ]) {
    for (const method of methods) {
      const { status, body } = await request(method, path);
      assert.is(status, method === 'CONNECT' && status === 400 ? 400 : 405, `${method} ${path}`);
      assert.not.match(body, /the-token|#!ipxe/);
    }
    for (const method of MALFORMED) assert.is((await request(method, path)).status, 400, method);
  }
  for (const path of ['/boot.ipxe', scriptOf(FIRST), configOf(FIRST), `/harvester/v1.4.1/${KERNEL}`]) {
    const { status, body } = await request('HEAD', path);
    assert.equal([status, body], [200, ''], path);
  }
  // The installer sends HEAD before it fetches the ISO.
  const { headers } = await request('HEAD', `/harvester/v1.4.1/${KERNEL}`);
  assert.equal([headers['content-length'], headers['accept-ranges']], [String(KERNEL_SIZE), 'bytes']);
});

test('scripts, configurations and their errors are not cached; content types are not sniffed', async () => {
  const asked = [
    [FIRST, '/boot.ipxe'],
    [FIRST, scriptOf(FIRST)],
    [FIRST, configOf(FIRST)],
    [UNKNOWN, scriptOf(FIRST)],
    [UNKNOWN, configOf(FIRST)],
    [ADMIN, '/inventory.json'],
  ] as const;
  for (const [from, path] of asked) {
    const { headers } = await box.get(from, path);
    assert.is(headers['cache-control'], 'no-store', path);
    assert.is(headers['x-content-type-options'], 'nosniff', path);
    assert.is(headers.server, 'nginx', path);
  }
  for (const path of ['/', `/harvester/v1.4.1/${KERNEL}`, '/loader/snponly.efi'])
    assert.is((await box.get(UNKNOWN, path)).headers['x-content-type-options'], 'nosniff', path);
  const { headers } = await box.get(FIRST, configOf(FIRST));
  assert.equal([headers['content-type'], headers.etag], ['text/plain', undefined]);
  const since = ['If-Modified-Since: Fri, 31 Dec 2999 00:00:00 GMT', 'If-None-Match: *', `Host: ${SERVER}`];
  assert.is((await box.get(FIRST, configOf(FIRST), { headers: since })).status, 200);
});

/** Paths that could lead out of their directory, or to the files of another node. */
function detours(): string[] {
  const ups = [
    '..',
    '%2e%2e',
    '.%2e',
    '%2e.',
    '%252e%252e',
    '..%00',
    '..;',
    '%c0%ae%c0%ae',
    '%uff0e%uff0e',
    '....',
    '..%20',
    '. .',
  ];
  const slashes = ['/', '%2f', '%2F', '%252f', '\\', '%5c', '//', '/./', '%c0%af', ';/'];
  const starts = [
    '',
    '/boot.ipxe',
    '/ipxe',
    '/config',
    '/harvester',
    '/harvester/v1.4.1',
    '/harvester/v1.4.1/x',
    '/loader',
    '/loader/snponly.efi',
    scriptOf(FIRST),
  ];
  const aims = [
    'etc/passwd',
    'etc/nginx/harvgen/plant.secrets.conf',
    'srv/harvgen/plant/manifest.json',
    'manifest.json',
    `config/${macOf(SECOND)}.yaml`,
    `www/config/${macOf(SECOND)}.yaml`,
    'plant/www/inventory.json',
    'inventory.json',
  ];
  return starts.flatMap((start) =>
    ups.flatMap((up) =>
      slashes.flatMap((slash) =>
        [1, 4].flatMap((times) => {
          const aim = aims[(start.length + up.length * 3 + slash.length * 5 + times) % aims.length];
          return `${start}${slash}${`${up}${slash}`.repeat(times)}${aim?.replaceAll('/', slash)}`;
        }),
      ),
    ),
  );
}

const ODD_PATHS = [
  '/harvester../mediaX',
  '/harvester../tftp/other',
  '/harvester/../tftp/other',
  '/harvester/../../tftp/other',
  '/loader../media/top',
  '/loader/../boot.ipxe/',
  '/harvester/v1.4.1/../../../etc/passwd',
  '/harvester/%2fetc%2fpasswd',
  '/harvester//etc/passwd',
  '/harvester/v1.4.1/%2e%2e%2f%2e%2e%2fmediaX',
  `/ipxe/../config/${macOf(SECOND)}.yaml`,
  `/ipxe/%2e%2e/config/${macOf(SECOND)}.yaml`,
  `//config//${macOf(SECOND)}.yaml`,
  `/./config/./${macOf(SECOND)}.yaml`,
  `/config/${macOf(FIRST)}.yaml/../${macOf(SECOND)}.yaml`,
  `/config/${macOf(FIRST)}.yaml%00/../${macOf(SECOND)}.yaml`,
  `/config/${macOf(FIRST)}.yaml\0${macOf(SECOND)}`,
  `/%63onfig/${macOf(SECOND)}.yaml`,
  `/config/${macOf(SECOND)}%2eyaml`,
  `/config%2f${macOf(SECOND)}.yaml`,
  `/config/${macOf(SECOND)}.yaml?${configOf(FIRST)}`,
  `/config/${macOf(SECOND)}.yaml#${configOf(FIRST)}`,
  `/config/${macOf(SECOND)}.yaml;x=1`,
  `${configOf(SECOND)}%0a`,
  `${configOf(SECOND)}%0d%0aX-A:b`,
  `/config/${macOf(FIRST)}.yaml%0a${macOf(SECOND)}.yaml`,
  `http://${SERVER}${configOf(SECOND)}`,
  `http://other${configOf(SECOND)}`,
  `https://${SERVER}${configOf(SECOND)}`,
  `http://${FIRST}@${SERVER}${configOf(SECOND)}`,
  `http://${SERVER}/../../etc/passwd`,
  'file:///etc/passwd',
  '/etc/passwd',
  '//etc/passwd',
  '///',
  '*',
  '/..',
  '/../',
  '/.',
  '/%',
  '/%2',
  '/%zz',
  '/%00',
  '/~root',
  `/${'../'.repeat(100)}etc/passwd`,
  `/${'%2e%2e/'.repeat(300)}etc/passwd`,
  '..',
  'config',
  '\\..\\..\\etc\\passwd',
];

test('no spelling of a path leads to a file that is not served or belongs to another node', async () => {
  const paths = [...detours(), ...ODD_PATHS];
  assert.ok(paths.length > 2000);
  for (const from of [FIRST, UNKNOWN]) {
    const answers: Answer[] = [];
    for (let at = 0; at < paths.length; at += AT_ONCE)
      answers.push(...(await Promise.all(paths.slice(at, at + AT_ONCE).map((path) => box.get(from, path)))));
    answers.forEach(({ status, body, error }, index) => {
      const path = paths[index] ?? '';
      // Some of these paths are long forms of a public path, or of this node's own path.
      const own = from === FIRST ? `# harv-1` : '# no node';
      const isOwn =
        status === 200 &&
        (body.startsWith('#!ipxe') || body.startsWith('<!DOCTYPE html>') || body.startsWith(own)) &&
        !/harv-[23]/.test(body);
      assert.ok(
        isOwn || [400, 403, 404, 414].includes(status),
        `${from}: ${path}: ${status} ${error} ${body}`,
      );
      assert.not.match(body, /root:|harv-[23]|sub_filter|"files"|near|hidden|top/, path);
    });
  }
});

test('a client is identified by the source IP address of its connection, whatever its headers claim', async () => {
  const claims = [
    'X-Forwarded-For',
    'X-Real-IP',
    'X-Client-IP',
    'X-Cluster-Client-IP',
    'CF-Connecting-IP',
    'True-Client-IP',
    'Client-IP',
    'Via',
    'From',
  ];
  const headers = [
    ...claims.map((name) => `${name}: ${FIRST}`),
    `Forwarded: for=${FIRST};host=${SERVER}`,
    'X-Original-URL: /boot.ipxe',
    'X-Rewrite-URL: /boot.ipxe',
    'X-HTTP-Method-Override: GET',
  ];
  for (const host of [
    SERVER,
    FIRST,
    'localhost',
    '127.0.0.1',
    `${SERVER}:80`,
    'plant',
    '',
    '../config',
    'a b',
  ]) {
    const { status, body } = await box.get(UNKNOWN, configOf(FIRST), {
      headers: [`Host: ${host}`, ...headers],
    });
    assert.ok([400, 403].includes(status), `${host}: ${status}`);
    assert.not.match(body, 'the-token');
  }
  const proxy = `PROXY TCP4 ${FIRST} ${SERVER} 1000 80\r\nGET ${configOf(FIRST)} HTTP/1.0\r\nHost: ${SERVER}\r\n\r\n`;
  assert.not.match((await box.ask({ from: UNKNOWN, text: proxy })).body, 'the-token');
  const twice = `GET ${configOf(FIRST)} HTTP/1.0\r\nHost: ${SERVER}\r\nHost: ${FIRST}\r\n\r\n`;
  assert.is((await box.ask({ from: UNKNOWN, text: twice })).status, 400);
});

test('each request of a connection is checked again', async () => {
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: ${SERVER}\r\n${more}\r\n`;
  const { status, body } = await box.ask({
    from: FIRST,
    text: get(scriptOf(FIRST)) + get(configOf(SECOND), 'Connection: close\r\n'),
  });
  assert.is(status, 200);
  assert.match(body, /HTTP\/1\.1 403 /);
  const smuggled = `GET ${scriptOf(FIRST)} HTTP/1.1\r\nHost: ${SERVER}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${get(configOf(SECOND))}`;
  assert.is((await box.ask({ from: FIRST, text: smuggled })).status, 400);
});

test('a download resumes by one range; a configuration is sent whole', async () => {
  const range = (text: string, path = `/harvester/v1.4.1/${KERNEL}`) =>
    box.get(FIRST, path, { headers: [`Host: ${SERVER}`, `Range: bytes=${text}`] });
  const rest = await range(`${KERNEL_SIZE - 10}-`);
  assert.equal([rest.status, rest.body.length], [206, 10]);
  assert.is((await range(`${KERNEL_SIZE}-`)).status, 416);
  const several = await range('0-1,4-5,8-9');
  assert.equal([several.status, several.body.length], [200, KERNEL_SIZE]);
  const whole = await range('0-3', configOf(FIRST));
  assert.is(whole.status, 200);
  assert.match(whole.body, 'the-token-of-the-plant');
});

test('requests that are too long or have a body are rejected', async () => {
  const bomb = (text: string) => box.ask({ from: FIRST, text: `GET ${text} HTTP/1.0\r\n\r\n` });
  assert.is((await bomb(`/${'a'.repeat(5000)}`)).status, 414);
  const line = `X-Bomb: ${'a'.repeat(5000)}\r\n`;
  const many = `GET /boot.ipxe HTTP/1.0\r\nHost: ${SERVER}\r\n${`X-Bomb: ${'a'.repeat(4000)}\r\n`.repeat(10)}\r\n`;
  for (const text of [`GET /boot.ipxe HTTP/1.0\r\nHost: ${SERVER}\r\n${line}\r\n`, many])
    assert.is((await box.ask({ from: FIRST, text })).status, 400);
  const body = `GET /boot.ipxe HTTP/1.0\r\nHost: ${SERVER}\r\nContent-Length: 5000\r\n\r\n`;
  assert.is((await box.ask({ from: FIRST, text: body })).status, 413);
});

test('one IP address can have 32 downloads at once, without an effect on another', async () => {
  const hold = () => box.get(UNKNOWN, `/harvester/v1.4.1/${KERNEL}`, { hold: true });
  const held = await Promise.all(Array.from({ length: 32 }, hold));
  assert.equal([...new Set(held.map(({ status }) => status))], [200]);
  assert.is(await statusOf(UNKNOWN, '/boot.ipxe'), 429);
  assert.is(await statusOf(FIRST, '/boot.ipxe'), 200);
});

test('the access log names the node, and contains no secret and no terminal control character', async () => {
  await box.ask({
    from: FIRST,
    text: `GET /quote HTTP/1.0\r\nHost: ${SERVER}\r\nUser-Agent: "\x1b[31mred\x7f\xff\\\r\n\r\n`,
  });
  await box.get(UNKNOWN, '/none');
  const log = await box.accessLog(site);
  assert.match(
    log,
    new RegExp(`^${FIRST} - harv-1 \\[[^\\]]+\\] "GET ${configOf(FIRST)} HTTP/1.0" 200 \\d+ "-" "-"$`, 'm'),
  );
  assert.match(
    log,
    new RegExp(
      `^${FIRST} - harv-1 .* "GET /quote HTTP/1.0" 404 \\d+ "-" "\\\\x22\\\\x1B\\[31mred\\\\x7F\\\\xFF\\\\x5C"$`,
      'm',
    ),
  );
  assert.match(log, new RegExp(`^${UNKNOWN} - - .* "GET /none HTTP/1.0" 404 `, 'm'));
  assert.match(log, new RegExp(`^${SECOND} - harv-2 `, 'm'));
  for (const text of [log, await box.log()]) assert.not.match(text, /the-token|the "password"/);
  assert.not.match(log, /[^\n\x20-\x7e]/);
});

test('a client that does not complete its request is disconnected', async () => {
  const { status, body, milliseconds } = await slow;
  assert.equal([[0, 408].includes(status), body], [true, '']);
  assert.ok(milliseconds < 30_000, String(milliseconds));
});

test('sites on one boot server do not mix, even with names that are equal as nginx variables', async () => {
  const names = ['a-b', 'a_b', `long-${'x'.repeat(58)}`];
  const sites = [site];
  for (const [index, name] of names.entries()) {
    const text = plantCalled(name, 50 + index).replace(
      `url: http://192.168.${50 + index}.7`,
      `url: http://${SERVER}:${8001 + index}`,
    );
    const other = await box.deploy(text);
    await box.include(other, { cluster_token: `token ${index}` });
    sites.push(other);
  }
  await box.start(...sites);
  await box.addresses('192.168.51.42');
  const path = '/config/52-54-00-aa-33-02.yaml';
  for (const [port, status] of [
    [80, 404],
    [8001, 404],
    [8002, 200],
    [8003, 404],
  ] as const) {
    const answer = await box.get('192.168.51.42', path, { port });
    assert.is(answer.status, status, String(port));
    if (status === 200) assert.match(answer.body, 'token: "token 1"\n');
  }
  assert.is((await box.get(FIRST, path, { port: 8002 })).status, 403);
  assert.is(await statusOf(FIRST, configOf(FIRST)), 200);
});

test("sites share a port by names too long for nginx's hash; duplicates in allow cause no warning", async () => {
  const hosts = { shorter: 'boot.example.org', one: hostOf(46), two: hostOf(47), three: hostOf(60) };
  const sites: Site[] = [];
  for (const [index, [name, host]] of Object.entries(hosts).entries()) {
    const url = `url: http://${host}:8010\n  allow: [${ADMIN}, 10.0.8.0/24, ${ADMIN}, 10.0.8.0/24]`;
    const text = edited(plantCalled(name, 60 + index), [`url: http://192.168.${60 + index}.7`, url]);
    const other = await box.deploy(text);
    await box.include(other, { cluster_token: `token ${index}` });
    sites.push(other);
  }
  await box.start(...sites);
  assert.not.match(await box.log(), /warn|duplicate|conflicting/);
  for (const [name, host] of Object.entries(hosts)) {
    for (const asked of [host, host.toUpperCase(), `${host}.`, `${host}:8010`]) {
      const { status, body } = await box.get(ADMIN, '/boot.ipxe', {
        port: 8010,
        headers: [`Host: ${asked}`],
      });
      assert.is(status, 200, asked);
      assert.match(body, `set site ${name}\n`, asked);
    }
  }
  for (const unlike of [`${hostOf(60)}.org`, `a${hostOf(60)}`, hostOf(60).replaceAll('.', 'x')]) {
    const { body } = await box.get(ADMIN, '/boot.ipxe', { port: 8010, headers: [`Host: ${unlike}`] });
    assert.match(body, 'set site shorter\n', 'the first server of the port serves every other name');
  }
});

/** Returns a host name of a length. */
function hostOf(length: number): string {
  return `${'boot-server-'.repeat(5).slice(0, length - 12)}.example.org`;
}

test('nginx never serves a placeholder: not with an include that lacks a secret, nor with a tree newer than its configuration', async () => {
  await box.start(site);
  assert.is(await statusOf(FIRST, configOf(FIRST)), 200);
  const newer = await box.deploy(NEWER);
  // nginx still runs with its old configuration.
  await expect503();
  await box.start(newer);
  await expect503();
  await box.include(newer, { cluster_token: SECRETS.cluster_token, other_password: 'new' });
  await box.start(newer);
  const { status, body } = await box.get(FIRST, configOf(FIRST));
  assert.is(status, 200);
  assert.match(body, 'password: "new"\n');
  assert.not.match(body, '@@secret');
  // A tree that needs the old values again is not served either.
  site = await box.deploy(SITE);
  await expect503();
});

test('nginx does not start if the include is missing or does not set what it substitutes', async () => {
  const failsWith = async (message: string) => {
    try {
      await box.start(site);
    } catch (error) {
      assert.match(String(error), message);
      return;
    }
    assert.unreachable('it started');
  };
  await box.include(
    site,
    "sub_filter '@@secret:cluster_token@@' 'x';\nsub_filter '@@secret:password@@' 'y';\n",
  );
  await failsWith('unknown "harvgen_plant_fills" variable');
  await box.include(site, '');
  await failsWith('unknown "harvgen_plant_fills" variable');
  await box.sandbox.run(['rm', '/etc/nginx/harvgen/plant.secrets.conf']);
  await failsWith('plant.secrets.conf" failed (2: No such file or directory)');
});

test.run();

/** Asserts that configurations are 503, that clients without access still get 403, and that scripts are served. */
async function expect503(): Promise<void> {
  const { status, body, headers } = await box.get(FIRST, configOf(FIRST));
  assert.equal([status, headers['cache-control']], [503, 'no-store']);
  assert.not.match(body, /token|@@/);
  assert.is(await statusOf(ADMIN, configOf(FIRST)), 503);
  assert.is(await statusOf(UNKNOWN, configOf(FIRST)), 403);
  assert.is(await statusOf(FIRST, '/config/52-54-00-aa-01-09.yaml'), 404);
  assert.is(await statusOf(FIRST, scriptOf(FIRST)), 200);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import { installer } from '../../src/plan/kernel-args.ts';
import type { Site } from '../../src/site/model.ts';
import { Report } from '../../src/source/diagnostics/report.ts';
import { selfLocation } from '../../src/source/origin.ts';
import { emitTargets } from '../../src/targets/emit.ts';
import { rendererOf } from '../../src/targets/render.ts';
import { textOf } from '../../src/tree/tree.ts';
import { edited, PLANT } from '../support/plant.ts';
import type { Question } from './asker.ts';
import { openWebBox, type WebBox } from './web-box.ts';
// needs: root nginx curl openssl unshare

import * as assert from 'uvu/assert';

const SERVER = '192.168.178.7';
const NODE = '192.168.178.41';
const UNKNOWN = '192.168.178.222';
const NAME = 'boot.example.org';
const SCRIPT = '/ipxe/52-54-00-aa-01-01.ipxe';
const CONFIG = '/config/52-54-00-aa-01-01.yaml';
const LOADER = '/loader/snponly.efi';

const TLS = 'tls: { certificate: /etc/ssl/boot.pem, key: /etc/ssl/private/boot.key';
const withUrl = (url: string, tls: string) =>
  edited(PLANT, [`url: http://${SERVER}`, `url: ${url}\n  ${tls}`]);
/** Only configurations by https, and everything by https except the iPXE binaries. */
const CONFIGURATIONS = withUrl(`http://${SERVER}`, `${TLS}, url: https://${NAME} }`);
const EVERYTHING = withUrl(`https://${NAME}`, `${TLS} }`);
const TWO_NAMES = withUrl(`https://${NAME}`, `${TLS}, url: https://config.${NAME}:8443 }`);

const test = suite('https, with the real nginx');
let box: WebBox;
let secure: { port: number; tls: NonNullable<Question['tls']>; headers: readonly string[] };

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(NODE, UNKNOWN);
  const ca = join(box.sandbox.folder, 'boot.pem');
  const key = join(box.sandbox.folder, 'boot.key');
  const names = `subjectAltName=DNS:${NAME},DNS:config.${NAME}`;
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await box.sandbox.run([
    'openssl',
    'req',
    '-x509',
    ...kind,
    '-days',
    '2',
    '-subj',
    `/CN=${NAME}`,
    '-addext',
    names,
    '-keyout',
    key,
    '-out',
    ca,
  ]);
  await box.sandbox.run(['install', '-D', '-m', '0644', ca, '/etc/ssl/boot.pem']);
  await box.sandbox.run(['install', '-D', '-m', '0600', key, '/etc/ssl/private/boot.key']);
  await box.sandbox.run([
    'sh',
    '-c',
    'mkdir -p /srv/harvgen/tftp && echo loader >/srv/harvgen/tftp/snponly.efi && chmod -R a+rX /srv/harvgen',
  ]);
  secure = { port: 443, tls: { ca: readFileSync(ca, 'utf8'), servername: NAME }, headers: [`Host: ${NAME}`] };
});

test.after(() => box?.close());

async function serve(inventory: string): Promise<Site> {
  const site = await box.deploy(inventory);
  await box.include(site, { cluster_token: 'the-token-of-the-plant' });
  await box.start(site);
  return site;
}

/** Returns the status of each path, by http and by https, for the node and for an unknown machine. */
async function statuses(paths: readonly string[]): Promise<Record<string, string>> {
  const requests = paths.map(async (path) => {
    const answers = await Promise.all([
      box.get(NODE, path),
      box.get(UNKNOWN, path),
      box.get(NODE, path, secure),
      box.get(UNKNOWN, path, secure),
    ]);
    return [path, answers.map(({ status }) => status).join(' ')];
  });
  return Object.fromEntries(await Promise.all(requests));
}

/** The same files by other spellings of the MAC address, and an invalid one. */
const [OTHER_SCRIPT, OTHER_CONFIG, NO_MAC] = [
  '/ipxe/52:54:00:aa:01:01',
  '/config/52-54:00-AA-01:01/',
  '/config/x',
];
const PATHS = [
  ...['/boot.ipxe', SCRIPT, OTHER_SCRIPT, CONFIG, OTHER_CONFIG, NO_MAC, LOADER],
  ...['/inventory.json', '/', '/manifest.json'],
];

test('with an http URL, configurations are served only by https', async () => {
  const site = await serve(CONFIGURATIONS);
  assert.equal(await statuses(PATHS), {
    '/boot.ipxe': '200 200 404 404',
    [SCRIPT]: '200 403 404 404',
    [OTHER_SCRIPT]: '200 403 404 404',
    [CONFIG]: '404 404 200 403',
    [OTHER_CONFIG]: '404 404 200 403',
    [NO_MAC]: '404 404 400 400',
    [LOADER]: '200 200 404 404',
    '/inventory.json': '403 403 404 404',
    '/': '200 200 404 404',
    '/manifest.json': '404 404 404 404',
  });
  assert.equal(urlsOf(site), {
    config: `https://${NAME}${CONFIG}`,
    kernel: `http://${SERVER}/harvester/v1.4.1/harvester-v1.4.1-vmlinuz-amd64`,
    loader: `http://${SERVER}${LOADER}`,
    boot: `http://${SERVER}/boot.ipxe`,
  });
  assert.not.ok(installer(site, node(site)).args.includes('rd.noverifyssl'));
});

test('with an https URL, https serves everything except the iPXE binaries, which firmware fetches by http', async () => {
  const site = await serve(EVERYTHING);
  assert.equal(await statuses(PATHS), {
    '/boot.ipxe': '404 404 200 200',
    [SCRIPT]: '404 404 200 403',
    [OTHER_SCRIPT]: '404 404 200 403',
    [CONFIG]: '404 404 200 403',
    [OTHER_CONFIG]: '404 404 200 403',
    [NO_MAC]: '404 404 400 400',
    [LOADER]: '200 200 404 404',
    '/inventory.json': '404 404 403 403',
    '/': '404 404 200 200',
    '/manifest.json': '404 404 404 404',
  });
  assert.equal(urlsOf(site), {
    config: `https://${NAME}${CONFIG}`,
    kernel: `https://${NAME}/harvester/v1.4.1/harvester-v1.4.1-vmlinuz-amd64`,
    loader: `http://${NAME}${LOADER}`,
    boot: `https://${NAME}/boot.ipxe`,
  });
  assert.ok(installer(site, node(site)).args.includes('rd.noverifyssl'));
  const post = await box.ask({
    ...secure,
    from: NODE,
    text: `POST ${CONFIG} HTTP/1.0\r\nHost: ${NAME}\r\n\r\n`,
  });
  assert.is(post.status, 405);
  const up = await box.get(NODE, '/ipxe/%2e%2e/%2e%2e/nginx/plant.conf', secure);
  assert.is(up.status, 400);
});

test('the node gets its whole configuration, with a verified certificate', async () => {
  const curl = (...more: string[]) =>
    box.sandbox.run([
      'curl',
      '--silent',
      '--show-error',
      '--fail',
      '--interface',
      NODE,
      '--resolve',
      `${NAME}:443:${SERVER}`,
      ...more,
      `https://${NAME}${CONFIG}`,
    ]);
  assert.match(await curl('--cacert', '/etc/ssl/boot.pem'), 'token: "the-token-of-the-plant"\n');
  try {
    await curl();
    assert.unreachable('the certificate was not verified');
  } catch (error) {
    assert.match(String(error), /SSL certificate problem/);
  }
  const { headers } = await box.get(NODE, CONFIG, secure);
  assert.equal([headers['cache-control'], headers['x-content-type-options']], ['no-store', 'nosniff']);
});

test('nginx supports the versions and ciphers of iPXE, and no older ones', async () => {
  for (const ciphers of ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384']) {
    const answer = await box.get(NODE, SCRIPT, {
      ...secure,
      tls: { ...secure.tls, maxVersion: 'TLSv1.2', ciphers },
    });
    assert.is(answer.status, 200, ciphers);
  }
  for (const old of [
    { maxVersion: 'TLSv1.1' as const, ciphers: 'ALL:@SECLEVEL=0' },
    { maxVersion: 'TLSv1.2' as const, ciphers: 'ECDHE-ECDSA-AES128-SHA' },
  ]) {
    const answer = await box.get(NODE, SCRIPT, { ...secure, tls: { ...secure.tls, ...old } });
    assert.is(answer.status, 0);
    assert.ok(answer.error);
  }
});

test('http on the https port is rejected, and a Host header of another name has no effect', async () => {
  assert.is((await box.get(NODE, CONFIG, { port: 443 })).status, 400);
  assert.is(
    (await box.get(UNKNOWN, CONFIG, { ...secure, headers: [`Host: ${SERVER}`, `X-Forwarded-For: ${NODE}`] }))
      .status,
    403,
  );
});

test('configurations have their own name and port, if the site sets them', async () => {
  await serve(TWO_NAMES);
  const own = {
    port: 8443,
    tls: { ...secure.tls, servername: `config.${NAME}` },
    headers: [`Host: config.${NAME}:8443`],
  };
  assert.is((await box.get(NODE, CONFIG, secure)).status, 404);
  assert.is((await box.get(NODE, SCRIPT, secure)).status, 200);
  assert.is((await box.get(NODE, CONFIG, own)).status, 200);
  assert.is((await box.get(UNKNOWN, CONFIG, own)).status, 403);
  assert.is((await box.get(NODE, SCRIPT, own)).status, 404);
});

test('the log names the node, and nginx logs no warning about its configuration', async () => {
  const site = await serve(EVERYTHING);
  await box.get(NODE, CONFIG, secure);
  assert.match(
    await box.accessLog(site),
    new RegExp(`^${NODE} - harv-1 .* "GET ${CONFIG} HTTP/1.0" 200 `, 'm'),
  );
  assert.not.match(await box.log(), /\[(warn|error|emerg)\]/);
});

test.run();

function node(site: Site) {
  const [first] = site.nodes;
  assert.ok(first);
  return first;
}

/** Returns the URLs that a machine of the site requests, stage by stage. */
function urlsOf(site: Site) {
  const { args, kernel } = installer(site, node(site));
  const files = emitTargets(site, rendererOf(new Map(), selfLocation(site), new Report()));
  const dnsmasq = files.find(({ path }) => path.startsWith('dnsmasq/'));
  const lines = dnsmasq ? textOf(dnsmasq.file) : '';
  return {
    config: args.find((arg) => arg.includes('config_url='))?.replace(/^[^=]*=/, ''),
    kernel,
    loader: /^dhcp-boot=.*,tag:http-x86_64,(.*)$/m.exec(lines)?.[1],
    boot: /^dhcp-boot=tag:ipxe,(.*)$/m.exec(lines)?.[1],
  };
}

// needs: root bash curl openssl script unshare
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import type { Run } from '../support/cli.ts';
import { fileText } from '../support/file-text.ts';
import { NESTED } from '../support/nested-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { type HttpsStandIn, type Identity, makeCa, runInside, startStandIn } from './cluster-stand-in.ts';

const VIP = '192.168.150.40';
const HOST = '203.0.113.5';
const PONG = [200, 'pong'] as const;
const BUSY = [503, 'Service Temporarily Unavailable'] as const;
const TWO_CLUSTERS = edited(
  NESTED,
  ['cluster: {', 'clusters:\n  west: { vip: 192.168.150.39, token: "${secret:west}" }\n  east: {'],
  ['  vm: {', '  cluster: east\n  vm: {'],
  ['- { port: 443 }', '- { port: 443, cluster: east }'],
  ['- { port: 6443,', '- { port: 8443, to: 443, cluster: west,'],
  [
    '192.168.150.43 }',
    '192.168.150.43 }\n  west-1: { mac: 52:54:00:0c:02:01, ip: 192.168.150.44, mode: create, cluster: west, vm: { memory: 16Gi } }',
  ],
);

const test = suite('scripts/wait-ready.sh');
let sandbox: Sandbox;
let own: Identity;
let trusted: Identity & { ca: string };
let standIn: HttpsStandIn | undefined;
let scripts = 0;

test.before(async () => {
  sandbox = await openSandbox();
  for (const address of [VIP, '192.168.150.39', HOST])
    await sandbox.run(['ip', 'address', 'add', `${address}/32`, 'dev', 'lo']);
  await sandbox.run(['sh', '-c', `echo ${HOST} lab.example.org >>/etc/hosts`]);
  own = await (await makeCa(sandbox, 'another')).issue('dynamic', 'DNS:elsewhere');
  const ca = await makeCa(sandbox, 'authority');
  trusted = { ca: ca.cert, ...(await ca.issue('vip', `IP:${VIP}`)) };
});

test.after.each(async () => {
  await standIn?.stop();
  standIn = undefined;
});

test.after(() => sandbox?.close());

async function serve(
  answers: readonly (readonly [number, string] | null)[],
  { host = VIP, port = 443, ...identity } = own as Partial<Identity> & { host?: string; port?: number },
): Promise<void> {
  standIn = await startStandIn(sandbox, { ...own, ...identity, host, port, answers });
}

async function script(inventory = NESTED): Promise<string> {
  const { tree } = await compile(makeSite(inventory));
  scripts += 1;
  const path = join(sandbox.folder, `wait-ready-${scripts}.sh`);
  writeFileSync(path, fileText(tree, 'scripts/wait-ready.sh') ?? 'exit 99');
  return path;
}

async function waitReady(args: readonly string[], env = {}, inventory = NESTED): Promise<Run> {
  return runInside(sandbox, ['bash', await script(inventory), ...args], env);
}

test('waits for pong several times in a row: any other answer resets the count', async () => {
  await serve([BUSY, PONG, PONG, [404, 'pong'], PONG, PONG, PONG]);
  const { code, stdout, stderr } = await waitReady(['--times', '3', '--interval', '0']);
  assert.is(stderr, '');
  assert.match(
    stdout,
    /^ready {2}plant: https:\/\/192\.168\.150\.40\/ping answered pong 3 times in a row, after \d+ s\n$/,
  );
  assert.is(code, 0);
  assert.equal(standIn?.asked(), Array(7).fill(`/ping ${VIP}`));
});

test('sends 15 requests by default', async () => {
  await serve([PONG]);
  assert.is((await waitReady(['--interval', '0'])).code, 0);
  assert.is(standIn?.asked().length, 15);
});

test('starts before the server listens', async () => {
  const waiting = waitReady(['--times', '2', '--interval', '1', '--timeout', '20']);
  await sleep(1500);
  await serve([PONG]);
  assert.is((await waiting).code, 0);
});

for (const [what, answers, last] of [
  ['an error', [BUSY], 'HTTP 503'],
  ['another text', [[200, 'pong pong\u001b[2J\n\0<html>']], 'HTTP 200 with the text "pong pong [2J <html>"'],
  ['no answer', [null], 'no answer in 1 s'],
] as const) {
  test(`prints the last answer if the cluster is not ready in time: ${what}`, async () => {
    await serve(answers);
    const { code, stdout, stderr } = await waitReady(['--timeout', '1', '--interval', '0', '--times', '9']);
    assert.is(
      stderr,
      `NOT READY  plant: https://${VIP}/ping did not answer pong 9 times in a row within 1 s; last answer: ${last}\n`,
    );
    assert.equal([code, stdout], [1, '']);
  });
}

test('with a timeout of 0, it sends one request', async () => {
  const refused = await waitReady(['--timeout', '0']);
  assert.is(refused.code, 1);
  assert.match(refused.stderr, 'last answer: connection refused or host unreachable');
  await serve([PONG]);
  assert.is((await waitReady(['--timeout', '0', '--times', '1'])).code, 0);
  assert.is(standIn?.asked().length, 1);
});

test('a proxy in the environment is not used for the VIP', async () => {
  await serve([PONG]);
  const proxy = 'http://127.0.0.1:9';
  const { code } = await waitReady(['--times', '1'], { https_proxy: proxy, ALL_PROXY: proxy });
  assert.is(code, 0);
});

test('sends requests to another address with --address', async () => {
  await serve([PONG], { host: HOST, port: 8443 });
  const { code, stdout } = await waitReady(['--times', '1', '--address', 'lab.example.org:8443']);
  assert.is(code, 0);
  assert.match(stdout, 'https://lab.example.org:8443/ping answered pong');
  const unknown = await waitReady(['--timeout', '0', '--address', 'no-such-host']);
  assert.match(unknown.stderr, 'last answer: unknown host name');
});

test('verifies the certificate if it has a CA', async () => {
  await serve([PONG], trusted);
  assert.is((await waitReady(['--times', '1', '--cacert', trusted.ca])).code, 0);
  await standIn?.stop();
  await serve([PONG]);
  const { code, stderr } = await waitReady(['--timeout', '0', '--cacert', trusted.ca]);
  assert.is(code, 1);
  assert.match(stderr, 'last answer: certificate not issued by the CA');
});

test('one of several clusters must be named', async () => {
  await serve([PONG], { host: '192.168.150.39' });
  const which = await waitReady([], {}, TWO_CLUSTERS);
  assert.is(which.code, 2);
  assert.match(which.stderr, 'select a cluster with --cluster: west, east');
  const { code, stdout } = await waitReady(['--times', '1', '--cluster', 'west'], {}, TWO_CLUSTERS);
  assert.is(code, 0);
  assert.match(stdout, 'ready  west: https://192.168.150.39/ping');
  const { stdout: help } = await waitReady(['--help'], {}, TWO_CLUSTERS);
  assert.match(help, '(on another machine: --address lab.example.org:8443 for west)');
});

test('a wrong command line exits with 2', async () => {
  for (const [message, ...args] of [
    ['unknown option --count', '--count', '3'],
    ['unknown option vip', 'vip'],
    ['--times requires a value', '--times'],
    ["--times requires a whole number of 1 or more, not '0'", '--times', '0'],
    ["--timeout requires a whole number of 0 or more, not '1h'", '--timeout', '1h'],
    ["--interval requires a whole number of 0 or more, not '-1'", '--interval', '-1'],
    ['--address requires a host, with a port if it is not 443', '--address', 'https://lab.example.org'],
    ['cannot read /nowhere.pem', '--cacert', '/nowhere.pem'],
    ['unknown cluster east; use one of plant', '--cluster', 'east'],
  ] as const) {
    const { code, stdout, stderr } = await waitReady(args);
    assert.equal([code, stdout], [2, ''], message);
    assert.match(stderr, message);
    assert.match(stderr, 'see wait-ready.sh --help\n');
  }
});

test('--help prints the comment at the top of the script', async () => {
  const { code, stdout } = await waitReady(['--help']);
  assert.is(code, 0);
  assert.match(stdout, /^Waits until a cluster of plant is ready: /);
  assert.match(stdout, '(on another machine: --address lab.example.org)');
  assert.match(stdout, /2 for an invalid command line\.\n$/);
});

test('on a terminal, it prints its progress on one line', async () => {
  await serve([BUSY, PONG]);
  const command = `bash ${await script()} --times 2 --interval 0`;
  const { stdout } = await runInside(sandbox, ['script', '-qec', command, '/dev/null']);
  assert.match(stdout, `\r\u001b[Khttps://${VIP}/ping: 0 of 2 in a row, after `);
  assert.match(stdout, '; last answer: HTTP 503\r');
  assert.match(stdout, '1 of 2 in a row');
  assert.match(stdout.slice(stdout.lastIndexOf('\u001b')), /^.\[Kready {2}plant: [^\r]*\r\n$/);
});

test('a site without a host has no such script', async () => {
  const { tree } = await compile('sites/location_x');
  assert.ok(tree);
  assert.is(fileText(tree, 'scripts/wait-ready.sh'), undefined);
  assert.is(fileText(tree, 'scripts/kubeconfig.sh'), undefined);
});

test.run();

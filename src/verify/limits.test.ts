import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resolved } from '../../test/support/resolved.ts';
import type { Site } from '../site/model.ts';
import { Findings, type Run } from './findings.ts';
import { Web } from './http.ts';
import { readTftp } from './tftp.ts';
import { verifyTls } from './tls.ts';

/* Servers that send a byte now and then: each of these waits must end. */

const test = suite('servers that drip');
const LIMITS = { silence: 150, whole: 300 };
/** Later than this, a wait has no limit. */
const LONGEST = 5000;
const servers: Server[] = [];

test.after(() => {
  for (const server of servers) server.close();
});

/** Starts a server that sends a beginning once it is asked, and then a byte again and again. Returns its port. */
async function dripping(begin: string | Uint8Array, rest = 'x'): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(begin));
    const timer = setInterval(() => socket.write(rest), 50);
    socket.on('close', () => clearInterval(timer));
  }).listen(0, '127.0.0.1');
  server.unref();
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

/** Returns the result of a wait. Fails if it takes longer than any limit. */
async function within<T>(wait: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it does not end')), LONGEST);
  });
  return Promise.race([wait, late]).finally(() => clearTimeout(timer));
}

async function runOf(site?: Site): Promise<Run> {
  const own = site ?? (await resolved());
  return {
    site: own,
    tree: new Map(),
    media: [],
    names: new Set(['harv-1']),
    values: undefined,
    findings: new Findings(),
    progress: () => {},
    limits: LIMITS,
  };
}

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n';

for (const [what, begin] of [
  ['headers', 'HTTP/1.1 200 OK\r\nX: '],
  ['a body', HEAD],
] as const)
  test(`ends an answer of HTTP with ${what} without an end, and asks this server no more`, async () => {
    const run = await runOf();
    const web = new Web(run);
    const origin = `http://127.0.0.1:${await dripping(begin)}`;
    assert.is(await within(web.ask(`${origin}/boot.ipxe`)), undefined);
    assert.equal(
      run.findings.sorted(run.site).map(({ message }) => message),
      [`${origin} does not answer: an answer does not end within 0.3 seconds`],
    );
    assert.is(await within(web.ask(`${origin}/other`)), undefined);
  });

test('ends a download of a medium that makes no progress', async () => {
  const web = new Web(await runOf());
  const answer = await within(
    web.ask(`http://127.0.0.1:${await dripping(HEAD)}/iso`, { hash: createHash('sha512') }),
  );
  assert.is(answer?.error, 'it sends less than 1 MiB in 0.3 seconds');
});

test('ends a handshake of TLS', async () => {
  const port = await dripping(Buffer.from([22, 3, 3, 64, 0, 2, 0, 63]), '\0');
  const tls =
    '  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key, url: "https://boot.example.org" }\n';
  const run = await runOf(await resolved(['178.7\n', `178.7\n${tls}`]));
  Object.assign(run.site.server.tls ?? {}, { host: '127.0.0.1', port });
  await within(verifyTls(new Web(run), run, undefined));
});

test('ends a transfer of TFTP', async () => {
  const server = createSocket('udp4').bind(0, '127.0.0.1');
  await once(server, 'listening');
  let timer: NodeJS.Timeout | undefined;
  server.on('message', ([, code = 0, high = 0, low = 0], { port, address }) => {
    const next = code === 1 ? 1 : high * 256 + low + 1;
    const block = Buffer.concat([Buffer.from([0, 3, next >> 8, next & 255]), Buffer.alloc(512)]);
    timer = setTimeout(() => server.send(block, port, address), 50);
  });
  const { error } = await within(
    readTftp('127.0.0.1', 'file', { port: server.address().port, limits: LIMITS }),
  );
  clearTimeout(timer);
  server.close();
  assert.is(error, 'it does not end within 0.3 seconds');
});

test.run();

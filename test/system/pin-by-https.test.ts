// needs: openssl
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvgenBeside } from '../support/cli.ts';
import { UNPINNED } from '../support/plant.ts';
import { makeSite, scratchFolder } from '../support/scratch.ts';

const NAMES = ['vmlinuz-amd64', 'initrd-amd64', 'rootfs-amd64.squashfs', 'amd64.iso'];
const LIST = NAMES.map((name) => `${'a'.repeat(128)}  harvester-v1.3.2-${name}\n`).join('');

const test = suite<{ folder: string }>('harvgen media --pin from an https mirror');

test.before((context) => {
  context.folder = scratchFolder();
  const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'mirror.key', '-out', 'mirror.crt', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', ...made, ...names], { cwd: context.folder, stdio: 'ignore' });
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Pins from an https mirror with these redirects to its checksum file. Returns the exit code, stderr and the inventory. */
async function pinAlong(folder: string, ...steps: readonly ('http' | 'https')[]) {
  const ports: Record<string, number> = {};
  const answer: RequestListener = ({ url = '' }, response) => {
    const step = url.startsWith('/step-') ? Number(url.slice('/step-'.length)) : 0;
    const next = steps[step];
    if (!url.endsWith('.sha512') && !url.startsWith('/step-')) response.writeHead(404).end();
    else if (next === undefined) response.end(LIST);
    else response.writeHead(302, { Location: `${next}://localhost:${ports[next]}/step-${step + 1}` }).end();
  };
  const pem = (name: string) => readFileSync(join(folder, `mirror.${name}`));
  const servers = {
    http: createServer(answer),
    https: createTlsServer({ key: pem('key'), cert: pem('crt') }, answer),
  };
  for (const [name, server] of Object.entries(servers)) ports[name] = await listening(server);
  const home = dirname(makeSite(UNPINNED));
  try {
    const from = `https://localhost:${ports.https}`;
    const run = await harvgenBeside(['media', '--pin', '--from', from, 'plant'], home, {
      NODE_EXTRA_CA_CERTS: join(folder, 'mirror.crt'),
    });
    const inventory = readFileSync(join(home, 'plant/site.yaml'), 'utf8');
    return { code: run.code, stderr: run.stderr.replaceAll(from, 'URL'), inventory };
  } finally {
    for (const server of Object.values(servers)) {
      server.closeAllConnections();
      server.close();
    }
  }
}

test('the checksum file is read, even through redirects to https', async ({ folder }) => {
  for (const steps of [[], ['https'], ['https', 'https', 'https']] as const) {
    const { code, stderr, inventory } = await pinAlong(folder, ...steps);
    assert.equal([code, stderr], [0, '']);
    assert.match(inventory, `harvester-v1.3.2-amd64.iso: ${'a'.repeat(128)}\n`);
  }
});

test('one redirect without https is rejected, wherever it ends', async ({ folder }) => {
  for (const steps of [['http'], ['http', 'https'], ['https', 'http', 'https']] as const) {
    const { code, stderr, inventory } = await pinAlong(folder, ...steps);
    assert.is(code, 1);
    assert.is(
      stderr,
      'harvgen: URL/v1.3.2/harvester-v1.3.2-amd64.sha512 redirects to a URL without https: its content is not authenticated\nharvgen: nothing was saved\n',
    );
    assert.is(inventory, UNPINNED);
  }
});

test('a mirror with an untrusted certificate is rejected', async () => {
  const other = scratchFolder();
  const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'mirror.key', '-out', 'mirror.crt', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...made, '-subj', '/CN=elsewhere'], {
    cwd: other,
    stdio: 'ignore',
  });
  const { code, stderr } = await pinAlong(other);
  assert.is(code, 1);
  assert.match(stderr, /^harvgen: URL\/v1\.3\.2\/\S+ cannot be fetched: .*\nharvgen: nothing was saved\n$/);
});

test.run();

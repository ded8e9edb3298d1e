// needs: bash curl
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { fileText } from '../support/file-text.ts';
import { edited, UNPINNED } from '../support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from '../support/scratch.ts';

const MEDIA: Record<string, string> = {
  'harvester-v1.3.2-vmlinuz-amd64': 'the kernel\n'.repeat(1000),
  'harvester-v1.3.2-initrd-amd64': 'the initrd\n'.repeat(1000),
  'harvester-v1.3.2-rootfs-amd64.squashfs': 'the root file system\n'.repeat(1000),
  'harvester-v1.3.2-amd64.iso': 'the ISO\n'.repeat(1000),
};
const NAMES = Object.keys(MEDIA);
const ISO = 'harvester-v1.3.2-amd64.iso';
const LIST = 'harvester-v1.3.2-amd64.sha512';
const sha512 = (text: string) => createHash('sha512').update(text).digest('hex');
const list = NAMES.map((name) => `${sha512(MEDIA[name] ?? '')}  ${name}\n`).join('');

const PINS = NAMES.map((name) => `    ${name}: "${sha512(MEDIA[name] ?? '')}"`).join('\n');
const PINNED = edited(UNPINNED, ['version: v1.3.2', `version: v1.3.2\n  sha512:\n${PINS}`]);

interface Mirror {
  readonly server: Server;
  readonly url: string;
  /** The requests, as "NAME" or "NAME RANGE". */
  readonly asked: string[];
}

const test = suite('scripts/fetch-media.sh');

/** Starts a mirror of the releases on loopback, which can resume downloads. */
async function openMirror(files: Record<string, string>): Promise<Mirror> {
  const asked: string[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    const name = url.replace('/v1.3.2/', '');
    asked.push(headers.range ? `${name} ${headers.range}` : name);
    const content = files[name];
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    if (from >= content.length && from > 0) response.writeHead(416).end();
    else if (from > 0) {
      const range = `bytes ${from}-${content.length - 1}/${content.length}`;
      response.writeHead(206, { 'Content-Range': range }).end(content.slice(from));
    } else response.writeHead(200).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/**
 * Runs the emitted script of an inventory against a mirror with these files, on request as a user who can only read. Returns its
 * status, output, URL, requests and files.
 */
async function fetchMedia(
  files: Record<string, string>,
  there: Record<string, string> = {},
  inventory = UNPINNED,
  isReader = false,
) {
  const { tree } = await compile(makeSite(inventory));
  const folder = scratchFolder();
  writeFiles(join(folder, 'v1.3.2'), there);
  writeFiles(folder, { 'fetch-media.sh': fileText(tree, 'scripts/fetch-media.sh') ?? 'exit 99' });
  const { server, url, asked } = await openMirror(files);
  const env = { PATH: process.env.PATH, HARVESTER_RELEASES: url };
  if (isReader) for (const path of [folder, join(folder, 'v1.3.2')]) chmodSync(path, 0o555);
  const nobody = isReader && process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const { code, stderr } = await new Promise<{ code: number; stderr: string }>((resolve) => {
    execFile('bash', [join(folder, 'fetch-media.sh'), folder], { env, ...nobody }, (error, _, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stderr }),
    );
  });
  server.close();
  if (isReader) for (const path of [folder, join(folder, 'v1.3.2')]) chmodSync(path, 0o755);
  const fetched = (name: string) => {
    const path = join(folder, 'v1.3.2', name);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  const lines = stderr.split('\n').filter((line) => /^(there|fetched|FAILED)/.test(line));
  return { code, lines, stderr, url, asked, fetched };
}

test('fetches the boot files of the nodes, and verifies them with the checksum file of the release', async () => {
  const { code, lines, asked, fetched } = await fetchMedia({ ...MEDIA, [LIST]: list });
  assert.is(code, 0);
  assert.equal(asked, [LIST, ...NAMES]);
  assert.equal(
    lines,
    NAMES.map((name) => `fetched ${name}`),
  );
  for (const name of NAMES) assert.is(fetched(name), MEDIA[name]);
});

test('reads a checksum file with Windows line breaks', async () => {
  const { code, fetched } = await fetchMedia({ ...MEDIA, [LIST]: list.replaceAll('\n', '\r\n') });
  assert.is(code, 0);
  for (const name of NAMES) assert.is(fetched(name), MEDIA[name]);
});

test('skips files with a matching checksum, and fetches the others again', async () => {
  const { code, lines, asked, fetched } = await fetchMedia(
    { ...MEDIA, [LIST]: list },
    { ...MEDIA, [ISO]: 'not the ISO' },
  );
  assert.is(code, 0);
  assert.equal(asked, [LIST, ISO]);
  assert.equal(lines, [...NAMES.slice(0, 3).map((name) => `there   ${name}`), `fetched ${ISO}`]);
  assert.is(fetched(ISO), MEDIA[ISO]);
});

test('resumes an interrupted download', async () => {
  const half = (MEDIA[ISO] ?? '').slice(0, 4000);
  const { code, asked, fetched } = await fetchMedia({ ...MEDIA, [LIST]: list }, { [`${ISO}.part`]: half });
  assert.is(code, 0);
  assert.is(asked.at(-1), `${ISO} bytes=4000-`);
  assert.is(fetched(ISO), MEDIA[ISO]);
  assert.is(fetched(`${ISO}.part`), undefined);
});

test('uses a partial download that is already complete', async () => {
  const { code, asked } = await fetchMedia({ ...MEDIA, [LIST]: list }, { [`${ISO}.part`]: MEDIA[ISO] ?? '' });
  assert.is(code, 0);
  assert.not(asked.some((name) => name.startsWith(ISO)));
});

test('restarts a download if its part belongs to another file', async () => {
  const { code, asked, fetched } = await fetchMedia(
    { ...MEDIA, [LIST]: list },
    { [`${ISO}.part`]: 'rubbish' },
  );
  assert.is(code, 0);
  assert.equal(asked.slice(-2), [`${ISO} bytes=7-`, ISO]);
  assert.is(fetched(ISO), MEDIA[ISO]);
});

test('fails on a checksum mismatch and does not install the file, but fetches the other files', async () => {
  const { code, lines, fetched } = await fetchMedia({
    ...MEDIA,
    [NAMES[0] ?? '']: 'a Trojan horse',
    [LIST]: list,
  });
  assert.is(code, 1);
  assert.is(lines[0], `FAILED  ${NAMES[0]}: its SHA-512 differs`);
  assert.is(fetched(NAMES[0] ?? ''), undefined);
  assert.is(fetched(ISO), MEDIA[ISO]);
});

test('fails if a file has no checksum', async () => {
  const { code, lines, asked } = await fetchMedia({ ...MEDIA, [LIST]: list.replace(/^.*vmlinuz.*\n/, '') });
  assert.is(code, 1);
  assert.equal(asked, [LIST, ...NAMES.slice(1)]);
  assert.is(lines[0], `FAILED  ${NAMES[0]}: no SHA-512 in the inventory or in ${LIST}`);
});

test('reports first why the checksum file cannot be fetched, and then not another reason', async () => {
  const { code, stderr, url } = await fetchMedia(MEDIA);
  assert.is(code, 1);
  assert.is(
    stderr,
    `Harvester v1.3.2 amd64
curl: (22) The requested URL returned error: 404
FAILED  ${LIST}: could not be fetched from ${url}: see the error of curl above
${NAMES.map((name) => `FAILED  ${name}: no SHA-512, since ${LIST} is missing\n`).join('')}`,
  );
  const again = await fetchMedia(MEDIA, { ...MEDIA, [LIST]: list });
  assert.is(again.code, 0, 'the list of an earlier run');
  assert.match(
    again.stderr,
    `could not fetch ${LIST} from ${again.url}: see the error of curl above; the list of an earlier run is used\nthere   `,
  );
});

test('reports a directory that cannot be created before anything else', async () => {
  const { tree } = await compile(makeSite(UNPINNED));
  const folder = writeFiles(scratchFolder(), {
    'fetch-media.sh': fileText(tree, 'scripts/fetch-media.sh') ?? 'exit 99',
    file: '',
  });
  const { status, stderr } = spawnSync('bash', ['fetch-media.sh', 'file/media'], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C', HARVESTER_RELEASES: 'http://127.0.0.1:1' },
  });
  assert.is(status, 1);
  assert.is(
    stderr,
    `Harvester v1.3.2 amd64
mkdir: cannot create directory 'file': Not a directory
FAILED  cannot write to file/media/v1.3.2: run this as a user who can, or pass another DIRECTORY
`,
  );
});

test('a user who can only read verifies files that are there, by pins or the list of an earlier run', async () => {
  const there = NAMES.map((name) => `there   ${name}`);
  const pinned = await fetchMedia({}, MEDIA, PINNED, true);
  assert.equal([pinned.code, pinned.asked, pinned.lines], [0, [], there]);
  const listed = await fetchMedia({}, { ...MEDIA, [LIST]: list }, UNPINNED, true);
  assert.equal([listed.code, listed.asked, listed.lines], [0, [], there]);
  assert.match(listed.stderr, `/v1.3.2: the ${LIST} of an earlier run is used\n`);
  const { [ISO]: _, ...others } = MEDIA;
  const missing = await fetchMedia(MEDIA, others, PINNED, true);
  assert.equal([missing.code, missing.asked], [1, []]);
  assert.match(
    missing.lines.at(-1) ?? '',
    /^FAILED {2}cannot write to .*\/v1\.3\.2: run this as a user who can/,
  );
});

test('a checksum pinned in the inventory takes precedence over the checksum file', async () => {
  const pin = (digest: string) =>
    edited(UNPINNED, ['version: v1.3.2', `version: v1.3.2\n  sha512:\n    ${ISO}: "${digest}"`]);
  const wrong = await fetchMedia({ ...MEDIA, [LIST]: list }, {}, pin(sha512('another ISO')));
  assert.is(wrong.code, 1);
  assert.match(wrong.lines.at(-1) ?? '', `FAILED  ${ISO}`);
  const right = await fetchMedia(
    { ...MEDIA, [LIST]: list.replace(/^.*iso\n/m, '') },
    {},
    pin(sha512(MEDIA[ISO] ?? '')),
  );
  assert.is(right.code, 0);
});

test('does not request the checksum file if all checksums are pinned', async () => {
  const { code, asked } = await fetchMedia(MEDIA, {}, PINNED);
  assert.is(code, 0);
  assert.equal(asked, NAMES);
});

test('a missing VM image is reported, and holds up no machine', async () => {
  const site = makeSite(PINNED);
  writeFiles(join(site, 'manifests'), {
    'leap.yaml': `apiVersion: harvesterhci.io/v1beta1
kind: VirtualMachineImage
metadata: { name: leap, labels: { harvesterhci.io/imageDisplayName: leap } }
spec: { displayName: leap, sourceType: download, url: "\${site:server.images}/leap.qcow2" }
`,
  });
  const { tree, diagnostics } = await compile(site);
  const script = fileText(tree, 'scripts/fetch-media.sh') ?? '';
  assert.ok(script, diagnostics.map(({ message }) => message).join('\n'));
  const folder = writeFiles(scratchFolder(), { 'fetch-media.sh': script });
  writeFiles(join(folder, 'media/v1.4.1'), MEDIA);
  const run = () =>
    spawnSync('bash', [join(folder, 'fetch-media.sh'), join(folder, 'media')], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, IMAGES: folder },
    });
  const missing = run();
  assert.is(missing.status, 0, missing.stderr);
  const waits = `VM images\nwaits   leap.qcow2: copy it to ${folder} under this name, before scripts/apply-cluster.sh\n`;
  assert.ok(missing.stderr.endsWith(waits), missing.stderr);
  writeFiles(folder, { 'leap.qcow2': 'the image' });
  assert.match(run().stderr, /VM images\nthere {3}leap\.qcow2\n$/);
});

test('prints its help, and rejects an unknown argument', async () => {
  const { tree } = await compile(makeSite(UNPINNED));
  const folder = writeFiles(scratchFolder(), {
    'fetch-media.sh': fileText(tree, 'scripts/fetch-media.sh') ?? 'exit 99',
  });
  const run = (...args: readonly string[]) =>
    spawnSync('bash', ['fetch-media.sh', ...args], { cwd: folder, encoding: 'utf8' });
  const { status, stdout } = run('--help');
  assert.is(status, 0);
  assert.match(stdout, /^Fetches the installation media[\s\S]*fetch-media\.sh \[DIRECTORY\]/);
  for (const args of [['--folder'], ['media', 'more']]) {
    const { status, stderr } = run(...args);
    assert.is(status, 2);
    assert.is(stderr, `fetch-media.sh: unknown argument ${args.at(-1)}\nsee fetch-media.sh --help\n`);
  }
});

test.run();

import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../src/knowledge/harvester-digests.ts';
import {
  harvgenWarm as harvgen,
  harvgenWarmBeside as harvgenBeside,
  harvgenBeside as start,
} from './support/cli.ts';
import { readTree } from './support/files.ts';
import { edited, PLANT, UNPINNED } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('harvgen media --pin');

const sha512 = (text: string) => createHash('sha512').update(text).digest('hex');

/** Returns small stand-ins for the files of a release. */
function releaseOf(version: string, arch = 'amd64'): Record<string, string> {
  const stem = `harvester-${version}`;
  const names = [
    `${stem}-vmlinuz-${arch}`,
    `${stem}-initrd-${arch}`,
    `${stem}-rootfs-${arch}.squashfs`,
    `${stem}-${arch}.iso`,
    `${stem}-${arch}-net-install.iso`,
  ];
  const files = Object.fromEntries(names.map((name) => [name, `this is ${name}\n`]));
  const list = names.map((name) => `${sha512(files[name] ?? '')}  ${name}\n`).join('');
  return { ...files, [`${stem}-${arch}.sha512`]: list };
}

const RELEASE = releaseOf('v1.3.2');
const LIST = 'harvester-v1.3.2-amd64.sha512';
const BOOTED = Object.keys(RELEASE).slice(0, 4);
const [KERNEL = '', , , ISO = ''] = BOOTED;

type Answer = (response: ServerResponse) => void;

/** Runs a mirror on loopback with texts by path, or other answers. Returns the result of `use`, and the requests. */
async function withMirror<T>(
  files: Readonly<Record<string, string | Answer>>,
  use: (url: string) => Promise<T>,
): Promise<{ readonly result: T; readonly requests: string[] }> {
  const requests: string[] = [];
  const server = createServer(({ method, url = '' }, response) => {
    requests.push(`${method} ${url}`);
    const file = files[url.slice(1)];
    if (file === undefined) response.writeHead(404).end('<html>not here</html>');
    else if (typeof file === 'string') response.writeHead(200, { 'Content-Length': file.length }).end(file);
    else file(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const result = await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return { result, requests };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Returns files of a release by their paths below a mirror. */
function below(version: string, files: Readonly<Record<string, string | Answer>>) {
  return Object.fromEntries(Object.entries(files).map(([name, file]) => [`${version}/${name}`, file]));
}

const pins = (names: readonly string[] = BOOTED) =>
  names.map((name) => `    ${name}: ${sha512(RELEASE[name] ?? '')}\n`).join('');
const sizes = () => BOOTED.map((name) => `    ${name}: ${RELEASE[name]?.length}\n`).join('');
const PINNED = edited(UNPINNED, [
  '  version: v1.3.2\n',
  `  version: v1.3.2\n  sha512:\n${pins()}  size:\n${sizes()}`,
]);

test('writes digests and sizes of the booted files below the release, and keeps all other lines', async () => {
  const site = makeSite(UNPINNED);
  const home = dirname(site);
  const { result, requests } = await withMirror(below('v1.3.2', RELEASE), (url) =>
    start(['media', '--pin', '--from', `${url}/`, 'plant'], home),
  );
  assert.equal([result.code, result.stderr], [0, '']);
  assert.is(readFileSync(join(site, 'site.yaml'), 'utf8'), PINNED);
  const lines = result.stdout.trimEnd().split('\n');
  assert.is(lines[0], `plant/site.yaml:5:37 sha512 ${KERNEL}: ${sha512(RELEASE[KERNEL] ?? '')}`);
  assert.is(lines.length, 8);
  assert.equal(
    [...requests].sort(),
    [`GET /v1.3.2/${LIST}`, ...BOOTED.map((name) => `HEAD /v1.3.2/${name}`)].sort(),
  );
});

test('a second run writes nothing', async () => {
  const site = makeSite(PINNED);
  const file = join(site, 'site.yaml');
  const before = statSync(file, { bigint: true });
  const { result } = await withMirror(below('v1.3.2', RELEASE), async (url) => {
    const run = await harvgenBeside(['media', '--pin', '--from', url, 'plant'], dirname(site));
    return { ...run, stdout: run.stdout.replace(url, 'URL') };
  });
  assert.equal(result, {
    code: 0,
    stdout: `plant: all pins match URL/v1.3.2/${LIST}\n`,
    stderr: '',
  });
  assert.is(statSync(file, { bigint: true }).mtimeNs, before.mtimeNs);
  assert.is(statSync(file, { bigint: true }).ino, before.ino);
});

test('reads a directory of media, one of the release, and the checksum file itself', () => {
  const media = writeFiles(scratchFolder(), below('v1.3.2', RELEASE) as Record<string, string>);
  for (const from of [media, join(media, 'v1.3.2'), join(media, 'v1.3.2', LIST)]) {
    const site = makeSite(UNPINNED);
    const { code, stderr } = harvgen(['media', '--pin', '--from', from, 'plant'], dirname(site));
    assert.equal([code, stderr], [0, '']);
    assert.is(readFileSync(join(site, 'site.yaml'), 'utf8'), PINNED);
  }
});

test('omits an unknown size', () => {
  const folder = writeFiles(scratchFolder(), { [LIST]: RELEASE[LIST] ?? '' });
  const site = makeSite(UNPINNED);
  assert.is(harvgen(['media', '--pin', '--from', folder, 'plant'], dirname(site)).code, 0);
  const expected = edited(UNPINNED, ['  version: v1.3.2\n', `  version: v1.3.2\n  sha512:\n${pins()}`]);
  assert.is(readFileSync(join(site, 'site.yaml'), 'utf8'), expected);
});

test('a differing pin is an error with both digests and the source location, and nothing is written', async () => {
  const other = sha512('as it once was');
  const inventory = edited(UNPINNED, [
    '  version: v1.3.2\n',
    `  version: v1.3.2\n  sha512:\n    ${ISO}: "${other}"\n`,
  ]);
  const site = makeSite(inventory);
  const { result } = await withMirror(below('v1.3.2', RELEASE), async (url) => {
    const run = await harvgenBeside(['media', '--pin', '--from', url, 'plant'], dirname(site));
    return { ...run, stderr: run.stderr.replaceAll(url, 'URL') };
  });
  assert.equal(result, {
    code: 1,
    stdout: '',
    stderr: `harvgen: ${ISO} is pinned at plant/site.yaml:5:33 as
    ${other}
  but URL/v1.3.2/${LIST} contains
    ${sha512(RELEASE[ISO] ?? '')}
If the release was published again for a known reason, replace these pins; otherwise do not boot from it
harvgen: nothing was saved
`,
  });
  assert.is(readFileSync(join(site, 'site.yaml'), 'utf8'), inventory);
});

test('a list that differs from the digests that harvgen knows is an error, too', async () => {
  const site = makeSite(PLANT);
  const { result } = await withMirror(below('v1.4.1', releaseOf('v1.4.1')), (url) =>
    harvgenBeside(['media', '--pin', '--from', url, 'plant'], dirname(site)),
  );
  assert.is(result.code, 1);
  assert.match(
    result.stderr,
    `harvester-v1.4.1-amd64.iso is pinned by harvgen as\n    ${digestOf({}, 'harvester-v1.4.1-amd64.iso')}\n  but http://`,
  );
  assert.match(
    result.stderr,
    'replace these pins; otherwise do not boot from it\nharvgen: nothing was saved\n',
  );
  assert.is(readFileSync(join(site, 'site.yaml'), 'utf8'), PLANT);
});

test('reports a differing size, too', () => {
  const media = writeFiles(scratchFolder(), below('v1.3.2', RELEASE) as Record<string, string>);
  const site = makeSite(
    edited(UNPINNED, ['  version: v1.3.2\n', `  version: v1.3.2\n  size: { ${ISO}: 7 }\n`]),
  );
  const { code, stderr } = harvgen(['media', '--pin', '--from', media, 'plant'], dirname(site));
  assert.is(code, 1);
  assert.match(stderr, `${ISO} has 7 bytes at plant/site.yaml:4:39, but ${RELEASE[ISO]?.length} beside `);
  assert.match(stderr, '\nThe digest is the same: correct the size, or check that the file is complete');
  assert.not.match(stderr, 'published again');
});

test('rejects a local file that does not match the checksum file, and pins no size', () => {
  for (const copy of [RELEASE[ISO]?.slice(0, -3) ?? '', 'another file', '']) {
    const files = { ...RELEASE, [ISO]: copy };
    const media = writeFiles(scratchFolder(), below('v1.3.2', files) as Record<string, string>);
    const site = makeSite(UNPINNED);
    const { code, stdout, stderr } = harvgen(['media', '--pin', '--from', media, 'plant'], dirname(site));
    const folder = join(media, 'v1.3.2');
    const why = `${folder}/${ISO} does not match ${folder}/${LIST}: it is truncated, or another file`;
    assert.equal([code, stdout, stderr], [1, '', `harvgen: ${why}\nharvgen: nothing was saved\n`]);
    assert.is(readFileSync(join(site, 'site.yaml'), 'utf8'), UNPINNED);
  }
});

test('warns that pins from another machine over http are not authenticated', async () => {
  const site = makeSite(UNPINNED);
  const { result } = await withMirror(below('v1.3.2', RELEASE), (url) => {
    // Reaches this machine, but is not a loopback address.
    const elsewhere = url.replace('127.0.0.1', '0.0.0.0');
    return harvgenBeside(['media', '--pin', '--from', elsewhere, 'plant'], dirname(site));
  });
  assert.equal(
    [result.code, result.stderr],
    [
      0,
      'harvgen: http does not authenticate the checksums: compare the pins with a list from https before you rely on them\n',
    ],
  );
  assert.is(readFileSync(join(site, 'site.yaml'), 'utf8'), PINNED);
});

test("writes to the site's file that sets the release, otherwise to its root file", () => {
  const media = writeFiles(scratchFolder(), below('v1.3.2', RELEASE) as Record<string, string>);
  const without = edited(UNPINNED, ['harvester:\n  version: v1.3.2\n', '']);
  const own = writeFiles(scratchFolder(), {
    'plant/site.yaml': without,
    'plant/release.yaml': '# which one\nharvester: { version: v1.3.2 } # for now\n',
  });
  assert.is(harvgen(['media', '--pin', '--from', media, 'plant'], own).code, 0);
  const { 'plant/site.yaml': root, 'plant/release.yaml': release = '' } = readTree(own);
  assert.is(root, without);
  assert.match(
    release,
    /^# which one\nharvester: \{ version: v1\.3\.2, sha512: \{ harvester-v1\.3\.2-vmlinuz/,
  );
  assert.match(release, / # for now\n$/);
  const shared = writeFiles(scratchFolder(), {
    '_shared/release.yaml': 'harvester: { version: v1.3.2 }\n',
    'plant/site.yaml': edited(without, [
      'site: plant\n',
      'site: plant\ninclude: [../_shared/release.yaml]\n',
    ]),
  });
  assert.is(harvgen(['media', '--pin', '--from', media, 'plant'], shared).code, 0);
  const after = readTree(shared);
  assert.is(after['_shared/release.yaml'], 'harvester: { version: v1.3.2 }\n');
  assert.match(after['plant/site.yaml'] ?? '', `harvester:\n  sha512:\n${pins()}  size:\n${sizes()}`);
  assert.is(harvgen(['check', 'plant'], shared).code, 0);
});

test('pins each release of the site', async () => {
  const inventory = edited(UNPINNED, [
    'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
    `clusters:
  old: { vip: 192.168.178.40, token: "\${secret:old}" }
  new: { vip: 192.168.178.60, token: "\${secret:new}", harvester: { version: v1.7.3 } }
`,
  ])
    .replace('mode: create }', 'mode: create, cluster: old }')
    .replace('ip: 192.168.178.42 }', 'ip: 192.168.178.42, cluster: old }')
    .replace('ip: 192.168.178.43 }', 'ip: 192.168.178.43, cluster: new, mode: create }');
  const site = makeSite(inventory);
  const newer = releaseOf('v1.7.3');
  const { result } = await withMirror({ ...below('v1.3.2', RELEASE), ...below('v1.7.3', newer) }, (url) =>
    harvgenBeside(['media', '--pin', '--from', url, 'plant'], dirname(site)),
  );
  assert.is(result.code, 0, result.stderr);
  assert.is(result.stdout.trimEnd().split('\n').length, 16);
  const { stdout } = harvgen(['media', '--format', 'sha512', 'plant'], dirname(site));
  const lines = [...BOOTED, ...Object.keys(newer).slice(0, 4)].map((name) => {
    const version = /v\d+\.\d+\.\d+/.exec(name)?.[0];
    return `${sha512({ ...RELEASE, ...newer }[name] ?? '')}  ${version}/${name}`;
  });
  assert.equal(stdout.trimEnd().split('\n').sort(), lines.sort());
});

const missing = RELEASE[LIST]?.replace(/^.*initrd.*\n/m, '') ?? '';
const WRONG: Readonly<Record<string, [Record<string, string | Answer>, string]>> = {
  'a missing release': [{}, 'cannot be fetched: there is no such file (HTTP 404): check the release'],
  'a server error': [
    { [LIST]: (response) => response.writeHead(500).end() },
    'cannot be fetched: the server returned HTTP 500',
  ],
  'a web page, such as the login of a proxy': [
    { [LIST]: '<!DOCTYPE html><p>Log in</p>' },
    'is not a SHA-512 checksum file: it is a web page',
  ],
  'an empty file': [{ [LIST]: '' }, 'is not a SHA-512 checksum file: it is empty'],
  'digests of another algorithm': [
    { [LIST]: `${'0'.repeat(64)}  ${ISO}\n` },
    'is not a SHA-512 checksum file: its line 1 has another format',
  ],
  'a list without one of the files': [
    { [LIST]: missing },
    'does not list harvester-v1.3.2-initrd-amd64: it belongs to another release, or is truncated',
  ],
  'two digests for one file': [
    { [LIST]: `${RELEASE[LIST]}${sha512('another')}  ${ISO}\n` },
    `has two digests for ${ISO}: it cannot be trusted`,
  ],
  'an interrupted response': [
    {
      [LIST]: (response) => {
        response.writeHead(200, { 'Content-Length': 4000 });
        response.write('0123', () => response.destroy());
      },
    },
    'cannot be fetched: the response was interrupted',
  ],
  'an endless response': [
    { [LIST]: (response) => endless(response.writeHead(200)) },
    'is not a SHA-512 checksum file: it is larger than 1 MiB',
  ],
  'a redirect loop': [
    { [LIST]: (response) => response.writeHead(302, { Location: `/v1.3.2/${LIST}` }).end() },
    'cannot be fetched: it has more than 10 redirects',
  ],
  'a redirect to an invalid URL': [
    leadingTo('http://['),
    'cannot be fetched: it redirects to an invalid URL',
  ],
  'a redirect to a login': [
    leadingTo('http://user:hunter2@127.0.0.1/'),
    'cannot be fetched: it redirects to a URL with a login',
  ],
  'a redirect to a file': [
    leadingTo('file:///etc/passwd'),
    'cannot be fetched: it redirects to a URL that is neither http nor https',
  ],
};

function leadingTo(location: string): Record<string, Answer> {
  return { [LIST]: (response) => response.writeHead(302, { Location: location }).end() };
}

function endless(response: ServerResponse): void {
  const more = () => {
    while (!response.destroyed && response.write('0'.repeat(65536)));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

for (const [what, [files, message]] of Object.entries(WRONG)) {
  test(`${what} is reported, and nothing is written`, async () => {
    const site = makeSite(UNPINNED);
    const { result } = await withMirror(below('v1.3.2', files), async (url) => {
      const run = await harvgenBeside(['media', '--pin', '--from', url, 'plant'], dirname(site));
      return { ...run, stderr: run.stderr.replaceAll(url, 'URL') };
    });
    const expected = `harvgen: URL/v1.3.2/${LIST} ${message}\nharvgen: nothing was saved\n`;
    assert.equal(result, { code: 1, stdout: '', stderr: expected });
    assert.is(readFileSync(join(site, 'site.yaml'), 'utf8'), UNPINNED);
  });
}

test('follows a redirect, and omits sizes that a server does not send', async () => {
  const site = makeSite(UNPINNED);
  const moved: Answer = (response) => response.writeHead(301, { Location: '/moved' }).end();
  const { result } = await withMirror({ [`v1.3.2/${LIST}`]: moved, moved: RELEASE[LIST] ?? '' }, (url) =>
    harvgenBeside(['media', '--pin', '--from', url, 'plant'], dirname(site)),
  );
  assert.is(result.code, 0, result.stderr);
  assert.is(result.stdout.trimEnd().split('\n').length, 4);
});

test('reports no answer, a directory without the file, a file of another release, a login', () => {
  const home = dirname(makeSite(UNPINNED));
  writeFiles(home, { 'media/a.txt': '', 'harvester-v1.4.2-amd64.sha512': RELEASE[LIST] ?? '' });
  const wrong: Record<string, string> = {
    'http://127.0.0.1:9': `http://127.0.0.1:9/v1.3.2/${LIST} cannot be fetched: `,
    media: `media does not contain v1.3.2/${LIST}, and is not such a file`,
    nowhere: `nowhere does not contain v1.3.2/${LIST}, and is not such a file`,
    'harvester-v1.4.2-amd64.sha512': `harvester-v1.4.2-amd64.sha512 must be named ${LIST}, the checksum file of v1.3.2 for amd64`,
    'http://user:hunter2@127.0.0.1': '--from does not accept credentials',
  };
  for (const [from, message] of Object.entries(wrong)) {
    const { code, stdout, stderr } = harvgen(['media', '--pin', '--from', from, 'plant'], home);
    assert.equal([code, stdout], [1, ''], from);
    assert.ok(stderr.startsWith(`harvgen: ${message}`), stderr);
    assert.not.match(stderr, /hunter2|^ +at /m);
    assert.match(stderr, 'harvgen: nothing was saved\n');
  }
});

test('rejects a value that cannot be edited in place, with its source location', () => {
  const media = writeFiles(scratchFolder(), below('v1.3.2', RELEASE) as Record<string, string>);
  const site = makeSite(
    edited(UNPINNED, ['harvester:\n  version: v1.3.2\n', 'harvester: &release\n  version: v1.3.2\n']).replace(
      'cluster:\n',
      'cluster:\n  harvester: *release\n',
    ),
  );
  const before = readFileSync(join(site, 'site.yaml'), 'utf8');
  const { code, stderr } = harvgen(['media', '--pin', '--from', media, 'plant'], dirname(site));
  assert.is(code, 1);
  assert.match(stderr, 'is also used here as *release');
  assert.is(readFileSync(join(site, 'site.yaml'), 'utf8'), before);
});

test('does not edit an inventory with errors', () => {
  const home = dirname(makeSite(edited(UNPINNED, ['v1.3.2', '1.3.2'])));
  const { code, stderr } = harvgen(['media', '--pin', 'plant'], home);
  assert.is(code, 1);
  assert.match(stderr, '\n1 error: nothing was saved\n');
});

test('an invalid command line is reported', () => {
  const home = writeFiles(scratchFolder(), { 'plant/site.yaml': UNPINNED, 'other/site.yaml': UNPINNED });
  const wrong: Record<string, string[]> = {
    '--pin edits one inventory': ['--pin', 'plant', 'other'],
    '--from is the source for --pin': ['--from', 'media', 'plant'],
    '--pin edits the inventory': ['--pin', '--format', 'json', 'plant'],
    'unknown format toString; formats: text, json, urls, sha512': ['--format', 'toString', 'plant'],
  };
  for (const [message, args] of Object.entries(wrong)) {
    const { code, stderr } = harvgen(['media', ...args], home);
    assert.is(code, 2);
    assert.ok(stderr.includes(message), stderr);
  }
});

test('scripts/fetch-media.sh and sha512sum can read the pins', () => {
  const media = writeFiles(scratchFolder(), below('v1.3.2', RELEASE) as Record<string, string>);
  const site = makeSite(PINNED);
  const { stdout, stderr } = harvgen(['media', '--format', 'sha512', 'plant'], dirname(site));
  assert.is(stderr, '');
  for (const line of stdout.trimEnd().split('\n')) {
    const [digest, path = ''] = line.split('  ');
    assert.is(sha512(readFileSync(join(media, path), 'utf8')), digest);
  }
  harvgen(['build', 'plant'], dirname(site));
  const script = readFileSync(join(dirname(site), 'out/plant/scripts/fetch-media.sh'), 'utf8');
  for (const name of BOOTED) assert.match(script, `fetch v1.3.2 ${name} ${sha512(RELEASE[name] ?? '')}\n`);
  writeFileSync(join(site, 'site.yaml'), UNPINNED);
  assert.match(
    harvgen(['media', '--format', 'sha512', 'plant'], dirname(site)).stderr,
    `harvgen: omitted, not pinned: v1.3.2/${KERNEL}, `,
  );
});

test.run();

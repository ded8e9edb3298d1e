// needs: bash openssl curl rsync
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { textOf } from '../../src/tree/tree.ts';
import { readTree } from '../support/files.ts';
import { blocksOf } from '../support/markdown.ts';
import { edited, UNPINNED } from '../support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from '../support/scratch.ts';
import { writeTree } from '../support/write-tree.ts';

const KERNEL = 'harvester-v1.3.2-vmlinuz-amd64';
const INITRD = 'harvester-v1.3.2-initrd-amd64';
const NAMES = [
  'boot.ipxe',
  ...[1, 2, 3].map((number) => `ipxe/52-54-00-aa-01-0${number}.ipxe`),
  `harvester/v1.3.2/${KERNEL}`,
  `harvester/v1.3.2/${INITRD}`,
];
const MEDIA = {
  [`v1.3.2/${KERNEL}`]: 'the kernel\n'.repeat(9000),
  [`v1.3.2/${INITRD}`]: 'the initrd\n'.repeat(9000),
};
/** Files of another owner in the directory of the signatures. */
const MINE = {
  'notes.txt': 'mine',
  'release.asc.sig': 'mine',
  'ipxe/notes.sig': 'mine',
  'ipxe/rescue/a.ipxe.sig': 'mine',
  'packages/a.deb.sig': 'mine',
};
const SIGNED = edited(UNPINNED, ['server:\n', 'server:\n  sign: { signer: boot.plant }\n']);

/** Its nodes have identifiers besides their MAC addresses, or instead of them. */
const FURTHER = edited(
  SIGNED,
  ['      pool: 192.168.178.200-192.168.178.250', '      server: external'],
  ['mac: 52:54:00:aa:01:01, ', 'serial: B5W7.M32, '],
  ['mac: 52:54:00:aa:01:02, ', 'mac: 52:54:00:aa:01:02, uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332, '],
);

/** Extensions of a certificate. */
const CODE = 'keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n';
const CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n';

const test = suite<{ keys: string }>('scripts/sign-media.sh');

const openssl = (folder: string, ...args: string[]) =>
  execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Makes NAME.key and NAME.crt, signed by an authority; `at` is the validity period, as openssl has it. */
function certify(
  folder: string,
  name: string,
  subject: string,
  extensions: string,
  issuer?: string,
  at?: string[],
) {
  writeFileSync(join(folder, `${name}.ext`), extensions);
  openssl(
    folder,
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    subject,
  );
  const [from, to] = at ?? ['20200101000000Z', '20990101000000Z'];
  writeFileSync(join(folder, 'index.txt'), '');
  writeFileSync(
    join(folder, 'ca.cnf'),
    '[ca]\ndefault_ca=one\n[one]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=any\nunique_subject=no\nemail_in_dn=no\n[any]\ncommonName=supplied\n',
  );
  const by = issuer
    ? ['-cert', `${issuer}.crt`, '-keyfile', `${issuer}.key`]
    : ['-selfsign', '-keyfile', `${name}.key`];
  openssl(
    folder,
    ...['ca', '-batch', '-notext', '-config', 'ca.cnf', ...by, '-in', `${name}.csr`, '-out', `${name}.crt`],
    ...['-startdate', from ?? '', '-enddate', to ?? '', '-extfile', `${name}.ext`],
  );
}

test.before((context) => {
  const keys = scratchFolder();
  certify(keys, 'authority', '/CN=plant boot authority', CA);
  certify(keys, 'signer', '/CN=boot.plant', CODE, 'authority');
  certify(keys, 'other', '/CN=boot.other', CODE, 'authority');
  certify(
    keys,
    'web',
    '/CN=boot.plant',
    'keyUsage=digitalSignature\nextendedKeyUsage=serverAuth\n',
    'authority',
  );
  certify(
    keys,
    'agreement',
    '/CN=boot.plant',
    'keyUsage=keyAgreement\nextendedKeyUsage=codeSigning\n',
    'authority',
  );
  certify(keys, 'late', '/CN=boot.plant', CODE, 'authority', ['20200101000000Z', '20210101000000Z']);
  certify(keys, 'early', '/CN=boot.plant', CODE, 'authority', ['20900101000000Z', '20990101000000Z']);
  certify(keys, 'between', '/CN=between', CA, 'authority');
  certify(keys, 'below', '/CN=boot.plant', CODE, 'between');
  certify(keys, 'unknown', '/CN=another authority', CA);
  writeFileSync(
    join(keys, 'chain.crt'),
    readFileSync(join(keys, 'between.crt'), 'utf8') + readFileSync(join(keys, 'authority.crt'), 'utf8'),
  );
  context.keys = keys;
});

/** Makes a boot server: the tree, the media, and a directory for signatures. */
async function bootServer(inventory = SIGNED, media: Readonly<Record<string, string>> = MEDIA) {
  const { tree } = await compile(makeSite(inventory));
  assert.ok(tree);
  const folder = scratchFolder();
  writeFiles(
    join(folder, 'a tree'),
    Object.fromEntries([...tree].map(([path, file]) => [path, textOf(file)])),
  );
  writeFiles(join(folder, 'media'), media);
  return folder;
}

/** Runs the script. Returns its status and its output, without the directory's own path. */
function sign(folder: string, keys: string, certificate = 'signer', chain = 'authority', key = certificate) {
  const script = join(folder, 'a tree/scripts/sign-media.sh');
  const args = [`${certificate}.crt`, `${key}.key`, `${chain}.crt`].map((name) => join(keys, name));
  const env = {
    PATH: process.env.PATH,
    MEDIA: join(folder, 'media'),
    SIGNATURES: join(folder, 'the signatures'),
  };
  const { status, stdout, stderr } = spawnSync('bash', [script, ...args], { env, encoding: 'utf8' });
  return { status, text: (stdout + stderr).replaceAll(`${keys}/`, '').replaceAll(`${folder}/`, '') };
}

/** Whether iPXE would accept a signature: of these very bytes, by a certificate for code, up to the authority. */
function verifies(folder: string, keys: string, name: string): boolean {
  const file = name.startsWith('harvester/')
    ? join(folder, 'media', name.slice('harvester/'.length))
    : join(folder, 'a tree/www', name);
  const signature = join(folder, 'the signatures', `${name}.sig`);
  const how = ['-binary', '-inform', 'DER', '-purpose', 'any', '-CAfile', join(keys, 'authority.crt')];
  const args = ['cms', '-verify', ...how, '-in', signature, '-content', file, '-out', '/dev/null'];
  return spawnSync('openssl', args).status === 0;
}

const WITHOUT_CHECK = [KERNEL, INITRD].map(
  (name) => `not pinned in the inventory, signed without a check: ${name}`,
);
const lines = (word: string) => {
  const text = NAMES.map((name) => `${word}  ${name}`);
  return `${[...text.slice(0, 4), WITHOUT_CHECK[0], text[4], WITHOUT_CHECK[1], text[5]].join('\n')}\n`;
};

test('signs scripts, kernel and initrd, so that iPXE accepts them', async ({ keys }) => {
  const folder = await bootServer();
  assert.equal(sign(folder, keys), { status: 0, text: lines('signed') });
  const signatures = readTree(join(folder, 'the signatures'));
  assert.equal(Object.keys(signatures).sort(), NAMES.map((name) => `${name}.sig`).sort());
  for (const name of NAMES) {
    assert.ok(verifies(folder, keys, name), name);
    const path = join(folder, 'the signatures', `${name}.sig`);
    assert.is(statSync(path).mode & 0o777, 0o644);
    // iPXE accepts no signed attributes, and needs the authority's certificate next to the signer's: it has only the fingerprint.
    const shown = openssl(folder, 'cms', '-cmsout', '-print', '-inform', 'DER', '-in', path);
    assert.match(shown, /signedAttrs:\s+<ABSENT>/);
    assert.match(shown, 'subject: CN=plant boot authority');
  }
});

test('signs a script by each of its names, and removes signatures of serial numbers that are gone', async ({
  keys,
}) => {
  const folder = await bootServer(FURTHER);
  writeFiles(join(folder, 'the signatures'), {
    'ipxe/serial/gone.ipxe.sig': 'x',
    'ipxe/serial/notes.sig': 'mine',
  });
  const { status, text } = sign(folder, keys);
  assert.is(status, 0, text);
  const names = [
    '192.168.178.41',
    'serial/B5W7.M32',
    '52-54-00-aa-01-02',
    '4c4c4544-0042-3510-8057-b7c04f4d3332',
    '52-54-00-aa-01-03',
  ].map((name) => `ipxe/${name}.ipxe`);
  assert.equal(text.match(/(?<=^signed +)ipxe\/.*$/gm)?.sort(), [...names].sort());
  for (const name of names) assert.ok(verifies(folder, keys, name), name);
  assert.equal(text.match(/^removed .*$/gm), ['removed ipxe/serial/gone.ipxe.sig']);
  assert.ok(existsSync(join(folder, 'the signatures/ipxe/serial/notes.sig')));
});

test('keeps signatures, signs changed files, and removes signatures of removed files', async ({ keys }) => {
  const folder = await bootServer();
  sign(folder, keys);
  const path = (name: string) => join(folder, 'the signatures', `${name}.sig`);
  const before = NAMES.map((name) => statSync(path(name), { bigint: true }).ino);
  assert.equal(sign(folder, keys), { status: 0, text: lines('there ') });
  assert.equal(
    NAMES.map((name) => statSync(path(name), { bigint: true }).ino),
    before,
  );
  writeFileSync(join(folder, 'a tree/www/boot.ipxe'), '#!ipxe\necho changed\n');
  writeFiles(join(folder, 'the signatures'), {
    'ipxe/gone.ipxe.sig': 'x',
    'ipxe/gone.ipxe.sig.new': 'x',
    'boot.ipxe.sig.new': 'x',
    'harvester/v1.3.0/harvester-v1.3.0-vmlinuz-amd64.sig': 'x',
    ...MINE,
  });
  const { status, text } = sign(folder, keys);
  assert.is(status, 0);
  assert.match(text, 'signed  boot.ipxe\nthere   ipxe/');
  const removed = text.match(/^removed .*$/gm);
  assert.equal(removed, [
    'removed harvester/v1.3.0/harvester-v1.3.0-vmlinuz-amd64.sig',
    'removed ipxe/gone.ipxe.sig',
    'removed ipxe/gone.ipxe.sig.new',
  ]);
  assert.ok(verifies(folder, keys, 'boot.ipxe'));
  assert.not(existsSync(path('ipxe/gone.ipxe')));
  assert.not(existsSync(`${path('boot.ipxe')}.new`));
  for (const name of Object.keys(MINE)) assert.ok(existsSync(join(folder, 'the signatures', name)), name);
});

test('a file that is changed after it was signed does not verify', async ({ keys }) => {
  const folder = await bootServer();
  sign(folder, keys);
  writeFileSync(join(folder, 'media/v1.3.2', KERNEL), `${MEDIA[`v1.3.2/${KERNEL}`]}x`);
  writeFileSync(join(folder, 'a tree/www', NAMES[1] ?? ''), '#!ipxe\nshell\n');
  assert.equal(
    NAMES.map((name) => verifies(folder, keys, name)),
    [true, false, true, true, false, true],
  );
});

test('a kernel that does not match its pinned checksum is not signed, and loses its signature', async ({
  keys,
}) => {
  const digest = createHash('sha512')
    .update(MEDIA[`v1.3.2/${KERNEL}`] ?? '')
    .digest('hex');
  const pinned = edited(SIGNED, ['v1.3.2\n', `v1.3.2\n  sha512: { ${KERNEL}: "${digest}" }\n`]);
  const folder = await bootServer(pinned);
  assert.not.match(sign(folder, keys).text, WITHOUT_CHECK[0] ?? '');
  writeFileSync(join(folder, 'media/v1.3.2', KERNEL), 'a Trojan horse');
  const { status, text } = sign(folder, keys);
  assert.is(status, 1);
  assert.match(text, `FAILED  ${KERNEL}: SHA-512 mismatch, not signed\n`);
  assert.not(existsSync(join(folder, `the signatures/harvester/v1.3.2/${KERNEL}.sig`)));
  assert.ok(verifies(folder, keys, `harvester/v1.3.2/${INITRD}`));
});

test('a missing file is reported, and all others are signed', async ({ keys }) => {
  const folder = await bootServer(SIGNED, {});
  const { status, text } = sign(folder, keys);
  assert.is(status, 1);
  assert.match(text, `FAILED  ${KERNEL}: not in media/v1.3.2: run fetch-media.sh first\n`);
  assert.ok(verifies(folder, keys, 'boot.ipxe'));
});

test('signs with an intermediate certificate, and again after a change of the chain', async ({ keys }) => {
  const folder = await bootServer();
  assert.is(sign(folder, keys, 'below', 'chain').status, 0);
  for (const name of NAMES) assert.ok(verifies(folder, keys, name), name);
  assert.match(sign(folder, keys).text, 'signed  boot.ipxe', 'another certificate');
});

test('signs with a key that has a passphrase', async ({ keys }) => {
  const folder = await bootServer();
  openssl(keys, 'pkey', '-in', 'signer.key', '-aes256', '-passout', 'pass:a b', '-out', 'locked.key');
  process.env.SIGN_PASSPHRASE = 'a b';
  const script = join(folder, 'a tree/scripts/sign-media.sh');
  const env = {
    ...process.env,
    PASSIN: 'env:SIGN_PASSPHRASE',
    MEDIA: join(folder, 'media'),
    SIGNATURES: join(folder, 'the signatures'),
  };
  const args = ['signer.crt', 'locked.key', 'authority.crt'];
  const { status, stderr } = spawnSync('bash', [script, ...args], { cwd: keys, env, encoding: 'utf8' });
  assert.equal([status, stderr], [0, lines('signed')]);
});

const REJECTED: Readonly<Record<string, [args: string[], message: string]>> = {
  'that has expired': [['late'], 'late.crt is not valid today: certificate has expired'],
  'that is not valid yet': [['early'], 'early.crt is not valid today: certificate is not yet valid'],
  'for a web server': [
    ['web'],
    'web.crt must not be used for code signing: iPXE requires extendedKeyUsage codeSigning',
  ],
  'without the usage of signatures': [
    ['agreement'],
    'agreement.crt must not be used for signatures: iPXE requires keyUsage digitalSignature',
  ],
  'of another signer': [
    ['other'],
    'other.crt belongs to boot.other, but the machines require signatures of boot.plant (server.sign.signer)',
  ],
  'of another authority': [
    ['signer', 'unknown'],
    'signer.crt is not valid today: unable to get local issuer certificate',
  ],
  'whose chain has a gap': [
    ['below'],
    'below.crt is not valid today: unable to get local issuer certificate',
  ],
  'with another key': [['signer', 'authority', 'other'], 'other.key is not the key of signer.crt'],
  'that does not exist': [['nowhere', 'authority', 'signer'], 'nowhere.crt is not a certificate (PEM)'],
};

for (const [what, [args, message]] of Object.entries(REJECTED)) {
  test(`a certificate ${what} is rejected, and nothing is signed`, async ({ keys }) => {
    const folder = await bootServer();
    assert.equal(sign(folder, keys, ...(args as [string])), { status: 2, text: `${message}\n` });
    assert.not(existsSync(join(folder, 'the signatures')));
  });
}

test("the README's commands sign on the machine with the key, and copy the signatures to the boot server", async ({
  keys,
}) => {
  const home = scratchFolder();
  const server = join(home, 'boot-server/signatures');
  const media: Record<string, string> = {
    ...MEDIA,
    'v1.3.2/harvester-v1.3.2-rootfs-amd64.squashfs': 'the root file system',
    'v1.3.2/harvester-v1.3.2-amd64.iso': 'the ISO',
  };
  const pins = Object.entries(media).map(
    ([path, text]) => `${path.slice('v1.3.2/'.length)}: "${createHash('sha512').update(text).digest('hex')}"`,
  );
  const inventory = edited(
    UNPINNED,
    ['server:\n', `server:\n  sign: { signer: boot.plant, path: ${server} }\n`],
    ['v1.3.2\n', `v1.3.2\n  sha512: { ${pins.join(', ')} }\n`],
  );
  const { tree } = await compile(makeSite(inventory));
  assert.ok(tree);
  await writeTree(join(home, 'out/plant'), tree);
  writeFiles(join(home, 'media'), media);
  // The stand-in for the boot server's shell runs here.
  const ssh = '#!/bin/sh\nwhile [ "$1" = -l ]; do shift 2; done\nshift\nexec sh -c "$*"\n';
  writeFiles(home, { 'bin/ssh': ssh });
  chmodSync(join(home, 'bin/ssh'), 0o755);
  for (const name of ['signer.crt', 'signer.key', 'authority.crt'])
    copyFileSync(join(keys, name), join(home, name));
  const readme = textOf(tree.get('README.md') ?? { content: '' });
  const [variables = ''] = blocksOf(readme, 'sh');
  const [command = 'exit 9'] = blocksOf(readme, 'sh sign');
  const env = { PATH: `${join(home, 'bin')}:${process.env.PATH}`, HOME: home };
  const run = () => spawnSync('bash', ['-euc', variables + command], { cwd: home, env, encoding: 'utf8' });
  writeFiles(server, { 'ipxe/gone.ipxe.sig': 'x' });
  const { status, stderr } = run();
  assert.is(status, 0, stderr);
  const names = NAMES.map((name) => `${name}.sig`).sort();
  assert.equal(Object.keys(readTree(server)).sort(), names);
  assert.is(statSync(join(server, 'boot.ipxe.sig')).mode & 0o777, 0o644);
  rmSync(join(home, 'signer.key'));
  writeFileSync(join(home, 'out/plant/www/boot.ipxe'), 'changed');
  assert.is.not(run().status, 0);
  assert.equal(Object.keys(readTree(server)).sort(), names, 'unsigned files are not copied');
});

test('a wrong command line, and a directory that is not a tree, are reported', async ({ keys }) => {
  const folder = await bootServer();
  const { status, stderr } = spawnSync('bash', [join(folder, 'a tree/scripts/sign-media.sh'), 'a'], {
    encoding: 'utf8',
  });
  assert.equal([status, stderr], [2, 'usage: sign-media.sh CERTIFICATE KEY CHAIN\n']);
  rmSync(join(folder, 'a tree/www'), { recursive: true });
  assert.match(sign(folder, keys).text, 'a tree is not the tree of plant: it has no www/boot.ipxe\n');
});

test.run();

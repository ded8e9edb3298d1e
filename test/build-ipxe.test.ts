import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { fileText } from './support/file-text.ts';
import { readTree } from './support/files.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

/* scripts/build-ipxe-iso.sh, with stand-ins for compilers that record their arguments. */

const test = suite('scripts/build-ipxe-iso.sh');

/** Writes the requested file, and records its arguments and the configuration. */
const MAKE = `#!/bin/sh
echo "$@" >>"$NOTES"
cd "$2"
find config -type f -exec grep -H . {} + | sort >>"$NOTES"
[ -z "$BREAKS" ] || { mkdir -p bin && echo half >"$5"; exit 2; }
mkdir -p "$(dirname "$5")"
echo "made of $*" >"$5"
`;
const STAND_INS = { make: MAKE, uname: '#!/bin/sh\necho x86_64\n' };

const SIGNED = edited(PLANT, ['server:\n', 'server:\n  sign: { signer: boot.plant }\n']);

/** An output tree, a clone of iPXE and certificates in one directory, in which the script runs. */
async function workshop(inventory: string) {
  const { tree, diagnostics } = await compile(makeSite(inventory));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  const others = ['gcc', 'ld', 'perl', 'openssl'].map((name) => [`bin/${name}`, '#!/bin/sh\nexit 0\n']);
  const folder = writeFiles(scratchFolder(), {
    ...Object.fromEntries(
      ['scripts/build-ipxe-iso.sh', 'embed/plant.ipxe'].map((path) => [
        `tree/${path}`,
        fileText(tree, path) ?? '',
      ]),
    ),
    'ipxe/src/config/general.h': '/* general */\n',
    'ipxe/src/config/local/general.h': '/* of my own */\n',
    'authority.crt': 'the authority\n',
    ...Object.fromEntries(Object.entries(STAND_INS).map(([name, text]) => [`bin/${name}`, text])),
    ...Object.fromEntries(others),
  });
  for (const name of [...Object.keys(STAND_INS), 'gcc', 'ld', 'perl', 'openssl'])
    chmodSync(join(folder, 'bin', name), 0o755);
  const notes = join(folder, 'notes');
  return {
    folder,
    notes: () => readFileSync(notes, 'utf8'),
    run: (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
      spawnSync('bash', ['tree/scripts/build-ipxe-iso.sh', ...args], {
        cwd: folder,
        env: { NOTES: notes, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, ...more },
        encoding: 'utf8',
      }),
  };
}

const OWN = ['plant.ipxe', 'authority.crt', 'general.h'];

/** Returns the configuration of a clone without the script's own directory. */
function withoutOwnFiles(config: Readonly<Record<string, string>>): Record<string, string> {
  const own = /^local\/(harvgen_plant\/|\.harvgen\.lock$)/;
  return Object.fromEntries(Object.entries(config).filter(([path]) => !own.test(path)));
}

test('builds with the script, the certificate and the settings, and leaves the clone unchanged', async () => {
  const { folder, notes, run } = await workshop(SIGNED);
  const settings = join(folder, 'ipxe/src/config');
  const before = readTree(settings);
  const touched = () => OWN.map((name) => statSync(join(settings, 'local/harvgen_plant', name)).mtimeMs);
  let first: number[] | undefined;
  for (const _ of ['once', 'again']) {
    const { status, stderr } = run(['--out', 'images', 'efi', 'loaders']);
    assert.is(status, 0, stderr);
    assert.equal(Object.keys(readTree(join(folder, 'images'))), ['plant.efi', 'snponly.efi']);
    assert.equal(withoutOwnFiles(readTree(settings)), before);
    // Unchanged files keep their times; otherwise make rebuilds nearly everything.
    assert.equal(touched(), first ?? touched());
    first ??= touched();
  }
  const recorded = notes();
  assert.match(
    recorded,
    /-C \.\/ipxe\/src -j \d+ bin-x86_64-efi\/ipxe\.efi CONFIG=harvgen_plant TRUST=config\/local\/harvgen_plant\/authority\.crt EMBED=config\/local\/harvgen_plant\/plant\.ipxe\n/,
  );
  assert.match(recorded, 'config/local/harvgen_plant/authority.crt:the authority\n');
  assert.match(recorded, 'config/local/harvgen_plant/general.h:#define IMAGE_TRUST_CMD\n');
  assert.match(recorded, 'config/local/harvgen_plant/plant.ipxe:imgtrust --permanent || goto unverified\n');
  assert.not.match(recorded, 'DOWNLOAD_PROTO_HTTPS');
});

test('a failed build leaves no files, and earlier images stay', async () => {
  const { folder, run } = await workshop(PLANT);
  writeFiles(folder, { 'images/plant.efi': 'that of yesterday' });
  const before = readTree(join(folder, 'ipxe/src/config'));
  const { status, stderr } = run(['--out', 'images', 'efi'], { BREAKS: 'yes' });
  assert.is(status, 1);
  assert.match(stderr, 'FAILED  bin-x86_64-efi/ipxe.efi\n');
  assert.equal(readTree(join(folder, 'images')), { 'plant.efi': 'that of yesterday' });
  assert.equal(withoutOwnFiles(readTree(join(folder, 'ipxe/src/config'))), before);
});

test('reports missing programs with their packages', async () => {
  const { folder, run } = await workshop(PLANT);
  const links = ['bash', 'dirname', 'flock', 'readlink', 'sed', 'uname'].map(
    (name) => `ln -s "$(command -v ${name})" few/`,
  );
  assert.is(spawnSync('bash', ['-c', `mkdir few && ${links.join(' && ')}`], { cwd: folder }).status, 0);
  const { status, stderr } = run(['efi'], { PATH: join(folder, 'few') });
  assert.is(status, 1);
  assert.is(stderr, 'not installed: make gcc ld perl\n  apt-get install make gcc binutils perl\n');
});

test('builds in a changed certificate, although make does not detect the change', async () => {
  const { folder, run } = await workshop(SIGNED);
  const list = join(folder, 'ipxe/src/bin-x86_64-efi/.trusted.list');
  assert.is(run(['efi']).status, 0);
  writeFileSync(list, 'config/local/harvgen_plant/authority.crt\n');
  assert.is(run(['efi']).status, 0);
  assert.ok(existsSync(list));
  writeFileSync(join(folder, 'authority.crt'), 'another authority\n');
  assert.is(run(['efi']).status, 0);
  assert.not(existsSync(list));
});

test('two builds in one clone run one after the other', async () => {
  const { folder, notes, run } = await workshop(PLANT);
  writeFiles(folder, {
    'bin/make':
      '#!/bin/sh\necho begin >>"$NOTES"; sleep 0.3; cd "$2"; mkdir -p "${5%/*}"; echo made >"$5"; echo end >>"$NOTES"\n',
  });
  chmodSync(join(folder, 'bin/make'), 0o755);
  const env = { NOTES: join(folder, 'notes'), PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
  const other = spawn('bash', ['tree/scripts/build-ipxe-iso.sh', '--out', 'other', 'efi'], {
    cwd: folder,
    env,
  });
  const ended = once(other, 'close');
  while (!existsSync(env.NOTES)) await new Promise((resolve) => setTimeout(resolve, 10));
  const { status, stderr } = run(['--out', 'images', 'efi']);
  assert.is(status, 0, stderr);
  assert.match(stderr, 'another build is running in ./ipxe: waiting for its end\n');
  assert.equal(await ended, [0, null]);
  assert.is(notes(), 'begin\nend\nbegin\nend\n');
});

test('keeps an unmanaged directory of the same name', async () => {
  const { folder, run } = await workshop(PLANT);
  writeFiles(folder, { 'ipxe/src/config/local/harvgen_plant/general.h': '/* of my own */\n' });
  const before = readTree(join(folder, 'ipxe'));
  const { status, stderr } = run(['efi']);
  assert.is(status, 1);
  assert.is(stderr, 'this script did not create ./ipxe/src/config/local/harvgen_plant: move it away\n');
  assert.equal(readTree(join(folder, 'ipxe')), before);
});

test('works through a symbolic link, and finds its output tree', async () => {
  const { folder, run } = await workshop(PLANT);
  symlinkSync('tree/scripts/build-ipxe-iso.sh', join(folder, 'build'));
  const { status, stderr } = spawnSync('bash', ['build', '--dry-run', 'efi'], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.is(status, 0);
  assert.not.match(stderr, 'is missing');
  assert.is(run(['--dry-run', 'efi']).stderr, stderr);
});

test('reports all missing files at once; --dry-run also prints the commands', async () => {
  const { run } = await workshop(SIGNED);
  const missing = ['--ipxe', 'nowhere', '--authority', 'gone.crt', 'efi'];
  const errors = `nowhere contains no iPXE sources: git clone https://github.com/ipxe/ipxe, and set its directory with --ipxe
gone.crt is missing: set the certificate of the signing CA with --authority
`;
  const { status, stderr } = run(missing);
  assert.equal([status, stderr], [1, errors]);
  const dry = run(['--dry-run', ...missing]);
  assert.is(dry.status, 0);
  assert.ok(dry.stderr.startsWith(`${errors}would: make -C nowhere/src `), dry.stderr);
});

test('with https only for media, iPXE trusts only the CA of --ca', async () => {
  const { notes, run } = await workshop(
    edited(PLANT, ['server:\n', 'server:\n  media: https://releases.rancher.com/harvester\n']),
  );
  assert.is(run(['efi']).status, 0);
  assert.not.match(notes(), 'TRUST=');
  assert.match(notes(), 'DOWNLOAD_PROTO_HTTPS');
  assert.is(run(['--ca', 'authority.crt', 'efi']).status, 0);
  assert.match(notes(), 'TRUST=config/local/harvgen_plant/ca.pem ');
  assert.match(
    run(['--ca', 'gone.pem', 'efi']).stderr,
    'gone.pem is missing: set a CA certificate with --ca, or omit the option\n',
  );
});

test('requires LZMA only for images that boot BIOS', async () => {
  const { folder, run } = await workshop(PLANT);
  writeFiles(folder, { 'bin/gcc': '#!/bin/sh\nexit 1\n' });
  chmodSync(join(folder, 'bin/gcc'), 0o755);
  assert.not.match(run(['--dry-run', 'efi', 'loaders']).stderr, 'lzma');
  assert.match(run(['--dry-run', 'iso']).stderr, 'lzma.h');
});

test('an invalid command line is reported with status 2', async () => {
  const { run } = await workshop(SIGNED);
  for (const [args, message] of [
    [['floppy'], 'unknown argument floppy'],
    [['--out'], '--out requires a value'],
    [['--ca', 'ca.pem'], 'unknown argument --ca'],
  ] as const) {
    const { status, stderr } = run(args);
    assert.is(status, 2);
    assert.match(stderr, message);
  }
  const { status, stdout } = run(['--help']);
  assert.is(status, 0);
  assert.match(stdout, /^Builds iPXE for the machines of plant[\s\S]*--authority FILE[\s\S]*--dry-run/);
});

test.run();

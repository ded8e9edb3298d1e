import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { fileText } from './support/file-text.ts';
import { readTree } from './support/files.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

/* scripts/build-ipxe-iso.sh, with programs that stand in for compilers and note what they are told. */

const test = suite('scripts/build-ipxe-iso.sh');

/** Makes the file that it is told to, of what is built in, and keeps what it saw. */
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

/** A tree, a clone of iPXE and certificates in one folder; the script runs there. */
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

test('builds with the script, the certificate and the settings in it, and leaves the clone as it was', async () => {
  const { folder, notes, run } = await workshop(SIGNED);
  const before = readTree(join(folder, 'ipxe/src/config'));
  for (const _ of ['once', 'again']) {
    const { status, stderr } = run(['--out', 'images', 'efi', 'loaders']);
    assert.is(status, 0, stderr);
    assert.equal(Object.keys(readTree(join(folder, 'images'))), ['plant.efi', 'snponly.efi']);
    assert.equal(readTree(join(folder, 'ipxe/src/config')), before);
  }
  const said = notes();
  assert.match(
    said,
    /-C \.\/ipxe\/src -j \d+ bin-x86_64-efi\/ipxe\.efi CONFIG=harvgen TRUST=config\/local\/harvgen\/authority\.crt EMBED=config\/local\/harvgen\/plant\.ipxe\n/,
  );
  assert.match(said, 'config/local/harvgen/authority.crt:the authority\n');
  assert.match(said, 'config/local/harvgen/general.h:#define IMAGE_TRUST_CMD\n');
  assert.match(said, 'config/local/harvgen/plant.ipxe:imgtrust --permanent || goto unverified\n');
  assert.not.match(said, 'DOWNLOAD_PROTO_HTTPS');
});

test('what cannot be built leaves nothing behind, and what was there stays', async () => {
  const { folder, run } = await workshop(PLANT);
  writeFiles(folder, { 'images/plant.efi': 'that of yesterday' });
  const before = readTree(join(folder, 'ipxe/src/config'));
  const { status, stderr } = run(['--out', 'images', 'efi'], { BREAKS: 'yes' });
  assert.is(status, 1);
  assert.match(stderr, 'FAILED  bin-x86_64-efi/ipxe.efi\n');
  assert.equal(readTree(join(folder, 'images')), { 'plant.efi': 'that of yesterday' });
  assert.equal(readTree(join(folder, 'ipxe/src/config')), before);
});

test('what is missing is named, with the packages that have it', async () => {
  const { folder, run } = await workshop(PLANT);
  const links = ['bash', 'dirname', 'sed', 'uname'].map((name) => `ln -s "$(command -v ${name})" few/`);
  assert.is(spawnSync('bash', ['-c', `mkdir few && ${links.join(' && ')}`], { cwd: folder }).status, 0);
  const { status, stderr } = run(['efi'], { PATH: join(folder, 'few') });
  assert.is(status, 1);
  assert.is(stderr, 'missing here: make gcc ld perl\n  apt-get install make gcc binutils perl\n');
});

test('what is wrong on the command line is said, with status 2', async () => {
  const { run } = await workshop(SIGNED);
  for (const [args, complaint] of [
    [['floppy'], 'there is no floppy'],
    [['--out'], '--out needs a value'],
    [['--ipxe', 'nowhere'], 'nowhere holds no sources of iPXE: git clone https://github.com/ipxe/ipxe'],
    [['--authority', 'gone.crt'], 'gone.crt is not there: name the authority'],
    [['--ca', 'ca.pem'], 'there is no --ca'],
  ] as const) {
    const { status, stderr } = run(args);
    assert.is(status, 2);
    assert.match(stderr, complaint);
  }
  const { status, stdout } = run(['--help']);
  assert.is(status, 0);
  assert.match(stdout, /^Builds iPXE for the machines of plant[\s\S]*--authority FILE[\s\S]*--dry-run/);
});

test.run();

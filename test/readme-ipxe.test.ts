import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { mediaOf } from '../src/plan/media.ts';
import type { Tree } from '../src/tree/tree.ts';
import { fileText } from './support/file-text.ts';
import { blocksOf } from './support/markdown.ts';
import { NESTED } from './support/nested-plant.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite("iPXE in an output tree's README");

const SIGN: Edit = ['server:\n', 'server:\n  sign: { signer: boot.plant }\n'];
const HTTPS: Edit = [
  '  url: http://192.168.178.7\n',
  '  url: https://boot.example.org\n  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key }\n',
];
const ARM64: Edit = ['  version: v1.4.1', '  version: v1.4.1\n  arch: arm64'];
const BIOS: Edit = ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, firmware: bios }'];
const MEDIA: Edit = ['server:\n', 'server:\n  media: https://releases.rancher.com/harvester\n'];

/** Returns the inventory without DHCP, where NICs need names. */
function withoutDhcp(inventory: string): string {
  const newer: Edit = ['version: v1.4.1', 'version: v1.6.1'];
  return edited(inventory, newer, ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', '']).replace(
    /\{ (mac: \S+, ip: [0-9.]+)/g,
    '{ nics: [{ name: eno1, $1 }]',
  );
}

const CLONE = 'IPXE=$HOME/ipxe';
const BUILD = '"$TREE/scripts/build-ipxe-iso.sh" --ipxe "$IPXE"';
const IMAGES = `${BUILD} --out "$HOME/images"`;
const SIGNER = ' --authority authority.crt';
const WITH_CA = ' --ca ca.pem';
const LOADERS = `${BUILD} loaders`;
const loadersWith = (options: string) => `${BUILD}${options} loaders`;
const copied = (loaders: string, to = '/srv/harvgen/tftp/plant') =>
  `rsync --rsync-path="$SUDO rsync" --chmod=F644 --mkpath ${loaders} "$SERVER:${to}/"`;

/** The README's commands that build iPXE, and whether Debian's binaries are copied. */
interface Case {
  readonly inventory: string;
  readonly builds: readonly string[];
  readonly packaged?: true;
  readonly programs?: 'package' | 'build';
  /** The script's calls of make for all that it can build, without their common arguments. */
  readonly makes: readonly string[];
}

const LKRN = 'bin/ipxe.lkrn';
const EFI = 'bin-x86_64-efi/ipxe.efi';
const SNP = 'bin-x86_64-efi/snponly.efi';
const ARM = 'bin-arm64-efi/ipxe.efi';
const ARM_SNP = 'bin-arm64-efi/snponly.efi';
const EMBED = 'EMBED=config/local/harvgen_plant/plant.ipxe';
const CROSS = 'CROSS_COMPILE=aarch64-linux-gnu-';
const trusting = (...names: string[]) =>
  `TRUST=${names.map((name) => `config/local/harvgen_plant/${name}`).join(',')}`;
const OWN = `${trusting('authority.crt')} ${EMBED}`;
const OWN_HTTPS = `${trusting('authority.crt', 'ca.pem')} ${EMBED}`;
const CA = trusting('ca.pem');

const CASES: Readonly<Record<string, Case>> = {
  DHCP: {
    inventory: PLANT,
    builds: [],
    packaged: true,
    programs: 'package',
    makes: [`${LKRN} ${EMBED}`, `${EFI} ${EMBED}`, SNP],
  },
  'DHCP, signed': {
    inventory: edited(PLANT, SIGN, BIOS),
    builds: [loadersWith(SIGNER), copied('undionly.kpxe snponly.efi')],
    programs: 'build',
    makes: [`${LKRN} ${OWN}`, `${EFI} ${OWN}`, `bin/undionly.kpxe ${OWN}`, `${SNP} ${OWN}`],
  },
  'no DHCP': {
    inventory: withoutDhcp(PLANT),
    builds: [IMAGES],
    makes: [`${LKRN} ${EMBED}`, `${EFI} ${EMBED}`],
  },
  'no DHCP, signed': {
    inventory: withoutDhcp(edited(PLANT, SIGN)),
    builds: [IMAGES + SIGNER],
    makes: [`${LKRN} ${OWN}`, `${EFI} ${OWN}`],
  },
  https: {
    inventory: edited(PLANT, HTTPS),
    builds: [loadersWith(WITH_CA), copied('snponly.efi', '/srv/harvgen/tftp')],
    programs: 'build',
    makes: [`${LKRN} ${CA} ${EMBED}`, `${EFI} ${CA} ${EMBED}`, `${SNP} ${CA}`],
  },
  'https, signed': {
    inventory: edited(PLANT, HTTPS, SIGN),
    builds: [loadersWith(SIGNER + WITH_CA), copied('snponly.efi')],
    programs: 'build',
    makes: [`${LKRN} ${OWN_HTTPS}`, `${EFI} ${OWN_HTTPS}`, `${SNP} ${OWN_HTTPS}`],
  },
  'https for media alone': {
    inventory: edited(PLANT, MEDIA),
    builds: [LOADERS, copied('snponly.efi', '/srv/harvgen/tftp')],
    programs: 'build',
    makes: [`${LKRN} ${EMBED}`, `${EFI} ${EMBED}`, SNP],
  },
  'https for media alone, signed': {
    inventory: edited(PLANT, MEDIA, SIGN),
    builds: [loadersWith(SIGNER + WITH_CA), copied('snponly.efi')],
    programs: 'build',
    makes: [`${LKRN} ${OWN_HTTPS}`, `${EFI} ${OWN_HTTPS}`, `${SNP} ${OWN_HTTPS}`],
  },
  arm64: {
    inventory: edited(PLANT, ARM64),
    builds: [LOADERS, copied('snponly-arm64.efi', '/srv/harvgen/tftp')],
    packaged: true,
    makes: [`${ARM} ${EMBED} ${CROSS}`, `${ARM_SNP} ${CROSS}`],
  },
  'arm64, signed': {
    inventory: edited(PLANT, ARM64, SIGN),
    builds: [loadersWith(SIGNER), copied('snponly-arm64.efi')],
    programs: 'build',
    makes: [`${ARM} ${OWN} ${CROSS}`, `${ARM_SNP} ${OWN} ${CROSS}`],
  },
  'arm64, https, signed, no DHCP': {
    inventory: withoutDhcp(edited(PLANT, ARM64, HTTPS, SIGN)),
    builds: [IMAGES + SIGNER + WITH_CA],
    makes: [`${ARM} ${OWN_HTTPS} ${CROSS}`],
  },
};

for (const [name, { inventory, builds, packaged = false, programs, makes }] of Object.entries(CASES)) {
  test(name, async () => {
    const { site, tree, diagnostics } = await compile(makeSite(inventory));
    assert.ok(site && tree, diagnostics.map(({ message }) => message).join('\n'));
    const readme = fileText(tree, 'README.md') ?? '';
    const typed = blocksOf(readme, 'sh ipxe').join('').trimEnd();
    assert.equal(typed === '' ? [] : typed.split('\n'), builds.length > 0 ? [CLONE, ...builds] : []);
    assert.is(readme.includes('cp /usr/lib/ipxe/'), packaged);
    assert.is(readme.includes('http://ca.ipxe.org/auto'), name === 'https for media alone');
    const media = mediaOf(site, tree).filter(({ kind, nodes }) => kind === 'program' && nodes.length > 0);
    const sources = new Set(media.flatMap(({ from }) => Object.keys(from ?? {})));
    if (programs) assert.equal([...sources], [programs]);
    assert.equal(makesOf(tree), makes);
  });
}

test('an output tree whose machines need only packaged binaries builds nothing', async () => {
  const { tree, diagnostics } = await compile(makeSite(NESTED));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  assert.equal(
    [...tree.keys()].filter((path) => /embed|ipxe-iso/.test(path)),
    [],
  );
  assert.not.match(fileText(tree, 'README.md') ?? '', 'build-ipxe-iso');
});

test.run();

/** Returns the calls of make that the tree's script reports, with a clone of iPXE and certificates in place; on x86. */
function makesOf(tree: Tree): string[] {
  const script = fileText(tree, 'scripts/build-ipxe-iso.sh');
  assert.ok(script);
  const folder = writeFiles(scratchFolder(), {
    'tree/scripts/build-ipxe-iso.sh': script,
    'tree/embed/plant.ipxe': fileText(tree, 'embed/plant.ipxe') ?? '',
    'ipxe/src/config/general.h': '',
    'authority.crt': '',
    'ca.pem': '',
    'bin/uname': '#!/bin/sh\necho x86_64\n',
  });
  chmodSync(join(folder, 'bin/uname'), 0o755);
  const targets = /^#\s+loaders /m.test(script) ? ['iso', 'usb', 'efi', 'loaders'] : [];
  const { status, stderr } = spawnSync('bash', ['tree/scripts/build-ipxe-iso.sh', '--dry-run', ...targets], {
    cwd: folder,
    env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  return Array.from(
    stderr.matchAll(/^would: make -C \.\/ipxe\/src -j \d+ (\S+) CONFIG=harvgen_plant(.*)$/gm),
    ([, program, rest = '']) => `${program}${rest.replaceAll('\\,', ',')}`,
  );
}

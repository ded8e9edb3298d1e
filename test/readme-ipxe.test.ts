import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { mediaOf } from '../src/media/media-of.ts';
import { fileText } from './support/file-text.ts';
import { blocksOf } from './support/markdown.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite("what a tree's README says of iPXE");

const SIGN: Edit = ['server:\n', 'server:\n  sign: { signer: boot.plant }\n'];
const HTTPS: Edit = [
  '  url: http://192.168.178.7\n',
  '  url: https://boot.example.org\n  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key }\n',
];
const ARM64: Edit = ['  version: v1.4.1', '  version: v1.4.1\n  arch: arm64'];
const BIOS: Edit = ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, firmware: bios }'];
const MEDIA: Edit = ['server:\n', 'server:\n  media: https://releases.rancher.com/harvester\n'];

/** Without DHCP: the NICs need names then. */
function withoutDhcp(inventory: string): string {
  const newer: Edit = ['version: v1.4.1', 'version: v1.6.1'];
  return edited(inventory, newer, ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', '']).replace(
    /\{ (mac: \S+, ip: [0-9.]+)/g,
    '{ nics: [{ name: eno1, $1 }]',
  );
}

const TRUST = "echo '#define IMAGE_TRUST_CMD' >>config/local/general.h";
const SPEAKS_HTTPS = "echo '#define DOWNLOAD_PROTO_HTTPS' >>config/local/general.h";
const copied = (program: string, loader: string, to = '192.168.178.7:/srv/harvgen/tftp/plant') =>
  `rsync --chmod=F644 --mkpath ${program} root@${to}/${loader}`;

/** What the README has a person type where iPXE is built, and whether Debian's programs are copied. */
interface Case {
  readonly inventory: string;
  readonly builds: readonly string[];
  readonly packaged?: true;
  readonly programs?: 'package' | 'build';
}

const EFI = 'bin-x86_64-efi/snponly.efi';
const USB = 'bin-x86_64-efi/ipxe.usb';
const ARM = 'bin-arm64-efi/snponly.efi';
const OWN = 'TRUST=authority.crt EMBED=plant.ipxe';
const OWN_HTTPS = 'TRUST=authority.crt,ca.pem EMBED=plant.ipxe';

const CASES: Readonly<Record<string, Case>> = {
  DHCP: { inventory: PLANT, builds: [], packaged: true, programs: 'package' },
  'DHCP, signed': {
    inventory: edited(PLANT, SIGN, BIOS),
    builds: [
      TRUST,
      `make bin/undionly.kpxe ${OWN}`,
      copied('bin/undionly.kpxe', 'undionly.kpxe'),
      `make ${EFI} ${OWN}`,
      copied(EFI, 'snponly.efi'),
    ],
    programs: 'build',
  },
  'no DHCP': { inventory: withoutDhcp(PLANT), builds: [`make ${USB} EMBED=plant.ipxe`] },
  'no DHCP, signed': { inventory: withoutDhcp(edited(PLANT, SIGN)), builds: [TRUST, `make ${USB} ${OWN}`] },
  https: {
    inventory: edited(PLANT, HTTPS),
    builds: [
      SPEAKS_HTTPS,
      `make ${EFI} TRUST=ca.pem`,
      copied(EFI, 'snponly.efi', 'boot.example.org:/srv/harvgen/tftp'),
    ],
    programs: 'build',
  },
  'https, signed': {
    inventory: edited(PLANT, HTTPS, SIGN),
    builds: [
      TRUST,
      SPEAKS_HTTPS,
      `make ${EFI} ${OWN_HTTPS}`,
      copied(EFI, 'snponly.efi', 'boot.example.org:/srv/harvgen/tftp/plant'),
    ],
    programs: 'build',
  },
  'https for media alone': {
    inventory: edited(PLANT, MEDIA),
    builds: [
      SPEAKS_HTTPS,
      `make ${EFI} TRUST=ca.pem`,
      copied(EFI, 'snponly.efi', '192.168.178.7:/srv/harvgen/tftp'),
    ],
    programs: 'build',
  },
  arm64: {
    inventory: edited(PLANT, ARM64),
    builds: [`make ${ARM}`, copied(ARM, 'snponly-arm64.efi', '192.168.178.7:/srv/harvgen/tftp')],
    packaged: true,
  },
  'arm64, signed': {
    inventory: edited(PLANT, ARM64, SIGN),
    builds: [TRUST, `make ${ARM} ${OWN}`, copied(ARM, 'snponly-arm64.efi')],
    programs: 'build',
  },
  'arm64, https, signed, no DHCP': {
    inventory: withoutDhcp(edited(PLANT, ARM64, HTTPS, SIGN)),
    builds: [TRUST, SPEAKS_HTTPS, `make bin-arm64-efi/ipxe.usb ${OWN_HTTPS}`],
  },
};

for (const [name, { inventory, builds, packaged = false, programs }] of Object.entries(CASES)) {
  test(name, async () => {
    const { site, tree, diagnostics } = await compile(makeSite(inventory));
    assert.ok(site && tree, diagnostics.map(({ message }) => message).join('\n'));
    const readme = fileText(tree, 'README.md') ?? '';
    const typed = blocksOf(readme, 'sh ipxe').join('').trimEnd();
    assert.equal(typed === '' ? [] : typed.split('\n'), builds);
    assert.is(readme.includes('cp /usr/lib/ipxe/'), packaged);
    const media = mediaOf(site, tree).filter(({ kind, nodes }) => kind === 'program' && nodes.length > 0);
    const sources = new Set(media.flatMap(({ from }) => Object.keys(from ?? {})));
    if (programs) assert.equal([...sources], [programs]);
  });
}

test.run();

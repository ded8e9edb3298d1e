import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ISCSI_HARVESTER, onBootVolume } from '../../test/support/iscsi-harvester-plant.ts';
import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { edited, PLANT } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { installer } from '../targets/ipxe/installer.ts';
import { kernelLineTooLong, mostBytes } from './kernel-line-too-long.ts';

const SERVER = 'url: http://192.168.178.7';

/** A URL of media that makes the kernel line of the common site's nodes so long. */
function mediaFor(bytes: number) {
  return [SERVER, `${SERVER}\n  media: http://192.168.178.8/${'x'.repeat(bytes - 277)}`] as const;
}

const SECOND = 'mac: 52:54:00:aa:01:02, ip: 192.168.178.42';

ruleTest(kernelLineTooLong, {
  'one byte too many': {
    edits: [mediaFor(2048)],
    finds: [
      {
        at: '6:10',
        message:
          'The kernel line has 2048 bytes, and the kernel reads 2047: the installer would not learn where its configuration is.',
      },
    ],
  },
  'as many as the kernel reads': { edits: [mediaFor(2047)] },
  'a console of a node that makes it too long': {
    edits: [
      mediaFor(2040),
      [`{ ${SECOND} }`, `{ ${SECOND}, config: { install: { tty: "ttyS0,115200n8" } } }`],
    ],
    finds: [
      {
        at: '6:10',
        message:
          'The kernel line has 2050 bytes, and the kernel reads 2047: the installer would not learn where its configuration is.',
      },
    ],
  },
  'a NIC of which nothing is known, which iPXE tells': {
    edits: [
      // Its address in the URL of its configuration is two characters shorter than a MAC address.
      [SERVER, mediaFor(2047 - 74 + 2 + 1)[1]],
      ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', '    dhcp: { server: external }\n'],
      [SECOND, 'ip: 192.168.178.42'],
    ],
    finds: [
      {
        at: '6:10',
        message:
          'The kernel line has 2048 bytes, and the kernel reads 2047: the installer would not learn where its configuration is.',
      },
    ],
  },
  'a node that is never installed': {
    edits: [
      mediaFor(2040),
      [`{ ${SECOND} }`, `{ ${SECOND}, install: never, config: { install: { tty: "ttyS0,115200n8" } } }`],
    ],
  },
  'arguments of Linux, of which GRUB puts the longer name before them': {
    of: LINUX_PLANT,
    edits: [['"console=ttyS0,115200"]', `"a=${'x'.repeat(1818)}"]`]],
    finds: [
      {
        at: '20:13',
        message:
          'The kernel line of cg02 has 2064 bytes, and the kernel reads 2047: it would not learn what stands last.',
      },
    ],
  },
  'as many as the kernel reads, of Linux': {
    of: LINUX_PLANT,
    edits: [['"console=ttyS0,115200"]', `"a=${'x'.repeat(1801)}"]`]],
  },
  'many DNS servers, without DHCP': {
    edits: [
      [
        'dns: [192.168.178.1]\n    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n',
        `dns: [${Array.from({ length: 70 }, (_, index) => `192.168.178.${100 + index}`).join(', ')}]\n`,
      ],
      ['version: v1.4.1', 'version: v1.4.2'],
      [
        'harv-1: { mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }',
        'harv-1: { nics: [{ name: eno1, mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }], mode: create }',
      ],
      [SECOND, 'nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }]'],
      [
        'mac: 52:54:00:aa:01:03, ip: 192.168.178.43',
        'install: never, nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }]',
      ],
    ],
    finds: [
      {
        at: '21:3',
        message:
          'The kernel line has 2232 bytes, and the kernel reads 2047: the installer would not learn where its configuration is.',
      },
      {
        at: '22:3',
        message:
          'The kernel line has 2232 bytes, and the kernel reads 2047: the installer would not learn where its configuration is.',
      },
    ],
  },
});

const test = suite('the most that a kernel line has');

for (const [what, text] of Object.entries({
  'the common site': PLANT,
  'one that pins a release before another': edited(PLANT, ['v1.4.1', 'v1.10.10-rc10']),
  'disks by iSCSI': ISCSI_HARVESTER,
  'volumes of a cloud': onBootVolume(),
})) {
  test(`is no less than it has: ${what}`, async () => {
    const { site } = await compile(makeSite(text));
    assert.ok(site);
    for (const node of site.nodes) {
      const bytes = Buffer.byteLength(installer(site, node).args.join(' '));
      assert.ok(mostBytes(site.server, node) > bytes + 60);
    }
  });
}

test.run();

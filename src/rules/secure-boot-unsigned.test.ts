import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { secureBootUnsigned } from './secure-boot-unsigned.ts';

const tools = (boot: string): readonly [string, string] => [
  '192.168.150.43 }',
  `192.168.150.43 }\n  tools: { mac: 52:54:00:0c:02:09, ip: 192.168.150.49, boot: { ${boot} }, vm: { vcpus: 1, memory: 1Gi, secure_boot: true } }`,
];
const less: readonly [string, string] = ['memory: 128Gi', 'memory: 256Gi'];

ruleTest(secureBootUnsigned, {
  'Linux by iPXE': {
    of: NESTED,
    edits: [less, tools('os: linux, kernel: vmlinuz, initrd: initrd.img')],
    finds: [
      {
        at: '28:156',
        message:
          'tools boots with Secure Boot, and what its firmware loads is iPXE, which nobody has signed.',
        help: 'say loader: grub under boot, or leave secure_boot out',
      },
    ],
  },
  'Harvester, said once of the layer that says it': {
    of: NESTED,
    edits: [['preset: small', 'preset: small, secure_boot: true']],
    finds: [
      {
        at: '23:37',
        message:
          'harvester-1 boots with Secure Boot, and what its firmware loads is iPXE, which nobody has signed.',
        help: 'leave secure_boot out; one whose firmware has a key of yours, and an iPXE that is signed by it, may silence this',
      },
    ],
  },
  'Linux by GRUB': {
    of: NESTED,
    edits: [less, tools('os: linux, kernel: vmlinuz, initrd: initrd.img, loader: grub')],
  },
  'its own disk': {
    of: NESTED,
    edits: [
      less,
      tools('os: local').map((text) => text.replace('1Gi,', '1Gi, disks: [{ size: 1Gi }],')) as [
        string,
        string,
      ],
    ],
  },
});

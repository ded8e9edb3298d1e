import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { secureBootBios } from './secure-boot-bios.ts';

const node = (more: string): readonly [string, string] => [
  '192.168.150.43 }',
  `192.168.150.43 }\n  tools: { mac: 52:54:00:0c:02:09, ip: 192.168.150.49, boot: { os: local }, ${more} }`,
];
const VM = 'vcpus: 1, memory: 1Gi, disks: [{ size: 1Gi }]';
const less: readonly [string, string] = ['memory: 128Gi', 'memory: 256Gi'];

ruleTest(secureBootBios, {
  'a BIOS': {
    of: NESTED,
    edits: [less, node(`firmware: bios, vm: { ${VM}, secure_boot: true }`)],
    finds: [
      {
        at: '28:159',
        message: 'tools is to boot with Secure Boot, and its firmware is bios, which has none.',
      },
    ],
  },
  'a BIOS of which it is not asked': {
    of: NESTED,
    edits: [less, node(`firmware: bios, vm: { ${VM}, secure_boot: false }`)],
  },
  'UEFI that boots its disk': { of: NESTED, edits: [less, node(`vm: { ${VM}, secure_boot: true }`)] },
});

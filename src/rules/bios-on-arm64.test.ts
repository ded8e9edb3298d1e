import { ruleTest } from '../../test/support/rule-test.ts';
import { biosOnArm64 } from './bios-on-arm64.ts';

const BIOS = ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: bios }'] as const;

ruleTest(biosOnArm64, {
  'BIOS in a cluster of arm64': {
    edits: [['version: v1.4.1', 'version: v1.4.1\n  arch: arm64'], BIOS],
    finds: [
      {
        at: '25:57',
        message:
          'The firmware of harv-2 is bios, and it is a machine of arm64: such a one boots by UEFI only.',
      },
    ],
  },
  'BIOS on a machine without Harvester': {
    edits: [
      ['version: v1.4.1', 'version: v1.4.1\n  arch: arm64'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, firmware: bios, boot: { os: local } }'],
    ],
    silence: ['two-node-cluster'],
    finds: [
      {
        at: '26:57',
        message:
          'The firmware of harv-3 is bios, and it is a machine of arm64: such a one boots by UEFI only.',
      },
    ],
  },
  'BIOS in one of amd64': { edits: [BIOS] },
  'UEFI in one of arm64': {
    edits: [
      ['version: v1.4.1', 'version: v1.4.1\n  arch: arm64'],
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: uefi }'],
    ],
  },
});

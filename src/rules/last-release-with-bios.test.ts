import type { Edit } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { lastReleaseWithBios } from './last-release-with-bios.ts';

const release = (version: string): Edit => ['version: v1.4.1', `version: ${version}`];
const SKIP: Edit = ['    install:\n', '    install:\n      skipchecks: true\n'];
const BIOS: Edit = ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: bios }'];

ruleTest(lastReleaseWithBios, {
  'BIOS with v1.7': {
    edits: [release('v1.7.1'), SKIP, BIOS],
    finds: [
      {
        at: '25:57',
        message:
          'Harvester v1.7.1 is the last that installs on a machine which boots by BIOS: v1.8.0 refuses it.',
      },
    ],
  },
  'BIOS in the defaults: said once': {
    edits: [release('v1.7.0'), SKIP, ['defaults:\n', 'defaults:\n  firmware: bios\n']],
    finds: [
      {
        at: '17:3',
        message:
          'Harvester v1.7.0 is the last that installs on a machine which boots by BIOS: v1.8.0 refuses it.',
      },
    ],
  },
  'BIOS with v1.6': { edits: [release('v1.6.1'), SKIP, BIOS] },
  'UEFI with v1.7': { edits: [release('v1.7.1'), SKIP] },
  'a machine that boots its own disk by BIOS': {
    silence: ['two-node-cluster'],
    edits: [
      release('v1.7.1'),
      SKIP,
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: bios, boot: { os: local } }'],
    ],
  },
});

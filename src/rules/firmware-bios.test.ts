import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { firmwareBios } from './firmware-bios.ts';

const BIOS: readonly [string, string] = ['defaults:\n', 'defaults:\n  firmware: bios\n'];

ruleTest(firmwareBios, {
  'BIOS in the first release without it, said once for all nodes': {
    edits: [['version: v1.4.1', 'version: v1.8.0'], BIOS],
    finds: [
      {
        at: '17:3',
        message:
          'The firmware is bios, and Harvester v1.8.0 boots by UEFI only: the installer would refuse the machine.',
      },
    ],
  },
  'one that skips the checks': {
    edits: [
      ['version: v1.4.1', 'version: v1.8.1'],
      [
        HARV_3,
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, firmware: bios, config: { install: { skipchecks: true } } }',
      ],
    ],
    finds: [
      {
        at: '25:57',
        message:
          'The firmware is bios, and Harvester v1.8.1 boots by UEFI only: the installer would refuse the machine.',
      },
    ],
  },
  'BIOS in the release before': {
    silence: ['last-release-with-bios'],
    edits: [
      ['version: v1.4.1', 'version: v1.7.1'],
      BIOS,
      ['    install:\n', '    install:\n      skipchecks: true\n'],
    ],
  },
  'BIOS on a machine that runs no Harvester': {
    edits: [
      ['version: v1.4.1', 'version: v1.8.0'],
      [
        HARV_3,
        `${HARV_3}\n  tools: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, boot: { os: local }, firmware: bios }`,
      ],
    ],
  },
});

import { NESTED } from '../../test/support/nested-plant.ts';
import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { hardwareTooSmall } from './hardware-too-small.ts';

const release = (version: string): readonly [string, string] => ['version: v1.4.1', `version: ${version}`];
const hardware = (said: string): readonly [string, string] => [
  'defaults:\n',
  `defaults:\n  hardware: { ${said} }\n`,
];
const SKIPS: readonly [string, string] = ['    install:\n', '    install:\n      skipchecks: true\n'];
const node = (said: string): readonly [string, string] => [
  HARV_3,
  `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, ${said} }`,
];
const ALL_SHORT = hardware('threads: 15, memory: 63Gi, link_speed: 2.5G');
const message = (what: string, version = 'v1.4.1') =>
  `Harvester ${version} is for larger hardware than ${what}: the installer would stop.`;

ruleTest(hardwareTooSmall, {
  'all of it a little short, said once for all nodes': {
    edits: [ALL_SHORT],
    finds: [
      {
        at: '17:24',
        message: message(
          '15 CPU threads (16 at least), 63Gi of memory (64Gi at least) and a link of 2.5G (10G at least)',
        ),
        related: ['17:36', '17:54'],
      },
    ],
  },
  'all of it just enough': { edits: [hardware('threads: 16, memory: 64Gi, link_speed: 10G')] },
  'memory as it is sold': { edits: [hardware('memory: 64GB')] },
  'the same in the first release that looks': {
    edits: [release('v1.3.0'), hardware('memory: 48GB')],
    finds: [{ at: '17:23', message: message('48GB of memory (64Gi at least)', 'v1.3.0') }],
  },
  'the last release that does not look': { edits: [release('v1.2.2'), ALL_SHORT] },
  'checks that are skipped': { edits: [ALL_SHORT, SKIPS] },
  'checks that are skipped on one node only': {
    edits: [node('hardware: { link_speed: 1G }, config: { install: { skipchecks: true } }')],
  },
  'a machine that is too small for tests, too': {
    edits: [hardware('threads: 4')],
    finds: [{ at: '17:24', message: message('4 CPU threads (16 at least)') }],
  },
  'a virtual machine, for which the checks are skipped anyway': {
    edits: [node('vm: { memory: 16Gi, vcpus: 4 }')],
    silence: ['vm-below-minimum'],
  },
  'a virtual machine whose checks are not to be skipped': {
    edits: [node('vm: { memory: 16Gi, vcpus: 4 }, config: { install: { skipchecks: false } }')],
    finds: [
      {
        at: '25:61',
        message: message('a virtual machine, 4 CPU threads (16 at least) and 16Gi of memory (64Gi at least)'),
        related: ['25:84', '25:71', '25:122'],
      },
    ],
  },
  'BIOS in a release that counts it': {
    edits: [release('v1.7.0'), node('firmware: bios')],
    finds: [{ at: '25:57', message: message('BIOS (UEFI)', 'v1.7.0') }],
  },
  'BIOS in a release that does not': { edits: [release('v1.6.1'), node('firmware: bios')] },
  'machines of a preset, and a witness that is smaller still': {
    of: NESTED,
    edits: [
      [
        '192.168.150.43 }',
        '192.168.150.43, role: witness, vm: { vcpus: 4, memory: 16Gi, disks: [{ size: 190Gi }] } }',
      ],
    ],
  },
  'a machine of a preset whose checks are not to be skipped: the preset says how small it is': {
    of: NESTED,
    edits: [['192.168.150.43 }', '192.168.150.43, config: { install: { skipchecks: false } } }']],
    finds: [
      {
        at: '23:7',
        message:
          'Harvester v1.8.1 is for larger hardware than a virtual machine, 8 CPU threads (16 at least) and 32Gi of memory (64Gi at least): the installer would stop.',
        related: ['23:17', '23:17', '27:95'],
      },
    ],
  },
});

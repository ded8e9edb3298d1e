import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { HARV_3 } from '../../../test/support/resolved.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const release = (version: string): readonly [string, string] => ['version: v1.4.1', `version: ${version}`];
const defaults = (keys: string): readonly [string, string] => ['defaults:\n', `defaults:\n  ${keys}\n`];
const node = (keys: string): readonly [string, string] => [
  HARV_3,
  `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, ${keys} }`,
];
const SKIPS: readonly [string, string] = ['    install:\n', '    install:\n      skipchecks: true\n'];
const BOTH = [
  {
    at: '17:24',
    message: 'The machine has 7 CPU threads, but Harvester requires at least 8, even for tests.',
  },
  {
    at: '17:35',
    message: 'The machine has 31GB of memory, but Harvester requires at least 32Gi, even for tests.',
  },
];

ruleTest('hardware-below-minimum', {
  'less than for tests, with the checks skipped': {
    edits: [defaults('hardware: { threads: 7, memory: 31GB }'), SKIPS],
    finds: BOTH,
  },
  'less than for tests, in a release without checks': {
    edits: [release('v1.2.2'), defaults('hardware: { threads: 7, memory: 31GB }')],
    finds: BOTH,
  },
  'just enough for tests': { edits: [defaults('hardware: { threads: 8, memory: 32GB }'), SKIPS] },
  'just enough for a witness': {
    edits: [SKIPS, node('role: witness, hardware: { threads: 4, memory: 16GB }')],
  },
  'less than for a witness': {
    edits: [SKIPS, node('role: witness, hardware: { threads: 2, memory: 8GB }')],
    finds: [
      {
        at: '26:93',
        message: 'The machine has 2 CPU threads, but Harvester requires at least 4, even for a witness.',
      },
      {
        at: '26:104',
        message: 'The machine has 8GB of memory, but Harvester requires at least 16Gi, even for a witness.',
      },
    ],
  },
  'a virtual machine, which vm-below-minimum reports': {
    edits: [defaults('vm: { vcpus: 4, memory: 16Gi }')],
    silence: ['vm-below-minimum', 'vm-without-host'],
  },
});

const test = suite('hardware-below-minimum after another error');

test('reports nothing if the virtual machine has an error', async () => {
  const site = edited(PLANT, defaults('vm: 5\n  hardware: { threads: 4 }'), SKIPS);
  const { diagnostics } = await compile(makeSite(site));
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['wrong-type'],
  );
});

test.run();

const hardware = (keys: string): readonly [string, string] => [
  'defaults:\n',
  `defaults:\n  hardware: { ${keys} }\n`,
];
const ALL_SHORT = hardware('threads: 15, memory: 63Gi, link_speed: 2.5G');
const message = (what: string, version = 'v1.4.1') =>
  `The installer of Harvester ${version} stops, because it finds ${what}.`;

ruleTest('hardware-too-small', {
  'all of it slightly too small: reported once for all nodes': {
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
  'memory in decimal gigabytes': { edits: [hardware('memory: 64GB')] },
  'the same in the first release with checks': {
    edits: [release('v1.3.0'), hardware('memory: 48GB')],
    finds: [{ at: '17:23', message: message('48GB of memory (64Gi at least)', 'v1.3.0') }],
  },
  'the last release without checks': { edits: [release('v1.2.2'), ALL_SHORT] },
  'checks that are skipped': { edits: [ALL_SHORT, SKIPS] },
  'checks that are skipped on one node only': {
    edits: [node('hardware: { link_speed: 1G }, config: { install: { skipchecks: true } }')],
  },
  'a machine that is also too small for tests': {
    edits: [hardware('threads: 4')],
    finds: [{ at: '17:24', message: message('4 CPU threads (16 at least)') }],
  },
  'a witness with enough for a witness: the installer checks it like any other node': {
    edits: [node('role: witness, hardware: { threads: 4, memory: 16Gi }')],
    finds: [
      {
        at: '25:93',
        message: message('4 CPU threads (16 at least) and 16Gi of memory (64Gi at least)'),
        related: ['25:104'],
        help: 'use a larger machine; or, for a witness, set `config: {install: {skipchecks: true}}`',
      },
    ],
  },
  'a virtual machine, for which checks are skipped by default': {
    edits: [node('vm: { memory: 16Gi, vcpus: 4 }')],
    silence: ['vm-below-minimum', 'vm-without-host'],
  },
  'a virtual machine with skipchecks: false': {
    edits: [node('vm: { memory: 16Gi, vcpus: 4 }, config: { install: { skipchecks: false } }')],
    silence: ['vm-without-host'],
    finds: [
      {
        at: '25:61',
        message: message('a virtual machine, 4 CPU threads (16 at least) and 16Gi of memory (64Gi at least)'),
        related: ['25:84', '25:71', '25:122'],
      },
    ],
  },
  'BIOS in a release that checks it': {
    edits: [release('v1.7.0'), node('firmware: bios')],
    finds: [
      {
        at: '25:57',
        message: message('BIOS instead of UEFI', 'v1.7.0'),
        help: 'switch the firmware of the machine to UEFI, and remove `firmware: bios`; or, for tests, set `config: {install: {skipchecks: true}}`',
      },
    ],
  },
  'BIOS on a machine that is too small, too': {
    edits: [release('v1.7.0'), node('firmware: bios, hardware: { threads: 12 }')],
    finds: [
      {
        at: '25:94',
        message: message('12 CPU threads (16 at least) and BIOS instead of UEFI', 'v1.7.0'),
        related: ['25:57'],
        help: 'use a larger machine; and switch the firmware of the machine to UEFI, and remove `firmware: bios`; or, for tests, set `config: {install: {skipchecks: true}}`',
      },
    ],
  },
  'BIOS on a machine that is also too small for tests': {
    edits: [release('v1.7.0'), node('firmware: bios, hardware: { threads: 4 }')],
    finds: [
      {
        at: '25:94',
        message: message('4 CPU threads (16 at least) and BIOS instead of UEFI', 'v1.7.0'),
        related: ['25:57'],
        help: 'use a machine with at least 8 CPU threads and 32Gi of memory: it is also too small for tests; and switch the firmware of the machine to UEFI, and remove `firmware: bios`',
      },
    ],
  },
  'a large virtual machine with skipchecks: false': {
    edits: [node('vm: { memory: 64Gi, vcpus: 16 }, config: { install: { skipchecks: false } }')],
    silence: ['vm-without-host'],
    finds: [
      {
        at: '25:61',
        message: message('a virtual machine'),
        related: ['25:123'],
        help: 'for tests, set `config: {install: {skipchecks: true}}`',
      },
    ],
  },
  'BIOS in a release that does not': { edits: [release('v1.6.1'), node('firmware: bios')] },
  'machines of a preset, and a smaller witness': {
    of: NESTED,
    edits: [
      [
        '192.168.150.43 }',
        '192.168.150.43, role: witness, vm: { vcpus: 4, memory: 16Gi, disks: [{ size: 190Gi }] } }',
      ],
    ],
  },
  'a machine of a preset with skipchecks: false': {
    of: NESTED,
    edits: [['192.168.150.43 }', '192.168.150.43, config: { install: { skipchecks: false } } }']],
    finds: [
      {
        at: '23:7',
        message:
          'The installer of Harvester v1.8.1 stops, because it finds a virtual machine, 8 CPU threads (16 at least) and 32Gi of memory (64Gi at least).',
        related: ['23:17', '23:17', '27:95'],
      },
    ],
  },
});

const VM = 'vm: { preset: small, disks: [{ size: 300Gi }] }';
const all = (keys: string): readonly [string, string] => [VM, `vm: { ${keys} }`];
const last = (keys: string): readonly [string, string] => ['192.168.150.43 }', `192.168.150.43, ${keys} }`];

ruleTest('vm-below-minimum', {
  'less than for tests: reported once for a layer': {
    of: NESTED,
    edits: [all('vcpus: 4, memory: 16Gi, disks: [{ size: 200Gi }]')],
    finds: [
      {
        at: '23:16',
        message: 'The virtual machine has 4 virtual CPUs, but Harvester requires at least 8, even for tests.',
      },
      {
        at: '23:27',
        message:
          'The virtual machine has 16Gi of memory, but Harvester requires at least 32Gi, even for tests.',
      },
      {
        at: '23:49',
        message:
          'The virtual machine has 200Gi of disk as its device, but Harvester requires at least 250Gi, even for tests.',
      },
    ],
  },
  'a data disk that is too small, and a device that is not': {
    of: NESTED,
    silence: ['disks-wiped'],
    edits: [
      all('preset: small, disks: [{ size: 180Gi }, { size: 40Gi, serial: data }]'),
      ['  config:\n', '  config:\n    install: { data_disk: /dev/disk/by-id/virtio-data }\n'],
    ],
    finds: [
      {
        at: '24:57',
        message:
          'The virtual machine has 40Gi of disk as its data_disk, but Harvester requires at least 50Gi, even for tests.',
      },
    ],
  },
  'a witness, which only votes': {
    of: NESTED,
    edits: [last('role: witness, vm: { memory: 8Gi, vcpus: 4, disks: [{ size: 180Gi }] }')],
  },
  'a witness without a disk for the system': {
    of: NESTED,
    edits: [last('role: witness, vm: { memory: 8Gi, vcpus: 2 }')],
  },
  'a machine with skipchecks: false, which hardware-too-small reports': {
    of: NESTED,
    edits: [
      all('vcpus: 4, memory: 16Gi, disks: [{ size: 300Gi }]'),
      ['  config:\n', '  config:\n    install: { skipchecks: false }\n'],
    ],
    silence: ['hardware-too-small'],
  },
  'sizes that the release itself checks': {
    of: NESTED,
    edits: [['version: v1.8.1', 'version: v1.7.0'], all('preset: small, disks: [{ size: 200Gi }]')],
    silence: ['disk-too-small'],
  },
});

const vm = (keys: string): readonly [string, string] => [VM, `vm: { vcpus: 8, ${keys} }`];
const OTHERS = ['vm-below-minimum'];

fixableRuleTest('vm-too-small', {
  'memory and a disk that are too small for an installation': {
    of: NESTED,
    edits: [vm('memory: 1Gi, disks: [{ size: 1Gi }]')],
    finds: [
      {
        at: '23:27',
        message: 'The virtual machine has 1Gi of memory, but the installer requires at least 8Gi.',
        help: 'set at least 32Gi; or, if nothing is ever installed, add silence: {vm-too-small: "the reason"}',
      },
      {
        at: '23:48',
        message: 'The disk for Harvester has 1Gi, but its partitions and the ISO require 31Gi.',
        help: 'set at least 250Gi; or, if nothing is ever installed, add silence: {vm-too-small: "the reason"}',
      },
    ],
  },
  'just enough': { of: NESTED, edits: [vm('memory: 8Gi, disks: [{ size: 31Gi }]')], silence: OTHERS },
  'a small disk for data': {
    of: NESTED,
    edits: [vm('memory: 32Gi, disks: [{ size: 300Gi }, { size: 1Gi, name: b }]')],
  },
  'a machine without an installation': {
    of: NESTED,
    edits: [
      [
        '192.168.150.43 }',
        '192.168.150.43, boot: { os: local }, vm: { memory: 1Gi, disks: [{ size: 1Gi }] } }',
      ],
    ],
    silence: ['two-node-cluster'],
  },
});

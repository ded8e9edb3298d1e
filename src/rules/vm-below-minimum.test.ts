import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { vmBelowMinimum } from './vm-below-minimum.ts';

const VM = 'vm: { preset: small, disks: [{ size: 300Gi }] }';
const all = (said: string): readonly [string, string] => [VM, `vm: { ${said} }`];
const last = (said: string): readonly [string, string] => ['192.168.150.43 }', `192.168.150.43, ${said} }`];

ruleTest(vmBelowMinimum, {
  'less than for tests, said once of the layer that says it': {
    of: NESTED,
    edits: [all('vcpus: 4, memory: 16Gi, disks: [{ size: 200Gi }]')],
    finds: [
      {
        at: '23:16',
        message: 'The virtual machine has 4 virtual CPUs, and Harvester wants at least 8 even for tests.',
      },
      {
        at: '23:27',
        message: 'The virtual machine has 16Gi of memory, and Harvester wants at least 32Gi even for tests.',
      },
      {
        at: '23:49',
        message:
          'The virtual machine has 200Gi of disk as its device, and Harvester wants at least 250Gi even for tests.',
      },
    ],
  },
  'a data disk that is too small, beside a device that is not': {
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
          'The virtual machine has 40Gi of disk as its data_disk, and Harvester wants at least 50Gi even for tests.',
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
  'a machine whose checks are not to be skipped: the installer stops, as hardware-too-small says': {
    of: NESTED,
    edits: [
      all('vcpus: 4, memory: 16Gi, disks: [{ size: 300Gi }]'),
      ['  config:\n', '  config:\n    install: { skipchecks: false }\n'],
    ],
    silence: ['hardware-too-small'],
  },
  'sizes that the release itself looks at': {
    of: NESTED,
    edits: [['version: v1.8.1', 'version: v1.7.0'], all('preset: small, disks: [{ size: 200Gi }]')],
    silence: ['disk-too-small'],
  },
});

import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { diskSerialTaken } from './disk-serial-taken.ts';

const DISKS = 'disks: [{ size: 300Gi }]';

ruleTest(diskSerialTaken, {
  'one number for two disks': {
    of: NESTED,
    edits: [
      [DISKS, 'disks: [{ size: 300Gi, serial: a }, { size: 1Gi, serial: b }, { size: 1Gi, serial: a }]'],
    ],
    finds: [
      {
        at: '23:107',
        message:
          'Two disks of harvester-1 have the serial number a: the machine could not tell one from the other.',
        related: ['23:55'],
      },
    ],
  },
  'on two buses': {
    of: NESTED,
    edits: [[DISKS, 'disks: [{ size: 300Gi, serial: a }, { size: 1Gi, serial: a, bus: sata }]']],
    finds: [
      {
        at: '23:81',
        message:
          'Two disks of harvester-1 have the serial number a: the machine could not tell one from the other.',
        related: ['23:55'],
      },
    ],
  },
  'the same numbers in each machine, and some that follow': {
    of: NESTED,
    edits: [
      [DISKS, 'disks: [{ size: 300Gi, serial: a }, { size: 1Gi, serial: b }, { size: 1Gi }, { size: 1Gi }]'],
    ],
  },
});

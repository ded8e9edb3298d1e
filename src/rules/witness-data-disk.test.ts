import { ruleTest } from '../../test/support/rule-test.ts';
import { witnessDataDisk } from './witness-data-disk.ts';

const NEW: [string, string] = ['version: v1.4.1', 'version: v1.6.1'];
const DATA_DISK = 'data_disk: /dev/disk/by-path/pci-0000:00:17.0-ata-2';

ruleTest(witnessDataDisk, {
  'a witness with a data disk': {
    edits: [
      NEW,
      ['ip: 192.168.178.43', `ip: 192.168.178.43, role: witness, config: { install: { ${DATA_DISK} } }`],
    ],
    finds: [
      {
        at: '25:104',
        message:
          'harv-3 is a witness, and stores nothing: its data disk /dev/disk/by-path/pci-0000:00:17.0-ata-2 would be formatted, and never used.',
        related: ['25:63'],
      },
    ],
  },
  'a data disk by defaults': {
    edits: [
      NEW,
      ['    install:\n', `    install:\n      ${DATA_DISK}\n`],
      [
        'ip: 192.168.178.43 }\n',
        'ip: 192.168.178.43, role: witness }\nsilence: { disks-wiped: new disks }\n',
      ],
    ],
    finds: [
      {
        at: '21:18',
        message:
          'harv-3 is a witness, and stores nothing: its data disk /dev/disk/by-path/pci-0000:00:17.0-ata-2 would be formatted, and never used.',
        related: ['26:63'],
      },
    ],
  },
  'before v1.6.0, which mounts it': {
    silence: ['disks-wiped'],
    edits: [
      ['version: v1.4.1', 'version: v1.5.2'],
      ['ip: 192.168.178.43', `ip: 192.168.178.43, role: witness, config: { install: { ${DATA_DISK} } }`],
    ],
  },
  'a worker with a data disk': {
    edits: [
      NEW,
      [
        'ip: 192.168.178.43 }\n',
        `ip: 192.168.178.43 }\n  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker, config: { install: { ${DATA_DISK} } } }\nsilence: { disks-wiped: new disks }\n`,
      ],
    ],
  },
  'a witness without': { edits: [NEW, ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness']] },
});

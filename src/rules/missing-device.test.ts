import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { missingDevice } from './missing-device.ts';

const DEVICE = '    install:\n      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';

ruleTest(missingDevice, {
  'no node says its disk': {
    edits: [[DEVICE, '']],
    finds: [
      {
        at: '21:3',
        message:
          'harv-1, harv-2 and harv-3 do not say which disk Harvester is installed to: the installer would stop and wait.',
      },
    ],
  },
  'one node does not, with other keys of install beside': {
    edits: [
      [DEVICE, '    install: { tty: ttyS0 }\n'],
      ['mode: create', 'mode: create, config: { install: { device: /dev/sda } }'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [big]'],
      ['nodes:\n', 'profiles:\n  big: { config: { install: { device: /dev/sdb } } }\nnodes:\n'],
    ],
    finds: [
      {
        at: '25:3',
        message:
          'harv-2 does not say which disk Harvester is installed to: the installer would stop and wait.',
      },
    ],
  },
  'every node says it, by a layer or itself': {
    edits: [
      [DEVICE, ''],
      ['mode: create', 'mode: create, config: { install: { device: /dev/sda } }'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [big]'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [big]'],
      ['nodes:\n', 'profiles:\n  big: { config: { install: { device: /dev/sdb } } }\nnodes:\n'],
    ],
  },
  'virtual machines, which have a first disk': { of: NESTED, edits: [] },
  'machines that boot their own disk': {
    edits: [
      [DEVICE, ''],
      ['mode: create', 'mode: create, config: { install: { device: /dev/sda } }'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, boot: { os: local }'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, boot: { os: local }'],
    ],
  },
});

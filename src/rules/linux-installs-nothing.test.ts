import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { linuxInstallsNothing } from './linux-installs-nothing.ts';

const says = (what: string) => `${what} says nothing here: cg01 boots Linux, which nothing installs.`;

ruleTest(linuxInstallsNothing, {
  'what a profile of such nodes says of an installation, once': {
    of: LINUX_PLANT,
    edits: [['    groups: [compute]\n', '    groups: [compute]\n    install: always\n    mode: create\n']],
    finds: [
      { at: '15:5', message: says('install') },
      { at: '16:5', message: says('mode') },
    ],
  },
  'a configuration, and a disk to boot': {
    of: LINUX_PLANT,
    edits: [
      [
        'profiles: [compute] }',
        'profiles: [compute], boot: { drive: 129 }, config: { os: { modules: [kvm] } } }',
      ],
    ],
    finds: [
      { at: '24:109', message: says('boot.drive') },
      { at: '24:133', message: says('config.os') },
    ],
  },
  'what the defaults say for others': {
    edits: [
      [
        'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, boot: { os: linux, kernel: vmlinuz } }',
      ],
    ],
    silence: ['two-node-cluster'],
  },
  'how a disk by iSCSI is installed, which nobody does': {
    of: ISCSI_PLANT,
    edits: [
      [
        'tenant: physics, firmware: bios }',
        'tenant: physics, firmware: bios, install: always, role: worker, config: { install: { device: /dev/sda } } }',
      ],
    ],
    finds: [
      {
        at: '21:83',
        message: 'install says nothing here: cn01 boots a disk by iSCSI, on which nothing is installed.',
        help: 'take it out; what the system is to be told is said on the disk itself',
      },
      {
        at: '21:100',
        message: 'role says nothing here: cn01 boots a disk by iSCSI, on which nothing is installed.',
        help: 'take it out; what the system is to be told is said on the disk itself',
      },
      {
        at: '21:124',
        message:
          'config.install says nothing here: cn01 boots a disk by iSCSI, on which nothing is installed.',
        help: 'take it out; what the system is to be told is said on the disk itself',
      },
    ],
  },
  'a drive where no local disk is ever booted': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { drive: 0x81 } }',
      ],
    ],
    finds: [
      {
        at: '21:91',
        message: 'boot.drive says nothing here: cn01 boots a disk by iSCSI, on which nothing is installed.',
        help: 'take it out; it says something beside `fallback: disk`',
      },
    ],
  },
  'a drive for where the target is away, by the node and by a layer': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { drive: 0x81, fallback: disk } }',
      ],
      ['    image: rocky9\n', '    image: rocky9\n    drive: 0x82\n'],
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { fallback: disk } }'],
    ],
  },
});

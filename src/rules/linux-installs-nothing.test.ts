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
});

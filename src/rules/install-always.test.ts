import { ruleTest } from '../../test/support/rule-test.ts';
import { installAlways } from './install-always.ts';

const HELP = (node: string) =>
  `as soon as the machine has begun to install: harvgen set SITE ${node} install=null, and build; where a profile or the defaults say it, set it to once there`;

ruleTest(installAlways, {
  'a node that is installed at every boot': {
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, install: always']],
    finds: [
      {
        at: '24:66',
        message: 'harv-2 is installed anew, and its disk wiped, every time it boots.',
        help: HELP('harv-2'),
      },
    ],
  },
  'a disk that is said to be booted, as if that were the one to be installed on': {
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, install: always, boot: { drive: 0x81 }']],
    finds: [
      {
        at: '24:66',
        message: 'harv-2 is installed anew, and its disk wiped, every time it boots.',
        help: `${HELP('harv-2')}; boot.drive is not the disk that is wiped: install.device is`,
      },
    ],
  },
  'by a profile': {
    edits: [
      ['nodes:\n', 'profiles:\n  lab: { install: always }\nnodes:\n'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [lab]'],
    ],
    finds: [{ at: '23:19', message: 'harv-2 is installed anew, and its disk wiped, every time it boots.' }],
  },
  'said in defaults and taken back by two nodes': {
    edits: [
      ['  config:\n', '  install: always\n  config:\n'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, install: once'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, install: never'],
    ],
    finds: [
      {
        at: '17:12',
        message:
          'harv-1 is installed anew, and its disk wiped, every time it boots, as a new cluster plant each time.',
        help: `${HELP('harv-1')}; where the cluster stands, make one that is not to be installed anew the create node`,
      },
    ],
  },
  'the other ways to install': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, install: once'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, install: never'],
    ],
  },
  'a machine that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, install: always, boot: { os: local }']],
  },
});

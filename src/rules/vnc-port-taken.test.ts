import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { vncPortTaken } from './vnc-port-taken.ts';

const screen = (ip: string, vnc: string) => [`${ip} }`, `${ip}, vm: { vnc: ${vnc} } }`] as const;

ruleTest(vncPortTaken, {
  'one port for two screens': {
    of: NESTED,
    edits: [screen('192.168.150.42', '{ port: 5911 }'), screen('192.168.150.43', '{ port: 5911 }')],
    finds: [
      {
        at: '27:81',
        message:
          'The port 5911 of the screen of harvester-3 is that of harvester-2, too: only one of them could start.',
        related: ['26:81'],
      },
    ],
  },
  'one of them at every address': {
    of: NESTED,
    silence: ['vnc-open'],
    edits: [
      screen('192.168.150.42', '{ port: 5911, listen: 0.0.0.0 }'),
      screen('192.168.150.43', '{ port: 5911 }'),
    ],
    finds: [
      {
        at: '27:81',
        message:
          'The port 5911 of the screen of harvester-3 is that of harvester-2, too: only one of them could start.',
        related: ['26:81'],
      },
    ],
  },
  'a port for all machines': {
    of: NESTED,
    edits: [['preset: small,', 'preset: small, vnc: { port: 5911 },']],
    finds: [
      {
        at: '23:37',
        message:
          'The port 5911 of the screen of harvester-2 is that of harvester-1, too: only one of them could start.',
      },
    ],
  },
  'the same port at two addresses': {
    of: NESTED,
    silence: ['vnc-open'],
    edits: [
      screen('192.168.150.42', '{ port: 5911, listen: 203.0.113.7 }'),
      screen('192.168.150.43', '{ port: 5911 }'),
    ],
  },
  'a port that libvirt may choose for another machine': {
    of: NESTED,
    edits: [screen('192.168.150.42', '{ port: 5901 }')],
    finds: [
      {
        at: '26:81',
        message:
          'The port 5901 of the screen of harvester-2 is one that libvirt may choose for harvester-1 and harvester-3, which name none: harvester-2 would not start then.',
      },
    ],
  },
  'a port behind those that libvirt chooses': {
    of: NESTED,
    edits: [screen('192.168.150.42', '{ port: 5902 }')],
  },
});

import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { vncOpen } from './vnc-open.ts';

ruleTest(vncOpen, {
  'screens at every address of the host, said of all machines': {
    of: NESTED,
    edits: [['preset: small,', 'preset: small, vnc: { listen: 0.0.0.0 },']],
    finds: [
      {
        at: '23:39',
        message:
          'The screen of harvester-1 is shown to everybody who reaches any address of the host: VNC asks for no password.',
      },
    ],
  },
  'a screen at an address that others reach': {
    of: NESTED,
    edits: [['192.168.150.42 }', '192.168.150.42, vm: { vnc: { listen: 203.0.113.7 } } }']],
    finds: [
      {
        at: '26:83',
        message:
          'The screen of harvester-2 is shown to everybody who reaches 203.0.113.7 of the host: VNC asks for no password.',
      },
    ],
  },
  'another address of the loopback': {
    of: NESTED,
    edits: [['preset: small,', 'preset: small, vnc: { listen: 127.0.0.2 },']],
  },
});

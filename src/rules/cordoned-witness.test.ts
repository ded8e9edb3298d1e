import { ruleTest } from '../../test/support/rule-test.ts';
import { cordonedWitness } from './cordoned-witness.ts';

const NEW: [string, string] = ['version: v1.4.1', 'version: v1.9.0'];
const MESSAGE = 'harv-3 is a witness, and cannot be cordoned: its installer would stop.';

ruleTest(cordonedWitness, {
  'a cordoned witness': {
    edits: [
      NEW,
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness, config: { install: { cordoned: true } }'],
    ],
    finds: [{ at: '25:103', message: MESSAGE, related: ['25:63'] }],
  },
  'a cordoned worker, and a witness that is said not to be': {
    edits: [
      NEW,
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, role: witness, config: { install: { cordoned: false } }'],
      [
        '  harv-2:',
        '  harv-0: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker, config: { install: { cordoned: true } } }\n  harv-2:',
      ],
    ],
  },
});

import { ruleTest } from '../../../test/support/rule-test.ts';

const HARV_2 = '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }';
const HARV_3 = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';

function placed(node: string, keys: string): [string, string] {
  return [node, node.replace(' }', `, ${keys} }`)];
}

ruleTest('position-without-rack', {
  'a position in no rack': {
    edits: [placed(HARV_3, 'position: 7')],
    finds: [
      {
        at: '25:67',
        message: 'harv-3 has the position 7, but no rack: the report does not draw it there.',
        help: 'add `rack: NAME`',
      },
    ],
  },
  'a rack by key, by label, and by xname': {
    edits: [
      placed(HARV_2, 'position: 7, labels: { example.org/rack: a }'),
      placed(HARV_3, 'position: 7, rack: b'),
    ],
  },
});

ruleTest('rack-unit-taken', {
  'a machine of two units over another one': {
    edits: [placed(HARV_2, 'rack: a, position: 7, height: 2'), placed(HARV_3, 'rack: a, position: 8')],
    finds: [
      {
        at: '25:76',
        message: 'harv-3 and harv-2 both take unit 8 of the rack a: one of them is somewhere else.',
        related: ['24:76'],
        help: 'set the lowest unit of each machine, and its height',
      },
    ],
  },
  'the next unit, and another rack': {
    edits: [
      placed(HARV_2, 'rack: a, position: 7, height: 2'),
      placed(HARV_3, 'rack: a, position: 9'),
      ['mode: create }', 'mode: create, rack: b, position: 7 }'],
    ],
  },
});

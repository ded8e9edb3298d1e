import { ruleTest } from '../../test/support/rule-test.ts';
import { duplicateNicName } from './duplicate-nic-name.ts';

/** Lists the NICs of a node, the third of the site's. */
function nics(...texts: readonly string[]) {
  return ['{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }', `{ nics: [${texts.join(', ')}] }`] as const;
}

const FIRST = '{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';

ruleTest(duplicateNicName, {
  'two NICs of a node with one name': {
    edits: [nics(FIRST, '{ name: eno1, mac: 52:54:00:aa:02:03 }')],
    finds: [
      {
        at: '25:88',
        message: 'Two NICs of harv-3 have the name eno1: a machine has one NIC of a name.',
        related: ['25:28'],
      },
    ],
  },
  'three of them, without MAC addresses': {
    edits: [nics(FIRST, '{ name: eno1 }', '{ name: eno1 }')],
    finds: [
      {
        at: '25:88',
        message: 'Two NICs of harv-3 have the name eno1: a machine has one NIC of a name.',
        related: ['25:28'],
      },
      {
        at: '25:104',
        message: 'Two NICs of harv-3 have the name eno1: a machine has one NIC of a name.',
        related: ['25:28'],
      },
    ],
  },
  'names that differ': { edits: [nics(FIRST, '{ name: eno2, mac: 52:54:00:aa:02:03 }')] },
  'one name in two nodes': {
    edits: [
      [
        '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }] }',
      ],
      nics(FIRST),
    ],
  },
  'NICs without names': { edits: [nics(FIRST, '{ mac: 52:54:00:aa:02:03 }', '{ mac: 52:54:00:aa:03:03 }')] },
});

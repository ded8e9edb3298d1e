import { ruleTest } from '../../test/support/rule-test.ts';
import { severalBootNics } from './several-boot-nics.ts';

const HARV_3 = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
const nics = (first: string, second: string) =>
  `{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43${first} }, { mac: 52:54:00:aa:02:03${second} }] }`;

ruleTest(severalBootNics, {
  'two NICs to boot from': {
    edits: [[HARV_3, nics(', boot: true', ', boot: true')]],
    finds: [
      {
        at: '25:112',
        message: 'harv-3 is said to boot from two NICs, and its files are named by one.',
        related: ['25:72'],
      },
    ],
  },
  'one NIC to boot from, and one that says not': {
    edits: [[HARV_3, nics(', boot: true', ', boot: false')]],
  },
  'no NIC that says so': { edits: [[HARV_3, nics('', '')]] },
});

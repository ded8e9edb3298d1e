import { ruleTest } from '../../test/support/rule-test.ts';
import { missingAddress } from './missing-address.ts';

ruleTest(missingAddress, {
  'a node without an address': {
    edits: [[', ip: 192.168.178.42', '']],
    finds: [
      {
        at: '24:3',
        message:
          "harv-2 has no address on the network that it boots from; a Harvester node's address must never change.",
      },
    ],
  },
  'an address on another NIC than the one that boots': {
    edits: [
      [
        '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        '{ nics: [{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }, { mac: 52:54:00:aa:02:02, boot: true }] }',
      ],
    ],
    finds: [
      {
        at: '24:3',
        message:
          "harv-2 has no address on the network that it boots from; a Harvester node's address must never change.",
      },
    ],
  },
  'a machine that boots its own disk': {
    edits: [[', ip: 192.168.178.42', ', boot: { os: local }']],
  },
  'an address on the NIC that boots alone': {
    edits: [
      [
        '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        '{ nics: [{ mac: 52:54:00:aa:01:02 }, { mac: 52:54:00:aa:02:02, ip: 192.168.178.42, boot: true }] }',
      ],
    ],
  },
});

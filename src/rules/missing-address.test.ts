import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { missingAddress } from './missing-address.ts';

ruleTest(missingAddress, {
  'a node without an address': {
    edits: [[', ip: 192.168.178.42', '']],
    finds: [
      {
        at: '24:3',
        message:
          "harv-2 has no address on the network that it boots from: the boot server hands a node's files to its address alone.",
        help: 'give it one that is its own for ever: `ip: …`',
      },
    ],
  },
  'a name that is a slip for that of another': {
    of: LINUX_PLANT,
    edits: [['  cg02: {', '  cg1: { groups: [compute] }\n  cg02: {']],
    finds: [
      {
        at: '25:3',
        message:
          "cg1 has no address on the network that it boots from: the boot server hands a node's files to its address alone.",
        help: 'did you mean cg01? Else give it one that is its own for ever: `ip: …`',
      },
    ],
  },
  'an address on another NIC than the one that boots': {
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24 }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        '{ nics: [{ mac: 52:54:00:aa:01:02, ip: 10.0.0.2 }, { mac: 52:54:00:aa:02:02, network: mgmt, boot: true }] }',
      ],
    ],
    finds: [
      {
        at: '25:3',
        message:
          "harv-2 has no address on the network that it boots from: the boot server hands a node's files to its address alone.",
        help: 'give nics[1] one that is its own for ever: `ip: …`',
      },
    ],
  },
  'a machine that boots its own disk, without an address': {
    silence: ['two-node-cluster'],
    edits: [[', ip: 192.168.178.42', ', boot: { os: local }']],
    finds: [
      {
        at: '24:3',
        message:
          "harv-2 has no address on the network that it boots from: the boot server hands a node's files to its address alone.",
      },
    ],
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

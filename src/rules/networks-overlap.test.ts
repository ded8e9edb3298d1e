import { ruleTest } from '../../test/support/rule-test.ts';
import { networksOverlap } from './networks-overlap.ts';

const POOL = '      pool: 192.168.178.200-192.168.178.250\n';
const MGMT = '  mgmt:\n';

ruleTest(networksOverlap, {
  'a subnet inside another': {
    edits: [[POOL, `${POOL}  storage: { subnet: 192.168.178.128/25 }\n`]],
    finds: [
      {
        at: '13:22',
        message:
          'The subnet 192.168.178.128/25 of storage overlaps 192.168.178.0/24 of mgmt: what is sent to one could end up in the other.',
        related: ['8:13'],
      },
    ],
  },
  'a subnet around another, whichever comes first': {
    edits: [
      [MGMT, `  plant: { subnet: 192.168.0.0/16 }\n${MGMT}`],
      [
        '{ mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }',
        '{ nics: [{ mac: 52:54:00:aa:01:01, ip: 192.168.178.41, network: mgmt }], mode: create }',
      ],
      [
        '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        '{ nics: [{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42, network: mgmt }] }',
      ],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, network: mgmt }] }',
      ],
    ],
    finds: [
      {
        at: '9:13',
        message:
          'The subnet 192.168.178.0/24 of mgmt overlaps 192.168.0.0/16 of plant: what is sent to one could end up in the other.',
        related: ['7:20'],
      },
    ],
  },
  'the same subnet twice': {
    edits: [[POOL, `${POOL}  storage: { subnet: 192.168.178.0/24 }\n`]],
    finds: [
      {
        at: '13:22',
        message:
          'The subnet 192.168.178.0/24 of storage overlaps 192.168.178.0/24 of mgmt: what is sent to one could end up in the other.',
        related: ['8:13'],
      },
    ],
  },
  'two subnets in one that ends after both': {
    edits: [
      [
        POOL,
        `${POOL}  east: { subnet: 10.20.0.0/24 }\n  all: { subnet: 10.20.0.0/16 }\n  west: { subnet: 10.20.255.0/24 }\n`,
      ],
    ],
    finds: [
      {
        at: '13:19',
        message:
          'The subnet 10.20.0.0/24 of east overlaps 10.20.0.0/16 of all: what is sent to one could end up in the other.',
        related: ['14:18'],
      },
      {
        at: '15:19',
        message:
          'The subnet 10.20.255.0/24 of west overlaps 10.20.0.0/16 of all: what is sent to one could end up in the other.',
        related: ['14:18'],
      },
    ],
  },
  'subnets next to each other, on both sides': {
    edits: [[POOL, `${POOL}  west: { subnet: 192.168.179.0/24 }\n  east: { subnet: 192.168.177.0/24 }\n`]],
  },
});

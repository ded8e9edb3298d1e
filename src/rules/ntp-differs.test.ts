import { ruleTest } from '../../test/support/rule-test.ts';
import { ntpDiffers } from './ntp-differs.ts';

const BOTH = '[0.suse.pool.ntp.org, 192.168.178.1]';
const NODES = 'nodes:\n';
const HARV_2 = '192.168.178.42 }';
const HARV_3 = '192.168.178.43 }';

ruleTest(ntpDiffers, {
  'a profile for one node': {
    edits: [
      [NODES, `profiles:\n  edge: { config: { os: { ntp_servers: ${BOTH} } } }\n${NODES}`],
      [HARV_2, '192.168.178.42, profiles: [edge] }'],
    ],
    finds: [
      {
        at: '23:40',
        message:
          'The time servers here are 0.suse.pool.ntp.org, 192.168.178.1, and harv-1 of the same cluster has 0.suse.pool.ntp.org: their clocks could differ.',
        related: ['18:24'],
      },
    ],
  },
  'a profile for two nodes, said once of the defaults that the others have': {
    edits: [
      [NODES, `profiles:\n  edge: { config: { os: { ntp_servers: ${BOTH} } } }\n${NODES}`],
      [HARV_2, '192.168.178.42, profiles: [edge] }'],
      [HARV_3, '192.168.178.43, profiles: [edge] }'],
    ],
    finds: [
      {
        at: '18:24',
        message:
          'The time servers here are 0.suse.pool.ntp.org, and harv-2 of the same cluster has 0.suse.pool.ntp.org, 192.168.178.1: their clocks could differ.',
        related: ['23:40'],
      },
    ],
  },
  'a node without any': {
    edits: [[HARV_3, '192.168.178.43, config: { os: { ntp_servers: [] } } }']],
    finds: [
      {
        at: '25:3',
        message:
          'harv-3 has no time server, and harv-1 of the same cluster has 0.suse.pool.ntp.org: their clocks could differ.',
        related: ['18:24'],
      },
    ],
  },
  'a create node without any': {
    edits: [['mode: create', 'mode: create, config: { os: { ntp_servers: [] } }']],
    finds: [
      {
        at: '23:3',
        message:
          'harv-1 has no time server, and harv-2 of the same cluster has 0.suse.pool.ntp.org: their clocks could differ.',
        related: ['18:24'],
      },
    ],
  },
  'the same in another order, from the network and from the node': {
    edits: [
      ['os: { ntp_servers: [0.suse.pool.ntp.org],', 'os: {'],
      ['    dns: [192.168.178.1]\n', `    dns: [192.168.178.1]\n    ntp: ${BOTH}\n`],
      [HARV_3, '192.168.178.43, config: { os: { ntp_servers: [192.168.178.1, 0.suse.pool.ntp.org] } } }'],
    ],
  },
  'two clusters, each of one mind': {
    edits: [
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
      [
        HARV_3,
        `${HARV_3}\n  west-1: { mac: 52:54:00:aa:02:01, ip: 192.168.178.51, mode: create, cluster: west, config: { os: { ntp_servers: ${BOTH} } } }`,
      ],
    ],
  },
  'a machine that is no member': {
    edits: [
      [HARV_3, `${HARV_3}\n  tower: { mac: 52:54:00:aa:02:01, ip: 192.168.178.51, boot: { os: local } }`],
    ],
  },
});

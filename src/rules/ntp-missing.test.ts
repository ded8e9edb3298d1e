import { ruleTest } from '../../test/support/rule-test.ts';
import { ntpMissing } from './ntp-missing.ts';

const NTP = 'os: { ntp_servers: [0.suse.pool.ntp.org],';
const DNS = '    dns: [192.168.178.1]\n';

ruleTest(ntpMissing, {
  'neither the network nor the configuration names one': {
    edits: [[NTP, 'os: {']],
    finds: [
      {
        at: '13:1',
        message:
          'The nodes of plant have no time server: once their clocks differ, etcd and certificates fail.',
      },
    ],
  },
  'an empty list in place of what the network has': {
    edits: [
      [NTP, 'os: { ntp_servers: [],'],
      [DNS, `${DNS}    ntp: [192.168.178.1]\n`],
    ],
    finds: [
      {
        at: '14:1',
        message:
          'The nodes of plant have no time server: once their clocks differ, etcd and certificates fail.',
      },
    ],
  },
  'one of two clusters': {
    edits: [
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
      [
        '192.168.178.43 }\n',
        '192.168.178.43 }\n  west-1: { mac: 52:54:00:aa:02:01, ip: 192.168.178.51, mode: create, cluster: west, config: { os: { ntp_servers: [] } } }\n',
      ],
    ],
    finds: [
      {
        at: '15:3',
        message:
          'The nodes of west have no time server: once their clocks differ, etcd and certificates fail.',
      },
    ],
  },
  'the network names one': {
    edits: [
      [NTP, 'os: {'],
      [DNS, `${DNS}    ntp: [192.168.178.1]\n`],
    ],
  },
  "the cluster's setting names one": {
    edits: [
      [NTP, 'os: {'],
      [
        '    install:\n',
        '    system_settings: { ntp-servers: { ntpServers: [192.168.178.1] } }\n    install:\n',
      ],
    ],
  },
});

import { ruleTest } from '../../test/support/rule-test.ts';
import { serverNameNeedsDns } from './server-name-needs-dns.ts';

ruleTest(serverNameNeedsDns, {
  'a name, and nobody to ask': {
    edits: [
      ['http://192.168.178.7', 'http://boot.example.org:8080'],
      ['    dns: [192.168.178.1]\n', ''],
    ],
    finds: [
      {
        at: '7:3',
        message: 'Machines on mgmt cannot find boot.example.org: the network has no DNS servers.',
        related: ['5:8'],
      },
    ],
  },
  'an address, a name for configurations, and nobody to ask': {
    edits: [
      [
        'http://192.168.178.7',
        'http://192.168.178.7\n  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key, url: https://boot.example.org }',
      ],
      ['    dns: [192.168.178.1]\n', ''],
    ],
    finds: [
      {
        at: '8:3',
        message: 'Machines on mgmt cannot find boot.example.org: the network has no DNS servers.',
        related: ['6:65'],
      },
    ],
  },
  'a name, and a DNS server': { edits: [['http://192.168.178.7', 'http://boot.example.org:8080']] },
  'an address, and no DNS server': { edits: [['    dns: [192.168.178.1]\n', '']] },
});

import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { vipTaken } from './vip-taken.ts';

const VIP = 'vip: 192.168.178.40';

ruleTest(vipTaken, {
  'the address of a node': {
    edits: [[VIP, 'vip: 192.168.178.42']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.178.42 is already the address of the node harv-2: the cluster could not come up.',
        related: ['24:41'],
      },
    ],
  },
  'the address of the gateway, which is the DNS server too: said once': {
    edits: [[VIP, 'vip: 192.168.178.1']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.178.1 is already the address of the gateway of mgmt: the cluster could not come up.',
        related: ['9:14'],
      },
    ],
  },
  'the address of the host, which is not the gateway': {
    of: NESTED,
    edits: [
      ['dhcp: {', 'libvirt: { address: 192.168.150.40 }\n    dhcp: {'],
      ['url: http://192.168.150.1', 'url: http://boot.example.org'],
    ],
    silence: ['server-url-by-name'],
    finds: [
      {
        at: '20:17',
        message:
          'The VIP 192.168.150.40 is already the address of the host on mgmt: the cluster could not come up.',
        related: ['18:25'],
      },
    ],
  },
  'the address of a DNS server': {
    edits: [['dns: [192.168.178.1]', 'dns: [192.168.178.1, 192.168.178.40]']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.178.40 is already the address of a DNS server of mgmt: the cluster could not come up.',
        related: ['10:10'],
      },
    ],
  },
  'the address of the boot server': {
    edits: [[VIP, 'vip: 192.168.178.7']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.178.7 is already the address of the boot server: the cluster could not come up.',
        related: ['5:8'],
      },
    ],
  },
  'one VIP for two clusters': {
    edits: [
      [
        `cluster:\n  ${VIP}\n  token: \${secret:cluster_token}\n`,
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.40, token: "${secret:west}" }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
    ],
    finds: [
      {
        at: '15:16',
        message:
          'The VIP 192.168.178.40 is already the address of the cluster east: the cluster could not come up.',
        related: ['14:16'],
      },
    ],
  },
  'addresses next to the others': { edits: [[VIP, 'vip: 192.168.178.44']] },
  'a free address, with a boot server that has a name': {
    edits: [
      ['url: http://192.168.178.7', 'url: http://boot.example.org'],
      [VIP, 'vip: 192.168.178.7'],
    ],
  },
  'the address of a management controller': {
    edits: [['ip: 192.168.178.42 }', 'ip: 192.168.178.42, bmc: { address: 192.168.178.40 } }']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.178.40 is already the address of the management controller of harv-2: the cluster could not come up.',
        related: ['24:73'],
      },
    ],
  },
  'the iSCSI server': {
    edits: [
      ['  url: http://192.168.178.7', '  url: http://192.168.178.7\n  iscsi: { address: 192.168.178.40 }'],
    ],
    finds: [
      {
        at: '15:8',
        message:
          'The VIP 192.168.178.40 is already the address of the iSCSI server: the cluster could not come up.',
        related: ['6:21'],
      },
    ],
  },
});

import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { infrastructureInDhcpPool } from './infrastructure-in-dhcp-pool.ts';

const POOL = '192.168.178.200-192.168.178.250';
const message = (address: string, whose: string) =>
  `The address ${address} of ${whose} is inside the DHCP pool ${POOL}: a stranger can be given it.`;

ruleTest(infrastructureInDhcpPool, {
  "somebody else's iSCSI server": {
    of: ISCSI_PLANT,
    edits: [
      ['    image: rocky9\n', ''],
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { image: rocky9 } }',
      ],
      [
        'ip: 10.2.0.12, tenant: physics }',
        'ip: 10.2.0.12, tenant: physics, boot: { target: iqn.2015-02.oracle.boot:uefi, server: 10.3.0.210 } }',
      ],
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { image: rocky9 } }'],
    ],
    finds: [
      {
        at: '9:77',
        message:
          'The address 10.3.0.210 of the iSCSI server of cn02 is inside the DHCP pool 10.3.0.200-10.3.0.250: a stranger can be given it.',
        related: ['21:121'],
      },
    ],
  },
  'the gateway inside the pool': {
    edits: [['gateway: 192.168.178.1', 'gateway: 192.168.178.200']],
    finds: [{ at: '12:13', message: message('192.168.178.200', 'the gateway of mgmt'), related: ['9:14'] }],
  },
  'a DNS server inside the pool': {
    edits: [['dns: [192.168.178.1]', 'dns: [192.168.178.1, 192.168.178.250]']],
    finds: [{ at: '12:13', message: message('192.168.178.250', 'a DNS server of mgmt'), related: ['10:10'] }],
  },
  'the boot server inside the pool': {
    edits: [['http://192.168.178.7', 'http://192.168.178.201:8080']],
    finds: [{ at: '12:13', message: message('192.168.178.201', 'the boot server'), related: ['5:8'] }],
  },
  'the gateway that is DNS server, boot server and host, too: said once': {
    of: NESTED,
    edits: [['pool: 192.168.150.200-192.168.150.250', 'pool: 192.168.150.1-192.168.150.30']],
    finds: [
      {
        at: '18:36',
        message:
          'The address 192.168.150.1 of the gateway of mgmt is inside the DHCP pool 192.168.150.1-192.168.150.30: a stranger can be given it.',
        related: ['16:14'],
      },
    ],
  },
  'the host, which is not the gateway': {
    of: NESTED,
    edits: [
      ['dhcp: {', 'libvirt: { address: 192.168.150.210 }\n    dhcp: {'],
      ['url: http://192.168.150.1', 'url: http://boot.example.org'],
    ],
    silence: ['server-url-by-name'],
    finds: [
      {
        at: '19:36',
        message:
          'The address 192.168.150.210 of the host on mgmt is inside the DHCP pool 192.168.150.200-192.168.150.250: a stranger can be given it.',
        related: ['18:25'],
      },
    ],
  },
  'all of them next to the pool': {
    edits: [
      ['gateway: 192.168.178.1', 'gateway: 192.168.178.199'],
      ['dns: [192.168.178.1]', 'dns: [192.168.178.251]'],
      ['http://192.168.178.7', 'http://192.168.178.251'],
    ],
  },
  'the iSCSI server': {
    of: ISCSI_PLANT,
    edits: [['iscsi: 10.3.0.2', 'iscsi: 10.3.0.202']],
    finds: [
      {
        at: '9:79',
        message:
          'The address 10.3.0.202 of the iSCSI server on biology is inside the DHCP pool 10.3.0.200-10.3.0.250: a stranger can be given it.',
        related: ['9:42'],
      },
    ],
  },
});

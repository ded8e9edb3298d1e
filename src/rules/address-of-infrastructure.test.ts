import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { addressOfInfrastructure } from './address-of-infrastructure.ts';

ruleTest(addressOfInfrastructure, {
  "that of somebody else's iSCSI server, at a machine that boots from one": {
    of: ISCSI_PLANT,
    edits: [
      ['    image: rocky9\n', ''],
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { image: rocky9 } }',
      ],
      [
        'ip: 10.2.0.12, tenant: physics }',
        'ip: 10.2.0.12, tenant: physics, boot: { target: iqn.2015-02.oracle.boot:uefi, server: 10.2.0.11 } }',
      ],
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { image: rocky9 } }'],
    ],
    finds: [
      {
        at: '20:39',
        message:
          'The address 10.2.0.11 of cn01 is that of the iSCSI server of cn02: every machine of the network would be cut off.',
        related: ['21:121'],
      },
    ],
  },
  'the address of the gateway': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.1']],
    finds: [
      {
        at: '25:41',
        message:
          'The address 192.168.178.1 of harv-3 is that of the gateway of mgmt: every machine of the network would be cut off.',
        related: ['9:14'],
      },
    ],
  },
  'the address of the boot server': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.7']],
    finds: [
      {
        at: '25:41',
        message:
          'The address 192.168.178.7 of harv-3 is that of the boot server: every machine of the network would be cut off.',
        related: ['5:8'],
      },
    ],
  },
  'the address of the boot server, whose URL has a port': {
    edits: [
      ['url: http://192.168.178.7', 'url: http://192.168.178.7:8080/'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.7'],
    ],
    finds: [
      {
        at: '25:41',
        message:
          'The address 192.168.178.7 of harv-3 is that of the boot server: every machine of the network would be cut off.',
        related: ['5:8'],
      },
    ],
  },
  'a boot server that is the gateway too: said once': {
    edits: [
      ['url: http://192.168.178.7', 'url: http://192.168.178.1'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.1'],
    ],
    finds: [
      {
        at: '25:41',
        message:
          'The address 192.168.178.1 of harv-3 is that of the gateway of mgmt: every machine of the network would be cut off.',
        related: ['9:14'],
      },
    ],
  },
  'a second NIC with the address of its own gateway': {
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24, gateway: 10.0.0.1 }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.1 }] }',
      ],
    ],
    finds: [
      {
        at: '26:98',
        message:
          'The address 10.0.0.1 of harv-3 is that of the gateway of storage: every machine of the network would be cut off.',
        related: ['7:44'],
      },
    ],
  },
  'the address of the host on a network of virtual machines': {
    of: NESTED,
    edits: [
      [
        'cluster:',
        '  vlans: { subnet: 192.168.151.0/24, libvirt: { forward: isolated, address: 192.168.151.9 } }\ncluster:',
      ],
      [
        '{ mac: 52:54:00:0c:01:03, ip: 192.168.150.43 }',
        '{ nics: [{ mac: 52:54:00:0c:01:03, ip: 192.168.150.43 }, { mac: 52:54:00:0c:02:03, ip: 192.168.151.9 }] }',
      ],
    ],
    finds: [
      {
        at: '28:103',
        message:
          'The address 192.168.151.9 of harvester-3 is that of the host on vlans: every machine of the network would be cut off.',
        related: ['19:77'],
      },
    ],
  },
  'addresses next to both': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.2'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.8'],
    ],
  },
  'management controllers with the addresses of the gateway and of the boot server': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, bmc: { address: 192.168.178.1 }'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, bmc: { address: 192.168.178.7 }'],
    ],
    finds: [
      {
        at: '24:73',
        message:
          'The address 192.168.178.1 of the management controller of harv-2 is that of the gateway of mgmt: every machine of the network would be cut off.',
        related: ['9:14'],
      },
      {
        at: '25:73',
        message:
          'The address 192.168.178.7 of the management controller of harv-3 is that of the boot server: every machine of the network would be cut off.',
        related: ['5:8'],
      },
    ],
  },
  'a boot server that has a name': {
    edits: [
      ['url: http://192.168.178.7', 'url: http://boot.example.org'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.7'],
    ],
  },
  'the iSCSI server, on a network': {
    of: ISCSI_PLANT,
    edits: [['ip: 10.3.0.11', 'ip: 10.3.0.2']],
    finds: [
      {
        at: '23:39',
        message:
          'The address 10.3.0.2 of cn03 is that of the iSCSI server on biology: every machine of the network would be cut off.',
        related: ['9:42'],
      },
    ],
  },
  'the iSCSI server': {
    of: ISCSI_PLANT,
    edits: [['address: 10.1.0.2', 'address: 10.2.0.12']],
    finds: [
      {
        at: '22:39',
        message:
          'The address 10.2.0.12 of cn02 is that of the iSCSI server: every machine of the network would be cut off.',
        related: ['5:14'],
      },
    ],
  },
  'an iSCSI server that the inventory does not say is the boot server': {
    of: ISCSI_PLANT,
    edits: [
      ['    address: 10.1.0.2\n', ''],
      ['url: http://10.1.0.1', 'url: http://10.2.0.12'],
    ],
    finds: [
      {
        at: '21:39',
        message:
          'The address 10.2.0.12 of cn02 is that of the boot server: every machine of the network would be cut off.',
        related: ['3:8'],
      },
    ],
  },
});

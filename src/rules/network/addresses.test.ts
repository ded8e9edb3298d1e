import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';

ruleTest('missing-address', {
  'a node without an IP address': {
    edits: [[', ip: 192.168.178.42', '']],
    finds: [
      {
        at: '24:3',
        message:
          'harv-2 has no IP address on the network that it boots from: the boot server identifies a node by its IP address alone.',
        help: 'add a permanent IP address to the node: `ip: …`',
      },
    ],
  },
  "a name that is a typo of another node's": {
    of: LINUX_PLANT,
    edits: [['  cg02: {', '  cg1: { groups: [compute] }\n  cg02: {']],
    finds: [
      {
        at: '25:3',
        message:
          'cg1 has no IP address on the network that it boots from: the boot server identifies a node by its IP address alone.',
        help: 'did you mean cg01? If not, add a permanent IP address to the node: `ip: …`',
      },
    ],
  },
  'an IP address on a NIC other than the boot NIC': {
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
          'harv-2 has no IP address on the network that it boots from: the boot server identifies a node by its IP address alone.',
        help: 'add a permanent IP address to nics[1]: `ip: …`',
      },
    ],
  },
  'a machine that boots its own disk, without an IP address': {
    silence: ['two-node-cluster'],
    edits: [[', ip: 192.168.178.42', ', boot: { os: local }']],
    finds: [
      {
        at: '24:3',
        message:
          'harv-2 has no IP address on the network that it boots from: the boot server identifies a node by its IP address alone.',
      },
    ],
  },
  'an IP address on the boot NIC only': {
    edits: [
      [
        '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        '{ nics: [{ mac: 52:54:00:aa:01:02 }, { mac: 52:54:00:aa:02:02, ip: 192.168.178.42, boot: true }] }',
      ],
    ],
  },
});

const STORAGE = '  storage: { subnet: 10.0.0.0/24 }\n';

ruleTest('address-outside-subnet', {
  'an IP address from another subnet': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.187.43']],
    finds: [
      {
        at: '25:41',
        message:
          'The IP address 192.168.187.43 of harv-3 is outside 192.168.178.0/24, the subnet of mgmt: it cannot reach the gateway or other nodes.',
        related: ['8:13'],
      },
    ],
  },
  'the network address': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.0']],
    finds: [
      {
        at: '25:41',
        message:
          'The IP address 192.168.178.0 of harv-3 is the network address of 192.168.178.0/24: no host can have it.',
        related: ['8:13'],
      },
    ],
  },
  'the broadcast address': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.255']],
    finds: [
      {
        at: '25:41',
        message:
          'The IP address 192.168.178.255 of harv-3 is the broadcast address of 192.168.178.0/24: no host can have it.',
        related: ['8:13'],
      },
    ],
  },
  'the broadcast address of a subnet that is not a /24': {
    edits: [
      ['subnet: 192.168.178.0/24', 'subnet: 192.168.178.0/25'],
      ['pool: 192.168.178.200-192.168.178.250', 'pool: 192.168.178.100-192.168.178.126'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.127'],
    ],
    finds: [
      {
        at: '25:41',
        message:
          'The IP address 192.168.178.127 of harv-3 is the broadcast address of 192.168.178.0/25: no host can have it.',
        related: ['8:13'],
      },
    ],
  },
  'a second NIC, outside the network that it names': {
    silence: ['nic-address-unused'],
    edits: [
      ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, network: storage, ip: 10.0.1.3 }] }',
      ],
    ],
    finds: [
      {
        at: '26:116',
        message:
          'The IP address 10.0.1.3 of harv-3 is outside 10.0.0.0/24, the subnet of storage: it cannot reach the gateway or other nodes.',
        related: ['7:22'],
      },
    ],
  },
  'the last host address of a subnet': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.254']],
  },
  'IP addresses that end with 255 and 0, inside a wide subnet': {
    edits: [
      ['subnet: 192.168.178.0/24', 'subnet: 192.168.0.0/16'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.255'],
      ['ip: 192.168.178.43', 'ip: 192.168.179.0'],
    ],
  },
  'a BMC with the broadcast address': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.43, bmc: { address: 192.168.178.255 }']],
    finds: [
      {
        at: '25:73',
        message:
          'The IP address 192.168.178.255 of the BMC of harv-3 is the broadcast address of 192.168.178.0/24: no host can have it.',
        related: ['8:13'],
      },
    ],
  },
  'a BMC on another network': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.43, bmc: { address: 10.0.0.255 }']],
  },
  'a second NIC without an IP address, and one in its network': {
    silence: ['nic-address-unused'],
    edits: [
      ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, network: storage }, { mac: 52:54:00:aa:03:03, network: storage, ip: 10.0.0.3 }] }',
      ],
    ],
  },
});

ruleTest('address-of-infrastructure', {
  'the IP address of an external iSCSI server, on a machine that boots from one': {
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
          'The IP address 10.2.0.11 of cn01 is also that of the iSCSI server of cn02: every machine on the network loses its connection.',
        related: ['21:121'],
      },
    ],
  },
  'the IP address of the gateway': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.1']],
    finds: [
      {
        at: '25:41',
        message:
          'The IP address 192.168.178.1 of harv-3 is also that of the gateway of mgmt: every machine on the network loses its connection.',
        related: ['9:14'],
      },
    ],
  },
  'the IP address of the boot server': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.7']],
    finds: [
      {
        at: '25:41',
        message:
          'The IP address 192.168.178.7 of harv-3 is also that of the boot server: every machine on the network loses its connection.',
        related: ['5:8'],
      },
    ],
  },
  'the IP address of the boot server, whose URL has a port': {
    edits: [
      ['url: http://192.168.178.7', 'url: http://192.168.178.7:8080/'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.7'],
    ],
    finds: [
      {
        at: '25:41',
        message:
          'The IP address 192.168.178.7 of harv-3 is also that of the boot server: every machine on the network loses its connection.',
        related: ['5:8'],
      },
    ],
  },
  'a boot server that is also the gateway: reported once': {
    silence: ['boot-server-without-dns'],
    edits: [
      ['url: http://192.168.178.7', 'url: http://192.168.178.1'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.1'],
    ],
    finds: [
      {
        at: '25:41',
        message:
          'The IP address 192.168.178.1 of harv-3 is also that of the gateway of mgmt: every machine on the network loses its connection.',
        related: ['9:14'],
      },
    ],
  },
  'a second NIC with the IP address of its own gateway': {
    silence: ['nic-address-unused'],
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
          'The IP address 10.0.0.1 of harv-3 is also that of the gateway of storage: every machine on the network loses its connection.',
        related: ['7:44'],
      },
    ],
  },
  'the IP address of the host on a network of virtual machines': {
    silence: ['nic-address-unused'],
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
          'The IP address 192.168.151.9 of harvester-3 is also that of the host on vlans: every machine on the network loses its connection.',
        related: ['19:77'],
      },
    ],
  },
  'IP addresses next to both': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.2'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.8'],
    ],
  },
  'BMCs with the IP addresses of the gateway and the boot server': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, bmc: { address: 192.168.178.1 }'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, bmc: { address: 192.168.178.7 }'],
    ],
    finds: [
      {
        at: '24:73',
        message:
          'The IP address 192.168.178.1 of the BMC of harv-2 is also that of the gateway of mgmt: every machine on the network loses its connection.',
        related: ['9:14'],
      },
      {
        at: '25:73',
        message:
          'The IP address 192.168.178.7 of the BMC of harv-3 is also that of the boot server: every machine on the network loses its connection.',
        related: ['5:8'],
      },
    ],
  },
  'a boot server with a name instead of an IP address': {
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
          'The IP address 10.3.0.2 of cn03 is also that of the iSCSI server on biology: every machine on the network loses its connection.',
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
          'The IP address 10.2.0.12 of cn02 is also that of the iSCSI server: every machine on the network loses its connection.',
        related: ['5:14'],
      },
    ],
  },
  'an iSCSI server that the inventory does not set to the boot server': {
    of: ISCSI_PLANT,
    edits: [
      ['    address: 10.1.0.2\n', ''],
      ['url: http://10.1.0.1', 'url: http://10.2.0.12'],
    ],
    finds: [
      {
        at: '21:39',
        message:
          'The IP address 10.2.0.12 of cn02 is also that of the boot server: every machine on the network loses its connection.',
        related: ['3:8'],
      },
    ],
  },
});

const STORAGE_POOL =
  '  storage: { subnet: 10.0.0.0/24, dhcp: { server: external, pool: 10.0.0.100-10.0.0.199 } }\n';

ruleTest('address-in-dhcp-pool', {
  'an IP address inside the pool': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.203']],
    finds: [
      {
        at: '25:41',
        message:
          'The IP address 192.168.178.203 of harv-3 is inside the DHCP pool 192.168.178.200-192.168.178.250: DHCP can lease it to an unknown machine.',
        related: ['12:13'],
      },
    ],
  },
  'the first and the last IP address of the pool': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.200'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.250'],
    ],
    finds: [
      {
        at: '24:41',
        message:
          'The IP address 192.168.178.200 of harv-2 is inside the DHCP pool 192.168.178.200-192.168.178.250: DHCP can lease it to an unknown machine.',
        related: ['12:13'],
      },
      {
        at: '25:41',
        message:
          'The IP address 192.168.178.250 of harv-3 is inside the DHCP pool 192.168.178.200-192.168.178.250: DHCP can lease it to an unknown machine.',
        related: ['12:13'],
      },
    ],
  },
  'a second NIC, inside the pool of another network': {
    edits: [
      ['  mgmt:\n', `${STORAGE_POOL}  mgmt:\n`],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.150 }] }',
      ],
    ],
    finds: [
      {
        at: '26:98',
        message:
          'The IP address 10.0.0.150 of harv-3 is inside the DHCP pool 10.0.0.100-10.0.0.199: DHCP can lease it to an unknown machine.',
        related: ['7:67'],
      },
    ],
  },
  'a machine that boots its own disk, inside the pool': {
    silence: ['two-node-cluster'],
    edits: [['ip: 192.168.178.43', 'boot: { os: local }, ip: 192.168.178.203']],
    finds: [
      {
        at: '25:62',
        message:
          'The IP address 192.168.178.203 of harv-3 is inside the DHCP pool 192.168.178.200-192.168.178.250: DHCP can lease it to an unknown machine.',
        related: ['12:13'],
      },
    ],
  },
  'a BMC inside the pool': {
    edits: [['ip: 192.168.178.43', 'ip: 192.168.178.43, bmc: { address: 192.168.178.203 }']],
    finds: [
      {
        at: '25:73',
        message:
          'The IP address 192.168.178.203 of the BMC of harv-3 is inside the DHCP pool 192.168.178.200-192.168.178.250: DHCP can lease it to an unknown machine.',
        related: ['12:13'],
      },
    ],
  },
  'a BMC with a name, and a BMC on no network of the site': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, bmc: { address: bmc-2.example.org }'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, bmc: { address: 10.0.0.203 }'],
    ],
  },
  'IP addresses right before and right after the pool': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.178.199'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.251'],
    ],
  },
  'an IP address in the range of the former pool, on a network without a pool': {
    edits: [
      ['dhcp:\n      pool: 192.168.178.200-192.168.178.250', 'dhcp: {}'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.203'],
    ],
  },
  'a second NIC, next to the pool of its own network': {
    edits: [
      ['  mgmt:\n', `${STORAGE_POOL}  mgmt:\n`],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.200 }] }',
      ],
    ],
  },
});

const POOL = '192.168.178.200-192.168.178.250';
const message = (address: string, whose: string) =>
  `The IP address ${address} of ${whose} is inside the DHCP pool ${POOL}: DHCP can lease it to an unknown machine.`;

ruleTest('infrastructure-in-dhcp-pool', {
  'an external iSCSI server': {
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
          'The IP address 10.3.0.210 of the iSCSI server of cn02 is inside the DHCP pool 10.3.0.200-10.3.0.250: DHCP can lease it to an unknown machine.',
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
  'a gateway that is also DNS server, boot server and host: reported once': {
    of: NESTED,
    edits: [['pool: 192.168.150.200-192.168.150.250', 'pool: 192.168.150.1-192.168.150.30']],
    finds: [
      {
        at: '18:36',
        message:
          'The IP address 192.168.150.1 of the gateway of mgmt is inside the DHCP pool 192.168.150.1-192.168.150.30: DHCP can lease it to an unknown machine.',
        related: ['16:14'],
      },
    ],
  },
  'a host that is not the gateway': {
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
          'The IP address 192.168.150.210 of the host on mgmt is inside the DHCP pool 192.168.150.200-192.168.150.250: DHCP can lease it to an unknown machine.',
        related: ['18:25'],
      },
    ],
  },
  'all of them next to the pool': {
    silence: ['boot-server-without-dns'],
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
          'The IP address 10.3.0.202 of the iSCSI server on biology is inside the DHCP pool 10.3.0.200-10.3.0.250: DHCP can lease it to an unknown machine.',
        related: ['9:42'],
      },
    ],
  },
});

const NO_DHCP = ['    dhcp: { pool: 10.1.0.200-10.1.0.250 }\n', ''] as const;

ruleTest('linux-needs-address', {
  'a network without DHCP': {
    of: LINUX_PLANT,
    edits: [NO_DHCP, ['[ip=dhcp, ', '[']],
    finds: [
      {
        at: '19:7',
        message:
          'cg01 boots Linux on mgmt without DHCP, but boot.args sets no ip: the initrd has no network.',
        related: ['5:3'],
        help: 'add "ip=${node:ip}::${node:gateway}:${node:netmask}:${node:name}::none" (dracut) or your distribution\'s equivalent to boot.args; or, if the image sets its IP address, add silence: {linux-needs-address: "the reason"}',
      },
    ],
  },
  'an IP address in the kernel command line': {
    of: LINUX_PLANT,
    edits: [
      NO_DHCP,
      ['[ip=dhcp, ', '["ip=${node:ip}::${node:gateway}:${node:netmask}:${node:name}::none", '],
    ],
  },
});

/** A site without DHCP. */
const STATIC = `site: plant
harvester:
  version: v1.4.1
server:
  url: http://192.168.178.7
networks:
  mgmt:
    subnet: 192.168.178.0/24
    gateway: 192.168.178.1
    dns: [192.168.178.1]
    ntp: [192.168.178.1]
cluster:
  vip: 192.168.178.40
  token: \${secret:cluster_token}
defaults:
  config:
    os:
      ssh_authorized_keys: ["github:your_username"]
    install:
      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1
nodes:
  harv-1: { mode: create, nics: [{ name: eno1, mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }] }
  harv-2: { nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }] }
  harv-3: { nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }] }
`;

ruleTest('static-needs-default-route', {
  'the last affected release': {
    of: STATIC,
    edits: [],
    finds: [
      {
        at: '3:12',
        message:
          'The network mgmt has no DHCP server: the installer of v1.4.1 stops with "No default route found" before it sets static IP addresses.',
        related: ['7:3'],
      },
    ],
  },
  'the first affected release': {
    of: STATIC,
    edits: [['v1.4.1', 'v1.3.1']],
    finds: [
      {
        at: '3:12',
        message:
          'The network mgmt has no DHCP server: the installer of v1.3.1 stops with "No default route found" before it sets static IP addresses.',
        related: ['7:3'],
      },
    ],
  },
  'the release before': { of: STATIC, edits: [['v1.4.1', 'v1.3.0']] },
  'the release after': { of: STATIC, edits: [['v1.4.1', 'v1.4.2']] },
  'static IP addresses, but a DHCP server on the network': {
    of: STATIC,
    edits: [
      ['    ntp: [192.168.178.1]\n', '    ntp: [192.168.178.1]\n    dhcp: { server: external }\n'],
      ['      device:', '      management_interface: { method: static }\n      device:'],
    ],
  },
  'nodes that are never installed': {
    of: STATIC,
    edits: [['defaults:\n', 'defaults:\n  install: never\n']],
  },
});

const DNS = '    dns: [192.168.178.1]\n';
const DNS_DHCP = '    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n';
const DNS_STATIC = 'config: { install: { management_interface: { method: static } } }';

/** Names the NIC of each node, which is required without DHCP. */
const NAMED = [1, 2, 3].map((number): [string, string] => [
  `{ mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number}`,
  `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number} }]`,
]);

ruleTest('static-needs-dns', {
  'a network with neither DHCP nor DNS servers': {
    silence: ['static-needs-default-route'],
    edits: [[DNS + DNS_DHCP, ''], ...NAMED],
    finds: [
      {
        at: '7:3',
        message:
          'The network mgmt has no DNS servers, but harv-1, harv-2 and harv-3 have a static IP address on it: the installer stops.',
        related: ['20:3'],
      },
    ],
  },
  'an empty list of DNS servers, and one node that sets static': {
    edits: [
      [DNS, '    dns: []\n'],
      ['ip: 192.168.178.42', `ip: 192.168.178.42, ${DNS_STATIC}`],
    ],
    finds: [
      {
        at: '7:3',
        message:
          'The network mgmt has no DNS servers, but harv-2 has a static IP address on it: the installer stops.',
        related: ['24:3'],
      },
    ],
  },
  'an empty list in the configuration as well': {
    edits: [
      [DNS, ''],
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, config: { os: { dns_nameservers: [] }, install: { management_interface: { method: static } } }',
      ],
    ],
    finds: [
      {
        at: '7:3',
        message:
          'The network mgmt has no DNS servers, but harv-2 has a static IP address on it: the installer stops.',
        related: ['23:3'],
      },
    ],
  },
  'DNS servers in the network, and no DHCP': {
    silence: ['static-needs-default-route'],
    edits: [[DNS_DHCP, ''], ...NAMED],
  },
  'DNS servers only in the configuration': {
    silence: ['static-needs-default-route'],
    edits: [
      [DNS + DNS_DHCP, ''],
      ...NAMED,
      ['ssh_authorized_keys:', 'dns_nameservers: [192.168.178.1],\n      ssh_authorized_keys:'],
    ],
  },
  'no DNS servers where DHCP leases the IP address': { edits: [[DNS, '']] },
  'a machine that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [
      [DNS, ''],
      ['ip: 192.168.178.42', `ip: 192.168.178.42, boot: { os: local }, ${DNS_STATIC}`],
    ],
  },
});

const NIC_NAME_DHCP = '    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n';

/** Lists the only NIC of a node under nics, by its name. */
function named(number: number): [string, string] {
  return [
    `{ mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number}`,
    `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number} }]`,
  ];
}

ruleTest('static-needs-nic-name', {
  'nodes in the short form, which cannot contain a name': {
    silence: ['static-needs-default-route'],
    edits: [[NIC_NAME_DHCP, '']],
    finds: ['harv-1', 'harv-2', 'harv-3'].map((name, index) => ({
      at: `${21 + index}:18`,
      message: `${name} boots from mgmt, which has no DHCP, but its NIC has no name: the kernel command line cannot assign the IP address.`,
      help: `list the NIC under nics with its name, and move mac and ip there: \`nics: [{name: eno1, mac: 52:54:00:aa:01:0${index + 1}, ip: 192.168.178.4${index + 1}}]\``,
    })),
  },
  'a boot NIC without a name, next to a NIC with a name': {
    silence: ['static-needs-default-route'],
    edits: [
      [NIC_NAME_DHCP, ''],
      named(1),
      named(2),
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:03 }, { mac: 52:54:00:aa:02:03, ip: 192.168.178.43, boot: true }] }',
      ],
    ],
    finds: [
      {
        at: '23:67',
        message:
          'harv-3 boots from mgmt, which has no DHCP, but its NIC has no name: the kernel command line cannot assign the IP address.',
        help: 'add the name next to the IP address: `name: eno1`',
      },
    ],
  },
  'a node identified by its serial number, without a MAC address': {
    silence: ['static-needs-default-route'],
    edits: [
      [NIC_NAME_DHCP, ''],
      named(1),
      named(2),
      ['{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }', '{ ip: 192.168.178.43, serial: B5W7M32 }'],
    ],
    finds: [
      {
        at: '23:11',
        message:
          'harv-3 boots from mgmt, which has no DHCP, but its NIC has no name: the kernel command line cannot assign the IP address.',
        help: 'list the NIC under nics with its name, and move ip there: `nics: [{name: eno1, ip: 192.168.178.43}]`',
      },
    ],
  },
  'NICs with names': {
    silence: ['static-needs-default-route'],
    edits: [[NIC_NAME_DHCP, ''], named(1), named(2), named(3)],
  },
  'no names on a network with an external DHCP server': {
    edits: [[NIC_NAME_DHCP, '    dhcp: { server: external }\n']],
  },
  'a machine that boots its own disk': {
    silence: ['static-needs-default-route', 'two-node-cluster'],
    edits: [
      [NIC_NAME_DHCP, ''],
      named(1),
      named(2),
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, boot: { os: local }'],
    ],
  },
});

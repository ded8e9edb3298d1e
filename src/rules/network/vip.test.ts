import { NESTED } from '../../../test/support/nested-plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const VIP = 'vip: 192.168.178.40';

ruleTest('vip-taken', {
  'the IP address of a node': {
    edits: [[VIP, 'vip: 192.168.178.42']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.178.42 is already the IP address of the node harv-2: the cluster cannot start.',
        related: ['24:41'],
      },
    ],
  },
  'the IP address of the gateway, which is also the DNS server: reported once': {
    edits: [[VIP, 'vip: 192.168.178.1']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.178.1 is already the IP address of the gateway of mgmt: the cluster cannot start.',
        related: ['9:14'],
      },
    ],
  },
  'the IP address of the host, which is not the gateway': {
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
          'The VIP 192.168.150.40 is already the IP address of the host on mgmt: the cluster cannot start.',
        related: ['18:25'],
      },
    ],
  },
  'the IP address of a DNS server': {
    edits: [['dns: [192.168.178.1]', 'dns: [192.168.178.1, 192.168.178.40]']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.178.40 is already the IP address of a DNS server of mgmt: the cluster cannot start.',
        related: ['10:10'],
      },
    ],
  },
  'the IP address of the boot server': {
    edits: [[VIP, 'vip: 192.168.178.7']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.178.7 is already the IP address of the boot server: the cluster cannot start.',
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
          'The VIP 192.168.178.40 is already the IP address of the cluster east: the cluster cannot start.',
        related: ['14:16'],
      },
    ],
  },
  'one VIP for two clusters that a node has: names all three places': {
    edits: [
      [
        `cluster:\n  ${VIP}\n  token: \${secret:cluster_token}\n`,
        'clusters:\n  east: { vip: 192.168.178.42, token: "${secret:east}" }\n  west: { vip: 192.168.178.42, token: "${secret:west}" }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
    ],
    finds: [
      {
        at: '15:16',
        message:
          'The VIP 192.168.178.42 is already the IP address of the node harv-2 and the cluster east: the cluster cannot start.',
        related: ['25:41', '14:16'],
      },
    ],
  },
  'IP addresses next to the others': { edits: [[VIP, 'vip: 192.168.178.44']] },
  'a free IP address, with a boot server that has a name': {
    edits: [
      ['url: http://192.168.178.7', 'url: http://boot.example.org'],
      [VIP, 'vip: 192.168.178.7'],
    ],
  },
  'the IP address of a BMC': {
    edits: [['ip: 192.168.178.42 }', 'ip: 192.168.178.42, bmc: { address: 192.168.178.40 } }']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.178.40 is already the IP address of the BMC of harv-2: the cluster cannot start.',
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
          'The VIP 192.168.178.40 is already the IP address of the iSCSI server: the cluster cannot start.',
        related: ['6:21'],
      },
    ],
  },
});

ruleTest('vip-outside-subnet', {
  'a VIP of another subnet: reported once for all nodes': {
    edits: [[VIP, 'vip: 192.168.179.40']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.179.40 is outside 192.168.178.0/24, the subnet of the nodes of plant: no host receives its ARP announcements.',
        related: ['8:13'],
      },
    ],
  },
  'the network address': {
    edits: [[VIP, 'vip: 192.168.178.0']],
    finds: [
      {
        at: '14:8',
        message: 'The VIP 192.168.178.0 is the network address of 192.168.178.0/24: no host can have it.',
        related: ['8:13'],
      },
    ],
  },
  'the broadcast address': {
    edits: [[VIP, 'vip: 192.168.178.255']],
    finds: [
      {
        at: '14:8',
        message: 'The VIP 192.168.178.255 is the broadcast address of 192.168.178.0/24: no host can have it.',
        related: ['8:13'],
      },
    ],
  },
  'members on several networks, which another rule reports': {
    silence: ['members-in-different-networks'],
    edits: [
      ['  mgmt:\n', '  far: { subnet: 10.0.0.0/24, gateway: 10.0.0.1, dhcp: {} }\n  mgmt:\n'],
      ['ip: 192.168.178.43', 'ip: 10.0.0.43'],
    ],
  },
  'the last host address': { edits: [[VIP, 'vip: 192.168.178.254']] },
  'nodes with a second NIC on another network': {
    silence: ['nic-address-unused'],
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24 }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.3 }] }',
      ],
    ],
  },
  'a machine on another network that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [
      ['  mgmt:\n', '  far: { subnet: 10.0.0.0/24, gateway: 10.0.0.1, dhcp: {} }\n  mgmt:\n'],
      ['ip: 192.168.178.43', 'ip: 10.0.0.43, boot: { os: local }'],
    ],
  },
});

fixableRuleTest('vip-in-dhcp-pool', {
  'a VIP inside the pool': {
    edits: [['vip: 192.168.178.40', 'vip: 192.168.178.240']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.178.240 is inside the DHCP pool 192.168.178.200-192.168.178.250: DHCP can lease it to another machine.',
        related: ['12:13'],
      },
    ],
  },
  'a VIP next to the pool': { edits: [['vip: 192.168.178.40', 'vip: 192.168.178.199']] },
});

const VIP_OF_DHCP = '  vip: 192.168.178.40\n';

fixableRuleTest('vip-by-dhcp', {
  'by DHCP, without a MAC address': {
    silence: ['vip-mode-dhcp'],
    edits: [[VIP_OF_DHCP, `${VIP_OF_DHCP}  vip_mode: dhcp\n`]],
    finds: [
      {
        at: '15:13',
        message: 'The VIP of plant uses DHCP but has no MAC address: DHCP cannot reserve it.',
      },
    ],
  },
  'static, with a MAC address': {
    edits: [[VIP_OF_DHCP, `${VIP_OF_DHCP}  vip_mode: static\n  vip_hw_addr: 02:00:00:03:3d:61\n`]],
    finds: [{ at: '16:16', message: 'The VIP of plant is static, so vip_hw_addr has no effect.' }],
  },
  'static by default, with a MAC address': {
    edits: [[VIP_OF_DHCP, `${VIP_OF_DHCP}  vip_hw_addr: 02:00:00:03:3d:61\n`]],
    finds: [{ at: '15:16', message: 'The VIP of plant is static, so vip_hw_addr has no effect.' }],
  },
  'one of two clusters': {
    silence: ['vip-mode-dhcp'],
    edits: [
      [
        `cluster:\n${VIP_OF_DHCP}  token: \${secret:cluster_token}\n`,
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}", vip_mode: dhcp }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
    ],
    finds: [
      {
        at: '15:67',
        message: 'The VIP of west uses DHCP but has no MAC address: DHCP cannot reserve it.',
      },
    ],
  },
  'by DHCP, with a MAC address': {
    silence: ['vip-mode-dhcp'],
    edits: [[VIP_OF_DHCP, `${VIP_OF_DHCP}  vip_mode: dhcp\n  vip_hw_addr: 02:00:00:03:3d:61\n`]],
  },
  'static without a MAC address': { edits: [[VIP_OF_DHCP, `${VIP_OF_DHCP}  vip_mode: static\n`]] },
});

const VIP_MODE = '  vip: 192.168.178.40\n';
const BY_DHCP = `${VIP_MODE}  vip_mode: dhcp\n  vip_hw_addr: 02:00:00:03:3d:61\n`;

fixableRuleTest('vip-mode-dhcp', {
  'a VIP by DHCP': {
    edits: [[VIP_MODE, BY_DHCP]],
    finds: [
      {
        at: '15:13',
        message:
          'The VIP of plant uses DHCP: if the server leases another IP address or none, the cluster is unreachable.',
      },
    ],
  },
  'a VIP by DHCP, with a silence': {
    edits: [
      [VIP_MODE, BY_DHCP],
      ['site: plant\n', 'site: plant\nsilence: { vip-mode-dhcp: the network team reserves all addresses }\n'],
    ],
  },
  'a static VIP': { edits: [[VIP_MODE, `${VIP_MODE}  vip_mode: static\n`]] },
  'a static VIP by default': { edits: [] },
});

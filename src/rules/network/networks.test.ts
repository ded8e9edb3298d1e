import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const POOL = '      pool: 192.168.178.200-192.168.178.250\n';
const MGMT = '  mgmt:\n';

ruleTest('networks-overlap', {
  'a subnet inside another': {
    edits: [[POOL, `${POOL}  storage: { subnet: 192.168.178.128/25 }\n`]],
    finds: [
      {
        at: '13:22',
        message:
          'The subnet 192.168.178.128/25 of storage overlaps 192.168.178.0/24 of mgmt: packets to one could reach the other.',
        related: ['8:13'],
      },
    ],
  },
  'a subnet around another, in either order': {
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
          'The subnet 192.168.178.0/24 of mgmt overlaps 192.168.0.0/16 of plant: packets to one could reach the other.',
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
          'The subnet 192.168.178.0/24 of storage overlaps 192.168.178.0/24 of mgmt: packets to one could reach the other.',
        related: ['8:13'],
      },
    ],
  },
  'two subnets in one': {
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
          'The subnet 10.20.0.0/24 of east overlaps 10.20.0.0/16 of all: packets to one could reach the other.',
        related: ['14:18'],
      },
      {
        at: '15:19',
        message:
          'The subnet 10.20.255.0/24 of west overlaps 10.20.0.0/16 of all: packets to one could reach the other.',
        related: ['14:18'],
      },
    ],
  },
  'subnets next to each other, on both sides': {
    edits: [[POOL, `${POOL}  west: { subnet: 192.168.179.0/24 }\n  east: { subnet: 192.168.177.0/24 }\n`]],
  },
});

const POOL_LINE = 'pool: 192.168.178.200-192.168.178.250';

/** Returns the finding for a pool of the network mgmt. */
function found(pool: string) {
  return {
    at: '12:13',
    message: `The DHCP pool ${pool} is not within the host addresses of 192.168.178.0/24: its leases would not work.`,
    related: ['8:13'],
  };
}

ruleTest('pool-outside-subnet', {
  'a pool of another subnet': {
    edits: [[POOL_LINE, 'pool: 192.168.187.200-192.168.187.250']],
    finds: [found('192.168.187.200-192.168.187.250')],
  },
  'a pool that begins inside and ends outside': {
    edits: [[POOL_LINE, 'pool: 192.168.178.200-192.168.179.10']],
    finds: [found('192.168.178.200-192.168.179.10')],
  },
  'a pool with the broadcast address': {
    edits: [[POOL_LINE, 'pool: 192.168.178.200 - 192.168.178.255']],
    finds: [found('192.168.178.200-192.168.178.255')],
  },
  'a pool with the network address': {
    edits: [[POOL_LINE, 'pool: 192.168.178.0-192.168.178.0']],
    finds: [found('192.168.178.0-192.168.178.0')],
  },
  'a pool up to the last host address': {
    edits: [[POOL_LINE, 'pool: 192.168.178.44-192.168.178.254']],
  },
  'a pool of one IP address': { edits: [[POOL_LINE, 'pool: 192.168.178.254-192.168.178.254']] },
});

fixableRuleTest('subnet-of-others', {
  'a subnet of other IP addresses': {
    edits: [['subnet: 192.168.178.0/24', 'subnet: 192.168.187.0/24']],
    finds: [
      {
        at: '8:13',
        message:
          'The subnet 192.168.187.0/24 contains no IP address of mgmt: the first are 192.168.178.1, 192.168.178.200 and 192.168.178.41.',
        help: 'did you mean 192.168.178.0/24?',
      },
    ],
  },
  'a subnet that is too small for them': {
    edits: [['subnet: 192.168.178.0/24', 'subnet: 192.168.178.252/30']],
    finds: [
      {
        at: '8:13',
        message:
          'The subnet 192.168.178.252/30 contains no IP address of mgmt: the first are 192.168.178.1, 192.168.178.200 and 192.168.178.41.',
        help: 'correct the subnet, or the IP addresses',
      },
    ],
  },
  'a subnet with some of them': { edits: [['subnet: 192.168.178.0/24', 'subnet: 192.168.176.0/22']] },
});

ruleTest('gateway-outside-subnet', {
  'a gateway of another subnet': {
    edits: [['gateway: 192.168.178.1', 'gateway: 192.168.187.1']],
    finds: [
      {
        at: '9:14',
        message:
          'The gateway 192.168.187.1 of mgmt is outside its subnet, 192.168.178.0/24: no machine on it can reach the gateway.',
        related: ['8:13'],
      },
    ],
  },
  'the network address': {
    edits: [['gateway: 192.168.178.1', 'gateway: 192.168.178.0']],
    finds: [
      {
        at: '9:14',
        message:
          'The gateway 192.168.178.0 of mgmt is the network address of 192.168.178.0/24: no router can have it.',
        related: ['8:13'],
      },
    ],
  },
  'the broadcast address': {
    edits: [['gateway: 192.168.178.1', 'gateway: 192.168.178.255']],
    finds: [
      {
        at: '9:14',
        message:
          'The gateway 192.168.178.255 of mgmt is the broadcast address of 192.168.178.0/24: no router can have it.',
        related: ['8:13'],
      },
    ],
  },
  'a network that no machine boots from': {
    edits: [['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24, gateway: 10.0.1.1 }\n  mgmt:\n']],
    finds: [
      {
        at: '7:44',
        message:
          'The gateway 10.0.1.1 of storage is outside its subnet, 10.0.0.0/24: no machine on it can reach the gateway.',
        related: ['7:22'],
      },
    ],
  },
  'the last host address': {
    edits: [['gateway: 192.168.178.1', 'gateway: 192.168.178.254']],
  },
});

const GATEWAY = '    gateway: 192.168.178.1\n';

ruleTest('missing-gateway', {
  'a network without a gateway: reported once for all nodes': {
    edits: [[GATEWAY, '']],
    finds: [
      {
        at: '7:3',
        message:
          'The network mgmt has no gateway, but machines boot from it: without a default route the installer stops.',
      },
    ],
  },
  'the network of the NIC with boot: true': {
    silence: ['two-node-cluster'],
    edits: [
      ['  mgmt:\n', '  pxe: { subnet: 10.0.0.0/24, dhcp: {} }\n  mgmt:\n'],
      ['cluster:\n', 'clusters:\n  pxe: { vip: 10.0.0.40, token: "${secret:pxe}" }\n  plant:\n'],
      ['  vip: 192.168.178.40\n  token', '    vip: 192.168.178.40\n    token'],
      ['  config:\n', '  cluster: plant\n  config:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ cluster: pxe, mode: create, nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.3, boot: true }] }',
      ],
    ],
    finds: [
      {
        at: '7:3',
        message:
          'The network pxe has no gateway, but machines boot from it: without a default route the installer stops.',
      },
    ],
  },
  'a network without a gateway that no machine boots from': {
    silence: ['nic-address-unused'],
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24 }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.3 }] }',
      ],
    ],
  },
  'a network that machines boot another Linux from': {
    silence: ['two-node-cluster', 'url-unreachable'],
    edits: [
      ['  mgmt:\n', '  pxe: { subnet: 10.0.0.0/24, dhcp: {} }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ mac: 52:54:00:aa:01:03, ip: 10.0.0.3, boot: { os: linux, kernel: vmlinuz, initrd: initrd } }',
      ],
    ],
  },
  'a network whose machines boot their own disks': {
    silence: ['two-node-cluster', 'url-unreachable'],
    edits: [
      ['  mgmt:\n', '  pxe: { subnet: 10.0.0.0/24, dhcp: {} }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ mac: 52:54:00:aa:01:03, ip: 10.0.0.3, boot: { os: local } }',
      ],
    ],
  },
});

function withVlan(id: number) {
  return ['install:\n', `install:\n      management_interface: { vlan_id: ${id} }\n`] as const;
}

const mtu = (value: number): readonly [string, string] => ['    dhcp:', `    mtu: ${value}\n    dhcp:`];

ruleTest('mtu-too-large', {
  'of a network of Harvester nodes: once': {
    edits: [mtu(9216)],
    finds: [
      {
        at: '11:10',
        message:
          'The MTU 9216 of mgmt is too large for its Harvester nodes, whose management interface can have at most 9000.',
        help: 'set at most 9000; a larger MTU is possible on networks of Linux nodes',
      },
    ],
  },
  'the largest of Harvester': { edits: [mtu(9000)] },
  'of a network of Linux nodes': {
    of: LINUX_PLANT,
    edits: [['    dhcp: {', '    mtu: 9216\n    dhcp: {']],
  },
  'of a network of storage, which Harvester nodes do not boot from': {
    edits: [['  mgmt:\n', '  storage: { subnet: 10.9.0.0/24, mtu: 9216 }\n  mgmt:\n']],
  },
});

fixableRuleTest('vlan-untagged', {
  'VLAN 1, for all nodes': {
    edits: [withVlan(1)],
    finds: [
      {
        at: '21:40',
        message: 'vlan_id: 1 means untagged: the installed node would not send the tag of VLAN 1.',
      },
    ],
  },
  'VLAN 2': { edits: [withVlan(2)] },
  'VLAN 0, which means untagged': { edits: [withVlan(0)] },
});

const OLD = ['v1.4.1', 'v1.3.2'] as const;
const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';

ruleTest('dhcp-vlan-too-old', {
  'a network with a VLAN and DHCP': {
    edits: [OLD, [GATEWAY, `${GATEWAY}    vlan: 2\n`]],
    finds: [
      {
        at: '10:11',
        message:
          'The management interface is on VLAN 2 and uses DHCP, but v1.3.2 requests without the tag: it gets no IP address, or one of another network.',
        related: ['13:7'],
      },
    ],
  },
  'a VLAN and DHCP in the configuration': {
    edits: [OLD, [DEVICE, `${DEVICE}      management_interface: { vlan_id: 100, method: dhcp }\n`]],
    finds: [
      {
        at: '22:40',
        message:
          'The management interface is on VLAN 100 and uses DHCP, but v1.3.2 requests without the tag: it gets no IP address, or one of another network.',
        related: ['22:53'],
      },
    ],
  },
  'the first release without the bug': {
    edits: [
      ['v1.4.1', 'v1.4.0'],
      [GATEWAY, `${GATEWAY}    vlan: 100\n`],
    ],
  },
  'a VLAN and static IP addresses': {
    edits: [
      OLD,
      [GATEWAY, `${GATEWAY}    vlan: 100\n`],
      [DEVICE, `${DEVICE}      management_interface: { method: static }\n`],
    ],
  },
  'DHCP without a VLAN': { edits: [OLD] },
  'a VLAN id that means no tag': {
    edits: [
      OLD,
      ['defaults:\n', 'defaults:\n  silence: { vlan-untagged: known }\n'],
      [DEVICE, `${DEVICE}      management_interface: { vlan_id: 1 }\n`],
    ],
  },
});

const NEW = ['v1.4.1', 'v1.5.0'] as const;

ruleTest('cluster-cidr-not-private', {
  'a pod CIDR in the shared address space': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_pod_cidr: 100.64.0.0/16\n`]],
    finds: [
      {
        at: '22:25',
        message:
          'The pod CIDR 100.64.0.0/16 is not private: the cluster cannot reach internet hosts with these IP addresses.',
      },
    ],
  },
  'a service CIDR next to private addresses': {
    edits: [
      NEW,
      [DEVICE, `${DEVICE}      cluster_service_cidr: 172.32.0.0/16\n      cluster_dns: 172.32.0.10\n`],
    ],
    finds: [
      {
        at: '22:29',
        message:
          'The service CIDR 172.32.0.0/16 is not private: the cluster cannot reach internet hosts with these IP addresses.',
      },
    ],
  },
  'a partly private pod CIDR': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_pod_cidr: 172.0.0.0/8\n`]],
    finds: [
      {
        at: '22:25',
        message:
          'The pod CIDR 172.0.0.0/8 is not private: the cluster cannot reach internet hosts with these IP addresses.',
      },
    ],
  },
  'CIDRs at the edges of private addresses': {
    edits: [
      NEW,
      [
        DEVICE,
        `${DEVICE}      cluster_pod_cidr: 172.31.0.0/16\n      cluster_service_cidr: 10.0.0.0/16\n      cluster_dns: 10.0.0.10\n`,
      ],
    ],
  },
  'the defaults': { edits: [NEW] },
});

ruleTest('cluster-cidr-overlap', {
  'a network in the default pod CIDR, in a release that cannot change it': {
    edits: [[POOL, `${POOL}  storage: { subnet: 10.52.255.0/24 }\n`]],
    finds: [
      {
        at: '13:22',
        message:
          'The subnet 10.52.255.0/24 of storage overlaps 10.52.0.0/16, the default pod CIDR of plant, which only v1.5.0 and newer can change: packets to that network could stay in the cluster.',
        related: ['14:1'],
      },
    ],
  },
  'a network around both defaults, in a release that can change them': {
    edits: [NEW, [POOL, `${POOL}  storage: { subnet: 10.0.0.0/8 }\n`]],
    finds: [
      {
        at: '13:22',
        message:
          'The subnet 10.0.0.0/8 of storage overlaps 10.52.0.0/16, the default pod CIDR of plant: packets to that network could stay in the cluster.',
        related: ['14:1'],
      },
      {
        at: '13:22',
        message:
          'The subnet 10.0.0.0/8 of storage overlaps 10.53.0.0/16, the default service CIDR of plant: packets to that network could stay in the cluster.',
        related: ['14:1'],
      },
    ],
  },
  'DNS servers in the default service CIDR, and in a pod CIDR': {
    edits: [
      NEW,
      ['dns: [192.168.178.1]', 'dns: [192.168.178.1, 10.53.0.10, 10.99.0.1]'],
      [DEVICE, `${DEVICE}      cluster_pod_cidr: 10.99.0.0/16\n`],
    ],
    finds: [
      {
        at: '10:26',
        message:
          'The DNS server 10.53.0.10 of mgmt is in the service CIDR 10.53.0.0/16 of plant, the default: its nodes look for it inside the cluster, and resolve no name.',
      },
      {
        at: '10:38',
        message:
          'The DNS server 10.99.0.1 of mgmt is in the pod CIDR 10.99.0.0/16 of plant: its nodes look for it inside the cluster, and resolve no name.',
        related: ['22:25'],
      },
    ],
  },
  'a DNS server just outside the service CIDR': {
    edits: [['dns: [192.168.178.1]', 'dns: [10.54.0.1, 10.51.255.255]']],
  },
  'a pod CIDR around a network': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_pod_cidr: 192.168.0.0/16\n`]],
    finds: [
      {
        at: '22:25',
        message:
          'The pod CIDR 192.168.0.0/16 of plant overlaps the network mgmt, 192.168.178.0/24: packets to that network could stay in the cluster.',
        related: ['8:13'],
      },
    ],
  },
  'a service CIDR in a network, set at the create node': {
    edits: [
      NEW,
      [POOL, `${POOL}  storage: { subnet: 10.153.0.0/16 }\n`],
      [
        'mode: create',
        'mode: create, config: { install: { cluster_service_cidr: 10.153.4.0/22, cluster_dns: 10.153.4.10 } }',
      ],
    ],
    finds: [
      {
        at: '24:114',
        message:
          'The service CIDR 10.153.4.0/22 of plant overlaps the network storage, 10.153.0.0/16: packets to that network could stay in the cluster.',
        related: ['13:22'],
      },
    ],
  },
  'a pod CIDR around the default service CIDR': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_pod_cidr: 10.52.0.0/15\n`]],
    finds: [
      {
        at: '22:25',
        message:
          'The pod CIDR 10.52.0.0/15 of plant overlaps its service CIDR 10.53.0.0/16, the default: pods and services would have the same IP addresses.',
      },
    ],
  },
  'a service CIDR in the pod CIDR': {
    edits: [
      NEW,
      [
        DEVICE,
        `${DEVICE}      cluster_pod_cidr: 10.152.0.0/15\n      cluster_service_cidr: 10.153.0.0/16\n      cluster_dns: 10.153.0.10\n`,
      ],
    ],
    finds: [
      {
        at: '23:29',
        message:
          'The service CIDR 10.153.0.0/16 of plant overlaps its pod CIDR 10.152.0.0/15: pods and services would have the same IP addresses.',
        related: ['22:25'],
      },
    ],
  },
  'the defaults of each of two clusters': {
    edits: [
      [POOL, `${POOL}  storage: { subnet: 10.53.0.0/24 }\n`],
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}", harvester: { version: v1.6.1 } }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
      [
        '192.168.178.43 }\n',
        '192.168.178.43 }\n  west-1: { mac: 52:54:00:aa:02:01, ip: 192.168.178.51, mode: create, cluster: west }\n',
      ],
    ],
    finds: [
      {
        at: '13:22',
        message:
          'The subnet 10.53.0.0/24 of storage overlaps 10.53.0.0/16, the default service CIDR of east, which only v1.5.0 and newer can change: packets to that network could stay in the cluster.',
        related: ['15:3'],
      },
      {
        at: '13:22',
        message:
          'The subnet 10.53.0.0/24 of storage overlaps 10.53.0.0/16, the default service CIDR of west: packets to that network could stay in the cluster.',
        related: ['16:3'],
      },
    ],
  },
  'networks next to the defaults': {
    edits: [[POOL, `${POOL}  east: { subnet: 10.51.255.0/24 }\n  west: { subnet: 10.54.0.0/24 }\n`]],
  },
  'a network in the former defaults': {
    edits: [
      NEW,
      [POOL, `${POOL}  storage: { subnet: 10.52.0.0/15 }\n`],
      [
        DEVICE,
        `${DEVICE}      cluster_pod_cidr: 10.152.0.0/16\n      cluster_service_cidr: 10.153.0.0/16\n      cluster_dns: 10.153.0.10\n`,
      ],
    ],
  },
});

fixableRuleTest('cluster-dns-outside', {
  'another service CIDR without cluster_dns': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_service_cidr: 10.153.0.0/16\n`]],
    finds: [
      {
        at: '22:29',
        message:
          "The service CIDR 10.153.0.0/16 does not contain 10.53.0.10, the default IP address of the cluster's DNS: it cannot be created.",
      },
    ],
  },
  'an IP address outside the default service CIDR': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_dns: 10.54.0.0\n`]],
    finds: [
      {
        at: '22:20',
        message:
          "The cluster's DNS, 10.54.0.0, is outside the service CIDR 10.53.0.0/16, the default: it cannot be created.",
      },
    ],
  },
  'an IP address outside the service CIDR of the create node': {
    edits: [
      NEW,
      [DEVICE, `${DEVICE}      cluster_dns: 10.153.0.10\n`],
      ['mode: create', 'mode: create, config: { install: { cluster_service_cidr: 10.153.4.0/30 } }'],
    ],
    finds: [
      {
        at: '22:20',
        message:
          "The cluster's DNS, 10.153.0.10, is outside the service CIDR 10.153.4.0/30: it cannot be created.",
        related: ['24:114'],
      },
    ],
  },
  'an IP address in the service CIDR': {
    edits: [
      NEW,
      [DEVICE, `${DEVICE}      cluster_service_cidr: 10.153.0.0/16\n      cluster_dns: 10.153.255.254\n`],
    ],
  },
  'an IP address in the default service CIDR': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_dns: 10.53.0.53\n`]],
  },
  'another service CIDR with the default IP address': {
    edits: [NEW, [DEVICE, `${DEVICE}      cluster_service_cidr: 10.53.0.0/20\n`]],
  },
});

const setting = (text: string): [string, string] => [
  'defaults:\n  config:\n',
  `defaults:\n  config:\n    system_settings: { ${text} }\n`,
];

const STORAGE =
  'apiVersion: network.harvesterhci.io/v1beta1\nkind: ClusterNetwork\nmetadata: { name: storage }\n';

fixableRuleTest('cluster-network-missing', {
  'a map': {
    objects: STORAGE,
    edits: [
      ['v1.4.1', 'v1.6.1'],
      setting('storage-network: { clusterNetwork: storage, vlan: 200, range: 192.168.200.0/24 }'),
    ],
    finds: [
      {
        at: '18:24',
        message:
          'storage-network uses the cluster network storage, but a new cluster has only mgmt: the setting fails.',
      },
    ],
  },
  text: {
    objects: STORAGE,
    edits: [
      ['v1.4.1', 'v1.6.1'],
      setting(`storage-network: '{"vlan":200,"clusterNetwork":"storage","range":"192.168.200.0/24"}'`),
    ],
    finds: [
      {
        at: '18:24',
        message:
          'storage-network uses the cluster network storage, but a new cluster has only mgmt: the setting fails.',
      },
    ],
  },
  'the only cluster network of a new cluster': {
    edits: [
      ['v1.4.1', 'v1.6.1'],
      setting('storage-network: { clusterNetwork: mgmt, vlan: 200, range: 192.168.200.0/24 }'),
    ],
  },
});

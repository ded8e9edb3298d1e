import { objects, objectsAnd } from '../../../test/support/objects.ts';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';

ruleTest('vlan-config-uplink', {
  'the management network, a MAC address, and a node that does not exist': {
    objects: objects(
      [
        `  clusterNetwork: vms
  nodeSelector: { kubernetes.io/hostname: harv-1 }`,
        `  clusterNetwork: mgmt
  nodeSelector: { kubernetes.io/hostname: harv-9 }`,
      ],
      ['nics: [ens4]', 'nics: ["52:54:00:aa:02:01"]'],
    ),
    finds: [
      { at: '9:19', message: 'A VlanConfig cannot change the cluster network mgmt: Harvester rejects it.' },
      { at: '10:43', message: 'The cluster has no node harv-9: this VlanConfig applies to no node.' },
      { at: '19:20', message: '52:54:00:aa:02:01 is not the name of a NIC: the node finds no such NIC.' },
    ],
  },
  'a NIC of the management network': {
    edits: [
      [
        'mac: 52:54:00:aa:01:01, ip: 192.168.178.41',
        'nics: [{ name: ens3, mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }]',
      ],
    ],
    objects: objects(),
    finds: [
      {
        at: '11:20',
        message: 'ens3 is a NIC of the management network of harv-1: the node would lose its connection.',
      },
    ],
  },
  'the same name on another node': {
    edits: [
      [
        'mac: 52:54:00:aa:01:01, ip: 192.168.178.41',
        'nics: [{ name: ens5, mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }]',
      ],
    ],
    objects: objects(),
  },
});

const OTHER = ['  mgmt:\n', '  vms: { subnet: 10.9.0.0/24 }\n  mgmt:\n'] as const;

const SPARE = (names: string) =>
  [
    'mac: 52:54:00:aa:01:01, ip: 192.168.178.41',
    `nics: [{ name: eno1, mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }, ${names}]`,
  ] as const;

ruleTest('vlan-config-nic', {
  'a NIC that the node lacks': {
    edits: [OTHER, SPARE('{ name: eno2, mac: 52:54:00:aa:02:01, network: vms }')],
    objects: objects(),
    finds: [
      {
        at: '11:20',
        message:
          'The inventory lists the NICs of harv-1, but no ens3: the VlanConfig applies to a NIC that the node may lack.',
        related: ['24:3'],
      },
    ],
  },
  'a NIC that the node has': {
    edits: [OTHER, SPARE('{ name: ens3, mac: 52:54:00:aa:02:01, network: vms }')],
    objects: objects(),
  },
  'a NIC without its name': {
    edits: [OTHER, SPARE('{ mac: 52:54:00:aa:02:01, network: vms }')],
    objects: objects(),
  },
});

ruleTest('vlan-config-overlap', {
  'two for a node, one of which selects all': {
    objects: objects(['nodeSelector: { kubernetes.io/hostname: harv-2 }', 'nodeSelector: {}']),
    finds: [
      {
        at: '15:19',
        message: 'harv-1 has two VlanConfigs for the cluster network vms: Harvester rejects the second one.',
        related: ['7:19'],
      },
    ],
  },
  'different MTUs': {
    objects: objects(['mtu: 1500', 'mtu: 9000']),
    finds: [
      {
        at: '19:11',
        message: 'The MTU 1500 differs from 9000 of another VlanConfig of vms: Harvester rejects it.',
        related: ['11:50'],
      },
    ],
  },
  'the default MTU in one of them': {
    objects: objects(['mtu: 1500', 'mtu: 0']),
  },
});

ruleTest('vm-network-config', {
  text: {
    objects: objects([`'{"cniVersion":"0.3.1","name"`, `'"name"`]),
    finds: [{ at: '27:11', message: 'spec.config is not the JSON of a map: Harvester rejects the network.' }],
  },
  'another bridge than that of the label, and another VLAN': {
    objects: objects(['"vms-br"', '"mgmt-br"'], ['"vlan":100', '"vlan":101']),
    finds: [
      {
        at: '27:11',
        message:
          'The bridge mgmt-br is that of the cluster network mgmt, but the label names vms: Harvester rejects the VM network.',
        related: ['25:53'],
      },
      {
        at: '27:11',
        message: 'VMs are connected to VLAN 101, but the label vlan-id is 100.',
        related: ['25:91'],
      },
    ],
  },
  'no bridge of a cluster network, and a VLAN that does not exist': {
    objects: objects(['"vms-br"', '"br0"'], ['"vlan":100', '"vlan":4095']),
    finds: [
      {
        at: '27:11',
        message: 'The VLAN 4095 is not a number from 0 to 4094: Harvester rejects the VM network.',
      },
      {
        at: '27:11',
        message: 'spec.config has no bridge of a cluster network: Harvester rejects the VM network.',
      },
    ],
  },
  'no labels': {
    objects: objects([
      `  labels: { network.harvesterhci.io/clusternetwork: vms, network.harvesterhci.io/vlan-id: "100" }
`,
      '',
    ]),
  },
});

ruleTest('vm-network-twice', {
  'two networks of a VLAN': {
    objects: objectsAnd(`apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: { name: dmz }
spec: { config: '{"type":"bridge","bridge":"vms-br","vlan":100}' }
`),
    finds: [
      {
        at: '103:17',
        message: 'dmz is VLAN 100 of the same cluster network as vlan100: their VMs are on one network.',
        related: ['27:11'],
      },
    ],
  },
  'the same VLAN of another cluster network': {
    objects: objectsAnd(`apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: { name: dmz }
spec: { config: '{"type":"bridge","bridge":"mgmt-br","vlan":100}' }
`),
  },
});

const HOST_NETWORK = (spec: string) => `apiVersion: network.harvesterhci.io/v1beta1
kind: ClusterNetwork
metadata: { name: storage }
---
apiVersion: network.harvesterhci.io/v1beta1
kind: HostNetworkConfig
metadata: { name: storage }
spec: { clusterNetwork: storage, vlanID: 20, ${spec} }
`;
const NEW_PLANT = edited(PLANT, ['v1.4.1', 'v1.8.1']);

ruleTest('host-network-ips', {
  'no addresses': {
    of: NEW_PLANT,
    objects: HOST_NETWORK('mode: static'),
    finds: [
      {
        at: '8:52',
        message: 'The mode static requires ips: the cluster rejects the HostNetworkConfig.',
      },
    ],
  },
  'an empty map': {
    of: NEW_PLANT,
    objects: HOST_NETWORK('mode: static, ips: {}'),
    finds: [
      {
        at: '8:65',
        message: 'The mode static requires ips: the cluster rejects the HostNetworkConfig.',
      },
    ],
  },
  'addresses without a valid prefix length': {
    of: NEW_PLANT,
    objects: HOST_NETWORK(
      'mode: static, ips: { harv-1: 192.0.2.1, harv-2: 192.0.2.2/33, harv-3: "2001:db8::1/129" }',
    ),
    finds: [
      {
        at: '8:75',
        message:
          'The address 192.0.2.1 of harv-1 is not one with a prefix length: the cluster rejects the HostNetworkConfig.',
        help: 'write 192.0.2.1/24, with the prefix length of the network',
      },
      {
        at: '8:94',
        message:
          'The address 192.0.2.2/33 of harv-2 is not one with a prefix length: the cluster rejects the HostNetworkConfig.',
        help: 'write an address such as 192.0.2.10/24',
      },
      {
        at: '8:116',
        message:
          'The address 2001:db8::1/129 of harv-3 is not one with a prefix length: the cluster rejects the HostNetworkConfig.',
        help: 'write an address such as 192.0.2.10/24',
      },
    ],
  },
  'addresses of both families; and DHCP': {
    of: NEW_PLANT,
    objects: `${HOST_NETWORK('mode: static, ips: { harv-1: 192.0.2.1/24, harv-2: "2001:db8::1/64" }')}---
apiVersion: network.harvesterhci.io/v1beta1
kind: HostNetworkConfig
metadata: { name: other }
spec: { clusterNetwork: storage, vlanID: 21, mode: dhcp }
`,
  },
});

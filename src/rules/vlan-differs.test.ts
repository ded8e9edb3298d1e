import { ruleTest } from '../../test/support/rule-test.ts';
import { vlanDiffers } from './vlan-differs.ts';

function vlan(number: number, id: number): [string, string] {
  const ip = `ip: 192.168.178.4${number}`;
  return [ip, `${ip}, config: { install: { management_interface: { method: static, vlan_id: ${id} } } }`];
}

const HERE = (one: string, name: string, other: string) =>
  `The management interface is ${one} here, and that of ${name} of the same cluster ${other}: the nodes would not hear each other.`;

ruleTest(vlanDiffers, {
  'one node in a VLAN': {
    edits: [vlan(3, 100)],
    finds: [{ at: '25:127', message: HERE('in VLAN 100', 'harv-1', 'untagged'), related: ['23:3'] }],
  },
  'one node in none': {
    edits: [vlan(1, 100), vlan(3, 100)],
    finds: [{ at: '24:3', message: HERE('untagged', 'harv-1', 'in VLAN 100'), related: ['23:127'] }],
  },
  'three VLANs': {
    edits: [vlan(1, 100), vlan(2, 200), vlan(3, 300)],
    finds: [
      { at: '24:127', message: HERE('in VLAN 200', 'harv-1', 'in VLAN 100'), related: ['23:127'] },
      { at: '25:127', message: HERE('in VLAN 300', 'harv-1', 'in VLAN 100'), related: ['23:127'] },
    ],
  },
  'a VLAN by a profile, said once': {
    edits: [
      [
        'nodes:\n',
        'profiles:\n  tagged: { config: { install: { management_interface: { method: static, vlan_id: 100 } } } }\nnodes:\n',
      ],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [tagged]'],
      [
        'ip: 192.168.178.43 }\n',
        `ip: 192.168.178.43, profiles: [tagged] }
  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44 }
  harv-5: { mac: 52:54:00:aa:01:05, ip: 192.168.178.45 }
`,
      ],
    ],
    finds: [{ at: '23:83', message: HERE('in VLAN 100', 'harv-1', 'untagged'), related: ['25:3'] }],
  },
  'no tag in two ways': { edits: [vlan(3, 0)] },
  'one VLAN by the network': {
    edits: [['    dhcp:\n', '    vlan: 100\n    dhcp:\n']],
  },
  'one VLAN said of all': {
    edits: [
      ['    install:\n', '    install:\n      management_interface: { method: static, vlan_id: 100 }\n'],
    ],
  },
});

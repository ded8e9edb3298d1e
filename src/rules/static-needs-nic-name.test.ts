import { ruleTest } from '../../test/support/rule-test.ts';
import { staticNeedsNicName } from './static-needs-nic-name.ts';

const DHCP = '    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n';

/** Lists the only NIC of a node under nics, by its name. */
function named(number: number): [string, string] {
  return [
    `{ mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number}`,
    `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number} }]`,
  ];
}

ruleTest(staticNeedsNicName, {
  'nodes in the short form, which has no name': {
    silence: ['static-needs-default-route'],
    edits: [[DHCP, '']],
    finds: ['harv-1', 'harv-2', 'harv-3'].map((name, index) => ({
      at: `${21 + index}:18`,
      message: `${name} boots from mgmt, which has no DHCP, and the name of its NIC is not known: the installer could not be told which one gets the address.`,
      help: `list the NIC under nics with its name, where mac and ip then stand: \`nics: [{name: eno1, mac: 52:54:00:aa:01:0${index + 1}, ip: 192.168.178.4${index + 1}}]\``,
    })),
  },
  'a NIC without a name that is marked to boot, beside one with a name': {
    silence: ['static-needs-default-route'],
    edits: [
      [DHCP, ''],
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
          'harv-3 boots from mgmt, which has no DHCP, and the name of its NIC is not known: the installer could not be told which one gets the address.',
        help: 'say it beside its address: `name: eno1`',
      },
    ],
  },
  'a node that is known by its serial number: it needs no MAC address': {
    silence: ['static-needs-default-route'],
    edits: [
      [DHCP, ''],
      named(1),
      named(2),
      ['{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }', '{ ip: 192.168.178.43, serial: B5W7M32 }'],
    ],
    finds: [
      {
        at: '23:11',
        message:
          'harv-3 boots from mgmt, which has no DHCP, and the name of its NIC is not known: the installer could not be told which one gets the address.',
        help: 'list the NIC under nics with its name, where ip then stands: `nics: [{name: eno1, ip: 192.168.178.43}]`',
      },
    ],
  },
  'NICs with names': {
    silence: ['static-needs-default-route'],
    edits: [[DHCP, ''], named(1), named(2), named(3)],
  },
  'no names where there is DHCP, though not from harvgen': {
    edits: [[DHCP, '    dhcp: { server: external }\n']],
  },
  'a machine that boots its own disk': {
    silence: ['static-needs-default-route', 'two-node-cluster'],
    edits: [
      [DHCP, ''],
      named(1),
      named(2),
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, boot: { os: local }'],
    ],
  },
});

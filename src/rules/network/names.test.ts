import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { RACK } from '../../../test/support/rack.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const DHCP = '    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n';
const EXTERNAL = '    dhcp: { server: external }\n';
const THIRD = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';

/** A site without DHCP, whose NICs have names. */
const STATIC: readonly [string, string][] = [
  [DHCP, ''],
  ...[1, 2].map((number): [string, string] => [
    `{ mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number}`,
    `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number} }]`,
  ]),
];
const AT_NAME = '25:3';

ruleTest('missing-mac', {
  'an IP address without the MAC address that its reservation needs': {
    edits: [[THIRD, '{ ip: 192.168.178.43 }']],
    finds: [
      {
        at: AT_NAME,
        message:
          'harv-3 has a NIC without a MAC address: the DHCP server of mgmt reserves 192.168.178.43 by it.',
      },
    ],
  },
  'one of several NICs: reported at the NIC': {
    edits: [
      [THIRD, '{ nics: [{ mac: 52:54:00:aa:01:03 }, { name: eno2, ip: 192.168.178.43, boot: true }] }'],
    ],
    finds: [
      {
        at: '25:48',
        message:
          'harv-3 has a NIC without a MAC address: the DHCP server of mgmt reserves 192.168.178.43 by it.',
      },
    ],
  },
  'a machine without other identifiers, on a network without DHCP': {
    silence: ['static-needs-default-route'],
    edits: [...STATIC, [THIRD, '{ nics: [{ name: eno1, ip: 192.168.178.43 }] }']],
    finds: [
      {
        at: '23:3',
        message:
          "harv-3 has a NIC without a MAC address: mgmt has no DHCP, and the boot image cannot select the machine's IP address.",
      },
    ],
  },
  'a machine with a firmware identifier, on a network without DHCP': {
    silence: ['static-needs-default-route'],
    edits: [...STATIC, [THIRD, '{ serial: B5W7M32, nics: [{ name: eno1, ip: 192.168.178.43 }] }']],
  },
  'a member of the bond with neither MAC nor name': {
    edits: [[THIRD, '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, {}] }']],
    finds: [
      {
        at: '25:68',
        message: 'harv-3 has a NIC without a MAC address: without a name, too, Harvester cannot select it.',
      },
    ],
  },
  'a member of the bond with a name': {
    edits: [[THIRD, '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { name: eno2 }] }']],
  },
  'an IP address that an external DHCP server leases': {
    edits: [
      [DHCP, EXTERNAL],
      [THIRD, '{ ip: 192.168.178.43 }'],
    ],
  },
});

const message =
  "cg02 has no xname, by which OpenCHAMI's services identify it (server.compat): it is missing from their lists.";

ruleTest('missing-xname', {
  'a node that boots Linux': {
    of: RACK,
    edits: [[' xname: x1000c1s7b1n0,', '']],
    finds: [{ at: '11:3', message }],
  },
  'a node of a group that does not boot Linux': {
    of: RACK,
    edits: [[' xname: x1000c1s7b1n0, nid: 2,', ' groups: [compute], boot: { os: local },']],
    finds: [{ at: '11:3', message }],
  },
  'a node without Linux, NID and groups': {
    of: RACK,
    edits: [[' xname: x1000c1s7b1n0, nid: 2,', ' boot: { os: local },']],
  },
  'a site without OpenCHAMI URLs': {
    of: RACK,
    edits: [
      [', compat: [ochami]', ''],
      [' xname: x1000c1s7b1n0,', ''],
    ],
  },
  'an iSCSI disk': {
    of: ISCSI_PLANT,
    edits: [
      ['  iscsi:\n', '  compat: [ochami]\n  iscsi:\n'],
      ['52:54:00:0b:01:02,', '52:54:00:0b:01:02, nid: 2, xname: x1000c1s7b1n0,'],
      ['52:54:00:0b:01:03,', '52:54:00:0b:01:03, nid: 3, xname: x1000c1s7b2n0,'],
      ['nodes:\n', 'silence: { server-url-off-networks: a gateway leads there }\nnodes:\n'],
    ],
    finds: [
      {
        at: '23:3',
        message:
          "cn01 has no xname, by which OpenCHAMI's services identify it (server.compat): it is missing from their lists.",
      },
    ],
  },
});

ruleTest('missing-nid', {
  'a node with an xname': {
    of: RACK,
    edits: [[' nid: 2,', '']],
    finds: [
      {
        at: '11:59',
        message:
          "cg02 has an xname but no NID: dnsmasq_updater, which makes dnsmasq's files from SMD's lists, stops there.",
      },
    ],
  },
  'a site without OpenCHAMI URLs': {
    of: RACK,
    edits: [
      [', compat: [ochami]', ''],
      [' nid: 2,', ''],
    ],
  },
});

const SMD_ROLE = ' nid: 2,';

fixableRuleTest('smd-role-unused', {
  'a role of Harvester with a capital letter and a typo': {
    edits: [[THIRD, THIRD.replace(' }', ', role: Managment }')]],
    finds: [
      {
        at: '25:63',
        message:
          "harv-3 has the role Managment in OpenCHAMI's SMD, which this site does not serve: did you mean management?",
        help: 'set a role of Harvester: `role: management`; or set server.compat: [ochami]',
      },
    ],
  },
  'a role and a subrole of machines with Linux, in a layer': {
    of: RACK,
    edits: [
      [', compat: [ochami]', ''],
      ['defaults:\n', 'defaults:\n  role: Application\n  subrole: Worker\n'],
    ],
    finds: ['role Application', 'subrole Worker'].map((what, index) => ({
      at: ['8:9', '9:12'][index] ?? '',
      message: `cg01 has the ${what} in OpenCHAMI's SMD, which this site does not serve: it has no effect.`,
      help: `remove ${what.replace(/ .*/, '')}, or set server.compat: [ochami]`,
    })),
  },
  'a role of Harvester': { edits: [[THIRD, THIRD.replace(' }', ', role: management }')]] },
  'a site with OpenCHAMI URLs': { of: RACK, edits: [[SMD_ROLE, ' nid: 2, role: Storage, subrole: Worker,']] },
});

fixableRuleTest('smd-role-unknown', {
  'typos of a role and of a subrole': {
    of: RACK,
    edits: [[SMD_ROLE, ' nid: 2, role: Compue, subrole: Wroker,']],
    finds: [
      {
        at: '11:88',
        message: 'cg02 has the role Compue, which SMD does not have: did you mean Compute?',
        help: 'set `role: Compute`; or, if the configuration of SMD adds Compue, silence this rule',
      },
      { at: '11:105', message: 'cg02 has the subrole Wroker, which SMD does not have: did you mean Worker?' },
    ],
  },
  'another case, and a subrole that no typo explains': {
    of: RACK,
    edits: [[SMD_ROLE, ' nid: 2, role: COMPUTE, subrole: Gateway,']],
  },
});

ruleTest('dotted-hostname', {
  'a name with dots before v1.6.0': {
    edits: [['  harv-2:', '  harv-2.plant.example:']],
    finds: [
      {
        at: '24:3',
        message:
          'The host name harv-2.plant.example has dots: Harvester v1.4.1 accepts it, but the cluster breaks.',
      },
    ],
  },
  'the last release before v1.6.0': {
    edits: [
      ['version: v1.4.1', 'version: v1.5.2'],
      ['  harv-2:', '  harv-2.plant:'],
    ],
    finds: [
      {
        at: '24:3',
        message: 'The host name harv-2.plant has dots: Harvester v1.5.2 accepts it, but the cluster breaks.',
      },
    ],
  },
  'an old release of only the cluster': {
    edits: [
      ['version: v1.4.1', 'version: v1.6.0'],
      ['  vip: 192.168.178.40\n', '  vip: 192.168.178.40\n  harvester: { version: v1.5.1 }\n'],
      ['  harv-2:', '  harv-2.plant:'],
    ],
    finds: [
      {
        at: '25:3',
        message: 'The host name harv-2.plant has dots: Harvester v1.5.1 accepts it, but the cluster breaks.',
      },
    ],
  },
  'a name with dots from v1.6.0': {
    edits: [
      ['version: v1.4.1', 'version: v1.6.0'],
      ['  harv-2:', '  harv-2.plant.example:'],
    ],
  },
  'a machine that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [
      ['  harv-2:', '  harv-2.plant.example:'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, boot: { os: local }'],
    ],
  },
});

const BMC = 'bmc: { mac: 52:54:00:aa:09:01, address: 192.168.178.141 }';

ruleTest('bmc-name-taken', {
  'a node with that name': {
    edits: [
      ['ip: 192.168.178.41,', `ip: 192.168.178.41, ${BMC},`],
      ['  harv-3:', '  harv-1-bmc:'],
    ],
    finds: [
      {
        at: '25:3',
        message:
          'The BMC of harv-1 has the DHCP name harv-1-bmc, which is also the name of a node: only one machine gets it.',
        related: ['23:3'],
      },
    ],
  },
  'a node with that name, and a BMC without a DHCP server': {
    edits: [
      ['ip: 192.168.178.41,', 'ip: 192.168.178.41, bmc: { address: 192.168.178.141 },'],
      ['  harv-3:', '  harv-1-bmc:'],
    ],
  },
  'no node with that name': { edits: [['ip: 192.168.178.41,', `ip: 192.168.178.41, ${BMC},`]] },
  'a node with the name that a BMC has only from the second of its nodes': {
    edits: [
      ['ip: 192.168.178.41,', `ip: 192.168.178.41, ${BMC},`],
      ['ip: 192.168.178.42 }', `ip: 192.168.178.42, ${BMC} }`],
      ['  harv-3:', '  harv-2-bmc:'],
    ],
  },
});

ruleTest('node-called-image', {
  'a disk with the name of the image': {
    of: ISCSI_PLANT,
    edits: [['  cn02: {', '  image: {']],
    finds: [
      {
        at: '22:3',
        message:
          'The node image would overwrite its image: in the store, its disk and the image are both plant-image.rocky9.',
      },
    ],
  },
  'a node with that name without a disk': {
    of: ISCSI_PLANT,
    edits: [
      ['  cn02: {', '  image: {'],
      ['ip: 10.2.0.12,', 'ip: 10.2.0.12, boot: { os: local },'],
    ],
  },
});

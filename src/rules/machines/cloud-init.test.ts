import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../../test/support/cloud-init-plant.ts';
import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const SAID = 'cloud_init: { user_data: { locale: C } }';
const LAST = 'ip: 192.168.178.42, profiles: [compute] }';

ruleTest('cloud-init-without-linux', {
  'a machine that boots Harvester': {
    edits: [['ip: 192.168.178.42 }', `ip: 192.168.178.42, ${SAID} }`]],
    finds: [
      {
        at: '24:69',
        message: 'harv-2 sets cloud_init but boots Harvester: nothing there reads it.',
      },
    ],
  },
  'the defaults, which also apply to other machines': {
    of: CLOUD_INIT_PLANT,
    edits: [
      ['profiles:\n', `defaults: { ${SAID} }\nprofiles:\n`],
      [LAST, 'ip: 192.168.178.42, boot: { os: local } }'],
    ],
  },
  'a machine that boots its disk': {
    of: CLOUD_INIT_PLANT,
    edits: [[LAST, `ip: 192.168.178.42, boot: { os: local }, ${SAID} }`]],
  },
  'an iSCSI disk': {
    of: ISCSI_PLANT,
    edits: [
      [
        'tenant: physics, firmware: bios }',
        'tenant: physics, firmware: bios, cloud_init: { user_data: { packages: [vim] } } }',
      ],
    ],
  },
});

const message = (name: string) =>
  `This text of ${name} has no first line that cloud-init recognizes: cloud-init ignores it.`;

ruleTest('cloud-init-first-line', {
  'a script without an interpreter': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: "echo hello\\n"']],
    finds: [{ at: '20:18', message: message('user_data') }],
  },
  'a text of a group that resembles cloud-config': {
    of: CLOUD_INIT_PLANT,
    edits: [[GROUP_USER_DATA, 'user_data: "# cloud-config\\npackages: [slurmd]\\n"']],
    finds: [{ at: '8:18', message: message('user_data') }],
  },
  'vendor-data without a known first line': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'vendor_data: hello']],
    finds: [{ at: '20:20', message: message('vendor_data') }],
  },
  'a script': { of: CLOUD_INIT_PLANT, edits: [[OWN_USER_DATA, 'user_data: "#!/bin/sh\\necho hello\\n"']] },
  'a template': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [OWN_USER_DATA, 'user_data: "## template: jinja\\n#cloud-config\\nfqdn: {{ v1.local_hostname }}\\n"'],
    ],
  },
  'cloud-config as text': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: "#cloud-config\\n{}\\n"']],
  },
});

const INCLUDE = 'user_data: "#include\\nhttp://192.168.178.7/a.yaml\\n"';

ruleTest('cloud-init-text-alone', {
  'an include next to the data of a group': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, INCLUDE]],
    finds: [
      {
        at: '20:18',
        message: '#include is one of several parts of user_data: cloud-init does not process it there.',
        help: 'replace it with its content, or move it to vendor_data',
      },
    ],
  },
  'an archive with a secret': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'vendor_data: "#cloud-config-archive\\n- content: ${secret:x}\\n"']],
    finds: [
      {
        at: '20:20',
        message:
          '#cloud-config-archive is passed on unchanged, but this text refers to a secret: nothing can quote the secret there.',
      },
    ],
  },
  'only an include': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, INCLUDE.replace('user', 'vendor')]],
  },
  'a script with a secret, next to the data of a group': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [OWN_USER_DATA, 'user_data: "#!/bin/sh\\necho ${secret:x}\\n"'],
      [GROUP_USER_DATA, 'user_data: { packages: [slurmd], locale: C }'],
    ],
  },
});

const of = CLOUD_INIT_PLANT;
const meta = (where: string, data: string): [string, string] => [where, `${where}\n      meta_data: ${data}`];
const SECOND = 'ip: 192.168.178.42,';

fixableRuleTest('cloud-init-shared-identity', {
  'values that a group sets for all its nodes': {
    of,
    edits: [meta(GROUP_USER_DATA, '{ instance-id: i-1, local-hostname: same }')],
    finds: [
      {
        at: '9:33',
        message: 'cg01 and cg02 have the same instance-id: services treat them as one machine.',
        help: 'remove it to get the default, plant.cg02; or include ${node:name} in the value',
      },
      {
        at: '9:54',
        message: 'cg01 and cg02 have the same local-hostname: services treat them as one machine.',
        help: 'remove it to get the default, cg02; or include ${node:name} in the value',
      },
    ],
  },
  'values that two nodes set, each for itself': {
    of,
    edits: [
      meta(OWN_USER_DATA, '{ instance-id: i-1 }'),
      [SECOND, `${SECOND} cloud_init: { meta_data: { instance-id: i-1 } },`],
    ],
    finds: [
      {
        at: '22:95',
        message: 'cg01 and cg02 have the same instance-id: services treat them as one machine.',
        related: ['21:33'],
      },
    ],
  },
  'the name of another node': {
    of,
    edits: [meta(OWN_USER_DATA, '{ local-hostname: cg02 }')],
    finds: [
      {
        at: '21:36',
        message: 'cg01 and cg02 have the same local-hostname: services treat them as one machine.',
      },
    ],
  },
  'values of two nodes that are not texts': {
    of,
    edits: [meta(GROUP_USER_DATA, '{ instance-id: { a: 1 } }')],
    finds: [
      { at: '9:33', message: 'cg01 and cg02 have the same instance-id: services treat them as one machine.' },
    ],
  },
  'a host name in the user-data of all nodes': {
    of,
    edits: [[GROUP_USER_DATA, 'user_data: { fqdn: node.example.org }']],
    finds: [
      {
        at: '8:26',
        message: 'cg01 and cg02 have the same fqdn: services treat them as one machine.',
        help: 'remove it to get the default, cg02; or include ${node:name} in the value',
      },
    ],
  },
  'the name of another node in user-data': {
    of,
    edits: [[OWN_USER_DATA, 'user_data: { hostname: cg02 }']],
    finds: [
      { at: '20:30', message: 'cg01 and cg02 have the same hostname: services treat them as one machine.' },
    ],
  },
  'the name of a node of another operating system in user-data': {
    of,
    edits: [
      [OWN_USER_DATA, 'user_data: { hostname: store.example.org }'],
      ['  cg02:', '  store: { mac: 52:54:00:7c:52:09, ip: 192.168.178.49, boot: { os: local } }\n  cg02:'],
    ],
    finds: [
      { at: '20:30', message: 'cg01 and store have the same hostname: services treat them as one machine.' },
    ],
  },
  'host names of the node, in different domains': {
    of,
    edits: [[GROUP_USER_DATA, 'user_data: { fqdn: "${node:name}.example.org", hostname: "${node:name}" }']],
  },
  'the name of the node in it': {
    of,
    edits: [
      meta(GROUP_USER_DATA, '{ instance-id: "2-${node:name}", local-hostname: "${node:name}", rack: b }'),
    ],
  },
});

ruleTest('cloud-init-hostname', {
  'a blank, an underscore, a number, and an empty label': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [GROUP_USER_DATA, 'user_data: { fqdn: "cp_${node:name}..example.org" }'],
      [OWN_USER_DATA, 'user_data: { hostname: "cp 1" }'],
      ['profiles: [compute] }', 'profiles: [compute], cloud_init: { user_data: { hostname: 12 } } }'],
    ],
    finds: [
      { at: '8:26', message: 'fqdn of user_data cannot be "cp_cg01..example.org": it is not a host name.' },
      {
        at: '20:30',
        message: 'hostname of user_data cannot be "cp 1": it is not a host name.',
        help: 'write letters, digits and hyphens, or remove hostname to get the name of the node',
      },
      { at: '21:113', message: 'hostname of user_data cannot be "12": it is not a host name.' },
    ],
  },
  'a short and a full name': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [GROUP_USER_DATA, 'user_data: { hostname: "${node:name}", fqdn: "${node:name}.hpc.example.org" }'],
    ],
  },
});

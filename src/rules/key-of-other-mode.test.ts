import type { Edit } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { keyOfOtherMode } from './key-of-other-mode.ts';

const EVERYTHING = `{
      sans: [harvester.example.org],
      install: { cluster_pod_cidr: 10.52.0.0/16, addons: { rancher_logging: { enabled: true } } },
      system_settings: { ui-source: bundled } }`;

/** The newest release has all of them. */
const NEWEST: Edit = ['version: v1.4.1', 'version: v1.9.0'];

ruleTest(keyOfOtherMode, {
  'system settings on a node that joins': {
    edits: [
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, config: { system_settings: { ui-source: bundled } } }'],
    ],
    finds: [
      {
        at: '24:67',
        message:
          'system_settings counts on the node that creates the cluster alone, and harv-2 joins: it would be ignored.',
      },
    ],
  },
  'each such key, at its own place': {
    edits: [['ip: 192.168.178.42 }', `ip: 192.168.178.42, mode: join, config: ${EVERYTHING} }`], NEWEST],
    finds: [
      {
        at: '25:7',
        message:
          'sans counts on the node that creates the cluster alone, and harv-2 joins: it would be ignored.',
      },
      {
        at: '26:18',
        message:
          'install.cluster_pod_cidr counts on the node that creates the cluster alone, and harv-2 joins: it would be ignored.',
      },
      {
        at: '26:50',
        message:
          'install.addons counts on the node that creates the cluster alone, and harv-2 joins: it would be ignored.',
      },
      {
        at: '27:7',
        message:
          'system_settings counts on the node that creates the cluster alone, and harv-2 joins: it would be ignored.',
      },
    ],
  },
  'the VIP on a node that joins': {
    edits: [['ip: 192.168.178.42 }', 'ip: 192.168.178.42, config: { install: { vip: 192.168.178.40 } } }']],
    finds: [
      {
        at: '24:78',
        message:
          'install.vip counts on the node that creates the cluster alone, and harv-2 joins: it would be ignored.',
      },
    ],
  },
  'each such key on the create node': {
    edits: [['mode: create', `mode: create, config: ${EVERYTHING}`], NEWEST],
  },
  'each such key in defaults': {
    edits: [
      [
        '    install:\n',
        '    system_settings: { ui-source: bundled }\n    sans: [harvester.example.org]\n    install:\n      addons: { rancher_logging: { enabled: true } }\n',
      ],
      NEWEST,
    ],
  },
  'each such key in a profile of all nodes': {
    edits: [
      ['nodes:\n', `profiles:\n  all:\n    config: ${EVERYTHING}\nnodes:\n`],
      ['  config:\n    os:', '  profiles: [all]\n  config:\n    os:'],
      NEWEST,
    ],
  },
  'keys of both modes on a node that joins': {
    silence: ['cordoned-early'],
    edits: [
      [
        'ip: 192.168.178.42 }',
        'ip: 192.168.178.42, config: { install: { force_efi: true, cordoned: true } } }',
      ],
      NEWEST,
    ],
  },
  'such a key on a machine that boots its own disk, and joins nothing': {
    silence: ['two-node-cluster'],
    edits: [
      [
        'ip: 192.168.178.42 }',
        'ip: 192.168.178.42, boot: { os: local }, config: { system_settings: { ui-source: bundled } } }',
      ],
    ],
  },
  'a server_url on the node that creates': {
    edits: [['mode: create }', 'mode: create, config: { server_url: "https://192.168.178.40:443" } }']],
    finds: [
      {
        at: '23:81',
        message:
          'server_url is for nodes that join, and harv-1 creates the cluster: its installer would stop.',
      },
    ],
  },
  'a server_url in the defaults, which reaches the nodes that join alone': {
    edits: [['  config:\n', '  config:\n    server_url: https://192.168.178.40:443\n']],
  },
});

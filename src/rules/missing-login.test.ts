import { ruleTest } from '../../test/support/rule-test.ts';
import { missingLogin } from './missing-login.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const NTP = 'os: { ntp_servers: [0.suse.pool.ntp.org]';
const OS = `    ${NTP},\n      ${KEYS} }\n`;

ruleTest(missingLogin, {
  'neither keys nor a password': {
    edits: [[OS, `    ${NTP} }\n`]],
    finds: [
      {
        at: '22:3',
        message:
          'Nobody could log in to harv-1, harv-2 and harv-3: they have neither SSH keys nor a password, and the installer would stop.',
      },
    ],
  },
  'a list of keys that is empty, on one node': {
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, config: { os: { ssh_authorized_keys: [] } }']],
    finds: [
      {
        at: '24:3',
        message:
          'Nobody could log in to harv-2: it has neither SSH keys nor a password, and the installer would stop.',
      },
    ],
  },
  'other keys of os alone': {
    edits: [
      [KEYS, 'modules: [kvm]'],
      ['mode: create', 'mode: create, config: { os: { password: "${secret:password}" } }'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, config: { os: { password: "${secret:password}" } }'],
    ],
    finds: [
      {
        at: '25:3',
        message:
          'Nobody could log in to harv-3: it has neither SSH keys nor a password, and the installer would stop.',
      },
    ],
  },
  'a password, and no keys': { edits: [[KEYS, 'password: "${secret:password}"']] },
  'keys that a profile and a node bring': {
    edits: [
      [OS, `    ${NTP} }\n`],
      ['nodes:\n', `profiles:\n  keys: { config: { os: { ${KEYS} } } }\nnodes:\n`],
      ['mode: create', `mode: create, config: { os: { ${KEYS} } }`],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [keys]'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [keys]'],
    ],
  },
  'a machine that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, boot: { os: local }, config: { os: { ssh_authorized_keys: [] } }',
      ],
    ],
  },
});

import { cloudSite, OPERATOR } from '../../../test/support/cloud-sites.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';

const [AZURE, GOOGLE] = [cloudSite('azure'), cloudSite('google')];

ruleTest('cloud-port-open', {
  'SSH and a port for everyone': {
    of: GOOGLE,
    edits: [
      ['    allow: [203.0.113.10]\n', ''],
      ['port: 443, allow: [203.0.113.0/24]', 'port: 443'],
    ],
    finds: [
      {
        at: '6:5',
        message: 'Port 22 of the cloud VM is open to every client: its log fills with attempts to log in.',
      },
      { at: '11:15', message: 'Port 443 of the cloud VM is open to every client.' },
    ],
  },
  'ports for some, and one of the host only': { of: GOOGLE, edits: [] },
});

ruleTest('cloud-port-shut', {
  'a port for IPv6 clients': {
    of: GOOGLE,
    edits: [['port: 443, allow: [203.0.113.0/24]', "port: 443, allow: ['2001:db8::/32']"]],
    finds: [
      {
        at: '12:15',
        message:
          'Port 443 of the cloud VM is for IPv6 clients only, but the VM has no IPv6 address: no client can connect.',
        help: 'add the IPv4 addresses or subnets of the clients to allow',
      },
    ],
  },
  'a port for clients of both': {
    of: GOOGLE,
    edits: [['port: 443, allow: [203.0.113.0/24]', "port: 443, allow: ['2001:db8::/32', 203.0.113.0/24]"]],
  },
});

ruleTest('cloud-ssh-shut', {
  'SSH for the VM itself': {
    of: GOOGLE,
    edits: [['    allow: [203.0.113.10]\n', '    allow: [127.0.0.1]\n']],
    finds: [
      {
        at: '9:12',
        message: 'No client can log in to the cloud VM: allow lists 127.0.0.1 only.',
        help: 'add your addresses: `allow: [203.0.113.10]`',
      },
    ],
  },
  'SSH for loopback, in several forms': {
    of: GOOGLE,
    edits: [['    allow: [203.0.113.10]\n', '    allow: [127.0.0.1, 127.0.0.0/8]\n']],
    finds: [
      {
        at: '9:12',
        message: 'No client can log in to the cloud VM: allow lists 127.0.0.1, 127.0.0.0/8 only.',
      },
    ],
  },
  'SSH for a client beside them': {
    of: GOOGLE,
    edits: [['    allow: [203.0.113.10]\n', '    allow: [127.0.0.1, 203.0.113.10]\n']],
  },
});

ruleTest('cloud-without-key', {
  'no key': {
    of: GOOGLE,
    edits: [[`    ssh_keys: ['${OPERATOR}']\n`, '']],
    finds: [{ at: '6:5', message: 'The cloud VM has no SSH key: its operators cannot log in.' }],
  },
  'no key at Azure': {
    of: AZURE,
    edits: [[`    ssh_keys: ['${OPERATOR}']\n`, '']],
    finds: [{ at: '6:5', message: 'The cloud VM has no SSH key: Azure does not create it.' }],
  },
  'a key': { of: GOOGLE, edits: [] },
});

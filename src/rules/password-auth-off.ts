import { isBroken, lacks, placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const passwordAuthOff: Rule = {
  code: 'password-auth-off',
  severity: 'warning',
  what: 'A node whose SSH server refuses passwords has SSH keys.',
  why: 'Without either nobody can log in over SSH: what is left is the console, as long as there is a password for it.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const release = node?.cluster?.version;
      const os = node?.said?.os;
      if (!node || !release || !os?.sshd || isBroken(node, 'said')) continue;
      if (!isAtLeast(release, 'v1.8.0') || os.sshd.disable_password_auth !== true) continue;
      const hasKeys = !lacks(os, 'ssh_authorized_keys') && os.ssh_authorized_keys?.length !== 0;
      if (hasKeys) continue;
      report({
        node,
        message:
          'os.sshd.disable_password_auth refuses passwords, and os.ssh_authorized_keys has no key: nobody could log in over SSH.',
        at: placeOf(os.sshd, 'disable_password_auth'),
        related: [
          os.ssh_authorized_keys
            ? { message: 'the list without a key is at', at: placeOf(os, 'ssh_authorized_keys') }
            : { message: 'the node without a key is at', at: placeOf(node, 'name') },
        ],
        help: 'add os.ssh_authorized_keys, or remove disable_password_auth',
      });
    }
  },
};

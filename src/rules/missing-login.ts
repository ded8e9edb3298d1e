import { brokenKeys, isBroken, placeOf } from '../origin.ts';
import type { Rule } from './rule.ts';

export const missingLogin: Rule = {
  code: 'missing-login',
  severity: 'error',
  what: 'A Harvester node has an SSH key or a password.',
  why: 'The installer stops with "no SSH authorized keys or passwords are set".',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (
        node?.os !== 'harvester' ||
        !node.said ||
        isBroken(node, 'said') ||
        brokenKeys(node.said).length > 0
      )
        continue;
      const { os } = node.said;
      if (os && (os.password || os.ssh_authorized_keys?.length || brokenKeys(os).length > 0)) continue;
      report({
        node,
        message: `Nobody could log in to ${node.name}: it has neither SSH keys nor a password, and the installer would stop.`,
        at: placeOf(node, 'name'),
        help: 'add config: {os: {ssh_authorized_keys: ["github:your_name"]}} to defaults',
      });
    }
  },
};

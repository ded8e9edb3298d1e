import { placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const roleTooNew: Rule = {
  code: 'role-too-new',
  severity: 'error',
  what: 'A node has a role only in a release that knows roles.',
  why: 'Roles came with v1.3.0 (harvester/harvester#4786): an older installer drops the role without a word, and Harvester promotes a worker or a witness like any other node.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const version = node?.cluster?.version;
      if (!node?.role || !node.cluster || !version || isAtLeast(version, 'v1.3.0')) continue;
      report({
        node,
        message: `The role ${node.role} came with Harvester v1.3.0: ${version.text} drops it without a word, and promotes any node.`,
        at: placeOf(node, 'role'),
        related: [{ message: 'the release is set at', at: placeOf(node.cluster, 'version') }],
        help: 'remove the role, or install v1.3.0 or newer',
      });
    }
  },
};

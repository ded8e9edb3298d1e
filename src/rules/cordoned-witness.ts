import { roleOf } from '../site/cluster-shape.ts';
import { effective } from '../site/effective.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const cordonedWitness: Rule = {
  code: 'cordoned-witness',
  severity: 'error',
  what: 'A witness is not cordoned.',
  why: 'The installer stops on the console with "install.cordoned can\'t be set for nodes with the witness role" (harvester/harvester#4424).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const version = node?.cluster?.version;
      if (node?.mode !== 'join' || !version || !isAtLeast(version, 'v1.9.0')) continue;
      const role = roleOf(node);
      const cordoned = effective(node, 'install.cordoned');
      if (role?.role !== 'witness' || cordoned?.value !== true) continue;
      report({
        node,
        message: `${node.name} is a witness, and cannot be cordoned: its installer would stop.`,
        at: cordoned.at,
        related: [{ message: `${node.name} is a witness by`, at: role.at }],
        help: `set cordoned: false for ${node.name}: a witness takes no workloads anyway`,
      });
    }
  },
};

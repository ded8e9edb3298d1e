import { brokenKeys, isBroken, placeOf } from '../origin.ts';
import type { Rule } from './rule.ts';

export const missingDevice: Rule = {
  code: 'missing-device',
  severity: 'error',
  what: 'A Harvester node says which disk to install to.',
  why: 'The installer stops on the console: an unattended installation must name its disk.',
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || !node.said || !node.name || isBroken(node, 'said')) continue;
      const { install } = node.said;
      if (brokenKeys(node.said).length > 0 || (install && brokenKeys(install).length > 0)) continue;
      if (install?.device !== undefined) continue;
      report({
        node,
        message: `${node.name} does not say which disk Harvester is installed to: the installer would stop and wait.`,
        at: placeOf(node, 'name'),
        help: 'add config: {install: {device: /dev/disk/by-id/…}} to the node, a profile or defaults',
      });
    }
  },
};

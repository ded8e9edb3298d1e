import type { Network } from '../site/model.ts';
import { lacks, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { nodesWithoutOs } from './boot-key-of-other-os.ts';
import type { Rule } from './rule.ts';

export const missingGateway: Rule = {
  code: 'missing-gateway',
  severity: 'error',
  what: 'A network that machines boot Harvester from has a gateway.',
  why: 'Without a default route the installer waits for ever or stops (harvester/harvester#5675, #4737).',
  essential: true,
  check({ nodes = [] }, report) {
    const seen = new Set<Draft<Network>>();
    const bootOthers = nodesWithoutOs(nodes);
    for (const node of nodes) {
      const network = node?.bootNic?.network;
      // Any other system may do with the addresses of its own network, and what boots a disk of its own installs nothing.
      if (!network || seen.has(network) || node.os !== 'harvester') continue;
      if (bootOthers.has(node)) continue;
      seen.add(network);
      if (!lacks(network, 'gateway')) continue;
      report({
        message: `The network ${network.name} has no gateway, and machines boot from it: without a default route the installer stops.`,
        at: selfPlace(network),
        help: "add gateway: the router's address on this network",
      });
    }
  },
};

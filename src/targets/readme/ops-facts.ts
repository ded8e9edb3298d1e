import type { Site } from '../../site/model.ts';
import { CONMAN_CONF, controlledNodes, POWERMAN_CONF, REDFISH_BOOT } from '../ops/ops.ts';

/** What the README says of the files that management controllers are spoken to by; undefined where no node has one. */
export function opsFacts(site: Site) {
  const nodes = controlledNodes(site);
  const [first] = nodes;
  if (!first) return undefined;
  const spoken = nodes.find(({ protocol }) => protocol !== 'ipmi');
  return {
    powerman: POWERMAN_CONF,
    conman: CONMAN_CONF,
    first: first.node.name,
    redfish: spoken && { script: REDFISH_BOOT, first: spoken.node.name },
  };
}

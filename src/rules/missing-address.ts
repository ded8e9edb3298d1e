import type { Node } from '../site/model.ts';
import { isStray, meantBy } from '../site/stray.ts';
import { hasPlace, isBroken, lacks, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const missingAddress: Rule = {
  code: 'missing-address',
  severity: 'error',
  what: 'A node has an address on the network that it boots from.',
  why: 'The boot server hands a node its files by its address, and that of a Harvester node must never change (harvester/harvester#1668).',
  essential: true,
  check(site, report) {
    for (const node of site.nodes ?? []) {
      if (!node?.name || !node.bootNic || !lacks(node.bootNic, 'ip')) continue;
      // The range that it is to lie over may be the one whose name cannot be read.
      if (isBroken(site, 'nodes') && isStray(node, site)) continue;
      const meant = meantBy(node, site);
      report({
        node,
        message: `${node.name} has no address on the network that it boots from: the boot server hands a node's files to its address alone.`,
        at: placeOf(node, 'name'),
        help: `${meant === undefined ? '' : `did you mean ${meant}? Else `}give ${whose(node)} one that is its own for ever: \`ip: …\``,
      });
    }
  },
};

/** Whose the address is, in a help: the node's, in the short form; else that of the NIC that it boots from. */
function whose(node: Draft<Node>): string {
  const place = node.bootNic && node.nics ? node.nics.indexOf(node.bootNic) : -1;
  return hasPlace(node, 'nics') && place >= 0 ? `nics[${place}]` : 'it';
}

import { lacks, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const missingNid: Rule = {
  code: 'missing-nid',
  severity: 'warning',
  what: "Where OpenCHAMI's URLs are answered, a node with an xname has a NID, too.",
  why: "OpenCHAMI's consumers of SMD take it for granted: dnsmasq_updater ends where a node has none, and writes no node's address, and coresmd calls all of these nid0000.",
  check({ nodes = [], server }, report) {
    if (!server?.compat?.includes('ochami')) return;
    for (const node of nodes) {
      if (!node || node.xname === undefined || !lacks(node, 'nid')) continue;
      report({
        node,
        message: `${node.name} has an xname and no NID: dnsmasq_updater, which makes dnsmasq's files from SMD's lists, ends there.`,
        at: placeOf(node, 'xname'),
        help: 'number the nodes, from 1 on: `nid: 1`',
      });
    }
  },
};

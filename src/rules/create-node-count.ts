import { namesOf } from '../source/diagnostics/listed.ts';
import { isBroken, placeOf, selfPlace } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const createNodeCount: Rule = {
  code: 'create-node-count',
  severity: 'error',
  what: 'Each cluster is made by exactly one node.',
  why: 'Without a create node nothing can be joined; two of them make two clusters that fight for one VIP.',
  essential: true,
  check(site, report) {
    const { clusters = [], nodes = [] } = site;
    // A node that is not known in full may be the create node of any cluster.
    if (isBroken(site, 'nodes')) return;
    if (nodes.some((node) => !node?.os || !node.mode || isBroken(node, 'cluster'))) return;
    // One that does not say its cluster, where there are several, may be meant for any.
    const homeless = nodes.some((node) => node?.os === 'harvester' && !node.cluster);
    for (const cluster of clusters) {
      const members = (cluster?.members ?? []).flatMap((node) => node ?? []);
      const makers = members.filter((node) => node.mode === 'create');
      const [first, second, ...more] = makers;
      if (cluster && members.length > 0 && !first && !homeless) {
        report({
          message: `No node creates the cluster ${cluster.name}: ${namesOf(members)} would wait to join it.`,
          at: selfPlace(cluster),
          help: 'give one of them `mode: create`; where the cluster stands, one that is not to be installed anew',
        });
      }
      for (const extra of second ? [second, ...more] : []) {
        if (!first) continue;
        report({
          message: `${extra.name} creates the cluster ${cluster?.name}, and so does ${first.name}: there would be two clusters with one VIP.`,
          at: placeOf(extra, 'mode'),
          related: [{ message: `${first.name} is the create node by`, at: placeOf(first, 'mode') }],
          help: `remove mode: create from ${extra.name}, so that it joins`,
        });
      }
    }
  },
};

import type { Node } from '../site/model.ts';
import { isStray } from '../site/stray.ts';
import { lacks, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const missingXname: Rule = {
  code: 'missing-xname',
  severity: 'error',
  what: "Where OpenCHAMI's URLs are answered, a node has an xname that boots Linux or by iSCSI, or has a NID or groups.",
  why: "OpenCHAMI's services know a machine by its xname: one without is in none of SMD's lists, so its DHCP servers give it no address, and it is in no group.",
  check(site, report) {
    const { nodes = [], server } = site;
    if (!server?.compat?.includes('ochami')) return;
    for (const node of nodes) {
      if (!node || !lacks(node, 'xname') || !isOfOchami(node) || isStray(node, site)) continue;
      report({
        node,
        message: `${node.name} has no xname, by which OpenCHAMI's services know it (server.compat).`,
        at: placeOf(node, 'name'),
        help: 'say where it is: `xname: x1000c1s7b0n0`, for cabinet, chassis, slot, management controller and node; numbers that are made up do',
      });
    }
  },
};

function isOfOchami({ os, nid, groups = [] }: Draft<Node>): boolean {
  return os === 'linux' || os === 'iscsi' || nid !== undefined || groups.length > 0;
}

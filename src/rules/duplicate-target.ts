import { lunKey } from '../site/iscsi-lun.ts';
import { type Place, placeKey, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const duplicateTarget: Rule = {
  code: 'duplicate-target',
  severity: 'error',
  what: 'No two nodes boot one disk by iSCSI: one LUN of one target.',
  why: 'Two machines that write one file system destroy it: each keeps in memory what the other changes. At a link-local address each has a server of its own, as instances of a cloud have.',
  check({ nodes = [] }, report) {
    const first = new Map<string, { readonly name: string | undefined; readonly at: Place }>();
    for (const node of nodes) {
      const { iscsi } = node ?? {};
      const key = iscsi && lunKey(iscsi);
      if (!node || !iscsi || key === undefined) continue;
      const at = placeOf(iscsi, 'target');
      const other = first.get(key);
      if (!other) {
        first.set(key, { name: node.name, at });
        continue;
      }
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} boots the disk of ${other.name}: two machines that write one disk destroy what is on it.`,
        at,
        related:
          placeKey(other.at) === placeKey(at) ? [] : [{ message: `${other.name} boots it by`, at: other.at }],
        help: 'give each a target or a LUN of its own; where the disk is read-only, or its file system is one for several machines, silence this with the reason',
      });
    }
  },
};

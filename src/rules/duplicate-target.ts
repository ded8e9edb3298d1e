import { type Place, placeKey, placeOf } from '../origin.ts';
import type { Rule } from './rule.ts';

export const duplicateTarget: Rule = {
  code: 'duplicate-target',
  severity: 'error',
  what: 'No two nodes boot one disk by iSCSI: one LUN of one target.',
  why: 'Two machines that write one file system destroy it: each keeps in memory what the other changes.',
  check({ nodes = [] }, report) {
    const first = new Map<string, { readonly name: string | undefined; readonly at: Place }>();
    for (const node of nodes) {
      const { iscsi } = node ?? {};
      if (!node || !iscsi?.target || iscsi.lun === undefined || iscsi.address === undefined) continue;
      // A link-local server is another one to each machine, as that of the boot volumes of Oracle's cloud (RFC 3927).
      if (iscsi.address.startsWith('169.254.')) continue;
      // Of the server the address counts as well: two may have the same names.
      const key = `${iscsi.address} ${iscsi.port} ${iscsi.target} ${iscsi.lun}`;
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

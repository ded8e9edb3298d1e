import { type Place, placeKey, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const duplicateInitiator: Rule = {
  code: 'duplicate-initiator',
  severity: 'error',
  what: 'No two nodes call themselves the same to iSCSI targets.',
  why: 'A target lets in, logs and reserves by that name (RFC 7143, 4.2.7): it could not tell the two apart, and may end the session of one for that of the other.',
  check({ nodes = [] }, report) {
    const first = new Map<string, { readonly name: string | undefined; readonly at: Place }>();
    for (const node of nodes) {
      const { iscsi } = node ?? {};
      if (!node || !iscsi?.initiator) continue;
      const at = placeOf(iscsi, 'initiator');
      const other = first.get(iscsi.initiator);
      if (!other) {
        first.set(iscsi.initiator, { name: node.name, at });
        continue;
      }
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is the initiator ${iscsi.initiator}, as ${other.name} is.`,
        at,
        related:
          placeKey(other.at) === placeKey(at) ? [] : [{ message: `${other.name} is by`, at: other.at }],
        help: 'take boot.initiator out: unless said, it follows from the name of the node',
      });
    }
  },
};

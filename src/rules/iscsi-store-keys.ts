import { hasPlace, keyPlaceOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const iscsiStoreKeys: Rule = {
  code: 'iscsi-store-keys',
  severity: 'warning',
  what: 'What `server.iscsi` says of its store is of the one that it has: `files` and `format` of plain files, `snapshot` of Ceph.',
  why: 'It says nothing here: images and disks are where `rbd` says, or, without it, plain files.',
  check({ server }, report) {
    const { iscsi } = server ?? {};
    if (!iscsi?.store?.kind) return;
    const isRbd = iscsi.store.kind === 'rbd';
    for (const key of isRbd ? (['files', 'format'] as const) : (['snapshot'] as const)) {
      const said = iscsi as { readonly [K in typeof key]?: unknown };
      if (!hasPlace(said, key)) continue;
      report({
        message: `server.iscsi.${key} says nothing here: images and disks are ${isRbd ? "in a pool of Ceph's" : 'plain files'}.`,
        at: keyPlaceOf(said, key),
        help: isRbd
          ? 'take it out, or rbd, where they are to be plain files'
          : 'take it out, or say the pool: `rbd: {pool: …}`',
      });
    }
  },
};

import { FIRST_RELEASE_BY_ISCSI } from '../knowledge/tables/harvester-iscsi.ts';
import { hasPlace, placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const harvesterIscsiTooNew: Rule = {
  code: 'harvester-iscsi-too-new',
  severity: 'error',
  what: `Harvester is installed on a disk by iSCSI from ${FIRST_RELEASE_BY_ISCSI} on.`,
  why: 'A release before that says nothing of iSCSI to the kernel that it installs, and has no key to: the system does not find its disk (harvester/harvester#5150).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const release = node?.cluster?.version;
      if (node?.os !== 'harvester' || !node.iscsi || !release || isAtLeast(release, FIRST_RELEASE_BY_ISCSI))
        continue;
      const { boot, cluster } = node;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is to have its disk by iSCSI, and Harvester ${release.text} cannot be booted from one: ${FIRST_RELEASE_BY_ISCSI} is the first that can.`,
        at: boot && hasPlace(boot, 'disk') ? placeOf(boot, 'disk') : placeOf(node, 'name'),
        ...(cluster && hasPlace(cluster, 'version')
          ? { related: [{ message: 'the release is set at', at: placeOf(cluster, 'version') }] }
          : {}),
        help: `install ${FIRST_RELEASE_BY_ISCSI} or a newer release, or say \`disk: local\``,
      });
    }
  },
};

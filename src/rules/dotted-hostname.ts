import { FIRST_RELEASE_WITH_FQDN } from '../knowledge/tables/harvester-releases.ts';
import { placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const dottedHostname: Rule = {
  code: 'dotted-hostname',
  severity: 'error',
  what: 'A host name has dots only where the release can take them.',
  why: 'Before v1.6.0 the installer takes a host name with dots, and the cluster breaks (harvester/harvester#7312).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const version = node?.cluster?.version;
      if (!node?.name?.includes('.') || !version || isAtLeast(version, FIRST_RELEASE_WITH_FQDN)) continue;
      report({
        node,
        message: `The host name ${node.name} has dots: Harvester ${version.text} takes it, and the cluster breaks.`,
        at: placeOf(node, 'name'),
        help: `call it ${node.name.split('.')[0]}, or install ${FIRST_RELEASE_WITH_FQDN} or newer`,
      });
    }
  },
};

import { OLDEST_RELEASE } from '../knowledge/tables/harvester-releases.ts';
import { placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const serverUrlNeedsPort: Rule = {
  code: 'server-url-needs-port',
  severity: 'error',
  what: 'A server_url has its port written out, :443, with releases before v1.1.2.',
  why: 'These releases take the URL as it is; the node is installed, then says that the port is not 443, and never joins (harvester/harvester#2737).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const release = node?.cluster?.version;
      if (node?.os !== 'harvester' || node.mode !== 'join' || !node.said?.server_url || !release) continue;
      if (!isAtLeast(release, OLDEST_RELEASE) || isAtLeast(release, 'v1.1.2')) continue;
      const url = node.said.server_url;
      if (url.endsWith(':443')) continue;
      report({
        node,
        message: `The server_url ${url} has no port: ${release.text} does not add it, and the node would never join.`,
        at: placeOf(node.said, 'server_url'),
        help: `write ${url}:443`,
      });
    }
  },
};

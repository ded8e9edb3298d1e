import { isUnknown } from '../site/is-unknown.ts';
import { createNode } from '../site/members.ts';
import type { Cluster } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { ipv4Number } from '../values/ipv4.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const serverUrlByName: Rule = {
  code: 'server-url-by-name',
  severity: 'warning',
  what: 'A server_url has the VIP of the cluster, or a name that the create node lists in sans (v1.6.0 or newer).',
  why: "The node joins only where the name leads to the VIP while it installs, and where the cluster's certificate has it (harvester/harvester#4511, #4627).",
  check({ nodes = [] }, report) {
    const names = new Map<Draft<Cluster>, ReadonlySet<string> | undefined>();
    for (const node of nodes) {
      if (node?.os !== 'harvester' || node.mode !== 'join') continue;
      const { cluster, said } = node;
      const release = cluster?.version;
      if (!cluster?.vip || !release || !said?.server_url) continue;
      const host = said.server_url.replace(/^https:\/\//, '').replace(/:\d+$/, '');
      if (ipv4Number(host) !== undefined) continue;
      const takesSans = isAtLeast(release, 'v1.6.0');
      if (takesSans) {
        if (!names.has(cluster)) names.set(cluster, certifiedNames(cluster));
        const certified = names.get(cluster);
        if (!certified || certified.has(host)) continue;
      }
      report({
        node,
        message: `The server_url names ${host} instead of the VIP ${cluster.vip}: the node joins only if the name leads there while it installs, and if the cluster's certificate has it.`,
        at: placeOf(said, 'server_url'),
        related: [{ message: 'the VIP is set at', at: placeOf(cluster, 'vip') }],
        help: takesSans
          ? 'remove server_url: the VIP is derived; or see that DNS has the name, and list it in sans of the create node'
          : 'remove server_url: the VIP is derived; before v1.6.0 the name cannot be put into the certificate either',
      });
    }
  },
};

/** The further names in the certificate of a cluster; undefined where they are not known. */
function certifiedNames(cluster: Draft<Cluster>): ReadonlySet<string> | undefined {
  const node = createNode(cluster);
  if (!node || isUnknown(node, 'sans')) return undefined;
  return new Set((node.said?.sans ?? []).flatMap((name) => name?.toLowerCase() ?? []));
}

import type { Site } from '../../site/model.ts';
import { placeOf } from '../../source/origin.ts';
import { canBeNodePort } from '../../targets/k8s/network.ts';
import { podPorts } from '../../targets/k8s/pod.ts';
import type { AcrossRule } from './across-rule.ts';

export const nodePortInTwoSites: AcrossRule = {
  code: 'node-port-in-two-sites',
  severity: 'warning',
  what: 'Sites that are compiled together, and whose pods are behind NodePorts, have other ones.',
  why: 'A NodePort is the same at all nodes of a cluster, and one Service has it: the cluster refuses the second ("provided port is already allocated").',
  check(sites, report) {
    const first = new Map<number, Site>();
    for (const site of sites) {
      for (const port of nodePortsOf(site)) {
        const other = first.get(port);
        if (!other) {
          first.set(port, site);
          continue;
        }
        report({
          message: `${site.name} and ${other.name} both have the NodePort ${port}.`,
          at: placeThatSays(site, port),
          related: [{ message: `${other.name} has it at`, at: placeThatSays(other, port) }],
          help: 'give one of them another port; where these are two clusters, silence node-port-in-two-sites with the reason',
        });
      }
    }
  },
};

/** The NodePorts that a site asks for: that of `server.url`, which may be said, and further ones that can be such. */
function nodePortsOf(site: Site): Set<number> {
  const { kubernetes } = site.server;
  if (kubernetes?.service !== 'NodePort') return new Set();
  return new Set(
    podPorts(site).flatMap(({ port }, index) => {
      const said = index === 0 ? kubernetes.nodePort : undefined;
      return said ?? (canBeNodePort(port) ? port : []);
    }),
  );
}

function placeThatSays({ server }: Site, port: number) {
  if (server.kubernetes?.nodePort === port) return placeOf(server.kubernetes, 'nodePort');
  const further = server.ports.indexOf(port);
  return further < 0 ? placeOf(server, server.port === port ? 'url' : 'tls') : placeOf(server.ports, further);
}

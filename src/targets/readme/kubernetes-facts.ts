import type { Site } from '../../site/model.ts';
import { needsSecret, objectNames, ownsNamespace, workloadKind } from '../k8s/pod.ts';

/** Gives what the README says of a site's pods; undefined where it has none. */
export function kubernetesFacts(site: Site) {
  const { kubernetes } = site.server;
  if (!kubernetes) return undefined;
  const { name, secrets, tls } = objectNames(site);
  return {
    ...kubernetes,
    name,
    workload: `${workloadKind(kubernetes).toLowerCase()}/${name}`,
    ownsNamespace: ownsNamespace(site, kubernetes),
    // A tree that holds the values is no reason for pods to: their Secret fills them in.
    secret: needsSecret(site) ? secrets : undefined,
    tls: site.server.tls && tls,
    hasContainerfile: site.server.secrets !== undefined,
  };
}

import type { Cluster, Host, Site } from '../../site/model.ts';
import type { Emitted, Render } from '../target.ts';

/** What a script knows of a cluster. */
interface ScriptCluster {
  readonly name: string;
  readonly vip: string;
  /** Where people reach the VIP's web interface and its Kubernetes API through the host, where that is exposed. */
  readonly web?: string | undefined;
  readonly api?: string | undefined;
  /** The nodes that may have a kubeconfig, the create node first. */
  readonly nodes: readonly { readonly name: string; readonly ip: string }[];
}

/** The port that Harvester's web interface answers at, and that of the Kubernetes API (RKE2). */
const WEB = 443;
const API = 6443;

/**
 * Makes the scripts that a person runs once the machines of a libvirt host are on: one that waits until a cluster is
 * ready, and one that fetches its kubeconfig. None where the site has no host, or no cluster on it.
 */
export function* clusterScripts(site: Site, render: Render): Iterable<Emitted> {
  const { host } = site;
  if (!host) return;
  const clusters = site.clusters
    .filter(({ members }) => members.length > 0)
    .map((cluster) => scriptCluster(cluster, host));
  if (clusters.length === 0) return;
  for (const name of ['scripts/wait-ready.sh', 'scripts/kubeconfig.sh']) {
    yield { path: name, content: render(name, { site, clusters }), executable: true };
  }
}

function scriptCluster(cluster: Cluster, host: Host): ScriptCluster {
  const { name, vip, members } = cluster;
  const [first, others] = [
    members.filter(({ mode }) => mode === 'create'),
    members.filter(({ mode }) => mode !== 'create'),
  ];
  // A worker never becomes one that has the API.
  const nodes = [...first, ...others].filter(({ role }) => role !== 'worker');
  return {
    name,
    vip,
    web: exposedAt(cluster, host, WEB),
    api: exposedAt(cluster, host, API),
    nodes: nodes.map((node) => ({ name: node.name, ip: node.ip })),
  };
}

/** By which address, and which port where it is another, people reach a port of a cluster's VIP through the host. */
function exposedAt(cluster: Cluster, host: Host, to: number): string | undefined {
  // What listens at the loopback is for the host itself.
  const exposed = host.expose.find(
    (one) => one.cluster === cluster && one.to === to && !one.address?.startsWith('127.'),
  );
  const address = host.address ?? exposed?.address;
  if (!exposed || address === undefined) return undefined;
  return exposed.port === to ? address : `${address}:${exposed.port}`;
}

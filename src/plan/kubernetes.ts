import type { Site } from '../site/model.ts';
import type { Kubernetes } from '../site/model-server.ts';
import { kubernetesName } from '../values/identifiers.ts';
import { listenersOf } from './served.ts';

/** Whether a NodePort can have this port, with the default settings of Kubernetes. */
export function canBeNodePort(port: number): boolean {
  return port >= 30000 && port <= 32767;
}

/** The names of a site's objects that others refer to, in its namespace. */
export function objectNames(site: Pick<Site, 'name'>) {
  const name = kubernetesName(site.name);
  return { name, nginx: `${name}-nginx`, secrets: `${name}-secrets`, tls: `${name}-tls` };
}

/** Whether the namespace of a site's pods has the site's own name: it is created and deleted with them. */
export function ownsNamespace(site: Pick<Site, 'name'>, { namespace }: Kubernetes): boolean {
  return namespace === objectNames(site).name;
}

/** Returns the kind of the workload. With a NodePort, every node needs a pod, because the port forwards to local pods only. */
export function workloadKind({ service }: Kubernetes): 'Deployment' | 'DaemonSet' {
  return service === 'NodePort' ? 'DaemonSet' : 'Deployment';
}

/** Returns the ports that machines request, that of `server.url` first, each once with the port of the container. */
export function podPorts(site: Site) {
  const listeners = listenersOf(site.server);
  const inside = containerPorts(listeners.map(({ port }) => port));
  return [...inside].map(([port, containerPort]) => {
    const isHttps = listeners.find((listener) => listener.port === port)?.isHttps ?? false;
    const scheme = isHttps ? 'https' : 'http';
    const name = port === (isHttps ? 443 : 80) ? scheme : `${scheme}-${port}`;
    return { name, port, containerPort, isHttps };
  });
}

/** A process without privileges cannot listen on ports below this one. */
const FIRST_UNPRIVILEGED = 1024;

/** Returns, for each port that machines request, a port of the container that needs no privileges: 8080 for 80. */
export function containerPorts(ports: readonly number[]): ReadonlyMap<number, number> {
  const taken = new Set(ports.filter((port) => port >= FIRST_UNPRIVILEGED));
  const inside = new Map<number, number>();
  for (const port of new Set(ports)) {
    let free = port < FIRST_UNPRIVILEGED ? port + 8000 : port;
    if (free !== port) while (taken.has(free)) free += FIRST_UNPRIVILEGED;
    taken.add(free);
    inside.set(port, free);
  }
  return inside;
}

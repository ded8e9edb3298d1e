import { marksOf } from '../../secrets/marks-of.ts';
import type { Kubernetes, Site } from '../../site/model.ts';
import { copyWith } from '../../source/origin.ts';
import { kubernetesName } from '../../values/kubernetes-name.ts';
import { listenersOf } from '../nginx/listeners.ts';
import { containerPorts } from './ports.ts';

/** Where things lie in a pod: what is read is mounted there, or is in its image. */
export const POD = {
  /** nginx's own configuration and the site's server blocks. */
  nginx: '/etc/harvgen/nginx',
  secrets: '/etc/harvgen/secrets',
  tls: '/etc/harvgen/tls',
  tree: '/srv/harvgen',
  /** What lies beside the tree, in folders as in URLs. */
  media: '/srv/media',
  /** The one folder that nginx writes to. */
  temporary: '/tmp',
} as const;

/** The file of the Secret that nginx includes. */
export const SECRETS_FILE = 'secrets.conf';

/** The user and group of nginx in the image. Source: https://github.com/nginx/docker-nginx-unprivileged. */
export const NGINX_USER = 101;

/** The names of a site's objects that others refer to, in its namespace. */
export function objectNames(site: Pick<Site, 'name'>) {
  const name = kubernetesName(site.name);
  return { name, nginx: `${name}-nginx`, secrets: `${name}-secrets`, tls: `${name}-tls` };
}

/**
 * Says whether the namespace of a site's pods is the one that bears the site's own name: it is made with them, and goes with
 * them. Any other is somebody's, and stays as it is.
 */
export function ownsNamespace(site: Pick<Site, 'name'>, { namespace }: Kubernetes): boolean {
  return namespace === objectNames(site).name;
}

/**
 * Says what makes the pods. A NodePort leads to pods on the node that was asked, and `server.url` names any: each has one. A
 * load balancer, or an ingress controller, knows where pods are.
 */
export function workloadKind({ service }: Kubernetes): 'Deployment' | 'DaemonSet' {
  return service === 'NodePort' ? 'DaemonSet' : 'Deployment';
}

/** Gives the path, in the tree, of a file of the kustomization. */
export function kubernetesPath(file: string): string {
  return `k8s/${file}`;
}

/** Gives a site as nginx in a pod sees it: the same, lying elsewhere. A pod fills secrets in, whatever the tree holds. */
export function podSite(site: Site): Site {
  const { media, images, tls, sign } = site.server;
  const server = copyWith(site.server, {
    root: POD.tree,
    media: media.path === undefined ? media : copyWith(media, { path: `${POD.media}/harvester` }),
    images: images.path === undefined ? images : copyWith(images, { path: `${POD.media}/images` }),
    tftp: `${POD.media}/loader`,
    secrets: `${POD.secrets}/${SECRETS_FILE}`,
    ...(tls && {
      tls: copyWith(tls, { certificate: `${POD.tls}/tls.crt`, key: `${POD.tls}/tls.key` }),
    }),
    ...(sign && { sign: copyWith(sign, { path: `${POD.media}/sign` }) }),
  });
  return copyWith(site, { server });
}

/** Says whether nginx in a pod has secrets to fill in. */
export function needsSecret(site: Site): boolean {
  return marksOf(site).length > 0;
}

/** A port that machines ask at, and the one of the container that it leads to. */
export interface PodPort {
  readonly name: string;
  readonly port: number;
  readonly containerPort: number;
  readonly isHttps: boolean;
}

/** Gives the ports of a site, that of `server.url` first, each once. */
export function podPorts(site: Site): PodPort[] {
  const listeners = listenersOf(site.server);
  const inside = containerPorts(listeners.map(({ port }) => port));
  const ports = new Map<number, PodPort>();
  for (const { port, isHttps } of listeners) {
    const scheme = isHttps ? 'https' : 'http';
    const name = port === (isHttps ? 443 : 80) ? scheme : `${scheme}-${port}`;
    if (!ports.has(port)) ports.set(port, { name, port, containerPort: inside.get(port) ?? port, isHttps });
  }
  return [...ports.values()];
}

import { type CreateNodeOptions, Document, type ToStringOptions } from 'yaml';
import { marksOf } from '../../secrets/config-marks.ts';
import type { Site } from '../../site/model.ts';
import type { Kubernetes } from '../../site/model-server.ts';
import { copyWith } from '../../source/origin.ts';
import { kubernetesName } from '../../values/identifiers.ts';
import { listenersOf } from '../nginx/listeners.ts';

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

/** Gives the ports of a site that machines ask at, that of `server.url` first, each once, with that of the container that it leads to. */
export function podPorts(site: Site) {
  const listeners = listenersOf(site.server);
  const inside = containerPorts(listeners.map(({ port }) => port));
  return [...inside].map(([port, containerPort]) => {
    const isHttps = listeners.find((one) => one.port === port)?.isHttps ?? false;
    const scheme = isHttps ? 'https' : 'http';
    const name = port === (isHttps ? 443 : 80) ? scheme : `${scheme}-${port}`;
    return { name, port, containerPort, isHttps };
  });
}

/** Where kubelet asks whether a pod can hand out configurations, unless machines ask something else there. */
const READINESS_PORT = 8081;

/** Gives the port at which kubelet asks whether a pod is ready: none of those at which nginx listens for machines. */
export function readinessPort(taken: readonly number[]): number {
  let free = READINESS_PORT;
  while (taken.includes(free)) free += 1;
  return free;
}

/** A process without privileges listens at no port below. */
const FIRST_UNPRIVILEGED = 1024;

/**
 * Gives, for each port that machines ask at, the one that nginx listens at in its container: the same, or one that needs
 * no privileges: 8080 for 80, 8443 for 443.
 */
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

/** What tells the pods of a site from all others: it never changes, since a Deployment's selector cannot. */
export function selectorLabels(site: Site): Record<string, string> {
  return { 'app.kubernetes.io/name': 'harvgen', 'app.kubernetes.io/instance': objectNames(site).name };
}

/**
 * The labels of every object of a site. Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/.
 */
export function commonLabels(site: Site): Record<string, string> {
  return {
    ...selectorLabels(site),
    'app.kubernetes.io/component': 'boot-server',
    'app.kubernetes.io/managed-by': 'harvgen',
  };
}

/** An object of Kubernetes, or a kustomization; what is undefined in it is left out. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** Makes an object in the site's namespace, of a type such as `apps/v1/Deployment`; of the name that is given, or the site's own. */
export function objectOf(
  site: Site,
  type: string,
  contents: object,
  {
    name = objectNames(site).name,
    annotations,
  }: { readonly name?: string; readonly annotations?: object } = {},
): Manifest {
  const [, apiVersion = '', kind = ''] = /^(.*)\/(.*)$/.exec(type) ?? [];
  const namespace = site.server.kubernetes?.namespace;
  const metadata = { name, namespace, labels: commonLabels(site), annotations };
  return { apiVersion, kind, metadata, ...contents };
}

/** kubectl reads YAML 1.1: what is a number or a truth value there is quoted. */
const OPTIONS: CreateNodeOptions & ToStringOptions & { version: '1.1' } = {
  version: '1.1',
  lineWidth: 0,
  aliasDuplicateObjects: false,
};

/** Renders an object as YAML, its keys in their order, with a comment above. */
export function renderManifest(manifest: Manifest, comment: string): string {
  const document = new Document(manifest, OPTIONS);
  document.commentBefore = ` ${comment}`;
  return document.toString(OPTIONS);
}

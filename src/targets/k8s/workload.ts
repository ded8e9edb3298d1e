import type { Kubernetes, Site } from '../../site/model.ts';
import { BOOT_SCRIPT } from '../../tree/paths.ts';
import { listenersOf } from '../nginx/listeners.ts';
import type { TreePart } from './config-maps.ts';
import { commonLabels, metadataOf, selectorLabels } from './labels.ts';
import type { Manifest } from './manifest.ts';
import { NGINX_USER, needsSecret, objectNames, POD, podPorts, SECRETS_FILE, workloadKind } from './pod.ts';
import { readinessPort } from './ports.ts';

/** A volume of the pod, and where its container has it. */
interface Mount {
  readonly path: string;
  readonly volume: { readonly name: string; readonly [kind: string]: unknown };
  readonly isWritten?: true;
}

/** For all to read: nothing of the tree is secret. YAML's readers do not agree on octal numbers. */
const READABLE = 0o444;

/** The name of the port at which kubelet asks whether a pod can hand out configurations. */
const READINESS = 'ready';

/** For root and the pod's group. */
const CONFIDENTIAL = 0o440;

/** In seconds. A machine that is fetching an ISO image goes on with it while new pods take over. */
const LAST_DOWNLOADS = 600;

/**
 * Makes the pods of nginx: a Deployment, or a DaemonSet where machines ask the cluster's nodes, each of which needs one. They
 * have no privileges, write to /tmp alone, and are started anew whenever what they serve changes, but for secrets. Takes the
 * tree's parts where ConfigMaps have it, and none where the image does.
 */
export function workload(site: Site, kubernetes: Kubernetes, parts?: readonly TreePart[]): Manifest {
  const mounts = mountsOf(site, kubernetes, parts);
  const kind = workloadKind(kubernetes);
  // With one pod, too, there is always one that answers.
  const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { ...metadataOf(site), ...reloading(site) },
    spec: {
      ...(kind === 'Deployment' ? { replicas: kubernetes.replicas ?? 2 } : {}),
      // Each names all files of the tree: ten of them, which is what Kubernetes keeps otherwise, are megabytes.
      revisionHistoryLimit: 2,
      selector: { matchLabels: selectorLabels(site) },
      [kind === 'Deployment' ? 'strategy' : 'updateStrategy']: { type: 'RollingUpdate', rollingUpdate },
      template: {
        metadata: { labels: commonLabels(site) },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: NGINX_USER,
            runAsGroup: NGINX_USER,
            fsGroup: NGINX_USER,
            // A volume of thousands of files, or of another's, is not gone through at each start.
            fsGroupChangePolicy: 'OnRootMismatch',
            seccompProfile: { type: 'RuntimeDefault' },
          },
          terminationGracePeriodSeconds: LAST_DOWNLOADS,
          ...(kind === 'Deployment' ? apart(site) : { tolerations: [ON_CONTROL_PLANE] }),
          containers: [container(site, kubernetes, mounts)],
          volumes: mounts.map(({ volume }) => volume),
        },
      },
    },
  };
}

/**
 * nginx reads a certificate as it starts, and cert-manager renews it with nobody there: where the cluster has Reloader, that
 * starts pods anew. Source: https://github.com/stakater/Reloader.
 */
function reloading(site: Site): object {
  if (!site.server.tls) return {};
  return { annotations: { 'secret.reloader.stakater.com/reload': objectNames(site).tls } };
}

/** A NodePort answers there, too. */
const ON_CONTROL_PLANE = {
  key: 'node-role.kubernetes.io/control-plane',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** Has pods on as many nodes of the cluster as there are. */
function apart(site: Site): object {
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorLabels(site) },
  };
  return { topologySpreadConstraints: [spread] };
}

function container(site: Site, kubernetes: Kubernetes, mounts: readonly Mount[]): object {
  const ports = podPorts(site).map(({ name, containerPort }) => ({ name, containerPort }));
  const taken = ports.map(({ containerPort }) => containerPort);
  return {
    name: 'nginx',
    image: kubernetes.image ?? kubernetes.nginxImage,
    // The image's own entry point would edit files that cannot be written.
    command: ['nginx', '-e', 'stderr', '-c', `${POD.nginx}/nginx.conf`],
    ports: [...ports, { name: READINESS, containerPort: readinessPort(taken) }].map((port) => ({
      ...port,
      protocol: 'TCP',
    })),
    startupProbe: { ...probe(site, `/${BOOT_SCRIPT}`), periodSeconds: 1, failureThreshold: 60 },
    // Not what machines fetch: with secrets of another tree that comes, and their configurations do not.
    readinessProbe: { httpGet: { path: '/ready', port: READINESS }, timeoutSeconds: 5, periodSeconds: 5 },
    livenessProbe: { ...probe(site, '/'), periodSeconds: 20 },
    // What is on its way to a pod that ends still comes to it: the others are told a moment later.
    lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: mounts.map(({ path, volume, isWritten }) => ({
      name: volume.name,
      mountPath: path,
      ...(isWritten ? {} : { readOnly: true }),
    })),
  };
}

/** Asks as a machine does, at the port of `server.url`: for what anybody may have. */
function probe(site: Site, path: string): object {
  const [first] = podPorts(site);
  const isHttps = listenersOf(site.server)[0]?.isHttps === true;
  const httpHeaders = [{ name: 'Host', value: site.server.host }];
  return {
    httpGet: { path, port: first?.name, scheme: isHttps ? 'HTTPS' : 'HTTP', httpHeaders },
    timeoutSeconds: 5,
  };
}

function mountsOf(site: Site, { image, mediaClaim }: Kubernetes, parts?: readonly TreePart[]): Mount[] {
  const names = objectNames(site);
  const configMap = { name: names.nginx, defaultMode: READABLE };
  const secret = (secretName: string) => ({ secretName, defaultMode: CONFIDENTIAL });
  const items = [{ key: SECRETS_FILE, path: SECRETS_FILE }];
  return [
    ...(image === undefined ? [{ path: POD.nginx, volume: { name: 'nginx', configMap } }] : []),
    ...(parts ? [{ path: POD.tree, volume: { name: 'tree', projected: projected(parts) } }] : []),
    ...(needsSecret(site)
      ? [
          {
            path: POD.secrets,
            volume: { name: 'secrets', secret: { ...secret(names.secrets), items } },
          },
        ]
      : []),
    ...(site.server.tls ? [{ path: POD.tls, volume: { name: 'tls', secret: secret(names.tls) } }] : []),
    ...(mediaClaim === undefined
      ? []
      : [
          {
            path: POD.media,
            volume: { name: 'media', persistentVolumeClaim: { claimName: mediaClaim, readOnly: true } },
          },
        ]),
    {
      path: POD.temporary,
      volume: { name: 'temporary', emptyDir: { sizeLimit: '16Mi' } },
      isWritten: true,
    },
  ];
}

function projected(parts: readonly TreePart[]): object {
  return {
    defaultMode: READABLE,
    sources: parts.map(({ name, items }) => ({ configMap: { name, items } })),
  };
}

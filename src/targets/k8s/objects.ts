import type { Site } from '../../site/model.ts';
import type { Kubernetes, KubernetesIngress } from '../../site/model-server.ts';
import { BOOT_SCRIPT } from '../../tree/paths.ts';
import { ipv4Number } from '../../values/addresses.ts';
import type { TreePart } from './config-maps.ts';
import {
  commonLabels,
  type Manifest,
  NGINX_USER,
  needsSecret,
  objectNames,
  objectOf,
  POD,
  podPorts,
  readinessPort,
  SECRETS_FILE,
  selectorLabels,
  workloadKind,
} from './pod.ts';

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
  const isDeployment = kind === 'Deployment';
  // With one pod, too, there is always one that answers.
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  const spec = {
    replicas: isDeployment ? (kubernetes.replicas ?? 2) : undefined,
    // Each names all files of the tree: ten of them, which is what Kubernetes keeps otherwise, are megabytes.
    revisionHistoryLimit: 2,
    selector: { matchLabels: selectorLabels(site) },
    [isDeployment ? 'strategy' : 'updateStrategy']: strategy,
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
        ...(isDeployment ? apart(site) : { tolerations: [ON_CONTROL_PLANE] }),
        containers: [container(site, kubernetes, mounts)],
        volumes: mounts.map(({ name, from }) => ({ name, ...from })),
      },
    },
  };
  // nginx reads a certificate as it starts, and cert-manager renews it with nobody there: where the cluster has Reloader, that
  // starts pods anew. Source: https://github.com/stakater/Reloader.
  const annotations = site.server.tls && { 'secret.reloader.stakater.com/reload': objectNames(site).tls };
  return objectOf(site, `apps/v1/${kind}`, { spec }, { annotations });
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

function container(site: Site, { image, nginxImage }: Kubernetes, mounts: readonly Mount[]): object {
  const ports = podPorts(site);
  const ready = readinessPort(ports.map(({ containerPort }) => containerPort));
  // As a machine asks, at the port of `server.url`: for what anybody may have.
  const probe = (path: string) => {
    const [first] = ports;
    const httpHeaders = [{ name: 'Host', value: site.server.host }];
    const scheme = first?.isHttps ? 'HTTPS' : 'HTTP';
    return { httpGet: { path, port: first?.name, scheme, httpHeaders }, timeoutSeconds: 5 };
  };
  return {
    name: 'nginx',
    image: image ?? nginxImage,
    // The image's own entry point would edit files that cannot be written.
    command: ['nginx', '-e', 'stderr', '-c', `${POD.nginx}/nginx.conf`],
    ports: [...ports, { name: READINESS, containerPort: ready }].map(({ name, containerPort }) => {
      return { name, containerPort, protocol: 'TCP' };
    }),
    startupProbe: { ...probe(`/${BOOT_SCRIPT}`), periodSeconds: 1, failureThreshold: 60 },
    // Not what machines fetch: with secrets of another tree that comes, and their configurations do not.
    readinessProbe: { httpGet: { path: '/ready', port: READINESS }, timeoutSeconds: 5, periodSeconds: 5 },
    livenessProbe: { ...probe('/'), periodSeconds: 20 },
    // What is on its way to a pod that ends still comes to it: the others are told a moment later.
    lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: mounts.map(({ path, name }) => {
      return { name, mountPath: path, readOnly: path === POD.temporary ? undefined : true };
    }),
  };
}

/** A volume of the pod, and where its container has it. */
interface Mount {
  readonly path: string;
  readonly name: string;
  /** The rest of the volume: its kind, and what that is of. */
  readonly from: object;
}

function mountsOf(site: Site, { image, mediaClaim }: Kubernetes, parts?: readonly TreePart[]): Mount[] {
  const names = objectNames(site);
  const configMap = { name: names.nginx, defaultMode: READABLE };
  const secret = { secretName: names.secrets, defaultMode: CONFIDENTIAL };
  const tls = { secretName: names.tls, defaultMode: CONFIDENTIAL };
  const items = [{ key: SECRETS_FILE, path: SECRETS_FILE }];
  const sources = parts?.map((part) => ({ configMap: { name: part.name, items: part.items } }));
  const projected = { defaultMode: READABLE, sources };
  const persistentVolumeClaim = { claimName: mediaClaim, readOnly: true };
  return [
    image === undefined && { path: POD.nginx, name: 'nginx', from: { configMap } },
    parts && { path: POD.tree, name: 'tree', from: { projected } },
    needsSecret(site) && { path: POD.secrets, name: 'secrets', from: { secret: { ...secret, items } } },
    site.server.tls && { path: POD.tls, name: 'tls', from: { secret: tls } },
    mediaClaim !== undefined && { path: POD.media, name: 'media', from: { persistentVolumeClaim } },
    { path: POD.temporary, name: 'temporary', from: { emptyDir: { sizeLimit: '16Mi' } } },
  ].filter((mount) => mount !== false && mount !== undefined);
}

/**
 * Makes the Service that machines ask, or an ingress controller does. It leads to pods on the node of the cluster that it
 * has come to, since on the way to another one the machine's address would be lost, by which nginx tells who asks.
 */
export function service(site: Site, { service: type, nodePort }: Kubernetes): Manifest {
  const { host } = site.server;
  return objectOf(site, 'v1/Service', {
    spec: {
      type,
      loadBalancerIP: type === 'LoadBalancer' && isAddress(host) ? host : undefined,
      externalTrafficPolicy: type === 'ClusterIP' ? undefined : 'Local',
      selector: selectorLabels(site),
      ports: podPorts(site).map(({ name, port }, index) => {
        const said = (index === 0 ? nodePort : undefined) ?? (canBeNodePort(port) ? port : undefined);
        return {
          name,
          port,
          targetPort: name,
          protocol: 'TCP',
          nodePort: type === 'NodePort' ? said : undefined,
        };
      }),
    },
  });
}

/** The ports that Kubernetes has for NodePorts unless its administrator says otherwise. */
const NODE_PORTS = { first: 30000, last: 32767 };

/** Says whether a port is one that a NodePort can have. */
export function canBeNodePort(port: number): boolean {
  return port >= NODE_PORTS.first && port <= NODE_PORTS.last;
}

/** Makes the Ingress before the Service: everything, at the port of `server.url`. */
export function ingress(site: Site, { class: ingressClassName }: KubernetesIngress): Manifest {
  const { host } = site.server;
  const port = { name: podPorts(site)[0]?.name };
  const backend = { service: { name: objectNames(site).name, port } };
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] };
  // A host of an Ingress is a name.
  const rules = [{ host: isAddress(host) ? undefined : host, http }];
  return objectOf(site, 'networking.k8s.io/v1/Ingress', { spec: { ingressClassName, rules } });
}

/**
 * Makes the NetworkPolicy of the pods: asked at their ports by the site's networks, by those that `allow` of the
 * site or a tenant and `allow_scripts` name, and by the proxies of an ingress; behind a Service of the cluster by these alone. Where what a site
 * does not know is sent on to another one, whose networks are not said here, everybody may ask. They ask nobody.
 */
export function networkPolicy(site: Site, { service: type, ingress: behind }: Kubernetes): Manifest {
  const { allow, allowScripts, next } = site.server;
  const isInside = type === 'ClusterIP';
  const networks = site.networks.map(({ subnet }) => subnet.text);
  const outside = [...networks, ...allow, ...allowScripts, ...site.tenants.flatMap((tenant) => tenant.allow)];
  const callers = [...(isInside ? [] : outside), ...(behind?.proxies ?? [])].map(cidrOf);
  // All pods of a namespace, by the label that Kubernetes gives each.
  const matchLabels = { 'kubernetes.io/metadata.name': behind?.namespace };
  const from = [
    ...[...new Set(callers)].map((cidr) => ({ ipBlock: { cidr } })),
    ...(behind?.namespace === undefined ? [] : [{ namespaceSelector: { matchLabels } }]),
  ];
  const ports = podPorts(site).map(({ containerPort: port }) => ({ protocol: 'TCP', port }));
  return objectOf(site, 'networking.k8s.io/v1/NetworkPolicy', {
    spec: {
      podSelector: { matchLabels: selectorLabels(site) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: next !== undefined && !isInside ? undefined : from, ports }],
    },
  });
}

function isAddress(host: string): boolean {
  return ipv4Number(host) !== undefined;
}

/** Gives an address or subnet as a subnet: Kubernetes takes nothing else. */
function cidrOf(text: string): string {
  return text.includes('/') ? text : `${text}/32`;
}

import { canBeNodePort, objectNames, ownsNamespace, podPorts, workloadKind } from '../../plan/kubernetes.ts';
import type { SecretValues } from '../../secrets/source.ts';
import { placeholdersOf } from '../../secrets/uses-of.ts';
import type { Site } from '../../site/model.ts';
import type { Kubernetes, KubernetesIngress } from '../../site/model-server.ts';
import { BOOT_SCRIPT, WWW } from '../../tree/paths.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { fillsPath, nginxData, nginxInclude } from '../nginx/nginx.ts';
import type { Emitted, Target } from '../target.ts';
import {
  commonLabels,
  kubernetesPath,
  type Manifest,
  NGINX_USER,
  needsSecret,
  objectOf,
  POD,
  podSite,
  readinessPort,
  renderManifest,
  SECRETS_FILE,
  selectorLabels,
  servedTree,
  type TreePart,
  treeParts,
} from './pod.ts';

const NGINX_FILES = ['nginx/nginx.conf', 'nginx/site.conf'];

type Resource = readonly [file: string, manifest: Manifest | undefined];

/** A kustomization with which pods serve the tree: nginx, its files, and access rules. Its Secret is printed separately. */
export const k8s: Target = {
  name: 'k8s',
  *emit(site, render, made) {
    const { kubernetes } = site.server;
    if (!kubernetes) return;
    const at = (file: string, content: string): Emitted => ({ path: kubernetesPath(file), content });
    const inside = podSite(site);
    const ports = new Map(podPorts(site).map(({ port, containerPort }) => [port, containerPort]));
    const portOf = (port: number) => ports.get(port) ?? port;
    const data = nginxData(inside, render, placeholdersOf(site), '/dev/stdout', portOf);
    const pod = {
      site: inside,
      proxies: [...new Set(kubernetes.ingress?.proxies)],
      temporary: POD.temporary,
      serverBlocks: `${POD.nginx}/site.conf`,
      id: data.id,
      hasSecrets: data.secrets.length > 0,
      stamp: data.stamp,
      // Each worker's, and within the memory of the pod. A machine keeps a connection while it downloads.
      connections: site.nodes.length > 1024 ? 8192 : 1024,
      readinessPort: readinessPort([...ports.values()]),
    };
    yield at('nginx/nginx.conf', render('k8s/nginx.nginx', pod));
    // A pod does not reach the screens of machines.
    yield at('nginx/site.conf', render('nginx/site.nginx', { ...data, consoles: undefined }));

    const parts = kubernetes.image === undefined ? treeParts(site, servedTree(site, made)) : undefined;
    const resources = resourcesOf(site, kubernetes, parts).filter(([, manifest]) => manifest !== undefined);
    const generator = {
      generatorOptions: { labels: commonLabels(site) },
      // kustomize names nginx's configuration by its digest: new pods use the new one, and terminating pods keep the old one.
      configMapGenerator: [
        { name: objectNames(site).nginx, namespace: kubernetes.namespace, files: NGINX_FILES },
      ],
    };
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: resources.map(([file]) => file),
      ...(parts && generator),
    };
    const comment = `${site.name}: made by harvgen; edit the inventory instead.`;
    for (const [file, manifest] of [...resources, ['kustomization.yaml', kustomization]] as Resource[])
      if (manifest) yield at(file, renderManifest(manifest, comment));
    // An image of a tree with secret values would publish them to everyone who may pull it.
    if (site.server.secrets !== undefined) yield at('Containerfile', containerfile(site, kubernetes));
  },
};

/** Returns the objects by their files. `parts` are those of the tree, undefined if the image contains it. */
function resourcesOf(site: Site, kubernetes: Kubernetes, parts: readonly TreePart[] = []): Resource[] {
  const hasFiles = (files: object) => (Object.keys(files).length > 0 ? files : undefined);
  const isOnEachNode = workloadKind(kubernetes) === 'DaemonSet';
  // Draining a node ignores DaemonSet pods. Otherwise nodes are drained one pod at a time, even with a single pod.
  const spec = { maxUnavailable: 1, selector: { matchLabels: selectorLabels(site) } };
  return [
    ['namespace.yaml', ownsNamespace(site, kubernetes) ? namespaceOf(kubernetes) : undefined],
    ...parts.map(({ file, name, data, binaryData }): Resource => {
      // The name is derived from the content.
      const contents = { immutable: true, data: hasFiles(data), binaryData: hasFiles(binaryData) };
      return [file, objectOf(site, 'v1/ConfigMap', contents, { name })];
    }),
    [isOnEachNode ? 'daemon-set.yaml' : 'deployment.yaml', workload(site, kubernetes, parts)],
    ['service.yaml', service(site, kubernetes)],
    ['ingress.yaml', kubernetes.ingress && ingress(site, kubernetes.ingress)],
    ['network-policy.yaml', networkPolicy(site, kubernetes)],
    [
      'disruption-budget.yaml',
      isOnEachNode ? undefined : objectOf(site, 'policy/v1/PodDisruptionBudget', { spec }),
    ],
  ];
}

/** Permits only pods without privileges: https://kubernetes.io/docs/concepts/security/pod-security-standards/. */
function namespaceOf({ namespace: name }: Kubernetes): Manifest {
  const labels = {
    'app.kubernetes.io/managed-by': 'harvgen',
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/audit': 'restricted',
    'pod-security.kubernetes.io/warn': 'restricted',
  };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function containerfile(site: Site, { image, nginxImage }: Kubernetes): string {
  const fills = fillsPath(placeholdersOf(site));
  return [
    `# The boot server of ${site.name} as an image without secrets. Made by harvgen: edit the inventory instead.`,
    '# In the directory of the tree:',
    `#   podman build --file ${kubernetesPath('Containerfile')} --tag ${image ?? 'IMAGE'} .`,
    `FROM ${nginxImage}`,
    `COPY ${kubernetesPath('nginx')} ${POD.nginx}/`,
    `COPY ${WWW} ${POD.tree}/${WWW}/`,
    `COPY ${fills} ${POD.tree}/${fills}`,
    `USER ${NGINX_USER}`,
    `ENTRYPOINT ["nginx", "-e", "stderr", "-c", "${POD.nginx}/nginx.conf"]`,
    'CMD []',
    'STOPSIGNAL SIGQUIT',
    '',
  ].join('\n');
}

/** Renders the Secret for nginx in the pods, with base64 values, because annotations of applied objects show plain text. */
export function secretManifest(site: Site, values: SecretValues): string {
  const include = Buffer.from(nginxInclude(site, values)).toString('base64');
  const contents = { type: 'Opaque', data: { [SECRETS_FILE]: include } };
  return renderManifest(
    objectOf(site, 'v1/Secret', contents, { name: objectNames(site).secrets }),
    `The secrets of ${site.name}, for nginx to substitute. Keep them in the cluster only, and out of git.`,
  );
}

/** The mode of files that every user may read: no secrets. In decimal, because YAML parsers differ on octal numbers. */
const READABLE = 0o444;

/** The mode of files that root and the pod's group may read. */
const CONFIDENTIAL = 0o440;

const READINESS = 'ready';

/** The seconds that a terminating pod may take: a machine can finish the download of an ISO image while new pods take over. */
const LAST_DOWNLOADS = 600;

/** A NodePort also answers on control plane nodes. */
const ON_CONTROL_PLANE = {
  key: 'node-role.kubernetes.io/control-plane',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** Returns the workload with the nginx pods, without privileges. They restart whenever their files change, except for secrets. */
function workload(site: Site, kubernetes: Kubernetes, parts: readonly TreePart[]): Manifest {
  const mounts = mountsOf(site, kubernetes, parts);
  const kind = workloadKind(kubernetes);
  const isDeployment = kind === 'Deployment';
  const selector = { matchLabels: selectorLabels(site) };
  // The pods of a Deployment are on as many nodes of the cluster as possible.
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: selector,
  };
  const spec = {
    replicas: isDeployment ? (kubernetes.replicas ?? 2) : undefined,
    // Each revision lists all files of the tree: ten of them, Kubernetes' default, are megabytes.
    revisionHistoryLimit: 2,
    selector,
    // Even with a single pod, one always answers.
    [isDeployment ? 'strategy' : 'updateStrategy']: {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    },
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
          // Avoids a pass over thousands of files, or over another owner's volume, at each start.
          fsGroupChangePolicy: 'OnRootMismatch',
          seccompProfile: { type: 'RuntimeDefault' },
        },
        terminationGracePeriodSeconds: LAST_DOWNLOADS,
        topologySpreadConstraints: isDeployment ? [spread] : undefined,
        tolerations: isDeployment ? undefined : [ON_CONTROL_PLANE],
        containers: [container(site, kubernetes, mounts)],
        volumes: mounts.map(({ name, from }) => ({ name, ...from })),
      },
    },
  };
  // nginx reads a certificate only at its start, and cert-manager renews it unattended: Reloader, if the cluster has it,
  // restarts the pods. Source: https://github.com/stakater/Reloader.
  const annotations = site.server.tls && { 'secret.reloader.stakater.com/reload': objectNames(site).tls };
  return objectOf(site, `apps/v1/${kind}`, { spec }, { annotations });
}

function container(site: Site, { image, nginxImage }: Kubernetes, mounts: readonly Mount[]): object {
  const ports = podPorts(site);
  const ready = readinessPort(ports.map(({ containerPort }) => containerPort));
  // Requests a file without restrictions like a machine, at the port of `server.url`.
  const probe = (path: string) => {
    const [first] = ports;
    const httpHeaders = [{ name: 'Host', value: site.server.host }];
    const scheme = first?.isHttps ? 'HTTPS' : 'HTTP';
    return { httpGet: { path, port: first?.name, scheme, httpHeaders }, timeoutSeconds: 5 };
  };
  return {
    name: 'nginx',
    image: image ?? nginxImage,
    // The image's own entry point would edit read-only files.
    command: ['nginx', '-e', 'stderr', '-c', `${POD.nginx}/nginx.conf`],
    ports: [...ports, { name: READINESS, containerPort: ready }].map(({ name, containerPort }) => {
      return { name, containerPort, protocol: 'TCP' };
    }),
    startupProbe: { ...probe(`/${BOOT_SCRIPT}`), periodSeconds: 1, failureThreshold: 60 },
    // The probe does not request files of machines: with the secrets of another tree, public files work but configurations fail.
    readinessProbe: { httpGet: { path: '/ready', port: READINESS }, timeoutSeconds: 5, periodSeconds: 5 },
    livenessProbe: { ...probe('/'), periodSeconds: 20 },
    // Requests may still arrive at a terminating pod, because its removal takes a moment to spread.
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

type Mount = ReturnType<typeof mountsOf>[number];

function mountsOf(site: Site, { image, mediaClaim }: Kubernetes, parts: readonly TreePart[]) {
  const names = objectNames(site);
  const secret = (secretName: string) => ({ secretName, defaultMode: CONFIDENTIAL });
  const items = [{ key: SECRETS_FILE, path: SECRETS_FILE }];
  const sources = parts.map(({ name, items }) => ({ configMap: { name, items } }));
  const mount = (path: string, name: string, from: object) => ({ path, name, from });
  return [
    image === undefined && [
      mount(POD.nginx, 'nginx', { configMap: { name: names.nginx, defaultMode: READABLE } }),
      mount(POD.tree, 'tree', { projected: { defaultMode: READABLE, sources } }),
    ],
    needsSecret(site) && mount(POD.secrets, 'secrets', { secret: { ...secret(names.secrets), items } }),
    site.server.tls && mount(POD.tls, 'tls', { secret: secret(names.tls) }),
    mediaClaim !== undefined &&
      mount(POD.media, 'media', { persistentVolumeClaim: { claimName: mediaClaim, readOnly: true } }),
    mount(POD.temporary, 'temporary', { emptyDir: { sizeLimit: '16Mi' } }),
  ].flatMap((mounts) => mounts || []);
}

/** Returns the Service. It forwards only to pods on the requested node: another hop would lose the machine's IP address. */
function service(site: Site, { service: type, nodePort }: Kubernetes): Manifest {
  const { host } = site.server;
  return objectOf(site, 'v1/Service', {
    spec: {
      type,
      loadBalancerIP: type === 'LoadBalancer' && isAddress(host) ? host : undefined,
      externalTrafficPolicy: type === 'ClusterIP' ? undefined : 'Local',
      selector: selectorLabels(site),
      ports: podPorts(site).map(({ name, port }, index) => {
        const wanted = (index === 0 ? nodePort : undefined) ?? (canBeNodePort(port) ? port : undefined);
        const assigned = type === 'NodePort' ? wanted : undefined;
        return { name, port, targetPort: name, protocol: 'TCP', nodePort: assigned };
      }),
    },
  });
}

/** Returns the Ingress for the Service: all paths, for the port of `server.url`. */
function ingress(site: Site, { class: ingressClassName }: KubernetesIngress): Manifest {
  const { host } = site.server;
  const port = { name: podPorts(site)[0]?.name };
  const backend = { service: { name: objectNames(site).name, port } };
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] };
  // The host of an Ingress must be a name.
  const rules = [{ host: isAddress(host) ? undefined : host, http }];
  return objectOf(site, 'networking.k8s.io/v1/Ingress', { spec: { ingressClassName, rules } });
}

/**
 * Returns the NetworkPolicy of the pods: the clients of their ports, and for a ClusterIP only the proxies. If unknown machines
 * are redirected to another site, with unknown networks, every client is allowed. The pods connect to nothing.
 */
function networkPolicy(site: Site, { service: type, ingress: behind }: Kubernetes): Manifest {
  const { allow, allowScripts, next } = site.server;
  const isInside = type === 'ClusterIP';
  const networks = site.networks.map(({ subnet }) => subnet.text);
  const outside = [...networks, ...allow, ...allowScripts, ...site.tenants.flatMap((tenant) => tenant.allow)];
  const callers = [...(isInside ? [] : outside), ...(behind?.proxies ?? [])];
  // Kubernetes accepts only subnets.
  const cidrs = new Set(callers.map((text) => (text.includes('/') ? text : `${text}/32`)));
  // Selects all pods of a namespace by the label that Kubernetes sets.
  const matchLabels = { 'kubernetes.io/metadata.name': behind?.namespace };
  const from = [
    ...[...cidrs].map((cidr) => ({ ipBlock: { cidr } })),
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

const isAddress = (host: string) => ipv4Number(host) !== undefined;

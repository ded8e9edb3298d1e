import { marksOf } from '../../secrets/config-marks.ts';
import type { SecretValues } from '../../secrets/source.ts';
import type { Site } from '../../site/model.ts';
import type { Kubernetes } from '../../site/model-server.ts';
import { WWW } from '../../tree/paths.ts';
import { fillsPath, nginxInclude } from '../nginx/fills.ts';
import { nginxData } from '../nginx/nginx.ts';
import type { Emitted, Target } from '../target.ts';
import { servedTree, treeParts } from './config-maps.ts';
import { ingress, networkPolicy, service, workload } from './objects.ts';
import {
  commonLabels,
  kubernetesPath,
  type Manifest,
  NGINX_USER,
  objectNames,
  objectOf,
  ownsNamespace,
  POD,
  podPorts,
  podSite,
  readinessPort,
  renderManifest,
  SECRETS_FILE,
  selectorLabels,
  workloadKind,
} from './pod.ts';

const NGINX_FILES = ['nginx.conf', 'site.conf'];

/** A kustomization with which pods serve the tree: nginx, what it serves, who may ask. Its Secret is made apart from it. */
export const k8s: Target = {
  name: 'k8s',
  *emit(site, render, made) {
    const { kubernetes } = site.server;
    if (!kubernetes) return;
    const at = (file: string, content: string): Emitted => ({ path: kubernetesPath(file), content });
    const inside = podSite(site);
    const ports = new Map(podPorts(site).map(({ port, containerPort }) => [port, containerPort]));
    const data = nginxData(inside, render, {
      fills: marksOf(site),
      accessLog: '/dev/stdout',
      portOf: (port) => ports.get(port) ?? port,
    });
    const own = {
      site: inside,
      proxies: [...new Set(kubernetes.ingress?.proxies)],
      temporary: POD.temporary,
      serverBlocks: `${POD.nginx}/site.conf`,
      id: data.id,
      hasSecrets: data.secrets.length > 0,
      stamp: data.stamp,
      readinessPort: readinessPort([...ports.values()]),
    };
    yield at('nginx/nginx.conf', render('k8s/nginx.nginx', own));
    yield at('nginx/site.conf', render('nginx/site.nginx', data));

    const parts = kubernetes.image === undefined ? treeParts(site, servedTree(site, made)) : undefined;
    const isOnEachNode = workloadKind(kubernetes) === 'DaemonSet';
    const resources: (readonly [file: string, manifest: Manifest])[] = [];
    const add = (file: string, manifest: Manifest) => resources.push([file, manifest]);
    if (ownsNamespace(site, kubernetes)) add('namespace.yaml', namespaceOf(kubernetes));
    for (const { file, name, data, binaryData } of parts ?? []) {
      // Its name is what it holds.
      const contents = { immutable: true, data: orNone(data), binaryData: orNone(binaryData) };
      add(file, objectOf(site, 'v1/ConfigMap', contents, { name }));
    }
    add(isOnEachNode ? 'daemon-set.yaml' : 'deployment.yaml', workload(site, kubernetes, parts));
    add('service.yaml', service(site, kubernetes));
    if (kubernetes.ingress) add('ingress.yaml', ingress(site, kubernetes.ingress));
    add('network-policy.yaml', networkPolicy(site, kubernetes));
    // Whoever drains a node leaves a DaemonSet's pods there. Nodes are drained one pod after the other; with a single one, too.
    const spec = { maxUnavailable: 1, selector: { matchLabels: selectorLabels(site) } };
    if (!isOnEachNode)
      add('disruption-budget.yaml', objectOf(site, 'policy/v1/PodDisruptionBudget', { spec }));
    resources.push(['kustomization.yaml', kustomizationOf(site, kubernetes, resources)]);
    const comment = `${site.name}: made by harvgen; edit the inventory instead.`;
    for (const [file, manifest] of resources) yield at(file, renderManifest(manifest, comment));
    // Of a tree that holds values an image would hand them to everybody who may pull it.
    if (site.server.secrets !== undefined) yield at('Containerfile', containerfile(site, kubernetes));
  },
};

function orNone(files: object): object | undefined {
  return Object.keys(files).length > 0 ? files : undefined;
}

/** kustomize names nginx's configuration by its digest: pods begin anew with another, and those that end have the old one. */
function kustomizationOf(
  site: Site,
  { image, namespace }: Kubernetes,
  resources: readonly (readonly [file: string, manifest: Manifest])[],
): Manifest {
  const files = NGINX_FILES.map((file) => `nginx/${file}`);
  const generated = {
    generatorOptions: { labels: commonLabels(site) },
    configMapGenerator: [{ name: objectNames(site).nginx, namespace, files }],
  };
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: resources.map(([file]) => file),
    ...(image === undefined ? generated : {}),
  };
}

/** Where nothing runs that has any privileges: https://kubernetes.io/docs/concepts/security/pod-security-standards/. */
function namespaceOf({ namespace: name }: Kubernetes): Manifest {
  const levels = ['enforce', 'audit', 'warn'].map(
    (mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted'] as const,
  );
  const labels = { 'app.kubernetes.io/managed-by': 'harvgen', ...Object.fromEntries(levels) };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** Writes the Containerfile of the image that has a site's tree in it: the context is the tree. */
function containerfile(site: Site, { image, nginxImage }: Kubernetes): string {
  const fills = fillsPath(marksOf(site));
  return [
    `# The boot server of ${site.name} as an image, which holds no secret. Made by harvgen: edit the inventory instead.`,
    '# In the folder of the tree:',
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

/**
 * Renders the Secret from which nginx in the pods fills in. Takes the value of every secret that the site's configurations
 * hold. In base64, since whoever may list annotations of applied objects would read it there as it is.
 */
export function secretManifest(site: Site, values: SecretValues): string {
  const include = Buffer.from(nginxInclude(site, values)).toString('base64');
  const contents = { type: 'Opaque', data: { [SECRETS_FILE]: include } };
  return renderManifest(
    objectOf(site, 'v1/Secret', contents, { name: objectNames(site).secrets }),
    `The secrets of ${site.name}, for nginx to fill in: for the cluster alone, and into no git.`,
  );
}

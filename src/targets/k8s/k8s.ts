import { marksOf } from '../../secrets/marks-of.ts';
import type { Kubernetes, Site } from '../../site/model.ts';
import { nginxData } from '../nginx/nginx.ts';
import type { Emitted, Target } from '../target.ts';
import { treeParts } from './config-maps.ts';
import { containerfile } from './containerfile.ts';
import { commonLabels, metadataOf, selectorLabels } from './labels.ts';
import { type Manifest, renderManifest } from './manifest.ts';
import { ingress, networkPolicy, service } from './network.ts';
import { kubernetesPath, objectNames, ownsNamespace, POD, podPorts, podSite, workloadKind } from './pod.ts';
import { readinessPort } from './ports.ts';
import { servedTree } from './tree-files.ts';
import { workload } from './workload.ts';

const NGINX_FILES = ['nginx.conf', 'site.conf'];

/** A kustomization with which pods serve the tree: nginx, what it serves, who may ask. Its Secret is made apart from it. */
export const k8s: Target = {
  name: 'k8s',
  *emit(site, render, made) {
    const { kubernetes } = site.server;
    if (!kubernetes) return;
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

    const files = servedTree(site, made);
    const parts = kubernetes.image === undefined ? treeParts(site, files) : undefined;
    const isOnEachNode = workloadKind(kubernetes) === 'DaemonSet';
    const resources: (readonly [file: string, manifest: Manifest])[] = [
      ...(ownsNamespace(site, kubernetes) ? [['namespace.yaml', namespace(kubernetes)] as const] : []),
      ...(parts ?? []).map(
        ({ file, name, data, binaryData }) => [file, configMap(site, name, { data, binaryData })] as const,
      ),
      [isOnEachNode ? 'daemon-set.yaml' : 'deployment.yaml', workload(site, kubernetes, parts)],
      ['service.yaml', service(site, kubernetes)],
      ...(kubernetes.ingress ? [['ingress.yaml', ingress(site, kubernetes.ingress)] as const] : []),
      ['network-policy.yaml', networkPolicy(site, kubernetes)],
      // Whoever drains a node leaves a DaemonSet's pods there.
      ...(isOnEachNode ? [] : [['disruption-budget.yaml', disruptionBudget(site)] as const]),
    ];
    const comment = `${site.name}: made by harvgen; edit the inventory instead.`;
    for (const [file, manifest] of resources) yield at(file, renderManifest(manifest, comment));
    const kustomization = kustomizationOf(
      site,
      resources.map(([file]) => file),
    );
    yield at('kustomization.yaml', renderManifest(kustomization, comment));
    // Of a tree that holds values an image would hand them to everybody who may pull it.
    if (site.server.secrets !== undefined) yield at('Containerfile', containerfile(site, kubernetes));
  },
};

function at(file: string, content: string): Emitted {
  return { path: kubernetesPath(file), content };
}

/** kustomize names nginx's configuration by its digest: pods begin anew with another, and those that end have the old one. */
function kustomizationOf(site: Site, resources: readonly string[]): Manifest {
  const { image, namespace } = site.server.kubernetes ?? {};
  const files = NGINX_FILES.map((file) => `nginx/${file}`);
  const generated = {
    generatorOptions: { labels: commonLabels(site) },
    configMapGenerator: [{ name: objectNames(site).nginx, namespace, files }],
  };
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources,
    ...(image === undefined ? generated : {}),
  };
}

/** Where nothing runs that has any privileges: https://kubernetes.io/docs/concepts/security/pod-security-standards/. */
function namespace({ namespace: name }: Kubernetes): Manifest {
  const levels = ['enforce', 'audit', 'warn'].map(
    (mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted'] as const,
  );
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { 'app.kubernetes.io/managed-by': 'harvgen', ...Object.fromEntries(levels) },
    },
  };
}

function configMap(
  site: Site,
  name: string,
  contents: { readonly data: object; readonly binaryData: object },
): Manifest {
  const said = Object.entries(contents).filter(([, files]) => Object.keys(files).length > 0);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(site, name),
    // Its name is what it holds.
    immutable: true,
    ...Object.fromEntries(said),
  };
}

/** Nodes of the cluster are drained one pod after the other; with a single pod they can be drained, too. */
function disruptionBudget(site: Site): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadataOf(site),
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels(site) } },
  };
}

import type { Kubernetes, KubernetesIngress, Site } from '../../site/model.ts';
import { ipv4Number } from '../../values/ipv4.ts';
import { metadataOf, selectorLabels } from './labels.ts';
import type { Manifest } from './manifest.ts';
import { objectNames, podPorts } from './pod.ts';

/**
 * Makes the Service that machines ask, or an ingress controller does. It leads to pods on the node of the cluster that it
 * has come to, since on the way to another one the machine's address would be lost, by which nginx tells who asks.
 */
export function service(site: Site, { service: type, nodePort }: Kubernetes): Manifest {
  const ports = podPorts(site);
  const { host } = site.server;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(site),
    spec: {
      type,
      ...(type === 'LoadBalancer' && isAddress(host) ? { loadBalancerIP: host } : {}),
      ...(type === 'ClusterIP' ? {} : { externalTrafficPolicy: 'Local' }),
      selector: selectorLabels(site),
      ports: ports.map(({ name, port }, index) => ({
        name,
        port,
        targetPort: name,
        protocol: 'TCP',
        ...(type === 'NodePort' ? nodePortOf(port, index === 0 ? nodePort : undefined) : {}),
      })),
    },
  };
}

/** The ports that Kubernetes has for NodePorts unless its administrator says otherwise. */
const NODE_PORTS = { first: 30000, last: 32767 };

/** Says whether a port is one that a NodePort can have. */
export function canBeNodePort(port: number): boolean {
  return port >= NODE_PORTS.first && port <= NODE_PORTS.last;
}

function nodePortOf(port: number, said?: number): { readonly nodePort?: number } {
  const nodePort = said ?? (canBeNodePort(port) ? port : undefined);
  return nodePort === undefined ? {} : { nodePort };
}

/** Makes the Ingress before the Service: everything, at the port of `server.url`. */
export function ingress(site: Site, { class: ingressClassName }: KubernetesIngress): Manifest {
  const { host } = site.server;
  const port = { name: podPorts(site)[0]?.name };
  const backend = { service: { name: objectNames(site).name, port } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: metadataOf(site),
    spec: {
      ...(ingressClassName === undefined ? {} : { ingressClassName }),
      rules: [
        {
          // A host of an Ingress is a name.
          ...(isAddress(host) ? {} : { host }),
          http: { paths: [{ path: '/', pathType: 'Prefix', backend }] },
        },
      ],
    },
  };
}

/**
 * Makes the NetworkPolicy of the pods: asked at their ports by the site's networks, by those that `allow` of the
 * site or a tenant and `allow_scripts` name, and by the proxies of an ingress; behind a Service of the cluster by these alone. Where what a site
 * does not know is sent on to another one, whose networks are not said here, everybody may ask. They ask nobody.
 */
export function networkPolicy(site: Site, { service: type, ingress: behind }: Kubernetes): Manifest {
  const { allow, allowScripts, next } = site.server;
  const ofTenants = site.tenants.flatMap((tenant) => tenant.allow);
  const outside = [
    ...site.networks.map(({ subnet }) => subnet.text),
    ...allow,
    ...allowScripts,
    ...ofTenants,
  ];
  const callers = [...(type === 'ClusterIP' ? [] : outside), ...(behind?.proxies ?? [])];
  const from = [
    ...[...new Set(callers.map(cidrOf))].map((cidr) => ({ ipBlock: { cidr } })),
    ...(behind?.namespace === undefined ? [] : [namespaceOf(behind.namespace)]),
  ];
  const isForAll = next !== undefined && type !== 'ClusterIP';
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(site),
    spec: {
      podSelector: { matchLabels: selectorLabels(site) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          ...(isForAll ? {} : { from }),
          ports: podPorts(site).map(({ containerPort: port }) => ({ protocol: 'TCP', port })),
        },
      ],
    },
  };
}

/** All pods of a namespace, by the label that Kubernetes gives each. */
function namespaceOf(name: string): object {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
}

function isAddress(host: string): boolean {
  return ipv4Number(host) !== undefined;
}

/** Gives an address or subnet as a subnet: Kubernetes takes nothing else. */
function cidrOf(text: string): string {
  return text.includes('/') ? text : `${text}/32`;
}

import { isValueMap, type Value, type ValueMap } from '../source/origin.ts';
import { factsOf } from './facts.ts';
import { installedKeys } from './installed-keys.ts';

const FACTS = factsOf<{ readonly resources: Readonly<Record<string, string>> }>('cluster-dump');

/** The resources in a dump of a cluster, as kubectl names them, with their kinds. */
export const DUMPED = FACTS.resources;

/** The beginning of the first line of a dump: the resources that the cluster has follow. */
export const DUMP_HEADER = '# harvgen dump:';

/** The text that a dump contains in place of a credential: a plain text in JSON, YAML and URLs. */
export const CREDENTIAL = 'removed-by-dump-cluster';

/** Whether Harvester itself writes a setting. */
export function isOwnSetting(name: string): boolean {
  return installedKeys().get(`system_settings.${name}`)?.reach === 'none';
}

/**
 * Labels of nodes that programs of the cluster set. Operators set those of the topology. Sources: node-role and labels in
 * harvester/harvester, KubeVirt, Longhorn, RKE2, Rancher.
 */
const SYSTEM_LABEL =
  /^(?!topology\.kubernetes\.io\/)(?:(?:[\w.-]+\.)?(?:kubernetes\.io|k8s\.io|harvesterhci\.io|cattle\.io|longhorn\.io|kubevirt\.io|nvidia\.com)\/|cpumanager$|kube-ovn)/;

/** Whether a label of a node was set by a user. */
export function isUserLabel(label: string): boolean {
  return !SYSTEM_LABEL.test(label);
}

/** Returns the group of an `apiVersion`: empty for the core of Kubernetes. */
export function groupOf(apiVersion: unknown): string {
  return typeof apiVersion === 'string' ? apiVersion.replace(/(?:^|\/)[^/]*$/, '') : '';
}

/** Returns the Kubernetes objects in the answer of kubectl: one object, a list, or several of both. */
export function objectsOf(dump: Value): ValueMap[] {
  const found: ValueMap[] = [];
  const rest = [dump];
  while (rest.length > 0) {
    const value = rest.pop();
    const inner = isValueMap(value) && Array.isArray(value.items) ? value.items : value;
    if (Array.isArray(inner)) for (let at = inner.length; at-- > 0; ) rest.push(inner[at] as Value);
    else if (isValueMap(inner) && typeof inner.kind === 'string' && nameOf(inner) !== undefined)
      found.push(inner);
  }
  return found;
}

/** Returns the name of an object, or undefined if it has none. */
export function nameOf({ metadata }: ValueMap): string | undefined {
  return isValueMap(metadata) && typeof metadata.name === 'string' ? metadata.name : undefined;
}

/** Returns the labels of an object; an empty map for none. */
export function labelsOf({ metadata }: ValueMap = {}): ValueMap {
  return isValueMap(metadata) && isValueMap(metadata.labels) ? metadata.labels : {};
}

/** Returns the IP address of a Node object in the cluster, or undefined. */
export function internalIpOf({ status }: ValueMap): string | undefined {
  const addresses = isValueMap(status) && Array.isArray(status.addresses) ? status.addresses : [];
  const found = addresses.find((address) => isValueMap(address) && address.type === 'InternalIP');
  return isValueMap(found) && typeof found.address === 'string' ? found.address : undefined;
}

/** The Service that has the VIP: its address, and its annotations that kube-vip reads. Source: pkg/controller/master/rancher. */
export const VIP_SERVICE = { namespace: 'kube-system', name: 'ingress-expose' } as const;

/** Returns the VIP and its MAC address. With DHCP, the status of the Service can be 0.0.0.0. */
export function vipOf(service: ValueMap | undefined): { vip?: string | undefined; mac?: string | undefined } {
  const { metadata, status } = service ?? {};
  const annotations = isValueMap(metadata) && isValueMap(metadata.annotations) ? metadata.annotations : {};
  const balancer =
    isValueMap(status) && isValueMap(status.loadBalancer) ? status.loadBalancer.ingress : undefined;
  const [first] = Array.isArray(balancer) ? balancer : [];
  const texts = [annotations['kube-vip.io/requestedIP'], isValueMap(first) ? first.ip : undefined];
  const vip = texts.find((text) => typeof text === 'string' && text !== '' && text !== '0.0.0.0');
  const mac = annotations['kube-vip.io/hwaddr'];
  return { vip: vip as string | undefined, mac: typeof mac === 'string' ? mac : undefined };
}

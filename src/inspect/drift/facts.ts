import { internalIpOf, nameOf, VIP_SERVICE, vipOf } from '../../knowledge/cluster-dump.ts';
import { installedKey } from '../../knowledge/installed-keys.ts';
import { createNode } from '../../site/clusters.ts';
import type { Cluster, Node } from '../../site/model.ts';
import type { Path } from '../../source/leaf.ts';
import { isValueMap, locationOf, selfLocation } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { parseVersion } from '../../values/version.ts';
import type { Found } from './difference.ts';
import { type Dump, type ObjectName, parseJson } from './dump.ts';

const NODE = { apiVersion: 'v1', kind: 'Node' } as const;

/**
 * Yields the differences in what no object of the tree contains: nodes and their addresses, the VIP, the release, the default
 * storage. Calls `see` for each value that the dump shows.
 */
export function* factDifferences(
  cluster: Cluster,
  dump: Dump,
  see: (at: SourceLocation) => void,
): Iterable<Found> {
  if (dump.has({ ...NODE, name: '' })) yield* nodeDifferences(cluster, dump);
  for (const { object, path, holder, key, declared, running, mend, nodes = [] } of factsOf(cluster, dump)) {
    if (declared === undefined || running === undefined || running === '') continue;
    const at = locationOf(holder, key as never);
    see(at);
    if (String(declared) !== String(running)) yield { object, path, nodes, at, declared, running, mend };
  }
}

function* nodeDifferences(cluster: Cluster, dump: Dump): Iterable<Found> {
  const known = new Set<string>();
  for (const node of cluster.members) {
    const name = node.config.os?.hostname ?? node.name;
    known.add(name);
    const object = { ...NODE, name };
    const running = dump.find(object);
    const [at, nodes] = [selfLocation(node), [name]];
    if (!running) {
      const mend = 'boot the machine, so that it installs and joins';
      yield { object, path: [], nodes, at, declared: node.ip, running: undefined, mend };
      continue;
    }
    const ip = internalIpOf(running);
    const path = ['status', 'addresses'];
    const mend = howOf('install.management_interface.ip');
    if (ip !== undefined && ip !== node.ip)
      yield { object, path, nodes, at: locationOf(node, 'ip'), declared: node.ip, running: ip, mend };
  }
  // The site may not contain all members of a cluster that exists.
  if (cluster.exists) return;
  for (const body of dump.all('Node.')) {
    const name = nameOf(body) ?? '';
    const mend = 'remove the node from the cluster';
    if (known.has(name)) continue;
    const object = { ...NODE, name };
    yield { object, path: [], nodes: [name], declared: undefined, running: internalIpOf(body) ?? name, mend };
  }
}

interface Fact {
  readonly object: ObjectName;
  readonly path: Path;
  readonly holder: object;
  readonly key: string;
  readonly declared: unknown;
  readonly running: unknown;
  readonly mend: string;
  readonly nodes?: readonly string[];
}

/** The settings of Longhorn, by their names in the inventory. */
const OF_LONGHORN = {
  guaranteedInstanceManagerCPU: 'guaranteed-instance-manager-cpu',
  storageReservedPercentageForDefaultDisk: 'storage-reserved-percentage-for-default-disk',
} as const;

function* factsOf(cluster: Cluster, dump: Dump): Iterable<Fact> {
  const create = createNode(cluster) as Node | undefined;
  const { storage_class: storage, longhorn } = create?.config.install?.harvester ?? {};
  const setting = (group: string, name: string, namespace?: string) => {
    const object = { apiVersion: `${group}/v1beta1`, kind: 'Setting', name, namespace };
    const { value, default: byDefault } = dump.find(object) ?? {};
    return { object, path: ['value'], running: value || byDefault };
  };
  const version = setting('harvesterhci.io', 'server-version');
  const release = parseVersion(String(version.running ?? ''));
  yield {
    ...version,
    ...{ holder: cluster, key: 'version', declared: cluster.version.text, running: release?.text },
    mend: 'upgrade the cluster',
  };
  const never = howOf('install.vip');
  const service = { apiVersion: 'v1', kind: 'Service', ...VIP_SERVICE };
  const { vip, mac } = vipOf(dump.find(service));
  yield {
    object: service,
    path: ['status', 'loadBalancer'],
    holder: cluster,
    key: 'vip',
    declared: cluster.vip,
    running: vip,
    mend: never,
  };
  yield {
    ...{
      object: service,
      path: ['metadata', 'annotations', 'kube-vip.io/hwaddr'],
      holder: cluster,
      key: 'vipHwAddr',
    },
    ...{ declared: cluster.vipHwAddr, running: mac?.toLowerCase(), mend: never },
  };
  const object = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', name: 'harvester-longhorn' };
  const { parameters } = dump.find(object) ?? {};
  if (storage)
    yield {
      ...{ object, path: ['parameters', 'numberOfReplicas'], holder: storage, key: 'replica_count' },
      ...{
        declared: storage.replica_count,
        running: isValueMap(parameters) ? parameters.numberOfReplicas : undefined,
      },
      mend: howOf('install.harvester.storage_class.replica_count'),
    };
  const defaults = longhorn?.default_settings ?? {};
  for (const [key, name] of Object.entries(OF_LONGHORN)) {
    const own = setting('longhorn.io', name, 'longhorn-system');
    const declared = (defaults as Record<string, unknown>)[key];
    yield {
      ...own,
      holder: defaults,
      key,
      declared,
      running: engineValue(own.running),
      mend: howOf(`install.harvester.longhorn.default_settings.${key}`),
    };
  }
  yield* ntpOf(cluster, create, dump);
}

/** How a change of a key reaches the cluster. */
function howOf(key: string): string {
  return installedKey(key)?.how ?? '';
}

/** Returns the value of a setting of Longhorn. From v1.10 it is JSON with a value for each data engine. */
function engineValue(value: unknown): unknown {
  const engines = typeof value === 'string' ? parseJson(value) : undefined;
  if (!isValueMap(engines)) return value;
  const values = new Set(Object.values(engines).map(String));
  return values.size === 1 ? [...values][0] : value;
}

/** Yields the time servers of each node, unless the setting of the cluster differs, which then is the reason. */
function* ntpOf(cluster: Cluster, create: Node | undefined, dump: Dump): Iterable<Fact> {
  const os = create?.config.os;
  const setting = dump.find({ apiVersion: 'harvesterhci.io/v1beta1', kind: 'Setting', name: 'ntp-servers' });
  const value = parseJson(String(setting?.value ?? ''));
  const wanted = isValueMap(value) && Array.isArray(value.ntpServers) ? value.ntpServers : undefined;
  const declared = os?.ntp_servers?.join(' ');
  if (!os || declared === undefined || (wanted && wanted.join(' ') !== declared)) return;
  for (const node of cluster.members) {
    const name = node.config.os?.hostname ?? node.name;
    const object = {
      apiVersion: 'node.harvesterhci.io/v1beta1',
      kind: 'NodeConfig',
      name,
      namespace: 'harvester-system',
    };
    const { spec } = dump.find(object) ?? {};
    const configs = isValueMap(spec) && isValueMap(spec.ntpConfigs) ? spec.ntpConfigs : {};
    yield {
      ...{ object, path: ['spec', 'ntpConfigs', 'ntpServers'], holder: os, key: 'ntp_servers', declared },
      ...{ running: configs.ntpServers, mend: 'apply the Setting ntp-servers', nodes: [name] },
    };
  }
}

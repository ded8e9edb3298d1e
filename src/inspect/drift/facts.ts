import { internalIpOf, nameOf, VIP_SERVICE, vipOf } from '../../knowledge/cluster-dump.ts';
import { installedKey } from '../../knowledge/installed-keys.ts';
import { createNode, hostNameOf } from '../../site/clusters.ts';
import type { Cluster, Node } from '../../site/model.ts';
import type { Path } from '../../source/leaf.ts';
import { isValueMap, locationOf, selfLocation, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { parseVersion } from '../../values/version.ts';
import type { Difference } from './difference.ts';
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
): Iterable<Difference> {
  if (dump.has({ ...NODE, name: '' })) yield* nodeDifferences(cluster, dump);
  for (const { object, path, holder, key, declared, running, mend, nodes = [] } of factsOf(cluster, dump)) {
    if (declared === undefined || running === undefined || running === '') continue;
    const at = locationOf(holder, key as never);
    see(at);
    if (String(declared) !== String(running))
      yield { object, path, nodes, at, keep: at, declared, running, mend };
  }
}

function* nodeDifferences(cluster: Cluster, dump: Dump): Iterable<Difference> {
  for (const node of cluster.members) {
    const name = hostNameOf(node);
    const body = dump.find({ ...NODE, name });
    const running = body && internalIpOf(body);
    const own = { object: { ...NODE, name }, nodes: [name], declared: node.ip, running };
    const [self, ip] = [selfLocation(node), locationOf(node, 'ip')];
    if (!body)
      yield {
        ...own,
        path: [],
        at: self,
        keep: self,
        mend: 'boot the machine, so that it installs and joins',
      };
    else if (running !== undefined && running !== node.ip) {
      const mend = howOf('install.management_interface.ip');
      yield { ...own, path: ['status', 'addresses'], at: ip, keep: ip, mend };
    }
  }
  // The site may not contain all members of a cluster that exists.
  if (cluster.exists) return;
  const known = new Set(cluster.members.map(hostNameOf));
  for (const body of dump.all('Node.')) {
    const name = nameOf(body) ?? '';
    const [mend, keep] = ['remove the node from the cluster', 'add the node'];
    const running = internalIpOf(body) ?? name;
    if (!known.has(name))
      yield { object: { ...NODE, name }, path: [], nodes: [name], declared: undefined, running, mend, keep };
  }
}

interface Fact {
  readonly object: ObjectName;
  readonly path: Path;
  /** The map of the inventory with the value, and its key there. */
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
  const find = (type: string, name: string, namespace?: string) => {
    const [, apiVersion = '', kind = ''] = /^(.*)\/(.*)$/.exec(type) ?? [];
    const object = { apiVersion, kind, name, namespace };
    return { object, body: dump.find(object) ?? {} };
  };
  const version = find('harvesterhci.io/v1beta1/Setting', 'server-version');
  yield {
    ...{ object: version.object, path: ['value'], holder: cluster, key: 'version' },
    ...{ declared: cluster.version.text, running: parseVersion(String(effective(version.body)))?.text },
    mend: 'upgrade the cluster',
  };
  const service = find('v1/Service', VIP_SERVICE.name, VIP_SERVICE.namespace);
  const { vip, mac } = vipOf(service.body);
  const ofVip = { object: service.object, holder: cluster, mend: howOf('install.vip') };
  yield { ...ofVip, path: ['status', 'loadBalancer'], key: 'vip', declared: cluster.vip, running: vip };
  yield {
    ...{ ...ofVip, path: ['metadata', 'annotations', 'kube-vip.io/hwaddr'], key: 'vipHwAddr' },
    ...{ declared: cluster.vipHwAddr, running: mac?.toLowerCase() },
  };
  const { object, body } = find('storage.k8s.io/v1/StorageClass', 'harvester-longhorn');
  const { parameters } = body;
  if (storage)
    yield {
      ...{ object, path: ['parameters', 'numberOfReplicas'], holder: storage, key: 'replica_count' },
      ...{
        declared: storage.replica_count,
        running: isValueMap(parameters) ? parameters.numberOfReplicas : '',
      },
      mend: howOf('install.harvester.storage_class.replica_count'),
    };
  const holder = (longhorn?.default_settings ?? {}) as Readonly<Record<string, unknown>>;
  for (const [key, name] of Object.entries(OF_LONGHORN)) {
    const { object, body } = find('longhorn.io/v1beta2/Setting', name, 'longhorn-system');
    // From v1.10, Longhorn has a value for each data engine.
    const [value, engines] = [effective(body), parseJson(String(effective(body)))];
    yield {
      ...{ object, path: ['value'], holder, key, declared: holder[key] },
      running: isValueMap(engines) ? engines.v1 : value,
      mend: howOf(`install.harvester.longhorn.default_settings.${key}`),
    };
  }
  // node-manager copies the Setting to each node.
  const os = create?.config.os;
  const setting = parseJson(String(find('harvesterhci.io/v1beta1/Setting', 'ntp-servers').body.value));
  const servers = isValueMap(setting) && Array.isArray(setting.ntpServers) ? setting.ntpServers : [];
  const declared = os?.ntp_servers?.join(' ');
  if (os && declared === servers.join(' '))
    for (const name of cluster.members.map(hostNameOf)) {
      const { object, body } = find('node.harvesterhci.io/v1beta1/NodeConfig', name, 'harvester-system');
      const { ntpConfigs } = isValueMap(body.spec) ? body.spec : {};
      yield {
        ...{ object, path: ['spec', 'ntpConfigs', 'ntpServers'], holder: os, key: 'ntp_servers', declared },
        ...{ running: isValueMap(ntpConfigs) ? ntpConfigs.ntpServers : '', nodes: [name] },
        mend: 'apply the Setting ntp-servers',
      };
    }
}

/** Returns the value of a setting: that of the cluster, or the default of the release. */
function effective({ value, default: byDefault }: ValueMap): unknown {
  return value || byDefault;
}

/** How a change of a key reaches the cluster. */
function howOf(key: string): string {
  return installedKey(key)?.how ?? '';
}

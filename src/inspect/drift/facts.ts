import { internalIpOf, nameOf, VIP_SERVICE, vipOf } from '../../knowledge/cluster-dump.ts';
import { installedKey } from '../../knowledge/installed-keys.ts';
import { createNode, hostNameOf } from '../../site/clusters.ts';
import type { Cluster, Node } from '../../site/model.ts';
import { isValueMap, locationOf, selfLocation, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { parseVersion } from '../../values/version.ts';
import { type Difference, type Dump, parseJson } from './dump.ts';

const NODE = { apiVersion: 'v1', kind: 'Node' } as const;

/** A fact with the map of the inventory that has the declared value, and its key there. */
type Fact = Omit<Difference, 'at' | 'keep' | 'nodes'> & {
  readonly holder: object;
  readonly key: string;
  readonly nodes?: readonly string[];
};

/** Yields differences in what no object of the tree contains. Calls `see` for each value that the dump shows. */
export function* factDifferences(cluster: Cluster, dump: Dump, see: (at: SourceLocation) => void) {
  if (dump.has({ ...NODE, name: '' })) yield* nodeDifferences(cluster, dump);
  for (const { holder, key, nodes = [], ...fact } of factsOf(cluster, dump)) {
    const { declared, running } = fact;
    if (declared === undefined || running === undefined || running === '') continue;
    const at = locationOf(holder, key as never);
    see(at);
    if (String(declared) !== String(running)) yield { ...fact, nodes, at, keep: at };
  }
}

function* nodeDifferences(cluster: Cluster, dump: Dump): Iterable<Difference> {
  for (const node of cluster.members) {
    const name = hostNameOf(node);
    const body = dump.find({ ...NODE, name });
    const running = body && internalIpOf(body);
    const known = { object: { ...NODE, name }, nodes: [name], declared: node.ip, running };
    const at = body ? locationOf(node, 'ip') : selfLocation(node);
    const mend = 'boot the machine, so that it installs and joins';
    if (!body) yield { ...known, path: [], at, keep: at, mend };
    else if (running !== undefined && running !== node.ip) {
      const path = ['status', 'addresses'];
      yield { ...known, path, at, keep: at, mend: howOf('install.management_interface.ip') };
    }
  }
  // The site may not contain all members of a cluster that exists.
  const names = new Set(cluster.members.map(hostNameOf));
  for (const body of cluster.exists ? [] : dump.all('Node.')) {
    const name = nameOf(body) ?? '';
    if (names.has(name)) continue;
    const ways = { mend: 'remove the node from the cluster', keep: 'add the node' };
    const running = internalIpOf(body) ?? name;
    yield { object: { ...NODE, name }, path: [], nodes: [name], declared: undefined, running, ...ways };
  }
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
  const release = parseVersion(String(effective(version.body)))?.text;
  const ofRelease = { object: version.object, path: ['value'], holder: cluster, key: 'version' };
  yield { ...ofRelease, declared: cluster.version.text, running: release, mend: 'upgrade the cluster' };
  const service = find('v1/Service', VIP_SERVICE.name, VIP_SERVICE.namespace);
  const { vip, mac } = vipOf(service.body);
  const ofVip = { object: service.object, holder: cluster, mend: howOf('install.vip') };
  yield { ...ofVip, path: ['status', 'loadBalancer'], key: 'vip', declared: cluster.vip, running: vip };
  const hwAddr = { path: ['metadata', 'annotations', 'kube-vip.io/hwaddr'], key: 'vipHwAddr' };
  yield { ...ofVip, ...hwAddr, declared: cluster.vipHwAddr, running: mac?.toLowerCase() };
  if (storage) {
    const { object, body } = find('storage.k8s.io/v1/StorageClass', 'harvester-longhorn');
    const running = isValueMap(body.parameters) ? body.parameters.numberOfReplicas : '';
    const mend = howOf('install.harvester.storage_class.replica_count');
    const ofReplicas = { object, path: ['parameters', 'numberOfReplicas'], holder: storage, mend };
    yield { ...ofReplicas, key: 'replica_count', declared: storage.replica_count, running };
  }
  const holder = (longhorn?.default_settings ?? {}) as Readonly<Record<string, unknown>>;
  for (const [key, name] of Object.entries(OF_LONGHORN)) {
    const { object, body } = find('longhorn.io/v1beta2/Setting', name, 'longhorn-system');
    // From v1.10, Longhorn has a value for each data engine.
    const [value, engines] = [effective(body), parseJson(String(effective(body)))];
    const running = isValueMap(engines) ? engines.v1 : value;
    const mend = howOf(`install.harvester.longhorn.default_settings.${key}`);
    yield { object, path: ['value'], holder, key, declared: holder[key], running, mend };
  }
  // node-manager copies the Setting to each node.
  const os = create?.config.os;
  const setting = parseJson(String(find('harvesterhci.io/v1beta1/Setting', 'ntp-servers').body.value));
  const servers = isValueMap(setting) && Array.isArray(setting.ntpServers) ? setting.ntpServers : [];
  const declared = os?.ntp_servers?.join(' ');
  if (!os || declared !== servers.join(' ')) return;
  for (const name of cluster.members.map(hostNameOf)) {
    const { object, body } = find('node.harvesterhci.io/v1beta1/NodeConfig', name, 'harvester-system');
    const { ntpConfigs } = isValueMap(body.spec) ? body.spec : {};
    const running = isValueMap(ntpConfigs) ? ntpConfigs.ntpServers : '';
    const ofNtp = { object, path: ['spec', 'ntpConfigs', 'ntpServers'], holder: os, key: 'ntp_servers' };
    yield { ...ofNtp, declared, running, nodes: [name], mend: 'apply the Setting ntp-servers' };
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

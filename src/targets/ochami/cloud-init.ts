import { marked, markPart, marksOf, markText } from '../../secrets/uses-of.ts';
import { isCloudConfig, mergeCloudConfig, readCloudConfig } from '../../site/cloud-config.ts';
import type { CloudInit, CloudInitData, Group, Node, Site } from '../../site/model.ts';
import { fillNodeValues, holdsNodeValue, NodeValues } from '../../site/node-values.ts';
import { Report } from '../../source/diagnostics/report.ts';
import { placeholderOf, placeholdersIn } from '../../source/marks.ts';
import { locationOf } from '../../source/origin.ts';
import { OCHAMI_CLOUD_INIT, WWW } from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { metaDataOf, renderData } from '../cloud-init/cloud-init.ts';
import { renderYaml } from '../render-yaml.ts';
import type { Emitted } from '../target.ts';

const NOTHING = '#cloud-config';

/**
 * What OpenCHAMI's cloud-init server answers, as files that nginx finds by the caller's address: the meta-data of each node that
 * boots Linux, the cloud-config of each group, of each member where values of the node are in it, and, for each node that finds nothing but what its groups say, the list of these.
 * Source: OpenCHAMI/cloud-init, cmd/cloud-init-server/vendordata_handlers.go, userdata_handlers.go.
 */
export function* cloudInitFiles(site: Site): Iterable<Emitted> {
  const folder = `${WWW}/${OCHAMI_CLOUD_INIT}`;
  const base = `${site.server.tls?.url ?? site.server.url}/cloud-init`;
  const metaData = (node: Node) =>
    renderYaml(ochamiMetaData(site, node, node.cloudInit as CloudInit, base), markText);
  // What a group's members find, in one file for all of them; undefined where the group says nothing, and where that is not the same
  // for each member: with values of the node, or secrets that nodes override.
  const configs = new Map(
    site.groups.map((group) => [group, holdsNodeValue(group.userData) ? undefined : textOf(site, group)]),
  );
  const alone = new Map<CloudInit, boolean>();
  for (const node of site.nodes) {
    const { name, groups, cloudInit } = node;
    if (!cloudInit) continue;
    yield new LazyFile(`${folder}/meta-data/${name}`, metaData, node);
    for (const group of groups) {
      const content = memberConfig(site, group, node);
      // The name of a group has no dot.
      if (content !== undefined) yield { path: `${folder}/groups/${group.name}.${name}.yaml`, content };
    }
    // Nodes share what cloud-init finds on them.
    const isAlone = alone.get(cloudInit) ?? isOfGroupsAlone(groups, cloudInit, configs);
    alone.set(cloudInit, isAlone);
    const list = groups.map((group) => `${base}/${group.name}.yaml\n`).join('');
    if (isAlone) yield { path: `${folder}/vendor-data/${name}`, content: `#include\n${list}` };
  }
  for (const [{ name, userData }, config] of configs) {
    const content = userData === undefined ? NOTHING : config;
    if (content !== undefined) yield { path: `${folder}/groups/${name}.yaml`, content };
  }
}

/** What an instance can say of itself: its name in `instance_data`, in that server's order, and the key that the server has for it. */
const INSTANCE_KEYS = {
  cloud_name: 'cloud-name',
  availability_zone: 'availability-zone',
  instance_id: 'instance-id',
  instance_type: 'instance-type',
  region: 'region',
  local_ipv4: undefined,
  cloud_provider: 'cloud-provider',
  public_keys: 'public-keys',
} as const;

/**
 * The meta-data of a node as OpenCHAMI's cloud-init server answers it: the keys in its order, empty ones left out, and then
 * what else the inventory says. The host name is the node's, which that server would make from the NID.
 * Source: OpenCHAMI/cloud-init, cmd/cloud-init-server/metadata.go, pkg/cistore/models.go.
 */
function ochamiMetaData(site: Site, node: Node, cloudInit: CloudInit, base: string): object {
  const whole = metaDataOf(site, node, cloudInit);
  const { 'instance-id': id, 'local-hostname': local, hostname = local, ...others } = whole;
  const known = Object.entries(INSTANCE_KEYS).map(([name, key]) => [name, key ? whole[key] : node.ip]);
  const groups = node.groups.map((group) => [group.name, ofGroup(site, group, cloudInit)]);
  return {
    'instance-id': id,
    'local-hostname': local,
    hostname,
    'cluster-name': site.name,
    ...others,
    instance_data: {
      v1: {
        ...Object.fromEntries(known),
        vendor_data: {
          version: '1.0',
          cloud_init_base_url: base,
          cluster_name: site.name,
          groups: groups.length > 0 ? Object.fromEntries(groups) : undefined,
        },
      },
    },
  };
}

/** As that server writes it, the sentence of a group without a description among it. */
function ofGroup(site: Site, { description, metaData = {} }: Group, { metaData: filled }: CloudInit): object {
  const entries = Object.entries(metaData)
    .filter(([, value]) => isFilled(site, JSON.stringify(marked({ key: value }))))
    .map(([key, value]) => [key, holdsNodeValue(value) ? filled[key] : value]);
  return { Description: description || 'No description Found', ...Object.fromEntries(entries) };
}

/** What one member of a group finds; undefined where no values of nodes are in it, or a secret is one nodes override. */
function memberConfig(site: Site, group: Group, node: Node): string | undefined {
  if (!holdsNodeValue(group.userData)) return undefined;
  // What a node does not have was reported when its own data was made of the same.
  return textOf(site, fillNodeValues(group, new NodeValues(node, site.server, new Report())));
}

function textOf(site: Site, { userData }: Group): string | undefined {
  if (userData === undefined) return undefined;
  const isText = typeof userData === 'string' && markPart(userData) === userData;
  const text = isText ? userData : renderData([userData]);
  return isFilled(site, text) ? text : undefined;
}

/** Whether all marks of a text are filled in: not one of a secret that every node overrides, which would stay a mark. */
function isFilled(site: Site, text: string): boolean {
  const marks = placeholdersIn(text);
  if (marks.length === 0) return true;
  const filled = new Set(marksOf(site).map(placeholderOf));
  return marks.every((mark) => filled.has(placeholderOf(mark)));
}

/** Whether cloud-init finds nothing but what the node's groups say, which is all that OpenCHAMI's server knows. */
function isOfGroupsAlone(
  groups: readonly Group[],
  { userData, vendorData }: CloudInit,
  configs: ReadonlyMap<Group, string | undefined>,
): boolean {
  const said = groups.filter((group) => group.userData !== undefined);
  if (vendorData.length > 0 || said.some((group) => configs.get(group) === undefined)) return false;
  const parts = said.map((group) => {
    const data = group.userData as CloudInitData;
    if (typeof data === 'object' || !isCloudConfig(data)) return data;
    return readCloudConfig(data, locationOf(group, 'userData')) ?? data;
  });
  const maps = parts.filter((part) => typeof part === 'object');
  // Of two files that say a key cloud-init takes one; what is merged here has both.
  const keys = maps.flatMap((map) => Object.keys(map));
  if (new Set(keys).size < keys.length) return false;
  const texts: CloudInitData[] = parts.filter((part) => typeof part === 'string');
  const merged = maps.length > 0 ? [maps.reduce(mergeCloudConfig)] : [];
  return JSON.stringify([...merged, ...texts]) === JSON.stringify(userData);
}

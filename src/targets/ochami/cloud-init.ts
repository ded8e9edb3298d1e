import { cloudInitBase } from '../../plan/meta-data.ts';
import { partWithPlaceholders, placeholdersOf } from '../../secrets/uses-of.ts';
import { isCloudConfig, mergeCloudConfig, readCloudConfig } from '../../site/cloud-config.ts';
import type { CloudInit, CloudInitData, Group, Node, Site } from '../../site/model.ts';
import { fillNodeValues, holdsNodeValue, nodeFiller } from '../../site/references.ts';
import { Report } from '../../source/diagnostics/report.ts';
import { locationOf } from '../../source/origin.ts';
import { placeholderOf, placeholdersIn } from '../../source/placeholders.ts';
import { OCHAMI_CLOUD_INIT, WWW } from '../../tree/paths.ts';
import { renderData } from '../cloud-init/cloud-init.ts';
import type { Emitted } from '../target.ts';

const NOTHING = '#cloud-config';

/**
 * Yields the answers of OpenCHAMI's cloud-init server that are not in the nodes' own directories, as files that nginx finds by the
 * client's IP address. These are the cloud-config of each group, or of each member if it contains values of the node. A node
 * with only the data of its groups also gets a list of these.
 * Source: OpenCHAMI/cloud-init, cmd/cloud-init-server/vendordata_handlers.go, userdata_handlers.go.
 */
export function* cloudInitFiles(site: Site): Iterable<Emitted> {
  const folder = `${WWW}/${OCHAMI_CLOUD_INIT}`;
  const base = cloudInitBase(site);
  // The data of a group, in one file for all members. Undefined if the group has no data, or if these differ between
  // members: with values of the node, or secrets that nodes override.
  const configs = new Map(
    site.groups.map((group) => [group, holdsNodeValue(group.userData) ? undefined : textOf(site, group)]),
  );
  const alone = new Map<CloudInit, boolean>();
  for (const node of site.nodes) {
    const { name, groups, cloudInit } = node;
    if (!cloudInit) continue;
    for (const group of groups) {
      const content = memberConfig(site, group, node);
      // Group names contain no dots.
      if (content !== undefined) yield { path: `${folder}/groups/${group.name}.${name}.yaml`, content };
    }
    // Nodes share their cloud-init data.
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

/** Returns the data of one group member; undefined without values of nodes, or with a secret that nodes override. */
function memberConfig(site: Site, group: Group, node: Node): string | undefined {
  if (!holdsNodeValue(group.userData)) return undefined;
  // Missing values were already reported when the node's own data were made from the same source.
  return textOf(site, fillNodeValues(group, nodeFiller(node, site.server, new Report())));
}

function textOf(site: Site, { userData }: Group): string | undefined {
  if (userData === undefined) return undefined;
  const isText = typeof userData === 'string' && partWithPlaceholders(userData) === userData;
  const text = isText ? userData : renderData([userData]);
  return isFilled(site, text) ? text : undefined;
}

/** Whether nginx substitutes all placeholders of a text: none belongs to a secret that every node overrides. */
function isFilled(site: Site, text: string): boolean {
  const placeholders = placeholdersIn(text);
  if (placeholders.length === 0) return true;
  const filled = new Set(placeholdersOf(site).map(placeholderOf));
  return placeholders.every((one) => filled.has(placeholderOf(one)));
}

/** Whether a node has only the data of its groups, which is all that OpenCHAMI's server supports. */
function isOfGroupsAlone(
  groups: readonly Group[],
  { userData, vendorData }: CloudInit,
  configs: ReadonlyMap<Group, string | undefined>,
): boolean {
  const withData = groups.filter((group) => group.userData !== undefined);
  if (vendorData.length > 0 || withData.some((group) => configs.get(group) === undefined)) return false;
  const parts = withData.map((group) => {
    const data = group.userData as CloudInitData;
    if (typeof data === 'object' || !isCloudConfig(data)) return data;
    return readCloudConfig(data, locationOf(group, 'userData')) ?? data;
  });
  const maps = parts.filter((part) => typeof part === 'object');
  // If two files set a key, cloud-init uses one of them; the merged data have both.
  const keys = maps.flatMap((map) => Object.keys(map));
  if (new Set(keys).size < keys.length) return false;
  const texts: CloudInitData[] = parts.filter((part) => typeof part === 'string');
  const merged = maps.length > 0 ? [maps.reduce(mergeCloudConfig)] : [];
  return JSON.stringify([...merged, ...texts]) === JSON.stringify(userData);
}

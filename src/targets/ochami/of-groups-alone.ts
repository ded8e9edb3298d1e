import { mergeCloudConfig } from '../../site/merge-cloud-config.ts';
import type { CloudInit, CloudInitData, Node, Site } from '../../site/model.ts';
import { isCloudConfig, readCloudConfig } from '../../site/read-cloud-config.ts';
import { placeOf } from '../../source/origin.ts';
import { groupConfig } from './group-config.ts';

/** What was found of what nodes share: it never changes. */
const found = new WeakMap<CloudInit, boolean>();

/**
 * Says whether cloud-init finds nothing on a node but what its groups say, the same on each member. OpenCHAMI's cloud-init server
 * knows nothing else; what else there is takes its place there as a whole.
 */
export function isOfGroupsAlone(site: Site, node: Node): boolean {
  const { cloudInit } = node;
  if (!cloudInit) return false;
  const known = found.get(cloudInit) ?? compare(site, node, cloudInit);
  found.set(cloudInit, known);
  return known;
}

function compare(site: Site, { groups }: Node, { userData, vendorData }: CloudInit): boolean {
  const said = groups.filter((group) => group.userData !== undefined);
  if (vendorData.length > 0 || said.some((group) => groupConfig(site, group) === undefined)) return false;
  const parts = said.flatMap((group) => {
    const { userData: data } = group;
    if (data === undefined) return [];
    if (typeof data === 'object' || !isCloudConfig(data)) return [data];
    return [readCloudConfig(data, placeOf(group, 'userData')) ?? data];
  });
  const maps = parts.filter((part) => typeof part === 'object');
  // Of two files that say a key cloud-init takes one; what is merged here has both.
  const keys = maps.flatMap((map) => Object.keys(map));
  if (new Set(keys).size < keys.length) return false;
  const texts: CloudInitData[] = parts.filter((part) => typeof part === 'string');
  const merged = maps.length > 0 ? [maps.reduce(mergeCloudConfig)] : [];
  return JSON.stringify([...merged, ...texts]) === JSON.stringify(userData);
}

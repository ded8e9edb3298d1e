import { placeOf } from '../../origin.ts';
import { holdsNodeValue } from '../../site/fill-node-values.ts';
import { mergeCloudConfig } from '../../site/merge-cloud-config.ts';
import type { CloudInit, CloudInitData, Node } from '../../site/model.ts';
import { isCloudConfig, readCloudConfig } from '../../site/read-cloud-config.ts';

/** What was found of what nodes share: it never changes. */
const found = new WeakMap<CloudInit, boolean>();

/**
 * Says whether cloud-init finds nothing on a node but what its groups say, the same on each member. OpenCHAMI's cloud-init server
 * knows nothing else; what else there is takes its place there as a whole.
 */
export function isOfGroupsAlone(node: Node): boolean {
  const { cloudInit } = node;
  if (!cloudInit) return false;
  const known = found.get(cloudInit) ?? compare(node, cloudInit);
  found.set(cloudInit, known);
  return known;
}

function compare({ groups }: Node, { userData, vendorData }: CloudInit): boolean {
  if (vendorData.length > 0 || groups.some((group) => holdsNodeValue(group.userData))) return false;
  const parts = groups.flatMap((group) => {
    const { userData: data } = group;
    if (data === undefined) return [];
    if (typeof data === 'object' || !isCloudConfig(data)) return [data];
    return [readCloudConfig(data, placeOf(group, 'userData')) ?? data];
  });
  const maps = parts.filter((part) => typeof part === 'object');
  const texts: CloudInitData[] = parts.filter((part) => typeof part === 'string');
  const merged = maps.length > 0 ? [maps.reduce(mergeCloudConfig)] : [];
  return JSON.stringify([...merged, ...texts]) === JSON.stringify(userData);
}

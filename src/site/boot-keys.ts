import { hasLocation, locationOf } from '../source/origin.ts';
import { locationKey } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import type { BootInput, Node } from './model.ts';

/** Names for what a node boots, after "cn01 boots". */
export const BOOTED: Readonly<Record<Node['os'], string>> = {
  harvester: 'Harvester',
  linux: 'Linux',
  iscsi: 'an iSCSI disk',
  local: 'its disk',
};

/** Keys that only Linux reads; of the values of `loader`, only GRUB. The installer of Harvester reads `args`, too. */
const OF_LINUX = ['kernel', 'initrd', 'root', 'args', 'loader'] as const;

/** Keys that only Harvester reads. */
const OF_HARVESTER = ['disk', 'consoles'] as const;

/** Keys that apply only to iSCSI disks. */
const OF_ISCSI = [
  'image',
  'size',
  'target',
  'server',
  'port',
  'lun',
  'initiator',
  'chap',
  'fallback',
] as const;

/** The keys of `boot` that apply only to some systems. */
export const BOOT_KEYS = [...OF_LINUX, ...OF_ISCSI, ...OF_HARVESTER, 'arch'] as const;

export type BootKey = (typeof BOOT_KEYS)[number];

/** Whether a key of `boot` describes an iSCSI disk. */
export function isOfIscsi(key: string): boolean {
  return (OF_ISCSI as readonly string[]).includes(key);
}

/** Whether only Harvester reads a key of `boot`. */
export function isOfHarvester(key: string): boolean {
  return (OF_HARVESTER as readonly string[]).includes(key);
}

/** Whether a key of `boot` applies to what a node boots. */
export function isBootKeyOf(key: BootKey, os: Node['os'], boot: BootInput): boolean {
  if (key === 'loader') return os === 'linux' || boot.loader !== 'grub';
  if (key === 'arch') return os !== 'harvester';
  if (isOfHarvester(key)) return os === 'harvester';
  if (key === 'args') return os === 'linux' || os === 'harvester';
  if (!isOfIscsi(key)) return os === 'linux';
  return os === 'iscsi' || (os === 'harvester' && boot.disk === 'iscsi' && key !== 'image');
}

type Nodes = readonly (Draft<Node> | undefined)[];

/** Returns the locations of keys of `boot` that apply to at least one node. All nodes of a layer share its values, including `os`. */
export const usedBootKeys = onceFor((nodes: Nodes): ReadonlySet<string> => {
  const osOf = new Map(nodes.map((node) => [node?.boot as BootInput | undefined, node?.os]));
  const used = [...osOf].flatMap(([boot, os]) =>
    boot && os
      ? BOOT_KEYS.flatMap((key) =>
          hasLocation(boot, key) && isBootKeyOf(key, os, boot) ? locationKey(locationOf(boot, key)) : [],
        )
      : [],
  );
  return new Set(used);
});

/** Returns the nodes whose boot sets a kernel or an image without `os: linux` or `os: iscsi`. Cached for several rules. */
export const nodesWithoutOs = onceFor((nodes: Nodes): ReadonlySet<Draft<Node>> => {
  const used = usedBootKeys(nodes);
  const lacking = nodes.flatMap((node) => {
    const { os, boot } = node ?? {};
    if (!node || os !== 'harvester' || !boot || hasLocation(boot, 'os') || hasLocation(boot, 'disk'))
      return [];
    const key = (['kernel', 'image', 'target'] as const).find((name) => hasLocation(boot, name));
    return key === undefined || used.has(locationKey(locationOf(boot, key))) ? [] : [node];
  });
  return new Set(lacking);
});

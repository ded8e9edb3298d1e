import { availability, configSchema, follow } from '../knowledge/config-schema.ts';
import { diskMinima, sparesWitness } from '../knowledge/harvester.ts';
import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import { lacks, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { parseSize } from '../values/size.ts';
import { plainPath } from '../values/text.ts';
import type { Version } from '../values/version.ts';
import { iscsiDevice } from './iscsi.ts';
import type { Disk, Domain, DomainDisk, Facts, Node } from './model.ts';

type Install = NonNullable<HarvesterConfig['install']>;
type WipeKey = 'wipe_disks' | 'wipe_all_disks' | 'wipe_disks_list';

/** A disk in a configuration: the key below `install`, the name of the disk, and its source location. */
export interface DiskUse {
  readonly key: 'device' | 'data_disk' | 'wipe_disks_list';
  readonly name: string;
  readonly at: () => SourceLocation;
}

/** Returns each disk in a node's configuration: the device, the data disk, and those that its release wipes. */
export function usedDisks(node: Draft<Node>): DiskUse[] {
  const install = node.config?.install;
  if (!install) return [];
  const named = (['device', 'data_disk'] as const).flatMap((key): DiskUse[] => {
    const name = install[key];
    return name === undefined ? [] : [{ key, name, at: () => locationOf(install, key) }];
  });
  const list: readonly (string | undefined)[] = effectiveWipe(node, 'wipe_disks_list') ?? [];
  const wiped = list.flatMap((name, index): DiskUse[] =>
    name === undefined ? [] : [{ key: 'wipe_disks_list', name, at: () => locationOf(list, index) }],
  );
  return [...named, ...wiped];
}

/** Returns the value of one of the keys that wipe disks in a node's configuration, if its release has that key. */
export function effectiveWipe<K extends WipeKey>(node: Draft<Node>, key: K): Draft<Install[K]> | undefined {
  const set = node.config?.install?.[key] as Draft<Install[K]> | undefined;
  if (set === undefined) return undefined;
  const release = node.cluster?.version;
  const schema = configSchema().properties?.install?.properties?.[key];
  if (!release || !schema) return undefined;
  return availability(follow(schema), release) === 'present' ? set : undefined;
}

/** Returns the disk that a machine declares under a name, either the path or the alias. */
export function declaredDisk({ disks }: Draft<Facts>, name: string): Draft<Disk> | undefined {
  const path = plainPath(name);
  return disks?.find((disk) => disk && namesOf(disk).some((name) => plainPath(name) === path));
}

/** Returns the disk of a domain by a name in the machine: the persistent one, or the kernel's. */
export function domainDisk(domain: Draft<Domain> | undefined, name: string): Draft<DomainDisk> | undefined {
  const path = plainPath(name);
  return domain?.disks?.find((disk) => disk && (disk.device === path || `/dev/${disk.target}` === path));
}

/** Returns every known name of a declared disk. */
export function namesOf({ path, aliases = [] }: Draft<Disk>): string[] {
  return [path, ...aliases].filter((name) => name !== undefined);
}

/** A disk's declared size in its original form, with its source location. */
export interface DiskSize {
  readonly text: string;
  readonly bytes: number;
  readonly at: SourceLocation;
}

/**
 * Returns the declared size of a node's device or data disk. A virtual machine that declares no disk names has its disks in
 * the listed order: the device, then the data disk.
 */
export function sizeOf(node: Draft<Node>, key: 'device' | 'data_disk'): DiskSize | undefined {
  const { facts, domain, iscsi } = node;
  const name = node.config?.install?.[key];
  if (iscsi && name !== undefined && name === iscsiDevice(iscsi)) return declaredSize(iscsi);
  if (!facts || name === undefined) return undefined;
  const own = domainDisk(domain, name);
  const position = domain?.disks?.findIndex((disk) => disk !== undefined && disk === own) ?? -1;
  return declaredSize(
    lacks(facts, 'disks')
      ? facts.vm?.disks?.[position >= 0 ? position : key === 'device' ? 0 : 1]
      : declaredDisk(facts, name),
  );
}

function declaredSize(disk: { readonly size?: string | undefined } | undefined): DiskSize | undefined {
  const text = disk?.size;
  const bytes = text === undefined ? undefined : parseSize(text);
  return !disk || text === undefined || bytes === undefined
    ? undefined
    : { text, bytes, at: locationOf(disk, 'size') };
}

const NO_WHOLE_DISKS: readonly (readonly [form: RegExp, what: string])[] = [
  [/^\/dev\/(sd|vd|hd|xvd)[a-z]+\d+$/, 'a partition'],
  [/^\/dev\/(nvme\d+n\d+|mmcblk\d+)p\d+$/, 'a partition'],
  [/^\/dev\/disk\/(by-(id|path)|azure)\/.+-part\d+$/, 'a partition'],
  [/^\/dev\/disk\/by-part(uuid|label)\//, 'a partition'],
  [/^\/dev\/disk\/by-(uuid|label)\//, 'a file system'],
  [/^\/dev\/(md\d|md\/|disk\/by-id\/md-)/, 'a software RAID'],
  [/^\/dev\/(dm-|mapper\/|disk\/by-id\/(dm|lvm)-)/, 'a device-mapper volume'],
  [/^\/dev\/loop\d/, 'a loop device'],
  [/^\/dev\/nvme\d+$/, 'an NVMe controller'],
];

/** Returns what kind of device a name means if it cannot be a whole disk, or undefined if it may be one. */
export function otherThanDisk(name: string): string | undefined {
  const path = plainPath(name);
  return NO_WHOLE_DISKS.find(([form]) => form.test(path))?.[1];
}

/** Whether a disk's name is assigned at each boot, by the order in which disks respond. */
export function isUnstableName(name: string): boolean {
  return /^\/dev\/((sd|vd|hd|xvd)[a-z]+|nvme\d+n\d+|mmcblk\d+|disk\/by-diskseq\/\d+)$/.test(plainPath(name));
}

/** Returns the minimum sizes of a node's disks for its release, in whole GiB: 0 if there is no minimum. */
export function diskLimits(
  { config }: Draft<Node>,
  release: Version,
): Readonly<Record<'device' | 'data_disk', number>> {
  const install = config?.install ?? {};
  const { single, beside, dataDisk } = diskMinima(release);
  const isWitness = install.role === 'witness' && sparesWitness(release);
  const hasDataDisk = install.data_disk !== undefined && install.data_disk !== install.device;
  return {
    device: isWitness || hasDataDisk ? beside : single,
    data_disk: hasDataDisk && !isWitness ? dataDisk : 0,
  };
}

/** Returns the minimum size of a domain's disk in whole GiB, for the release that its node installs; 0 without one. */
export function leastSize(node: Draft<Node>, disk: Draft<DomainDisk>): number {
  const { os, domain, config, cluster } = node;
  const { version } = cluster ?? {};
  if (os !== 'harvester' || !version) return 0;
  const key = (['device', 'data_disk'] as const).find(
    (key) => domainDisk(domain, config?.install?.[key] ?? '') === disk,
  );
  return key ? diskLimits(node, version)[key] : 0;
}

import { availability } from '../knowledge/harvester/availability.ts';
import { configSchema, follow } from '../knowledge/harvester/config-schema.ts';
import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import { lacks, type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { plainPath } from '../values/plain-path.ts';
import { parseSize } from '../values/size.ts';
import { iscsiDevice } from './iscsi-disk.ts';
import type { Disk, Domain, DomainDisk, Facts, IscsiBoot, Node } from './model.ts';

type Install = NonNullable<HarvesterConfig['install']>;
type WipeKey = 'wipe_disks' | 'wipe_all_disks' | 'wipe_disks_list';

/** A disk as a configuration names it: under which key of `install`, how, and where. */
export interface DiskUse {
  readonly key: 'device' | 'data_disk' | 'wipe_disks_list';
  readonly name: string;
  readonly at: Place;
}

/** Gives each disk that a node's configuration names: the device, the data disk, and those that its release wipes. */
export function usedDisks(node: Draft<Node>): DiskUse[] {
  const install = node.config?.install;
  if (!install) return [];
  const uses: DiskUse[] = [];
  for (const key of ['device', 'data_disk'] as const) {
    const name = install[key];
    if (name !== undefined) uses.push(useOf(key, name, () => placeOf(install, key)));
  }
  const list: readonly (string | undefined)[] = effectiveWipe(node, 'wipe_disks_list') ?? [];
  for (const [index, name] of list.entries()) {
    if (name !== undefined) uses.push(useOf('wipe_disks_list', name, () => placeOf(list, index)));
  }
  return uses;
}

/** Where it is named, only those ask who find a fault. */
function useOf(key: DiskUse['key'], name: string, at: () => Place): DiskUse {
  return {
    key,
    name,
    get at() {
      return at();
    },
  };
}

/** Gives what a node's configuration says of one of the keys that wipe disks, if its release has that key. */
export function effectiveWipe<K extends WipeKey>(node: Draft<Node>, key: K): Draft<Install[K]> | undefined {
  const release = node.cluster?.version;
  const schema = configSchema().properties?.install?.properties?.[key];
  if (!release || !schema || availability(follow(schema), release) !== 'present') return undefined;
  return node.config?.install?.[key] as Draft<Install[K]> | undefined;
}

/** Gives the disk that a machine declares under a name, be it the path or an alias. */
export function declaredDisk({ disks }: Draft<Facts>, name: string): Draft<Disk> | undefined {
  const path = plainPath(name);
  return disks?.find((disk) => disk && namesOf(disk).some((one) => plainPath(one) === path));
}

/** Gives the disk of a domain that the machine knows by a name: the one that stays, or the kernel's. */
export function domainDisk(domain: Draft<Domain> | undefined, name: string): Draft<DomainDisk> | undefined {
  const path = plainPath(name);
  return domain?.disks?.find((disk) => disk && (disk.device === path || `/dev/${disk.target}` === path));
}

/** Gives every name of a declared disk that is known. */
export function namesOf({ path, aliases = [] }: Draft<Disk>): string[] {
  return [path, ...aliases].filter((name) => name !== undefined);
}

/** A disk's declared size, as it is written, and where. */
export interface DiskSize {
  readonly text: string;
  readonly bytes: number;
  readonly at: Place;
}

/**
 * Gives the declared size of the disk that is a node's device or data disk. A virtual machine that declares no names
 * of disks has them in the order in which it lists them: the device, then the data disk.
 */
export function sizeOf(node: Draft<Node>, key: 'device' | 'data_disk'): DiskSize | undefined {
  const { facts, domain, iscsi } = node;
  const name = node.config?.install?.[key];
  if (iscsi && name !== undefined && name === iscsiDevice(iscsi)) return sizeOfIscsi(iscsi);
  if (!facts || name === undefined) return undefined;
  const own = domainDisk(domain, name);
  const place = domain?.disks?.findIndex((one) => one !== undefined && one === own) ?? -1;
  const disk = lacks(facts, 'disks')
    ? facts.vm?.disks?.[place >= 0 ? place : key === 'device' ? 0 : 1]
    : declaredDisk(facts, name);
  const text = disk?.size;
  const bytes = text === undefined ? undefined : parseSize(text);
  if (!disk || text === undefined || bytes === undefined) return undefined;
  return { text, bytes, at: placeOf(disk, 'size') };
}

function sizeOfIscsi(iscsi: Draft<IscsiBoot>): DiskSize | undefined {
  const text = iscsi.size;
  const bytes = text === undefined ? undefined : parseSize(text);
  return text === undefined || bytes === undefined ? undefined : { text, bytes, at: placeOf(iscsi, 'size') };
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

/** Says what a device is whose name shows that it is no whole disk; undefined where it may be one. */
export function otherThanDisk(name: string): string | undefined {
  const path = plainPath(name);
  return NO_WHOLE_DISKS.find(([form]) => form.test(path))?.[1];
}

/** Says whether a disk's name is given anew at each boot: which disk has it depends on which one answers first. */
export function isUnstableName(name: string): boolean {
  return /^\/dev\/((sd|vd|hd|xvd)[a-z]+|nvme\d+n\d+|mmcblk\d+|disk\/by-diskseq\/\d+)$/.test(plainPath(name));
}

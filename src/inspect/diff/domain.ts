import { HOST_SETUP } from '../../tree/paths.ts';
import { installConsequence } from './boots.ts';
import {
  type BootChange,
  bootChange,
  type NodeChange,
  nodeChange,
  type SiteChange,
  type Trees,
} from './change.ts';
import { type DomainFacts, installs, type NodeFacts, type SiteFacts } from './facts.ts';
import { describeChange, isSame, otherKeys, type Plain, pairItems } from './values.ts';

/* The libvirt domain of a node. */

const WORDS: Readonly<Record<string, string>> = {
  vcpus: 'virtual CPUs',
  memory_mib: 'memory (MiB)',
  uuid: 'UUID',
  'vnc.listen': 'VNC address',
  'vnc.port': 'VNC port',
  'vnc.websocket': 'VNC port for browsers',
};

/** Keys that are derived from the MAC address of the node. */
const OF_MAC = /^domain\.(uuid|disks\.\w+\.(serial|wwn|device))$/;

/** The images of a disk that was removed earlier are still on the host. */
const BLANK = 'blank unless the host still has it';

/** A disk before and after: undefined if it is new or gone. */
type DiskPair = readonly [old: Plain | undefined, now: Plain | undefined];

/** Pairs the disks of a domain: by the same file, then by the same serial number; those of another machine by their target. */
function diskPairs(old: DomainFacts, now: DomainFacts): DiskPair[] {
  const key = old.uuid === now.uuid ? 'serial' : 'target';
  return pairItems(old.disks, now.disks, [(a, b) => a.file === b.file, (a, b) => a[key] === b[key]]);
}

/**
 * Whether host-setup.sh keeps the image of a disk. It finds an image by its name, and renames it by the disk's serial number;
 * another directory or format is another image.
 */
function keepsImage([old, now]: DiskPair, isSameMachine: boolean): boolean {
  if (!old || !now) return false;
  return old.file === now.file || (isSameMachine && isSameKind(old.file, now.file));
}

/** Whether two images are in one directory and have one format. */
function isSameKind(from: unknown, to: unknown): boolean {
  return isSame(partsOf(from), partsOf(to));
}

function partsOf(file: unknown): readonly [folder: string, format: string] {
  const [, folder = '', format = ''] = /^(.*)\/[^/]*\.(\w+)$/.exec(String(file)) ?? [];
  return [folder, format];
}

/** Describes a new image file and its directory. Omits the file name, so that several nodes have the same text. */
function newImage(old: unknown, now: unknown): string {
  const [[from, was], [to, is]] = [partsOf(old), partsOf(now)];
  if (from !== to) return `a new image in ${to}, ${BLANK}; the old image stays in ${from}`;
  return `a new image${was === is ? '' : ` (${is})`}, ${BLANK}; the old image stays on the host`;
}

/** Returns the system disk of a domain: the first in the boot order, in older trees the first disk. */
function systemDisk({ disks, order }: DomainFacts): Plain | undefined {
  const first = order.find((device) => disks.some(({ target }) => target === device));
  return disks.find(({ target }) => target === first) ?? disks[0];
}

/**
 * Reports that the system disk of a node is an image that does not exist yet. Either the node is a new domain, or its name,
 * format or host disk requires another file. The old image stays.
 */
export function newDiskChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const [old, now] = [before.domain, after.domain];
  if (!now) return undefined;
  const [was, disk] = [old && systemDisk(old), systemDisk(now)];
  const kept = (old ? diskPairs(old, now) : []).filter((pair) => keepsImage(pair, old?.uuid === now.uuid));
  if (old && (!was || !disk || kept.some(([, same]) => same === disk))) return undefined;
  const file = kept.find(([same]) => same === was)?.[1]?.file ?? was?.file;
  const what = old
    ? `its system disk is ${newImage(file, disk?.file)}`
    : 'it is now a domain on the host, its disks blank unless the host still has them';
  const sides = { key: `domain.disks.${disk?.target}.file`, before: file, after: disk?.file };
  if (!installs(after)) return bootChange('boots-otherwise', 'domain', 'boot', what, sides);
  return bootChange(installConsequence(after), 'domain', 'boot', `will install: ${what}`, sides);
}

/** Returns the changes of a node's libvirt domain, except a new system disk. */
export function domainChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [old, now] = [before.domain, after.domain];
  if (!old) return []; // newDiskChange reports a new domain
  if (!now) {
    const text = 'its domain is powered off and removed from the host; its images stay';
    return [nodeChange('domain', 'boot', text)];
  }
  const pairs = diskPairs(old, now);
  const systemKey = newDiskChange(before, after)?.key;
  const isOtherMac = before.mac !== after.mac || before.site !== after.site;
  const isKept = (pair: DiskPair) => keepsImage(pair, old.uuid === now.uuid);
  return [
    ...otherKeys(old.values, now.values).map((key) =>
      keyChange(key, WORDS[key] ?? key, old.values[key], now.values[key]),
    ),
    // Otherwise the order is derived from install.
    ...(before.install === after.install ? orderChange(old, now, pairs) : []),
    ...pairs.flatMap((pair) => (isKept(pair) ? renamedImage(pair) : [])),
    ...pairs.flatMap((pair) => diskChanges(pair, isKept(pair), after.install === 'always', now)),
  ].filter(({ key = '' }) => key !== systemKey && !(isOtherMac && OF_MAC.test(key)));
}

/** Reports that the image of a disk gets another name, for example that of a renamed node. */
function renamedImage([old, now]: DiskPair): NodeChange[] {
  if (old?.file === now?.file) return [];
  const text = `disk ${now?.target} keeps its content: ${HOST_SETUP} renames its image`;
  const key = `domain.disks.${now?.target}.file`;
  return [nodeChange('domain', 'restart', text, { key, before: old?.file, after: now?.file })];
}

function diskChanges(
  [old, now]: DiskPair,
  isKept: boolean,
  isAlways: boolean,
  domain: DomainFacts,
): NodeChange[] {
  const target = now?.target ?? goneTarget(old, domain);
  const changed = (text: string) =>
    nodeChange('domain', 'restart', `disk ${target} is ${text}`, {
      key: `domain.disks.${target}.file`,
      before: old?.file,
      after: now?.file,
    });
  if (!old) return [changed(`new: ${BLANK}`)];
  if (!now) return [changed('gone; its image stays on the host')];
  // A kept image keeps its WWN unless the machine is installed again; a new image already has its size and format.
  const ofHost = !isAlways && old.wwn && now.wwn ? ['file', 'wwn', 'device'] : ['file'];
  const ignored = ['target', ...(isKept ? ofHost : ['size_bytes', 'format'])];
  return otherKeys(old, now).flatMap((key) => {
    if (ignored.includes(key)) return [];
    if (key === 'file') return [changed(newImage(old.file, now.file))];
    const words = `disk ${target}: ${key.replace('_bytes', '')}`;
    return [keyChange(`disks.${target}.${key}`, words, old[key], now[key])];
  });
}

/** Returns the name of a disk that is gone: its old target, unless another disk has that now. */
function goneTarget(disk: Plain | undefined, { disks }: DomainFacts): unknown {
  const isTaken = disks.some(({ target }) => target === disk?.target);
  return isTaken ? String(disk?.serial).replace(/\W/g, '_') : disk?.target;
}

function keyChange(key: string, words: string, before: unknown, after: unknown): NodeChange {
  const text = key.endsWith('.size_bytes')
    ? `${words} ${describeChange(sizeText(before), sizeText(after))}; an existing image keeps its size`
    : `${words} ${describeChange(before, after)}`;
  return nodeChange('domain', 'restart', text, { key: `domain.${key}`, before, after });
}

function sizeText(bytes: unknown): unknown {
  if (typeof bytes !== 'number') return bytes;
  return bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30}Gi` : bytes % 1e9 === 0 ? `${bytes / 1e9}GB` : bytes;
}

/** Reports another boot order, without new and gone devices. Trees of older versions do not contain the order. */
function orderChange(old: DomainFacts, now: DomainFacts, pairs: readonly DiskPair[]): NodeChange[] {
  const targets = new Map(pairs.map(([was, is]) => [was?.target, is?.target ?? goneTarget(was, now)]));
  const from = old.order.map((device) => String(targets.get(device) ?? device));
  const before = from.filter((device) => now.order.includes(device));
  const after = now.order.filter((device) => from.includes(device));
  if (isSame(before, after)) return [];
  const text = `boot order: ${before.join(', ')} → ${after.join(', ')}`;
  return [
    nodeChange('domain', 'restart', text, { key: 'domain.boot_order', before: from, after: now.order }),
  ];
}

const EXPLAINS: readonly string[] = ['name', 'install', 'mac', 'nic', 'firmware', 'domain'];

/** Reports a changed domain definition that no other change explains: its networks, a template, another harvgen version. */
export function definitionChange(
  { definition: from }: NodeFacts,
  { definition: to }: NodeFacts,
  found: readonly NodeChange[],
): NodeChange[] {
  if (from === undefined || to === undefined || from === to) return [];
  if (found.some(({ what }) => EXPLAINS.includes(what))) return [];
  return [nodeChange('domain', 'restart', 'its domain definition changes: see the patch')];
}

/**
 * Reports the disks whose image would get the name of another disk's image: host-setup.sh then changes neither the image nor the
 * machine. A disk is known by the UUID of its machine and its serial number.
 */
export function heldDisks({ before, after }: Trees): SiteChange[] {
  const [old, now] = [disksById(before), disksById(after)];
  const owners = new Map([...old].map(([id, { disk }]) => [disk.file, id]));
  const files = new Set([...now.values()].map(({ disk }) => disk.file));
  return [...now].flatMap(([id, { node, disk }]): SiteChange[] => {
    const { target, file } = disk;
    const was = old.get(id)?.disk.file;
    const owner = owners.get(file);
    const isRenamed = was !== undefined && was !== file && isSameKind(was, file);
    const isHeld = isRenamed
      ? owner !== undefined || files.has(was)
      : was === undefined && owner !== undefined && now.has(owner);
    if (!isHeld) return [];
    const how = owner
      ? `disk ${target} of ${node} gets the image name of another disk`
      : `another disk gets the image name of disk ${target} of ${node}`;
    const text = `${how}: ${HOST_SETUP} does not define ${node} again; choose an unused name`;
    const key = `domain.disks.${target}.file`;
    return [{ what: 'disk-name', name: node, key, before: was, after: file, text }];
  });
}

function disksById({ nodes }: SiteFacts) {
  const all = [...nodes.values()].flatMap(({ name: node, domain }) =>
    (domain?.disks ?? []).map((disk) => [`${domain?.uuid} ${disk.serial}`, { node, disk }] as const),
  );
  return new Map(all);
}

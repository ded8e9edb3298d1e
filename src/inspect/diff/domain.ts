import { HOST_SETUP } from '../../tree/paths.ts';
import { installConsequence } from './boots.ts';
import { type Found, type NodeChange, nodeChange, type Pair, type SiteChange, type Trees } from './change.ts';
import { type DomainFacts, installs, type SiteFacts } from './facts.ts';
import { describeChange, isSame, otherKeys, type Plain, pairItems } from './values.ts';

/* The libvirt domain of a node. */

const WORDS = new Map([
  ['vcpus', 'virtual CPUs'],
  ['memory_mib', 'memory (MiB)'],
  ['uuid', 'UUID'],
  ['vnc.listen', 'VNC address'],
  ['vnc.port', 'VNC port'],
  ['vnc.websocket', 'VNC port for browsers'],
]);

/** Keys that are derived from the MAC address of the node. */
const OF_MAC = /^domain\.(uuid|disks\.\w+\.(serial|wwn|device))$/;

/** The images of a disk that was removed earlier are still on the host. */
const BLANK = 'blank unless the host still has it';

/**
 * Pairs the disks of a domain by file, then by serial number; those of another machine by target. host-setup.sh renames an image by
 * the serial number; another directory or format is another image. A gone disk has its old target as name, unless that is taken.
 */
function diskPairs(before: DomainFacts, after: DomainFacts) {
  const isSameMachine = before.uuid === after.uuid;
  const key = isSameMachine ? 'serial' : 'target';
  const rules = [(a: Plain, b: Plain) => a.file === b.file, (a: Plain, b: Plain) => a[key] === b[key]];
  return pairItems(before.disks, after.disks, rules).map(([old, now]) => {
    const isKept =
      old && now ? old.file === now.file || (isSameMachine && isSameKind(old.file, now.file)) : false;
    const isTaken = after.disks.some(({ target }) => target === old?.target);
    const name = now?.target ?? (isTaken ? String(old?.serial).replace(/\W/g, '_') : old?.target);
    return { old, now, isKept, name };
  });
}

type DiskPair = ReturnType<typeof diskPairs>[number];

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

/** Reports that the system disk of a node is an image that does not exist yet: of a new domain, or in another file. One change or none. */
export function newDiskChange({ before, after }: Pair): Found[] {
  const [old, now] = [before.domain, after.domain];
  if (!now) return [];
  const [was, disk] = [old && systemDisk(old), systemDisk(now)];
  const kept = (old ? diskPairs(old, now) : []).filter(({ isKept }) => isKept);
  if (old && (!was || !disk || kept.some((pair) => pair.now === disk))) return [];
  const file = kept.find((pair) => pair.old === was)?.now?.file ?? was?.file;
  const text = old
    ? `its system disk is ${newImage(file, disk?.file)}`
    : 'it is now a domain on the host, its disks blank unless the host still has them';
  const sides = { key: `domain.disks.${disk?.target}.file`, before: file, after: disk?.file };
  if (!installs(after)) return [nodeChange('domain', 'boot', text, sides)];
  const consequence = installConsequence(after);
  return [nodeChange('domain', 'boot', `will install: ${text}`, { ...sides, consequence })];
}

/** Returns the changes of a node's libvirt domain, except a new system disk. */
export function domainChanges(pair: Pair): Found[] {
  const { before, after } = pair;
  const [old, now] = [before.domain, after.domain];
  if (!old) return []; // newDiskChange reports a new domain
  if (!now)
    return [
      nodeChange('domain', 'boot', 'its domain is powered off and removed from the host; its images stay'),
    ];
  const pairs = diskPairs(old, now);
  const systemKey = newDiskChange(pair)[0]?.key;
  const isOtherMac = before.mac !== after.mac || before.site !== after.site;
  return [
    ...otherKeys(old.values, now.values).map((key) =>
      keyChange(key, WORDS.get(key) ?? key, old.values[key], now.values[key]),
    ),
    // Otherwise the order is derived from install.
    ...(before.install === after.install ? orderChange(old, now, pairs) : []),
    ...pairs.flatMap((disks) => diskChanges(disks, after.install === 'always')),
  ].filter(({ key = '' }) => key !== systemKey && !(isOtherMac && OF_MAC.test(key)));
}

function diskChanges({ old, now, isKept, name }: DiskPair, isAlways: boolean): Found[] {
  const sides = { key: `domain.disks.${name}.file`, before: old?.file, after: now?.file };
  const changed = (text: string) => nodeChange('domain', 'restart', `disk ${name} ${text}`, sides);
  if (!old) return [changed(`is new: ${BLANK}`)];
  if (!now) return [changed('is gone; its image stays on the host')];
  // A kept image keeps its WWN unless the machine is installed again; a new image already has its size and format.
  const ofHost = !isAlways && old.wwn && now.wwn ? ['wwn', 'device'] : [];
  const ignored = ['target', ...(isKept ? ofHost : ['size_bytes', 'format'])];
  return otherKeys(old, now).flatMap((key) => {
    if (ignored.includes(key)) return [];
    if (key !== 'file')
      return [
        keyChange(`disks.${name}.${key}`, `disk ${name}: ${key.replace('_bytes', '')}`, old[key], now[key]),
      ];
    const renamed = `keeps its content: ${HOST_SETUP} renames its image`;
    return [changed(isKept ? renamed : `is ${newImage(old.file, now.file)}`)];
  });
}

function keyChange(key: string, words: string, before: unknown, after: unknown): Found {
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
function orderChange(old: DomainFacts, now: DomainFacts, pairs: readonly DiskPair[]): Found[] {
  const names = new Map(pairs.map((pair) => [pair.old?.target, pair.name]));
  const from = old.order.map((device) => String(names.get(device) ?? device));
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
  { before: { definition: from }, after: { definition: to } }: Pair,
  found: readonly NodeChange[],
): Found[] {
  if (from === undefined || to === undefined || from === to) return [];
  if (found.some(({ what }) => EXPLAINS.includes(what))) return [];
  return [nodeChange('domain', 'restart', 'its domain definition changes: see the patch')];
}

/** Reports disks whose image would get the name of another disk's image: host-setup.sh then changes neither the image nor the machine. */
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

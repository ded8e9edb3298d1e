import { recreatesCluster } from '../../site/clusters.ts';
import { driveText } from '../../site/disks.ts';
import { HOST_SETUP } from '../../tree/paths.ts';
import { type BootChange, bootChange, type Consequence, type NodeChange, nodeChange } from './change.ts';
import {
  installs,
  isAlwaysInstalled,
  isDerivedText,
  type LinuxFacts,
  type NodeFacts,
  stepOf,
} from './facts.ts';
import { diskStays, iscsiText } from './iscsi.ts';
import { isSame, otherKeys, type Plain, turn } from './values.ts';

/** Reports the first boot of a new node. */
export function newNode(node: NodeFacts): BootChange {
  const { text, consequence } = firstBoot(node);
  return bootChange(consequence, 'new', 'boot', `new: ${text}`, { after: node.mac ?? node.ip });
}

/** Reports the first boot of a node that moved from another site, where it was `before`. */
export function movedNode(before: NodeFacts, after: NodeFacts, from: string, to: string): BootChange {
  const { text, consequence } = firstBoot(after);
  const moved = (how: string, effect: Consequence) =>
    bootChange(effect, 'moved-from', 'boot', `moved from ${from}${how}`, { before: from, after: to });
  // Only an installed Harvester stays unchanged under every firmware.
  if (consequence !== 'installs' || before.os !== 'harvester') return moved(`: ${text}`, consequence);
  const disk = "its disk has that site's system: to reinstall it, set install: always once";
  return moved(` (${disk})`, 'boots-otherwise');
}

function firstBoot(node: NodeFacts): { readonly text: string; readonly consequence: Consequence } {
  if (!installs(node)) {
    const text = `boots ${node.os === 'harvester' ? 'its disk' : osText(node)}`;
    return { text, consequence: 'boots-otherwise' };
  }
  const harvester = node.release === undefined ? 'Harvester' : `Harvester ${node.release}`;
  const cluster = node.cluster === undefined ? '' : ` and ${node.mode ?? 'join'} cluster ${node.cluster}`;
  const isAlways = isAlwaysInstalled(node);
  const when = `at its first boot${isAlways ? ' and again at every later boot, wiping its disk' : `, ${ifEmpty(node)}`}`;
  return { text: `will install ${harvester}${cluster} ${when}`, consequence: consequenceOf(node) };
}

/** Reports that a node boots another system or installs at other times; returns undefined for other nodes. */
export function systemChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  return osChange(before, after) ?? installChange(before, after);
}

/** Returns the consequence for a node that installs. */
function consequenceOf({ install }: NodeFacts): Consequence {
  return install === 'always' ? 'reinstalls' : 'installs';
}

function osChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const step = stepOf(before, after, 'os');
  if (!step) return undefined;
  const left = after.os === 'linux' || after.os === 'iscsi' ? '; its disk stays unchanged' : '';
  // A disk in the store does not belong to the machine.
  const stays = before.iscsi?.disk === undefined ? left : diskStays(before, after);
  const text = `boots ${osText(after)} instead of ${osText(before)}${stays}`;
  if (!installs(after)) return bootChange('boots-otherwise', 'os', 'boot', text, step);
  return bootChange(consequenceOf(after), 'os', 'boot', `${text}: ${willInstall(after)}`, step);
}

function installChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const step = stepOf(before, after, 'install');
  if (!step) return undefined;
  const { before: from, after: to } = step;
  const how = `install: ${from} → ${to}`;
  // A node that does not boot Harvester installs nothing, whatever `install` is set to.
  if (after.os !== 'harvester') return bootChange('none', 'install', 'inventory', how, step);
  const isLess = to === 'never' || from === 'always';
  const rarer = `no longer wiped at each boot: boots its disk, or installs ${ifEmpty(after)}`;
  const text = to === 'never' ? 'only boots its disk' : isLess ? rarer : willInstall(after);
  const consequence = isLess ? 'boots-otherwise' : consequenceOf(after);
  return bootChange(consequence, 'install', 'boot', `${text} (${how})`, step);
}

/** Returns when `install: once` installs. Under UEFI, iPXE looks for Harvester only; under BIOS, any boot sector counts. */
export function ifEmpty({ firmware }: NodeFacts): string {
  return `if its disk has no ${firmware === 'bios' ? 'system' : 'Harvester'}`;
}

function willInstall(node: NodeFacts): string {
  return node.install === 'always'
    ? `will be wiped and reinstalled at its next and every later boot from the network${recreatesCluster(node)}`
    : `will install ${ifEmpty(node)}`;
}

function osText(node: NodeFacts): string {
  const { os = 'another script' } = node;
  if (os === 'linux') return linuxText(node);
  if (os === 'iscsi') return iscsiText(node);
  return os === 'harvester' ? 'Harvester' : os === 'local' ? 'its disk' : os;
}

/**
 * Reports that a node boots another disk, or looks for its system on another one. A BIOS boots the disk that is set (default:
 * the first). Under UEFI, iPXE tries that disk first; without Harvester, the firmware chooses unless a disk is set.
 */
export function driveChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const [from, to] = [before.drive, after.drive];
  // A node that boots Linux tries no disk; for an iSCSI disk, localDiskChange reports the fallback.
  if (from === to || after.os === 'linux' || after.os === 'iscsi' || after.iscsi) return undefined;
  const changed = (effect: 'boot' | 'inventory', consequence: Consequence, text: string) =>
    bootChange(consequence, 'drive', effect, text, { before: from, after: to });
  const [old, now] = [driveText(from), driveText(to)];
  if (isAlwaysInstalled(after)) {
    const [was, is] = [from === undefined ? 'not set' : old, to === undefined ? 'not set' : now];
    const why = 'unused, because the node is reinstalled at every boot';
    return changed('inventory', 'none', `boot disk ${was} → ${is}: ${why}`);
  }
  if (after.firmware !== 'bios') return changed('boot', 'boots-otherwise', byUefi(from, to, after));
  if (old === now) {
    const how = to === undefined ? 'no longer set' : 'now set';
    return changed('inventory', 'none', `boot disk ${how}: under BIOS it stays ${old}`);
  }
  if (!installs(after)) return changed('boot', 'boots-otherwise', `boots disk ${now} instead of ${old}`);
  const text = `looks for its system on disk ${now} instead of ${old}: will install if that disk has no system`;
  return changed('boot', 'installs', text);
}

function byUefi(from: number | undefined, to: number | undefined, { os }: NodeFacts): string {
  const [old, now] = [driveText(from), driveText(to)];
  if (os !== 'harvester') {
    if (to === undefined) return `boots the disk that its firmware chooses instead of ${old}`;
    return `boots disk ${now}${from === undefined ? ' instead of the disk that its firmware chooses' : ` instead of ${old}`}`;
  }
  if (to === undefined) return `looks for its system on every disk, no longer on ${old} first`;
  const instead = from === undefined ? '' : ` instead of ${old}`;
  return `looks for its system on disk ${now} first${instead}, then on every other disk`;
}

const OF_LINUX = {
  loader: 'boot loader',
  kernel: 'kernel',
  initrds: 'initrds',
  squashfs: 'root file system',
  args: 'kernel arguments',
} as const satisfies Partial<Record<keyof LinuxFacts, string>>;

/** Returns the changes of a node's Linux boot, except those that other changes of the node or the site cause. */
export function linuxChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [old, now] = [before.linux, after.linux];
  if (!old || !now) return [];
  return Object.entries(OF_LINUX).flatMap(([name, words]): NodeChange[] => {
    const key = name as keyof typeof OF_LINUX;
    const [from, to] = key === 'args' ? argsBeside(old, now) : [old[key], now[key]];
    if (isSame(from, to) || isDerivedText(lines(from), lines(to), before, after)) return [];
    const sides = { key, before: old[key], after: now[key] };
    return [nodeChange('linux', 'boot', `${words}: ${turn(from, to)}`, sides)];
  });
}

function argsBeside(old: LinuxFacts, now: LinuxFacts): (readonly string[])[] {
  const roots = old.squashfs === now.squashfs ? [] : [old.squashfs, now.squashfs];
  return [old, now].map(({ args }) => args.filter((arg) => !roots.some((url) => url && arg.includes(url))));
}

function linuxText({ linux, url }: NodeFacts): string {
  const images = `${url}/images/`;
  const { kernel } = linux ?? {};
  if (kernel === undefined) return 'Linux';
  return `Linux: ${kernel.startsWith(images) ? kernel.slice(images.length) : kernel}`;
}

function lines(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : (value ?? []).join('\n');
}

/* The libvirt domain of a node. */

const OF_MAC = /^(uuid|disks\.\w+\.(serial|wwn|device))$/;

const OF_DOMAIN: Readonly<Record<string, string>> = {
  vcpus: 'virtual CPUs',
  memory_mib: 'memory (MiB)',
  uuid: 'UUID',
  'vnc.listen': 'VNC address',
  'vnc.port': 'VNC port',
  'vnc.websocket': 'VNC port for browsers',
};

const BOOT_ORDER = 'boot_order';

/**
 * Reports that the system disk of a node is an image that does not exist yet. Either the node is a new domain, or its name,
 * format or host disk requires another file. The old image stays.
 */
export function newDiskChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  if (!after.domain) return undefined;
  const domain = alignedDisks(before, after);
  const key = `disks.${systemDisk(after.domain)}.file`;
  const [old, now] = [domain?.[`disks.${systemDisk(domain)}.file`], after.domain[key]];
  const had = domain && targetsOf(domain).some((target) => domain[`disks.${target}.file`] === now);
  if (domain && (old === undefined || now === undefined || had)) return undefined;
  const what = domain
    ? `its system disk is ${newImage(old, now)}`
    : 'it is now a domain on the host, its disks blank unless the host still has them';
  const sides = { key: `domain.${key}`, before: old, after: now };
  if (!installs(after)) return bootChange('boots-otherwise', 'domain', 'boot', what, sides);
  return bootChange(consequenceOf(after), 'domain', 'boot', `will install: ${what}`, sides);
}

/**
 * Returns the domain of a node before, with each disk under the target that the disk has afterwards. host-setup.sh finds the
 * image of a disk by its name. It renames an image by the disk's serial number, and the machine keeps the WWN.
 */
function alignedDisks({ domain: old }: NodeFacts, { domain: now, install }: NodeFacts): Plain | undefined {
  if (!old || !now) return old;
  const pairs = pairsOf(old, now);
  const targets = new Map(targetsOf(old).map((was) => [was, pairs.get(was) ?? freeTarget(was, old, now)]));
  const aligned = Object.entries(old).map(([key, value]): [string, unknown] => {
    const [, was = '', field = ''] = /^disks\.(\w+)\.(\w+)$/.exec(key) ?? [];
    const target = targets.get(was);
    if (key === BOOT_ORDER) return [key, orderOf(old).map((device) => targets.get(device) ?? device)];
    if (target === undefined) return [key, value];
    const isKept = keepsImage(old, was, now, target);
    const hasWwn = install !== 'always' && diskField(old, was, 'wwn') && diskField(now, target, 'wwn');
    const isOfHost = field === 'file' || (hasWwn && (field === 'wwn' || field === 'device'));
    return [`disks.${target}.${field}`, isKept && isOfHost ? diskField(now, target, field) : value];
  });
  return Object.fromEntries(aligned);
}

/** Returns the new target of each disk of a domain that is still there. */
function pairsOf(old: Plain, now: Plain): Map<string, string> {
  const of = diskField;
  const pairs = new Map<string, string>();
  const isFree = (target: string) => ![...pairs.values()].includes(target);
  const pair = (isSame: (was: string, is: string) => boolean) => {
    for (const was of targetsOf(old)) {
      const is = pairs.has(was)
        ? undefined
        : targetsOf(now).find((target) => isFree(target) && isSame(was, target));
      if (is !== undefined) pairs.set(was, is);
    }
  };
  pair((was, is) => of(old, was, 'file') === of(now, is, 'file'));
  if (old.uuid === now.uuid) pair((was, is) => of(old, was, 'serial') === of(now, is, 'serial'));
  else pair((was, is) => was === is);
  return pairs;
}

/** Returns a name for a disk that is gone: its old target, unless another disk has that now. */
function freeTarget(was: string, old: Plain, now: Plain): string {
  return targetsOf(now).includes(was) ? String(old[`disks.${was}.serial`]).replace(/\W/g, '_') : was;
}

/** Whether host-setup.sh keeps the image of a disk, renamed or not: another directory or format is another image. */
function keepsImage(old: Plain, was: string, now: Plain, is: string): boolean {
  const [from, to] = [diskField(old, was, 'file'), diskField(now, is, 'file')];
  return from === to || (old.uuid === now.uuid && isSameKind(from, to));
}

/** Whether two images are in one directory and have one format. */
export function isSameKind(from: unknown, to: unknown): boolean {
  return isSame(partsOf(from), partsOf(to));
}

function diskField(domain: Plain, target: string, field: string): unknown {
  return domain[`disks.${target}.${field}`];
}

/** Reports the disks whose images get another name, for example that of a renamed node. */
function renamedImages({ domain: old }: NodeFacts, { domain: now }: NodeFacts): NodeChange[] {
  if (!old || !now) return [];
  return [...pairsOf(old, now)].flatMap(([was, is]) => {
    const [before, after] = [diskField(old, was, 'file'), diskField(now, is, 'file')];
    if (before === after || !keepsImage(old, was, now, is)) return [];
    const text = `disk ${is} keeps its content: ${HOST_SETUP} renames its image`;
    return [nodeChange('domain', 'restart', text, { key: `domain.disks.${is}.file`, before, after })];
  });
}

/** Describes a new image file and its directory. Omits the file name, so that several nodes have the same text. */
function newImage(old: unknown, now: unknown): string {
  const [[from, was], [to, is]] = [partsOf(old), partsOf(now)];
  if (from !== to) return `a new image in ${to}, ${BLANK}; the old image stays in ${from}`;
  return `a new image${was === is ? '' : ` (${is})`}, ${BLANK}; the old image stays on the host`;
}

/** The images of a disk that was removed earlier are still on the host. */
const BLANK = 'blank unless the host still has it';

function partsOf(file: unknown): readonly [folder: string, format: string] {
  const [, folder = '', format = ''] = /^(.*)\/[^/]*\.(\w+)$/.exec(String(file)) ?? [];
  return [folder, format];
}

/** Returns the changes of a node's libvirt domain, except a new system disk. */
export function domainChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [old, now] = [alignedDisks(before, after), after.domain];
  if (!old) return []; // newDiskChange reports a new domain
  if (!now)
    return [
      nodeChange('domain', 'boot', 'its domain is powered off and removed from the host; its images stay'),
    ];
  const systemKey = newDiskChange(before, after)?.key;
  const isOtherMac = before.mac !== after.mac || before.site !== after.site;
  const keys = otherKeys(old, now).filter((key) => !key.startsWith('disks.') && key !== BOOT_ORDER);
  const order = before.install === after.install ? orderChange(old, now) : []; // otherwise it is derived from install
  const disks = [...new Set([...targetsOf(now), ...targetsOf(old)])];
  return [
    ...keys.map((key) => domainKeyChange(key, old, now)),
    ...order,
    ...renamedImages(before, after),
    ...disks.flatMap((target) => diskChange(target, old, now)),
  ].filter(({ key = '' }) => key !== systemKey && !(isOtherMac && OF_MAC.test(key.replace('domain.', ''))));
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

function diskChange(disk: string, old: Plain, now: Plain): NodeChange[] {
  const prefix = `disks.${disk}.`;
  const key = `${prefix}file`;
  const [from, to] = [old[key], now[key]];
  const changed = (text: string) =>
    nodeChange('domain', 'restart', `disk ${disk} is ${text}`, {
      key: `domain.${key}`,
      before: from,
      after: to,
    });
  if (from === undefined) return [changed(`new: ${BLANK}`)];
  if (to === undefined) return [changed('gone; its image stays on the host')];
  const keys = otherKeys(old, now).filter((one) => one.startsWith(prefix));
  // A new image already has its size and format.
  const others = keys.filter((one) => from === to || !/\.(size_bytes|format)$/.test(one));
  return others.map((one) => {
    if (one === key) return changed(newImage(from, to));
    return domainKeyChange(one, old, now, `disk ${disk}: ${one.slice(prefix.length).replace('_bytes', '')}`);
  });
}

function domainKeyChange(key: string, old: Plain, now: Plain, words = OF_DOMAIN[key] ?? key): NodeChange {
  const [before, after] = [old[key], now[key]];
  const text = key.endsWith('.size_bytes')
    ? `${words} ${turn(sizeText(before), sizeText(after))}; an existing image keeps its size`
    : `${words} ${turn(before, after)}`;
  return nodeChange('domain', 'restart', text, { key: `domain.${key}`, before, after });
}

function sizeText(bytes: unknown): unknown {
  if (typeof bytes !== 'number') return bytes;
  return bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30}Gi` : bytes % 1e9 === 0 ? `${bytes / 1e9}GB` : bytes;
}

/** Reports another boot order, without new and gone devices. Trees of older versions do not contain the order. */
function orderChange(old: Plain, now: Plain): NodeChange[] {
  const [from, to] = [orderOf(old), orderOf(now)];
  const before = from.filter((device) => to.includes(device));
  const after = to.filter((device) => from.includes(device));
  if (isSame(before, after)) return [];
  const text = `boot order: ${before.join(', ')} → ${after.join(', ')}`;
  return [nodeChange('domain', 'restart', text, { key: `domain.${BOOT_ORDER}`, before: from, after: to })];
}

/** Returns the boot order of a domain: disks by their bus target, and `network`. */
function orderOf(domain: Plain): string[] {
  const order = domain[BOOT_ORDER];
  return Array.isArray(order) ? order.map(String) : [];
}

/** Returns the bus target of the system disk: the first in the boot order, in older trees the first disk. */
function systemDisk(domain: Plain): string | undefined {
  const targets = targetsOf(domain);
  return orderOf(domain).find((device) => targets.includes(device)) ?? targets[0];
}

/** Returns the bus targets of a domain's disks. */
export function targetsOf(domain: Plain): string[] {
  return Object.keys(domain).flatMap((key) => /^disks\.(\w+)\.file$/.exec(key)?.[1] ?? []);
}

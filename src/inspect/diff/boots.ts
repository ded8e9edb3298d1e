import { createsAnew } from '../../site/clusters.ts';
import { driveText } from '../../site/disks.ts';
import { type BootChange, bootChange, type Consequence, type NodeChange, nodeChange } from './change.ts';
import {
  followsInText,
  installs,
  isAlwaysInstalled,
  type LinuxFacts,
  type NodeFacts,
  stepOf,
} from './facts.ts';
import { diskStays, iscsiText } from './iscsi.ts';
import { isSame, otherKeys, type Plain, turn } from './values.ts';

/** Says what a node does that was not there before. */
export function newNode(node: NodeFacts): BootChange {
  const { text, consequence } = firstBoot(node);
  return bootChange(consequence, 'new', 'boot', `new: ${text}`, { after: node.mac ?? node.ip });
}

/** Says what a node does that was one of another site before, where it was `before`. */
export function movedNode(before: NodeFacts, after: NodeFacts, from: string, to: string): BootChange {
  const { text, consequence } = firstBoot(after);
  const told = (how: string, comesTo: Consequence) =>
    bootChange(comesTo, 'moved-from', 'boot', `moved from ${from}${how}`, { before: from, after: to });
  // Only a system of Harvester is left alone by all firmware.
  if (consequence !== 'installs' || before.os !== 'harvester') return told(`: ${text}`, consequence);
  const disk = "its disk has that site's system: it is not installed anew unless install is always once";
  return told(` (${disk})`, 'boots-otherwise');
}

function firstBoot(node: NodeFacts): { readonly text: string; readonly consequence: Consequence } {
  if (!installs(node)) {
    const text = `boots ${node.os === 'harvester' ? 'its disk' : osText(node)}`;
    return { text, consequence: 'boots-otherwise' };
  }
  const harvester = node.release === undefined ? 'Harvester' : `Harvester ${node.release}`;
  const cluster = node.cluster === undefined ? '' : ` and ${node.mode ?? 'join'} cluster ${node.cluster}`;
  const isAlways = isAlwaysInstalled(node);
  const when = `at its first boot${isAlways ? ', and again at every one after, wiping its disk' : ', if its disk has no system'}`;
  return { text: `will install ${harvester}${cluster} ${when}`, consequence: consequenceOf(node) };
}

/** Says what a node does otherwise that boots something else, or installs at other times; undefined for any other. */
export function systemChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  return osChange(before, after) ?? installChange(before, after);
}

/** What it comes to that a node installs. */
function consequenceOf({ install }: NodeFacts): Consequence {
  return install === 'always' ? 'reinstalls' : 'installs';
}

function osChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const step = stepOf(before, after, 'os');
  if (!step) return undefined;
  const sides = { before: step.from, after: step.to };
  const left = after.os === 'linux' || after.os === 'iscsi' ? '; its disk is left alone' : '';
  // A disk in the store is not the machine's own.
  const stays = before.iscsi?.disk === undefined ? left : diskStays(before, after);
  const text = `boots ${osText(after)} instead of ${osText(before)}${stays}`;
  if (!installs(after)) return bootChange('boots-otherwise', 'os', 'boot', text, sides);
  return bootChange(consequenceOf(after), 'os', 'boot', `${text}: ${willInstall(after)}`, sides);
}

function installChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const step = stepOf(before, after, 'install');
  if (!step) return undefined;
  const { from, to } = step;
  const sides = { before: from, after: to };
  const how = `install: ${from} → ${to}`;
  // What boots something else than Harvester installs nothing, whatever is said of it.
  if (after.os !== 'harvester') return bootChange('none', 'install', 'inventory', how, sides);
  const isLess = to === 'never' || from === 'always';
  const text = to === 'never' ? 'only boots its disk' : isLess ? NO_LONGER : willInstall(after);
  const consequence = isLess ? 'boots-otherwise' : consequenceOf(after);
  return bootChange(consequence, 'install', 'boot', `${text} (${how})`, sides);
}

const NO_LONGER = 'is no longer wiped at each boot: boots its disk, and installs if that has no system';

function willInstall(node: NodeFacts): string {
  return node.install === 'always'
    ? `will be wiped and installed anew at its next boot, and at every one after${createsAnew(node)}`
    : 'will install if its disk has no system';
}

function osText(node: NodeFacts): string {
  const { os = 'another script' } = node;
  if (os === 'linux') return linuxText(node);
  if (os === 'iscsi') return iscsiText(node);
  return os === 'harvester' ? 'Harvester' : os === 'local' ? 'its disk' : os;
}

/**
 * Says that a node boots another disk, or looks for its system on another one. A BIOS boots the disk that is said, else the
 * first; under UEFI iPXE tries that first, and without Harvester leaves it to the firmware unless a disk is said.
 */
export function driveChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const [from, to] = [before.drive, after.drive];
  // What boots Linux tries none, and of a disk by iSCSI it is said with what the node does without it.
  if (from === to || after.os === 'linux' || after.os === 'iscsi' || after.iscsi) return undefined;
  const told = (effect: 'boot' | 'inventory', consequence: Consequence, text: string) =>
    bootChange(consequence, 'drive', effect, text, { before: from, after: to });
  const [old, now] = [driveText(from), driveText(to)];
  if (isAlwaysInstalled(after)) {
    const [was, is] = [from === undefined ? 'not set' : old, to === undefined ? 'not set' : now];
    const why = 'none is tried while it is installed at every boot';
    return told('inventory', 'none', `the disk to boot, ${was} → ${is}: ${why}`);
  }
  if (after.firmware !== 'bios') return told('boot', 'boots-otherwise', byUefi(from, to, after));
  if (old === now) {
    const how = to === undefined ? 'not said any more' : 'said';
    return told('inventory', 'none', `the disk to boot is ${how}: under BIOS it was ${old} before, too`);
  }
  if (!installs(after)) return told('boot', 'boots-otherwise', `boots disk ${now} instead of ${old}`);
  const text = `looks for its system on disk ${now} instead of ${old}: will install if that has none`;
  return told('boot', 'installs', text);
}

function byUefi(from: number | undefined, to: number | undefined, { os }: NodeFacts): string {
  const [old, now] = [driveText(from), driveText(to)];
  if (os !== 'harvester') {
    if (to === undefined) return `leaves it to its firmware which disk it boots, which was ${old}`;
    return `boots disk ${now}${from === undefined ? ', and leaves it to its firmware no more' : ` instead of ${old}`}`;
  }
  if (to === undefined) return `looks for its system on every disk, and not on ${old} first`;
  const instead = from === undefined ? '' : ` instead of ${old}`;
  return `looks for its system on disk ${now} first${instead}, then on every other`;
}

const OF_LINUX = {
  loader: 'boot loader',
  kernel: 'kernel',
  initrds: 'initrds',
  squashfs: 'root file system',
  args: 'kernel arguments',
} as const satisfies Partial<Record<keyof LinuxFacts, string>>;

/** Says what a node boots Linux by that it did not, but for what follows from what else is told of it or of the site. */
export function linuxChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [old, now] = [before.linux, after.linux];
  if (!old || !now) return [];
  return Object.entries(OF_LINUX).flatMap(([name, words]): NodeChange[] => {
    const key = name as keyof typeof OF_LINUX;
    const [from, to] = key === 'args' ? argsBeside(old, now) : [old[key], now[key]];
    if (isSame(from, to) || followsInText(lines(from), lines(to), before, after)) return [];
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

/* The libvirt domain that a node is. */

const OF_MAC = /^(uuid|disks\.\w+\.(serial|wwn|device))$/;

const OF_DOMAIN: Readonly<Record<string, string>> = {
  vcpus: 'virtual CPUs',
  memory_mib: 'memory (MiB)',
  uuid: 'UUID',
  'vnc.listen': 'VNC address',
  'vnc.port': 'VNC port',
};

const BOOT_ORDER = 'boot_order';

/**
 * Says that the disk of a node's system is an image that is not there yet: the node is a domain only now, or its name, format
 * or disk of the host makes another file, and the old one stays where it is.
 */
export function newDiskChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const { domain } = before;
  if (!after.domain) return undefined;
  const key = `disks.${systemDisk(after.domain)}.file`;
  const [old, now] = [domain?.[`disks.${systemDisk(domain)}.file`], after.domain[key]];
  const had = domain && locationsOf(domain).some((place) => domain[`disks.${place}.file`] === now);
  if (domain && (old === undefined || now === undefined || had)) return undefined;
  const what = domain
    ? `the disk of its system is ${newImage(old, now)}`
    : 'it is a domain of the host now, with blank disks';
  const sides = { key: `domain.${key}`, before: old, after: now };
  if (!installs(after)) return bootChange('boots-otherwise', 'domain', 'boot', what, sides);
  return bootChange(consequenceOf(after), 'domain', 'boot', `will install: ${what}`, sides);
}

/** Says where an image is that is another file now; without its own name, so that the same is said of several nodes. */
function newImage(old: unknown, now: unknown): string {
  const [[from, was], [to, is]] = [partsOf(old), partsOf(now)];
  if (from !== to) return `a new, blank image in ${to}; the old one stays in ${from}`;
  return `a new, blank image${was === is ? '' : ` (${is})`}; the old one stays on the host`;
}

function partsOf(file: unknown): readonly [folder: string, format: string] {
  const [, folder = '', format = ''] = /^(.*)\/[^/]*\.(\w+)$/.exec(String(file)) ?? [];
  return [folder, format];
}

/** Says what of a node's libvirt domain is not what it was, but for the disk of its system where that is a new one. */
export function domainChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [old, now] = [before.domain, after.domain];
  if (!old) return []; // it has one or none now: what that means is of the disk of its system
  if (!now)
    return [
      nodeChange('domain', 'boot', 'its domain is powered off and removed from the host; its images stay'),
    ];
  const told = newDiskChange(before, after)?.key;
  const isOtherMac = before.mac !== after.mac || before.site !== after.site;
  const keys = otherKeys(old, now).filter((key) => !key.startsWith('disks.') && key !== BOOT_ORDER);
  const order = before.install === after.install ? orderChange(old, now) : []; // else it follows from that
  const disks = [...new Set([...locationsOf(now), ...locationsOf(old)])];
  return [
    ...keys.map((key) => domainKeyChange(key, old, now)),
    ...order,
    ...disks.flatMap((place) => diskChange(place, old, now)),
  ].filter(({ key = '' }) => key !== told && !(isOtherMac && OF_MAC.test(key.replace('domain.', ''))));
}

const EXPLAINS: readonly string[] = ['name', 'install', 'mac', 'nic', 'firmware', 'domain'];

/** Says that a domain is defined otherwise for no reason that is told: its networks, a template, another harvgen. */
export function definitionChange(
  { definition: from }: NodeFacts,
  { definition: to }: NodeFacts,
  told: readonly NodeChange[],
): NodeChange[] {
  if (from === undefined || to === undefined || from === to) return [];
  if (told.some(({ what }) => EXPLAINS.includes(what))) return [];
  return [nodeChange('domain', 'restart', 'its domain is defined otherwise: see the patch')];
}

function diskChange(place: string, old: Plain, now: Plain): NodeChange[] {
  const prefix = `disks.${place}.`;
  const key = `${prefix}file`;
  const [from, to] = [old[key], now[key]];
  const told = (text: string) =>
    nodeChange('domain', 'restart', `disk ${place} is ${text}`, {
      key: `domain.${key}`,
      before: from,
      after: to,
    });
  if (from === undefined) return [told('new and blank')];
  if (to === undefined) return [told('gone; its image stays on the host')];
  const keys = otherKeys(old, now).filter((one) => one.startsWith(prefix));
  // An image that is new has its size and format from the beginning.
  const others = keys.filter((one) => from === to || !/\.(size_bytes|format)$/.test(one));
  return others.map((one) => {
    if (one === key) return told(newImage(from, to));
    return domainKeyChange(one, old, now, `disk ${place}: ${one.slice(prefix.length).replace('_bytes', '')}`);
  });
}

function domainKeyChange(key: string, old: Plain, now: Plain, words = OF_DOMAIN[key] ?? key): NodeChange {
  const [before, after] = [old[key], now[key]];
  const text = key.endsWith('.size_bytes')
    ? `${words} ${turn(sizeText(before), sizeText(after))}; an image that is there keeps its own`
    : `${words} ${turn(before, after)}`;
  return nodeChange('domain', 'restart', text, { key: `domain.${key}`, before, after });
}

function sizeText(bytes: unknown): unknown {
  if (typeof bytes !== 'number') return bytes;
  return bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30}Gi` : bytes % 1e9 === 0 ? `${bytes / 1e9}GB` : bytes;
}

/** Says that a domain boots in another order, but for what is new or gone. Trees of older versions do not say the order. */
function orderChange(old: Plain, now: Plain): NodeChange[] {
  const [from, to] = [orderOf(old), orderOf(now)];
  const before = from.filter((device) => to.includes(device));
  const after = to.filter((device) => from.includes(device));
  if (isSame(before, after)) return [];
  const text = `boots in another order: ${before.join(', ')} → ${after.join(', ')}`;
  return [nodeChange('domain', 'restart', text, { key: `domain.${BOOT_ORDER}`, before: from, after: to })];
}

/** What a domain boots from, in its order: disks by their place on the bus, and `network`. */
function orderOf(domain: Plain): string[] {
  const order = domain[BOOT_ORDER];
  return Array.isArray(order) ? order.map(String) : [];
}

/** The place on the bus of the disk that the system is on: the first that is booted from, in older trees the first. */
function systemDisk(domain: Plain): string | undefined {
  const places = locationsOf(domain);
  return orderOf(domain).find((device) => places.includes(device)) ?? places[0];
}

function locationsOf(domain: Plain): string[] {
  return Object.keys(domain).flatMap((key) => /^disks\.(\w+)\.file$/.exec(key)?.[1] ?? []);
}

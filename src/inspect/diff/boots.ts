import { createsAnew } from '../../site/clusters.ts';
import { driveText } from '../../site/disks.ts';
import { type BootChange, bootChange, type Consequence, type NodeChange, nodeChange } from './change.ts';
import { installs, isAlwaysInstalled, type LinuxFacts, type NodeFacts, stepOf } from './facts.ts';
import { followsInText } from './follows.ts';
import { diskStays, iscsiText } from './iscsi.ts';
import { isSame } from './values.ts';
import { turn } from './words.ts';

/* What a machine boots: which system, from which disk, and whether it is installed. */

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

/**
 * Says what a node does otherwise since it boots something else, or since it installs at other times; undefined where
 * it is neither, or not known.
 */
export function systemChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  return osChange(before, after) ?? installChange(before, after);
}

/** What it comes to that a node installs. */
export function consequenceOf({ install }: NodeFacts): Consequence {
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
 * Says that a node boots another disk, or looks for its system on another one; undefined where the inventory says the
 * same. A BIOS boots the disk that is said, else the first. Under UEFI, iPXE tries the one that is said before any other
 * with an installed Harvester; of a machine without one, it leaves it to the firmware unless a disk is said.
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

/** What a node boots Linux by, in the order of the boot, in words. */
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

/** The kernel's arguments but for that of the root file system, where another one is told of by itself. */
function argsBeside(old: LinuxFacts, now: LinuxFacts): (readonly string[])[] {
  const roots = old.squashfs === now.squashfs ? [] : [old.squashfs, now.squashfs];
  return [old, now].map(({ args }) => args.filter((arg) => !roots.some((url) => url && arg.includes(url))));
}

/** Which Linux a node boots: its kernel, as the inventory has it. */
function linuxText({ linux, url }: NodeFacts): string {
  const images = `${url}/images/`;
  const { kernel } = linux ?? {};
  if (kernel === undefined) return 'Linux';
  return `Linux: ${kernel.startsWith(images) ? kernel.slice(images.length) : kernel}`;
}

function lines(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : (value ?? []).join('\n');
}

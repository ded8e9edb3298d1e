import { driveText } from '../../plan/boot-order.ts';
import { recreatesCluster } from '../../site/clusters.ts';
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
import { describeChange, isSame } from './values.ts';

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
  return { text: `will install ${harvester}${cluster} ${when}`, consequence: installConsequence(node) };
}

/** Returns the consequence for a node that installs. */
export function installConsequence({ install }: NodeFacts): Consequence {
  return install === 'always' ? 'reinstalls' : 'installs';
}

/** Reports that a node boots another system or installs at other times; returns undefined for other nodes. */
export function systemChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const os = stepOf(before, after, 'os');
  if (os) {
    const left = after.os === 'linux' || after.os === 'iscsi' ? '; its disk stays unchanged' : '';
    // A disk in the store does not belong to the machine.
    const stays = before.iscsi?.disk === undefined ? left : diskStays(before, after);
    const text = `boots ${osText(after)} instead of ${osText(before)}${stays}`;
    if (!installs(after)) return bootChange('boots-otherwise', 'os', 'boot', text, os);
    return bootChange(installConsequence(after), 'os', 'boot', `${text}: ${willInstall(after)}`, os);
  }
  const install = stepOf(before, after, 'install');
  if (!install) return undefined;
  const { before: from, after: to } = install;
  const how = `install: ${from} → ${to}`;
  // A node that does not boot Harvester installs nothing, whatever `install` is set to.
  if (after.os !== 'harvester') return bootChange('none', 'install', 'inventory', how, install);
  const isLess = to === 'never' || from === 'always';
  const rarer = `no longer wiped at each boot: boots its disk, or installs ${ifEmpty(after)}`;
  const text = to === 'never' ? 'only boots its disk' : isLess ? rarer : willInstall(after);
  const consequence = isLess ? 'boots-otherwise' : installConsequence(after);
  return bootChange(consequence, 'install', 'boot', `${text} (${how})`, install);
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
  const { os = 'another script', linux, url } = node;
  if (os === 'iscsi') return iscsiText(node);
  if (os !== 'linux') return os === 'harvester' ? 'Harvester' : os === 'local' ? 'its disk' : os;
  const images = `${url}/images/`;
  const { kernel } = linux ?? {};
  if (kernel === undefined) return 'Linux';
  return `Linux: ${kernel.startsWith(images) ? kernel.slice(images.length) : kernel}`;
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
  // Arguments with the URL of another root file system follow from that.
  const roots = old.squashfs === now.squashfs ? [] : [old.squashfs, now.squashfs];
  const sideOf = (linux: LinuxFacts, key: keyof typeof OF_LINUX) =>
    key === 'args'
      ? (linux.args ?? []).filter((arg) => !roots.some((url) => url && arg.includes(url)))
      : linux[key];
  const linesOf = (value: string | readonly string[] = []) =>
    typeof value === 'string' ? value : value.join('\n');
  return (Object.keys(OF_LINUX) as (keyof typeof OF_LINUX)[]).flatMap((key): NodeChange[] => {
    const [from, to] = [sideOf(old, key), sideOf(now, key)];
    if (isSame(from, to) || isDerivedText(linesOf(from), linesOf(to), before, after)) return [];
    const text = `${OF_LINUX[key]}: ${describeChange(from, to)}`;
    return [nodeChange('linux', 'boot', text, { key, before: old[key], after: now[key] })];
  });
}

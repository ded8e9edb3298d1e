import { driveText } from '../../site/drive.ts';
import { type BootChange, isAlwaysInstalled } from './boot-change.ts';
import type { NodeFacts } from './facts.ts';

/** What is said of a change: its words, when it counts, and what it comes to. */
type Told = Pick<BootChange['change'], 'text' | 'effect'> & Pick<BootChange, 'consequence'>;

/**
 * Says that a node boots another disk, or looks for its system on another one; undefined where the inventory says the
 * same. A BIOS boots the disk that is said, else the first. Under UEFI, iPXE tries the one that is said before any other
 * with an installed Harvester; of a machine without one, it leaves it to the firmware unless a disk is said.
 */
export function driveChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const [from, to] = [before.drive, after.drive];
  // What boots Linux tries none, and of a disk by iSCSI it is said with what the node does without it.
  if (from === to || after.os === 'linux' || after.os === 'iscsi' || after.iscsi) return undefined;
  const { text, effect, consequence } = told(from, to, after);
  return { change: { what: 'drive', before: from, after: to, effect, text }, consequence };
}

function told(from: number | undefined, to: number | undefined, after: NodeFacts): Told {
  if (isAlwaysInstalled(after)) {
    const text = `the disk to boot, ${said(from)} → ${said(to)}: none is tried while it is installed at every boot`;
    return { text, effect: 'inventory', consequence: 'none' };
  }
  const isHarvester = after.os === 'harvester';
  if (after.firmware !== 'bios') {
    const text = isHarvester ? harvesterByUefi(from, to) : localByUefi(from, to);
    return { text, effect: 'boot', consequence: 'boots-otherwise' };
  }
  const [old, now] = [driveText(from), driveText(to)];
  if (old === now) {
    const text = `the disk to boot is ${to === undefined ? 'not said any more' : 'said'}: under BIOS it was ${old} before, too`;
    return { text, effect: 'inventory', consequence: 'none' };
  }
  if (isHarvester && after.install !== 'never') {
    const text = `looks for its system on disk ${now} instead of ${old}: will install if that has none`;
    return { text, effect: 'boot', consequence: 'installs' };
  }
  return { text: `boots disk ${now} instead of ${old}`, effect: 'boot', consequence: 'boots-otherwise' };
}

function harvesterByUefi(from: number | undefined, to: number | undefined): string {
  const after = ', then on every other';
  if (to === undefined) return `looks for its system on every disk, and not on ${driveText(from)} first`;
  if (from === undefined) return `looks for its system on disk ${driveText(to)} first${after}`;
  return `looks for its system on disk ${driveText(to)} first instead of ${driveText(from)}${after}`;
}

function localByUefi(from: number | undefined, to: number | undefined): string {
  if (to === undefined) return `leaves it to its firmware which disk it boots, which was ${driveText(from)}`;
  if (from === undefined) return `boots disk ${driveText(to)}, and leaves it to its firmware no more`;
  return `boots disk ${driveText(to)} instead of ${driveText(from)}`;
}

function said(drive: number | undefined): string {
  return drive === undefined ? 'not set' : driveText(drive);
}

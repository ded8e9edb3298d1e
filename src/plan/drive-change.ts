import type { BootChange } from './boot-change.ts';
import type { NodeFacts } from './facts.ts';

/** The disk that firmware has first. */
const FIRST = 0x80;

/** Says that a node boots another disk, or looks for its system on another one; undefined where it is the same. */
export function driveChange(before: NodeFacts, after: NodeFacts): BootChange | undefined {
  const [from, to] = [before.drive, after.drive];
  if (from === to) return undefined;
  const [old, now] = [from, to].map((drive = FIRST) => `0x${drive.toString(16)}`);
  const change = { what: 'drive', before: from, after: to, effect: 'boot' } as const;
  if (old === now) {
    const text =
      to === undefined ? `the disk to boot is not said any more: ${now}` : `the disk to boot is said: ${now}`;
    return { change: { ...change, effect: 'inventory', text }, consequence: 'none' };
  }
  if (after.os === 'harvester' && after.install === 'always') {
    const text = `would boot disk ${now} instead of ${old}, were it not installed at every boot`;
    return { change: { ...change, effect: 'inventory', text }, consequence: 'none' };
  }
  if (after.os === 'harvester' && after.install !== 'never') {
    const text = `looks for its system on disk ${now} instead of ${old}: will install if that has none`;
    return { change: { ...change, text }, consequence: 'installs' };
  }
  return {
    change: { ...change, text: `boots disk ${now} instead of ${old}` },
    consequence: 'boots-otherwise',
  };
}

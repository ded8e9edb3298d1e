import { driveText } from '../../site/drive.ts';
import { parseSize } from '../../values/size.ts';
import type { NodeChange } from './change.ts';
import type { IscsiFacts, NodeFacts } from './facts.ts';
import { followsInText } from './follows.ts';
import { isSame } from './leaf-changes.ts';
import { turn } from './words.ts';

/** What a node logs in with, and where, in words. */
const WORDS = {
  target: 'iSCSI target',
  address: 'iSCSI server',
  port: 'port of the iSCSI server',
  lun: 'LUN',
  initiator: 'initiator',
  fallback: 'where its target is away',
} as const satisfies Partial<Record<keyof IscsiFacts, string>>;

const END = /:@@secret:[^@]*@@$/;

/** Says what a node has of its disk by iSCSI that it had not, but for what follows from what else is told of it. */
export function iscsiChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [old, now] = [before.iscsi, after.iscsi];
  // That it boots otherwise altogether is said of what it boots.
  if (before.os !== after.os) return [];
  if (!old || !now) return before.os === 'harvester' && old !== now ? [placeChange(before, after)] : [];
  const disk = diskChange(before, after, old, now);
  return [
    ...disk,
    ...sizeChange(old, now, disk.length > 0),
    ...Object.entries(WORDS).flatMap(([name, words]): NodeChange[] => {
      const key = name as keyof typeof WORDS;
      const [from, to] = [old[key], now[key]];
      if (isSame(from, to) || followsFrom(key, disk, before, after)) return [];
      const end = key === 'target' ? endChange(from, to) : undefined;
      return [change(key, from, to, end ?? `${words}: ${turn(hidden(from), hidden(to))}`)];
    }),
    ...localDiskChange(before, after),
    ...chapChange(before, after),
  ];
}

/** Which disk of the machine counts only where it boots one. */
function localDiskChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (before.iscsi?.fallback !== 'disk' || after.iscsi?.fallback !== 'disk') return [];
  const [from, to] = [driveText(before.drive), driveText(after.drive)];
  if (from === to) return [];
  return [
    change('drive', from, to, `the local disk that it boots where its target is away: ${from} → ${to}`),
  ];
}

/** A target's name may end with a secret, which is the same for all: so is what is said of it. */
function endChange(from: unknown, to: unknown): string | undefined {
  if (typeof from !== 'string' || typeof to !== 'string') return undefined;
  if (from.replace(END, '') !== to.replace(END, '')) return undefined;
  const how = !END.test(to)
    ? 'with no secret any more'
    : END.test(from)
      ? 'with another secret now'
      : 'with a secret now';
  return `the name of its iSCSI target ends ${how}`;
}

/** Says what a node boots that boots a disk by iSCSI. */
export function iscsiText({ iscsi }: NodeFacts): string {
  if (iscsi?.image !== undefined) return `its disk by iSCSI, a clone of ${iscsi.image}`;
  return iscsi?.target === undefined ? 'its disk by iSCSI' : `the iSCSI target ${hidden(iscsi.target)}`;
}

/** Says that a disk of the store stays there where its node has it no more; nothing of another disk. */
export function diskStays(before: NodeFacts, after: NodeFacts): string {
  const disk = before.iscsi?.disk;
  if (disk === undefined || disk === after.iscsi?.disk) return '';
  return `; the old one, ${disk}, stays in the store until images.sh prune`;
}

/** Harvester's disk is not the machine's own any more, or is its own again. */
function placeChange(before: NodeFacts, after: NodeFacts): NodeChange {
  const where = after.iscsi
    ? `on a disk by iSCSI, ${after.iscsi.disk ?? hidden(after.iscsi.target)}, and not on the machine's own: what is on that stays`
    : "on the machine's own disk, and not on one by iSCSI";
  const installs = after.install === 'never' ? '' : '; will install if there is none';
  const text = `looks for its system ${where}${installs}${diskStays(before, after)}`;
  return change('disk', before.iscsi?.disk, after.iscsi?.disk, text);
}

function diskChange(before: NodeFacts, after: NodeFacts, old: IscsiFacts, now: IscsiFacts): NodeChange[] {
  if (old.disk === now.disk) return [];
  const installs = after.os === 'harvester' && after.install !== 'never';
  // All names in the store begin otherwise: what that comes to is said of the site.
  if (old.disk !== undefined && now.disk !== undefined && isCalledOtherwise(before, after)) {
    const text = `its disk is called ${now.disk} instead of ${old.disk}${installs ? ': will install if that has no system' : ''}`;
    return [change('disk', old.disk, now.disk, text)];
  }
  const what =
    now.disk === undefined
      ? `a disk of somebody else's, at ${hidden(now.target)}`
      : now.image === undefined
        ? `another disk, ${now.disk}, which is blank`
        : `another disk, a clone of ${now.image}`;
  const text = `gets ${what}${installs ? ': will install if that has no system' : ''}${diskStays(before, after)}`;
  return [change('disk', old.disk, now.disk, text)];
}

function isCalledOtherwise(before: NodeFacts, after: NodeFacts): boolean {
  return before.name === after.name && before.iscsi?.image === after.iscsi?.image;
}

/** images.sh makes disks larger, and never smaller. */
function sizeChange(old: IscsiFacts, now: IscsiFacts, isOther: boolean): NodeChange[] {
  if (old.size === now.size || isOther) return [];
  const [from, to] = [old.size, now.size].map((size) => (size === undefined ? undefined : parseSize(size)));
  const isLess = from !== undefined && (to === undefined || to < from);
  const how = isLess
    ? 'no disk is made smaller: it stays as large as it is, until images.sh reset makes it anew'
    : "scripts/images.sh make makes it larger; its partitions and file systems are the system's own to grow";
  return [
    change(
      'size',
      old.size,
      now.size,
      `size of its disk: ${turn(old.size, now.size)}; ${how}`,
      isLess ? 'inventory' : 'boot',
    ),
  ];
}

/** The name of a target in the site's own store follows from the disk, and names in it from the node's. */
function followsFrom(
  key: keyof typeof WORDS,
  disk: readonly NodeChange[],
  before: NodeFacts,
  after: NodeFacts,
): boolean {
  const [old, now] = [before.iscsi, after.iscsi];
  if (key === 'target' && disk.length > 0) return true;
  if (disk.length > 0 && (old?.disk === undefined || now?.disk === undefined))
    return key === 'address' || key === 'port';
  return followsInText(String(old?.[key]), String(now?.[key]), before, after);
}

/** What the two prove who they are by stands in the script alone, and of passwords their names. */
function chapChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [old, now] = [before.iscsi?.chap, after.iscsi?.chap];
  if (isSame(old, now) || !before.script || !after.script) return [];
  const [from, to] = [old, now].map((chap) => (chap ? Object.values(chap).join('\n') : ''));
  if (from && to && followsInText(from, to, before, after)) return [];
  if (!old || !now) {
    const text = now
      ? 'proves to its target who it is (CHAP), which it did not'
      : 'proves to its target no more who it is (CHAP)';
    return [change('chap', undefined, undefined, text)];
  }
  const isMutual = (chap: typeof old) => chap.targetPassword !== undefined;
  const mutual =
    isMutual(old) === isMutual(now)
      ? ''
      : `; its target proves ${isMutual(now) ? 'to it who it is' : 'no more who it is'}`;
  const users = old.user === now.user ? '' : `: user ${turn(old.user, now.user)}`;
  return [change('chap', undefined, undefined, `logs in by other CHAP names or secrets${users}${mutual}`)];
}

function change(
  key: string,
  before: unknown,
  after: unknown,
  text: string,
  effect: NodeChange['effect'] = 'boot',
): NodeChange {
  return { what: 'iscsi', key, before: hidden(before), after: hidden(after), effect, text };
}

/** A value without what is secret in it. */
function hidden<T>(value: T): T | string {
  return typeof value === 'string' ? value.replace(/@@secret:[^@]*@@/g, '…') : value;
}

import { driveText } from '../../plan/boot-order.ts';
import { type Found, nodeChange, type Pair } from './change.ts';
import { installs, isDerivedText, type NodeFacts } from './facts.ts';
import { keyChanges } from './keys.ts';
import { isSame } from './values.ts';

/* The iSCSI disk of a node. */

/** A target's name may end with a secret, which all targets of a site share: the text is equal for all nodes. */
const END = /:…$/;

/** Returns the changes of a node's iSCSI disk, or between one and its own disk, except those that other changes cause. */
export function iscsiChanges(pair: Pair): Found[] {
  const { before, after } = pair;
  const [old, now] = [before.iscsi, after.iscsi];
  if (!old || !now) return before.os === 'harvester' && old !== now ? [diskChange(pair)] : [];
  const isOther = old.disk !== now.disk;
  const ends = [old.target, now.target].map((target = '') => END.test(target));
  const isSameTarget = old.target?.replace(END, '') === now.target?.replace(END, '');
  // Trees of earlier versions do not contain the names of secrets.
  const hasOtherEnd =
    old.target_secrets && now.target_secrets && !isSame(old.target_secrets, now.target_secrets);
  const end =
    old.target === now.target
      ? 'now ends with another secret'
      : `${ends[1] ? 'now' : 'no longer'} ends with a secret`;
  const isOfEnd = isSameTarget && !isOther && (old.target === now.target ? hasOtherEnd : true);
  return [
    ...(isOther ? [diskChange(pair)] : []),
    ...keyChanges(pair, 'iscsi').filter(({ key }) => !(isOfEnd && key === 'target')),
    ...(isOfEnd ? [changed('target', `the name of its iSCSI target ${end}`, old.target, now.target)] : []),
    ...localDiskChange(pair),
    ...chapChange(pair),
  ];
}

function changed(key: string, text: string, before?: unknown, after?: unknown): Found {
  return nodeChange('iscsi', 'boot', text, { key, before, after });
}

/** Describes the iSCSI disk that a node boots, without its name: the text is equal for nodes with clones of one image. */
export function iscsiText({ iscsi }: NodeFacts): string {
  if (iscsi?.image !== undefined) return `its iSCSI disk (a clone of ${iscsi.image})`;
  return iscsi?.target === undefined ? 'its iSCSI disk' : `the iSCSI target ${iscsi.target}`;
}

/** Reports that a disk stays in the store after its node gets another; empty for disks outside the store. */
export function diskStays({ before, after }: Pair): string {
  const disk = before.iscsi?.disk;
  if (disk === undefined || disk === after.iscsi?.disk) return '';
  return `; the old disk ${disk} stays in the store until images.sh prune`;
}

/** Reports another local disk, which matters only if the node may boot one. */
function localDiskChange({ before, after }: Pair): Found[] {
  const [from, to] = [driveText(before.drive), driveText(after.drive)];
  const mayBoot = [before, after].every(({ iscsi }) => iscsi?.fallback === 'disk');
  if (!mayBoot || from === to) return [];
  return [changed('drive', `local disk to boot if its target is unreachable: ${from} → ${to}`, from, to)];
}

/** Reports that a node boots another iSCSI disk, or looks for its Harvester on another disk. */
function diskChange(pair: Pair): Found {
  const { before, after } = pair;
  const [old, now] = [before.iscsi, after.iscsi];
  // If the prefix of all names in the store changes, the change of the server has the effect.
  const isRenamed = old?.disk && now?.disk && before.name === after.name && old.image === now.image;
  const uses = after.os === 'harvester' ? 'looks for its system on' : 'boots';
  const instead = `${diskText(now)} instead of ${diskText(old)}${old ? '' : ', which stays unchanged'}`;
  const isBlank = now?.disk && now.image === undefined && !isRenamed ? ', which is blank' : '';
  const isInstalled = installs(after) ? ': will install if that disk has no system' : '';
  const stays = isRenamed ? '' : diskStays(pair);
  return changed('disk', `${uses} ${instead}${isBlank}${isInstalled}${stays}`, old?.disk, now?.disk);
}

function diskText(iscsi: NodeFacts['iscsi']): string {
  if (!iscsi) return 'its local disk';
  if (iscsi.disk === undefined) return `the iSCSI target ${iscsi.target}`;
  return `the iSCSI disk ${iscsi.disk}${iscsi.image === undefined ? '' : ` (a clone of ${iscsi.image})`}`;
}

/** Reports other CHAP secrets: the first authenticates the node, a second one its target. */
function chapChange({ before, after }: Pair): Found[] {
  const [old, now] = [before.iscsi?.chap_secrets, after.iscsi?.chap_secrets];
  if (!old || !now || isDerivedText(old.join('\n'), now.join('\n'), before, after)) return [];
  const isMutual = now.length > 1;
  const mutual = `; its target ${isMutual ? 'now authenticates too' : 'no longer authenticates'}`;
  const text =
    old.length === 0
      ? 'now authenticates to its target with CHAP'
      : now.length === 0
        ? 'no longer authenticates to its target with CHAP'
        : `logs in with other CHAP names or secrets${isMutual === old.length > 1 ? '' : mutual}`;
  return [changed('chap', text)];
}

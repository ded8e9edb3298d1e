import { driveText } from '../../plan/boot-order.ts';
import { recreatesCluster } from '../../site/clusters.ts';
import { type Consequence, type Found, nodeChange, type Pair } from './change.ts';
import { installs, isAlwaysInstalled, type NodeFacts, stepOf } from './facts.ts';
import { diskStays, iscsiText } from './iscsi.ts';

/** Reports the first boot of a new node. */
export function newNode(node: NodeFacts): Found {
  const [text, consequence] = firstBoot(node);
  return nodeChange('new', 'boot', `new: ${text}`, { after: node.mac ?? node.ip, consequence });
}

/** Reports the first boot of a node that moved from another site, where it was `before`. */
export function movedNode(before: NodeFacts, after: NodeFacts, from: string, to: string): Found {
  const [text, consequence] = firstBoot(after);
  const moved = (how: string, effect: Consequence) =>
    nodeChange('moved-from', 'boot', `moved from ${from}${how}`, {
      before: from,
      after: to,
      consequence: effect,
    });
  // Only an installed Harvester stays unchanged under every firmware.
  if (consequence !== 'installs' || before.os !== 'harvester') return moved(`: ${text}`, consequence);
  const disk = "its disk has that site's system: to reinstall it, set install: always once";
  return moved(` (${disk})`, 'boots-otherwise');
}

function firstBoot(node: NodeFacts): readonly [text: string, Consequence] {
  if (!installs(node))
    return [`boots ${node.os === 'harvester' ? 'its disk' : osText(node)}`, 'boots-otherwise'];
  const harvester = node.release === undefined ? 'Harvester' : `Harvester ${node.release}`;
  const cluster = node.cluster === undefined ? '' : ` and ${node.mode ?? 'join'} cluster ${node.cluster}`;
  const again = isAlwaysInstalled(node)
    ? ' and again at every later boot, wiping its disk'
    : `, ${ifEmpty(node)}`;
  return [`will install ${harvester}${cluster} at its first boot${again}`, installConsequence(node)];
}

/** Returns the consequence for a node that installs. */
export function installConsequence({ install }: NodeFacts): Consequence {
  return install === 'always' ? 'reinstalls' : 'installs';
}

/** Reports that a node boots another system or installs at other times. Returns one change or none. */
export function systemChange(pair: Pair): Found[] {
  const { before, after } = pair;
  const os = stepOf(pair, 'os');
  if (os) {
    const left = after.os === 'linux' || after.os === 'iscsi' ? '; its disk stays unchanged' : '';
    // A disk in the store does not belong to the machine.
    const stays = before.iscsi?.disk === undefined ? left : diskStays(pair);
    const text = `boots ${osText(after)} instead of ${osText(before)}${stays}`;
    if (!installs(after)) return [nodeChange('os', 'boot', text, os)];
    const sides = { ...os, consequence: installConsequence(after) };
    return [nodeChange('os', 'boot', `${text}: ${willInstall(after)}`, sides)];
  }
  const install = stepOf(pair, 'install');
  if (!install) return [];
  const { before: from, after: to } = install;
  const how = `install: ${from} → ${to}`;
  // A node that does not boot Harvester installs nothing, whatever `install` is set to.
  if (after.os !== 'harvester') return [nodeChange('install', 'inventory', how, install)];
  const isLess = to === 'never' || from === 'always';
  const rarer = `no longer wiped at each boot: boots its disk, or installs ${ifEmpty(after)}`;
  const text = to === 'never' ? 'only boots its disk' : isLess ? rarer : willInstall(after);
  const consequence = isLess ? undefined : installConsequence(after);
  return [nodeChange('install', 'boot', `${text} (${how})`, { ...install, consequence })];
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

/** Reports another boot disk: a BIOS boots that which is set, by default the first; iPXE under UEFI tries it before the others. */
export function driveChange({ before, after }: Pair): Found[] {
  const [from, to] = [before.drive, after.drive];
  // A node that boots Linux tries no disk; for an iSCSI disk, localDiskChange reports the fallback.
  if (from === to || after.os === 'linux' || after.os === 'iscsi' || after.iscsi) return [];
  const unset = after.firmware === 'bios' ? `not set (${driveText()})` : 'not set';
  const [old, now] = [from, to].map((drive) => (drive === undefined ? unset : driveText(drive)));
  const [consequence, note] = driveEffect(driveText(from) === driveText(to), to, after);
  const effect = consequence === 'none' ? 'inventory' : 'boot';
  const sides = { before: from, after: to, consequence };
  return [nodeChange('drive', effect, `boot disk ${old} → ${now}: ${note}`, sides)];
}

function driveEffect(isSame: boolean, to: number | undefined, node: NodeFacts): [Consequence, string] {
  const looks = node.os === 'harvester' ? 'looks for its system on' : 'boots';
  const every = node.os === 'harvester' ? 'every disk' : 'the disk that its firmware chooses';
  if (isAlwaysInstalled(node)) return ['none', 'unused, because the node is reinstalled at every boot'];
  if (node.firmware !== 'bios') {
    if (to === undefined) return ['boots-otherwise', `${looks} ${every}`];
    const others = node.os === 'harvester' ? ' first, then on every other disk' : '';
    return ['boots-otherwise', `${looks} that disk${others}`];
  }
  if (isSame) return ['none', 'the same disk under BIOS'];
  if (!installs(node)) return ['boots-otherwise', 'boots that disk'];
  return ['installs', `${looks} that disk: will install if it has no system`];
}

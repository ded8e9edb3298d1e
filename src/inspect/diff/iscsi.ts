import { driveText } from '../../site/disks.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { IMAGES, ISCSI, iscsiSecretsFile, PUT_PXELINUX, PUT_TARGETS } from '../../tree/paths.ts';
import { type File, textOf } from '../../tree/tree.ts';
import { parseSize } from '../../values/size.ts';
import { type Effect, type NodeChange, nodeChange, type SiteChange, type Trees } from './change.ts';
import { followsInText, type IscsiFacts, installs, type NodeFacts, type SiteFacts } from './facts.ts';
import { newTargetSecrets, targetSecretsOf } from './secrets.ts';
import { among, isSame, otherKeys, type Plain, turn } from './values.ts';

/* The disk that a node has by iSCSI. */

const WORDS = {
  target: 'iSCSI target',
  address: 'iSCSI server',
  port: 'port of the iSCSI server',
  lun: 'LUN',
  initiator: 'initiator',
  fallback: 'where its target is away',
} as const satisfies Partial<Record<keyof IscsiFacts, string>>;

type Key = keyof typeof WORDS;

const END = /:@@secret:[^@]*@@$/;

/** Says what a node has of its disk by iSCSI that it had not, but for what follows from what else is told of it. */
export function iscsiChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [old, now] = [before.iscsi, after.iscsi];
  // That it boots otherwise altogether is said of what it boots.
  if (before.os !== after.os) return [];
  if (!old || !now) return before.os === 'harvester' && old !== now ? [placeChange(before, after)] : [];
  const disk = diskChange(before, after, old, now);
  const keys = (Object.keys(WORDS) as Key[]).filter(
    (key) => !isSame(old[key], now[key]) && !followsFrom(key, disk, before, after),
  );
  return [
    ...disk,
    ...sizeChange(old, now, disk.length > 0),
    ...keys.map((key) => {
      const [from, to] = [old[key], now[key]];
      const end = key === 'target' ? endChange(from, to) : undefined;
      return change(key, from, to, end ?? `${WORDS[key]}: ${turn(hidden(from), hidden(to))}`);
    }),
    ...localDiskChange(before, after),
    ...chapChange(before, after),
  ];
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

/** Which disk of the machine counts only where it boots one. */
function localDiskChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (before.iscsi?.fallback !== 'disk' || after.iscsi?.fallback !== 'disk') return [];
  const [from, to] = [driveText(before.drive), driveText(after.drive)];
  if (from === to) return [];
  const text = `the local disk that it boots where its target is away: ${from} → ${to}`;
  return [change('drive', from, to, text)];
}

/** A target's name may end with a secret, which is the same for all: so is what is said of it. */
function endChange(from: unknown, to: unknown): string | undefined {
  if (typeof from !== 'string' || typeof to !== 'string') return undefined;
  if (from.replace(END, '') !== to.replace(END, '')) return undefined;
  const other = END.test(from) ? 'with another secret now' : 'with a secret now';
  return `the name of its iSCSI target ends ${END.test(to) ? other : 'with no secret any more'}`;
}

/** Harvester's disk is not the machine's own any more, or is its own again. */
function placeChange(before: NodeFacts, after: NodeFacts): NodeChange {
  const { iscsi } = after;
  const where = iscsi
    ? `on a disk by iSCSI, ${iscsi.disk ?? hidden(iscsi.target)}, and not on the machine's own: what is on that stays`
    : "on the machine's own disk, and not on one by iSCSI";
  const isInstalled = after.install === 'never' ? '' : '; will install if there is none';
  const text = `looks for its system ${where}${isInstalled}${diskStays(before, after)}`;
  return change('disk', before.iscsi?.disk, iscsi?.disk, text);
}

function diskChange(before: NodeFacts, after: NodeFacts, old: IscsiFacts, now: IscsiFacts): NodeChange[] {
  if (old.disk === now.disk) return [];
  const isInstalled = installs(after) ? ': will install if that has no system' : '';
  // All names in the store begin otherwise: what that comes to is said of the site.
  const isRenamed = old.disk !== undefined && before.name === after.name && old.image === now.image;
  if (now.disk !== undefined && isRenamed) {
    const text = `its disk is called ${now.disk} instead of ${old.disk}${isInstalled}`;
    return [change('disk', old.disk, now.disk, text)];
  }
  const own = now.image === undefined ? `${now.disk}, which is blank` : `a clone of ${now.image}`;
  const others = `a disk of somebody else's, at ${hidden(now.target)}`;
  const what = now.disk === undefined ? others : `another disk, ${own}`;
  return [change('disk', old.disk, now.disk, `gets ${what}${isInstalled}${diskStays(before, after)}`)];
}

/** images.sh makes disks larger, and never smaller. */
function sizeChange(old: IscsiFacts, now: IscsiFacts, isOther: boolean): NodeChange[] {
  if (old.size === now.size || isOther) return [];
  const [from, to] = [old.size, now.size].map((size) => (size === undefined ? undefined : parseSize(size)));
  const isLess = from !== undefined && (to === undefined || to < from);
  const how = isLess
    ? 'no disk is made smaller: it stays as large as it is, until images.sh reset makes it anew'
    : "scripts/images.sh make makes it larger; its partitions and file systems are the system's own to grow";
  const text = `size of its disk: ${turn(old.size, now.size)}; ${how}`;
  return [change('size', old.size, now.size, text, isLess ? 'inventory' : 'boot')];
}

/** The name of a target in the site's own store follows from the disk, and names in it from the node's. */
function followsFrom(key: Key, disk: readonly NodeChange[], before: NodeFacts, after: NodeFacts): boolean {
  const [old, now] = [before.iscsi, after.iscsi];
  if (key === 'target' && disk.length > 0) return true;
  if (disk.length > 0 && (old?.disk === undefined || now?.disk === undefined))
    return key === 'address' || key === 'port';
  return followsInText(String(old?.[key]), String(now?.[key]), before, after);
}

/** By which secrets the two prove who they are: the node by one, and where there are two, its target by the other. */
function chapChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [old = [], now = []] = [before.iscsi?.chap, after.iscsi?.chap];
  if (isSame(old, now) || !before.script || !after.script) return [];
  const told = (text: string) => [change('chap', undefined, undefined, text)];
  if (old.length === 0) return told('proves to its target who it is (CHAP), which it did not');
  if (now.length === 0) return told('proves to its target no more who it is (CHAP)');
  if (followsInText(old.join('\n'), now.join('\n'), before, after)) return [];
  const isMutual = now.length > 1;
  const mutual = `; its target proves ${isMutual ? 'to it who it is' : 'no more who it is'}`;
  return told(`logs in by other CHAP names or secrets${isMutual === old.length > 1 ? '' : mutual}`);
}

function change(
  key: string,
  before: unknown,
  after: unknown,
  text: string,
  effect: Effect = 'boot',
): NodeChange {
  return nodeChange('iscsi', effect, text, { key, before: hidden(before), after: hidden(after) });
}

function hidden<T>(value: T): T | string {
  return typeof value === 'string' ? value.replace(/@@secret:[^@]*@@/g, '…') : value;
}

/* The iSCSI server of a site, its images, and whom they belong to. */

const PLACE = ['store', 'pool', 'folder', 'prefix', 'format'];

/** How a target's server is told to listen at another port, where that is not in what it reads of the tree. */
const PORTAL: Readonly<Record<string, (port: unknown) => string>> = {
  tgt: (port) => `tgtd --iscsi portal=:${port}`,
  iet: (port) => `ietd --port=${port}`,
};

const SOURCE = /^ *image (\S+) (.+) \S+$/gm;

/** What serves the folder of TFTP where dnsmasq does not, by its file in the tree. */
const TFTP_SERVERS = [
  [/^tftpd\//, 'tftpd-hpa'],
  [/^xinetd\//, 'xinetd'],
  [/^systemd\/.*-tftp\.(socket|service)$/, "the TFTP server's socket"],
] as const;

const MOST = 3;

/** Says what of a site's iSCSI server is not what it was, and which tenants and images come and go. */
export function iscsiSiteChanges({ before, after, files }: Trees): SiteChange[] {
  return [
    ...serverChanges(before, after),
    ...comingAndGoing('tenant', before.tenants, after.tenants),
    ...comingAndGoing('disk-image', before.images, after.images),
    ...sourceChanges(files),
  ];
}

/** Says what is to be done on the iSCSI server, and where machines load what leads to their disks, once the tree is deployed. */
export function iscsiSteps(trees: Trees): SiteChange[] {
  return [...imagesStep(trees), ...targetsStep(trees), ...pxelinuxStep(trees), ...tftpSteps(trees)];
}

function serverChanges({ iscsi: old }: SiteFacts, { iscsi: now }: SiteFacts): SiteChange[] {
  if (!old || !now) return [];
  const keys = otherKeys(old, now);
  // Of what says together where disks are, it is said once what that comes to.
  const first = keys.find((key) => PLACE.includes(key));
  return keys.map((key): SiteChange => {
    const [from, to] = [old[key], now[key]];
    const meant = key === first ? ofPlace(keys, old, now) : meaning(key, now);
    const text = `iSCSI server: ${key} ${turn(from, to)}${meant}`;
    return { what: 'iscsi', key, before: from, after: to, text };
  });
}

function meaning(key: string, { address, port, driver }: Plain): string {
  if (key === 'address')
    return `; if ${address} is another machine, set it up as README.md says, and bring the disks there`;
  if (key === 'driver') return '; what the other one serves is to be stopped there first';
  const portal = key === 'port' && typeof driver === 'string' ? PORTAL[driver]?.(port) : undefined;
  return portal ? `; machines ask there, where nothing listens unless it is started so: ${portal}` : '';
}

/** What comes of another place of disks: none goes there by itself. */
function ofPlace(keys: readonly string[], old: Plain, now: Plain): string {
  if (keys.some((key) => PLACE.includes(key) && key !== 'format'))
    return '; every image and disk is looked for there alone: bring what is to be kept before scripts/images.sh make, which makes anew of its image what it does not find';
  const [from, to] = [old.format, now.format];
  return `; every image and disk is looked for in that format alone: convert each before scripts/images.sh make (qemu-img convert -f ${from} -O ${to} NAME.${from} NAME.${to})`;
}

function isMoved({ iscsi: old }: SiteFacts, { iscsi: now }: SiteFacts): boolean {
  return old !== undefined && now !== undefined && PLACE.some((key) => !isSame(old[key], now[key]));
}

function sourceChanges(files: Trees['files']): SiteChange[] {
  const script = files.find(({ path }) => path === IMAGES);
  const [old, now] = [sourcesIn(script?.before), sourcesIn(script?.after)];
  return [...now].flatMap(([name, to]): SiteChange[] => {
    const from = old.get(name);
    if (from === undefined || from === to || to === "''") return [];
    const text = `image ${name}: source ${from === "''" ? 'not set' : from} → ${to}; one that is in the store stays what it is: give it another name, or remove it first (images.sh)`;
    return [{ what: 'disk-image', name, key: 'source', before: from, after: to, text }];
  });
}

function sourcesIn(script: File | undefined): Map<string, string> {
  const lines = script ? textOf(script).matchAll(SOURCE) : [];
  return new Map(Array.from(lines, ([, name = '', source = '']) => [name, source]));
}

type Named = SiteFacts['tenants'];

function comingAndGoing(what: 'tenant' | 'disk-image', before: Named, after: Named): SiteChange[] {
  const isImage = what === 'disk-image';
  const [word, stays] = isImage ? ['image', '; it stays in the store until images.sh prune'] : ['tenant', ''];
  return among(before, after).flatMap(([name, old, now]): SiteChange[] => {
    if (!now) return [{ what, name, text: `${word} ${name} is gone${stays}` }];
    if (!old) return [{ what, name, text: `${word} ${name} is new` }];
    // What the store calls an image follows from its name and from how all names there begin.
    const keys = otherKeys(old, now).filter((key) => key !== 'stored');
    return keys.map((key): SiteChange => {
      const [from, to] = [old[key], now[key]];
      return { what, name, key, before: from, after: to, text: `${word} ${name}: ${key} ${turn(from, to)}` };
    });
  });
}

function imagesStep({ before, after, tree }: Trees): SiteChange[] {
  if (!tree.has(IMAGES)) return [];
  const old = new Map(disksOf(before));
  const isOther = isMoved(before, after);
  const due = disksOf(after).filter(([disk, size]) => isOther || size > (old.get(disk) ?? -1));
  const images = [...after.images.keys()].filter((name) => isOther || !before.images.has(name));
  const all = [...images.map((name) => `image ${name}`), ...due.map(([disk]) => disk)];
  if (all.length === 0) return [];
  const named = all.length > MOST ? [...all.slice(0, MOST - 1), `${all.length - MOST + 1} more`] : all;
  const kept = isOther ? ', once what is to be kept is there' : '';
  const text = `run ${IMAGES} make on the iSCSI server${kept} (${listed(named)})`;
  return [{ what: 'images', after: all, text }];
}

function disksOf({ nodes }: SiteFacts): [disk: string, size: number][] {
  return [...nodes.values()].flatMap(({ iscsi }): [string, number][] =>
    iscsi?.disk === undefined ? [] : [[iscsi.disk, parseSize(iscsi.size ?? '') ?? 0]],
  );
}

function targetsStep(trees: Trees): SiteChange[] {
  const { before, files, tree, filled } = trees;
  const ofTargets = targetSecretsOf(trees);
  const hasOther = filled?.otherValues.some((name) => ofTargets.has(name)) ?? false;
  const own = files.filter(({ path }) => path.startsWith(`${ISCSI}/`));
  const isDue = own.length > 0 || hasOther || files.some(({ path }) => path === PUT_TARGETS);
  if (!isDue) return [];
  if (!tree.has(PUT_TARGETS)) {
    const text = `remove the targets from the iSCSI server, and ${iscsiSecretsFile(before.name ?? 'SITE')} with their passwords: this site has none any more`;
    return [{ what: 'targets', text }];
  }
  // Where the tree holds the values, the script needs no others.
  const isAsked = !filled?.isFilled && newTargetSecrets(trees).length > 0;
  const run = isAsked
    ? `put the secrets on the iSCSI server again, and run ${PUT_TARGETS} there`
    : `run ${PUT_TARGETS} on the iSCSI server`;
  // What is logged in is not changed, and a machine that starts before it is finds no target.
  const isOff = hasOther || own.some(({ before: old }) => old);
  const off = isOff ? ', while the machines whose targets change are off' : '';
  return [{ what: 'targets', text: `${run}${off}` }];
}

function pxelinuxStep({ files, tree }: Trees): SiteChange[] {
  // The script is there for what earlier trees left, too: that it came asks for nothing.
  if (!files.some(({ path }) => /^tftp\/(pxelinux\.cfg\/|[^/]+\.ipxe$)/.test(path))) return [];
  const text = tree.has(PUT_PXELINUX)
    ? `run ${PUT_PXELINUX}`
    : "remove pxelinux's files from the folder of TFTP: no machine loads it any more";
  return [{ what: 'pxelinux', text }];
}

function tftpSteps({ files }: Trees): SiteChange[] {
  return TFTP_SERVERS.flatMap(([form, unit]): SiteChange[] => {
    const own = files.filter(({ path }) => form.test(path));
    if (own.length === 0) return [];
    if (own.every(({ change }) => change === 'removed'))
      return [{ what: 'tftp', text: `stop ${unit}, and remove its link` }];
    const isNew = own.some(({ change }) => change === 'added');
    return [{ what: 'tftp', text: isNew ? `set up ${unit} as README.md says` : `restart ${unit}` }];
  });
}

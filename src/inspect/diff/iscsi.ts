import { driveText } from '../../plan/boot-order.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { IMAGES, ISCSI, iscsiSecretsFile, PUT_PXELINUX, PUT_TARGETS } from '../../tree/paths.ts';
import { quoteShell } from '../../values/quoting.ts';
import { parseSize } from '../../values/size.ts';
import { type Effect, type NodeChange, nodeChange, type SiteChange, step, type Trees } from './change.ts';
import { type IscsiFacts, installs, isDerivedText, type NodeFacts, type SiteFacts } from './facts.ts';
import { describeChange, firstOf, isSame, missing, otherKeys, type Plain, pairByName } from './values.ts';

/* The iSCSI disk of a node. */

const WORDS = {
  target: 'iSCSI target',
  address: 'iSCSI server',
  port: 'port of the iSCSI server',
  lun: 'LUN',
  initiator: 'initiator',
  fallback: 'if its target is unreachable',
} as const satisfies Partial<Record<keyof IscsiFacts, string>>;

type Key = keyof typeof WORDS;

const OF_TARGET = 'the name of its iSCSI target';

/** A target's name may end with a secret, which all targets of a site share: the text is equal for all nodes. */
const END = /:…$/;

/** Returns the changes of a node's iSCSI disk, except those that other changes of the node cause. */
export function iscsiChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [old, now] = [before.iscsi, after.iscsi];
  // systemChange reports that a node boots another system.
  if (before.os !== after.os) return [];
  if (!old || !now) return before.os === 'harvester' && old !== now ? [diskTypeChange(before, after)] : [];
  const isOther = old.disk !== now.disk;
  const isInStore = old.disk !== undefined && now.disk !== undefined;
  const isDerived = (key: Key) => {
    // The name of a target in the site's own store contains that of the disk, and names contain the node's.
    if (isOther && (key === 'target' || !isInStore)) return ['target', 'address', 'port'].includes(key);
    return isDerivedText(String(old[key]), String(now[key]), before, after);
  };
  const keys = (Object.keys(WORDS) as Key[]).filter((key) => !isSame(old[key], now[key]) && !isDerived(key));
  const ends = [old.target, now.target].map((target = '') => END.test(target));
  const isSameTarget = old.target?.replace(END, '') === now.target?.replace(END, '');
  const [oldSecrets, secrets] = [old.target_secrets, now.target_secrets];
  // Trees of earlier versions do not contain the names of secrets.
  const hasOtherEnd =
    old.target === now.target && oldSecrets && secrets && !isSame(oldSecrets, secrets) && !isOther;
  return [
    ...(isOther ? [diskChange(before, after, old, now)] : sizeChange(old, now)),
    ...keys.map((key) => {
      const end = key === 'target' && isSameTarget && (ends[1] ? 'now ends' : 'no longer ends');
      const text = end
        ? `${OF_TARGET} ${end} with a secret`
        : `${WORDS[key]}: ${describeChange(old[key], now[key])}`;
      return change(key, old[key], now[key], text);
    }),
    ...(hasOtherEnd
      ? [change('target', old.target, now.target, `${OF_TARGET} now ends with another secret`)]
      : []),
    ...localDiskChange(before, after),
    ...chapChange(before, after),
  ];
}

function change(key: string, before: unknown, after: unknown, text: string, effect: Effect = 'boot') {
  return nodeChange('iscsi', effect, text, { key, before, after });
}

/** Describes the iSCSI disk that a node boots. */
export function iscsiText({ iscsi }: NodeFacts): string {
  if (iscsi?.image !== undefined) return `its iSCSI disk (a clone of ${iscsi.image})`;
  return iscsi?.target === undefined ? 'its iSCSI disk' : `the iSCSI target ${iscsi.target}`;
}

/** Reports that a disk stays in the store after its node gets another; empty for disks outside the store. */
export function diskStays(before: NodeFacts, after: NodeFacts): string {
  const disk = before.iscsi?.disk;
  if (disk === undefined || disk === after.iscsi?.disk) return '';
  return `; the old disk ${disk} stays in the store until images.sh prune`;
}

/** Reports another local disk, which matters only if the node may boot one. */
function localDiskChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [from, to] = [driveText(before.drive), driveText(after.drive)];
  const mayBoot = [before, after].every(({ iscsi }) => iscsi?.fallback === 'disk');
  if (!mayBoot || from === to) return [];
  return [change('drive', from, to, `local disk to boot if its target is unreachable: ${from} → ${to}`)];
}

/** Reports that the disk of Harvester changes between the machine's own disk and an iSCSI disk. */
function diskTypeChange(before: NodeFacts, after: NodeFacts): NodeChange {
  const { iscsi } = after;
  const where = iscsi
    ? `on the iSCSI disk ${iscsi.disk ?? iscsi.target} instead of its local disk, which stays unchanged`
    : 'on its local disk instead of an iSCSI disk';
  const isInstalled = after.install === 'never' ? '' : '; installs if there is no system';
  const text = `looks for its system ${where}${isInstalled}${diskStays(before, after)}`;
  return change('disk', before.iscsi?.disk, iscsi?.disk, text);
}

function diskChange(before: NodeFacts, after: NodeFacts, old: IscsiFacts, now: IscsiFacts): NodeChange {
  const isInstalled = installs(after) ? ': will install if that disk has no system' : '';
  const stays = `${isInstalled}${diskStays(before, after)}`;
  // If the prefix of all names in the store changes, serverChanges reports the effect.
  const isRenamed = old.disk !== undefined && before.name === after.name && old.image === now.image;
  const gets =
    now.disk === undefined
      ? `gets a disk outside the site's store, at ${now.target}${stays}`
      : isRenamed
        ? `the name of its disk is ${now.disk} instead of ${old.disk}${isInstalled}`
        : `gets another disk, ${now.image === undefined ? `${now.disk}, which is blank` : `a clone of ${now.image}`}${stays}`;
  return change('disk', old.disk, now.disk, gets);
}

/** images.sh enlarges disks and never shrinks them. */
function sizeChange(old: IscsiFacts, now: IscsiFacts): NodeChange[] {
  if (old.size === now.size) return [];
  const [from = 0, to = 0] = [old.size, now.size].map((size) => parseSize(size ?? ''));
  const isLess = to < from;
  const how = isLess
    ? 'disks do not shrink: it keeps its size until images.sh reset re-creates it'
    : 'scripts/images.sh make enlarges it; the system must grow its partitions and file systems';
  const text = `size of its disk: ${describeChange(old.size, now.size)}; ${how}`;
  return [change('size', old.size, now.size, text, isLess ? 'inventory' : 'boot')];
}

/** Reports other CHAP secrets: the first authenticates the node, a second one its target. */
function chapChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
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
  return [change('chap', undefined, undefined, text)];
}

/* The iSCSI server of a site, its images and its tenants. */

const STORE_KEYS = ['store', 'pool', 'folder', 'prefix', 'format'];

/** TFTP servers other than dnsmasq, by their files in the tree. */
const TFTP_SERVERS = [
  [/^tftpd\//, 'tftpd-hpa'],
  [/^xinetd\//, 'xinetd'],
  [/^systemd\/.*-tftp\.(socket|service)$/, "the TFTP server's socket"],
] as const;

/** Maximum number of images and disks that a line shows. */
const MAX_SHOWN = 3;

/** Returns the changes of a site's iSCSI server, and new and removed tenants and images. */
export function iscsiSiteChanges({ before, after }: Trees): SiteChange[] {
  const noRecord = `the earlier build has no record of the sources of images and the secrets of disks: compare ${IMAGES} and the scripts of nodes yourself`;
  return [
    ...(before.iscsi && after.iscsi ? serverChanges(before.iscsi, after.iscsi) : []),
    ...listChanges('tenant', before.tenants, after.tenants),
    ...listChanges('disk-image', before.images, after.images),
    ...step('iscsi', before.iscsi && !before.server && noRecord),
  ];
}

function serverChanges(old: Plain, now: Plain): SiteChange[] {
  const keys = otherKeys(old, now);
  // Several keys set the location of disks: only the first has the effect in its text.
  const first = keys.find((key) => STORE_KEYS.includes(key));
  return keys.flatMap((key) => {
    const [from, to] = [old[key], now[key]];
    const effect = key === first ? storeEffect(keys, old, now) : effectOf(key, now);
    const text = `iSCSI server: ${key} ${describeChange(from, to)}${effect}`;
    return step('iscsi', text, { key, before: from, after: to });
  });
}

function effectOf(key: string, { address, port, driver }: Plain): string {
  if (key === 'address')
    return `; if ${address} is another machine, set it up as README.md describes and copy the disks there`;
  if (key === 'driver') return '; first stop the targets that the old driver serves';
  // The files of tgt in the tree do not contain the port.
  return key === 'port' && driver === 'tgt'
    ? `; machines connect to this port: start the server with tgtd --iscsi portal=:${port}`
    : '';
}

/** Describes the effect of another store: disks do not move there automatically. */
function storeEffect(keys: readonly string[], old: Plain, now: Plain): string {
  if (keys.some((key) => STORE_KEYS.includes(key) && key !== 'format'))
    return '; images and disks are looked for only there: copy those to keep before scripts/images.sh make, which re-creates missing disks from their images';
  const [from, to] = [old.format, now.format];
  return `; images and disks are looked for only in that format: convert each before scripts/images.sh make (qemu-img convert -f ${from} -O ${to} NAME.${from} NAME.${to})`;
}

function listChanges(
  what: 'tenant' | 'disk-image',
  before: SiteFacts['tenants'],
  after: SiteFacts['tenants'],
): SiteChange[] {
  const isImage = what === 'disk-image';
  const [word, stays] = isImage ? ['image', '; it stays in the store until images.sh prune'] : ['tenant', ''];
  return pairByName(before, after).flatMap(([name, old, now]): SiteChange[] => {
    if (!now) return [{ what, name, text: `${word} ${name} is gone${stays}` }];
    if (!old) return [{ what, name, text: `${word} ${name} is new` }];
    return otherKeys(old, now).flatMap((key): SiteChange[] => {
      const [from, to] = [old[key], now[key]];
      // The stored name of an image is derived from its name and from the prefix of the store.
      if (key === 'stored' || (key === 'source' && to === undefined)) return [];
      const text = `${word} ${name}: ${key === 'source' ? sourceText(from, to) : `${key} ${describeChange(from, to)}`}`;
      return [{ what, name, key, before: from, after: to, text }];
    });
  });
}

/** Quotes paths like scripts/images.sh, where the old image has to be removed. */
function sourceText(before: unknown, after: unknown): string {
  const [from, to] = [before, after].map((path) =>
    path === undefined ? 'not set' : quoteShell(String(path)),
  );
  return `source ${from} → ${to}; an image in the store does not change: rename it, or first remove it from the store (images.sh)`;
}

/** Returns the steps after deployment on the iSCSI server and on the TFTP server that leads machines to their disks. */
export function iscsiSteps(trees: Trees): SiteChange[] {
  const { files, tree } = trees;
  // The script also exists to remove files of earlier trees: its addition requires no step.
  const isOfPxelinux = files.some(({ path }) => /^tftp\/(pxelinux\.cfg\/|[^/]+\.ipxe$)/.test(path));
  const pxelinux = tree.has(PUT_PXELINUX)
    ? `run ${PUT_PXELINUX}`
    : "remove PXELINUX's files from the TFTP directory: no machine loads it any longer";
  return [
    ...(tree.has(IMAGES) ? imagesStep(trees) : []),
    ...targetsStep(trees),
    ...step('pxelinux', isOfPxelinux && pxelinux),
    ...TFTP_SERVERS.flatMap(([pattern, unit]) => {
      const states = new Set(files.flatMap(({ path, change }) => (pattern.test(path) ? change : [])));
      const isGone = states.size === 1 && states.has('removed');
      const again = states.has('added') ? `set up ${unit} as README.md describes` : `restart ${unit}`;
      return step('tftp', states.size > 0 && (isGone ? `stop ${unit} and remove its link` : again));
    }),
  ];
}

function imagesStep({ before, after }: Trees): SiteChange[] {
  const old = new Map(disksOf(before));
  const [from, to] = [before.iscsi, after.iscsi];
  const isMoved = from && to && STORE_KEYS.some((key) => !isSame(from[key], to[key]));
  const due = disksOf(after).filter(([disk, size]) => isMoved || size > (old.get(disk) ?? -1));
  const images = [...after.images.keys()].filter((name) => isMoved || !before.images.has(name));
  const all = [...images.map((name) => `image ${name}`), ...due.map(([disk]) => disk)];
  const kept = isMoved ? ', once the disks to keep are there' : '';
  const text = `run ${IMAGES} make on the iSCSI server${kept} (${listed(firstOf(all, MAX_SHOWN))})`;
  return step('images', all.length > 0 && text, { after: all });
}

function disksOf({ nodes }: SiteFacts): [disk: string, size: number][] {
  return [...nodes.values()].flatMap(({ iscsi }): [string, number][] =>
    iscsi?.disk === undefined ? [] : [[iscsi.disk, parseSize(iscsi.size ?? '') ?? 0]],
  );
}

function targetsStep({ before, after, files, tree, filled }: Trees): SiteChange[] {
  const { target_secrets: secrets = [] } = after.server ?? {};
  const hasOther = filled?.otherValues.some((name) => secrets.includes(name)) ?? false;
  const own = files.filter(({ path }) => path.startsWith(`${ISCSI}/`));
  if (own.length === 0 && !hasOther && !files.some(({ path }) => path === PUT_TARGETS)) return [];
  if (!tree.has(PUT_TARGETS)) {
    const text = `remove the targets and the file of their passwords, ${iscsiSecretsFile(before.name ?? 'SITE')}, from the iSCSI server: this site no longer has targets`;
    return step('targets', text);
  }
  // If the tree contains the values, the script needs no others.
  const needsSecrets = !filled?.isFilled && missing(secrets, before.server?.target_secrets ?? []).length > 0;
  const run = needsSecrets
    ? `copy the secrets to the iSCSI server again and run ${PUT_TARGETS} there`
    : `run ${PUT_TARGETS} on the iSCSI server`;
  // A target in use does not change, and a machine that starts during the change finds no target.
  const isOff = hasOther || own.some(({ before: old }) => old);
  return step('targets', `${run}${isOff ? ', while the machines whose targets change are off' : ''}`);
}

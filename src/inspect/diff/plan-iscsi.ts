import { listed } from '../../source/diagnostics/listed.ts';
import { IMAGES, ISCSI, iscsiSecretsFile, PUT_PXELINUX, PUT_TARGETS } from '../../tree/paths.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import { parseSize } from '../../values/size.ts';
import type { SiteChange } from './change.ts';
import type { SiteFacts } from './facts.ts';
import type { FileChange } from './file-changes.ts';
import { isSame } from './leaf-changes.ts';
import type { FilledChange } from './plan.ts';
import { newTargetSecrets, targetSecretsOf } from './target-secrets.ts';
import { turn } from './words.ts';

/** What says where disks are looked for, and as what. */
const PLACE = ['store', 'pool', 'folder', 'prefix', 'format'];

/** How a target's server is told to listen at another port, where that is not in what it reads of the tree. */
const PORTAL: Readonly<Record<string, (port: unknown) => string>> = {
  tgt: (port) => `tgtd --iscsi portal=:${port}`,
  iet: (port) => `ietd --port=${port}`,
};

/** A line of scripts/images.sh: an image, and the file that it is imported from. */
const SOURCE = /^image (\S+) (.+) \S+$/gm;

/** What serves the folder of TFTP where dnsmasq does not, by its file in the tree. */
const TFTP_SERVERS = [
  [/^tftpd\//, 'tftpd-hpa'],
  [/^xinetd\//, 'xinetd'],
  [/^systemd\/.*-tftp\.(socket|service)$/, "the TFTP server's socket"],
] as const;

/** So many names are said before the rest is counted. */
const MOST = 3;

/** Says what of a site's iSCSI server is not what it was, and which tenants and images come and go. */
export function iscsiSiteChanges(
  before: SiteFacts,
  after: SiteFacts,
  files: readonly FileChange[],
): SiteChange[] {
  return [
    ...serverChanges(before, after),
    ...comingAndGoing('tenant', before.tenants, after.tenants),
    ...comingAndGoing('disk-image', before.images, after.images),
    ...sourceChanges(files),
  ];
}

/** Says what is to be done on the iSCSI server, and where machines load what leads to their disks, once the tree is deployed. */
export function iscsiSteps(
  before: SiteFacts,
  after: SiteFacts,
  files: readonly FileChange[],
  tree: Tree,
  filled?: FilledChange,
): SiteChange[] {
  return [
    ...imagesStep(before, after, tree),
    ...targetsStep(before, files, tree, filled),
    ...pxelinuxStep(files, tree),
    ...tftpStep(files),
  ];
}

function serverChanges({ iscsi: old }: SiteFacts, { iscsi: now }: SiteFacts): SiteChange[] {
  if (!old || !now) return [];
  const keys = [...new Set([...Object.keys(now), ...Object.keys(old)])].filter(
    (key) => !isSame(old[key], now[key]),
  );
  // Of what says together where disks are, it is said once what that comes to.
  const first = keys.find((key) => PLACE.includes(key));
  return keys.map((key): SiteChange => {
    const [from, to] = [old[key], now[key]];
    const meant = key === first ? ofPlace(keys, old, now) : meaning(key, now);
    return {
      what: 'iscsi',
      key,
      before: from,
      after: to,
      text: `iSCSI server: ${key} ${turn(from, to)}${meant}`,
    };
  });
}

function meaning(key: string, { address, port, driver }: NonNullable<SiteFacts['iscsi']>): string {
  if (key === 'address')
    return `; if ${address} is another machine, set it up as README.md says, and bring the disks there`;
  if (key === 'driver') return '; what the other one serves is to be stopped there first';
  const portal = key === 'port' && typeof driver === 'string' ? PORTAL[driver]?.(port) : undefined;
  return portal ? `; machines ask there, where nothing listens unless it is started so: ${portal}` : '';
}

/** What comes of another place of disks: none goes there by itself. */
function ofPlace(
  keys: readonly string[],
  old: NonNullable<SiteFacts['iscsi']>,
  now: NonNullable<SiteFacts['iscsi']>,
): string {
  const isFormatAlone = !keys.some((key) => PLACE.includes(key) && key !== 'format');
  if (!isFormatAlone)
    return '; every image and disk is looked for there alone: bring what is to be kept before scripts/images.sh make, which makes anew of its image what it does not find';
  const [from, to] = [old.format, now.format];
  return `; every image and disk is looked for in that format alone: convert each before scripts/images.sh make (qemu-img convert -f ${from} -O ${to} NAME.${from} NAME.${to})`;
}

/** Whether disks are looked for elsewhere, or as something else. */
function isMoved({ iscsi: old }: SiteFacts, { iscsi: now }: SiteFacts): boolean {
  return old !== undefined && now !== undefined && PLACE.some((key) => !isSame(old[key], now[key]));
}

/** An image that is in the store is not imported again. */
function sourceChanges(files: readonly FileChange[]): SiteChange[] {
  const script = files.find(({ path }) => path === IMAGES);
  const [old, now] = [script?.before, script?.after].map((file) => sourcesIn(file ? textOf(file) : ''));
  return [...(now ?? [])].flatMap(([name, to]): SiteChange[] => {
    const from = old?.get(name);
    if (from === undefined || from === to || to === "''") return [];
    const text = `image ${name}: source ${from === "''" ? 'not set' : from} → ${to}; one that is in the store stays what it is: give it another name, or remove it first (images.sh)`;
    return [{ what: 'disk-image', name, key: 'source', before: from, after: to, text }];
  });
}

function sourcesIn(script: string): Map<string, string> {
  return new Map([...script.matchAll(SOURCE)].map(([, name = '', source = '']) => [name, source]));
}

/** Tenants and images that are new, gone or other, in the inventory's order, what is gone last. */
function comingAndGoing(
  what: 'tenant' | 'disk-image',
  before: SiteFacts['tenants'],
  after: SiteFacts['tenants'],
): SiteChange[] {
  const word = what === 'tenant' ? 'tenant' : 'image';
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((name): SiteChange[] => {
    const [old, now] = [before.get(name), after.get(name)];
    if (!now) {
      const stays = what === 'disk-image' ? '; it stays in the store until images.sh prune' : '';
      return [{ what, name, text: `${word} ${name} is gone${stays}` }];
    }
    if (!old) return [{ what, name, text: `${word} ${name} is new` }];
    return [...new Set([...Object.keys(now), ...Object.keys(old)])].flatMap((key): SiteChange[] => {
      const [from, to] = [old[key], now[key]];
      // What the store calls an image follows from its name and from how all names there begin.
      if (isSame(from, to) || key === 'stored') return [];
      const text = `${word} ${name}: ${key} ${turn(from, to)}`;
      return [{ what, name, key, before: from, after: to, text }];
    });
  });
}

/** Disks and images that are not there yet are to be made before a target can serve them. */
function imagesStep(before: SiteFacts, after: SiteFacts, tree: Tree): SiteChange[] {
  if (!tree.has(IMAGES)) return [];
  const old = new Map(disksOf(before));
  const isOther = isMoved(before, after);
  const due = disksOf(after).flatMap(([disk, size]) =>
    !isOther && old.has(disk) && size <= (old.get(disk) ?? 0) ? [] : disk,
  );
  const images = [...after.images.keys()].filter((name) => isOther || !before.images.has(name));
  const all = [...images.map((name) => `image ${name}`), ...due];
  if (all.length === 0) return [];
  const named = all.length > MOST ? [...all.slice(0, MOST - 1), `${all.length - MOST + 1} more`] : all;
  const kept = isOther ? ', once what is to be kept is there' : '';
  const text = `run ${IMAGES} make on the iSCSI server${kept} (${listed(named)})`;
  return [{ what: 'images', after: all, text }];
}

/** The disks in the site's own store, and how large each is to be at least, in bytes. */
function disksOf({ nodes }: SiteFacts): [disk: string, size: number][] {
  return [...nodes.values()].flatMap(({ iscsi }): [string, number][] =>
    iscsi?.disk === undefined ? [] : [[iscsi.disk, parseSize(iscsi.size ?? '') ?? 0]],
  );
}

function targetsStep(
  before: SiteFacts,
  files: readonly FileChange[],
  tree: Tree,
  filled: FilledChange | undefined,
): SiteChange[] {
  const ofTargets = targetSecretsOf(files, tree);
  const hasOther = filled?.otherValues.some((name) => ofTargets.has(name)) ?? false;
  const own = files.filter(({ path }) => path.startsWith(`${ISCSI}/`));
  const isDue = own.length > 0 || hasOther || files.some(({ path }) => path === PUT_TARGETS);
  if (!isDue) return [];
  if (!tree.has(PUT_TARGETS)) {
    const text = `remove the targets from the iSCSI server, and ${iscsiSecretsFile(before.name ?? 'SITE')} with their passwords: this site has none any more`;
    return [{ what: 'targets', text }];
  }
  // Where the tree holds the values, the script needs no others.
  const isAsked = !filled?.isFilled && newTargetSecrets(files, tree).length > 0;
  const put = isAsked ? 'put the secrets on the iSCSI server again, and ' : '';
  const where = isAsked ? 'there' : 'on the iSCSI server';
  const isOff = hasOther || own.some(({ before: old }) => old);
  // What is logged in is not changed, and a machine that starts before it is finds no target.
  const off = isOff ? ', while the machines whose targets change are off' : '';
  return [{ what: 'targets', text: `${put}run ${PUT_TARGETS} ${where}${off}` }];
}

function pxelinuxStep(files: readonly FileChange[], tree: Tree): SiteChange[] {
  // The script is there for what earlier trees left, too: that it came asks for nothing.
  if (!files.some(({ path }) => /^tftp\/(pxelinux\.cfg\/|[^/]+\.ipxe$)/.test(path))) return [];
  const text = tree.has(PUT_PXELINUX)
    ? `run ${PUT_PXELINUX}`
    : "remove pxelinux's files from the folder of TFTP: no machine loads it any more";
  return [{ what: 'pxelinux', text }];
}

function tftpStep(files: readonly FileChange[]): SiteChange[] {
  return TFTP_SERVERS.flatMap(([form, unit]): SiteChange[] => {
    const own = files.filter(({ path }) => form.test(path));
    if (own.length === 0) return [];
    if (own.every(({ change }) => change === 'removed'))
      return [{ what: 'tftp', text: `stop ${unit}, and remove its link` }];
    const isNew = own.some(({ change }) => change === 'added');
    return [{ what: 'tftp', text: isNew ? `set up ${unit} as README.md says` : `restart ${unit}` }];
  });
}

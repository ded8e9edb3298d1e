import { listed } from '../diagnostics/listed.ts';
import type { Tree } from '../output/tree.ts';
import { parseSize } from '../site/size.ts';
import { ISCSI } from '../targets/paths.ts';
import type { SiteChange } from './change.ts';
import type { SiteFacts } from './facts.ts';
import type { FileChange } from './file-changes.ts';
import { isSame } from './leaf-changes.ts';
import { turn } from './words.ts';

const IMAGES_SCRIPT = 'scripts/images.sh';
const PUT_TARGETS = 'scripts/put-targets.sh';
const PUT_PXELINUX = 'scripts/put-pxelinux.sh';

/** What serves the folder of TFTP where dnsmasq does not, by its file in the tree. */
const TFTP_SERVERS = [
  [/^tftpd\//, 'tftpd-hpa'],
  [/^xinetd\//, 'xinetd'],
  [/^systemd\/.*-tftp\.(socket|service)$/, "the TFTP server's socket"],
] as const;

/** So many names are said before the rest is counted. */
const MOST = 3;

/** Says what of a site's iSCSI server is not what it was, and which tenants and images come and go. */
export function iscsiSiteChanges(before: SiteFacts, after: SiteFacts): SiteChange[] {
  return [
    ...serverChanges(before, after),
    ...comingAndGoing('tenant', before.tenants, after.tenants),
    ...comingAndGoing('disk-image', before.images, after.images),
  ];
}

/** Says what is to be done on the iSCSI server, and where machines load what leads to their disks, once the tree is deployed. */
export function iscsiSteps(
  before: SiteFacts,
  after: SiteFacts,
  files: readonly FileChange[],
  tree: Tree,
): SiteChange[] {
  return [
    ...imagesStep(before, after, tree),
    ...targetsStep(files, tree),
    ...pxelinuxStep(files, tree),
    ...tftpStep(files),
  ];
}

function serverChanges({ iscsi: old }: SiteFacts, { iscsi: now }: SiteFacts): SiteChange[] {
  if (!old || !now) return [];
  return [...new Set([...Object.keys(now), ...Object.keys(old)])].flatMap((key): SiteChange[] => {
    const [from, to] = [old[key], now[key]];
    if (isSame(from, to)) return [];
    const text = `iSCSI server: ${key} ${turn(from, to)}${meaning(key, to)}`;
    return [{ what: 'iscsi', key, before: from, after: to, text }];
  });
}

function meaning(key: string, to: unknown): string {
  if (key === 'address')
    return `; if ${to} is another machine, set it up as README.md says, and bring the disks there`;
  if (key === 'driver') return '; what the other one serves is to be stopped there first';
  const isPlace = ['store', 'pool', 'folder', 'prefix'].includes(key);
  return isPlace
    ? '; every disk is looked for there: what is not brought there is made anew of its image'
    : '';
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
  if (!tree.has(IMAGES_SCRIPT)) return [];
  const old = new Map(disksOf(before));
  const due = disksOf(after).flatMap(([disk, size]) =>
    old.has(disk) && size <= (old.get(disk) ?? 0) ? [] : disk,
  );
  const images = [...after.images.keys()].filter((name) => !before.images.has(name));
  const all = [...images.map((name) => `image ${name}`), ...due];
  if (all.length === 0) return [];
  const named = all.length > MOST ? [...all.slice(0, MOST - 1), `${all.length - MOST + 1} more`] : all;
  const text = `run ${IMAGES_SCRIPT} make on the iSCSI server (${listed(named)})`;
  return [{ what: 'images', after: all, text }];
}

/** The disks in the site's own store, and how large each is to be at least, in bytes. */
function disksOf({ nodes }: SiteFacts): [disk: string, size: number][] {
  return [...nodes.values()].flatMap(({ iscsi }): [string, number][] =>
    iscsi?.disk === undefined ? [] : [[iscsi.disk, parseSize(iscsi.size ?? '') ?? 0]],
  );
}

function targetsStep(files: readonly FileChange[], tree: Tree): SiteChange[] {
  if (!files.some(({ path }) => path.startsWith(`${ISCSI}/`) || path === PUT_TARGETS)) return [];
  const text = tree.has(PUT_TARGETS)
    ? `run ${PUT_TARGETS} on the iSCSI server`
    : 'remove the targets from the iSCSI server: this site has none any more';
  return [{ what: 'targets', text }];
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

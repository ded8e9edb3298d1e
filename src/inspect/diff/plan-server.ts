import { listed } from '../../source/diagnostics/listed.ts';
import { FETCH_MEDIA, GRUB_TFTP, PUT_GRUB } from '../../tree/paths.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import type { SiteChange } from './change.ts';
import type { SiteFacts } from './facts.ts';
import type { FileChange } from './file-changes.ts';
import { fillChanges } from './fill-changes.ts';
import { linuxImageChange } from './linux-image-change.ts';
import { opsChange } from './ops-change.ts';
import type { FilledChange } from './plan.ts';
import { dhcpChanges } from './plan-dhcp.ts';
import { hostChange, hostSetup } from './plan-host.ts';
import { iscsiSteps } from './plan-iscsi.ts';
import { hasPods, kubernetesChange } from './plan-kubernetes.ts';
import { secretChanges } from './secret-changes.ts';

const SIGN_MEDIA = 'scripts/sign-media.sh';

/** What is signed, and what says which of a release is. */
const SIGNED = /^(www\/(boot|ipxe\/(serial\/)?[^/]+)\.ipxe|scripts\/sign-media\.sh)$/;

/**
 * Says what the boot server needs, and what is to be done there once the tree is deployed; `filled` where the tree has the
 * values of its secrets itself.
 */
export function planServer(
  before: SiteFacts,
  after: SiteFacts,
  files: readonly FileChange[],
  tree: Tree,
  filled?: FilledChange,
): SiteChange[] {
  // A mode that is put right is nothing to a service.
  const others = files.filter(({ before, after }) => !before || !after || textOf(before) !== textOf(after));
  const releases = comingReleases(before, after, others);
  const secrets = secretChanges(files, tree, filled);
  if (after.hasHost) {
    return [
      ...hostChange(before, after),
      ...secrets,
      ...machineChange(before.hostAddress, after.hostAddress),
      ...linuxImageChange(others),
      ...signChange(others, tree),
      ...fillChanges(others, tree),
      ...iscsiSteps(before, after, others, tree, filled),
      // What a network has that libvirt does not make is not host-setup.sh's.
      ...serviceChange(others, 'dnsmasq', 'restart dnsmasq'),
      ...dhcpChanges(others),
      ...hostSetup(others, releases),
      ...opsChange(others),
    ];
  }
  if (hasPods(tree)) {
    return [
      ...hostChange(before, after),
      ...secrets,
      ...mediaChange(releases, ' for the volume of the pods'),
      ...linuxImageChange(others, 'images/ on the volume of the pods'),
      ...signChange(others, tree),
      // These are on a machine of the nodes' network, whoever serves the tree.
      ...grubChange(others),
      ...iscsiSteps(before, after, others, tree, filled),
      ...serviceChange(others, 'dnsmasq', 'restart dnsmasq'),
      ...dhcpChanges(others),
      ...kubernetesChange(others, tree),
      ...opsChange(others),
    ];
  }
  return [
    ...hostChange(before, after),
    ...secrets,
    ...machineChange(hostOf(before.url), hostOf(after.url)),
    ...rootChange(others),
    ...mediaChange(releases),
    ...linuxImageChange(others),
    ...signChange(others, tree),
    ...grubChange(others),
    ...fillChanges(others, tree),
    ...iscsiSteps(before, after, others, tree, filled),
    ...serviceChange(others, 'dnsmasq', 'restart dnsmasq'),
    ...dhcpChanges(others),
    ...serviceChange(others, 'nginx', 'reload nginx'),
    ...kubernetesChange(others, tree),
    ...opsChange(others),
  ];
}

/** Another host may be another machine, on which nothing is set up yet. */
function machineChange(old: string | undefined, now: string | undefined): SiteChange[] {
  if (old === undefined || now === undefined || old === now) return [];
  const text = `if ${now} is another machine than ${old}, set it up as README.md says`;
  return [{ what: 'server', before: old, after: now, text }];
}

/** Links lead to where the tree was; nginx's file alone says where that is. */
function rootChange(files: readonly FileChange[]): SiteChange[] {
  for (const { path, before, after } of files) {
    if (!isOf('nginx', path) || !before || !after) continue;
    const [old, now] = [before, after].map((file) => /^ {4}root (\S+)\/www;$/m.exec(textOf(file))?.[1]);
    if (old === undefined || now === undefined || old === now) continue;
    const text = `link the services' files anew as README.md says: the tree lies in ${now} instead of ${old}`;
    return [{ what: 'root', before: old, after: now, text }];
  }
  return [];
}

/** The releases that the boot server does not have yet, each with its architecture. */
function comingReleases(before: SiteFacts, after: SiteFacts, files: readonly FileChange[]): string[] {
  if (!files.some(({ path, after }) => path === FETCH_MEDIA && after)) return [];
  const old = releasesOf(before);
  return [...releasesOf(after, `${after.url}/harvester/`)].filter((release) => !old.has(release));
}

/** The script fetches what is not there; it is to be run where a release comes. */
function mediaChange(come: readonly string[], where = ''): SiteChange[] {
  if (come.length === 0) return [];
  return [{ what: 'media', after: come, text: `run ${FETCH_MEDIA}${where} (Harvester ${listed(come)})` }];
}

/** Machines refuse what is signed otherwise than it is. */
function signChange(files: readonly FileChange[], tree: Tree): SiteChange[] {
  const isDue = tree.has(SIGN_MEDIA) && files.some(({ path, after }) => after && SIGNED.test(path));
  return isDue ? [{ what: 'sign', text: `sign as README.md says (${SIGN_MEDIA})` }] : [];
}

/** What leads GRUB on is copied to where firmware loads GRUB itself. */
function grubChange(files: readonly FileChange[]): SiteChange[] {
  const isDue = files.some(({ path, after }) => after && (path === PUT_GRUB || path.startsWith(GRUB_TFTP)));
  return isDue ? [{ what: 'grub', text: `run ${PUT_GRUB}` }] : [];
}

function serviceChange(files: readonly FileChange[], what: 'dnsmasq' | 'nginx', again: string): SiteChange[] {
  const own = files.filter(({ path }) => isOf(what, path));
  if (own.length === 0) return [];
  // A service is told of its files by links, and does not start where a link leads nowhere.
  const gone = own.flatMap(({ path, change }) => (change === 'removed' ? path.slice(what.length + 1) : []));
  const isNew = own.some(({ change }) => change === 'added');
  const steps = [
    gone.length > 0 ? `remove ${what}'s link to ${listed(gone)}` : '',
    isNew ? `set up ${what} as README.md says` : again,
  ];
  return [{ what, text: steps.filter(Boolean).join(', ') }];
}

/** The releases of nodes, each with its architecture; where a place is said, those of which a script fetches there. */
function releasesOf({ nodes }: SiteFacts, place = ''): Set<string> {
  const installed = [...nodes.values()].filter(
    ({ os, script }) => os === 'harvester' && script?.includes(place),
  );
  return new Set(installed.flatMap(({ release, arch }) => (release ? `${release} ${arch}` : [])));
}

function isOf(service: 'dnsmasq' | 'nginx', path: string): boolean {
  return path.startsWith(`${service}/`) && /^[^/]+\/[^/]+\.conf$/.test(path);
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined;
}

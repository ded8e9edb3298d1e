import { OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import { listed, namesOf } from '../../source/diagnostics/words.ts';
import { isValueMap } from '../../source/origin.ts';
import { COREDHCP } from '../../targets/coredhcp/coredhcp.ts';
import { DHCPD } from '../../targets/isc/isc.ts';
import { KEA } from '../../targets/kea/kea.ts';
import { CONMAN_CONF, POWERMAN_CONF, REDFISH_DEVICE } from '../../targets/ops/ops.ts';
import { FETCH_MEDIA, GRUB_TFTP, PUT_GRUB } from '../../tree/paths.ts';
import { type File, textOf } from '../../tree/tree.ts';
import type { SiteChange, Trees } from './change.ts';
import { SIGN_MEDIA, type SiteFacts } from './facts.ts';
import { capture, type FileChange } from './files.ts';
import { hostChange, hostSetup } from './host.ts';
import { iscsiSteps } from './iscsi.ts';
import { fillChanges, secretChanges } from './secrets.ts';
import { readMap } from './values.ts';

/** What is to be done once the tree is deployed; other changes say what the site is. */
export const SERVER_STEPS: ReadonlySet<string> = new Set(
  'server root media linux-images sign grub images targets pxelinux tftp secrets dnsmasq dhcp nginx kubernetes host-setup ops'.split(
    ' ',
  ),
);

/** What is signed, and what says which of a release is. */
const SIGNED = /^(www\/(boot|ipxe\/(serial\/)?[^/]+)\.ipxe|scripts\/sign-media\.sh)$/;

/** What the DHCP servers beside dnsmasq read, in the tree. */
const DHCP_FILES = { isc: [DHCPD], kea: [KEA], coredhcp: Object.values(COREDHCP) } as const;

/** What has the machines' management controllers in a configuration that is a copy, and what else of the tree it reads. */
const OPS = [
  { name: 'powerman', copied: POWERMAN_CONF, read: REDFISH_DEVICE, how: '' },
  { name: 'conman', copied: CONMAN_CONF, read: undefined, how: ' behind its credentials' },
] as const;

/** Says what the boot server needs, and what is to be done there once the tree is deployed. */
export function planServer(all: Trees): SiteChange[] {
  const { before, after } = all;
  // A mode that is put right is nothing to a service.
  const files = all.files.filter(
    ({ before, after }) => !before || !after || textOf(before) !== textOf(after),
  );
  const trees = { ...all, files };
  const releases = comingReleases(trees);
  const isHost = Boolean(after.hasHost);
  const isPods = !isHost && Boolean(after.hasPods);
  const isPlain = !isHost && !isPods;
  const [old, now] = isHost
    ? [before.hostAddress, after.hostAddress]
    : [hostOf(before.url), hostOf(after.url)];
  const volume = 'images/ on the volume of the pods';
  return [
    ...hostChange(trees),
    ...secretChanges(all),
    ...(isPods ? [] : machineChange(old, now)),
    ...(isPlain ? rootChange(files) : []),
    ...(isHost ? [] : mediaChange(releases, isPods ? ' for the volume of the pods' : '')),
    ...linuxImageChange(files, isPods ? volume : undefined),
    ...signChange(trees),
    // These are on a machine of the nodes' network, whoever serves the tree.
    ...(isHost ? [] : grubChange(files)),
    ...(isPods ? [] : fillChanges(trees)),
    ...iscsiSteps(trees),
    // What a network has that libvirt does not make is not host-setup.sh's.
    ...serviceChange(files, 'dnsmasq', 'restart dnsmasq'),
    ...dhcpChanges(files),
    ...(isPlain ? serviceChange(files, 'nginx', 'reload nginx') : []),
    ...(isHost ? hostSetup(trees, releases) : kubernetesChange(trees)),
    ...opsChange(files),
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
    if (!isOf('nginx', path)) continue;
    const [old, now] = [before, after].map((file) => capture(file, /^ {4}root (\S+)\/www;$/m));
    if (old === undefined || now === undefined || old === now) continue;
    const text = `link the services' files anew as README.md says: the tree lies in ${now} instead of ${old}`;
    return [{ what: 'root', before: old, after: now, text }];
  }
  return [];
}

/** The releases that the boot server does not have yet, each with its architecture. */
function comingReleases({ before, after, files }: Trees): string[] {
  if (!files.some(({ path, after }) => path === FETCH_MEDIA && after)) return [];
  const old = releasesOf(before);
  return [...releasesOf(after, `${after.url}/harvester/`)].filter((release) => !old.has(release));
}

/** The releases of nodes, each with its architecture; where a place is said, those of which a script fetches there. */
function releasesOf({ nodes }: SiteFacts, place = ''): Set<string> {
  const installed = [...nodes.values()].filter(
    ({ os, script }) => os === 'harvester' && script?.includes(place),
  );
  return new Set(installed.flatMap(({ release, arch }) => (release ? `${release} ${arch}` : [])));
}

/** The script fetches what is not there; it is to be run where a release comes. */
function mediaChange(come: readonly string[], where: string): SiteChange[] {
  if (come.length === 0) return [];
  return [{ what: 'media', after: come, text: `run ${FETCH_MEDIA}${where} (Harvester ${listed(come)})` }];
}

/**
 * Says which kernels, initrds and root file systems no machine needed before: nobody but their maker has them, so that they
 * are to be brought to where the boot server has such files. `where` says that otherwise than by the folder.
 */
function linuxImageChange(files: readonly FileChange[], where?: string): SiteChange[] {
  const script = files.find(({ path }) => path === FETCH_MEDIA);
  const [old, now] = [imagesIn(script?.before), imagesIn(script?.after)];
  const come = now.files.filter((file) => old.folder !== now.folder || !old.files.includes(file));
  if (come.length === 0) return [];
  const names = namesOf(come.map((name) => ({ name })));
  const text = `bring ${names} to ${where ?? now.folder} (${FETCH_MEDIA} says what is missing)`;
  return [{ what: 'linux-images', after: come, text }];
}

/** What scripts/fetch-media.sh looks for that machines boot Linux from, and where. */
function imagesIn(script: File | undefined) {
  const images = script ? textOf(script).matchAll(/^image (.+)$/gm) : [];
  return {
    folder: capture(script, /^images=\$\{IMAGES:-(.+)\}$/m),
    files: Array.from(images, ([, file = '']) => file),
  };
}

/** Machines refuse what is signed otherwise than it is. */
function signChange({ files, tree }: Trees): SiteChange[] {
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

/** Says what is to be done with DHCP servers that read copies of what has changed, and with dnsmasq where its lists alone have. */
function dhcpChanges(files: readonly FileChange[]): SiteChange[] {
  const servers = (['isc', 'kea', 'coredhcp'] as const).flatMap((server): string[] => {
    const [main, ...others] = DHCP_FILES[server];
    const own = files.filter(({ path }) => path === main || others.some((one) => one === path));
    if (own.length === 0) return [];
    const { unit } = OWN_DHCP_SERVERS[server];
    const change = own.find(({ path }) => path === main)?.change;
    if (change === 'added') return [`set up ${unit} as README.md says`];
    if (change === 'removed') return [`stop ${unit}, which has nothing of the site any more`];
    // coredhcp reads its list in the tree; what else changes is copied.
    const copied = own.flatMap(({ path }) => (path === COREDHCP.hosts ? [] : path));
    const copy = copied.length > 0 ? `copy ${listed(copied)} as README.md says, and ` : '';
    return [`${copy}restart ${unit}`];
  });
  // Whatever else of dnsmasq's changes takes a restart, and it reads its lists then.
  const isOfLists = files.some(({ path }) => /^dnsmasq\/[^/]+\.(hosts|options)$/.test(path));
  const restarts = files.some(({ path }) => path.startsWith('dnsmasq/') && path.endsWith('.conf'));
  const lists = isOfLists && !restarts ? ['have dnsmasq read its lists again, by SIGHUP'] : [];
  return [...servers, ...lists].map((text) => ({ what: 'dhcp', text }));
}

/** Says what is to be done with powerman and ConMan, which go on with the controllers that they have been told of. */
function opsChange(files: readonly FileChange[]): SiteChange[] {
  return OPS.flatMap(({ name, copied, read, how }): SiteChange[] => {
    const change = files.find(({ path }) => path === copied)?.change;
    if (!change && !files.some(({ path }) => path === read)) return [];
    // It may be another machine than the boot server, and a site need not have it.
    const again = change === 'changed' ? ' again' : '';
    const step = !change
      ? ''
      : change === 'removed'
        ? `take what it has of ${copied} away, and `
        : `install ${copied}${again}${how}, and `;
    return [{ what: 'ops', text: `where ${name} runs, ${step}restart it` }];
  });
}

function isOf(service: 'dnsmasq' | 'nginx', path: string): boolean {
  return path.startsWith(`${service}/`) && /^[^/]+\/[^/]+\.conf$/.test(path);
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** What nginx in a pod wants to have filled in, by its name: src/targets/nginx/fill-stamp.ts. */
const WANTED = /_fills != ([0-9a-f]{16})\)/;

/** A part of the tree that comes in a ConfigMap: none is there where an image has the tree. */
const PART = /^k8s\/tree-[^/]+\.yaml$/;

/** What is in the image, and no object of the cluster. */
const IN_IMAGE = /^(www|k8s\/nginx)\/|^nginx\/fills-/;

/** Says what is to be done with the cluster, once the tree is built, so that its pods serve it. */
function kubernetesChange({ after, files, tree }: Trees): SiteChange[] {
  if (!after.hasPods) return goneChange(files);
  const isInImage = ![...tree.keys()].some((path) => PART.test(path));
  const isNewImage = isInImage && files.some(({ path }) => IN_IMAGE.test(path));
  const isApplied = files.some(({ path }) => path.startsWith('k8s/') && path.endsWith('.yaml'));
  const isNginx = !isInImage && files.some(({ path }) => path.startsWith('k8s/nginx/'));
  const conf = files.find(({ path }) => path === 'k8s/nginx/site.conf');
  const [old, now] = [capture(conf?.before, WANTED), capture(conf?.after, WANTED)];
  // Pods wait for a Secret that is not there, and hand out no configuration with another one than they want.
  const first = now !== undefined && old !== now ? 'the Secret first, then ' : '';
  const isUnused = old !== undefined && now === undefined;
  // Objects that would go on to serve, or to lead there. Parts of a tree before do neither.
  const gone = files
    .filter(({ path, change }) => change === 'removed' && /^k8s\/[^/]+\.yaml$/.test(path) && !PART.test(path))
    .map(({ path }) => path);
  const steps = [
    isNewImage ? 'build the image (k8s/Containerfile) with another tag' : '',
    isNewImage || isApplied || isNginx ? `apply ${first}k8s/ as README.md says` : '',
    isUnused ? 'delete the Secret, which the pods do not need any more' : '',
    gone.length > 0 ? `delete what was made of ${gone.join(', ')}` : '',
  ].filter(Boolean);
  return steps.length > 0 ? [{ what: 'kubernetes', text: `for Kubernetes ${steps.join(', ')}` }] : [];
}

/** No command of the new tree knows of pods that are left. */
function goneChange(files: readonly FileChange[]): SiteChange[] {
  // Whatever serves, this says in which namespace.
  const was = files.find(({ path, change }) => path === 'k8s/service.yaml' && change === 'removed')?.before;
  if (!was) return [];
  const { metadata } = readMap(textOf(was)) ?? {};
  const name = isValueMap(metadata) ? metadata.namespace : undefined;
  const namespace = typeof name === 'string' ? name : '';
  const text = `the site has no pods any more: delete those in the namespace ${namespace}, with what else is there of them`;
  return [{ what: 'kubernetes', before: namespace, text }];
}

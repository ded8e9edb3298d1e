import { OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import { listed, nameRanges, namesOf } from '../../source/diagnostics/words.ts';
import { isValueMap } from '../../source/origin.ts';
import { COREDHCP, DHCPD, KEA } from '../../targets/dhcp/servers.ts';
import { CONMAN_CONF, POWERMAN_CONF, REDFISH_DEVICE } from '../../targets/ops/ops.ts';
import { FETCH_MEDIA, GRUB_TFTP, HOST_SETUP, PUT_GRUB } from '../../tree/paths.ts';
import { type File, textOf } from '../../tree/tree.ts';
import type { SiteChange, Trees } from './change.ts';
import { SIGN_MEDIA, type SiteFacts } from './facts.ts';
import { capture, type FileChange } from './files.ts';
import { iscsiSteps } from './iscsi.ts';
import { fillChanges, secretChanges } from './secrets.ts';
import { readMap } from './values.ts';

/** What is to be done once the tree is deployed; other changes say what the site is. */
export const SERVER_STEPS: ReadonlySet<string> = new Set(
  'server root media linux-images sign grub images targets pxelinux tftp secrets dnsmasq dhcp nginx kubernetes host-setup ops'.split(
    ' ',
  ),
);

const SIGNED = /^(www\/(boot|ipxe\/(serial\/)?[^/]+)\.ipxe|scripts\/sign-media\.sh)$/;

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
  const [old, now] = [before, after].map((site) => (isHost ? site.hostAddress : hostOf(site.url)));
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

function mediaChange(come: readonly string[], where: string): SiteChange[] {
  if (come.length === 0) return [];
  return [{ what: 'media', after: come, text: `run ${FETCH_MEDIA}${where} (Harvester ${listed(come)})` }];
}

/** Says which kernels, initrds and root file systems are to be brought: nobody but their maker has them. `where` says whereto. */
function linuxImageChange(files: readonly FileChange[], where?: string): SiteChange[] {
  const script = files.find(({ path }) => path === FETCH_MEDIA);
  const [old, now] = [imagesIn(script?.before), imagesIn(script?.after)];
  const come = now.files.filter((file) => old.folder !== now.folder || !old.files.includes(file));
  if (come.length === 0) return [];
  const names = namesOf(come.map((name) => ({ name })));
  const text = `bring ${names} to ${where ?? now.folder} (${FETCH_MEDIA} says what is missing)`;
  return [{ what: 'linux-images', after: come, text }];
}

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
  const links = gone.length > 0 ? `remove ${what}'s link to ${listed(gone)}, ` : '';
  return [{ what, text: `${links}${isNew ? `set up ${what} as README.md says` : again}` }];
}

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

function opsChange(files: readonly FileChange[]): SiteChange[] {
  return OPS.flatMap(({ name, copied, read, how }): SiteChange[] => {
    const change = files.find(({ path }) => path === copied)?.change;
    if (!change && !files.some(({ path }) => path === read)) return [];
    const steps = {
      added: `install ${copied}${how}, and `,
      changed: `install ${copied} again${how}, and `,
      removed: `take what it has of ${copied} away, and `,
    };
    // It may be another machine than the boot server, and a site need not have it.
    return [{ what: 'ops', text: `where ${name} runs, ${change ? steps[change] : ''}restart it` }];
  });
}

function isOf(service: 'dnsmasq' | 'nginx', path: string): boolean {
  return path.startsWith(`${service}/`) && /^[^/]+\/[^/]+\.conf$/.test(path);
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined;
}

const WANTED = /_fills != ([0-9a-f]{16})\)/;

const PART = /^k8s\/tree-[^/]+\.yaml$/;

/** What is in the image, and no object of the cluster. */
const IN_IMAGE = /^(www|k8s\/nginx)\/|^nginx\/fills-/;

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
  const gone = files.flatMap(({ path, change }) =>
    change === 'removed' && /^k8s\/[^/]+\.yaml$/.test(path) && !PART.test(path) ? [path] : [],
  );
  const steps = [
    isNewImage && 'build the image (k8s/Containerfile) with another tag',
    (isNewImage || isApplied || isNginx) && `apply ${first}k8s/ as README.md says`,
    isUnused && 'delete the Secret, which the pods do not need any more',
    gone.length > 0 && `delete what was made of ${gone.join(', ')}`,
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

function hostChange({ before, after }: Trees): SiteChange[] {
  if (Boolean(before.hasHost) === Boolean(after.hasHost)) return [];
  const text = after.hasHost
    ? 'the site has a libvirt host now'
    : 'the site has no libvirt host any more: run scripts/down.sh there before deploying, since this tree has none';
  return [{ what: 'host', before: before.hostAddress, after: after.hostAddress, text }];
}

/** Says what running scripts/host-setup.sh comes to on the deployed tree. Takes the releases that come. */
function hostSetup(trees: Trees, releases: readonly string[]): SiteChange[] {
  const { files } = trees;
  const parts = [
    ...(releases.length > 0 ? [`fetches Harvester ${listed(releases)}`] : []),
    ...networkParts(trees),
    ...domainParts(trees),
    ...firewallAndClock(files),
    ...(files.some(({ path }) => /^nginx\/[^/]+\.conf$/.test(path)) ? ['reloads nginx'] : []),
    ...unitParts(files),
  ];
  if (parts.length === 0 && !files.some(({ path }) => path === HOST_SETUP)) return [];
  const what = parts.length > 0 ? `: it ${listed(parts)}` : '';
  return [{ what: 'host-setup', text: `run ${HOST_SETUP} on the host${what}` }];
}

/** What becomes of things on the host by what becomes of their files: a verb, and what is to be said besides. */
type Verbs = Readonly<Record<string, readonly [verb: string, more?: string]>>;

const OF_NETWORKS: Verbs = {
  changed: ['redefines', ' (in effect when it is restarted with its machines off)'],
  added: ['makes'],
  removed: ['removes'],
};

const OF_DOMAINS: Verbs = {
  changed: ['redefines', ' (in effect when shut off and started again)'],
  anew: ['powers off, and makes anew,'],
  added: ['makes'],
  removed: ['powers off and removes', ', whose images stay'],
};

const OF_UNITS: Verbs = {
  exposed: ['restarts', ', cutting connections'],
  changed: ['restarts'],
  added: ['starts'],
  removed: ['stops'],
};

function become(
  verbs: Verbs,
  noun: 'network' | 'domain' | 'unit',
  things: readonly { readonly name: string; readonly change: string }[],
): string[] {
  return Object.entries(verbs).flatMap(([kind, [verb, more = '']]) => {
    const own = things.filter(({ change }) => change === kind);
    if (own.length === 0) return [];
    const what = noun === 'unit' ? '' : `the ${noun}${own.length > 1 ? 's' : ''} `;
    const which = noun === 'domain' ? nameRanges(own.map(({ name }) => name)) : namesOf(own);
    return [`${verb} ${what}${which}${more}`];
  });
}

function networkParts({ before, after, files }: Trees): string[] {
  const [old, now] = [networkNames(before), networkNames(after)];
  const own = files.filter(({ path }) => /^libvirt\/(network|networks\/[^/]+)\.xml$/.test(path));
  const things = own.map(({ path, change }) => ({ name: now.get(path) ?? old.get(path) ?? path, change }));
  return become(OF_NETWORKS, 'network', things);
}

/** What libvirt calls the networks that it makes, by their paths in the tree: the first has the plain name. */
function networkNames({ networks }: SiteFacts): Map<string, string> {
  const made = [...networks].flatMap(([name, { 'libvirt.name': called }]) =>
    typeof called === 'string' ? [[name, called] as const] : [],
  );
  const path = (name: string, index: number) => (index === 0 ? 'network' : `networks/${name}`);
  return new Map(made.map(([name, called], index) => [`libvirt/${path(name, index)}.xml`, called]));
}

/** What becomes of domains: one of another UUID is another one to libvirt, which does not make one into the other. */
function domainParts({ before, after, files }: Trees): string[] {
  const things = files.flatMap(({ path, change }) => {
    const name = /^libvirt\/domains\/([^/]+)\.xml$/.exec(path)?.[1];
    if (name === undefined) return [];
    const [old, now] = [before, after].map(({ nodes }) => nodes.get(name)?.domain?.uuid);
    return [{ name, change: change === 'changed' && old !== now ? 'anew' : change }];
  });
  return become(OF_DOMAINS, 'domain', things);
}

function firewallAndClock(files: readonly FileChange[]): string[] {
  const of = (path: string) => files.find((one) => one.path === path)?.change;
  const [firewall, clock] = [of('host/firewall.nft'), of('host/chrony.conf')];
  return [
    ...(firewall ? [firewall === 'removed' ? 'removes the firewall' : 'loads the firewall anew'] : []),
    ...(clock ? [clock === 'removed' ? 'takes chrony its part away' : 'restarts chrony'] : []),
  ];
}

function unitParts(files: readonly FileChange[]): string[] {
  const things = files.flatMap(({ path, change }) => {
    const name = /^systemd\/(.*)$/.exec(path)?.[1];
    const isExposed = change === 'changed' && name?.includes('-expose-');
    return name === undefined ? [] : [{ name, change: isExposed ? 'exposed' : change }];
  });
  return become(OF_UNITS, 'unit', things);
}

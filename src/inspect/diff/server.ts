import { OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import { listed, nameRanges, namesOf } from '../../source/diagnostics/words.ts';
import { COREDHCP, DHCPD, KEA } from '../../targets/dhcp/servers.ts';
import { CONMAN_CONF, POWERMAN_CONF, REDFISH_DEVICE } from '../../targets/ops/ops.ts';
import { FETCH_MEDIA, GRUB_TFTP, HOST_SETUP, PUT_GRUB } from '../../tree/paths.ts';
import { textOf } from '../../tree/tree.ts';
import { hostOfUrl } from '../../values/urls.ts';
import { otherValue, type SiteChange, type Trees } from './change.ts';
import { installs, SIGN_MEDIA, type SiteFacts } from './facts.ts';
import type { FileChange } from './files.ts';
import { iscsiSteps } from './iscsi.ts';
import { fillChanges, secretChanges } from './secrets.ts';
import { isSame, missing } from './values.ts';

/** The steps of a deployment; other changes describe the site. */
export const SERVER_STEPS: ReadonlySet<string> = new Set(
  'server root media linux-images sign grub images targets pxelinux tftp secrets dnsmasq dhcp nginx kubernetes host-setup ops'.split(
    ' ',
  ),
);

const SIGNED = /^(www\/(boot|ipxe\/(serial\/)?[^/]+)\.ipxe|scripts\/sign-media\.sh)$/;

const DHCP_FILES = { isc: [DHCPD], kea: [KEA], coredhcp: Object.values(COREDHCP) } as const;

/** Programs whose configuration of BMCs is a copy from the tree, and the other files of the tree that they read. */
const OPS = [
  { name: 'powerman', copied: POWERMAN_CONF, read: REDFISH_DEVICE, how: '' },
  { name: 'conman', copied: CONMAN_CONF, read: undefined, how: ' after its credentials' },
] as const;

/** Reports what the boot server needs, and the steps there after deployment. */
export function planServer(all: Trees): SiteChange[] {
  const { before, after } = all;
  // A corrected file mode does not affect services.
  const files = all.files.filter(
    ({ before, after }) => !before || !after || textOf(before) !== textOf(after),
  );
  const trees = { ...all, files };
  const releases = newReleases(trees);
  const isHost = after.host !== undefined;
  const isPods = !isHost && after.hasPods;
  const isPlain = !isHost && !isPods;
  const hostOf = (site: SiteFacts) => (isHost ? site.host?.address : hostOfUrl(site.url ?? ''));
  const volume = 'images/ on the volume of the pods';
  return [
    ...hostChange(trees),
    ...destroyedResources(trees),
    ...secretChanges(trees),
    // Another host may be another machine without any setup.
    ...(isPods
      ? []
      : otherValue(
          'server',
          hostOf(before),
          hostOf(after),
          (old, now) => `if ${now} is another machine than ${old}, set it up as README.md describes`,
        )),
    // Links lead to the old directory of the tree; only nginx's file contains that directory.
    ...(isPlain
      ? otherValue(
          'root',
          before.server?.root,
          after.server?.root,
          (old, now) =>
            `link the services' files again as README.md describes: the tree is in ${now} instead of ${old}`,
        )
      : []),
    ...(isHost ? [] : mediaChange(releases, isPods ? ' for the volume of the pods' : '')),
    ...linuxImageChange(trees, isPods ? volume : undefined),
    ...signChange(trees),
    // These files are on a machine in the nodes' network, whichever server has the tree.
    ...(isHost ? [] : grubChange(files)),
    ...(isPods ? [] : fillChanges(trees)),
    ...iscsiSteps(trees),
    // host-setup.sh does not set up networks that libvirt does not create.
    ...serviceChange(files, 'dnsmasq', 'restart dnsmasq'),
    ...dhcpChanges(files),
    ...(isPlain ? serviceChange(files, 'nginx', 'reload nginx') : []),
    ...(isHost ? hostSetup(trees, releases) : kubernetesChange(trees)),
    ...opsChange(files),
  ];
}

function newReleases({ before, after, files }: Trees): string[] {
  const isFetched = after.server?.media !== undefined;
  if (!isFetched || !files.some(({ path, after }) => path === FETCH_MEDIA && after)) return [];
  return missing(releasesOf(after), releasesOf(before));
}

/** Returns the releases that nodes install, each with its architecture. */
function releasesOf({ nodes }: SiteFacts): string[] {
  const installed = [...nodes.values()].filter(installs);
  return [...new Set(installed.flatMap(({ release, arch }) => (release ? `${release} ${arch}` : [])))];
}

function mediaChange(added: readonly string[], where: string): SiteChange[] {
  if (added.length === 0) return [];
  return [{ what: 'media', after: added, text: `run ${FETCH_MEDIA}${where} (Harvester ${listed(added)})` }];
}

/** Reports the kernels, initrds and root file systems to copy, which harvgen cannot fetch. `where` is their destination. */
function linuxImageChange({ before, after }: Trees, where?: string): SiteChange[] {
  const [old, now] = [before.server?.images, after.server?.images];
  // Trees of earlier versions have no record of their images.
  if (!before.server || !now) return [];
  const added = missing(now.files ?? [], old?.folder === now.folder ? (old?.files ?? []) : []);
  if (added.length === 0) return [];
  const names = namesOf(added.map((name) => ({ name })));
  const text = `copy ${names} to ${where ?? now.folder} (${FETCH_MEDIA} lists the missing files)`;
  return [{ what: 'linux-images', after: added, text }];
}

/** Machines refuse files that do not match their signatures. */
function signChange({ files, tree }: Trees): SiteChange[] {
  const isDue = tree.has(SIGN_MEDIA) && files.some(({ path, after }) => after && SIGNED.test(path));
  return isDue ? [{ what: 'sign', text: `sign as README.md describes (${SIGN_MEDIA})` }] : [];
}

/** GRUB's configuration is copied to the directory from which firmware loads GRUB. */
function grubChange(files: readonly FileChange[]): SiteChange[] {
  const isDue = files.some(({ path, after }) => after && (path === PUT_GRUB || path.startsWith(GRUB_TFTP)));
  return isDue ? [{ what: 'grub', text: `run ${PUT_GRUB}` }] : [];
}

function serviceChange(files: readonly FileChange[], what: 'dnsmasq' | 'nginx', again: string): SiteChange[] {
  const own = files.filter(({ path }) => isOf(what, path));
  if (own.length === 0) return [];
  // A service reads its files through links, and does not start with a dangling link.
  const gone = own.flatMap(({ path, change }) => (change === 'removed' ? path.slice(what.length + 1) : []));
  const isNew = own.some(({ change }) => change === 'added');
  const links = gone.length > 0 ? `remove ${what}'s link to ${listed(gone)}, ` : '';
  return [{ what, text: `${links}${isNew ? `set up ${what} as README.md describes` : again}` }];
}

function dhcpChanges(files: readonly FileChange[]): SiteChange[] {
  const servers = (['isc', 'kea', 'coredhcp'] as const).flatMap((server): string[] => {
    const [main, ...others] = DHCP_FILES[server];
    const own = files.filter(({ path }) => path === main || others.some((one) => one === path));
    if (own.length === 0) return [];
    const { unit } = OWN_DHCP_SERVERS[server];
    const change = own.find(({ path }) => path === main)?.change;
    if (change === 'added') return [`set up ${unit} as README.md describes`];
    if (change === 'removed') return [`stop ${unit}, which no longer serves the site`];
    // coredhcp reads its list from the tree; other files are copies.
    const copied = own.flatMap(({ path }) => (path === COREDHCP.hosts ? [] : path));
    const copy = copied.length > 0 ? `copy ${listed(copied)} as README.md describes and ` : '';
    return [`${copy}restart ${unit}`];
  });
  // Other changes of dnsmasq need a restart, which reloads the lists too.
  const isOfLists = files.some(({ path }) => /^dnsmasq\/[^/]+\.(hosts|options)$/.test(path));
  const restarts = files.some(({ path }) => path.startsWith('dnsmasq/') && path.endsWith('.conf'));
  const lists = isOfLists && !restarts ? ['send dnsmasq a SIGHUP to reload its lists'] : [];
  return [...servers, ...lists].map((text) => ({ what: 'dhcp', text }));
}

function opsChange(files: readonly FileChange[]): SiteChange[] {
  return OPS.flatMap(({ name, copied, read, how }): SiteChange[] => {
    const change = files.find(({ path }) => path === copied)?.change;
    if (!change && !files.some(({ path }) => path === read)) return [];
    const steps = {
      added: `install ${copied}${how} and `,
      changed: `install ${copied} again${how} and `,
      removed: `remove the content of ${copied} from its configuration and `,
    };
    // The program may run on another machine than the boot server, or not at all.
    return [{ what: 'ops', text: `where ${name} runs, ${change ? steps[change] : ''}restart it` }];
  });
}

function isOf(service: 'dnsmasq' | 'nginx', path: string): boolean {
  return path.startsWith(`${service}/`) && /^[^/]+\/[^/]+\.conf$/.test(path);
}

const PART = /^k8s\/tree-[^/]+\.yaml$/;

/** Files in the image, which are not objects of the cluster. */
const IN_IMAGE = /^(www|k8s\/nginx)\/|^nginx\/fills-/;

function kubernetesChange({ before, after, files, tree }: Trees): SiteChange[] {
  if (!after.hasPods) return before.hasPods ? [gonePods(before)] : [];
  const isInImage = ![...tree.keys()].some((path) => PART.test(path));
  const isNewImage = isInImage && files.some(({ path }) => IN_IMAGE.test(path));
  const isApplied = files.some(({ path }) => path.startsWith('k8s/') && path.endsWith('.yaml'));
  const isNginx = !isInImage && files.some(({ path }) => path.startsWith('k8s/nginx/'));
  const [old, now] = [before.hasPods ? before.server?.secrets : [], after.server?.secrets ?? []];
  // Pods wait for a missing Secret, and serve no configuration with another Secret than the required one.
  const first = now.length > 0 && old && !isSame(old, now) ? 'the Secret first, then ' : '';
  const isUnused = old !== undefined && old.length > 0 && now.length === 0;
  // Objects that would continue to serve or to route traffic. Parts of an earlier tree do neither.
  const gone = files.flatMap(({ path, change }) =>
    change === 'removed' && /^k8s\/[^/]+\.yaml$/.test(path) && !PART.test(path) ? [path] : [],
  );
  const steps = [
    isNewImage && 'build the image (k8s/Containerfile) with another tag',
    (isNewImage || isApplied || isNginx) && `apply ${first}k8s/ as README.md describes`,
    isUnused && 'delete the Secret, which the pods no longer need',
    gone.length > 0 && `delete the objects of ${gone.join(', ')}`,
  ].filter(Boolean);
  return steps.length > 0 ? [{ what: 'kubernetes', text: `for Kubernetes ${steps.join(', ')}` }] : [];
}

/** No command of the new tree deletes the pods of the old one. */
function gonePods({ server }: SiteFacts): SiteChange {
  const namespace = server?.namespace ?? '';
  const text = `the site no longer has pods: delete the pods and their other objects in the namespace ${namespace}`;
  return { what: 'kubernetes', before: namespace, text };
}

function hostChange({ before, after }: Trees): SiteChange[] {
  if (Boolean(before.host) === Boolean(after.host)) return [];
  const text = after.host
    ? 'the site now has a libvirt host'
    : 'the site no longer has a libvirt host: run scripts/down.sh there before deploying, because this tree does not contain it';
  return [{ what: 'host', before: before.host?.address, after: after.host?.address, text }];
}

/** Reports resources that leave the description of the VM: `prevent_destroy` leaves it with them. */
function destroyedResources({ before, after }: Trees): SiteChange[] {
  const { kept = [] } = before;
  return kept
    .filter((address) => after.kept && !after.kept.includes(address))
    .map((address) => ({
      what: 'cloud',
      key: address,
      text: `\`tofu apply\` deletes ${address} with its content: to keep it, run \`tofu state rm ${address}\` in cloud/ first`,
    }));
}

/** Describes the effect of scripts/host-setup.sh on the deployed tree. Takes the new releases. */
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

/** The effect on an object of the host by the change of its file: a verb, and a note. */
type Verbs = Readonly<Record<string, readonly [verb: string, more?: string]>>;

const OF_NETWORKS: Verbs = {
  changed: ['redefines', ' (takes effect when it is restarted with its machines off)'],
  added: ['creates'],
  removed: ['removes'],
};

const OF_DOMAINS: Verbs = {
  changed: ['redefines', ' (takes effect when shut off and started again)'],
  recreated: ['powers off and re-creates'],
  added: ['creates'],
  removed: ['powers off and removes', ', whose images stay'],
};

const OF_UNITS: Verbs = {
  exposed: ['restarts', ', cutting connections'],
  changed: ['restarts'],
  added: ['starts'],
  removed: ['stops'],
};

function effectsOn(
  verbs: Verbs,
  noun: 'network' | 'domain' | 'unit',
  things: readonly { readonly name: string; readonly change: string }[],
): string[] {
  return Object.entries(verbs).flatMap(([state, [verb, more = '']]) => {
    const own = things.filter(({ change }) => change === state);
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
  return effectsOn(OF_NETWORKS, 'network', things);
}

/** Returns libvirt's names of the networks that it creates, by their paths in the tree: the first has the plain name. */
function networkNames({ networks }: SiteFacts): Map<string, string> {
  const made = [...networks].flatMap(([name, { 'libvirt.name': called }]) =>
    typeof called === 'string' ? [[name, called] as const] : [],
  );
  const path = (name: string, index: number) => (index === 0 ? 'network' : `networks/${name}`);
  return new Map(made.map(([name, called], index) => [`libvirt/${path(name, index)}.xml`, called]));
}

/** Describes the changes of domains. libvirt cannot change a UUID: it treats the domain as another one. */
function domainParts({ before, after, files }: Trees): string[] {
  const things = files.flatMap(({ path, change }) => {
    const name = /^libvirt\/domains\/([^/]+)\.xml$/.exec(path)?.[1];
    if (name === undefined) return [];
    const [old, now] = [before, after].map(({ nodes }) => nodes.get(name)?.domain?.uuid);
    if (old !== now && now !== undefined && nameOf(before, now)) return [];
    const renamed = old !== now && nameOf(after, old);
    if (renamed) return [{ name: `${name} as ${renamed}`, change: 'recreated' }];
    return [{ name, change: change === 'changed' && old !== now ? 'recreated' : change }];
  });
  return effectsOn(OF_DOMAINS, 'domain', things);
}

/** Returns the name of the node that has a domain; undefined without one. */
function nameOf({ nodes }: SiteFacts, uuid: unknown): string | undefined {
  return [...nodes].find(([, { domain }]) => uuid !== undefined && domain?.uuid === uuid)?.[0];
}

function firewallAndClock(files: readonly FileChange[]): string[] {
  const of = (path: string) => files.find((one) => one.path === path)?.change;
  const [firewall, clock] = [of('host/firewall.nft'), of('host/chrony.conf')];
  return [
    ...(firewall ? [firewall === 'removed' ? 'removes the firewall' : 'reloads the firewall'] : []),
    ...(clock ? [clock === 'removed' ? "removes the site's part from chrony" : 'restarts chrony'] : []),
  ];
}

function unitParts(files: readonly FileChange[]): string[] {
  const things = files.flatMap(({ path, change }) => {
    const name = /^systemd\/(.*)$/.exec(path)?.[1];
    const isExposed = change === 'changed' && name?.includes('-expose-');
    return name === undefined ? [] : [{ name, change: isExposed ? 'exposed' : change }];
  });
  return effectsOn(OF_UNITS, 'unit', things);
}

import { OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import { listed, nameRanges, namesOf } from '../../source/diagnostics/words.ts';
import {
  CONMAN_CONF,
  COREDHCP,
  DHCPD,
  FETCH_MEDIA,
  GRUB_TFTP,
  HOST_SETUP,
  KEA,
  POWERMAN_CONF,
  PUT_GRUB,
  REDFISH_DEVICE,
} from '../../tree/paths.ts';
import { textOf } from '../../tree/tree.ts';
import { hostOfUrl } from '../../values/urls.ts';
import { otherValue, type SiteChange, step, type Trees } from './change.ts';
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
  const { before, after, tree } = all;
  // A corrected file mode does not affect services.
  const files = all.files.filter(
    ({ before, after }) => !before || !after || textOf(before) !== textOf(after),
  );
  const trees = { ...all, files };
  const isHost = after.host !== undefined;
  const isPods = !isHost && after.hasPods;
  const isPlain = !isHost && !isPods;
  const hostOf = (site: SiteFacts) => (isHost ? site.host?.address : hostOfUrl(site.url ?? ''));
  const written = files.flatMap(({ path, after }) => (after ? path : []));
  const fetches = after.server?.media !== undefined && written.includes(FETCH_MEDIA);
  const releases = fetches ? missing(releasesOf(after), releasesOf(before)) : [];
  const volume = isPods ? ' for the volume of the pods' : '';
  return [
    ...(Boolean(before.host) === Boolean(after.host) ? [] : hostChange(trees)),
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
    ...step(
      'media',
      !isHost && releases.length > 0 && `run ${FETCH_MEDIA}${volume} (Harvester ${listed(releases)})`,
      { after: releases },
    ),
    ...linuxImageChange(trees, isPods ? 'images/ on the volume of the pods' : undefined),
    // Machines refuse files that do not match their signatures.
    ...step(
      'sign',
      tree.has(SIGN_MEDIA) &&
        written.some((path) => SIGNED.test(path)) &&
        `sign as README.md describes (${SIGN_MEDIA})`,
    ),
    // Firmware loads GRUB from a machine in the nodes' network, whichever server has the tree.
    ...step(
      'grub',
      !isHost && written.some((path) => path === PUT_GRUB || path.startsWith(GRUB_TFTP)) && `run ${PUT_GRUB}`,
    ),
    ...(isPods ? [] : fillChanges(trees)),
    ...iscsiSteps(trees),
    // host-setup.sh does not set up networks that libvirt does not create.
    ...serviceChange(files, 'dnsmasq', 'restart dnsmasq'),
    ...dhcpChanges(files).map((text) => ({ what: 'dhcp', text })),
    ...(isPlain ? serviceChange(files, 'nginx', 'reload nginx') : []),
    ...(isHost ? hostSetup(trees, releases) : kubernetesChange(trees)),
    ...OPS.flatMap(({ name, copied, read, how }) => {
      const change = files.find(({ path }) => path === copied)?.change;
      const steps = {
        added: `install ${copied}${how} and `,
        changed: `install ${copied} again${how} and `,
        removed: `remove the content of ${copied} from its configuration and `,
      };
      const isDue = change || files.some(({ path }) => path === read);
      // The program may run on another machine than the boot server, or not at all.
      return step('ops', isDue && `where ${name} runs, ${change ? steps[change] : ''}restart it`);
    }),
  ];
}

/** Returns the releases that nodes install, each with its architecture. */
function releasesOf({ nodes }: SiteFacts): string[] {
  const installed = [...nodes.values()].filter(installs);
  return [...new Set(installed.flatMap(({ release, arch }) => (release ? `${release} ${arch}` : [])))];
}

/** Reports the kernels, initrds and root file systems to copy, which harvgen cannot fetch. `where` is their destination. */
function linuxImageChange({ before, after }: Trees, where?: string): SiteChange[] {
  const [old, now] = [before.server?.images, after.server?.images];
  // Trees of earlier versions have no record of their images.
  if (!before.server || !now) return [];
  const added = missing(now.files ?? [], old?.folder === now.folder ? (old?.files ?? []) : []);
  const names = namesOf(added.map((name) => ({ name })));
  const text = `copy ${names} to ${where ?? now.folder} (${FETCH_MEDIA} lists the missing files)`;
  return step('linux-images', added.length > 0 && text, { after: added });
}

function serviceChange(files: readonly FileChange[], what: 'dnsmasq' | 'nginx', again: string): SiteChange[] {
  const own = files.filter(({ path }) => path.startsWith(`${what}/`) && /^[^/]+\/[^/]+\.conf$/.test(path));
  // A service reads its files through links, and does not start with a dangling link.
  const gone = own.flatMap(({ path, change }) => (change === 'removed' ? path.slice(what.length + 1) : []));
  const links = gone.length > 0 ? `remove ${what}'s link to ${listed(gone)}, ` : '';
  const isNew = own.some(({ change }) => change === 'added');
  return step(what, own.length > 0 && `${links}${isNew ? `set up ${what} as README.md describes` : again}`);
}

function dhcpChanges(files: readonly FileChange[]): string[] {
  const servers = (['isc', 'kea', 'coredhcp'] as const).flatMap((server): string[] => {
    const paths: readonly string[] = DHCP_FILES[server];
    const own = files.filter(({ path }) => paths.includes(path));
    if (own.length === 0) return [];
    const { unit } = OWN_DHCP_SERVERS[server];
    const change = own.find(({ path }) => path === paths[0])?.change;
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
  return [...servers, ...(isOfLists && !restarts ? ['send dnsmasq a SIGHUP to reload its lists'] : [])];
}

const PART = /^k8s\/tree-[^/]+\.yaml$/;

/** Files in the image, which are not objects of the cluster. */
const IN_IMAGE = /^(www|k8s\/nginx)\/|^nginx\/fills-/;

function kubernetesChange({ before, after, files, tree }: Trees): SiteChange[] {
  if (!after.hasPods) {
    const namespace = before.server?.namespace ?? '';
    // No command of the new tree deletes the pods of the old one.
    const text = `the site no longer has pods: delete the pods and their other objects in the namespace ${namespace}`;
    return step('kubernetes', before.hasPods && text, { before: namespace });
  }
  const isInImage = ![...tree.keys()].some((path) => PART.test(path));
  const isNewImage = isInImage && files.some(({ path }) => IN_IMAGE.test(path));
  const isApplied = files.some(({ path }) => path.startsWith('k8s/') && path.endsWith('.yaml'));
  const isNginx = !isInImage && files.some(({ path }) => path.startsWith('k8s/nginx/'));
  const [old, now] = [before.hasPods ? before.server?.secrets : [], after.server?.secrets ?? []];
  // Pods wait for a missing Secret, and serve no configuration with another Secret than the required one.
  const first = now.length > 0 && old && !isSame(old, now) ? 'the Secret first, then ' : '';
  // Objects that would continue to serve or to route traffic. Parts of an earlier tree do neither.
  const gone = files.flatMap(({ path, change }) =>
    change === 'removed' && /^k8s\/[^/]+\.yaml$/.test(path) && !PART.test(path) ? [path] : [],
  );
  const steps = [
    isNewImage && 'build the image (k8s/Containerfile) with another tag',
    (isNewImage || isApplied || isNginx) && `apply ${first}k8s/ as README.md describes`,
    old && old.length > 0 && now.length === 0 && 'delete the Secret, which the pods no longer need',
    gone.length > 0 && `delete the objects of ${gone.join(', ')}`,
  ].filter(Boolean);
  return step('kubernetes', steps.length > 0 && `for Kubernetes ${steps.join(', ')}`);
}

function hostChange({ before, after }: Trees): SiteChange[] {
  const text = after.host
    ? 'the site now has a libvirt host'
    : 'the site no longer has a libvirt host: run scripts/down.sh there before deploying, because this tree does not contain it';
  return step('host', text, { before: before.host?.address, after: after.host?.address });
}

/** Reports resources that leave the description of the VM: `prevent_destroy` leaves it with them. */
function destroyedResources({ before: { kept = [] }, after }: Trees): SiteChange[] {
  return kept.flatMap((key) => {
    const text = `\`tofu apply\` deletes ${key} with its content: to keep it, run \`tofu state rm ${key}\` in cloud/ first`;
    return step('cloud', after.kept && !after.kept.includes(key) && text, { key });
  });
}

/** The effect on an object of the host by the change of its file: a verb, and a note. */
const EFFECTS = {
  network: {
    changed: ['redefines', ' (takes effect when it is restarted with its machines off)'],
    added: ['creates', ''],
    removed: ['removes', ''],
  },
  domain: {
    changed: ['redefines', ' (takes effect when shut off and started again)'],
    recreated: ['powers off and re-creates', ''],
    added: ['creates', ''],
    removed: ['powers off and removes', ', whose images stay'],
  },
  unit: {
    exposed: ['restarts', ', cutting connections'],
    changed: ['restarts', ''],
    added: ['starts', ''],
    removed: ['stops', ''],
  },
} as const;

type Changed = readonly { readonly name: string; readonly change: string }[];

/** Describes the effect of scripts/host-setup.sh on the deployed tree. Takes the new releases. */
function hostSetup({ before, after, files }: Trees, releases: readonly string[]): SiteChange[] {
  const changeOf = (path: string) => files.find((file) => file.path === path)?.change;
  const [firewall, clock] = [changeOf('host/firewall.nft'), changeOf('host/chrony.conf')];
  const parts = [
    ...(releases.length > 0 ? [`fetches Harvester ${listed(releases)}`] : []),
    ...effectsOn('network', changedNetworks(before, after, files)),
    ...effectsOn('domain', changedDomains(before, after, files)),
    ...(firewall ? [firewall === 'removed' ? 'removes the firewall' : 'reloads the firewall'] : []),
    ...(clock ? [clock === 'removed' ? "removes the site's part from chrony" : 'restarts chrony'] : []),
    ...(files.some(({ path }) => /^nginx\/[^/]+\.conf$/.test(path)) ? ['reloads nginx'] : []),
    ...effectsOn('unit', changedUnits(files)),
  ];
  const isDue = parts.length > 0 || changeOf(HOST_SETUP);
  const what = parts.length > 0 ? `: it ${listed(parts)}` : '';
  return step('host-setup', isDue && `run ${HOST_SETUP} on the host${what}`);
}

function effectsOn(noun: keyof typeof EFFECTS, things: Changed): string[] {
  return Object.entries(EFFECTS[noun]).flatMap(([state, [verb, more]]) => {
    const own = things.filter(({ change }) => change === state);
    if (own.length === 0) return [];
    const what = noun === 'unit' ? '' : `the ${noun}${own.length > 1 ? 's' : ''} `;
    const names = noun === 'domain' ? nameRanges(own.map(({ name }) => name)) : namesOf(own);
    return [`${verb} ${what}${names}${more}`];
  });
}

/** Returns the networks that libvirt creates by their names there. The file of the first has a plain name. */
function changedNetworks(before: SiteFacts, after: SiteFacts, files: readonly FileChange[]): Changed {
  const [old, now] = [before, after].map(({ networks }) => {
    const made = [...networks].filter(([, values]) => typeof values['libvirt.name'] === 'string');
    return new Map(
      made.map(([name, values], index) => [
        index === 0 ? 'network' : `networks/${name}`,
        values['libvirt.name'],
      ]),
    );
  });
  return files.flatMap(({ path, change }) => {
    const [, file] = /^libvirt\/(network|networks\/[^/]+)\.xml$/.exec(path) ?? [];
    return file === undefined ? [] : [{ name: String(now?.get(file) ?? old?.get(file) ?? path), change }];
  });
}

/** Returns the changed domains. libvirt cannot change a UUID: it treats the domain as another one. */
function changedDomains(before: SiteFacts, after: SiteFacts, files: readonly FileChange[]): Changed {
  const nameOf = ({ nodes }: SiteFacts, uuid: unknown) =>
    [...nodes].find(([, { domain }]) => uuid !== undefined && domain?.uuid === uuid)?.[0];
  return files.flatMap(({ path, change }) => {
    const name = /^libvirt\/domains\/([^/]+)\.xml$/.exec(path)?.[1];
    if (name === undefined) return [];
    const [old, now] = [before, after].map(({ nodes }) => nodes.get(name)?.domain?.uuid);
    if (old !== now && now !== undefined && nameOf(before, now)) return [];
    const renamed = old !== now && nameOf(after, old);
    if (renamed) return [{ name: `${name} as ${renamed}`, change: 'recreated' }];
    return [{ name, change: change === 'changed' && old !== now ? 'recreated' : change }];
  });
}

function changedUnits(files: readonly FileChange[]): Changed {
  return files.flatMap(({ path, change }) => {
    const name = /^systemd\/(.*)$/.exec(path)?.[1];
    const isExposed = change === 'changed' && name?.includes('-expose-');
    return name === undefined ? [] : [{ name, change: isExposed ? 'exposed' : change }];
  });
}

import { OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import { listed, nameRanges, namesOf } from '../../source/diagnostics/words.ts';
import {
  CONMAN_CONF,
  COREDHCP,
  FETCH_MEDIA,
  GRUB_TFTP,
  HOST_SETUP,
  IMAGES,
  ISCSI,
  iscsiSecretsFile,
  POWERMAN_CONF,
  PUT_GRUB,
  PUT_PXELINUX,
  PUT_TARGETS,
  REDFISH_DEVICE,
} from '../../tree/paths.ts';
import { textOf } from '../../tree/tree.ts';
import { parseSize } from '../../values/size.ts';
import { hostOfUrl } from '../../values/urls.ts';
import { otherValue, type SiteChange, step, type Trees } from './change.ts';
import { installs, SIGN_MEDIA, type SiteFacts } from './facts.ts';
import type { FileChange } from './files.ts';
import { STORE_KEYS } from './keys.ts';
import { fillChanges, secretChanges } from './secrets.ts';
import { firstOf, isSame, missing } from './values.ts';

/** The steps of a deployment; other changes describe the site. */
export const SERVER_STEPS: ReadonlySet<string> = new Set(
  'server root media linux-images sign grub images targets pxelinux tftp secrets dnsmasq dhcp nginx kubernetes host-setup ops'.split(
    ' ',
  ),
);

/** A service that reads files of the tree, by links or from copies. */
interface Service {
  readonly what: string;
  readonly files: RegExp;
  readonly unit: string;
  readonly by: 'links' | 'copies';
  /** Whether it serves other sites, too, so that it runs on without files. */
  readonly isShared?: true;
  readonly again?: string;
}

/** In the order of their steps. host-setup.sh does not set up DHCP for networks that libvirt does not create. */
const SERVICES: readonly Service[] = [
  { what: 'tftp', files: /^tftpd\//, unit: 'tftpd-hpa', by: 'links' },
  { what: 'tftp', files: /^xinetd\//, unit: 'xinetd', by: 'links' },
  {
    what: 'tftp',
    files: /^systemd\/.*-tftp\.(socket|service)$/,
    unit: "the TFTP server's socket",
    by: 'links',
  },
  { what: 'dnsmasq', files: /^dnsmasq\/[^/]+\.conf$/, unit: 'dnsmasq', by: 'links', isShared: true },
  { what: 'dhcp', files: /^dhcpd\//, unit: OWN_DHCP_SERVERS.isc.unit, by: 'copies' },
  { what: 'dhcp', files: /^kea\//, unit: OWN_DHCP_SERVERS.kea.unit, by: 'copies' },
  { what: 'dhcp', files: /^coredhcp\//, unit: OWN_DHCP_SERVERS.coredhcp.unit, by: 'copies' },
];

const NGINX: Service = {
  ...{ what: 'nginx', files: /^nginx\/[^/]+\.conf$/, unit: 'nginx', by: 'links' },
  ...{ isShared: true, again: 'reload nginx' },
};

function serviceStep({ what, files, unit, by, isShared, again }: Service, all: readonly FileChange[]) {
  const found = all.filter(({ path }) => files.test(path));
  if (found.length === 0) return [];
  const pathsOf = (isWanted: (file: FileChange) => boolean) =>
    found.flatMap((file) => (isWanted(file) ? file.path : []));
  const gone = pathsOf(({ change }) => change === 'removed');
  if (!isShared && gone.length === found.length)
    return step(
      what,
      `stop ${unit}${by === 'links' ? ' and remove its link' : ', which no longer serves the site'}`,
    );
  // coredhcp reads its list in the tree.
  const copied = pathsOf(({ path }) => by === 'copies' && path !== COREDHCP.hosts);
  const isNew = found.some(({ path, change }) => change === 'added' && path !== COREDHCP.hosts);
  // A service does not start with a dangling link.
  const links = listed(gone.map((path) => path.replace(`${what}/`, '')));
  const first =
    isShared && gone.length > 0
      ? `remove ${what}'s link to ${links}, `
      : copied.length > 0
        ? `copy ${listed(copied)} as README.md describes and `
        : '';
  return step(
    what,
    isNew
      ? `${by === 'links' ? first : ''}set up ${unit} as README.md describes`
      : `${first}${again ?? `restart ${unit}`}`,
  );
}

/** Programs for BMCs, which may run on another machine or not at all: with a copied file, and one that they read in the tree. */
const BMC_PROGRAMS = [
  { name: 'powerman', copied: POWERMAN_CONF, read: REDFISH_DEVICE, how: '' },
  { name: 'conman', copied: CONMAN_CONF, read: undefined, how: ' after its credentials' },
] as const;

function bmcSteps(files: readonly FileChange[]): SiteChange[] {
  return BMC_PROGRAMS.flatMap(({ name, copied, read, how }) => {
    const change = files.find(({ path }) => path === copied)?.change;
    const steps = {
      added: `install ${copied}${how} and `,
      changed: `install ${copied} again${how} and `,
      removed: `remove the content of ${copied} from its configuration and `,
    };
    const isDue = change || files.some(({ path }) => path === read);
    return step('ops', isDue && `where ${name} runs, ${change ? steps[change] : ''}restart it`);
  });
}

/** Reports what the boot server needs, and the steps there after deployment. */
export function planServer(all: Trees): SiteChange[] {
  const { before, after, tree } = all;
  // A corrected file mode does not affect services.
  const files = all.files.filter(
    ({ before, after }) => !before || !after || textOf(before) !== textOf(after),
  );
  const trees = { ...all, files };
  const isHost = after.host !== undefined;
  const hostText = isHost
    ? 'the site now has a libvirt host'
    : 'the site no longer has a libvirt host: run scripts/down.sh there before deploying, because this tree does not contain it';
  const isPods = !isHost && after.hasPods;
  const isPlain = !isHost && !isPods;
  const hostOf = (site: SiteFacts) => (isHost ? site.host?.address : hostOfUrl(site.url ?? ''));
  const written = files.flatMap(({ path, after }) => (after ? path : []));
  const fetches = after.server?.media !== undefined && written.includes(FETCH_MEDIA);
  const releases = fetches ? missing(releasesOf(after), releasesOf(before)) : [];
  const media = `run ${FETCH_MEDIA}${isPods ? ' for the volume of the pods' : ''} (Harvester ${listed(releases)})`;
  const otherMachine = (old: string, now: string) =>
    `if ${now} is another machine than ${old}, set it up as README.md describes`;
  const otherRoot = (old: string, now: string) =>
    `link the services' files again as README.md describes: the tree is in ${now} instead of ${old}`;
  // Machines refuse files that do not match their signatures.
  const signed = /^(www\/(boot|ipxe\/(serial\/)?[^/]+)\.ipxe|scripts\/sign-media\.sh)$/;
  const isSigned = tree.has(SIGN_MEDIA) && written.some((path) => signed.test(path));
  // Firmware loads GRUB from a machine in the nodes' network, whichever server has the tree.
  const isGrub = !isHost && written.some((path) => path === PUT_GRUB || path.startsWith(GRUB_TFTP));
  // Other changes of dnsmasq need a restart, which reloads the lists too.
  const hasOtherLists = files.some(({ path }) => /^dnsmasq\/[^/]+\.(hosts|options)$/.test(path));
  const restarts = files.some(({ path }) => path.startsWith('dnsmasq/') && path.endsWith('.conf'));
  return [
    ...step('host', Boolean(before.host) !== isHost && hostText, {
      before: before.host?.address,
      after: after.host?.address,
    }),
    ...destroyedResources(trees),
    ...secretChanges(trees),
    // Another host may be another machine without any setup.
    ...(isPods ? [] : otherValue('server', hostOf(before), hostOf(after), otherMachine)),
    // Links lead to the old directory of the tree; only nginx's file contains that directory.
    ...(isPlain ? otherValue('root', before.server?.root, after.server?.root, otherRoot) : []),
    ...step('media', !isHost && releases.length > 0 && media, { after: releases }),
    ...linuxImageChange(trees, isPods ? 'images/ on the volume of the pods' : undefined),
    ...step('sign', isSigned && `sign as README.md describes (${SIGN_MEDIA})`),
    ...step('grub', isGrub && `run ${PUT_GRUB}`),
    ...(isPods ? [] : fillChanges(trees)),
    ...iscsiSteps(trees),
    ...SERVICES.flatMap((service) => serviceStep(service, files)),
    ...step('dhcp', hasOtherLists && !restarts && 'send dnsmasq a SIGHUP to reload its lists'),
    ...(isPlain ? serviceStep(NGINX, files) : []),
    ...(isHost ? hostSetup(trees, releases) : kubernetesChange(trees)),
    ...bmcSteps(files),
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

/** Returns the steps on the iSCSI server, and on the TFTP server that leads machines to their disks. */
function iscsiSteps(trees: Trees): SiteChange[] {
  const { before, after, files, tree } = trees;
  const old = new Map(disksOf(before));
  const [from, to] = [before.iscsi, after.iscsi];
  const isMoved = from && to && STORE_KEYS.some((key) => !isSame(from[key], to[key]));
  const due = disksOf(after).filter(([disk, size]) => isMoved || size > (old.get(disk) ?? -1));
  const images = [...after.images.keys()].filter((name) => isMoved || !before.images.has(name));
  const made = [...images.map((name) => `image ${name}`), ...due.map(([disk]) => disk)];
  const kept = isMoved ? ', once the disks to keep are there' : '';
  const make = `run ${IMAGES} make on the iSCSI server${kept} (${listed(firstOf(made, 3))})`;
  // The script also exists to remove files of earlier trees: its addition requires no step.
  const isOfPxelinux = files.some(({ path }) => /^tftp\/(pxelinux\.cfg\/|[^/]+\.ipxe$)/.test(path));
  const pxelinux = tree.has(PUT_PXELINUX)
    ? `run ${PUT_PXELINUX}`
    : "remove PXELINUX's files from the TFTP directory: no machine loads it any longer";
  return [
    ...step('images', tree.has(IMAGES) && made.length > 0 && make, { after: made }),
    ...step('targets', targetsStep(trees)),
    ...step('pxelinux', isOfPxelinux && pxelinux),
  ];
}

function disksOf({ nodes }: SiteFacts): [disk: string, size: number][] {
  return [...nodes.values()].flatMap(({ iscsi }): [string, number][] =>
    iscsi?.disk === undefined ? [] : [[iscsi.disk, parseSize(iscsi.size ?? '') ?? 0]],
  );
}

function targetsStep({ before, after, files, tree, filled }: Trees): string | undefined {
  const { target_secrets: secrets = [] } = after.server ?? {};
  const hasOther = filled?.otherValues.some((name) => secrets.includes(name)) ?? false;
  const targets = files.filter(({ path }) => path.startsWith(`${ISCSI}/`));
  if (targets.length === 0 && !hasOther && !files.some(({ path }) => path === PUT_TARGETS)) return undefined;
  if (!tree.has(PUT_TARGETS))
    return `remove the targets and the file of their passwords, ${iscsiSecretsFile(before.name ?? 'SITE')}, from the iSCSI server: this site no longer has targets`;
  // If the tree contains the values, the script needs no others.
  const needsSecrets = !filled?.isFilled && missing(secrets, before.server?.target_secrets ?? []).length > 0;
  const run = needsSecrets
    ? `copy the secrets to the iSCSI server again and run ${PUT_TARGETS} there`
    : `run ${PUT_TARGETS} on the iSCSI server`;
  // A target in use does not change, and a machine that starts during the change finds no target.
  const isOff = hasOther || targets.some(({ before: old }) => old);
  return `${run}${isOff ? ', while the machines whose targets change are off' : ''}`;
}

const PART = /^k8s\/tree-[^/]+\.yaml$/;

function kubernetesChange({ before, after, files, tree }: Trees): SiteChange[] {
  if (!after.hasPods) {
    const namespace = before.server?.namespace ?? '';
    // No command of the new tree deletes the pods of the old one.
    const text = `the site no longer has pods: delete the pods and their other objects in the namespace ${namespace}`;
    return step('kubernetes', before.hasPods && text, { before: namespace });
  }
  const isInImage = ![...tree.keys()].some((path) => PART.test(path));
  // The others are objects of the cluster.
  const ofImage = /^(www|k8s\/nginx)\/|^nginx\/fills-/;
  const isNewImage = isInImage && files.some(({ path }) => ofImage.test(path));
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

/** Reports resources that leave the description of the VM: `prevent_destroy` leaves it with them. */
function destroyedResources({ before: { kept = [] }, after }: Trees): SiteChange[] {
  return kept.flatMap((key) => {
    const text = `\`tofu apply\` deletes ${key} with its content: to keep it, run \`tofu state rm ${key}\` in cloud/ first`;
    return step('cloud', after.kept && !after.kept.includes(key) && text, { key });
  });
}

/** The effect on a thing of the host by the change of its file: a verb, and a note. */
const HOST_EFFECTS = {
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

/** Describes the effect of scripts/host-setup.sh on the deployed tree. Takes the new releases. */
function hostSetup(trees: Trees, releases: readonly string[]): SiteChange[] {
  const { files } = trees;
  const changeOf = (path: string) => files.find((file) => file.path === path)?.change;
  const [firewall, clock] = [changeOf('host/firewall.nft'), changeOf('host/chrony.conf')];
  const effectsOn = (noun: keyof typeof HOST_EFFECTS, pattern: RegExp) => {
    const things = files.flatMap(({ path, change }) => {
      const [, thing] = pattern.exec(path) ?? [];
      return thing === undefined ? [] : (hostThing(noun, thing, change, trees) ?? []);
    });
    return Object.entries(HOST_EFFECTS[noun]).flatMap(([state, [verb, note]]) => {
      const found = things.filter(({ change }) => change === state);
      if (found.length === 0) return [];
      const what = noun === 'unit' ? '' : `the ${noun}${found.length > 1 ? 's' : ''} `;
      const names = noun === 'domain' ? nameRanges(found.map(({ name }) => name)) : namesOf(found);
      return [`${verb} ${what}${names}${note}`];
    });
  };
  const parts = [
    ...(releases.length > 0 ? [`fetches Harvester ${listed(releases)}`] : []),
    ...effectsOn('network', /^libvirt\/(network|networks\/[^/]+)\.xml$/),
    ...effectsOn('domain', /^libvirt\/domains\/([^/]+)\.xml$/),
    ...(firewall ? [firewall === 'removed' ? 'removes the firewall' : 'reloads the firewall'] : []),
    ...(clock ? [clock === 'removed' ? "removes the site's part from chrony" : 'restarts chrony'] : []),
    ...(files.some(({ path }) => NGINX.files.test(path)) ? ['reloads nginx'] : []),
    ...effectsOn('unit', /^systemd\/(.*)$/),
  ];
  const isDue = parts.length > 0 || changeOf(HOST_SETUP);
  const what = parts.length > 0 ? `: it ${listed(parts)}` : '';
  return step('host-setup', isDue && `run ${HOST_SETUP} on the host${what}`);
}

/** Returns what happens to the thing of a file; undefined if another file describes it. libvirt treats a domain with another UUID as another one. */
function hostThing(
  noun: keyof typeof HOST_EFFECTS,
  file: string,
  change: FileChange['change'],
  { before, after }: Trees,
): { readonly name: string; readonly change: string } | undefined {
  if (noun === 'unit')
    return { name: file, change: change === 'changed' && file.includes('-expose-') ? 'exposed' : change };
  if (noun === 'network') {
    // The file of the first network that libvirt creates has a plain name.
    const names = [after, before].map(({ networks }) => {
      const made = [...networks].filter(([, values]) => typeof values['libvirt.name'] === 'string');
      return made.find(([name], index) => file === (index === 0 ? 'network' : `networks/${name}`))?.[1][
        'libvirt.name'
      ];
    });
    return { name: String(names[0] ?? names[1] ?? `libvirt/${file}.xml`), change };
  }
  const ownerOf = ({ nodes }: SiteFacts, uuid: unknown) =>
    [...nodes].find(([, { domain }]) => uuid !== undefined && domain?.uuid === uuid)?.[0];
  const [old, now] = [before, after].map(({ nodes }) => nodes.get(file)?.domain?.uuid);
  if (old === now) return { name: file, change };
  if (now !== undefined && ownerOf(before, now)) return undefined;
  const renamed = ownerOf(after, old);
  if (renamed) return { name: `${file} as ${renamed}`, change: 'recreated' };
  return { name: file, change: change === 'changed' ? 'recreated' : change };
}

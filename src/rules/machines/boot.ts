import { isoFile, namedIso } from '../../knowledge/config-values.ts';
import { isServed, pathOnServer } from '../../plan/medium.ts';
import { type BootRequest, bootRequests, linuxRequests } from '../../plan/requests.ts';
import {
  BOOT_KEYS,
  BOOTED,
  type BootKey,
  isBootKeyOf,
  isOfIscsi,
  usedBootKeys,
} from '../../site/boot-keys.ts';
import { isUnknown } from '../../site/effective.ts';
import type { BootInput, Node, Site } from '../../site/model.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { hasLocation, keyLocationOf, locationOf } from '../../source/origin.ts';
import { locationKey } from '../../source/source.ts';
import { removeKey, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { shownUrl } from '../../values/urls.ts';
import { isAtLeast } from '../../values/version.ts';
import { error, essential, nodesWith, per, warning } from '../rule.ts';

/** The first release with a net-install ISO and its key with_net_images. */
const SINCE = 'v1.3.0';

const OF_IMAGES = 'write a path below server.images';

/** What to do about files that nginx of the boot server must serve, and does not. */
const UNSERVED: Readonly<Partial<Record<BootRequest['kind'], string>>> = {
  installer: 'set their directory on the boot server, such as `media: /srv/harvester`',
  kernel: OF_IMAGES,
  initrd: OF_IMAGES,
  'root file system': OF_IMAGES,
  ISO: 'write DEFAULT, which nginx serves',
};

export const bootRules = [
  essential('boot-key-of-other-os', {
    tag: 'unnecessary',
    what: 'Every key of `boot` must apply to what the node boots: Linux, an iSCSI disk, Harvester or its own disk.',
    why: 'Without `os: linux` next to a kernel, or `os: iscsi` next to an image, the node installs Harvester over its disk. Only Linux has kernel, initrd, root and GRUB; only iSCSI has image, target and the like; only Harvester has `disk` and `consoles`, but no `arch`.',
  }).check(per.nodeOnce, (node, report, { nodes = [] }) => {
    // Essential, since missing-device and missing-login leave nodes that lack it to this rule.

    const { os, boot, name } = node;
    if (!os || !boot) return;
    const keys = unusedKeys(boot as BootInput, os, usedBootKeys(nodes));
    const [first, another] = keys;
    if (first === undefined) return;
    const isBlank = os === 'harvester' && node.iscsi !== undefined;
    report(keyLocationOf(boot as BootInput, first), {
      message: `${listed(keys.map((key) => `boot.${key}`))} ${another ? 'have' : 'has'} no effect: ${name} ${isBlank ? 'installs Harvester on a blank disk' : `boots ${BOOTED[os]}`}.`,
      help: helpOf(first, another ? 'them' : 'it', os, isBlank),
    });
  }),
  error('iso-of-other-release', {
    what: "An iso_url must point to the ISO of the cluster's release and architecture.",
    why: 'The installer comes from the kernel and root file system, the installed system from the ISO, and nothing compares them. The installation fails midway, or installs another release than the configuration is for.',
  }).check(nodesWith('userConfig', ({ install }) => install?.iso_url).each, (node, report) => {
    const { install } = node.userConfig;
    const { version, arch } = node.cluster ?? {};
    if (node.os !== 'harvester' || !node.cluster || !install?.iso_url || !version || !arch) return;
    const of = isoFile(install.iso_url).of ?? namedIso(install.iso_url);
    if ((of.version ?? version.text) === version.text && (of.arch ?? arch) === arch) return;
    const found = [of.version && `of ${of.version}`, of.arch && `for ${of.arch}`].filter(Boolean);
    const derived = node.derived?.install?.iso_url;
    report(locationOf(install, 'iso_url'), {
      message: `The ISO is ${found.join(' ')}, but the node boots the installer of ${version.text} for ${arch}: the installation fails midway or installs the wrong release.`,
      related: [{ message: 'the release is set at', at: locationOf(node.cluster, 'version') }],
      fix: suggestedFix(removeKey(install, 'iso_url')),
      help: derived ? `remove iso_url: the default is ${derived}` : 'remove iso_url: it has a default',
    });
  }),
  warning('boot-file-not-served', {
    what: 'A boot file or ISO with a URL of the boot server must be a file that nginx serves.',
    why: 'The server has only the tree, and the directories of `server.media` and `server.images`. For all else it answers 404, and the boot or the installation stops.',
  }).check(per.itemOnce(bootFiles), ({ node, kind, url, at }, report, site) => {
    const { server } = site;
    const path = UNSERVED[kind] && pathOnServer(site, url);
    if (!path || isServed(site, kind === 'installer' ? `${url}/v1/iso` : url)) return;
    const derived = node?.derived?.install?.iso_url ?? `${server?.media?.url}/<release>/<file>`;
    const isOutside = kind !== 'installer' && !/^(harvester|images)\//.test(path);
    report(at(), {
      message: `${kind === 'installer' ? "Harvester's files are below" : `The ${kind} is at`} ${shownUrl(url)}, which nginx on the boot server does not serve: it answers 404.`,
      help: `${UNSERVED[kind]?.replace('DEFAULT', () => derived)}${isOutside ? `; or add files/www/${path}` : ''}`,
    });
  }),
  error('net-install-iso', {
    what: 'The net-install ISO, and no other, must have with_net_images: true; a create node must not install from it.',
    why: "The ISO contains no container images. Without the key, the installer stops at the first image list; a cluster created from it soon reaches Docker Hub's limits (harvester/harvester#4295, Harvester's documentation on the net install ISO).",
  }).check(per.node, (node, report) => {
    // The default is the full ISO.

    const { userConfig, config, mode, cluster } = node;
    const install = userConfig?.install;
    const url = config?.install?.iso_url;
    if (node.os !== 'harvester' || !install || !url || !mode || !cluster?.version) return;
    if (isUnknown(node, 'install.iso_url') || isUnknown(node, 'install.with_net_images')) return;
    const { netInstall, of } = isoFile(url);
    const exists = isAtLeast(cluster.version, SINCE);
    if (!netInstall) {
      // An ISO with a custom name may be either.
      if (!install.with_net_images || !of || !exists) return;
      report(locationOf(install, 'with_net_images'), {
        message:
          'with_net_images is true, but the ISO is the full one: the node downloads from the internet the images that its ISO contains.',
        fix: suggestedFix(removeKey(install, 'with_net_images')),
        help: 'remove with_net_images, set it to false for this node, or set iso_url to the net-install ISO',
      });
      return;
    }
    const at = locationOf(install, 'iso_url');
    const fullIso = node.derived?.install?.iso_url ?? 'the URL of the full ISO';
    const useDefault = `remove iso_url: the default is ${fullIso}`;
    if (!exists)
      report(at, {
        message: `${cluster.version.text} has no net-install ISO: ${SINCE} is the first release with one.`,
        fix: suggestedFix(removeKey(install, 'iso_url')),
        help: useDefault,
      });
    else if (mode === 'create')
      report(at, {
        message:
          'The create node installs from the net-install ISO, which contains no images: a new cluster needs the full ISO.',
        help: `set iso_url: ${fullIso} and with_net_images: false in the config of the create node`,
      });
    else if (!install.with_net_images)
      report(at, {
        message:
          'The net-install ISO contains no images, but with_net_images is not true: the installer looks for them on the ISO and stops.',
        fix: suggestedFix(setKey(install, 'with_net_images', true)),
        help: `add with_net_images: true next to it; or ${useDefault}`,
      });
  }),
];

function* bootFiles({ server, nodes = [], unknownMachines = [] }: Draft<Site>) {
  for (const node of nodes)
    for (const request of node ? bootRequests(node, server) : []) yield { ...request, node };
  for (const linux of unknownMachines)
    for (const request of linux ? linuxRequests(linux) : []) yield { ...request, node: undefined };
}

function helpOf(key: BootKey, them: string, os: Node['os'], isBlank: boolean): string {
  if (key === 'arch') return 'set harvester.arch';
  if (key === 'disk') return `remove ${them}: disk sets where Harvester is installed`;
  if (key === 'consoles') return `remove ${them}, or, for Linux, write console=… in boot.args`;
  if (key === 'loader' && os === 'iscsi') return `set \`ipxe\` or \`pxelinux\`, or remove ${them}`;
  if (isBlank) return `remove ${them}; or, to boot the image, replace disk with \`os: iscsi\``;
  const [system, or] =
    isOfIscsi(key) && os === 'harvester' && key !== 'image'
      ? ['iscsi', ', or `disk: iscsi` to install Harvester on an iSCSI disk']
      : [isOfIscsi(key) ? 'iscsi' : 'linux', ''];
  return `add \`os: ${system}\` next to it${or}, or remove ${them}`;
}

function unusedKeys(boot: BootInput, os: Node['os'], used: ReadonlySet<string>): readonly BootKey[] {
  const inapplicable = BOOT_KEYS.filter((key) => hasLocation(boot, key) && !isBootKeyOf(key, os, boot));
  // A layer may set keys for some of its nodes that do not apply to the others.
  return inapplicable.filter((key) => !used.has(locationKey(locationOf(boot, key))));
}

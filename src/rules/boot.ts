import { isoFile } from '../knowledge/config-values.ts';
import { isUnknown } from '../site/effective.ts';
import type { BootInput, Node } from '../site/model.ts';
import { listed } from '../source/diagnostics/words.ts';
import { hasLocation, keyLocationOf, locationOf } from '../source/origin.ts';
import { locationKey } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { isAtLeast } from '../values/version.ts';
import { error, essential } from './rule.ts';
import { nodesWhose } from './support.ts';

/** What a node boots, in words: "cn01 boots …". */
export const BOOTED: Readonly<Record<Node['os'], string>> = {
  harvester: 'Harvester',
  linux: 'Linux',
  iscsi: 'a disk by iSCSI',
  local: 'its disk',
};

/** What is of Linux alone, and of the boot loaders the one that is. */
const OF_LINUX = ['kernel', 'initrd', 'root', 'args', 'loader'] as const;

/** What is of a disk by iSCSI alone. */
const OF_ISCSI = [
  'image',
  'size',
  'target',
  'server',
  'port',
  'lun',
  'initiator',
  'chap',
  'fallback',
] as const;

const KEYS = [...OF_LINUX, ...OF_ISCSI, 'disk', 'arch'] as const;

type Key = (typeof KEYS)[number];

export const bootKeyOfOtherOs = essential('boot-key-of-other-os', {
  what: 'What `boot` says is of what the node boots: kernel, initrd, root, arguments and GRUB of Linux alone, image, target and their like of iSCSI alone, `disk` of Harvester alone, and the architecture not of Harvester.',
  why: 'A node that lacks `os: linux` beside its kernel, or `os: iscsi` beside its image, installs Harvester over what is on its disk.',
  // Essential, since missing-device and missing-login leave nodes that lack it to this rule.
  check: nodesWhose('boot', (boot) => KEYS.some((key) => hasLocation(boot, key))).eachOnce(
    (node, report, { nodes = [] }) => {
      const { os, boot, name } = node;
      if (!os) return;
      const keys = strangeKeys(boot as BootInput, os, placesMeant(nodes));
      const [first, another] = keys;
      if (first === undefined) return;
      const isBlank = os === 'harvester' && node.iscsi !== undefined;
      report({
        message: `${listed(keys.map((key) => `boot.${key}`))} ${another ? 'say' : 'says'} nothing here: ${name} ${isBlank ? 'has Harvester installed on a blank disk' : `boots ${BOOTED[os]}`}.`,
        at: keyLocationOf(boot as BootInput, first),
        help: helpOf(first, another ? 'them' : 'it', os, isBlank),
      });
    },
  ),
});

/** Returns the nodes whose boot says a kernel or an image, and not `os: linux` or `os: iscsi` beside it. Several rules ask. */
export const nodesWithoutOs = onceFor(
  (nodes: readonly (Draft<Node> | undefined)[]): ReadonlySet<Draft<Node>> => {
    const meant = placesMeant(nodes);
    const lacking = nodes.flatMap((node) => {
      const { os, boot } = node ?? {};
      if (!node || os !== 'harvester' || !boot || hasLocation(boot, 'os') || hasLocation(boot, 'disk'))
        return [];
      const key = (['kernel', 'image', 'target'] as const).find((one) => hasLocation(boot, one));
      return key === undefined || meant.has(locationKey(locationOf(boot, key))) ? [] : [node];
    });
    return new Set(lacking);
  },
);

function isIn(keys: readonly string[], key: Key): boolean {
  return keys.includes(key);
}

/** Whether a key of `boot` is of what a node boots. */
function isOf(key: Key, os: Node['os'], boot: BootInput): boolean {
  if (key === 'loader') return os === 'linux' || boot.loader !== 'grub';
  if (key === 'arch') return os !== 'harvester';
  if (key === 'disk') return os === 'harvester';
  if (isIn(OF_LINUX, key)) return os === 'linux';
  return os === 'iscsi' || (os === 'harvester' && boot.disk === 'iscsi' && key !== 'image');
}

function helpOf(key: Key, them: string, os: Node['os'], isBlank: boolean): string {
  if (key === 'arch') return 'say harvester.arch';
  if (key === 'disk') return `take ${them} out: it says where Harvester is installed`;
  if (key === 'loader' && os === 'iscsi') return `say \`ipxe\` or \`pxelinux\` here, or take ${them} out`;
  if (isBlank) return `take ${them} out; or say \`os: iscsi\` in place of disk, and the node boots its image`;
  const [meant, or] =
    isIn(OF_ISCSI, key) && os === 'harvester' && key !== 'image'
      ? ['iscsi', ', `disk: iscsi` where Harvester is to be on such a disk']
      : [isIn(OF_ISCSI, key) ? 'iscsi' : 'linux', ''];
  return `say \`os: ${meant}\` beside it${or}, or take ${them} out`;
}

/** The keys of a `boot` that are of something else, and that no node means. */
function strangeKeys(boot: BootInput, os: Node['os'], meant: ReadonlySet<string>): readonly Key[] {
  const strange = KEYS.filter((key) => hasLocation(boot, key) && !isOf(key, os, boot));
  // What a layer says for its nodes that boot Linux, another one may pass over.
  return strange.filter((key) => !meant.has(locationKey(locationOf(boot, key))));
}

/** Returns the places of what is of what nodes boot. What a layer says is the same for all of its nodes, `os` included. */
const placesMeant = onceFor((nodes: readonly (Draft<Node> | undefined)[]): ReadonlySet<string> => {
  const osOf = new Map(nodes.map((node) => [node?.boot as BootInput | undefined, node?.os]));
  const meant = [...osOf].flatMap(([boot, os]) =>
    boot && os
      ? KEYS.flatMap((key) =>
          hasLocation(boot, key) && isOf(key, os, boot) ? locationKey(locationOf(boot, key)) : [],
        )
      : [],
  );
  return new Set(meant);
});

export const isoOfOtherRelease = error('iso-of-other-release', {
  what: 'An iso_url leads to the ISO of the release and the architecture that the cluster has.',
  why: 'The installer comes with the kernel and the root file system, the system that it installs with the ISO. Nothing compares the two: the installation breaks half-way, or leaves another release than the configuration is for.',
  check: nodesWhose('userConfig', ({ install }) => install?.iso_url).each((node, report) => {
    const { install } = node.userConfig;
    const { version, arch } = node.cluster ?? {};
    if (node.os !== 'harvester' || !node.cluster || !install?.iso_url || !version || !arch) return;
    const { of } = isoFile(install.iso_url);
    if (!of || (of.version === version.text && of.arch === arch)) return;
    const derived = node.derived?.install?.iso_url;
    report({
      message: `The ISO is that of ${of.version} for ${of.arch}, and the node boots the installer of ${version.text} for ${arch}: both must be of one release.`,
      at: locationOf(install, 'iso_url'),
      related: [{ message: 'the release is set at', at: locationOf(node.cluster, 'version') }],
      help: derived ? `remove iso_url: ${derived} is derived` : 'remove iso_url: it is derived',
    });
  }),
});

/** The first release with this ISO, and with the key that goes with it. */
const SINCE = 'v1.3.0';

export const netInstallIso = error('net-install-iso', {
  what: 'The net-install ISO goes with with_net_images: true and no other ISO does, and a create node never installs from it.',
  why: "That ISO holds no container images: without the key the installer stops at the first list of them, and a cluster that begins with it soon meets the limits of Docker Hub (harvester/harvester#4295, Harvester's documentation on the net install ISO).",
  // What is derived is the whole ISO.
  check: nodesWhose('userConfig', ({ install }) => install?.iso_url || install?.with_net_images).each(
    (node, report) => {
      const { userConfig, config, mode, cluster } = node;
      const { install } = userConfig;
      const url = config?.install?.iso_url;
      if (node.os !== 'harvester' || !install || !url || !mode || !cluster?.version) return;
      if (isUnknown(node, 'install.iso_url') || isUnknown(node, 'install.with_net_images')) return;
      const { netInstall, of } = isoFile(url);
      const exists = isAtLeast(cluster.version, SINCE);
      if (!netInstall) {
        // An ISO with a name of one's own may be any.
        if (!install.with_net_images || !of || !exists) return;
        report({
          message:
            'with_net_images is true, and the ISO is the whole one: the node would fetch from the internet the images that its ISO holds.',
          at: locationOf(install, 'with_net_images'),
          help: 'remove with_net_images, or say false where it is for other nodes; or name the net-install ISO in iso_url',
        });
        return;
      }
      const at = locationOf(install, 'iso_url');
      const whole = node.derived?.install?.iso_url ?? 'that of the whole ISO';
      const isDerived = `remove iso_url: ${whole} is derived`;
      if (!exists)
        report({
          message: `There is no net-install ISO of ${cluster.version.text}: the first is that of ${SINCE}.`,
          at,
          help: isDerived,
        });
      else if (mode === 'create')
        report({
          message:
            'The create node would install from the net-install ISO, which holds no images: a cluster begins with the whole ISO.',
          at,
          help: `say iso_url: ${whole} and with_net_images: false in the config of the create node`,
        });
      else if (!install.with_net_images)
        report({
          message:
            'The net-install ISO holds no images, and with_net_images is not true: the installer would look for them on the ISO and stop.',
          at,
          help: `add with_net_images: true beside it; or ${isDerived}`,
        });
    },
  ),
});

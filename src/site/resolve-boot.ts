import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import {
  hasLocation,
  inherit,
  isBroken,
  keyLocationOf,
  lacks,
  locatedList,
  locationOf,
  markBroken,
  markDerived,
  selfLocation,
  setLocation,
} from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { nearestOf } from '../source/text-edit/fix.ts';
import type { Draft } from '../values/draft.ts';
import { nearest } from '../values/text.ts';
import { NODE_VALUE } from '../values/urls.ts';
import { byName, isKnown, namesIn, reportUnknownName, valueOr, withOrigins } from './from-inventory.ts';
import type { Chap, Image, IscsiBoot, LinuxBoot, Network, Node, Tenant, UnknownBoot } from './model.ts';
import type { IscsiServer, Server } from './model-server.ts';
import type { Fill } from './references.ts';
import { markUnknownTenant, tenantOf } from './resolve-networks.ts';
import { ISCSI_PORT } from './resolve-server.ts';

export type BootInventory = NonNullable<NonNullable<Draft<SiteInventory>['defaults']>['boot']>;

/** Kernel arguments that make a live root writable, for each kind of initrd. */
const OVERLAYS = {
  // dracut: modules.d/90dmsquash-live, dmsquash-live-root.sh
  dracut: ['rd.live.image', 'rd.live.overlay.overlayfs=1'],
  // cloud-initramfs-tools: overlayroot, as in OpenCHAMI's demo
  overlayroot: ['overlayroot=tmpfs', 'overlayroot_cfgdisk=disabled'],
  none: [],
} as const;

interface Filled {
  readonly value: string;
  readonly at: SourceLocation;
}

/** Resolves the boot of a node that boots Linux, and substitutes its own values. */
export function resolveLinux(
  boot: BootInventory,
  server: Draft<Server> | undefined,
  values: Fill,
): Draft<LinuxBoot> {
  const image = (text: string, at: SourceLocation) => {
    const filled = values(text, at);
    return !/^https?:/.test(filled) ? `${server?.images?.url}/${filled}` : filled;
  };
  const root = typeof boot.root === 'object' ? boot.root : undefined;
  const squashfs = root?.squashfs && image(root.squashfs, locationOf(root, 'squashfs'));
  const initrds = initrdsOf(boot).map(({ value, at }) => ({ value: image(value, at), at }));
  const args = [...rootArgs(boot, squashfs, values), ...filled(boot.args, values)];
  const linux = withOrigins<Draft<LinuxBoot>>(
    {
      kernel: boot.kernel && image(boot.kernel, locationOf(boot, 'kernel')),
      initrds: locatedList(selfLocation(boot), initrds),
      squashfs,
      args: locatedList(selfLocation(boot), args),
    },
    boot,
    { initrds: 'initrd', squashfs: 'root' },
  );
  if (root) inherit(linux, 'squashfs', root);
  return linux;
}

/** Returns the arguments that a node adds to the kernel of Harvester's installer, with its own values substituted. */
export function installerArgs(boot: BootInventory, values: Fill): readonly string[] {
  const consoles = itemsOf(boot.consoles).map(({ value, at }) => ({ value: `console=${value}`, at }));
  return locatedList(selfLocation(boot), [...consoles, ...filled(boot.args, values)]);
}

function filled(items: readonly (string | undefined)[] | undefined, values: Fill): Filled[] {
  return itemsOf(items).map(({ value, at }) => ({ value: values(value, at), at }));
}

function initrdsOf(boot: BootInventory): Filled[] {
  const { initrd } = boot;
  return typeof initrd === 'string' ? [{ value: initrd, at: locationOf(boot, 'initrd') }] : itemsOf(initrd);
}

function rootArgs(boot: BootInventory, squashfs: string | undefined, values: Fill): Filled[] {
  const { root } = boot;
  const at = locationOf(boot, 'root');
  if (typeof root === 'string') return [{ value: `root=${values(root, at)}`, at }];
  if (!root || !squashfs) return [];
  const overlay = valueOr(root, 'overlay', 'dracut');
  const writable = (overlay ? OVERLAYS[overlay] : []).map((value) => ({ value, at }));
  return [{ value: `root=live:${squashfs}`, at: locationOf(root, 'squashfs') }, ...writable];
}

function itemsOf(items: readonly (string | undefined)[] = []): Filled[] {
  return items.flatMap((value, index) =>
    value === undefined ? [] : { value, at: locationOf(items, index) },
  );
}

/** Resolves the boots of machines outside the inventory. Reports references to values of a node, which these machines lack. */
export function resolveUnknown(
  { unknown_machines: unknown }: Draft<SiteInventory>,
  server: Draft<Server> | undefined,
  report: Report,
): Draft<UnknownBoot>[] {
  const fill: Fill = (text, at) => {
    const [value] = text.match(NODE_VALUE) ?? [];
    if (value !== undefined)
      report.error({
        code: 'node-value',
        message: `${value} has no value here: an unknown machine is not a node.`,
        at,
        help: 'write the value itself',
      });
    return text;
  };
  return (['amd64', 'arm64', undefined] as const).flatMap((arch) => {
    const boot = arch === undefined ? unknown?.boot : unknown?.by_arch?.[arch];
    return boot ? [Object.assign(resolveLinux(boot, server, fill), { arch })] : [];
  });
}

type ChapInventory = Exclude<NonNullable<BootInventory['chap']>, string>;

/** The parts of the site that the boot of a node depends on. */
export interface BootContext {
  readonly inventory: Draft<SiteInventory>;
  readonly server: Draft<Server> | undefined;
  readonly images: readonly Draft<Image>[];
  readonly report: Report;
}

interface Booting {
  readonly name: string;
  readonly os: Node['os'];
  readonly boot: BootInventory;
  readonly network: Draft<Network> | undefined;
}

/** The content of a blank disk, instead of an image's name. */
const BLANK = 'harvester';

/** Returns a function that resolves the iSCSI disk of a node, or undefined if it has none. Reports unknown images. */
export function iscsiResolver({ inventory, server, images, report }: BootContext) {
  const iscsi = server?.iscsi;
  const site = inventory.site ?? '';
  return ({ name, os, boot, network }: Booting): Draft<IscsiBoot> | undefined => {
    if (os !== 'iscsi' && !(os === 'harvester' && boot.disk === 'iscsi')) return undefined;
    const isOwn = boot.target === undefined;
    const content = os === 'harvester' ? BLANK : boot.image;
    const suffix = iscsi?.suffix === undefined ? '' : `:${iscsi.suffix}`;
    const disk = withOrigins<Draft<IscsiBoot>>(
      {
        disk: isOwn && content !== undefined ? `${iscsi?.store?.prefix}${name}.${content}` : undefined,
        image: os === 'iscsi' && isOwn ? imageOf(boot) : undefined,
        size: boot.size,
        target:
          boot.target ?? (content && `${iscsi?.iqn}:${inName(site)}:${name}:${inName(content)}${suffix}`),
        lun: valueOr(boot, 'lun', 1),
        address: boot.server,
        port: valueOr(boot, 'port', ISCSI_PORT),
        initiator: valueOr(boot, 'initiator', `${iscsi?.iqn}:${inName(site)}:${name}`),
        chap: chapOf(name, site, boot, isOwn),
        fallback: valueOr(boot, 'fallback', 'retry'),
      },
      boot,
      { disk: 'image', address: 'server' },
    );
    if (isOwn || lacks(boot, 'server')) setAddress(disk, network, iscsi);
    if (isOwn && iscsi) setFrom(disk, 'port', iscsi, 'port', 'the port of the iSCSI server');
    return disk;
  };

  function imageOf(boot: BootInventory): Draft<Image> | undefined {
    if (boot.image === undefined) return undefined;
    const found = byName(images).get(boot.image);
    if (!found && isKnown(inventory, 'images'))
      reportUnknownImage(boot.image, namesIn(images), locationOf(boot, 'image'), report);
    return found;
  }
}

function chapOf(name: string, site: string, boot: BootInventory, isOwn: boolean): Draft<Chap> | undefined {
  const { chap } = boot;
  // tgt identifies accounts only by name, for all targets: the accounts of different sites must not share names.
  const account = `${site}.${name}`;
  const own = `\${secret:chap_${name.replace(/[-.]/g, '_')}}`;
  // The only text value means that there is no CHAP.
  if (typeof chap === 'string' || isBroken(boot, 'chap') || (chap === undefined && !isOwn)) return undefined;
  const given = chap ?? withOrigins<ChapInventory>({}, boot);
  const { target_user: user, target_password: targetPassword } = given;
  const result = withOrigins<Draft<Chap>>(
    {
      user: valueOr(given, 'user', account),
      password: valueOr(given, 'password', own),
      targetUser: targetPassword === undefined ? undefined : (user ?? `${account}.target`),
      targetPassword,
    },
    given,
  );
  // The default password has no source location: a missing secret is reported at the key that requires it.
  const requiring = chap ? 'chap' : 'image';
  const at: SourceLocation = boot[requiring] === undefined ? selfLocation(boot) : locationOf(boot, requiring);
  if (lacks(given, 'password')) setLocation(result, 'password', at);
  if (!chap) setLocation(result, 'user', at);
  return result;
}

/** Sets the IP address of the iSCSI server of a disk, for the machines of a network. */
function setAddress(
  disk: Draft<IscsiBoot>,
  network: Draft<Network> | undefined,
  server: Draft<IscsiServer> | undefined,
): void {
  // If the network's own IP address is invalid, the server's is not a substitute.
  if (network && !lacks(network, 'iscsi'))
    setFrom(disk, 'address', network, 'iscsi', `the iSCSI server on ${network.name}`);
  else if (server) setFrom(disk, 'address', server, 'address', 'the IP address of the iSCSI server');
}

/** Sets a key of a disk to the value of another object's key, with its source location, if there is one. */
function setFrom<T extends object>(
  disk: Draft<IscsiBoot>,
  key: 'address' | 'port',
  from: T,
  fromKey: keyof T & string,
  how: string,
): void {
  Object.assign(disk, { [key]: from[fromKey] });
  inherit(disk, key, from, fromKey);
  if (hasLocation(from, fromKey)) markDerived(disk, key, how);
}

/** Returns a name of the inventory as part of an iSCSI name, which must not contain `_` (RFC 3722). */
function inName(name: string): string {
  return name.replaceAll('_', '-');
}

/** Resolves the images of an inventory, in its order; reports unknown tenants, parents and nodes. */
export function resolveImages(
  inventory: Draft<SiteInventory>,
  server: Draft<Server> | undefined,
  tenants: readonly Draft<Tenant>[],
  report: Report,
): Draft<Image>[] {
  const { images: declared = {}, nodes = {} } = inventory;
  const images = new Map<string, Draft<Image>>();
  for (const [name, image] of Object.entries(declared)) {
    if (!image) continue;
    const { source, snapshot_of: snapshotOf } = image;
    images.set(
      name,
      withOrigins<Draft<Image>>(
        {
          name,
          stored: `${server?.iscsi?.store?.prefix}image.${name}`,
          source,
          snapshotOf,
          parent: undefined,
          tenant: tenantOf(image, tenants, inventory, report),
          public: valueOr(image, 'public', false),
        },
        image,
        {},
        keyLocationOf(declared, name),
      ),
    );
    markUnknownTenant(images.get(name) as Draft<Image>, image);
    if (snapshotOf !== undefined && !Object.hasOwn(nodes, snapshotOf) && isKnown(inventory, 'nodes'))
      report.error({
        code: 'unknown-node',
        message: `The image ${name} is made from the disk of ${snapshotOf}, which does not exist.`,
        at: locationOf(image, 'snapshot_of'),
        fix: nearestOf(locationOf(image, 'snapshot_of'), snapshotOf, Object.keys(nodes)),
        help: 'name a node that boots by iSCSI; or, if the node was removed, remove snapshot_of: the image stays in the store',
      });
  }
  for (const [name, image] of images) {
    const parent = declared[name]?.parent;
    if (parent === undefined) continue;
    const found = images.get(parent);
    // Images refer to each other, so references are set after all images exist.
    if (found) Object.assign(image, { parent: found });
    else markBroken(image, 'parent');
    if (!found && isKnown(inventory, 'images'))
      reportUnknownImage(parent, [...images.keys()], locationOf(image, 'parent'), report);
  }
  return [...images.values()];
}

/**
 * Derives the parent of an image that is made from a node's disk: the image that the node boots. Sets no parent if the node now
 * boots the image itself, or one made from it.
 */
export function deriveParents(
  images: readonly Draft<Image>[],
  nodes: readonly Pick<Draft<Node>, 'name' | 'iscsi'>[],
): void {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  for (const image of images) {
    const booted = image.snapshotOf === undefined ? undefined : byName.get(image.snapshotOf)?.iscsi?.image;
    if (!booted || !lacks(image, 'parent') || ancestryOf(booted).includes(image)) continue;
    Object.assign(image, { parent: booted });
    inherit(image, 'parent', image, 'snapshotOf');
  }
}

/** Returns an image and its ancestors; in a cycle, each image once. */
export function ancestryOf(image: Draft<Image>): Draft<Image>[] {
  const seen = new Set<Draft<Image>>();
  for (let at: Draft<Image> | undefined = image; at && !seen.has(at); at = at.parent) seen.add(at);
  return [...seen];
}

/** Reports an unknown image at the location that refers to it. */
function reportUnknownImage(
  name: string,
  names: readonly (string | undefined)[],
  at: SourceLocation,
  report: Report,
): void {
  const meant = nearest(
    name,
    names.filter((known) => known !== undefined),
  );
  reportUnknownName(report, {
    kind: 'image',
    name,
    at,
    names,
    message: `There is no image ${name}${meant ? `: did you mean ${meant}?` : '.'}`,
    none: `none: define it, \`images: {${name}: {source: ${name}.qcow2}}\``,
  });
}

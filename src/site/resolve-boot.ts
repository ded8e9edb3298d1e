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
import type { Draft } from '../values/draft.ts';
import { nearest } from '../values/text.ts';
import { build, byName, isKnown, valueOr } from './build.ts';
import type { Chap, Image, IscsiBoot, LinuxBoot, Network, Node, Tenant } from './model.ts';
import type { IscsiServer, Server } from './model-server.ts';
import type { NodeValues } from './node-values.ts';
import { markUnknownTenant, tenantOf } from './resolve-networks.ts';
import { ISCSI_PORT } from './resolve-server.ts';

export type BootInventory = NonNullable<NonNullable<Draft<SiteInventory>['defaults']>['boot']>;

/** What makes a live root writable, as its initrd wants it told. */
const OVERLAYS = {
  // dracut: modules.d/90dmsquash-live, dmsquash-live-root.sh
  dracut: ['rd.live.image', 'rd.live.overlay.overlayfs=1'],
  // cloud-initramfs-tools: overlayroot, as OpenCHAMI's demo has it
  overlayroot: ['overlayroot=tmpfs', 'overlayroot_cfgdisk=disabled'],
  none: [],
} as const;

interface Filled {
  readonly value: string;
  readonly at: SourceLocation;
}

/** Makes what a node that boots Linux boots, with its own values filled in. */
export function resolveLinux(
  boot: BootInventory,
  server: Draft<Server> | undefined,
  values: NodeValues,
): Draft<LinuxBoot> {
  const image = (text: string, at: SourceLocation) => {
    const filled = values.fill(text, at);
    return /^https?:/.test(filled) ? filled : `${server?.images?.url}/${filled}`;
  };
  const root = typeof boot.root === 'object' ? boot.root : undefined;
  const squashfs = root?.squashfs && image(root.squashfs, locationOf(root, 'squashfs'));
  const initrds = initrdsOf(boot).map(({ value, at }) => ({ value: image(value, at), at }));
  const args = [
    ...rootArgs(boot, squashfs, values),
    ...itemsOf(boot.args).map(({ value, at }) => ({ value: values.fill(value, at), at })),
  ];
  const linux = build<Draft<LinuxBoot>>(
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

function initrdsOf(boot: BootInventory): Filled[] {
  const { initrd } = boot;
  return typeof initrd === 'string' ? [{ value: initrd, at: locationOf(boot, 'initrd') }] : itemsOf(initrd);
}

function rootArgs(boot: BootInventory, squashfs: string | undefined, values: NodeValues): Filled[] {
  const { root } = boot;
  const at = locationOf(boot, 'root');
  if (typeof root === 'string') return [{ value: `root=${values.fill(root, at)}`, at }];
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

type ChapInventory = Exclude<NonNullable<BootInventory['chap']>, string>;

interface Context {
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

/** What a blank disk is for, in the place of an image's name. */
const BLANK = 'harvester';

/** Gives what makes the disk that a node of a site boots by iSCSI; undefined for one that boots otherwise. Reports an image that there is not. */
export function iscsiResolver({ inventory, server, images, report }: Context) {
  const iscsi = server?.iscsi;
  const site = inventory.site ?? '';
  return ({ name, os, boot, network }: Booting): Draft<IscsiBoot> | undefined => {
    if (os !== 'iscsi' && !(os === 'harvester' && boot.disk === 'iscsi')) return undefined;
    const isOwn = boot.target === undefined;
    const content = os === 'harvester' ? BLANK : boot.image;
    const suffix = iscsi?.suffix === undefined ? '' : `:${iscsi.suffix}`;
    const disk = build<Draft<IscsiBoot>>(
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
    const names = images.flatMap((image) => image.name ?? []);
    if (!found && isKnown(inventory, 'images'))
      reportUnknownImage(boot.image, names, locationOf(boot, 'image'), report);
    return found;
  }
}

function chapOf(name: string, site: string, boot: BootInventory, isOwn: boolean): Draft<Chap> | undefined {
  const { chap } = boot;
  // tgt knows accounts by their names alone, whatever the target: the user of another site must not be one of these.
  const account = `${site}.${name}`;
  const own = `\${secret:chap_${name.replace(/[-.]/g, '_')}}`;
  // The one text that it may be is none.
  if (typeof chap === 'string' || isBroken(boot, 'chap') || (chap === undefined && !isOwn)) return undefined;
  const said = chap ?? build<ChapInventory>({}, boot);
  const { target_user: user, target_password: targetPassword } = said;
  const result = build<Draft<Chap>>(
    {
      user: valueOr(said, 'user', account),
      password: valueOr(said, 'password', own),
      targetUser: targetPassword === undefined ? undefined : (user ?? `${account}.target`),
      targetPassword,
    },
    said,
    { targetUser: 'target_user', targetPassword: 'target_password' },
  );
  // A password that stands nowhere: whoever looks for the secret is led to what asks for it.
  const asks = chap ? 'chap' : 'image';
  const at: SourceLocation = boot[asks] === undefined ? selfLocation(boot) : locationOf(boot, asks);
  if (lacks(said, 'password')) setLocation(result, 'password', at);
  if (!chap) setLocation(result, 'user', at);
  return result;
}

/** Lets a disk be at the iSCSI server as the machines of a network know it. */
function setAddress(
  disk: Draft<IscsiBoot>,
  network: Draft<Network> | undefined,
  server: Draft<IscsiServer> | undefined,
): void {
  // Where the network's own is at fault, the other one is not what is meant.
  if (network && !lacks(network, 'iscsi'))
    setFrom(disk, 'address', network, 'iscsi', `the iSCSI server on ${network.name}`);
  else if (server) setFrom(disk, 'address', server, 'address', 'the address of the iSCSI server');
}

/** Gives a key of a disk the value of a key of something else, and the place where that is said, if it is. */
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

/** A name of the inventory as names of iSCSI take it, which know no `_` (RFC 3722). */
function inName(name: string): string {
  return name.replaceAll('_', '-');
}

/** Makes the images of an inventory, in its order; reports tenants, parents and nodes that there are not. */
export function resolveImages(
  inventory: Draft<SiteInventory>,
  server: Draft<Server> | undefined,
  tenants: readonly Draft<Tenant>[],
  report: Report,
): Draft<Image>[] {
  const { images: said = {}, nodes = {} } = inventory;
  const images = new Map<string, Draft<Image>>();
  for (const [name, image] of Object.entries(said)) {
    if (!image) continue;
    const { source, snapshot_of: snapshotOf } = image;
    images.set(
      name,
      build<Draft<Image>>(
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
        { snapshotOf: 'snapshot_of' },
        keyLocationOf(said, name),
      ),
    );
    markUnknownTenant(images.get(name) as Draft<Image>, image);
    if (snapshotOf !== undefined && !Object.hasOwn(nodes, snapshotOf) && isKnown(inventory, 'nodes'))
      report.error({
        code: 'unknown-node',
        message: `${name} is to be made of the disk of ${snapshotOf}, and there is no such node.`,
        at: locationOf(image, 'snapshot_of'),
        help: 'name a node that boots by iSCSI; an image whose node has gone says no snapshot_of, and stays in the store as it is',
      });
  }
  for (const [name, image] of images) {
    const parent = said[name]?.parent;
    if (parent === undefined) continue;
    const found = images.get(parent);
    // The images know each other, so that they are tied together once all are there.
    if (found) Object.assign(image, { parent: found });
    else markBroken(image, 'parent');
    if (!found && isKnown(inventory, 'images'))
      reportUnknownImage(parent, [...images.keys()], locationOf(image, 'parent'), report);
  }
  return [...images.values()];
}

/**
 * Lets an image that is made of a node's disk have the parent that it does not say: what that node boots. It knows none where
 * the node boots it itself by now, or what is made of it.
 */
export function deriveParents(
  images: readonly Draft<Image>[],
  nodes: readonly Pick<Draft<Node>, 'name' | 'iscsi'>[],
): void {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  for (const image of images) {
    const booted = image.snapshotOf === undefined ? undefined : byName.get(image.snapshotOf)?.iscsi?.image;
    if (!booted || !lacks(image, 'parent') || linesOf(booted).includes(image)) continue;
    Object.assign(image, { parent: booted });
    inherit(image, 'parent', image, 'snapshotOf');
  }
}

/** Gives an image and what it was made from, in turn; of those that go round in a circle, each once. */
export function linesOf(image: Draft<Image>): Draft<Image>[] {
  const seen = new Set<Draft<Image>>();
  for (let one: Draft<Image> | undefined = image; one && !seen.has(one); one = one.parent) seen.add(one);
  return [...seen];
}

/** Reports the name of an image that there is not, at the place that names it. */
function reportUnknownImage(
  name: string,
  known: readonly string[],
  at: ReturnType<typeof locationOf>,
  report: Report,
): void {
  const meant = nearest(name, known);
  report.error({
    code: 'unknown-image',
    message: `There is no image ${name}${meant ? `: did you mean ${meant}?` : '.'}`,
    at,
    help: `known images: ${known.join(', ') || `none: define it, \`images: {${name}: {source: ${name}.qcow2}}\``}`,
  });
}

import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import {
  brokenKeys,
  hasPlace,
  inherit,
  isBroken,
  lacks,
  markDerived,
  type Place,
  placeOf,
  selfPlace,
  setPlace,
} from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { build, saidOr } from './build.ts';
import type { Chap, Image, IscsiBoot, IscsiServer, Network, Node, Server } from './model.ts';
import { reportUnknownImage } from './resolve-images.ts';
import { ISCSI_PORT } from './resolve-iscsi-server.ts';
import type { BootInventory } from './resolve-linux.ts';

type ChapInventory = Exclude<NonNullable<BootInventory['chap']>, string>;

interface Context {
  readonly inventory: Draft<SiteInventory>;
  readonly server: Draft<Server> | undefined;
  readonly images: readonly Draft<Image>[];
  readonly report: Report;
}

/** What is known of a node by the time that its disk is made out. */
interface Booting {
  readonly name: string;
  readonly os: Node['os'];
  readonly boot: BootInventory;
  /** That of the NIC that it boots from. */
  readonly network: Draft<Network> | undefined;
}

/** What a blank disk is for, in the place of an image's name. */
const BLANK = 'harvester';

/** Makes the disks that the nodes of one site boot by iSCSI. */
export class IscsiResolver {
  readonly #context: Context;
  readonly #images: ReadonlyMap<string, Draft<Image>>;

  constructor(context: Context) {
    this.#context = context;
    this.#images = new Map(context.images.flatMap((image) => (image.name ? [[image.name, image]] : [])));
  }

  /** Gives a node's disk; undefined where it boots otherwise. Reports an image that there is not. */
  resolve({ name, os, boot, network }: Booting): Draft<IscsiBoot> | undefined {
    if (os !== 'iscsi' && !(os === 'harvester' && boot.disk === 'iscsi')) return undefined;
    const { server, inventory } = this.#context;
    const iscsi = server?.iscsi;
    const site = inventory.site ?? '';
    const isOwn = boot.target === undefined;
    const content = os === 'harvester' ? BLANK : boot.image;
    const image = os === 'iscsi' && isOwn ? this.#image(boot) : undefined;
    const suffix = iscsi?.suffix === undefined ? '' : `:${iscsi.suffix}`;
    const disk = build<Draft<IscsiBoot>>(
      {
        disk: isOwn && content !== undefined ? `${iscsi?.store?.prefix}${name}.${content}` : undefined,
        image,
        size: boot.size,
        target:
          boot.target ?? (content && `${iscsi?.iqn}:${inName(site)}:${name}:${inName(content)}${suffix}`),
        lun: saidOr(boot, 'lun', 1),
        address: boot.server,
        port: saidOr(boot, 'port', ISCSI_PORT),
        initiator: saidOr(boot, 'initiator', `${iscsi?.iqn}:${inName(site)}:${name}`),
        chap: this.#chap(name, site, boot, isOwn),
        fallback: saidOr(boot, 'fallback', 'retry'),
      },
      boot,
      { disk: 'image', address: 'server' },
    );
    if (isOwn || lacks(boot, 'server')) setAddress(disk, network, iscsi);
    if (isOwn && iscsi) setFrom(disk, 'port', iscsi, 'port', 'the port of the iSCSI server');
    return disk;
  }

  #image(boot: BootInventory): Draft<Image> | undefined {
    const { inventory, report } = this.#context;
    if (boot.image === undefined) return undefined;
    const found = this.#images.get(boot.image);
    if (!found && !isBroken(inventory, 'images') && brokenKeys(inventory.images ?? {}).length === 0)
      reportUnknownImage(boot.image, [...this.#images.keys()], placeOf(boot, 'image'), report);
    return found;
  }

  #chap(name: string, site: string, boot: BootInventory, isOwn: boolean): Draft<Chap> | undefined {
    const { chap } = boot;
    // tgt knows accounts by their names alone, whatever the target: the user of another site must not be one of these.
    const account = `${site}.${name}`;
    const own = `\${secret:chap_${name.replace(/[-.]/g, '_')}}`;
    // The one text that it may be is none.
    if (typeof chap === 'string' || isBroken(boot, 'chap') || (chap === undefined && !isOwn))
      return undefined;
    const said = chap ?? build<ChapInventory>({}, boot);
    const { target_user: user, target_password: targetPassword } = said;
    const result = build<Draft<Chap>>(
      {
        user: saidOr(said, 'user', account),
        password: saidOr(said, 'password', own),
        targetUser: targetPassword === undefined ? undefined : (user ?? `${account}.target`),
        targetPassword,
      },
      said,
      { targetUser: 'target_user', targetPassword: 'target_password' },
    );
    // A password that stands nowhere: whoever looks for the secret is led to what asks for it.
    const asks = chap ? 'chap' : 'image';
    const at: Place = boot[asks] === undefined ? selfPlace(boot) : placeOf(boot, asks);
    if (lacks(said, 'password')) setPlace(result, 'password', at);
    if (!chap) setPlace(result, 'user', at);
    return result;
  }
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
  if (hasPlace(from, fromKey)) markDerived(disk, key, how);
}

/** A name of the inventory as names of iSCSI take it, which know no `_` (RFC 3722). */
function inName(name: string): string {
  return name.replaceAll('_', '-');
}

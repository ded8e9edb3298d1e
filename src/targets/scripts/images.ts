import type { Image, Site } from '../../site/model.ts';
import { parseSize } from '../../site/size.ts';
import { unitName } from '../host-paths.ts';
import { diskNodes } from '../iscsi/served-disks.ts';
import { IMAGES } from '../paths.ts';
import type { Render } from '../render.ts';
import type { Emitted } from '../target.ts';

/** Where files lie that images are imported from, where the store is no folder itself. */
const FOLDER = '/srv/harvgen/disks';

/**
 * Gives the script that makes and tends images and disks on the iSCSI server, where a node has a disk there, or there is an
 * image to make one of; and the unit that gives tgt a qcow2 as the raw file that it takes.
 */
export function* imageScripts(site: Site, render: Render): Iterable<Emitted> {
  const disks = diskNodes(site);
  if (disks.length === 0 && site.images.length === 0) return;
  const { driver, store } = site.server.iscsi;
  const rbd = store.kind === 'rbd' ? store : undefined;
  const folder = folderOf(site);
  const format = store.kind === 'files' ? store.format : 'raw';
  const unit = unitName(site, 'disk');
  const data = {
    site,
    driver,
    rbd,
    folder,
    format,
    unit,
    prefix: store.prefix,
    snapshot: rbd?.snapshot ?? 'harvgen',
    images: site.images.map((image) => ({
      name: image.name,
      source: sourceOf(image, site) ?? '',
      of: image.snapshotOf ?? '',
    })),
    elsewhere: site.nodes.flatMap(({ name, iscsi }) =>
      iscsi && iscsi.disk === undefined ? { node: name, address: iscsi.address } : [],
    ),
    disks: disks.map(({ node, iscsi: { disk, image, size } }) => ({
      node: node.name,
      name: disk,
      image: image?.name ?? '',
      bytes: parseSize(size ?? '') ?? 0,
    })),
  };
  yield { path: IMAGES, content: render('scripts/images.sh', data), executable: true };
  const path = diskUnit(site);
  if (path) yield { path, content: render('scripts/disk.systemd', { site, folder, unit }) };
}

/** Gives the path, in the tree, of the unit that makes a raw file of a qcow2; undefined where disks are none. */
export function diskUnit(site: Site): string | undefined {
  const { store } = site.server.iscsi;
  const isQcow2 = store.kind === 'files' && store.format === 'qcow2';
  return isQcow2 ? `systemd/${unitName(site, 'disk')}@.service` : undefined;
}

/** Gives the file on the iSCSI server that an image is imported from; undefined where it is not. */
export function sourceOf({ source }: Image, site: Site): string | undefined {
  return source === undefined || source.startsWith('/') ? source : `${folderOf(site)}/import/${source}`;
}

/** The store, or the folder of what it is fed from. */
const folderOf = ({ server: { iscsi } }: Site) =>
  iscsi.store.kind === 'files' ? iscsi.store.folder : FOLDER;

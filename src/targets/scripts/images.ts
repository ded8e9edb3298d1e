import type { Image, Site } from '../../site/model.ts';
import { DISKS_FOLDER } from '../../site/resolve-server.ts';
import { IMAGES, unitName } from '../../tree/paths.ts';
import { parseSize } from '../../values/size.ts';
import { diskNodes } from '../iscsi/iscsi.ts';
import type { Emitted, Render } from '../target.ts';

/**
 * Gives the script that makes and tends images and disks on the iSCSI server, where a node has a disk there, or there is an
 * image to make one of; and the unit that gives tgt a qcow2 as the raw file that it takes.
 */
export function* imageScripts(site: Site, render: Render): Iterable<Emitted> {
  const nodes = diskNodes(site);
  if (nodes.length === 0 && site.images.length === 0) return;
  const { driver, store } = site.server.iscsi;
  const rbd = store.kind === 'rbd' ? store : undefined;
  const folder = folderOf(site);
  const format = store.kind === 'files' ? store.format : 'raw';
  const unit = unitName(site, 'disk');
  const head = render('scripts/images.sh', {
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
    disks: nodes.map(({ node, disk, iscsi: { image, size } }) => ({
      node: node.name,
      name: disk,
      image: image?.name ?? '',
      bytes: parseSize(size ?? '') ?? 0,
    })),
  });
  // What the site is to have, and behind it parts that are scripts as they lie here: one file, that can be read from its beginning.
  const parts = ['common', ...(rbd ? ['rbd'] : ['files', format]), driver, 'commands'];
  const content = head + parts.map((part) => render(`scripts/images-${part}.sh`, {})).join('');
  yield { path: IMAGES, content, executable: true };
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
  iscsi.store.kind === 'files' ? iscsi.store.folder : DISKS_FOLDER;

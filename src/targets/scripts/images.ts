import type { Image, Site } from '../../site/model.ts';
import { DISKS_FOLDER } from '../../site/resolve-server.ts';
import { IMAGES, unitName } from '../../tree/paths.ts';
import { parseSize } from '../../values/size.ts';
import { diskNodes } from '../iscsi/served-disks.ts';
import { type Emitted, pick, type Render } from '../target.ts';

/** What each part of the script gets, which follow each other in this order: of the stores the one that the site has. */
const PARTS = {
  images: ['site', 'driver', 'rbd', 'folder', 'prefix', 'snapshot', 'images', 'disks', 'elsewhere'],
  'images-rbd': ['rbd', 'driver'],
  'images-files': ['folder', 'format', 'unit'],
  'images-server': ['driver', 'format'],
  'images-commands': ['driver', 'format', 'rbd'],
} as const satisfies Record<string, readonly (keyof ImageData)[]>;

type ImageData = ReturnType<typeof dataOf>;

/**
 * Gives the script that makes and tends images and disks on the iSCSI server, where a node has a disk there, or there is an
 * image to make one of; and the unit that gives tgt a qcow2 as the raw file that it takes.
 */
export function* imageScripts(site: Site, render: Render): Iterable<Emitted> {
  if (diskNodes(site).length === 0 && site.images.length === 0) return;
  const data = dataOf(site);
  const parts = [
    'images',
    data.rbd ? 'images-rbd' : 'images-files',
    'images-server',
    'images-commands',
  ] as const;
  // One file, that can be read from its beginning.
  const content = parts.map((part) => render(`scripts/${part}.sh`, pick(data, PARTS[part]))).join('');
  yield { path: IMAGES, content, executable: true };
  const path = diskUnit(site);
  if (path) yield { path, content: render('scripts/disk.systemd', pick(data, ['site', 'folder', 'unit'])) };
}

function dataOf(site: Site) {
  const { driver, store } = site.server.iscsi;
  const rbd = store.kind === 'rbd' ? store : undefined;
  const folder = folderOf(site);
  const format = store.kind === 'files' ? store.format : 'raw';
  return {
    site,
    driver,
    rbd,
    folder,
    format,
    unit: unitName(site, 'disk'),
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
    disks: diskNodes(site).map(({ node, iscsi: { disk, image, size } }) => ({
      node: node.name,
      name: disk,
      image: image?.name ?? '',
      bytes: parseSize(size ?? '') ?? 0,
    })),
  };
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

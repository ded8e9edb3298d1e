import { storedDisks } from '../../plan/iscsi.ts';
import type { Image, Site } from '../../site/model.ts';
import { DISKS_FOLDER } from '../../site/resolve-server.ts';
import { IMAGES, unitName } from '../../tree/paths.ts';
import { parseSize } from '../../values/size.ts';
import type { Emitted, Render } from '../target.ts';

/**
 * Yields the script that manages images and disks on the iSCSI server, and the unit that exports a qcow2 to tgt as a raw file.
 * Yields nothing if no node has a disk there and the site has no image.
 */
export function* imageScripts(site: Site, render: Render): Iterable<Emitted> {
  const nodes = storedDisks(site);
  if (nodes.length === 0 && site.images.length === 0) return;
  const { driver, store } = site.server.iscsi;
  const { prefix } = store;
  const rbd = store.kind === 'rbd' ? store : undefined;
  const snapshot = rbd?.snapshot ?? 'harvgen';
  const format = store.kind === 'files' ? store.format : 'raw';
  const [folder, unit] = [folderOf(site), unitName(site, 'disk')];
  const images = site.images.map((image) => {
    return { name: image.name, source: sourceOf(image, site) ?? '', of: image.snapshotOf ?? '' };
  });
  const elsewhere = site.nodes.flatMap(({ name, iscsi }) =>
    iscsi && iscsi.disk === undefined ? { node: name, address: iscsi.address } : [],
  );
  const disks = nodes.map(({ node, disk, iscsi: { image, size } }) => {
    return { node: node.name, name: disk, image: image?.name ?? '', bytes: parseSize(size ?? '') ?? 0 };
  });
  const data = { site, driver, rbd, folder, format, unit, prefix, snapshot, images, elsewhere, disks };
  const head = render('scripts/images.sh', data);
  // The data of the site, followed by plain scripts: one file, readable from top to bottom.
  const parts = ['common', ...(rbd ? ['rbd'] : ['files', format]), driver, 'commands'];
  const content = head + parts.map((part) => render(`scripts/images-${part}.sh`, {})).join('');
  yield { path: IMAGES, content, executable: true };
  const path = diskUnit(site);
  if (path) yield { path, content: render('scripts/disk.systemd', { site, folder, unit }) };
}

/** Returns the path, in the tree, of the unit that exports a qcow2 as a raw file; undefined if the disks are not qcow2. */
export function diskUnit(site: Site): string | undefined {
  const { store } = site.server.iscsi;
  const isQcow2 = store.kind === 'files' && store.format === 'qcow2';
  return isQcow2 ? `systemd/${unitName(site, 'disk')}@.service` : undefined;
}

/** Returns the file on the iSCSI server from which an image is imported, or undefined. */
export function sourceOf({ source }: Image, site: Site): string | undefined {
  return source === undefined || source.startsWith('/') ? source : `${folderOf(site)}/import/${source}`;
}

/** Returns the directory of the store or, for a pool, of the files to import. */
const folderOf = ({ server: { iscsi } }: Site) =>
  iscsi.store.kind === 'files' ? iscsi.store.folder : DISKS_FOLDER;

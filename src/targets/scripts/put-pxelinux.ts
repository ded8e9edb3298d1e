import { IPXE_KERNEL, PXELINUX_PROGRAMS } from '../../knowledge/boot-programs.ts';
import type { Site } from '../../site/model.ts';
import { BUILD_IPXE, PUT_PXELINUX } from '../../tree/paths.ts';
import { diskNodes } from '../iscsi/served-disks.ts';
import { hasPxelinux, needsOwnIpxe } from '../programs.ts';
import type { Emitted, Render } from '../target.ts';

/**
 * Gives the script that puts PXELINUX where firmware loads it, where a machine of the site does; and where there are diskless nodes
 * at all, since the last one that did so leaves its menu behind there, which is still to be taken away.
 */
export function* putPxelinux(site: Site, render: Render): Iterable<Emitted> {
  const isLoaded = hasPxelinux(site);
  if (!isLoaded && site.images.length === 0 && diskNodes(site).length === 0) return;
  const isOwn = (name: string) => name === IPXE_KERNEL && needsOwnIpxe(site);
  const loaded = isLoaded ? PXELINUX_PROGRAMS : [];
  const programs = loaded.filter(({ name }) => !isOwn(name));
  const own = loaded.filter(({ name }) => isOwn(name)).map(({ name }) => name);
  const content = render('scripts/put-pxelinux.sh', { site, isLoaded, programs, own, build: BUILD_IPXE });
  yield { path: PUT_PXELINUX, content, executable: true };
}

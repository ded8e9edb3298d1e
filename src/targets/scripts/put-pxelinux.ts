import type { Site } from '../../site/model.ts';
import { IPXE_KERNEL, PXELINUX_PROGRAMS } from '../../tables/pxelinux-programs.ts';
import { BUILD_IPXE, PUT_PXELINUX } from '../paths.ts';
import { hasPxelinux, needsOwnIpxe } from '../programs.ts';
import type { Render } from '../render.ts';
import type { Emitted } from '../target.ts';

/** Gives the script that puts PXELINUX where firmware loads it, where a machine of the site does. */
export function* putPxelinux(site: Site, render: Render): Iterable<Emitted> {
  if (!hasPxelinux(site)) return;
  const isOwn = (name: string) => name === IPXE_KERNEL && needsOwnIpxe(site);
  const programs = PXELINUX_PROGRAMS.filter(({ name }) => !isOwn(name));
  const own = PXELINUX_PROGRAMS.filter(({ name }) => isOwn(name)).map(({ name }) => name);
  const content = render('scripts/put-pxelinux.sh', { site, programs, own, build: BUILD_IPXE });
  yield { path: PUT_PXELINUX, content, executable: true };
}

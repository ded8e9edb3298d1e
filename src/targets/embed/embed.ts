import { BOOT_SCRIPT, urlOf } from '../paths.ts';
import type { Target } from '../target.ts';

/** The script to build into an iPXE image, for machines on networks without DHCP: it gives each its address by MAC. */
export const embed: Target = {
  name: 'embed',
  *emit(site, render) {
    const nodes = site.nodes.filter((node) => !node.bootNic.network.dhcp);
    if (nodes.length === 0) return;
    yield {
      path: `embed/${site.name}.ipxe`,
      content: render('embed/embed.ipxe', { site, nodes, bootUrl: urlOf(site, BOOT_SCRIPT) }),
    };
  },
};

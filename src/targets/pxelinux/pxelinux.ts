import { IPXE_KERNEL } from '../../knowledge/boot-programs.ts';
import type { Node, Site } from '../../site/model.ts';
import { pxelinuxMenus, pxelinuxScript, scriptPath, TFTP, urlOf } from '../../tree/paths.ts';
import { loaderKindOf } from '../programs.ts';
import type { Target } from '../target.ts';

/** What PXELINUX finds for a node whose BIOS loads it: a menu for each NIC that may boot, and the script of the iPXE that it loads. */
export const pxelinux: Target = {
  name: 'pxelinux',
  *emit(site, render) {
    for (const node of pxelinuxNodes(site)) {
      const script = pxelinuxScript(node);
      const menu = render('pxelinux/menu.pxelinux', { site, node, ipxe: IPXE_KERNEL, script });
      for (const path of pxelinuxMenus(node)) yield { path: `${TFTP}/${path}`, content: menu };
      const macs = node.bond.flatMap(({ mac }) => mac ?? []);
      const data = { site, node, macs, next: urlOf(site, scriptPath(node)) };
      yield { path: `${TFTP}/${script}`, content: render('pxelinux/node.ipxe', data) };
    }
  },
};

/** Gives the nodes whose firmware loads PXELINUX, and that it finds a menu for. */
export function pxelinuxNodes({ nodes }: Pick<Site, 'nodes'>): Node[] {
  return nodes.filter(
    (node) =>
      node.bootNic.network.dhcp && loaderKindOf(node) === 'pxelinux' && pxelinuxMenus(node).length > 0,
  );
}

import { kernelArgs } from '../../plan/kernel-args.ts';
import { grubNodes, grubUrl, loaderKindOf } from '../../plan/programs.ts';
import type { Site } from '../../site/model.ts';
import { GRUB_SCRIPT, GRUB_TFTP, urlOf, WWW } from '../../tree/paths.ts';
import { hyphenMac } from '../../values/identifiers.ts';
import { quoteGrubArg } from '../../values/quoting.ts';
import type { Emitted, Render, Target } from '../target.ts';

/** The scripts of machines whose firmware loads GRUB: the entry script, which finds the node, and a script for each such node. */
export const grub: Target = {
  name: 'grub',
  *emit(site, render) {
    const nodes = grubNodes(site);
    if (nodes.length === 0) return;
    const first = grubUrl(urlOf(site, GRUB_SCRIPT));
    yield { path: `${WWW}/${GRUB_SCRIPT}`, content: render('grub/first.grub', { site, first }) };
    yield* byTftp(site, first, render);
    for (const { node, linux, paths } of nodes) {
      const [kernel, initrds] = [grubUrl(linux.kernel), linux.initrds.map(grubUrl)];
      for (const path of paths) {
        // The name ends in the MAC of the NIC that booted.
        const booted = node.bootNics.find(({ mac }) => mac && path.endsWith(hyphenMac(mac)));
        const args = kernelArgs(site, node, booted).map(quoteGrubArg);
        const content = render('grub/node.grub', { site, node, kernel, initrds, args, first });
        yield { path: `${WWW}/${path}`, content };
      }
    }
  },
};

/** Returns the files that lead a GRUB loaded by TFTP to its script, if the site's DHCP uses TFTP. */
function* byTftp(site: Site, first: string, render: Render): Iterable<Emitted> {
  const nodes = site.nodes.filter(
    (node) => node.bootNic.network.dhcp && ['grub', 'shim'].includes(loaderKindOf(node)),
  );
  if (nodes.length === 0) return;
  yield { path: GRUB_TFTP, content: render('grub/tftp-first.grub', { site }) };
  for (const node of nodes) {
    // The firmware may boot from any NIC on its network.
    for (const { mac } of node.bootNics) {
      if (!mac) continue;
      const content = render('grub/tftp-node.grub', { site, node, first });
      yield { path: `${GRUB_TFTP}-01-${hyphenMac(mac)}`, content };
    }
  }
}

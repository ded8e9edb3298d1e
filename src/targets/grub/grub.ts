import type { LinuxBoot, Node, Site } from '../../site/model.ts';
import { GRUB_SCRIPT, GRUB_TFTP, grubScriptPaths, urlOf, WWW } from '../../tree/paths.ts';
import { hyphenMac } from '../../values/mac.ts';
import { quoteGrubArg } from '../../values/quoting/grub.ts';
import { kernelArgs } from '../linux/kernel-args.ts';
import { loaderKindOf } from '../programs.ts';
import type { Render } from '../render.ts';
import type { Emitted, Target } from '../target.ts';
import { grubUrl } from './grub-url.ts';

/** What machines run whose firmware loads GRUB: the first script, which finds the node, and a script for each such node. */
export const grub: Target = {
  name: 'grub',
  *emit(site, render) {
    const nodes = grubNodes(site);
    if (nodes.length === 0) return;
    const first = grubUrl(urlOf(site, GRUB_SCRIPT));
    yield { path: `${WWW}/${GRUB_SCRIPT}`, content: render('grub/first.grub', { site, first }) };
    yield* byTftp(site, first, render);
    for (const { node, linux, paths } of nodes) {
      const content = render('grub/node.grub', { ...nodeData(site, node, linux), first });
      for (const path of paths) yield { path: `${WWW}/${path}`, content };
    }
  },
};

/** Gives what leads those on whose firmware has loaded GRUB by TFTP, where the site's DHCP has it do so. */
function* byTftp(site: Site, first: string, render: Render): Iterable<Emitted> {
  const nodes = site.nodes.filter(
    (node) => node.bootNic.network.dhcp && ['grub', 'shim'].includes(loaderKindOf(node)),
  );
  if (nodes.length === 0) return;
  yield { path: GRUB_TFTP, content: render('grub/tftp-first.grub', { site }) };
  for (const node of nodes) {
    // Any NIC of its management network may be the one that its firmware boots from.
    for (const { mac } of node.bond) {
      if (!mac) continue;
      const content = render('grub/tftp-node.grub', { site, node, first });
      yield { path: `${GRUB_TFTP}-01-${hyphenMac(mac)}`, content };
    }
  }
}

/** A node that boots by GRUB, and where its script is below the document root: one for each MAC that may boot. */
interface GrubNode {
  readonly node: Node;
  readonly linux: LinuxBoot;
  readonly paths: readonly string[];
}

/** Gives the nodes whose firmware loads GRUB. */
export function grubNodes({ nodes }: Pick<Site, 'nodes'>): GrubNode[] {
  const found: GrubNode[] = [];
  for (const node of nodes) {
    if (!node.linux || node.loader !== 'grub') continue;
    const paths = grubScriptPaths(node);
    if (paths.length > 0) found.push({ node, linux: node.linux, paths });
  }
  return found;
}

function nodeData(site: Site, node: Node, { kernel, initrds }: LinuxBoot) {
  return {
    site,
    node,
    kernel: grubUrl(kernel),
    initrds: initrds.map(grubUrl),
    args: kernelArgs(site, node).map(quoteGrubArg),
  };
}

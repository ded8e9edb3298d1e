import { quoteGrubArg } from '../../quoting/grub.ts';
import type { LinuxBoot, Node, Site } from '../../site/model.ts';
import { kernelArgs } from '../linux/kernel-args.ts';
import { GRUB_SCRIPT, grubScriptPath, urlOf, WWW } from '../paths.ts';
import type { Target } from '../target.ts';
import { grubUrl } from './grub-url.ts';

/** What machines run whose firmware loads GRUB: the first script, which finds the node, and a script for each such node. */
export const grub: Target = {
  name: 'grub',
  *emit(site, render) {
    const nodes = grubNodes(site);
    if (nodes.length === 0) return;
    const first = grubUrl(urlOf(site, GRUB_SCRIPT));
    yield { path: `${WWW}/${GRUB_SCRIPT}`, content: render('grub/first.grub', { site, first }) };
    for (const { node, linux, path } of nodes) {
      const data = nodeData(site, node, linux);
      yield { path: `${WWW}/${path}`, content: render('grub/node.grub', { ...data, first }) };
    }
  },
};

/** A node that boots by GRUB, and where its script is below the document root. */
interface GrubNode {
  readonly node: Node;
  readonly linux: LinuxBoot;
  readonly path: string;
}

/** Gives the nodes whose firmware loads GRUB. */
export function grubNodes({ nodes }: Pick<Site, 'nodes'>): GrubNode[] {
  return nodes.flatMap((node) => {
    const path = grubScriptPath(node);
    return node.linux?.loader === 'grub' && path ? [{ node, linux: node.linux, path }] : [];
  });
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

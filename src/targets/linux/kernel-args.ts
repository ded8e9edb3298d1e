import type { Node, Site } from '../../site/model.ts';
import { cloudInitUrl } from '../../tree/paths.ts';
import { kernelWords, setsParameter } from '../../values/kernel-words.ts';
import { hyphenMac } from '../../values/mac.ts';

/**
 * Gives the arguments that the kernel of a node gets that boots Linux, each one word, as the kernel reads them: those of the
 * inventory, and then, unless they are among these, `BOOTIF=`, by which an initrd finds the NIC that booted, and `ds=`, by
 * which cloud-init finds its data. Nothing is quoted. None for a node that boots anything else.
 * Source: dracut.cmdline(7) (BOOTIF); cloud-init, cloudinit/sources/DataSourceNoCloud.py: releases up to 22.4
 * fetch from a server for `nocloud-net` alone, and later ones take that name, too.
 */
export function kernelArgs(site: Pick<Site, 'server'>, node: Node): string[] {
  if (!node.linux) return [];
  const said = node.linux.args.flatMap(kernelWords);
  const { mac } = node.bootNic;
  const isSaid = (name: string) => said.some((word) => setsParameter(word, name));
  return [
    ...said,
    ...(mac && !isSaid('BOOTIF') ? [`BOOTIF=01-${hyphenMac(mac)}`] : []),
    ...(isSaid('ds') ? [] : [`ds=nocloud-net;s=${cloudInitUrl(site, node)}`]),
  ];
}

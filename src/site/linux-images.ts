import { onceFor } from '../values/once-for.ts';
import type { LinuxBoot, Node, Site } from './model.ts';

/** A file that machines of a site boot Linux from. */
export interface LinuxImage {
  readonly url: string;
  readonly kind: 'kernel' | 'initrd' | 'rootfs';
  /** Where it lies below `server.images`, if the boot server itself hands it out. */
  readonly path?: string | undefined;
  /** Who boots from it, in the inventory's order. */
  readonly nodes: readonly Node[];
}

/** Gives the kernels, initrds and root file systems that nodes boot Linux from, each once, in the inventory's order. */
export function linuxImages(site: Pick<Site, 'nodes' | 'server'>): LinuxImage[] {
  const byUrl = new Map<string, LinuxImage & { readonly nodes: Node[] }>();
  for (const node of bootingLinux(site.nodes)) {
    for (const { url, kind } of imagesOf(node.linux)) {
      const known = byUrl.get(url);
      if (known?.nodes.at(-1) === node) continue;
      if (known) known.nodes.push(node);
      else byUrl.set(url, { url, kind, path: pathOf(site, url), nodes: [node] });
    }
  }
  return [...byUrl.values()];
}

/** What machines boot Linux from on the boot server. */
export interface ServedImages {
  readonly folder: string;
  /** Paths below the folder, each once and sorted. */
  readonly files: readonly string[];
}

/** Gives what the boot server itself hands out for machines to boot Linux from; undefined where it is none. */
export function servedImages(site: Pick<Site, 'nodes' | 'server'>): ServedImages | undefined {
  const { path: folder } = site.server.images;
  const files = linuxImages(site).flatMap(({ path }) => path ?? []);
  return folder !== undefined && files.length > 0 ? { folder, files: files.sort() } : undefined;
}

type Booting = Node & { readonly linux: LinuxBoot };

/** The nodes that boot Linux, which never change: many ask, and of large sites most have none. */
const bootingLinux = onceFor((nodes: Site['nodes']) =>
  nodes.filter((node): node is Booting => node.linux !== undefined),
);

function imagesOf(linux: LinuxBoot): Pick<LinuxImage, 'url' | 'kind'>[] {
  return [
    { url: linux.kernel, kind: 'kernel' },
    ...linux.initrds.map((url) => ({ url, kind: 'initrd' as const })),
    ...(linux.squashfs === undefined ? [] : [{ url: linux.squashfs, kind: 'rootfs' as const }]),
  ];
}

function pathOf({ server: { images } }: Pick<Site, 'server'>, url: string): string | undefined {
  return images.path !== undefined && url.startsWith(`${images.url}/`)
    ? url.slice(images.url.length + 1)
    : undefined;
}

import { harvesterMedia } from '../../knowledge/tables/harvester-media.ts';
import type { Node, Site } from '../../site/model.ts';
import { scriptPath, signaturePath, urlOf } from '../../tree/paths.ts';

/** An image that iPXE has fetched, by the name that it gives it, and the URL of its signature. */
interface Signed {
  readonly image: string;
  readonly url: string;
}

/** What iPXE verifies of a node. */
export interface Signatures {
  /** The URL of the signature of the node's own script. */
  readonly self: string;
  /** Of a node that Harvester is for. */
  readonly kernel?: Signed;
  readonly initrd?: Signed;
}

/**
 * Gives the signatures of what a node boots; undefined where the site's boot is not signed. iPXE calls an image by the
 * last part of its URL. Source: iPXE, src/core/image.c (image_set_uri).
 */
export function signatures(site: Site, node: Node): Signatures | undefined {
  if (!site.server.sign) return undefined;
  const self = urlOf(site, signaturePath(scriptPath(node)));
  if (!node.cluster) return { self };
  const { version, arch } = node.cluster;
  const { kernel, initrd } = harvesterMedia(version.text, arch);
  const signed = (image: string): Signed => ({
    image,
    url: urlOf(site, signaturePath(`harvester/${version.text}/${image}`)),
  });
  return { self, kernel: signed(kernel), initrd: signed(initrd) };
}

import { linuxImages } from '../../site/linux-images.ts';
import type { Site } from '../../site/model.ts';
import { shownUrl } from '../../values/shown-url.ts';
import type { Medium } from './medium.ts';

/** Gives the kernels, initrds and root file systems that nodes boot Linux from: nobody publishes them. */
export function* linuxMedia(site: Site): Iterable<Medium> {
  for (const { url, kind, path, nodes } of linuxImages(site)) {
    const shown = shownUrl(url);
    const served = path !== undefined;
    yield {
      url: shown,
      kind,
      ...(served ? {} : { from: { url: shown } }),
      served,
      nodes: nodes.map(({ name }) => name),
    };
  }
}

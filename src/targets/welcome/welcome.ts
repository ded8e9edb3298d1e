import { servedImages } from '../../site/nodes.ts';
import { WWW } from '../../tree/paths.ts';
import { grubNodes } from '../grub/grub.ts';
import type { Target } from '../target.ts';

/** What `/` is, below the document root. */
const INDEX = 'index.html';

/** The page that a web server has at `/`: it tells people what is here, and nothing of any node. The site's own wins. */
export const welcome: Target = {
  name: 'welcome',
  *emit(site, render) {
    const path = `${WWW}/${INDEX}`;
    if (site.files.some((file) => file.path === path)) return;
    yield {
      path,
      content: render('welcome/index.html', {
        site,
        installs: site.nodes.some(({ os }) => os === 'harvester'),
        images: servedImages(site)?.folder,
        grub: grubNodes(site).length > 0,
      }),
    };
  },
};

import type { Site } from '../../site/model.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { keyPlaceOf, selfPlace } from '../../source/origin.ts';
import type { Emitted } from '../target.ts';
import { sizeOf } from './config-maps.ts';
import { servedTree } from './tree-files.ts';

/** What a ConfigMap holds is 1 MiB, of which keys, labels and the rest take some. Source: Kubernetes, MaxSecretSize. */
const MOST_OF_FILE = 1000 * 1024;

/** The Deployment lists each file, and etcd takes no object of more than 1.5 MiB. */
const MOST_FILES = 4000;

/** Every pod's node has it all, and the API server too: that is what it is not made for. */
const MOST_OF_ALL = 16 * 1024 * 1024;

const HELP = 'build an image of the tree, and say it: `server: {kubernetes: {image: …}}`';

/** Reports what of a site's tree is too large for ConfigMaps. Takes what the targets have made. */
export function checkKubernetesSize(site: Site, made: readonly Emitted[], report: Report): void {
  const { kubernetes } = site.server;
  if (!kubernetes || kubernetes.image !== undefined) return;
  const files = servedTree(site, made).map((file) => ({ ...file, size: sizeOf(file) }));
  const at = keyPlaceOf(site.server, 'kubernetes');
  const code = 'kubernetes-too-large';
  for (const { path, size } of files) {
    if (size <= MOST_OF_FILE) continue;
    const own = site.files.find((file) => file.path === path);
    const message = `${path} is too large for a ConfigMap, which holds 1 MiB.`;
    report.error({ code, message, at: own ? selfPlace(own) : at, help: HELP });
  }
  const all = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length <= MOST_FILES && all <= MOST_OF_ALL) return;
  const message = `The tree has ${files.length} files, and ${Math.ceil(all / 1024 / 1024)} MiB, for pods to serve: in ConfigMaps no more than ${MOST_FILES} and 16 MiB.`;
  report.error({ code, message, at, help: HELP });
}

import { isoFile } from '../knowledge/harvester/iso-file.ts';
import { isUnknown } from '../site/is-unknown.ts';
import type { Node } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import type { Finding, Rule } from './rule.ts';

/** The first release with this ISO, and with the key that goes with it. */
const SINCE = 'v1.3.0';

export const netInstallIso: Rule = {
  code: 'net-install-iso',
  severity: 'error',
  what: 'The net-install ISO goes with with_net_images: true and no other ISO does, and a create node never installs from it.',
  why: "That ISO holds no container images: without the key the installer stops at the first list of them, and a cluster that begins with it soon meets the limits of Docker Hub (harvester/harvester#4295, Harvester's documentation on the net install ISO).",
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester') continue;
      if (isUnknown(node, 'install.iso_url') || isUnknown(node, 'install.with_net_images')) continue;
      const finding = findingOf(node);
      if (finding) report({ node, ...finding });
    }
  },
};

function findingOf(node: Draft<Node>): Finding | undefined {
  const { said, config, mode, cluster } = node;
  const install = said?.install;
  const url = config?.install?.iso_url;
  if (!install || !url || !mode || !cluster?.version) return undefined;
  const { netInstall, of } = isoFile(url);
  const exists = isAtLeast(cluster.version, SINCE);
  if (!netInstall) {
    // An ISO with a name of one's own may be any.
    if (!install.with_net_images || !of || !exists) return undefined;
    return {
      message:
        'with_net_images is true, and the ISO is the whole one: the node would fetch from the internet the images that its ISO holds.',
      at: placeOf(install, 'with_net_images'),
      help: 'remove with_net_images, or say false where it is for other nodes; or name the net-install ISO in iso_url',
    };
  }
  const at = placeOf(install, 'iso_url');
  const whole = node.derived?.install?.iso_url ?? 'that of the whole ISO';
  if (!exists) {
    return {
      message: `There is no net-install ISO of ${cluster.version.text}: the first is that of ${SINCE}.`,
      at,
      help: `remove iso_url: ${whole} is derived`,
    };
  }
  if (mode === 'create') {
    return {
      message:
        'The create node would install from the net-install ISO, which holds no images: a cluster begins with the whole ISO.',
      at,
      help: `say iso_url: ${whole} and with_net_images: false in the config of the create node`,
    };
  }
  if (install.with_net_images) return undefined;
  return {
    message:
      'The net-install ISO holds no images, and with_net_images is not true: the installer would look for them on the ISO and stop.',
    at,
    help: `add with_net_images: true beside it; or remove iso_url: ${whole} is derived`,
  };
}

import type { Node } from '../site/model.ts';
import { isBroken, keyPlaceOf, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const kubernetesMediaClaim: Rule = {
  code: 'kubernetes-media-claim',
  severity: 'error',
  what: "Pods that are to serve Harvester's files, what machines boot Linux from, or signatures, have a claim to a volume with these.",
  why: 'Neither is in the tree: machines would find a script, and then no kernel, or nothing that they may boot.',
  check({ server, nodes = [] }, report) {
    const { kubernetes } = server ?? {};
    if (!server || !kubernetes || kubernetes.mediaClaim || isBroken(kubernetes, 'mediaClaim')) return;
    const at = keyPlaceOf(server, 'kubernetes');
    if (server.sign) {
      report({
        message: 'Machines fetch signatures from pods that have none.',
        at,
        related: [{ message: 'they are asked for at', at: placeOf(server, 'sign') }],
        help: 'name the PersistentVolumeClaim that has them in its folder sign/: `media_claim: …`',
      });
    } else if (server.images?.path && nodes.some((node) => isFrom(node, server.images?.url))) {
      report({
        message: 'Machines fetch what they boot Linux from of pods that have none of it.',
        at,
        help: 'name the PersistentVolumeClaim that has it in its folder images/, `media_claim: …`, or give the URL of a server that has it as server.images',
      });
    } else if (server.media?.path && nodes.some((node) => node?.os === 'harvester')) {
      report({
        message: "Machines fetch Harvester's files from pods that have none.",
        at,
        help: 'name the PersistentVolumeClaim that has them in its folder harvester/, `media_claim: …`, or give the URL of a server that has them as server.media',
      });
    }
  },
};

/** Whether a node boots Linux from what lies below a URL. */
function isFrom(node: Draft<Node> | undefined, url: string | undefined): boolean {
  const { kernel, initrds = [], squashfs } = node?.linux ?? {};
  return [kernel, ...initrds, squashfs].some((one) => url !== undefined && one?.startsWith(`${url}/`));
}

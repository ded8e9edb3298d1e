import { type Place, placeOf, selfPlace } from '../origin.ts';
import { createsAnew } from '../site/creates-anew.ts';
import type { Draft } from '../site/draft.ts';
import type { Node } from '../site/model.ts';
import type { Rule } from './rule.ts';

export const installAlways: Rule = {
  code: 'install-always',
  severity: 'warning',
  what: 'No node is left on `install: always`.',
  why: 'The node loses its disk at every boot, at a power cut too. One that creates its cluster makes a new one each time.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || node.install !== 'always') continue;
      const at = placeOf(node, 'install');
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is installed anew, and its disk wiped, every time it boots${createsAnew({ mode: node.mode, cluster: node.cluster?.name })}.`,
        at,
        help: [
          `as soon as the machine has begun to install, ${takingBack(node, at)}, and build`,
          ...(node.mode === 'create'
            ? ['where the cluster stands, make one that is not to be installed anew the create node']
            : []),
          ...(node.drive === undefined
            ? []
            : ['boot.drive is not where it is installed, which install.device says']),
        ].join('; '),
      });
    }
  },
};

/** What ends it: what a layer says, a node cannot take away. */
function takingBack(node: Draft<Node>, at: Place): string {
  const own = selfPlace(node);
  const isOwn = at.source === own.source && at.start >= own.start && at.end <= own.end;
  return isOwn ? `take it back: harvgen set SITE ${node.name} install=null` : 'set it to once there';
}

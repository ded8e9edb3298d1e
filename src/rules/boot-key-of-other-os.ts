import { listed } from '../diagnostics/listed.ts';
import { hasPlace, keyPlaceOf, placeKey, placeOf } from '../origin.ts';
import type { Draft } from '../site/draft.ts';
import type { BootSaid, Node } from '../site/model.ts';
import type { Rule } from './rule.ts';

/** What is of Linux alone. */
const OF_LINUX = ['kernel', 'initrd', 'root', 'args', 'loader'] as const;

export const bootKeyOfOtherOs: Rule = {
  code: 'boot-key-of-other-os',
  severity: 'error',
  what: 'What `boot` says is of what the node boots: kernel, initrd, root, arguments and boot loader of Linux alone, and the architecture not of Harvester.',
  why: 'A node that lacks `os: linux` beside its kernel installs Harvester over what is on its disk.',
  // missing-device and missing-login leave nodes that lack it to this rule.
  essential: true,
  check({ nodes = [] }, report) {
    const meant = new Set(nodes.flatMap((node) => (node ? placesMeant(node) : [])));
    for (const node of nodes) {
      const { os, boot } = node ?? {};
      if (!node || !os || !boot) continue;
      const keys = keysOfOthers(os).filter(
        // What a layer says for its nodes that boot Linux, another one may pass over.
        (key) => hasPlace(boot, key) && !meant.has(placeKey(placeOf(boot, key))),
      );
      const [first, another] = keys;
      if (first === undefined) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${listed(keys.map((key) => `boot.${key}`))} ${another ? 'say' : 'says'} nothing here: ${node.name} boots ${os === 'local' ? 'its disk' : 'Harvester'}.`,
        at: keyPlaceOf(boot as BootSaid, first),
        help:
          first === 'arch'
            ? 'say harvester.arch'
            : `say \`os: linux\` beside it, or take ${another ? 'them' : 'it'} out`,
      });
    }
  },
};

/** Gives the nodes whose boot says a kernel, and not `os: linux` beside it. */
export function nodesWithoutOs(nodes: readonly (Draft<Node> | undefined)[]): ReadonlySet<Draft<Node>> {
  const meant = new Set(nodes.flatMap((node) => (node ? placesMeant(node) : [])));
  const lacking = nodes.flatMap((node) => {
    const { os, boot } = node ?? {};
    if (!node || os !== 'harvester' || !boot || hasPlace(boot, 'os') || !hasPlace(boot, 'kernel')) return [];
    return meant.has(placeKey(placeOf(boot, 'kernel'))) ? [] : [node];
  });
  return new Set(lacking);
}

function keysOfOthers(os: Node['os']): readonly string[] {
  if (os === 'linux') return [];
  return os === 'harvester' ? [...OF_LINUX, 'arch'] : OF_LINUX;
}

function placesMeant({ os, boot }: Draft<Node>): string[] {
  if (!boot || (os !== 'linux' && os !== 'local')) return [];
  const keys = os === 'linux' ? [...OF_LINUX, 'arch'] : ['arch'];
  return keys.flatMap((key) => (hasPlace(boot, key) ? placeKey(placeOf(boot, key)) : []));
}

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
  check({ nodes = [] }, report) {
    const meant = new Set(nodes.flatMap((node) => (node ? placesMeant(node) : [])));
    for (const node of nodes) {
      const { os, boot } = node ?? {};
      if (!node || !os || !boot) continue;
      for (const key of keysOfOthers(os)) {
        // What a layer says for its nodes that boot Linux, another one may pass over.
        if (!hasPlace(boot, key) || meant.has(placeKey(placeOf(boot, key)))) continue;
        report({
          node,
          oncePerPlace: true,
          message: `boot.${key} says nothing here: ${node.name} boots ${os === 'local' ? 'its disk' : 'Harvester'}.`,
          at: keyPlaceOf(boot as BootSaid, key),
          help: key === 'arch' ? 'say harvester.arch' : 'say `os: linux` beside it, or take it out',
        });
      }
    }
  },
};

function keysOfOthers(os: Node['os']): readonly string[] {
  if (os === 'linux') return [];
  return os === 'harvester' ? [...OF_LINUX, 'arch'] : OF_LINUX;
}

function placesMeant({ os, boot }: Draft<Node>): string[] {
  if (!boot || (os !== 'linux' && os !== 'local')) return [];
  const keys = os === 'linux' ? [...OF_LINUX, 'arch'] : ['arch'];
  return keys.flatMap((key) => (hasPlace(boot, key) ? placeKey(placeOf(boot, key)) : []));
}

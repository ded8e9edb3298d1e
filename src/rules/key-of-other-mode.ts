import { availability } from '../knowledge/harvester/availability.ts';
import { type ConfigSchema, configSchema, follow } from '../knowledge/harvester/config-schema.ts';
import { pathsOfOtherMode } from '../knowledge/harvester/mode-only.ts';
import type { Node } from '../site/model.ts';
import { keyPlaceOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const keyOfOtherMode: Rule = {
  code: 'key-of-other-mode',
  severity: 'error',
  what: 'What only a create node may have does not stand on a join node itself, nor the other way round.',
  why: 'A join node ignores these keys without a word, and with a VIP even starts DHCP for it; a create node stops at a server_url.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester' || !node.mode || !node.own) continue;
      const { name, mode, own } = node;
      for (const path of pathsOfOtherMode(own, mode)) {
        const key = path.at(-1) as string;
        if (isLacking(node, path)) continue;
        const holder = path
          .slice(0, -1)
          .reduce<object>((map, step) => (map as Record<string, object>)[step] ?? map, own);
        report({
          node,
          message:
            mode === 'join'
              ? `${path.join('.')} counts on the node that creates the cluster alone, and ${name} joins: it would be ignored.`
              : `${path.join('.')} is for nodes that join, and ${name} creates the cluster: its installer would stop.`,
          at: keyPlaceOf(holder as Record<string, unknown>, key),
          help:
            mode === 'join'
              ? 'move it to the create node, or to defaults, from where it reaches that node only'
              : `move it to defaults, from where it reaches the nodes that join only${key === 'server_url' ? '; or remove it: it is derived' : ''}`,
        });
      }
    }
  },
};

/** Whether the release lacks the key altogether: that is a fault of its own. */
function isLacking(node: Draft<Node>, path: readonly string[]): boolean {
  const release = node.cluster?.version;
  const key = path.reduce<ConfigSchema | undefined>(
    (at, step) => at?.properties?.[step] && follow(at.properties[step]),
    configSchema(),
  );
  return key !== undefined && release !== undefined && availability(key, release) !== 'present';
}

import { writtenKeys } from '../harvester/written-keys.ts';
import { hasPlace, keyPlaceOf, type Place, placeKey } from '../origin.ts';
import type { Draft } from '../site/draft.ts';
import type { Node } from '../site/model.ts';
import type { Rule } from './rule.ts';

export const linuxInstallsNothing: Rule = {
  code: 'linux-installs-nothing',
  severity: 'warning',
  what: 'A node that boots Linux says nothing of how Harvester is installed: `install`, `mode`, `role`, `config`, `boot.drive`.',
  why: 'It says nothing here: no disk is tried, wiped or installed, and there is no installer to read a configuration.',
  check({ nodes = [] }, report) {
    const others = nodes.flatMap((node) => (node && node.os !== 'linux' ? [node] : []));
    const meant = new Set(others.flatMap((node) => keysOf(node).map(({ at }) => placeKey(at))));
    // Where some install Harvester, a layer's configuration may be for them.
    const isMixed = others.some(({ os }) => os !== 'local');
    for (const node of nodes) {
      if (node?.os !== 'linux') continue;
      const config = configOf(isMixed ? node.own : node.said).slice(0, 1);
      for (const { key, at } of [...keysOf(node), ...config]) {
        // What a layer says for its nodes that boot Harvester, another one may pass over.
        if (meant.has(placeKey(at))) continue;
        report({
          node,
          oncePerPlace: true,
          message: `${key} says nothing here: ${node.name} boots Linux, which nothing installs.`,
          at,
          help: 'take it out; what the system is to be told goes into cloud_init, or onto the kernel line with boot.args',
        });
      }
    }
  },
};

interface Said {
  readonly key: string;
  readonly at: Place;
}

/** What is said of a node's installation beside its configuration. */
function keysOf(node: Draft<Node>): Said[] {
  const keys = (['install', 'mode', 'role'] as const).flatMap((key) =>
    hasPlace(node, key) ? { key, at: keyPlaceOf(node, key) } : [],
  );
  return hasPlace(node, 'drive') ? [...keys, { key: 'boot.drive', at: keyPlaceOf(node, 'drive') }] : keys;
}

/** What a configuration says. */
function configOf(config: Draft<Node>['own'] | undefined): Said[] {
  const written = config ? writtenKeys(config) : [];
  return written.map(({ path, holder, key }) => ({ key: `config.${path}`, at: keyPlaceOf(holder, key) }));
}

import { writtenKeys } from '../knowledge/harvester/written-keys.ts';
import type { Node } from '../site/model.ts';
import { hasPlace, keyPlaceOf, type Place, placeKey } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { BOOTED } from './boot.ts';
import type { Rule } from './rule.ts';

export const linuxInstallsNothing: Rule = {
  code: 'linux-installs-nothing',
  severity: 'warning',
  what: 'A node that boots Linux, or a disk by iSCSI, says nothing of how Harvester is installed: `install`, `mode`, `role`, `config`, `boot.drive`. The last says something where `boot.fallback` is the local disk.',
  why: 'It says nothing here: no disk is tried, wiped or installed, and there is no installer to read a configuration.',
  check({ nodes = [] }, report) {
    if (!nodes.some((node) => node && installsNothing(node))) return;
    const others = nodes.flatMap((node) => (node && !installsNothing(node) ? [node] : []));
    // Of two that install nothing, one may boot its own disk where its target is away.
    const meant = new Set(
      nodes.flatMap((node) => (node ? keysMeant(node).map(({ at }) => placeKey(at)) : [])),
    );
    // Where some install Harvester, a layer's configuration may be for them.
    const isMixed = others.some(({ os }) => os !== 'local');
    for (const node of nodes) {
      if (!node?.os || !installsNothing(node)) continue;
      const config = configOf(isMixed ? node.own : node.said).slice(0, 1);
      for (const { key, at } of [...keysOf(node), ...config]) {
        // What a layer says for its nodes that boot Harvester, another one may pass over.
        if (meant.has(placeKey(at))) continue;
        report({
          node,
          oncePerPlace: true,
          message: `${key} says nothing here: ${node.name} boots ${BOOTED[node.os]}, ${node.os === 'linux' ? 'which nothing installs' : 'on which nothing is installed'}.`,
          at,
          help:
            node.os === 'linux'
              ? 'take it out; what the system is to be told goes into cloud_init, or onto the kernel line with boot.args'
              : `take it out; ${key === 'boot.drive' ? 'it says something beside `fallback: disk`' : 'what the system is to be told is said on the disk itself'}`,
        });
      }
    }
  },
};

interface Said {
  readonly key: string;
  readonly at: Place;
}

function installsNothing({ os }: Draft<Node>): boolean {
  return os === 'linux' || os === 'iscsi';
}

/** What is said of a node's installation beside its configuration, and counts. */
function keysMeant(node: Draft<Node>): Said[] {
  if (!installsNothing(node)) return keysOf(node);
  return node.iscsi?.fallback === 'disk' ? driveOf(node) : [];
}

/** What is said of a node's installation beside its configuration. */
function keysOf(node: Draft<Node>): Said[] {
  const keys = (['install', 'mode', 'role'] as const).flatMap((key) =>
    hasPlace(node, key) ? { key, at: keyPlaceOf(node, key) } : [],
  );
  return [...keys, ...driveOf(node)];
}

function driveOf(node: Draft<Node>): Said[] {
  return hasPlace(node, 'drive') ? [{ key: 'boot.drive', at: keyPlaceOf(node, 'drive') }] : [];
}

/** What a configuration says. */
function configOf(config: Draft<Node>['own'] | undefined): Said[] {
  const written = config ? writtenKeys(config) : [];
  return written.map(({ path, holder, key }) => ({ key: `config.${path}`, at: keyPlaceOf(holder, key) }));
}

import { type ClusterShape, clusterShapes } from '../site/cluster-shape.ts';
import { effective } from '../site/effective.ts';
import type { Node } from '../site/model.ts';
import { namesOf } from '../source/diagnostics/listed.ts';
import type { Place } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

interface Cordoned {
  readonly node: Draft<Node>;
  readonly at: Place;
}

export const cordonedEarly: Rule = {
  code: 'cordoned-early',
  severity: 'warning',
  what: 'Three nodes of a cluster that can hold etcd are not cordoned.',
  why: 'Harvester promotes no cordoned node, and none at all before three can be (harvester/harvester#11074): until somebody uncordons one, the cluster stops with its create node.',
  check(site, report) {
    for (const shape of clusterShapes(site)) {
      const { cluster, create, etcd } = shape;
      if (!cluster.version || !isAtLeast(cluster.version, 'v1.9.0') || etcd.length < 3) continue;
      const cordoned = cordonedOf(shape);
      const [first, ...others] = cordoned ?? [];
      if (!cordoned || !first || etcd.length - cordoned.length >= 3) continue;
      const free = etcd.filter((node) => !cordoned.some((one) => one.node === node));
      report({
        node: first.node,
        message: `Of the nodes of ${cluster.name} that can hold etcd, only ${namesOf(free)} ${free.length > 1 ? 'are' : 'is'} not cordoned: Harvester promotes none before there are three, and without ${create.name} the cluster stops.`,
        at: first.at,
        related: others
          .filter(({ at }) => at.start !== first.at.start || at.source !== first.at.source)
          .map(({ node, at }) => ({ message: `${node.name} is cordoned at`, at })),
        help: 'cordon workers, or nodes beyond three that can hold etcd; or uncordon them once they have joined',
      });
    }
  },
};

/** The nodes that can hold etcd and are cordoned; undefined where that is not known of all. */
function cordonedOf({ etcd, create, witness }: ClusterShape): Cordoned[] | undefined {
  const cordoned: Cordoned[] = [];
  for (const node of etcd) {
    // The installer refuses these two, which is a fault of its own.
    if (node === create || node === witness) continue;
    const found = effective(node, 'install.cordoned');
    if (!found) return undefined;
    if (found.value === true) cordoned.push({ node, at: found.at });
  }
  return cordoned;
}

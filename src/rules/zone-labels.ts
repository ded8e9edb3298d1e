import { type ClusterShape, clusterShapes } from '../site/cluster-shape.ts';
import { isUnknown } from '../site/is-unknown.ts';
import type { Node } from '../site/model.ts';
import { labelsInConfig } from '../site/one-of-config.ts';
import { namesOf } from '../source/diagnostics/listed.ts';
import { brokenKeys, isBroken, type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

const ZONE = 'topology.kubernetes.io/zone';

interface Zoned {
  readonly node: Draft<Node>;
  readonly zone: string | undefined;
  readonly at: Place;
}

export const zoneLabels: Rule = {
  code: 'zone-labels',
  severity: 'warning',
  what: `Of the nodes that can hold etcd all have the label ${ZONE}, with three values at least, or none has.`,
  why: 'Where nodes have zones, Harvester makes one management node in each, and promotes none unless there are three zones (harvester/harvester#2325, harvester/harvester#6546).',
  check(site, report) {
    for (const shape of clusterShapes(site)) {
      const { cluster, create, etcd } = shape;
      if (etcd.length < 3) continue; // nothing is promoted then, whatever the zones
      if (!etcd.some((node) => labelsInConfig(node, isZone)?.[ZONE])) continue;
      const zoned = zonesOf(shape);
      const labelled = zoned?.find(({ zone }) => zone);
      if (!zoned || !labelled) continue;
      const [lacking, ...others] = zoned.filter(({ zone }) => !zone);
      if (lacking) {
        const without = [lacking, ...others].map(({ node }) => node);
        report({
          node: lacking.node,
          message: `${namesOf(without)} ${others.length > 0 ? 'have' : 'has'} no label ${ZONE}, and ${labelled.node.name} of the same cluster has one: with zones Harvester promotes only nodes that have one, and needs three of them.`,
          at: lacking.at,
          related: [{ message: `${labelled.node.name} has the label at`, at: labelled.at }],
          help: 'label all nodes that can hold etcd, with three zones at least, or none',
        });
        continue;
      }
      const byZone = new Map<string | undefined, Place>();
      for (const { zone, at } of zoned) if (!byZone.has(zone)) byZone.set(zone, at);
      if (byZone.size >= 3) continue;
      const [first, second] = byZone.values();
      report({
        message: `The ${etcd.length} nodes of ${cluster.name} that can hold etcd are in ${byZone.size === 1 ? 'one zone' : 'two zones'}: Harvester promotes none unless there are three, and without ${create.name} the cluster stops.`,
        at: first ?? labelled.at,
        related: second ? [{ message: 'the other zone is at', at: second }] : [],
        help: `spread these nodes over three zones, or leave ${ZONE} out and use a label of your own`,
      });
    }
  },
};

function isZone(label: string): boolean {
  return label === ZONE;
}

/** The zone of each node that can hold etcd; undefined where that is not known of all. */
function zonesOf({ etcd }: ClusterShape): Zoned[] | undefined {
  const zoned: Zoned[] = [];
  for (const node of etcd) {
    const { facts, config } = node;
    if (!facts || !config || isBroken(facts, 'labels') || isUnknown(node, 'os.labels')) return undefined;
    if (brokenKeys(facts.labels ?? {}).length > 0) return undefined;
    const labels = config.os?.labels;
    const zone = labels?.[ZONE];
    zoned.push({ node, zone, at: labels && zone ? placeOf(labels, ZONE) : placeOf(node, 'name') });
  }
  return zoned;
}

import type { Nic, Node, Site } from '../../src/site/model.ts';
import { copyWith } from '../../src/source/origin.ts';
import type { Draft } from '../../src/values/draft.ts';

/** How many there are of each node of a site with twins. */
const OF_EACH = 9;

/** Gives a site with more nodes of each kind that it has: alike but for their names and addresses. */
export function withTwins(site: Draft<Site>): Draft<Site> {
  const twins = new Map<Draft<Node> | undefined, Draft<Node>[]>();
  for (const [place, node] of (site.nodes ?? []).entries())
    if (node)
      twins.set(node, [node, ...Array.from({ length: OF_EACH - 1 }, (_, n) => twinOf(node, place, n))]);
  const many = (nodes: readonly Draft<Node>[] = []) => nodes.flatMap((node) => twins.get(node) ?? [node]);
  return copyWith(site, {
    nodes: many(site.nodes),
    clusters: (site.clusters ?? []).map((cluster) =>
      cluster ? copyWith(cluster, { members: many(cluster.members) }) : cluster,
    ),
  });
}

function twinOf(node: Draft<Node>, place: number, n: number): Draft<Node> {
  const [hex, dec] = [(place * OF_EACH + n).toString(16).padStart(4, '0'), place * OF_EACH + n];
  const nics = new Map((node.nics ?? []).map((nic, index) => [nic, nicOf(nic, hex, dec, index)]));
  const twin = (nic: Draft<Nic>) => nics.get(nic) ?? nic;
  const bootNic = node.bootNic && twin(node.bootNic);
  return copyWith(node, {
    name: node.name && `${node.name}-${n}`,
    nics: node.nics?.map(twin),
    bootNic,
    bond: node.bond?.map(twin),
    ip: bootNic?.ip,
  });
}

function nicOf(nic: Draft<Nic>, hex: string, dec: number, index: number): Draft<Nic> {
  if (!nic) return nic;
  return copyWith(nic, {
    mac: nic.mac && `52:54:0${index}:ee:${hex.slice(0, 2)}:${hex.slice(2)}`,
    ip: nic.ip && `10.${200 + index}.${dec >> 8}.${dec & 255}`,
  });
}

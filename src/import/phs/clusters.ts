import { isValueMap, type ValueMap } from '../../inventory/parse.ts';
import { type Place, placeOf, selfPlace } from '../../origin.ts';
import { type Text, textAt } from './fields.ts';
import type { PhsBlock, PhsFile, PhsNode } from './file.ts';

/** Machines that make one Harvester cluster. */
export interface PhsCluster {
  /** What the file calls it. */
  readonly label?: Text | undefined;
  readonly nodes: readonly PhsNode[];
}

/**
 * Parts machines into clusters, in the order of the file: those that merge from one entry of `config` belong together,
 * entries with one label too; of the others, those with one token, else those of which one joins the other.
 */
export function clustersOf({ blocks, nodes }: PhsFile): PhsCluster[] {
  const groups: { key: string; label?: Text | undefined; nodes: PhsNode[] }[] = [];
  const homeless: PhsNode[] = [];
  for (const node of nodes) {
    const block = blockOf(node, blocks);
    if (!block) {
      homeless.push(node);
      continue;
    }
    const key = block.label ? `label ${block.label.value}` : `block ${block.at.start}`;
    const group = groups.find((one) => one.key === key);
    if (group) group.nodes.push(node);
    else groups.push({ key, label: block.label, nodes: [node] });
  }
  for (const node of homeless) {
    const homes = groups.filter((group) => group.nodes.some((other) => sharesToken(node, other)));
    const kin =
      homes.length > 0 ? homes : groups.filter((group) => group.nodes.some((other) => joins(node, other)));
    const [home, another] = kin;
    if (home && !another) home.nodes.push(node);
    else groups.push({ key: `node ${node.at.start}`, nodes: [node] });
  }
  const order = new Map(nodes.map((node, index) => [node, index]));
  for (const group of groups) group.nodes.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  return groups.sort((a, b) => first(a.nodes, order) - first(b.nodes, order));
}

function first(nodes: readonly PhsNode[], order: ReadonlyMap<PhsNode, number>): number {
  return Math.min(...nodes.map((node) => order.get(node) ?? 0));
}

/** The entry of `config` that most of a machine's configuration was written in. */
export function blockOf(node: PhsNode, blocks: readonly PhsBlock[]): PhsBlock | undefined {
  const counts = new Map<PhsBlock, number>();
  for (const place of placesIn(node.config)) {
    const block = blocks.find(({ at }) => at.start <= place.start && place.end <= at.end);
    if (block) counts.set(block, (counts.get(block) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0];
}

/** Where the parts of a configuration were written, two levels deep: `install` may be the machine's own, and merge there. */
export function placesIn(config: ValueMap): Place[] {
  return [
    selfPlace(config),
    ...Object.entries(config).flatMap(([key, value]) => [
      placeOf(config, key),
      ...(isValueMap(value) ? Object.keys(value).map((inner) => placeOf(value, inner)) : []),
    ]),
  ];
}

function sharesToken(a: PhsNode, b: PhsNode): boolean {
  const token = textAt(a.config, 'token')?.value;
  return token !== undefined && token === textAt(b.config, 'token')?.value;
}

/** Whether one of two machines joins at the other's VIP or address, or both join at one. */
function joins(a: PhsNode, b: PhsNode): boolean {
  const [to, from] = [hostOf(a), hostOf(b)];
  const isOf = (host: string | undefined, node: PhsNode) =>
    host !== undefined && (host === node.ip?.value || host === vipOf(node));
  return isOf(to, b) || isOf(from, a) || (to !== undefined && to === from);
}

/** The host that a machine joins at. */
export function hostOf({ config }: PhsNode): string | undefined {
  return /^https?:\/\/([^/:]+)/.exec(textAt(config, 'server_url')?.value ?? '')?.[1];
}

function vipOf({ config }: PhsNode): string | undefined {
  const { install } = config;
  return isValueMap(install) ? textAt(install, 'vip')?.value : undefined;
}

import { keyPlaceOf, type Place, placeOf, selfPlace } from '../../source/origin.ts';
import { isValueMap, type ValueMap } from '../../source/value.ts';
import { joinUrlOf, type Text, textAt } from './fields.ts';
import type { PhsBlock, PhsFile, PhsNode } from './file.ts';

/** Machines that make one Harvester cluster. */
export interface PhsCluster {
  /** What the file calls it. */
  readonly label?: Text | undefined;
  /** The entries of `config` that are theirs. */
  readonly blocks: readonly PhsBlock[];
  readonly nodes: readonly PhsNode[];
}

interface Group {
  readonly label?: Text | undefined;
  readonly blocks: Set<PhsBlock>;
  readonly nodes: PhsNode[];
}

/**
 * Parts machines into clusters, in the order of the file: those of one entry of `config` belong together, entries with one
 * label too; of the others, and of entries without a label whose machines create no cluster, those with one token, else those
 * of which one joins the other.
 */
export function clustersOf({ blocks, nodes }: PhsFile): PhsCluster[] {
  const groups = new Map<string, Group>();
  const homes = homesOf(nodes, blocks);
  for (const node of nodes) {
    const block = homes.get(node);
    const key = block?.label
      ? `label ${block.label.value}`
      : block
        ? `block ${block.at.start}`
        : kinKey(node);
    const group = groups.get(key) ?? { label: block?.label, blocks: new Set(), nodes: [] };
    group.nodes.push(node);
    if (block) group.blocks.add(block);
    groups.set(key, group);
  }
  const order = new Map(nodes.map((node, index) => [node, index]));
  return united([...groups.values()])
    .map((group) => ({
      label: group.label,
      blocks: [...group.blocks, ...entriesLike(group, blocks)],
      nodes: group.nodes.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)),
    }))
    .sort((a, b) => first(a.nodes, order) - first(b.nodes, order));
}

/** Machines that merge nothing come as one where they have one token, or join at one host. */
function kinKey(node: PhsNode): string {
  const token = tokenOf(node);
  if (token !== undefined) return `token ${token}`;
  return isCreating(node) ? `node ${node.at.start}` : `host ${hostOf(node)}`;
}

function isCreating({ config: { install } }: PhsNode): boolean {
  return isValueMap(install) && textAt(install, 'mode')?.value === 'create';
}

/** What tells whether the machines of a group belong to others. */
interface Bonds {
  readonly group: Group;
  readonly tokens: ReadonlySet<string | undefined>;
  /** Where they join, and where they could be joined. */
  readonly to: ReadonlySet<string | undefined>;
  readonly at: ReadonlySet<string | undefined>;
}

function bondsOf(group: Group): Bonds {
  const { nodes } = group;
  return {
    group,
    tokens: new Set(nodes.map(tokenOf)),
    to: new Set(nodes.map(hostOf)),
    at: new Set(nodes.flatMap((node) => [node.ip?.value, vipOf(node)])),
  };
}

/** Puts groups without a label that create no cluster, or merge nothing, to the one whose token they have, else to the one that they join. */
function united(groups: readonly Group[]): Group[] {
  let found = groups.map(bondsOf);
  for (const group of groups) {
    const own = found.find((one) => one.group === group);
    const { label, blocks, nodes } = group;
    if (!own || label || (blocks.size > 0 && nodes.some(isCreating))) continue;
    const others = found.filter((one) => one !== own);
    const sharing = others.filter(({ tokens }) => meet(own.tokens, tokens));
    const kin = sharing.length > 0 ? sharing : others.filter((other) => joins(own, other));
    const [home, another] = kin;
    if (!home || another) continue;
    home.group.nodes.push(...nodes);
    for (const block of blocks) home.group.blocks.add(block);
    const both = bondsOf(home.group);
    found = found.flatMap((one) => (one === own ? [] : one === home ? [both] : [one]));
  }
  return found.map(({ group }) => group);
}

/** Whether the machines of one of two groups join at the VIP or address of the other's, or both join at one. */
function joins(a: Bonds, b: Bonds): boolean {
  return meet(a.to, b.at) || meet(b.to, a.at) || meet(a.to, b.to);
}

function meet(a: ReadonlySet<string | undefined>, b: ReadonlySet<string | undefined>): boolean {
  for (const text of a) if (text !== undefined && b.has(text)) return true;
  return false;
}

/** Entries with the label of a group that none of its machines merges. */
function entriesLike({ label, blocks: own }: Group, blocks: readonly PhsBlock[]): PhsBlock[] {
  return label ? blocks.filter((block) => !own.has(block) && block.label?.value === label.value) : [];
}

/**
 * Gives the entry of `config` of each machine that has one: the one that it merges; where nothing is merged, since a tool has
 * put the values in the places of their aliases, the only one that says the same, else that has its token.
 */
export function homesOf(
  nodes: readonly PhsNode[],
  blocks: readonly PhsBlock[],
): ReadonlyMap<PhsNode, PhsBlock> {
  const byText = new Map<string, Set<PhsBlock>>();
  for (const block of blocks)
    for (const config of [block.create, block.join])
      for (const key of config
        ? [`text ${JSON.stringify(config)}`, `token ${textAt(config, 'token')?.value}`]
        : [])
        byText.set(key, (byText.get(key) ?? new Set()).add(block));
  const only = (key: string) => {
    const [found, another] = byText.get(key) ?? [];
    return another ? undefined : found;
  };
  const homes = new Map<PhsNode, PhsBlock>();
  for (const node of nodes) {
    const token = tokenOf(node);
    const home =
      blockOf(node, blocks) ??
      (byText.size > 0 ? only(`text ${JSON.stringify(node.config)}`) : undefined) ??
      (token === undefined ? undefined : only(`token ${token}`));
    if (home) homes.set(node, home);
  }
  return homes;
}

function first(nodes: readonly PhsNode[], order: ReadonlyMap<PhsNode, number>): number {
  return Math.min(...nodes.map((node) => order.get(node) ?? 0));
}

/**
 * Gives the entry of `config` that a machine merges: where most of its outermost keys are written, since what stands below
 * them may be an alias of another entry; of a machine that says all of them itself, most of what is in them.
 */
export function blockOf({ config }: PhsNode, blocks: readonly PhsBlock[]): PhsBlock | undefined {
  return mostHolding(keyPlacesIn(config), blocks) ?? mostHolding(placesIn(config), blocks);
}

function mostHolding(places: readonly Place[], blocks: readonly PhsBlock[]): PhsBlock | undefined {
  const counts = new Map<PhsBlock, number>();
  for (const place of places) {
    const block = blocks.find(({ at }) => at.start <= place.start && place.end <= at.end);
    if (block) counts.set(block, (counts.get(block) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0];
}

/** Where a configuration and its outermost keys were written. */
export function keyPlacesIn(config: ValueMap): Place[] {
  return [selfPlace(config), ...Object.keys(config).map((key) => keyPlaceOf(config, key))];
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

function tokenOf({ config }: PhsNode): string | undefined {
  return textAt(config, 'token')?.value;
}

/** The host that a machine joins at. */
function hostOf({ config }: PhsNode): string | undefined {
  return joinUrlOf(textAt(config, 'server_url'))?.host;
}

function vipOf({ config }: PhsNode): string | undefined {
  const { install } = config;
  return isValueMap(install) ? textAt(install, 'vip')?.value : undefined;
}

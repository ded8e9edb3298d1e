import { isValueMap, keyLocationOf, locationOf, selfLocation, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { commonest } from '../../values/grouped.ts';
import { joinUrlOf, type Text, textAt } from '../model/config-values.ts';
import { displayName } from '../model/names.ts';
import type { Findings, Notes } from '../model/notes.ts';
import type { PhsBlock, PhsFile, PhsNode } from './file.ts';

/** The machines of one Harvester cluster. */
export interface PhsCluster {
  readonly label?: Text | undefined;
  readonly blocks: readonly PhsBlock[];
  readonly nodes: readonly PhsNode[];
}

/** Machines of one cluster, with the values that show whether they belong to others. */
class Group {
  readonly label: Text | undefined;
  readonly blocks = new Set<PhsBlock>();
  readonly nodes: PhsNode[] = [];
  readonly tokens = new Set<string>();
  /** The hosts that they join, and the hosts at which they can be joined. */
  readonly to = new Set<string>();
  readonly at = new Set<string>();

  constructor(label: Text | undefined) {
    this.label = label;
  }

  add(nodes: readonly PhsNode[], blocks: Iterable<PhsBlock>): void {
    this.nodes.push(...nodes);
    for (const block of blocks) this.blocks.add(block);
    for (const node of nodes)
      for (const [known, text] of [
        [this.tokens, textAt(node.config, 'token')?.value],
        [this.to, hostOf(node)],
        [this.at, node.ip?.value],
        [this.at, installText(node, 'vip')],
      ] as const)
        if (text !== undefined) known.add(text);
  }

  /** Whether machines of one group join at a VIP or IP address of the other, or both join at the same host. */
  joins(other: Group): boolean {
    return meet(this.to, other.at) || meet(other.to, this.at) || meet(this.to, other.to);
  }
}

/**
 * Returns the clusters of machines, in the order of the file. Machines of one entry of `config` belong together, and so do
 * entries with one label. The others, and entries without a label and a create node, are grouped by token, otherwise by
 * the host that they join.
 */
export function clustersOf({ blocks, nodes }: PhsFile): PhsCluster[] {
  const groups = new Map<string, Group>();
  const homes = homesOf({ nodes, blocks });
  for (const node of nodes) {
    const block = homes.get(node);
    const own = block && (block.label ? `label ${block.label.value}` : `block ${block.at.start}`);
    const key = own ?? kinKey(node);
    const group = groups.get(key) ?? new Group(block?.label);
    group.add([node], block ? [block] : []);
    groups.set(key, group);
  }
  const order = new Map(nodes.map((node, index) => [node, index]));
  const byOrder = (a: PhsNode | undefined, b: PhsNode | undefined) =>
    (order.get(a as PhsNode) ?? 0) - (order.get(b as PhsNode) ?? 0);
  return united([...groups.values()])
    .map(({ label, blocks: own, nodes: members }) => ({
      label,
      // Unmerged entries with this label also belong to the cluster.
      blocks: [...own, ...blocks.filter((one) => label && !own.has(one) && one.label?.value === label.value)],
      nodes: members.sort(byOrder),
    }))
    .sort((a, b) => byOrder(a.nodes[0], b.nodes[0]));
}

/** Returns the group of a machine that merges nothing: by its token, or by the host that it joins. */
function kinKey(node: PhsNode): string {
  const token = textAt(node.config, 'token')?.value;
  if (token !== undefined) return `token ${token}`;
  return isCreating(node) ? `node ${node.at.start}` : `host ${hostOf(node)}`;
}

/** Adds groups without a label that create no cluster or merge nothing to the group with their token or their host. */
function united(groups: readonly Group[]): Group[] {
  const left = new Set(groups);
  for (const group of groups) {
    const { label, blocks, nodes, tokens } = group;
    if (label || (blocks.size > 0 && nodes.some(isCreating))) continue;
    const others = [...left].filter((one) => one !== group);
    const sharing = others.filter((other) => meet(tokens, other.tokens));
    const [home, another] = sharing.length > 0 ? sharing : others.filter((other) => other.joins(group));
    if (!home || another) continue;
    home.add(nodes, blocks);
    left.delete(group);
  }
  return [...left];
}

function meet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const text of a) if (b.has(text)) return true;
  return false;
}

function isCreating(node: PhsNode): boolean {
  return installText(node, 'mode') === 'create';
}

function hostOf({ config }: PhsNode): string | undefined {
  return joinUrlOf(textAt(config, 'server_url'))?.host;
}

function installText({ config: { install } }: PhsNode, key: string): string | undefined {
  return isValueMap(install) ? textAt(install, key)?.value : undefined;
}

/**
 * Returns the entry of `config` of each machine: the one that it merges. If a tool has expanded the aliases, the only entry
 * with the same contents, otherwise the only one with the same token.
 */
function homesOf({ nodes, blocks }: PhsFile): ReadonlyMap<PhsNode, PhsBlock> {
  const byText = new Map<string, Set<PhsBlock>>();
  for (const block of blocks)
    for (const config of [block.create, block.join].filter(isValueMap))
      for (const key of [`text ${JSON.stringify(config)}`, `token ${textAt(config, 'token')?.value}`])
        byText.set(key, (byText.get(key) ?? new Set()).add(block));
  const only = (key: string) => {
    const [found, another] = byText.get(key) ?? [];
    return another ? undefined : found;
  };
  const homes = new Map<PhsNode, PhsBlock>();
  for (const node of nodes) {
    const token = textAt(node.config, 'token')?.value;
    const home =
      blockOf(node, blocks) ??
      (byText.size > 0 ? only(`text ${JSON.stringify(node.config)}`) : undefined) ??
      (token === undefined ? undefined : only(`token ${token}`));
    if (home) homes.set(node, home);
  }
  return homes;
}

/**
 * Returns the entry of `config` that a machine merges: the location of most of its top-level keys, because values in them
 * can be aliases of other entries. If the machine sets all keys itself, the location of most values in them.
 */
function blockOf({ config }: PhsNode, blocks: readonly PhsBlock[]): PhsBlock | undefined {
  return mostHolding(keyLocationsIn(config), blocks) ?? mostHolding(locationsIn(config), blocks);
}

function mostHolding(all: readonly SourceLocation[], blocks: readonly PhsBlock[]): PhsBlock | undefined {
  const holding = all.flatMap((location) => blocks.find(({ at }) => isWithin(location, at)) ?? []);
  return commonest(holding, (block) => block);
}

function isWithin(inner: SourceLocation, outer: SourceLocation): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** Returns the locations of a configuration and of its top-level keys. */
function keyLocationsIn(config: ValueMap): SourceLocation[] {
  return [selfLocation(config), ...Object.keys(config).map((key) => keyLocationOf(config, key))];
}

/** Returns the locations of a configuration's values, two levels deep: `install` can be in the machine and merge others. */
function locationsIn(config: ValueMap): SourceLocation[] {
  return [
    selfLocation(config),
    ...Object.entries(config).flatMap(([key, value]) => [
      locationOf(config, key),
      ...(isValueMap(value) ? Object.keys(value).map((inner) => locationOf(value, inner)) : []),
    ]),
  ];
}

/** Adds notes on the configurations in `config` that no machine merges: phs never serves them, and no site contains them. */
export function noteUnused({ blocks, nodes }: PhsFile, notes: Notes): void {
  const used = nodes.flatMap(({ config }) => locationsIn(config));
  const homes = homesOf({ nodes, blocks });
  // If a tool has expanded the aliases, the mode shows which configuration the values are from.
  const isWrittenOut = (block: PhsBlock, mode: string) =>
    nodes.some(
      (node) => !blockOf(node, blocks) && homes.get(node) === block && installText(node, 'mode') === mode,
    );
  for (const block of blocks) {
    const { create, join, label } = block;
    for (const [key, config] of Object.entries({ config_create: create, config_join: join })) {
      if (!config) continue;
      const at = selfLocation(config);
      const isUsed = used.some((one) => isWithin(one, at)) || isWrittenOut(block, key.replace('config_', ''));
      if (!isUsed)
        notes.left(label ? `${label.value} ${key}` : key, 'no machine merges this configuration', at);
    }
  }
}

/** The form in which iPXE writes a MAC address; phs compares it literally. */
const IPXE_FORM = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/**
 * Returns the machines that phs could find. Of several entries with one MAC address, phs served the last one in the form of
 * iPXE. Reports the others, and adds notes on forms that phs never found.
 */
export function servedNodes({ nodes }: PhsFile, findings: Findings): PhsNode[] {
  const byMac = new Map<string, PhsNode>();
  for (const node of nodes) {
    const other = byMac.get(node.mac);
    const kept = !other || isInIpxeForm(node) || !isInIpxeForm(other) ? node : other;
    byMac.set(node.mac, kept);
    const lost = kept === node ? other : node;
    if (lost)
      findings.warning(
        'phs-duplicate-mac',
        lost.macText.at,
        lost.macText.value === kept.macText.value
          ? 'The same MAC address is in a later entry: phs serves the last one, and never this one.'
          : `Another entry has the MAC address in the form that iPXE requests, ${kept.mac}: phs never found this one.`,
        'correct the MAC address if it is another machine, or remove the entry',
        ['the entry in effect is at', kept.macText.at],
      );
  }
  const served = nodes.filter((node) => byMac.get(node.mac) === node);
  for (const node of served)
    if (!isInIpxeForm(node))
      findings.notes.changed(
        node.macText.value,
        `iPXE requests it in lower case with colons, so phs never found this entry: it is now ${node.mac}, and nginx accepts any form`,
        node.macText.at,
      );
  return served;
}

function isInIpxeForm({ macText }: PhsNode): boolean {
  return IPXE_FORM.test(macText.value);
}

/** Reports the values that a machine loses next to a merge key, because YAML merges only top-level keys. */
export function reportLostByMerge({ blocks }: PhsFile, nodes: readonly PhsNode[], findings: Findings): void {
  for (const node of nodes) {
    const merged = mergedBy(node, blocks);
    for (const [key, own] of merged ? Object.entries(node.config) : []) {
      const below = merged?.[key];
      if (!merged || !isValueMap(own) || !isValueMap(below) || own === below) continue;
      if (isWithin(selfLocation(own), selfLocation(merged))) continue;
      const lost = Object.keys(below).filter((inner) => !(inner in own));
      if (lost.length === 0) continue;
      findings.warning(
        'phs-merge',
        keyLocationOf(node.config, key),
        `This replaces the whole merged ${key}: the machine has no ${lost.map(displayName).join(', ')}.`,
        `to keep them, add an anchor to the merged ${key} and merge it here too`,
        ['the replaced map is at', keyLocationOf(merged, key)],
      );
    }
  }
}

/** Returns the configuration that a machine merges: the location of the top-level keys that it does not set itself. */
function mergedBy(node: PhsNode, blocks: readonly PhsBlock[]): ValueMap | undefined {
  const block = blockOf(node, blocks);
  const locations = keyLocationsIn(node.config);
  const count = (config: ValueMap) => locations.filter((one) => isWithin(one, selfLocation(config))).length;
  const [most] = [block?.create, block?.join].filter(isValueMap).sort((a, b) => count(b) - count(a));
  return most;
}

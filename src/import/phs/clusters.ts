import { isValueMap, keyLocationOf, locationOf, selfLocation, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { commonest, groupedBy } from '../../values/grouped.ts';
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

/** A configuration in an entry of `config`. */
interface Part {
  readonly block: PhsBlock;
  readonly key: 'config_create' | 'config_join';
  readonly config: ValueMap;
}

/** The entry of `config` of each machine, with the configuration that it merges, unless a tool has expanded the aliases. */
export type Homes = ReadonlyMap<PhsNode, Partial<Part> & Pick<Part, 'block'>>;

/**
 * Returns the homes of machines: the location of most of their top-level keys, because values in them can be aliases of other
 * entries. For a machine that sets all keys itself, the location of most values in them; if a tool has expanded the aliases,
 * the only entry with the same contents, otherwise the only one with the same token.
 */
export function homesOf({ nodes, blocks }: PhsFile): Homes {
  const parts = partsOf(blocks);
  const partAt = (locations: readonly SourceLocation[]) =>
    commonest(
      locations.flatMap((at) => parts.find(({ config }) => isWithin(at, selfLocation(config))) ?? []),
      (part) => part,
    );
  const byText = groupedBy(parts, ({ config }) => JSON.stringify(config));
  const byToken = groupedBy(parts, ({ config }) => textAt(config, 'token')?.value);
  const only = (found: readonly Part[] = []) =>
    found.every(({ block }) => block === found[0]?.block) ? found[0]?.block : undefined;
  const homes = new Map<PhsNode, Partial<Part> & Pick<Part, 'block'>>();
  for (const node of nodes) {
    const { config } = node;
    const token = textAt(config, 'token')?.value;
    const part = partAt(keyLocationsIn(config)) ?? partAt(locationsIn(config));
    const block =
      only(parts.length > 0 ? byText.get(JSON.stringify(config)) : []) ??
      only(token === undefined ? [] : byToken.get(token));
    if (part ?? block) homes.set(node, part ?? { block: block as PhsBlock });
  }
  return homes;
}

function partsOf(blocks: readonly PhsBlock[]): Part[] {
  const keys = ['config_create', 'config_join'] as const;
  return blocks.flatMap((block) =>
    keys.flatMap((key) => (block[key] ? [{ block, key, config: block[key] }] : [])),
  );
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
  const valuesAt = (map: ValueMap) => Object.keys(map).map((key) => locationOf(map, key));
  return [selfLocation(config), ...[config, ...Object.values(config).filter(isValueMap)].flatMap(valuesAt)];
}

/** Machines of one cluster, with the facts that show whether they belong to others: `token X`, `to HOST`, `at HOST`. */
interface Group {
  readonly label: Text | undefined;
  readonly blocks: Set<PhsBlock>;
  readonly nodes: PhsNode[];
  readonly facts: Set<string>;
}

function factsOf(node: PhsNode): string[] {
  const { config, ipaddress } = node;
  const host = joinUrlOf(textAt(config, 'server_url'))?.host;
  const facts = {
    token: [textAt(config, 'token')?.value],
    to: [host],
    at: [ipaddress?.value, installText(node, 'vip')],
  };
  return Object.entries(facts).flatMap(([key, texts]) =>
    texts.flatMap((text) => (text ? `${key} ${text}` : [])),
  );
}

/**
 * Returns the clusters of machines, in the order of the file. Machines of one entry of `config` belong together, and so do
 * entries with one label. The others, and entries without a label and a create node, are grouped by token, otherwise by
 * the host that they join.
 */
export function clustersOf({ blocks, nodes }: PhsFile, homes: Homes): PhsCluster[] {
  const keyOf = (node: PhsNode) => {
    const { block } = homes.get(node) ?? {};
    if (block) return block.cluster ? `label ${block.cluster.value}` : `block ${block.at.start}`;
    const [fact = ''] = factsOf(node);
    return !fact.startsWith('token') && isCreating(node)
      ? `node ${node.at.start}`
      : fact.replace(/^at.*/, '');
  };
  const groups = Array.from(groupedBy(nodes, keyOf).values(), (members) => ({
    label: homes.get(members[0])?.block.cluster,
    blocks: new Set(members.flatMap((node) => homes.get(node)?.block ?? [])),
    nodes: members,
    facts: new Set(members.flatMap(factsOf)),
  }));
  return united(groups)
    .map(({ label, blocks: merged, nodes: members }) => ({
      label,
      // Unmerged entries with this label also belong to the cluster.
      blocks: blocks.filter((block) => merged.has(block) || (label && block.cluster?.value === label.value)),
      nodes: members.sort(inFile),
    }))
    .sort((a, b) => inFile(a.nodes[0], b.nodes[0]));
}

function inFile(a: PhsNode | undefined, b: PhsNode | undefined): number {
  return (a?.at.start ?? 0) - (b?.at.start ?? 0);
}

/** Adds groups without a label that create no cluster or merge nothing to the group with their token or their host. */
function united(groups: readonly Group[]): Group[] {
  const left = new Set(groups);
  for (const group of groups) {
    const { label, blocks, nodes } = group;
    if (label || (blocks.size > 0 && nodes.some(isCreating))) continue;
    const others = [...left].filter((other) => other !== group);
    const sharing = others.filter((other) => meets(group, 'token', other, 'token'));
    // One group joins at a VIP or IP address of the other, or both join at the same host.
    const joining = (other: Group) =>
      meets(group, 'to', other, 'at') || meets(other, 'to', group, 'at') || meets(group, 'to', other, 'to');
    const [home, another] = sharing.length > 0 ? sharing : others.filter(joining);
    if (!home || another) continue;
    home.nodes.push(...nodes);
    for (const block of blocks) home.blocks.add(block);
    for (const fact of group.facts) home.facts.add(fact);
    left.delete(group);
  }
  return [...left];
}

/** Whether a fact of one group is one of another kind in the other group. */
function meets({ facts }: Group, kind: string, other: Group, otherKind: string): boolean {
  for (const fact of facts)
    if (fact.startsWith(`${kind} `) && other.facts.has(fact.replace(kind, otherKind))) return true;
  return false;
}

function isCreating(node: PhsNode): boolean {
  return installText(node, 'mode') === 'create';
}

function installText({ config: { install } }: PhsNode, key: string): string | undefined {
  return isValueMap(install) ? textAt(install, key)?.value : undefined;
}

/** Adds notes on the configurations in `config` that no machine merges: phs never serves them, and no site contains them. */
export function noteUnused({ blocks, nodes }: PhsFile, homes: Homes, notes: Notes): void {
  const used = nodes.flatMap(({ config }) => locationsIn(config));
  for (const { block, key, config } of partsOf(blocks)) {
    const at = selfLocation(config);
    // If a tool has expanded the aliases, the mode shows which configuration the values are from.
    const isExpandedIn = (node: PhsNode) => {
      const home = homes.get(node);
      return home?.block === block && !home.config && `config_${installText(node, 'mode')}` === key;
    };
    const name = block.cluster ? `${block.cluster.value} ${key}` : key;
    if (!used.some((inner) => isWithin(inner, at)) && !nodes.some(isExpandedIn))
      notes.left(name, 'no machine merges this configuration', at);
  }
}

/** The form in which iPXE writes a MAC address; phs compares it literally. */
const IPXE_FORM = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/**
 * Returns the machines that phs could find. Of several entries with one MAC address, phs served the last one in the form of
 * iPXE. Reports the others, and adds notes on forms that phs never found.
 */
export function servedNodes({ nodes }: PhsFile, findings: Findings): PhsNode[] {
  const isFound = ({ macText }: PhsNode) => IPXE_FORM.test(macText.value);
  const byMac = new Map<string, PhsNode>();
  for (const node of nodes) {
    const other = byMac.get(node.mac);
    const kept = !other || isFound(node) || !isFound(other) ? node : other;
    byMac.set(node.mac, kept);
    const lost = kept === node ? other : node;
    if (!lost) continue;
    const message =
      lost.macText.value === kept.macText.value
        ? 'The same MAC address is in a later entry: phs serves the last one, and never this one.'
        : `Another entry has the MAC address in the form that iPXE requests, ${kept.mac}: phs never found this one.`;
    const help = 'correct the MAC address if it is another machine, or remove the entry';
    const related = ['the entry in effect is at', kept.macText.at] as const;
    findings.warning('phs-duplicate-mac', lost.macText.at, message, help, related);
  }
  const served = nodes.filter((node) => byMac.get(node.mac) === node);
  for (const { mac, macText } of served.filter((node) => !isFound(node))) {
    const why = `iPXE requests it in lower case with colons, so phs never found this entry: it is now ${mac}, and nginx accepts any form`;
    findings.notes.changed(macText.value, why, macText.at);
  }
  return served;
}

/** Reports the values that a machine loses next to a merge key, because YAML merges only top-level keys. */
export function reportLostByMerge(nodes: readonly PhsNode[], homes: Homes, findings: Findings): void {
  for (const node of nodes) {
    const merged = homes.get(node)?.config ?? {};
    for (const [key, value] of Object.entries(node.config)) {
      const below = merged[key];
      if (!isValueMap(value) || !isValueMap(below) || value === below) continue;
      const lost = Object.keys(below).filter((inner) => !(inner in value));
      if (isWithin(selfLocation(value), selfLocation(merged)) || lost.length === 0) continue;
      const message = `This replaces the whole merged ${key}: the machine has no ${lost.map(displayName).join(', ')}.`;
      const help = `to keep them, add an anchor to the merged ${key} and merge it here too`;
      const related = ['the replaced map is at', keyLocationOf(merged, key)] as const;
      findings.warning('phs-merge', keyLocationOf(node.config, key), message, help, related);
    }
  }
}

import { isValueMap, keyLocationOf, locationOf, selfLocation, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { commonest, groupedBy } from '../../values/grouped.ts';
import { joinUrlOf, mapIn, type Text, textAt } from '../model/config-values.ts';
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
export type Homes = ReadonlyMap<PhsNode, Pick<Part, 'block'> & Partial<Part>>;

/**
 * Returns the homes of machines: the location of most of their top-level keys, because values in them can be aliases of other
 * entries. For a machine that sets all keys itself, the location of most values in them; if a tool has expanded the aliases,
 * the only entry with the same contents, otherwise the only one with the same token.
 */
export function homesOf({ nodes, blocks }: PhsFile): Homes {
  const parts = partsOf(blocks);
  const partOf = (at: SourceLocation) => parts.find(({ config }) => isWithin(at, selfLocation(config))) ?? [];
  const mostIn = (locations: readonly SourceLocation[]) =>
    commonest(locations.flatMap(partOf), (part) => part);
  const byText = groupedBy(parts, ({ config }) => JSON.stringify(config));
  const byToken = groupedBy(parts, (part) => tokenOf(part) ?? part.config);
  const onlyIn = ([first, ...others]: readonly Part[] = []) =>
    others.every(({ block }) => block === first?.block) ? first && { block: first.block } : undefined;
  const entries = nodes.flatMap((node) => {
    const { config } = node;
    const merged = mostIn(keyLocationsIn(config)) ?? mostIn(locationsIn(config));
    const home =
      merged ?? onlyIn(byText.get(JSON.stringify(config))) ?? onlyIn(byToken.get(tokenOf(node) ?? config));
    return home ? [[node, home] as const] : [];
  });
  return new Map(entries);
}

function tokenOf({ config }: Pick<Part, 'config'>): string | undefined {
  return textAt(config, 'token')?.value;
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

/** Machines of one cluster. */
interface Group extends PhsCluster {
  readonly blocks: PhsBlock[];
  readonly nodes: PhsNode[];
}

/** The texts that show whether machines of two groups belong together: their tokens, and where they join and are joined. */
const TEXTS = {
  token: (node: PhsNode) => [tokenOf(node)],
  to: ({ config }: PhsNode) => [joinUrlOf(textAt(config, 'server_url'))?.host],
  at: (node: PhsNode) => [node.ipaddress?.value, installText(node, 'vip')],
} as const;

/**
 * Returns the clusters of machines, in the order of the file. Machines of one entry of `config` belong together, and so do entries with
 * one label. The others, and entries without a label and a create node, are grouped by token, otherwise by the host that they join.
 */
export function clustersOf({ blocks, nodes }: PhsFile, homes: Homes): PhsCluster[] {
  const keyOf = (node: PhsNode) => {
    const { block } = homes.get(node) ?? {};
    if (block) return block.cluster ? `label ${block.cluster.value}` : `block ${block.at.start}`;
    const [token, host] = [...TEXTS.token(node), ...TEXTS.to(node)];
    if (token !== undefined) return `token ${token}`;
    return isCreating(node) ? `node ${node.at.start}` : `host ${host}`;
  };
  const groups = Array.from(groupedBy(nodes, keyOf).values(), (members): Group => {
    const merged = members.flatMap((node) => homes.get(node)?.block ?? []);
    const label = merged[0]?.cluster;
    // Unmerged entries with this label also belong to the cluster.
    const labelled = blocks.filter(({ cluster }) => label && cluster?.value === label.value);
    return { label, blocks: [...new Set([...merged, ...labelled])], nodes: members };
  });
  const order = (a: PhsNode | undefined, b: PhsNode | undefined) => (a?.at.start ?? 0) - (b?.at.start ?? 0);
  const clusters = mergedGroups(groups);
  for (const { nodes: members } of clusters) members.sort(order);
  return clusters.sort((a, b) => order(a.nodes[0], b.nodes[0]));
}

/** Adds groups without a label that create no cluster or merge nothing to the group with their token or their host. */
function mergedGroups(groups: readonly Group[]): Group[] {
  const left = new Set(groups);
  for (const group of groups) {
    const { label, blocks, nodes } = group;
    if (label || (blocks.length > 0 && nodes.some(isCreating))) continue;
    const others = [...left].filter((other) => other !== group);
    const sharing = others.filter((other) => meets(group, 'token', other, 'token'));
    // One group joins at a VIP or IP address of the other, or both join at the same host.
    const joining = (other: Group) =>
      meets(group, 'to', other, 'at') || meets(other, 'to', group, 'at') || meets(group, 'to', other, 'to');
    const [home, another] = sharing.length > 0 ? sharing : others.filter(joining);
    if (!home || another) continue;
    home.nodes.push(...nodes);
    home.blocks.push(...blocks);
    left.delete(group);
  }
  return [...left];
}

/** Whether a text of one group is one of another kind in the other group. */
function meets(group: Group, kind: keyof typeof TEXTS, other: Group, otherKind: keyof typeof TEXTS): boolean {
  const texts = new Set<string | undefined>(other.nodes.flatMap(TEXTS[otherKind]));
  return group.nodes.flatMap(TEXTS[kind]).some((text) => text !== undefined && texts.has(text));
}

function isCreating(node: PhsNode): boolean {
  return installText(node, 'mode') === 'create';
}

function installText({ config }: PhsNode, key: string): string | undefined {
  return textAt(mapIn(config, 'install'), key)?.value;
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

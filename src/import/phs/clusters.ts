import type { Report } from '../../source/diagnostics/report.ts';
import { isValueMap, keyLocationOf, locationOf, selfLocation, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { displayName } from '../names.ts';
import type { Findings, Notes } from '../notes.ts';
import { joinUrlOf, type PhsBlock, type PhsFile, type PhsNode, type Text, textAt } from './file.ts';

/** Machines that make one Harvester cluster. */
export interface PhsCluster {
  readonly label?: Text | undefined;
  readonly blocks: readonly PhsBlock[];
  readonly nodes: readonly PhsNode[];
}

/** Machines that belong together, with what tells whether they belong to others. */
class Group {
  readonly label: Text | undefined;
  readonly blocks = new Set<PhsBlock>();
  readonly nodes: PhsNode[] = [];
  readonly tokens = new Set<string>();
  /** Where they join, and where they could be joined. */
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

  /** Whether the machines of one of two groups join at the VIP or address of the other's, or both join at one. */
  joins(other: Group): boolean {
    return meet(this.to, other.at) || meet(other.to, this.at) || meet(this.to, other.to);
  }
}

/**
 * Parts machines into clusters, in the order of the file: those of one entry of `config` belong together, entries with one
 * label too; of the others, and of entries without a label whose machines create no cluster, those with one token, else those
 * of which one joins the other.
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
      // Entries with the label that no machine merges are of the cluster, too.
      blocks: [...own, ...blocks.filter((one) => label && !own.has(one) && one.label?.value === label.value)],
      nodes: members.sort(byOrder),
    }))
    .sort((a, b) => byOrder(a.nodes[0], b.nodes[0]));
}

/** Machines that merge nothing come as one where they have one token, or join at one host. */
function kinKey(node: PhsNode): string {
  const token = textAt(node.config, 'token')?.value;
  if (token !== undefined) return `token ${token}`;
  return isCreating(node) ? `node ${node.at.start}` : `host ${hostOf(node)}`;
}

/** Puts groups without a label that create no cluster, or merge nothing, to the one whose token they have, else to the one that they join. */
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
 * Gives the entry of `config` of each machine that has one: the one that it merges; where nothing is merged, since a tool has
 * put the values in the places of their aliases, the only one that says the same, else that has its token.
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
 * Gives the entry of `config` that a machine merges: where most of its outermost keys are written, since what stands below
 * them may be an alias of another entry; of a machine that says all of them itself, most of what is in them.
 */
function blockOf({ config }: PhsNode, blocks: readonly PhsBlock[]): PhsBlock | undefined {
  return mostHolding(keyPlacesIn(config), blocks) ?? mostHolding(placesIn(config), blocks);
}

function mostHolding(places: readonly SourceLocation[], blocks: readonly PhsBlock[]): PhsBlock | undefined {
  const counts = new Map<PhsBlock, number>();
  for (const place of places) {
    const block = blocks.find(({ at }) => isWithin(place, at));
    if (block) counts.set(block, (counts.get(block) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0];
}

function isWithin(inner: SourceLocation, outer: SourceLocation): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** Where a configuration and its outermost keys were written. */
function keyPlacesIn(config: ValueMap): SourceLocation[] {
  return [selfLocation(config), ...Object.keys(config).map((key) => keyLocationOf(config, key))];
}

/** Where the parts of a configuration were written, two levels deep: `install` may be the machine's own, and merge there. */
function placesIn(config: ValueMap): SourceLocation[] {
  return [
    selfLocation(config),
    ...Object.entries(config).flatMap(([key, value]) => [
      locationOf(config, key),
      ...(isValueMap(value) ? Object.keys(value).map((inner) => locationOf(value, inner)) : []),
    ]),
  ];
}

/** Notes the configurations in `config` that no machine merges: phs hands them to nobody, and no site has them. */
export function noteUnused({ blocks, nodes }: PhsFile, notes: Notes): void {
  const used = nodes.flatMap(({ config }) => placesIn(config));
  const homes = homesOf({ nodes, blocks });
  // Where a tool has put values in the places of aliases, the mode tells which one they are of.
  const isWrittenOut = (block: PhsBlock, mode: string) =>
    nodes.some(
      (node) => !blockOf(node, blocks) && homes.get(node) === block && installText(node, 'mode') === mode,
    );
  for (const block of blocks) {
    const { create, join, label } = block;
    for (const [key, config] of Object.entries({ config_create: create, config_join: join })) {
      if (!config) continue;
      const at = selfLocation(config);
      const isUsed =
        used.some((place) => isWithin(place, at)) || isWrittenOut(block, key.replace('config_', ''));
      if (!isUsed)
        notes.left(label ? `${label.value} ${key}` : key, 'no machine merges this configuration', at);
    }
  }
}

/** As iPXE writes a MAC address, which phs compares letter by letter. */
const ASKED = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/**
 * Gives the machines that phs could answer for: of several entries with one MAC address the one that iPXE was answered by,
 * which is the last in its own spelling. Reports the others, and notes spellings that were never found.
 */
export function answered({ nodes }: PhsFile, { notes, report }: Findings): PhsNode[] {
  const byMac = new Map<string, PhsNode>();
  for (const node of nodes) {
    const other = byMac.get(node.mac);
    const counts = !other || isAsked(node) || !isAsked(other) ? node : other;
    byMac.set(node.mac, counts);
    const lost = counts === node ? other : node;
    if (lost)
      report.warning({
        code: 'phs-duplicate-mac',
        message:
          lost.macText.value === counts.macText.value
            ? 'The same MAC address stands further down again: phs answers with the last one, and never with this.'
            : `The same MAC address stands there in another spelling: iPXE asks for ${counts.mac}, and this entry was never found.`,
        at: lost.macText.at,
        related: [{ message: 'the one that counts is at', at: counts.macText.at }],
        help: 'correct the address if it is another machine; else remove the entry',
      });
  }
  const counting = nodes.filter((node) => byMac.get(node.mac) === node);
  for (const node of counting)
    if (!isAsked(node))
      notes.changed(
        node.macText.value,
        `iPXE asks in lower case and with colons, and phs never found this entry: it is ${node.mac}, and nginx takes any spelling`,
        node.macText.at,
      );
  return counting;
}

function isAsked({ macText }: PhsNode): boolean {
  return ASKED.test(macText.value);
}

/** Reports what a machine loses by what it says beside a merge key: YAML merges the outermost keys alone. */
export function reportLostByMerge({ blocks }: PhsFile, nodes: readonly PhsNode[], report: Report): void {
  for (const node of nodes) {
    const merged = mergedBy(node, blocks);
    for (const [key, own] of merged ? Object.entries(node.config) : []) {
      const below = merged?.[key];
      if (!merged || !isValueMap(own) || !isValueMap(below) || own === below) continue;
      if (isWithin(selfLocation(own), selfLocation(merged))) continue;
      const lost = Object.keys(below).filter((inner) => !(inner in own));
      if (lost.length === 0) continue;
      report.warning({
        code: 'phs-merge',
        message: `This takes the place of the whole ${key} that is merged: the machine has no ${lost.map(displayName).join(', ')}.`,
        at: keyLocationOf(node.config, key),
        related: [{ message: 'what is lost stands at', at: keyLocationOf(merged, key) }],
        help: `if that is not meant, give the merged ${key} an anchor of its own, and merge it here, too`,
      });
    }
  }
}

/** The configuration of its entry that a machine merges: where its outermost keys are written that it does not say itself. */
function mergedBy(node: PhsNode, blocks: readonly PhsBlock[]): ValueMap | undefined {
  const block = blockOf(node, blocks);
  const places = keyPlacesIn(node.config);
  const count = (config: ValueMap) => places.filter((place) => isWithin(place, selfLocation(config))).length;
  const [most] = [block?.create, block?.join].filter(isValueMap).sort((a, b) => count(b) - count(a));
  return most;
}

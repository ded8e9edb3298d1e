import { nearest } from '../inventory/nearest.ts';
import { isBroken, lacks } from '../origin.ts';
import type { Draft } from './draft.ts';
import type { Node, Site } from './model.ts';

/**
 * Gives the node that another name most probably stands for, among names of the same numbers: nid003 for nid03. In a plant
 * that counts its machines the neighbour is always near, and never meant.
 */
export function meantNode(name: string, names: readonly string[]): string | undefined {
  const numbers = numbersOf(name);
  return nearest(
    name,
    names.filter((other) => other !== name && numbersOf(other) === numbers),
  );
}

/**
 * Says whether a node most probably is none of its own: it says nothing that is of one machine alone, and its name is near
 * that of another, or stands for one of a range whose name cannot be read. missing-address says so, or what is at fault there.
 */
export function isStray(node: Draft<Node>, site: Pick<Draft<Site>, 'nodes'>): boolean {
  return saysNoIdentity(node) && (isBroken(site, 'nodes') || meantBy(node, site) !== undefined);
}

/** Gives the node that is meant by one that says nothing that is of one machine alone. */
export function meantBy(node: Draft<Node>, { nodes = [] }: Pick<Draft<Site>, 'nodes'>): string | undefined {
  if (node.name === undefined || !saysNoIdentity(node)) return undefined;
  const others = nodes.filter((other) => other !== undefined && !saysNoIdentity(other));
  return meantNode(
    node.name,
    others.flatMap((other) => other?.name ?? []),
  );
}

function saysNoIdentity(node: Draft<Node>): boolean {
  const { bootNic } = node;
  if (!bootNic || !lacks(bootNic, 'mac') || !lacks(bootNic, 'ip')) return false;
  return (['uuid', 'serial', 'xname', 'nid'] as const).every((key) => lacks(node, key));
}

function numbersOf(name: string): string {
  return (name.match(/\d+/g) ?? []).map(Number).join(' ');
}

import { isBroken, lacks } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { nearest } from '../values/nearest.ts';
import type { Node, Site } from './model.ts';

/** Names of nodes, among which the one is found that another name most probably stands for. */
export class NodeNames {
  readonly #byNumbers = new Map<string, string[]>();

  constructor(names: Iterable<string>) {
    for (const name of names) {
      const numbers = numbersOf(name);
      const alike = this.#byNumbers.get(numbers);
      if (alike) alike.push(name);
      else this.#byNumbers.set(numbers, [name]);
    }
  }

  /**
   * Gives the one that is meant, among those of the same numbers: nid003 for nid03. In a plant that counts its machines the
   * neighbour is always near, and never meant.
   */
  meantBy(name: string): string | undefined {
    const alike = this.#byNumbers.get(numbersOf(name)) ?? [];
    return nearest(
      name,
      alike.filter((other) => other !== name),
    );
  }
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
  return namesOf(nodes).meantBy(node.name);
}

/** Several rules ask of every node of a site. */
const NAMES = new WeakMap<readonly (Draft<Node> | undefined)[], NodeNames>();

/** Gives the names of nodes that say which machine they are. */
function namesOf(nodes: readonly (Draft<Node> | undefined)[]): NodeNames {
  const known = NAMES.get(nodes);
  if (known) return known;
  const names = new NodeNames(
    nodes.flatMap((node) => (node?.name !== undefined && !saysNoIdentity(node) ? node.name : [])),
  );
  NAMES.set(nodes, names);
  return names;
}

function saysNoIdentity(node: Draft<Node>): boolean {
  const { bootNic } = node;
  if (!bootNic || !lacks(bootNic, 'mac') || !lacks(bootNic, 'ip')) return false;
  return (['uuid', 'serial', 'xname', 'nid'] as const).every((key) => lacks(node, key));
}

function numbersOf(name: string): string {
  return (name.match(/\d+/g) ?? []).map(Number).join(' ');
}

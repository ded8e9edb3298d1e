import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import {
  derivationOf,
  hasPlace,
  inherit,
  located,
  markDerived,
  type Place,
  placeOf,
  selfPlace,
  setPlace,
} from '../source/origin.ts';
import { DERIVED, type Facts, type Given } from './derived-facts.ts';
import { wantedInterfaces } from './wanted-interfaces.ts';

type Tree = { [key: string]: unknown };

/**
 * The configuration of a node with the places that its values come from, and how they follow. Made when one of them is asked
 * for, which on most nodes never happens: `config-values.ts` gives the same values alone.
 */
export class PlacedConfig {
  readonly #given: Given;
  #derived: HarvesterConfig | undefined;
  #config: HarvesterConfig | undefined;

  constructor(given: Given) {
    this.#given = given;
  }

  /** What follows from the rest of the site. */
  get derived(): HarvesterConfig {
    this.#derived ??= derive(DERIVED, this.#given, placeOf(this.#given.node, 'name'));
    return this.#derived;
  }

  /** The whole: what is said over what is derived. */
  get config(): HarvesterConfig {
    this.#config ??= this.#overlay();
    return this.#config;
  }

  #overlay(): HarvesterConfig {
    const { node } = this.#given;
    const said = (node.said ?? {}) as Tree;
    const result = merge(this.derived as Tree, said);
    const wanted = wantedInterfaces(node);
    const target = (result.install as Tree | undefined)?.management_interface as Tree | undefined;
    if (wanted && target) target.interfaces = wanted;
    return result as HarvesterConfig;
  }
}

function derive({ facts }: Facts, given: Given, self: Place): Tree {
  const result: Tree = located(Object.create(null), self);
  for (const [key, fact] of facts) {
    if ('facts' in fact) {
      if (fact.when?.(given) ?? true) result[key] = derive(fact, given, self);
      continue;
    }
    const value = fact.value(given);
    if (value === undefined) continue;
    result[key] = value;
    markDerived(result, key, textOf(fact.how, given));
    const from = fact.from?.(given);
    if (!from) continue;
    inherit(result, key, from, fact.key === undefined ? key : textOf(fact.key, given));
    // What the inventory leaves to a default follows from the whole of what it stands in.
    if (!hasPlace(result, key)) setPlace(result, key, selfPlace(from));
  }
  return result;
}

/** Gives a text that is the same for all nodes, or follows from what is given. */
export function textOf(text: string | ((given: Given) => string), given: Given): string {
  return typeof text === 'string' ? text : text(given);
}

/**
 * Lays one map over another. Each key is said or derived as in the map that it is from; `how` is how `below` is derived. Options of
 * a bond are those of the one or of the other.
 */
export function merge(below: Tree, above: Tree, how?: string): Tree {
  const result: Tree = located(Object.create(null), selfPlace(below));
  for (const key of new Set([...Object.keys(below), ...Object.keys(above)])) {
    const under = below[key];
    const over = above[key];
    const from = key in above ? above : below;
    const both = isTree(under) && isTree(over) && key !== 'bond_options';
    result[key] = both ? merge(under, over, derivationOf(below, key) ?? how) : from[key];
    inherit(result, key, from);
    if (from === below && how !== undefined) markDerived(result, key, how);
  }
  return result;
}

/** Says whether a value of a configuration is a map. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

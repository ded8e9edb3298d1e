import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import {
  derivationOf,
  inherit,
  isValueMap,
  located,
  locationOf,
  markDerived,
  Origins,
  originsOf,
  placesOf,
  remember,
  selfLocation,
} from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/identifiers.ts';
import { onceFor } from '../values/once-for.ts';
import { build } from './build.ts';
import {
  clusterFacts,
  DERIVED,
  type Fact,
  type Facts,
  type Given,
  type Interface,
  interfaceOf,
  type Underived,
} from './derived-facts.ts';
import type { Node } from './model.ts';
import type { Server } from './model-server.ts';

type Tree = { [key: string]: unknown };

const NOTHING: HarvesterConfig = Object.freeze(Object.create(null));

/**
 * Completes the nodes of a site, once its clusters know their members: gives each what is derived for its configuration, and the
 * configuration, which is what is said over that.
 */
export function deriveConfigs(nodes: readonly Underived[], server: Draft<Server> | undefined): Draft<Node>[] {
  const factsOf = onceFor((cluster: NonNullable<Underived['cluster']>) => clusterFacts(cluster, server));
  return nodes.map((node) => {
    if (node.os !== 'harvester') return Object.assign(node, { derived: NOTHING, config: NOTHING });
    const given: Given = {
      node,
      self: locationOf(node, 'name'),
      server,
      network: node.bootNic?.network,
      ofCluster: node.cluster && factsOf(node.cluster),
      create: node.mode === 'create',
      fixed: interfaceMethod(node) === 'static',
    };
    const config: HarvesterConfig = configOf(DERIVED, given, node.userConfig as Tree | undefined);
    const wanted = wantedInterfaces(node);
    const target = config.install?.management_interface;
    if (wanted && target) Object.assign(target, { interfaces: wanted });
    return Object.assign(Object.defineProperty(node, 'derived', DERIVED_ALONE), { config }) as Draft<Node>;
  });
}

/** Few rules read what is derived alone, so it is made when one does. Copies of the node take it as any other value. */
const DERIVED_ALONE: PropertyDescriptor & ThisType<Node> = {
  get() {
    const origins = originsOf(this.config);
    return origins instanceof ConfigOrigins ? configOf(DERIVED, origins.given) : NOTHING;
  },
  enumerable: true,
  configurable: true,
};

/** How the management interface gets its address: as is said, else by DHCP where its network has a server. */
export function interfaceMethod(node: Underived): 'dhcp' | 'static' {
  return (
    node.userConfig?.install?.management_interface?.method ??
    (node.bootNic?.network?.dhcp ? 'dhcp' : 'static')
  );
}

/**
 * Gives a map of a derived configuration; where something is said, that over it, which is given then. Where each value comes from
 * is made out when somebody asks: of most nodes nobody does.
 */
function configOf({ facts }: Facts, given: Given, said?: Tree): Tree {
  const result: Tree = remember({}, new ConfigOrigins(facts, given, said));
  for (const key in facts) {
    const fact = facts[key] as Fact | Facts;
    const over = said?.[key];
    if ('facts' in fact) {
      if (fact.when && !fact.when(given)) continue;
      const isSaid = said !== undefined && key in said;
      // Options of a bond are those of the one or of the other.
      const isWhole = isSaid && (!isValueMap(over) || key === 'bond_options');
      result[key] = isWhole ? over : configOf(fact, given, over as Tree);
      continue;
    }
    const under = fact.value(given);
    if (under === undefined) continue;
    if (!said || !(key in said)) result[key] = under;
    else
      result[key] =
        isValueMap(under) && isValueMap(over) ? merge(under, over, textOf(fact.how, given)) : over;
  }
  for (const key in said) if (!(key in result)) result[key] = said[key];
  return result;
}

/** Where the values of a map of a configuration come from: what is said from what says it, all else from what it follows from. */
class ConfigOrigins extends Origins {
  readonly #facts: Facts['facts'];
  readonly given: Given;
  readonly #said: Tree | undefined;

  constructor(facts: Facts['facts'], given: Given, said: Tree | undefined) {
    super(given.self.source, given.self.start, given.self.end);
    this.#facts = facts;
    this.given = given;
    this.#said = said;
  }

  override find(name: string): { readonly value: SourceLocation; readonly key: SourceLocation } | undefined {
    const said = this.#said;
    if (said && name in said) return placesOf(said, name);
    const fact = this.#derived(name);
    const from = fact?.from?.(this.given);
    if (!fact || !from) return undefined;
    const key = fact.key === undefined ? name : textOf(fact.key, this.given);
    // What the inventory leaves to a default follows from the whole of what it stands in.
    return placesOf(from, key) ?? { value: selfLocation(from), key: selfLocation(from) };
  }

  override derivation(name: string): string | undefined {
    if (this.#said && name in this.#said) return derivationOf(this.#said, name);
    const fact = this.#derived(name);
    return fact && textOf(fact.how, this.given);
  }

  #derived(name: string): Fact | undefined {
    const fact = Object.hasOwn(this.#facts, name) ? this.#facts[name] : undefined;
    return fact && 'how' in fact && fact.value(this.given) !== undefined ? fact : undefined;
  }
}

function textOf(text: string | ((given: Given) => string), given: Given): string {
  return typeof text === 'string' ? text : text(given);
}

function merge(below: Tree, above: Tree, how: string): Tree {
  const result: Tree = located(Object.create(null), selfLocation(below));
  for (const key of new Set([...Object.keys(below), ...Object.keys(above)])) {
    const from = key in above ? above : below;
    result[key] = from[key];
    inherit(result, key, from);
    if (from === below) markDerived(result, key, how);
  }
  return result;
}

/**
 * Gives the interfaces that are said for a node, if any are. Those that are said by name become those of the node's NICs by MAC:
 * names differ between the installer and the installed system, and between releases (harvester/harvester#9802).
 */
function wantedInterfaces(node: Underived): readonly Interface[] | undefined {
  const wanted = node.userConfig?.install?.management_interface?.interfaces as
    | readonly (Interface | undefined)[]
    | undefined;
  return wanted?.flatMap((one) => (one ? [byMac(one, node)] : []));
}

/** An interface by its MAC alone: where both are given, the installer would look at the name only. */
function byMac(wanted: Interface, node: Underived): Interface {
  if (wanted.hwAddr)
    return build({ hwAddr: parseMac(wanted.hwAddr) ?? wanted.hwAddr }, wanted, { hwAddr: 'hwAddr' });
  const nic = node.nics?.find((one) => one?.name !== undefined && one.name === wanted.name);
  return nic?.mac ? interfaceOf(nic) : wanted;
}

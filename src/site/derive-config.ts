import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import type { Draft } from '../values/draft.ts';
import { type ClusterFacts, clusterFacts } from './cluster-facts.ts';
import { configValues } from './config-values.ts';
import { DERIVED, type Given, type Underived } from './derived-facts.ts';
import type { Cluster, Node, Server } from './model.ts';
import { PlacedConfig } from './placed-config.ts';
import { wantedInterfaces } from './wanted-interfaces.ts';

type Tree = { [key: string]: unknown };

const NOTHING: HarvesterConfig = Object.freeze(Object.create(null));

/** Stands on a node for what derives its configuration, when somebody asks: of most nodes only its file does. */
const DERIVER = Symbol('deriver');

type Deriving = Underived & { readonly [DERIVER]: ConfigDeriver };

const DERIVED_WHEN_ASKED: PropertyDescriptor & ThisType<Deriving> = {
  get() {
    return this[DERIVER].placedOf(this).derived;
  },
  enumerable: true,
};

const CONFIG_WHEN_ASKED: PropertyDescriptor & ThisType<Deriving> = {
  get() {
    return this[DERIVER].configOf(this);
  },
  enumerable: true,
};

/** Lays what is said of a node over what follows; `placed` gives the same with the places, where these may be asked for. */
function valuesOf(given: Given, placed?: () => Tree): HarvesterConfig {
  const { node } = given;
  const config = configValues(DERIVED, given, node.said as Tree | undefined, placed) as HarvesterConfig;
  const wanted = wantedInterfaces(node);
  const target = config.install?.management_interface;
  if (wanted && target) Object.assign(target, { interfaces: wanted });
  return config;
}

/** Derives the configurations of one site's nodes. */
export class ConfigDeriver {
  readonly #server: Draft<Server> | undefined;
  readonly #ofClusters = new Map<Draft<Cluster>, ClusterFacts>();
  /** The configurations of those nodes that somebody has asked for. */
  readonly #configs = new WeakMap<Underived, HarvesterConfig>();
  readonly #placed = new WeakMap<Underived, PlacedConfig>();
  /** One for all nodes. */
  readonly #onNodes: PropertyDescriptor = { value: this };

  constructor(server: Draft<Server> | undefined) {
    this.#server = server;
  }

  /**
   * Completes a node, once its cluster knows its members: lets it have its configuration, what is said over what is derived. That is
   * made when it is asked for.
   */
  complete(node: Underived): Draft<Node> {
    if (node.os !== 'harvester')
      return Object.assign(node, { derived: NOTHING, config: NOTHING }) as Draft<Node>;
    Object.defineProperty(node, DERIVER, this.#onNodes);
    // One after the other: both at once take three times as long, and there are very many nodes.
    Object.defineProperty(node, 'derived', DERIVED_WHEN_ASKED);
    return Object.defineProperty(node, 'config', CONFIG_WHEN_ASKED) as Draft<Node>;
  }

  /** Gives a node's configuration: the values, which find their places where one is asked for. */
  configOf(node: Underived): HarvesterConfig {
    let config = this.#configs.get(node);
    if (!config) {
      config = valuesOf(this.#given(node), () => this.placedOf(node).config as Tree);
      this.#configs.set(node, config);
    }
    return config;
  }

  /** Gives the values alone, and does not keep what is made for this. */
  configToWrite(node: Underived): HarvesterConfig {
    return this.#configs.get(node) ?? valuesOf(this.#given(node));
  }

  /** Gives the same with the places. */
  placedOf(node: Underived): PlacedConfig {
    let placed = this.#placed.get(node);
    if (!placed) {
      placed = new PlacedConfig(this.#given(node));
      this.#placed.set(node, placed);
    }
    return placed;
  }

  #given(node: Underived): Given {
    return {
      node,
      server: this.#server,
      network: node.bootNic?.network,
      ofCluster: node.cluster && this.#factsOf(node.cluster),
      create: node.mode === 'create',
      fixed: interfaceMethod(node) === 'static',
    };
  }

  #factsOf(cluster: Draft<Cluster>): ClusterFacts {
    let facts = this.#ofClusters.get(cluster);
    if (!facts) {
      facts = clusterFacts(cluster, this.#server);
      this.#ofClusters.set(cluster, facts);
    }
    return facts;
  }
}

/** Gives what makes a node's configuration with its places; undefined for one that is no Harvester. */
export function placedConfigOf(node: object): PlacedConfig | undefined {
  return (node as Partial<Deriving>)[DERIVER]?.placedOf(node as Underived);
}

/** Gives a node's configuration for those who write it: of thousands of nodes nobody keeps it, or asks where its values come from. */
export function configToWrite(node: Node): HarvesterConfig {
  return (node as Partial<Deriving>)[DERIVER]?.configToWrite(node as Underived) ?? node.config;
}

/** How the management interface gets its address: as is said, else by DHCP where its network has a server. */
export function interfaceMethod(node: Underived): 'dhcp' | 'static' {
  return (
    node.said?.install?.management_interface?.method ?? (node.bootNic?.network?.dhcp ? 'dhcp' : 'static')
  );
}

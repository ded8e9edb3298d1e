import type { HarvesterConfig } from '../inventory/harvester-config.gen.ts';
import { type ClusterFacts, clusterFacts } from './cluster-facts.ts';
import { configValues } from './config-values.ts';
import { DERIVED, type Given, type Underived } from './derived-facts.ts';
import type { Draft } from './draft.ts';
import type { Cluster, Node, Server } from './model.ts';
import { PlacedConfig } from './placed-config.ts';
import { wantedInterfaces } from './wanted-interfaces.ts';

type Tree = { [key: string]: unknown };

const NOTHING: HarvesterConfig = Object.freeze(Object.create(null));

/** Stands on a node for what makes its configuration: of most nodes only its file asks, of very few what is derived alone. */
const CONFIG = Symbol('config');

/** One for all nodes: an accessor of a node's own for each would be a function for each. */
const WHEN_ASKED: PropertyDescriptorMap & ThisType<{ readonly [CONFIG]: NodeConfig }> = {
  derived: {
    get() {
      return this[CONFIG].placed.derived;
    },
    enumerable: true,
  },
  config: {
    get() {
      return this[CONFIG].values;
    },
    enumerable: true,
  },
};

/** A node's configuration, which is made when it is asked for. */
class NodeConfig {
  readonly #deriver: ConfigDeriver;
  readonly #node: Underived;
  #values: HarvesterConfig | undefined;
  #placed: PlacedConfig | undefined;

  constructor(deriver: ConfigDeriver, node: Underived) {
    this.#deriver = deriver;
    this.#node = node;
  }

  /** The values, which find their places where one is asked for. */
  get values(): HarvesterConfig {
    this.#values ??= this.once();
    return this.#values;
  }

  /** The same, and not kept where they are made for this alone. */
  once(): HarvesterConfig {
    return this.#values ?? valuesOf(this.#deriver.given(this.#node), () => this.placed.config as Tree);
  }

  /** The same with the places. */
  get placed(): PlacedConfig {
    this.#placed ??= new PlacedConfig(this.#deriver.given(this.#node));
    return this.#placed;
  }
}

/** Lays what is said of a node over what follows; `placed` gives the same with the places. */
function valuesOf(given: Given, placed: () => Tree): HarvesterConfig {
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
    Object.defineProperty(node, CONFIG, { value: new NodeConfig(this, node) });
    return Object.defineProperties(node, WHEN_ASKED) as Draft<Node>;
  }

  /** Gives what a node's configuration follows from. */
  given(node: Underived): Given {
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
  return (node as { readonly [CONFIG]?: NodeConfig })[CONFIG]?.placed;
}

/** Gives a node's configuration for those who ask once: of thousands of nodes, nobody keeps it. */
export function configOnce(node: Node): HarvesterConfig {
  return (node as { readonly [CONFIG]?: NodeConfig })[CONFIG]?.once() ?? node.config;
}

/** How the management interface gets its address: as is said, else by DHCP where its network has a server. */
export function interfaceMethod(node: Underived): 'dhcp' | 'static' {
  return (
    node.said?.install?.management_interface?.method ?? (node.bootNic?.network?.dhcp ? 'dhcp' : 'static')
  );
}

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

/** Stands on a node for what makes its configuration with places: few are asked for what is derived alone. */
const PLACED = Symbol('placed');

const DERIVED_WHEN_ASKED: PropertyDescriptor & ThisType<{ readonly [PLACED]: PlacedConfig }> = {
  get() {
    return this[PLACED].derived;
  },
  enumerable: true,
};

/** Derives the configurations of one site's nodes. */
export class ConfigDeriver {
  readonly #server: Draft<Server> | undefined;
  readonly #ofClusters = new Map<Draft<Cluster>, ClusterFacts>();

  constructor(server: Draft<Server> | undefined) {
    this.#server = server;
  }

  /** Completes a node, once its cluster knows its members: derives its configuration and lays what is said over it. */
  complete(node: Underived): Draft<Node> {
    if (node.os !== 'harvester')
      return Object.assign(node, { derived: NOTHING, config: NOTHING }) as Draft<Node>;
    const given: Given = {
      node,
      server: this.#server,
      network: node.bootNic?.network,
      ofCluster: node.cluster && this.#factsOf(node.cluster),
      create: node.mode === 'create',
      fixed: interfaceMethod(node) === 'static',
    };
    const placed = new PlacedConfig(given);
    const config = configValues(
      DERIVED,
      given,
      node.said as Tree | undefined,
      () => placed.config as Tree,
    ) as HarvesterConfig;
    const wanted = wantedInterfaces(node);
    const target = config.install?.management_interface;
    if (wanted && target) Object.assign(target, { interfaces: wanted });
    Object.defineProperty(node, PLACED, { value: placed });
    Object.defineProperty(node, 'derived', DERIVED_WHEN_ASKED);
    return Object.assign(node, { config }) as Draft<Node>;
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
  return (node as { readonly [PLACED]?: PlacedConfig })[PLACED];
}

/** How the management interface gets its address: as is said, else by DHCP where its network has a server. */
export function interfaceMethod(node: Underived): 'dhcp' | 'static' {
  return (
    node.said?.install?.management_interface?.method ?? (node.bootNic?.network?.dhcp ? 'dhcp' : 'static')
  );
}

import { needsBase64 } from '../knowledge/config-texts.ts';
import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import {
  derivationOf,
  independentCopy,
  inherit,
  isValueMap,
  located,
  locationOf,
  locationsOf,
  markDerived,
  Origins,
  originsOf,
  remember,
  selfLocation,
} from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/identifiers.ts';
import { onceFor } from '../values/once-for.ts';
import type { Version } from '../values/version.ts';
import { bootNicFile, type bootstrapFile, type Files, withFile } from './bootstrap.ts';
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
import { withOrigins } from './from-inventory.ts';
import { interfaceMethod, managementNetwork } from './management.ts';
import type { Node } from './model.ts';
import type { Server } from './model-server.ts';

type Tree = { [key: string]: unknown };

const NOTHING: HarvesterConfig = Object.freeze(Object.create(null));

/**
 * Completes the nodes of a site after its clusters have their members. Adds the derived values to each node, and the configuration, which
 * is the user's configuration merged over the derived one. The create node of a cluster also writes the file of `bootstrapOf`.
 */
export function deriveConfigs(
  nodes: readonly Underived[],
  server: Draft<Server> | undefined,
  bootstrapOf: ReturnType<typeof bootstrapFile>,
): Draft<Node>[] {
  const factsOf = onceFor((cluster: NonNullable<Underived['cluster']>) => clusterFacts(cluster, server));
  return nodes.map((node) => {
    if (node.os !== 'harvester') return Object.assign(node, { derived: NOTHING, config: NOTHING });
    const given: Given = {
      node,
      self: locationOf(node, 'name'),
      server,
      network: managementNetwork(node),
      ofCluster: node.cluster && factsOf(node.cluster),
      create: node.mode === 'create',
      fixed: interfaceMethod(node) === 'static',
    };
    const config: HarvesterConfig = configOf(DERIVED, given, node.userConfig as Tree | undefined);
    const wanted = wantedInterfaces(node);
    const target = config.install?.management_interface;
    if (wanted && target) Object.assign(target, { interfaces: wanted });
    const bootstrap = given.create && node.cluster ? bootstrapOf(node.cluster) : undefined;
    for (const [file, how] of [
      [bootstrap, 'from cluster.bootstrap'],
      [bootNicFile(node), 'keeps the boot NIC down, which is outside the management bond'],
    ] as const)
      if (file && config.os)
        Object.assign(config.os, { write_files: withFile(config.os.write_files, file, how) });
    const files = config.os?.write_files;
    const release = node.cluster?.version;
    if (config.os && files && release) Object.assign(config.os, { write_files: filesFor(release)(files) });
    return Object.assign(Object.defineProperty(node, 'derived', DERIVED_ALONE), { config }) as Draft<Node>;
  });
}

/** Lazy, because few rules read the derived configuration alone. Copies of the node copy it like any other value. */
const DERIVED_ALONE: PropertyDescriptor & ThisType<Node> = {
  get() {
    const origins = originsOf(this.config);
    return origins instanceof ConfigOrigins ? configOf(DERIVED, origins.given) : NOTHING;
  },
  enumerable: true,
  configurable: true,
};

/**
 * Returns a map of a derived configuration, with the user's configuration merged over it if there is one. Computes source
 * locations on demand, because most nodes never need them.
 */
function configOf({ facts }: Facts, given: Given, user?: Tree): Tree {
  const result: Tree = remember({}, new ConfigOrigins(facts, given, user));
  for (const key in facts) {
    const fact = facts[key] as Fact | Facts;
    const over = user?.[key];
    if ('facts' in fact) {
      if (fact.when && !fact.when(given)) continue;
      const isSet = user !== undefined && key in user;
      // The options of a bond come as a whole, either from the user or from the derived configuration.
      const isWhole = isSet && (!isValueMap(over) || key === 'bond_options');
      result[key] = isWhole ? over : configOf(fact, given, over as Tree);
      continue;
    }
    const under = fact.value(given);
    if (under === undefined) continue;
    if (!user || !(key in user)) result[key] = under;
    else
      result[key] =
        isValueMap(under) && isValueMap(over) ? merge(under, over, textOf(fact.how, given)) : over;
  }
  for (const key in user) if (!(key in result)) result[key] = user[key];
  return result;
}

/** The source locations of a configuration map: those of the user's values, else those of the facts they derive from. */
class ConfigOrigins extends Origins {
  readonly #facts: Facts['facts'];
  readonly given: Given;
  readonly #user: Tree | undefined;

  constructor(facts: Facts['facts'], given: Given, user: Tree | undefined) {
    super(given.self.source, given.self.start, given.self.end);
    this.#facts = facts;
    this.given = given;
    this.#user = user;
  }

  override find(name: string): ReturnType<Origins['find']> {
    const user = this.#user;
    if (user && name in user) return locationsOf(user, name);
    const fact = this.#derived(name);
    const from = fact?.from?.(this.given);
    if (!fact || !from) return undefined;
    const key = fact.key === undefined ? name : textOf(fact.key, this.given);
    // A value that the inventory leaves to a default is derived from the whole enclosing object.
    return locationsOf(from, key) ?? { value: selfLocation(from), key: selfLocation(from) };
  }

  override derivation(name: string): string | undefined {
    if (this.#user && name in this.#user) return derivationOf(this.#user, name);
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
 * Returns the interfaces in a node's user configuration, if any. Replaces names by the MACs of the node's NICs: names differ
 * between the installer and the installed system, and between releases (harvester/harvester#9802).
 */
function wantedInterfaces(node: Underived): readonly Interface[] | undefined {
  const wanted = node.userConfig?.install?.management_interface?.interfaces as
    | readonly (Interface | undefined)[]
    | undefined;
  return wanted?.flatMap((nic) => (nic ? [byMac(nic, node)] : []));
}

/** An interface by its MAC only: with both, the installer would use only the name. */
function byMac(wanted: Interface, node: Underived): Interface {
  if (wanted.hwAddr)
    return withOrigins({ hwAddr: parseMac(wanted.hwAddr) ?? wanted.hwAddr }, wanted, { hwAddr: 'hwAddr' });
  const nic = node.nics?.find((nic) => nic?.name !== undefined && nic.name === wanted.name);
  return nic?.mac ? interfaceOf(nic) : wanted;
}

const IN_BASE64 =
  'in base64, because the installer cannot write text that begins with a blank or an empty line';

/** Returns the files of a configuration as a release can write them: some in base64. Nodes often share a list. */
const filesFor = onceFor((release: Version) =>
  onceFor((files: Files): Files => {
    const result = independentCopy(files);
    for (const [index, file] of files.entries()) {
      if (!file || !needsBase64(file, release)) continue;
      const content = Buffer.from(file.content ?? '').toString('base64');
      const encoded = Object.assign(independentCopy(file), { content, encoding: 'b64' as const });
      inherit(encoded, 'encoding', file, 'content');
      for (const key of ['content', 'encoding']) markDerived(encoded, key, IN_BASE64);
      result[index] = encoded;
    }
    return result;
  }),
);

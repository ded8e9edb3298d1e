import { layer } from '../inventory/layer.ts';
import { type Mode, withoutOtherMode } from '../knowledge/config-schema.ts';
import type { Arch } from '../knowledge/harvester.ts';
import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import { SMD_VALUES } from '../knowledge/known-values.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import {
  inherit,
  inheritAll,
  isBroken,
  isValueMap,
  keyLocationOf,
  lacks,
  located,
  locationOf,
  markBroken,
  markUnknownKey,
  mayHaveMore,
  selfLocation,
} from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Underived } from './derived-facts.ts';
import { byName, isKnown, namesIn, reportUnknownName, valueOr, withOrigins } from './from-inventory.ts';
import { managementNetwork } from './management.ts';
import type { Cluster, Facts, Group, Host, Network, Nic, Node, Silence, Tenant } from './model.ts';
import { NodeNames } from './nodes.ts';
import { nodeFiller } from './references.ts';
import { type BootContext, installerArgs, iscsiResolver, resolveLinux } from './resolve-boot.ts';
import { cloudInitResolver } from './resolve-cloud-init.ts';
import { resolveDomain, resolveOci, withPreset } from './resolve-host.ts';
import { groupsOf, markUnknownTenant, tenantOf } from './resolve-networks.ts';
import { type NodeInventory, resolveNics } from './resolve-nics.ts';

type LayerInventory = NonNullable<Draft<SiteInventory>['defaults']>;

interface Context extends BootContext {
  readonly networks: readonly Draft<Network>[];
  readonly clusters: readonly Draft<Cluster>[];
  readonly groups: readonly Draft<Group>[];
  readonly tenants: readonly Draft<Tenant>[];
  readonly host: Draft<Host> | undefined;
}

/** The layers below a node's own keys: the defaults and its profiles, merged once for all nodes with the same ones. */
interface Base {
  readonly layer: LayerInventory;
  /** The layers before they are merged, in order. */
  readonly layers: readonly LayerInventory[];
  readonly facts: Draft<Facts>;
  /** The configuration for nodes of each mode, without the settings for the other mode. */
  readonly config: Readonly<Record<Mode, HarvesterConfig>> | undefined;
}

/** Keys that come from no inventory key of the same name: a node's name is itself a key, and the others have several sources. */
const NAMES = { name: '', config: '', cloudInit: '', smdRole: 'role' };

/**
 * Merges a node's keys over its base, like `layer`. Inherits the keys that the node does not set, instead of copying them: most
 * nodes set little, and the result is only read by key.
 */
function over(base: Base, entry: NodeInventory): NodeInventory {
  if (isBroken(base.layer) || isBroken(entry)) return layer(base.layer, entry);
  const withLayers: Record<string, unknown> = located(Object.create(base.layer), selfLocation(entry));
  for (const [key, value] of Object.entries(entry)) {
    const under = base.layer[key as never];
    withLayers[key] = isValueMap(under) && isValueMap(value) ? layer(under, value) : value;
  }
  inheritAll(withLayers, base.layer);
  inheritAll(withLayers, entry);
  return withLayers as NodeInventory;
}

const FACTS = ['labels', 'disks', 'hardware', 'bmc', 'vm'] as const;

function setsFacts(entry: NodeInventory): boolean {
  return FACTS.some((key) => entry[key] !== undefined) || isBroken(entry);
}

function factsOf(from: NodeInventory | LayerInventory): Draft<Facts> {
  const { labels, disks, hardware, bmc, vm } = from as NodeInventory;
  return withOrigins({ labels, disks, hardware, bmc, vm: vm && withPreset(vm) }, from) as Draft<Facts>;
}

/** The keys of a node's entry that identify one machine. */
const IDENTITY = ['mac', 'ip', 'nics', 'uuid', 'serial', 'xname', 'nid'] as const;

function lacksIdentity(entry: NodeInventory): boolean {
  return IDENTITY.every((key) => lacks(entry, key));
}

/** Returns a value as SMD has it, which ignores case. Source: Cray-HPE/hms-base, hmstypes.go (VerifyNormalizeRole). */
function asInSmd(property: string, value: string | undefined): string | undefined {
  const lower = value?.toLowerCase();
  return SMD_VALUES[property]?.find((known) => known.toLowerCase() === lower) ?? value;
}

const NOTHING: HarvesterConfig = Object.freeze(Object.create(null));
const NO_SILENCE: Silence = Object.freeze(Object.create(null));

/**
 * Resolves the nodes of an inventory, without their derived configurations: merges their layers and resolves their references.
 * Shares data that several nodes have in common.
 */
export function resolveNodes(context: Context): Underived[] {
  const { nodes = {} } = context.inventory;
  const resolver = new NodeResolver(context, nodes);
  return Object.keys(nodes).map((name) =>
    resolver.resolve(name, nodes[name] ?? (withOrigins({}, nodes) as NodeInventory)),
  );
}

/** A node's entry in the inventory, with its layers. */
interface Layered {
  readonly name: string;
  /** The keys of the entry alone. */
  readonly entry: NodeInventory;
  readonly base: Base | undefined;
  /** The keys of the entry over those of its layers. */
  readonly merged: NodeInventory;
  readonly boot: NodeInventory['boot'];
}

class NodeResolver {
  readonly #context: Context;
  readonly #nodes: NonNullable<Draft<SiteInventory>['nodes']>;
  readonly #iscsiOf: ReturnType<typeof iscsiResolver>;
  readonly #cloudInitOf = cloudInitResolver();
  readonly #bases = new Map<string, Base | undefined>();
  #likelyErrors: LikelyErrors | undefined;
  /** Whether the missing cluster of the site has been reported: it is one error for all nodes. */
  #isMissingClusterReported = false;

  constructor(context: Context, nodes: NonNullable<Draft<SiteInventory>['nodes']>) {
    this.#context = context;
    this.#nodes = nodes;
    this.#iscsiOf = iscsiResolver(context);
  }

  resolve(name: string, entry: NodeInventory): Underived {
    const layered = this.#layered(name, entry);
    const { base, merged, boot } = layered;
    const { inventory, networks, groups: allGroups, tenants, report } = this.#context;
    const isOsHidden = isBroken(merged, 'boot') || (boot && !boot.os && mayHaveMore(boot));
    const os = isOsHidden ? undefined : valueOr(boot ?? {}, 'os', 'harvester');
    const mode = valueOr(merged, 'mode', 'join');
    const cluster = os === 'harvester' ? this.#clusterOf(layered) : undefined;
    const nics = resolveNics(name, entry, { networks, complete: isKnown(inventory, 'networks'), report });
    const bootNic = bootNicOf(nics);
    const bond = managementBond(bootNic, nics, cluster);
    const [management] = bond;
    const uuid = entry.uuid?.toLowerCase();
    const facts = base && !setsFacts(entry) ? base.facts : factsOf(merged);
    const groups = groupsOf(merged, allGroups, inventory, report);
    // The role in Harvester and the one in SMD, which starts with a capital letter, may come from different layers.
    const layers = isBroken(merged, 'role') ? [] : [...(base?.layers ?? []), entry];
    const ofSmd = layers.findLast(({ role }) => /^[A-Z]/.test(role ?? ''));
    const ofHarvester = layers.findLast(({ role }) => /^[a-z]/.test(role ?? ''));
    const node = withOrigins(
      {
        name,
        os,
        boot: boot ?? NOTHING,
        cluster,
        mode,
        role: ofHarvester?.role as Node['role'],
        smdRole: asInSmd('Role', ofSmd?.role),
        subrole: asInSmd('SubRole', merged.subrole),
        rack: merged.rack,
        position: entry.position,
        height: merged.height,
        install: valueOr(merged, 'install', 'once'),
        firmware: valueOr(merged, 'firmware', 'uefi'),
        arch: os === 'harvester' ? cluster?.arch : this.#archOf(merged),
        uuid,
        serial: entry.serial,
        xname: entry.xname,
        nid: entry.nid,
        groups,
        tenant: tenantOf(merged, tenants, inventory, report),
        loader: valueOr(boot ?? {}, 'loader', 'ipxe'),
        drive: boot?.drive,
        nics,
        bootNic,
        bootNics: bootNic ? nicsOn(bootNic.network, bootNic, nics) : [],
        bond,
        ip: management?.ip,
        userConfig: userConfigOf(entry, base, mode),
        own: entry.config ?? NOTHING,
        facts,
        domain: this.#domainOf({ name, uuid, vm: facts.vm, mac: bootNic?.mac }, os, boot),
        oci: merged.oci && resolveOci(merged.oci),
        silence: merged.silence ?? NO_SILENCE,
      },
      merged,
      NAMES,
      keyLocationOf(this.#nodes, name),
    ) as Underived;
    if (cluster?.exists) Object.assign(node, { clusterConfig: userConfigOf(entry, base, 'create') });
    if (ofHarvester) inherit(node, 'role', ofHarvester);
    if (ofSmd) inherit(node, 'smdRole', ofSmd, 'role');
    markUnknownTenant(node, merged);
    // Of a machine that boots Harvester, only the entry's cloud_init is relevant, because layers also apply to other machines.
    const cloudInitSource = os === 'harvester' ? entry : merged;
    if (!lacks(cloudInitSource, 'cloud_init')) inherit(node, 'cloudInit', cloudInitSource, 'cloud_init');
    if (isBroken(merged, 'boot')) inherit(node, 'os', merged, 'boot');
    // In the short form, the IP address is next to the node's other keys.
    if (management && entry.nics) inherit(node, 'ip', management);
    this.#addBoot(node, layered, groups);
    const isLayerUnknown = this.#hasUnknownLayer(entry);
    if (isBroken(merged, 'config') || isLayerUnknown) markBroken(node, 'userConfig');
    if (isLayerUnknown) markUnknownKey(node);
    return node;
  }

  #layered(name: string, entry: NodeInventory): Layered {
    const base = this.#baseOf(entry);
    const merged = base ? over(base, entry) : entry;
    return { name, entry, base, merged, boot: bootOf(entry, base, merged) };
  }

  #domainOf(
    machine: Pick<Parameters<typeof resolveDomain>[0], 'name' | 'uuid' | 'mac'> & Pick<Draft<Facts>, 'vm'>,
    os: Node['os'] | undefined,
    boot: NodeInventory['boot'],
  ) {
    const { host, inventory, report } = this.#context;
    const diskless = os === 'linux' || os === 'iscsi' || boot?.disk === 'iscsi';
    const { vm } = machine;
    return host && vm && resolveDomain({ ...machine, site: inventory.site, diskless, report, vm, host });
  }

  /** Adds what a node boots and its cloud-init data, with its values substituted. */
  #addBoot(node: Underived, { name, merged, boot }: Layered, groups: readonly Draft<Group>[]): void {
    const { server, report } = this.#context;
    const { os } = node;
    if (boot) {
      for (const key of ['os', 'drive', 'loader']) inherit(node, key, boot);
      const iscsi = os && this.#iscsiOf({ name, os, boot, network: node.bootNic?.network });
      if (iscsi) Object.assign(node, { iscsi });
    }
    const values = nodeFiller(node, server, report);
    if (os === 'linux' && boot) Object.assign(node, { linux: resolveLinux(boot, server, values) });
    // A system on a disk may have no cloud-init: it gets no files without any data.
    const hasData = merged.cloud_init ?? groups.find(({ userData, metaData }) => userData ?? metaData);
    if ((os === 'linux' && boot) || ((os === 'local' || os === 'iscsi') && hasData))
      Object.assign(node, { cloudInit: this.#cloudInitOf(merged.cloud_init, groups, values, merged) });
    if (os === 'harvester' && (boot?.args ?? boot?.consoles))
      Object.assign(node, { installerArgs: installerArgs(boot, values) });
  }

  #profileOf(name: string | undefined): LayerInventory | undefined {
    const { profiles = {} } = this.#context.inventory;
    return name !== undefined && Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  }

  /** Returns the profiles of a node: those that it lists itself, else those of the defaults. */
  #profilesOf(entry: NodeInventory): readonly (string | undefined)[] {
    return (entry.profiles ? entry : this.#context.inventory.defaults)?.profiles ?? [];
  }

  /** Whether a layer of the node is unknown: its settings are then unknown, too. */
  #hasUnknownLayer(entry: NodeInventory): boolean {
    const { inventory } = this.#context;
    if (isBroken(inventory, 'defaults') || isBroken(inventory, 'profiles') || isBroken(entry, 'profiles'))
      return true;
    return !this.#profilesOf(entry).every((name) => this.#profileOf(name));
  }

  #baseOf(entry: NodeInventory): Base | undefined {
    const names = this.#profilesOf(entry);
    const key = names.join(' ');
    // A list with an unknown profile is merged again for each node, so that the error is reported at each location.
    if (!this.#bases.has(key) || !names.every((name) => this.#profileOf(name)))
      this.#bases.set(key, this.#mergedBase(names));
    return this.#bases.get(key);
  }

  #mergedBase(names: readonly (string | undefined)[]): Base | undefined {
    const { inventory, report } = this.#context;
    const { defaults, profiles = {} } = inventory;
    for (const [index, name] of names.entries()) {
      if (name === undefined || this.#profileOf(name) || !isKnown(inventory, 'profiles')) continue;
      const at = locationOf(names, index);
      reportUnknownName(report, { kind: 'profile', name, at, names: Object.keys(profiles) });
    }
    const layers = [defaults, ...names.map((name) => this.#profileOf(name))].flatMap((layer) => layer ?? []);
    if (layers.length === 0) return undefined;
    const merged = layers.reduce((below, above) => layer(below, above));
    const config = merged.config as HarvesterConfig | undefined;
    return {
      layer: merged,
      layers,
      facts: factsOf(merged),
      config: config && {
        create: withoutOtherMode(config, 'create'),
        join: withoutOtherMode(config, 'join'),
      },
    };
  }

  /** Returns the architecture of a machine without Harvester: as set, else the site's default for its clusters. */
  #archOf({ boot }: NodeInventory): Arch | undefined {
    const { harvester } = this.#context.inventory;
    if (boot && !lacks(boot, 'arch')) return boot.arch;
    return harvester ? valueOr(harvester, 'arch', 'amd64') : 'amd64';
  }

  #clusterOf(layered: Layered): Draft<Cluster> | undefined {
    const { name, entry, merged } = layered;
    const { inventory, clusters, report } = this.#context;
    if (isBroken(merged, 'cluster') || isBroken(inventory, 'cluster') || isBroken(inventory, 'clusters'))
      return undefined;
    if (merged.cluster !== undefined) {
      const found = byName(clusters).get(merged.cluster);
      if (!found && isKnown(inventory, 'clusters'))
        reportUnknownName(report, {
          kind: 'cluster',
          name: merged.cluster,
          at: locationOf(merged, 'cluster'),
          names: namesIn(clusters),
          message: `${name} belongs to the cluster ${merged.cluster}, which does not exist.`,
        });
      return found;
    }
    const [only] = clusters;
    if (only && clusters.length === 1) return only;
    // An unknown layer may set the cluster, or an unknown cluster may be the right one.
    if (!isKnown(inventory, 'clusters') || this.#hasUnknownLayer(entry)) return undefined;
    const isMisspelled = inventory.clusters === undefined && !lacks(inventory, 'clusters');
    if (!only && (isMisspelled || this.#isMissingClusterReported)) return undefined;
    if (this.#isLikelyAnother(name, entry) || this.#lacksOs(merged)) return undefined;
    this.#isMissingClusterReported = !only;
    report.error({
      code: 'node-without-cluster',
      message: only
        ? `${name} runs Harvester but belongs to no cluster.`
        : `${name} runs Harvester, but the site has no cluster.`,
      at: keyLocationOf(this.#nodes, name),
      help: only
        ? `add ${clusters.map((cluster) => `cluster: ${cluster.name}`).join(' or ')}`
        : 'add a cluster to the site: `cluster: {vip: …, token: …}`',
    });
    return undefined;
  }

  /** Whether a node is probably another one, which missing-address reports, or extends an invalid range. */
  #isLikelyAnother(name: string, entry: NodeInventory): boolean {
    if (!lacksIdentity(entry)) return false;
    return isBroken(this.#nodes) || this.#likely().identified.likelyName(name) !== undefined;
  }

  /**
   * Whether a node sets a kernel at a site where nothing boots Linux, or an image where nothing boots by iSCSI:
   * boot-key-of-other-os then reports the missing `os`.
   */
  #lacksOs({ boot }: NodeInventory): boolean {
    if (!boot || !lacks(boot, 'os')) return false;
    const { booted } = this.#likely();
    if (boot.kernel !== undefined) return !booted.has('linux');
    return (boot.image ?? boot.target) !== undefined && lacks(boot, 'disk') && !booted.has('iscsi');
  }

  /** Computed once, when the first node without a cluster needs it. */
  #likely(): LikelyErrors {
    const { defaults, profiles = {} } = this.#context.inventory;
    const nodes = Object.entries(this.#nodes);
    this.#likelyErrors ??= {
      identified: new NodeNames(nodes.flatMap(([name, node]) => (node && !lacksIdentity(node) ? name : []))),
      booted: new Set(
        [defaults, ...Object.values(profiles), ...Object.values(this.#nodes)].map((layer) => layer?.boot?.os),
      ),
    };
    return this.#likelyErrors;
  }
}

/** What a site without a cluster shows about the intention of its nodes. */
interface LikelyErrors {
  /** The names of nodes that identify their machine. */
  readonly identified: NodeNames;
  /** The `os` of all layers and nodes. */
  readonly booted: ReadonlySet<string | undefined>;
}

/** Returns the boot keys of a node. Arguments of a layer for Linux do not apply to Harvester's installer. */
function bootOf(
  entry: NodeInventory,
  base: Base | undefined,
  { boot }: NodeInventory,
): NodeInventory['boot'] {
  const below = base?.layer.boot;
  const isLinux = below?.os === 'linux' || below?.kernel !== undefined;
  if (!boot || !isLinux || entry.boot?.args || valueOr(boot, 'os', 'harvester') !== 'harvester') return boot;
  const { args: _, ...others } = boot;
  return withOrigins(others, boot);
}

/** Returns the user's configuration of a node: its keys over its layers, without their settings for the other mode. */
function userConfigOf(entry: NodeInventory, base: Base | undefined, mode: Mode | undefined): HarvesterConfig {
  const below = base?.config?.[mode ?? 'join'];
  const above = entry.config as HarvesterConfig | undefined;
  if (below && above) return layer(below, above);
  return above ?? below ?? NOTHING;
}

/** Returns the NIC that is selected for booting, else the first; undefined if an error may hide the selection. */
function bootNicOf(nics: readonly Draft<Nic>[]): Draft<Nic> | undefined {
  let mayBeAny = false;
  for (const nic of nics) {
    if (nic.boot) return nic;
    mayBeAny ||= isBroken(nic, 'boot');
  }
  return mayBeAny ? undefined : nics[0];
}

/** Returns the NICs on a network, one of them first. */
function nicsOn(
  network: Draft<Network> | undefined,
  first: Draft<Nic>,
  nics: readonly Draft<Nic>[],
): Draft<Nic>[] {
  return [first, ...nics.filter((nic) => nic !== first && nic.network && nic.network === network)];
}

/** Returns the NICs on the management network; none if an error hides which these are. */
function managementBond(
  bootNic: Draft<Nic> | undefined,
  nics: readonly Draft<Nic>[],
  cluster: Draft<Cluster> | undefined,
): Draft<Nic>[] {
  if (!bootNic || (cluster && isBroken(cluster, 'network'))) return [];
  const network = managementNetwork({ bootNic, cluster });
  if (bootNic.network === network) return nicsOn(network, bootNic, nics);
  const own = nics.filter((nic) => nic.network === network);
  const first = own.find(({ ip }) => ip !== undefined) ?? own[0];
  return first ? nicsOn(network, first, own) : [];
}

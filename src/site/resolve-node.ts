import { layer } from '../inventory/layer.ts';
import { type Mode, withoutOtherMode } from '../knowledge/harvester/mode-only.ts';
import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Arch } from '../knowledge/tables/harvester-media.ts';
import type { Report } from '../source/diagnostics/report.ts';
import {
  brokenKeys,
  hasFaults,
  inherit,
  inheritAll,
  isBroken,
  isSilentOf,
  keyPlaceOf,
  lacks,
  located,
  markBroken,
  placeOf,
  selfPlace,
} from '../source/origin.ts';
import { isValueMap, type Value } from '../source/value.ts';
import type { Draft } from '../values/draft.ts';
import { build, saidOr } from './build.ts';
import type { Underived } from './derived-facts.ts';
import type { Cluster, Facts, Group, Host, Image, Network, Nic, Server, Silence, Tenant } from './model.ts';
import { NodeValues } from './node-values.ts';
import { CloudInitResolver } from './resolve-cloud-init.ts';
import { resolveDomain, withPreset } from './resolve-domain.ts';
import { groupsOf } from './resolve-groups.ts';
import { IscsiResolver } from './resolve-iscsi.ts';
import { resolveLinux } from './resolve-linux.ts';
import { type KnownNetworks, resolveNics } from './resolve-nics.ts';
import { resolveOci } from './resolve-oci.ts';
import { markUnknownTenant, tenantOf } from './resolve-tenants.ts';
import { NodeNames } from './stray.ts';

export type NodeInventory = NonNullable<NonNullable<Draft<SiteInventory>['nodes']>[string]>;
type LayerInventory = NonNullable<Draft<SiteInventory>['defaults']>;

interface Context {
  readonly inventory: Draft<SiteInventory>;
  readonly server: Draft<Server> | undefined;
  readonly networks: readonly Draft<Network>[];
  readonly clusters: readonly Draft<Cluster>[];
  readonly groups: readonly Draft<Group>[];
  readonly tenants: readonly Draft<Tenant>[];
  readonly images: readonly Draft<Image>[];
  readonly host: Draft<Host> | undefined;
  readonly report: Report;
}

/** What lies below a node's own keys: the defaults and its profiles, merged once for all nodes with the same ones. */
interface Base {
  readonly layer: LayerInventory;
  readonly keys: readonly string[];
  /** The facts of nodes that say none themselves. */
  readonly facts: Draft<Facts>;
  /** Its configuration as it reaches nodes of each mode, without what only the other may have. */
  readonly config: Readonly<Record<Mode, HarvesterConfig>> | undefined;
}

/** A node's name is a key itself, and stands nowhere else. */
const NAMES = { name: '' };

/**
 * Lays what a node says over what lies below it, as `layer` does. What the node does not say is inherited, not copied: nearly all
 * nodes say little, and what they are made of is asked for its keys alone.
 */
function over(base: Base, own: NodeInventory): NodeInventory {
  if (hasFaults(base.layer) || hasFaults(own)) return layer(base.layer, own);
  const whole: Record<string, unknown> = located(Object.create(base.layer), selfPlace(own));
  const keys = Object.keys(own);
  for (const key of keys) {
    const under = base.layer[key as never];
    const value = own[key as never] as Value;
    whole[key] = isValueMap(under) && isValueMap(value) ? layer(under, value) : value;
  }
  inheritAll(whole, base.layer, undefined, base.keys);
  inheritAll(whole, own, undefined, keys);
  return whole as NodeInventory;
}

/** What is declared of a machine. */
const FACTS = ['labels', 'disks', 'hardware', 'bmc', 'vm'] as const;

function saysFacts(own: NodeInventory): boolean {
  for (const key of FACTS) if (own[key] !== undefined) return true;
  return hasFaults(own);
}

function factsOf(said: NodeInventory | LayerInventory): Draft<Facts> {
  const { labels, disks, hardware, bmc, vm } = said as NodeInventory;
  return build({ labels, disks, hardware, bmc, vm: vm && withPreset(vm) }, said) as Draft<Facts>;
}

/** What an entry of a node says that is of one machine alone. */
const IDENTITY = ['mac', 'ip', 'nics', 'uuid', 'serial', 'xname', 'nid'] as const;

function saysNoIdentity(entry: NodeInventory): boolean {
  return IDENTITY.every((key) => lacks(entry, key));
}

const NOTHING: HarvesterConfig = Object.freeze(Object.create(null));
const NO_SILENCE: Silence = Object.freeze(Object.create(null));

/** Resolves the nodes of one site, sharing between them what is the same. */
export class NodeResolver {
  readonly #context: Context;
  readonly #networks: KnownNetworks;
  /** The nodes that say which machine they are. */
  #identified: NodeNames | undefined;
  /** What the layers and nodes of the site say that they boot. */
  #booted: ReadonlySet<string | undefined> | undefined;
  /** Whether it has been said that the site has no cluster: that is one fault, however many nodes lack it. */
  #isClusterMissed = false;
  /** Whether there is no fault that hides what the site says of clusters. */
  readonly #areClustersSaid: boolean;
  #clusters: ReadonlyMap<string | undefined, Draft<Cluster>> | undefined;
  readonly #bases = new Map<string, Base | undefined>();
  readonly #cloudInit = new CloudInitResolver();
  readonly #iscsi: IscsiResolver;

  constructor(context: Context) {
    this.#context = context;
    const { networks, inventory, report } = context;
    this.#iscsi = new IscsiResolver(context);
    this.#areClustersSaid = !isBroken(inventory, 'cluster') && !isBroken(inventory, 'clusters');
    this.#networks = { networks, complete: isKnown(inventory, 'networks'), report };
  }

  /** Makes a node, without its derived configuration: its layers merged, its references followed. */
  resolve(name: string): Underived {
    const { inventory, server, host, report } = this.#context;
    const nodes = inventory.nodes as NonNullable<typeof inventory.nodes>;
    const own = nodes[name] ?? (build({}, nodes) as NodeInventory);
    const base = this.#base(own);
    const whole: NodeInventory = base ? over(base, own) : own;
    const os = isBroken(whole, 'boot') ? undefined : saidOr(whole.boot ?? {}, 'os', 'harvester');
    const mode = saidOr(whole, 'mode', 'join');
    const cluster = os === 'harvester' ? this.#cluster(name, own, whole) : undefined;
    const nics = resolveNics(name, own, this.#networks);
    const bootNic = bootNicOf(nics);
    const bond = bootNic ? managementBond(bootNic, nics) : [];
    const facts = this.#facts(own, base, whole);
    const groups = groupsOf(whole, this.#context.groups, inventory, report);
    const at = keyPlaceOf(nodes, name);
    const node = build(
      {
        name,
        os,
        boot: whole.boot ?? NOTHING,
        cluster,
        mode,
        role: whole.role,
        install: saidOr(whole, 'install', 'once'),
        firmware: saidOr(whole, 'firmware', 'uefi'),
        arch: os === 'harvester' ? cluster?.arch : this.#archOf(whole),
        uuid: own.uuid?.toLowerCase(),
        serial: own.serial,
        xname: own.xname,
        nid: own.nid,
        groups,
        tenant: tenantOf(whole, this.#context.tenants, inventory, report),
        loader: saidOr(whole.boot ?? {}, 'loader', 'ipxe'),
        drive: whole.boot?.drive,
        nics,
        bootNic,
        bond,
        ip: bootNic?.ip,
        said: this.#said(own, base, mode),
        own: own.config ?? NOTHING,
        facts,
        domain:
          host &&
          facts.vm &&
          resolveDomain({
            name,
            site: inventory.site,
            mac: bootNic?.mac,
            vm: facts.vm,
            diskless: os === 'linux' || os === 'iscsi' || whole.boot?.disk === 'iscsi',
            host,
            report,
          }),
        oci: whole.oci && resolveOci(whole.oci),
        silence: whole.silence ?? NO_SILENCE,
      },
      whole,
      NAMES,
      at,
    ) as Underived;
    markUnknownTenant(node, whole);
    // Layers are those of other machines, too.
    const finds = os === 'linux' ? whole : own;
    if (!lacks(finds, 'cloud_init')) inherit(node, 'cloudInit', finds, 'cloud_init');
    if (whole.boot) inherit(node, 'os', whole.boot);
    else if (isBroken(whole, 'boot')) inherit(node, 'os', whole, 'boot');
    if (whole.boot) for (const key of ['drive', 'loader']) inherit(node, key, whole.boot);
    if (whole.boot && os) {
      const iscsi = this.#iscsi.resolve({ name, os, boot: whole.boot, network: bootNic?.network });
      if (iscsi) Object.assign(node, { iscsi });
    }
    // In the short form it stands beside the node's own keys.
    if (bootNic && own.nics) inherit(node, 'ip', bootNic);
    if (os === 'linux' && whole.boot) {
      const values = new NodeValues(node, server, report);
      const linux = resolveLinux(whole.boot, server, values);
      const cloudInit = this.#cloudInit.resolve(whole.cloud_init, groups, values, whole);
      Object.assign(node, { linux, cloudInit });
    }
    if (isBroken(whole, 'config') || this.#hasUnknownLayer(own)) markBroken(node, 'said');
    return node;
  }

  /** Whether a layer of the node is not known: what it would have said is not known, then. */
  #hasUnknownLayer(own: NodeInventory): boolean {
    const { inventory } = this.#context;
    if (isBroken(inventory, 'defaults') || isBroken(inventory, 'profiles') || isBroken(own, 'profiles'))
      return true;
    return (this.#profilesFrom(own)?.profiles ?? []).some((name) => !name || !inventory.profiles?.[name]);
  }

  /** Where a node's list of profiles stands: on the node itself, else in the defaults. */
  #profilesFrom(own: NodeInventory): NodeInventory | LayerInventory | undefined {
    return own.profiles ? own : this.#context.inventory.defaults;
  }

  #base(own: NodeInventory): Base | undefined {
    const { inventory } = this.#context;
    const names = this.#profilesFrom(own)?.profiles ?? [];
    const key = names.join(' ');
    // A list with an unknown profile is gone through for each node, so that the fault is said at each place.
    if (!this.#bases.has(key) || names.some((name) => !name || !inventory.profiles?.[name])) {
      this.#bases.set(key, this.#merge(names));
    }
    return this.#bases.get(key);
  }

  #merge(names: readonly (string | undefined)[]): Base | undefined {
    const { inventory, report } = this.#context;
    const { defaults, profiles = Object.create(null) } = inventory;
    const layers = defaults ? [defaults] : [];
    names.forEach((name, index) => {
      if (name === undefined) return;
      const profile: LayerInventory | undefined = profiles[name];
      if (profile) {
        layers.push(profile);
      } else if (isKnown(inventory, 'profiles')) {
        report.error({
          code: 'unknown-profile',
          message: `There is no profile ${name}.`,
          at: placeOf(names, index),
          help: `known profiles: ${Object.keys(profiles).join(', ') || 'none: define it under profiles'}`,
        });
      }
    });
    if (layers.length === 0) return undefined;
    const merged = layers.reduce((below, above) => layer(below, above));
    const config = merged.config as HarvesterConfig | undefined;
    return {
      layer: merged,
      keys: Object.keys(merged),
      facts: factsOf(merged),
      config: config && {
        create: withoutOtherMode(config, 'create'),
        join: withoutOtherMode(config, 'join'),
      },
    };
  }

  #facts(own: NodeInventory, base: Base | undefined, whole: NodeInventory): Draft<Facts> {
    return base && !saysFacts(own) ? base.facts : factsOf(whole);
  }

  /** The configuration as the layers say it; what only nodes of the other mode may have stops at the layers. */
  #said(own: NodeInventory, base: Base | undefined, mode: Mode | undefined): HarvesterConfig {
    const below = base?.config?.[mode ?? 'join'];
    const above = own.config as HarvesterConfig | undefined;
    if (below && above) return layer(below, above);
    return above ?? below ?? NOTHING;
  }

  /** What a machine is that boots no Harvester: what it says, else what the site's clusters are that do not say it themselves. */
  #archOf({ boot }: NodeInventory): Arch | undefined {
    const { harvester } = this.#context.inventory;
    if (boot && !lacks(boot, 'arch')) return boot.arch;
    return harvester ? saidOr(harvester, 'arch', 'amd64') : 'amd64';
  }

  /** Whether a node most probably is another, as missing-address says, or lies over a range that is at fault. */
  #isOfAnother(name: string, own: NodeInventory): boolean {
    if (!saysNoIdentity(own)) return false;
    const { nodes = {} } = this.#context.inventory;
    this.#identified ??= new NodeNames(
      Object.entries(nodes).flatMap(([other, said]) => (said && !saysNoIdentity(said) ? other : [])),
    );
    return brokenKeys(nodes).length > 0 || this.#identified.meantBy(name) !== undefined;
  }

  /**
   * Whether a node says a kernel in a site of which nothing boots Linux, or an image where nothing boots by iSCSI:
   * boot-key-of-other-os says that `os` is missing.
   */
  #lacksOs({ boot }: NodeInventory): boolean {
    if (!boot || !lacks(boot, 'os')) return false;
    const { defaults, profiles = {}, nodes = {} } = this.#context.inventory;
    this.#booted ??= new Set(
      [defaults, ...Object.values(profiles), ...Object.values(nodes)].map((layer) => layer?.boot?.os),
    );
    if (boot.kernel !== undefined) return !this.#booted.has('linux');
    return (boot.image ?? boot.target) !== undefined && lacks(boot, 'disk') && !this.#booted.has('iscsi');
  }

  #cluster(name: string, own: NodeInventory, whole: NodeInventory): Draft<Cluster> | undefined {
    const { inventory, clusters, report } = this.#context;
    if (isBroken(whole, 'cluster') || !this.#areClustersSaid) return undefined;
    if (whole.cluster !== undefined) {
      this.#clusters ??= new Map(clusters.map((cluster) => [cluster.name, cluster]));
      const found = this.#clusters.get(whole.cluster);
      if (!found && isKnown(inventory, 'clusters')) {
        report.error({
          code: 'unknown-cluster',
          message: `${name} belongs to ${whole.cluster}, and there is no such cluster.`,
          at: placeOf(whole, 'cluster'),
          help: `known clusters: ${clusters.map((cluster) => cluster.name).join(', ') || 'none: define it under clusters'}`,
        });
      }
      return found;
    }
    const only = clusters[0];
    if (only && clusters.length === 1) return only;
    // A layer that is not known may say it, or a cluster that is not known be it.
    if (!isKnown(inventory, 'clusters') || this.#hasUnknownLayer(own)) return undefined;
    if (!only && !isSilentOf(inventory, 'clusters')) return undefined;
    if (!only && this.#isClusterMissed) return undefined;
    if (this.#isOfAnother(name, own) || this.#lacksOs(whole)) return undefined;
    this.#isClusterMissed = !only;
    const nodes = inventory.nodes as NonNullable<typeof inventory.nodes>;
    report.error({
      code: 'node-without-cluster',
      message: only
        ? `${name} is to run Harvester and belongs to no cluster.`
        : `${name} is to run Harvester, and the site has no cluster that it could belong to.`,
      at: keyPlaceOf(nodes, name),
      help: only
        ? `say which: ${clusters.map((cluster) => `cluster: ${cluster.name}`).join(' or ')}`
        : 'give the site a cluster: `cluster: {vip: …, token: …}`',
    });
    return undefined;
  }
}

/** The NIC that is said to be booted from, else the first, unless it is not known of each that it is not said of it. */
function bootNicOf(nics: readonly Draft<Nic>[]): Draft<Nic> | undefined {
  let mayBeAny = false;
  for (const nic of nics) {
    if (nic.boot) return nic;
    mayBeAny ||= isBroken(nic, 'boot');
  }
  return mayBeAny ? undefined : nics[0];
}

function managementBond(bootNic: Draft<Nic>, nics: readonly Draft<Nic>[]): Draft<Nic>[] {
  if (nics.length === 1) return nics as Draft<Nic>[];
  return [
    bootNic,
    ...nics.filter((nic) => nic !== bootNic && nic.network && nic.network === bootNic.network),
  ];
}

/** Whether all names of a map of the inventory are known: a reference to none of them may be to one at fault. */
function isKnown(inventory: Draft<SiteInventory>, key: 'networks' | 'profiles' | 'clusters'): boolean {
  return !isBroken(inventory, key) && brokenKeys(inventory[key] ?? {}).length === 0;
}

import { layer } from '../inventory/layer.ts';
import { type Mode, withoutOtherMode } from '../knowledge/config-schema.ts';
import type { Arch } from '../knowledge/harvester.ts';
import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import {
  hasErrors,
  inherit,
  inheritAll,
  isBroken,
  isKnownUnset,
  isValueMap,
  keyLocationOf,
  lacks,
  located,
  locationOf,
  markBroken,
  selfLocation,
} from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { build, byName, isKnown, valueOr } from './build.ts';
import type { Underived } from './derived-facts.ts';
import type { Cluster, Facts, Group, Host, Image, Network, Nic, Silence, Tenant } from './model.ts';
import type { Server } from './model-server.ts';
import { NodeValues } from './node-values.ts';
import { NodeNames } from './nodes.ts';
import { iscsiResolver, resolveLinux } from './resolve-boot.ts';
import { cloudInitResolver } from './resolve-cloud-init.ts';
import { resolveDomain, resolveOci, withPreset } from './resolve-host.ts';
import { groupsOf, markUnknownTenant, tenantOf } from './resolve-networks.ts';
import { type NodeInventory, resolveNics } from './resolve-nics.ts';

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
  readonly facts: Draft<Facts>;
  /** Its configuration as it reaches nodes of each mode, without what only the other may have. */
  readonly config: Readonly<Record<Mode, HarvesterConfig>> | undefined;
}

/** A node's name is a key itself, and stands nowhere else; its configuration is not only what it says of that. */
const NAMES = { name: '', config: '', bootNic: '', userConfig: '' };

/**
 * Lays what a node says over what lies below it, as `layer` does. What the node does not say is inherited, not copied: nearly all
 * nodes say little, and what they are made of is asked for its keys alone.
 */
function over(base: Base, own: NodeInventory): NodeInventory {
  if (hasErrors(base.layer) || hasErrors(own)) return layer(base.layer, own);
  const whole: Record<string, unknown> = located(Object.create(base.layer), selfLocation(own));
  for (const [key, value] of Object.entries(own)) {
    const under = base.layer[key as never];
    whole[key] = isValueMap(under) && isValueMap(value) ? layer(under, value) : value;
  }
  inheritAll(whole, base.layer);
  inheritAll(whole, own);
  return whole as NodeInventory;
}

const FACTS = ['labels', 'disks', 'hardware', 'bmc', 'vm'] as const;

function saysFacts(own: NodeInventory): boolean {
  for (const key of FACTS) if (own[key] !== undefined) return true;
  return hasErrors(own);
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

/**
 * Makes the nodes of an inventory, without their derived configurations: their layers merged, their references followed. What is
 * the same for several is shared.
 */
export function resolveNodes(context: Context): Underived[] {
  const { inventory, server, networks, clusters, tenants, host, report } = context;
  const { defaults, profiles = {}, nodes = {} } = inventory;
  const iscsiOf = iscsiResolver(context);
  const cloudInitOf = cloudInitResolver();
  const knownNetworks = { networks, complete: isKnown(inventory, 'networks'), report };
  const areClustersSaid = !isBroken(inventory, 'cluster') && !isBroken(inventory, 'clusters');
  /** Whether it has been said that the site has no cluster: that is one fault, however many nodes lack it. */
  let isClusterMissed = false;
  const bases = new Map<string, Base | undefined>();
  const entries = Object.entries(nodes);
  /** The nodes that say which machine they are, and what all layers and nodes say that they boot. */
  const rest = onceFor(() => ({
    identified: new NodeNames(entries.flatMap(([name, said]) => (said && !saysNoIdentity(said) ? name : []))),
    booted: new Set(
      [defaults, ...Object.values(profiles), ...Object.values(nodes)].map((layer) => layer?.boot?.os),
    ),
  }));
  return Object.keys(nodes).map((name) =>
    resolveNode(name, nodes[name] ?? (build({}, nodes) as NodeInventory)),
  );

  function resolveNode(name: string, own: NodeInventory): Underived {
    const base = baseOf(own);
    const whole: NodeInventory = base ? over(base, own) : own;
    const { boot } = whole;
    const os = isBroken(whole, 'boot') ? undefined : valueOr(boot ?? {}, 'os', 'harvester');
    const mode = valueOr(whole, 'mode', 'join');
    const cluster = os === 'harvester' ? clusterOf(name, own, whole) : undefined;
    const nics = resolveNics(name, own, knownNetworks);
    const bootNic = bootNicOf(nics);
    const facts = base && !saysFacts(own) ? base.facts : factsOf(whole);
    const groups = groupsOf(whole, context.groups, inventory, report);
    const diskless = os === 'linux' || os === 'iscsi' || boot?.disk === 'iscsi';
    const node = build(
      {
        name,
        os,
        boot: boot ?? NOTHING,
        cluster,
        mode,
        role: whole.role,
        install: valueOr(whole, 'install', 'once'),
        firmware: valueOr(whole, 'firmware', 'uefi'),
        arch: os === 'harvester' ? cluster?.arch : archOf(whole),
        uuid: own.uuid?.toLowerCase(),
        serial: own.serial,
        xname: own.xname,
        nid: own.nid,
        groups,
        tenant: tenantOf(whole, tenants, inventory, report),
        loader: valueOr(boot ?? {}, 'loader', 'ipxe'),
        drive: boot?.drive,
        nics,
        bootNic,
        bond: bootNic ? managementBond(bootNic, nics) : [],
        ip: bootNic?.ip,
        userConfig: saidBy(own, base, mode),
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
            diskless,
            host,
            report,
          }),
        oci: whole.oci && resolveOci(whole.oci),
        silence: whole.silence ?? NO_SILENCE,
      },
      whole,
      NAMES,
      keyLocationOf(nodes, name),
    ) as Underived;
    markUnknownTenant(node, whole);
    // Layers are those of other machines, too.
    const finds = os === 'linux' ? whole : own;
    if (!lacks(finds, 'cloud_init')) inherit(node, 'cloudInit', finds, 'cloud_init');
    if (isBroken(whole, 'boot')) inherit(node, 'os', whole, 'boot');
    // In the short form it stands beside the node's own keys.
    if (bootNic && own.nics) inherit(node, 'ip', bootNic);
    if (boot) {
      for (const key of ['os', 'drive', 'loader']) inherit(node, key, boot);
      const iscsi = os && iscsiOf({ name, os, boot, network: bootNic?.network });
      if (iscsi) Object.assign(node, { iscsi });
    }
    if (os === 'linux' && boot) {
      const values = new NodeValues(node, server, report);
      const linux = resolveLinux(boot, server, values);
      Object.assign(node, { linux, cloudInit: cloudInitOf(whole.cloud_init, groups, values, whole) });
    }
    if (isBroken(whole, 'config') || hasUnknownLayer(own)) markBroken(node, 'userConfig');
    return node;
  }

  function profileOf(name: string | undefined): LayerInventory | undefined {
    return name !== undefined && Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  }

  /** The profiles of a node: those that it lists itself, else those of the defaults. */
  function profilesOf(own: NodeInventory): readonly (string | undefined)[] {
    return (own.profiles ? own : defaults)?.profiles ?? [];
  }

  /** Whether a layer of the node is not known: what it would have said is not known, then. */
  function hasUnknownLayer(own: NodeInventory): boolean {
    if (isBroken(inventory, 'defaults') || isBroken(inventory, 'profiles') || isBroken(own, 'profiles'))
      return true;
    return !profilesOf(own).every(profileOf);
  }

  function baseOf(own: NodeInventory): Base | undefined {
    const names = profilesOf(own);
    const key = names.join(' ');
    // A list with an unknown profile is gone through for each node, so that the fault is said at each place.
    if (!bases.has(key) || !names.every(profileOf)) bases.set(key, mergedBase(names));
    return bases.get(key);
  }

  function mergedBase(names: readonly (string | undefined)[]): Base | undefined {
    const layers = [defaults, ...names.map(profileOf)].flatMap((layer) => layer ?? []);
    for (const [index, name] of names.entries()) {
      if (name === undefined || profileOf(name) || !isKnown(inventory, 'profiles')) continue;
      report.error({
        code: 'unknown-profile',
        message: `There is no profile ${name}.`,
        at: locationOf(names, index),
        help: `known profiles: ${Object.keys(profiles).join(', ') || 'none: define it under profiles'}`,
      });
    }
    if (layers.length === 0) return undefined;
    const merged = layers.reduce((below, above) => layer(below, above));
    const config = merged.config as HarvesterConfig | undefined;
    return {
      layer: merged,
      facts: factsOf(merged),
      config: config && {
        create: withoutOtherMode(config, 'create'),
        join: withoutOtherMode(config, 'join'),
      },
    };
  }

  /** The configuration as the layers say it; what only nodes of the other mode may have stops at the layers. */
  function saidBy(own: NodeInventory, base: Base | undefined, mode: Mode | undefined): HarvesterConfig {
    const below = base?.config?.[mode ?? 'join'];
    const above = own.config as HarvesterConfig | undefined;
    if (below && above) return layer(below, above);
    return above ?? below ?? NOTHING;
  }

  /** What a machine is that boots no Harvester: what it says, else what the site's clusters are that do not say it themselves. */
  function archOf({ boot }: NodeInventory): Arch | undefined {
    const { harvester } = inventory;
    if (boot && !lacks(boot, 'arch')) return boot.arch;
    return harvester ? valueOr(harvester, 'arch', 'amd64') : 'amd64';
  }

  /** Whether a node most probably is another, as missing-address says, or lies over a range that is at fault. */
  function isOfAnother(name: string, own: NodeInventory): boolean {
    if (!saysNoIdentity(own)) return false;
    return hasErrors(nodes) || rest(nodes).identified.meantBy(name) !== undefined;
  }

  /**
   * Whether a node says a kernel in a site of which nothing boots Linux, or an image where nothing boots by iSCSI:
   * boot-key-of-other-os says that `os` is missing.
   */
  function lacksOs({ boot }: NodeInventory): boolean {
    if (!boot || !lacks(boot, 'os')) return false;
    const { booted } = rest(nodes);
    if (boot.kernel !== undefined) return !booted.has('linux');
    return (boot.image ?? boot.target) !== undefined && lacks(boot, 'disk') && !booted.has('iscsi');
  }

  function clusterOf(name: string, own: NodeInventory, whole: NodeInventory): Draft<Cluster> | undefined {
    if (isBroken(whole, 'cluster') || !areClustersSaid) return undefined;
    if (whole.cluster !== undefined) {
      const found = byName(clusters).get(whole.cluster);
      if (!found && isKnown(inventory, 'clusters')) {
        report.error({
          code: 'unknown-cluster',
          message: `${name} belongs to ${whole.cluster}, and there is no such cluster.`,
          at: locationOf(whole, 'cluster'),
          help: `known clusters: ${clusters.map((cluster) => cluster.name).join(', ') || 'none: define it under clusters'}`,
        });
      }
      return found;
    }
    const only = clusters[0];
    if (only && clusters.length === 1) return only;
    // A layer that is not known may say it, or a cluster that is not known be it.
    if (!isKnown(inventory, 'clusters') || hasUnknownLayer(own)) return undefined;
    if (!only && (!isKnownUnset(inventory, 'clusters') || isClusterMissed)) return undefined;
    if (isOfAnother(name, own) || lacksOs(whole)) return undefined;
    isClusterMissed = !only;
    report.error({
      code: 'node-without-cluster',
      message: only
        ? `${name} is to run Harvester and belongs to no cluster.`
        : `${name} is to run Harvester, and the site has no cluster that it could belong to.`,
      at: keyLocationOf(nodes, name),
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

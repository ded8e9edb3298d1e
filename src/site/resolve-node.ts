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
  selfLocation,
} from '../source/origin.ts';
import { nearestOf } from '../source/text-edit/fix.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import type { Underived } from './derived-facts.ts';
import { byName, isKnown, valueOr, withOrigins } from './from-inventory.ts';
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
function over(base: Base, own: NodeInventory): NodeInventory {
  if (isBroken(base.layer) || isBroken(own)) return layer(base.layer, own);
  const withLayers: Record<string, unknown> = located(Object.create(base.layer), selfLocation(own));
  for (const [key, value] of Object.entries(own)) {
    const under = base.layer[key as never];
    withLayers[key] = isValueMap(under) && isValueMap(value) ? layer(under, value) : value;
  }
  inheritAll(withLayers, base.layer);
  inheritAll(withLayers, own);
  return withLayers as NodeInventory;
}

const FACTS = ['labels', 'disks', 'hardware', 'bmc', 'vm'] as const;

function setsFacts(own: NodeInventory): boolean {
  for (const key of FACTS) if (own[key] !== undefined) return true;
  return isBroken(own);
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
  const { inventory, server, networks, clusters, tenants, host, report } = context;
  const { defaults, profiles = {}, nodes = {} } = inventory;
  const iscsiOf = iscsiResolver(context);
  const cloudInitOf = cloudInitResolver();
  const knownNetworks = { networks, complete: isKnown(inventory, 'networks'), report };
  const areClustersKnown = !isBroken(inventory, 'cluster') && !isBroken(inventory, 'clusters');
  /** Whether the missing cluster of the site has been reported: it is one error for all nodes. */
  let isMissingClusterReported = false;
  const bases = new Map<string, Base | undefined>();
  const entries = Object.entries(nodes);
  /** The names of nodes that identify their machine, and the `os` of all layers and nodes. */
  const rest = onceFor(() => ({
    identified: new NodeNames(entries.flatMap(([name, node]) => (node && !lacksIdentity(node) ? name : []))),
    booted: new Set(
      [defaults, ...Object.values(profiles), ...Object.values(nodes)].map((layer) => layer?.boot?.os),
    ),
  }));
  return Object.keys(nodes).map((name) =>
    resolveNode(name, nodes[name] ?? (withOrigins({}, nodes) as NodeInventory)),
  );

  function resolveNode(name: string, own: NodeInventory): Underived {
    const base = baseOf(own);
    const withLayers: NodeInventory = base ? over(base, own) : own;
    const boot = bootOf(own, base, withLayers);
    const os = isBroken(withLayers, 'boot') ? undefined : valueOr(boot ?? {}, 'os', 'harvester');
    const mode = valueOr(withLayers, 'mode', 'join');
    const cluster = os === 'harvester' ? clusterOf(name, own, withLayers) : undefined;
    const nics = resolveNics(name, own, knownNetworks);
    const bootNic = bootNicOf(nics);
    const facts = base && !setsFacts(own) ? base.facts : factsOf(withLayers);
    const groups = groupsOf(withLayers, context.groups, inventory, report);
    const { vm } = facts;
    // The role in Harvester and the one in SMD, which starts with a capital letter, may come from different layers.
    const layers = isBroken(withLayers, 'role') ? [] : [...(base?.layers ?? []), own];
    const ofSmd = layers.findLast(({ role }) => /^[A-Z]/.test(role ?? ''));
    const ofHarvester = layers.findLast(({ role }) => /^[a-z]/.test(role ?? ''));
    const diskless = os === 'linux' || os === 'iscsi' || boot?.disk === 'iscsi';
    const machine = { name, site: inventory.site, mac: bootNic?.mac, diskless, report };
    const node = withOrigins(
      {
        name,
        os,
        boot: boot ?? NOTHING,
        cluster,
        mode,
        role: ofHarvester?.role as Node['role'],
        smdRole: asInSmd('Role', ofSmd?.role),
        subrole: asInSmd('SubRole', withLayers.subrole),
        rack: withLayers.rack,
        position: own.position,
        height: withLayers.height,
        install: valueOr(withLayers, 'install', 'once'),
        firmware: valueOr(withLayers, 'firmware', 'uefi'),
        arch: os === 'harvester' ? cluster?.arch : archOf(withLayers),
        uuid: own.uuid?.toLowerCase(),
        serial: own.serial,
        xname: own.xname,
        nid: own.nid,
        groups,
        tenant: tenantOf(withLayers, tenants, inventory, report),
        loader: valueOr(boot ?? {}, 'loader', 'ipxe'),
        drive: boot?.drive,
        nics,
        bootNic,
        bond: bootNic ? managementBond(bootNic, nics) : [],
        ip: bootNic?.ip,
        userConfig: userConfigOf(own, base, mode),
        own: own.config ?? NOTHING,
        facts,
        domain: host && vm && resolveDomain({ ...machine, vm, host }),
        oci: withLayers.oci && resolveOci(withLayers.oci),
        silence: withLayers.silence ?? NO_SILENCE,
      },
      withLayers,
      NAMES,
      keyLocationOf(nodes, name),
    ) as Underived;
    if (cluster?.exists) Object.assign(node, { clusterConfig: userConfigOf(own, base, 'create') });
    if (ofHarvester) inherit(node, 'role', ofHarvester);
    if (ofSmd) inherit(node, 'smdRole', ofSmd, 'role');
    markUnknownTenant(node, withLayers);
    // Of a machine that boots Harvester, only the node's own cloud_init is relevant, because layers also apply to other machines.
    const cloudInitSource = os === 'harvester' ? own : withLayers;
    if (!lacks(cloudInitSource, 'cloud_init')) inherit(node, 'cloudInit', cloudInitSource, 'cloud_init');
    if (isBroken(withLayers, 'boot')) inherit(node, 'os', withLayers, 'boot');
    // In the short form, the IP address is next to the node's own keys.
    if (bootNic && own.nics) inherit(node, 'ip', bootNic);
    if (boot) {
      for (const key of ['os', 'drive', 'loader']) inherit(node, key, boot);
      const iscsi = os && iscsiOf({ name, os, boot, network: bootNic?.network });
      if (iscsi) Object.assign(node, { iscsi });
    }
    if (os === 'linux' && boot) {
      const values = nodeFiller(node, server, report);
      const linux = resolveLinux(boot, server, values);
      Object.assign(node, {
        linux,
        cloudInit: cloudInitOf(withLayers.cloud_init, groups, values, withLayers),
      });
    }
    // A system on a disk may have no cloud-init: it gets no files without any data.
    const hasData = withLayers.cloud_init ?? groups.find(({ userData, metaData }) => userData ?? metaData);
    if ((os === 'local' || os === 'iscsi') && hasData) {
      const values = nodeFiller(node, server, report);
      Object.assign(node, { cloudInit: cloudInitOf(withLayers.cloud_init, groups, values, withLayers) });
    }
    if (os === 'harvester' && (boot?.args ?? boot?.consoles))
      Object.assign(node, { installerArgs: installerArgs(boot, nodeFiller(node, server, report)) });
    if (isBroken(withLayers, 'config') || hasUnknownLayer(own)) markBroken(node, 'userConfig');
    return node;
  }

  /** Returns the boot keys of a node. Arguments of a layer for Linux do not apply to Harvester's installer. */
  function bootOf(
    own: NodeInventory,
    base: Base | undefined,
    { boot }: NodeInventory,
  ): NodeInventory['boot'] {
    const below = base?.layer.boot;
    const isLinux = below?.os === 'linux' || below?.kernel !== undefined;
    if (!boot || !isLinux || own.boot?.args || valueOr(boot, 'os', 'harvester') !== 'harvester') return boot;
    const { args: _, ...others } = boot;
    return withOrigins(others, boot);
  }

  function profileOf(name: string | undefined): LayerInventory | undefined {
    return name !== undefined && Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  }

  /** Returns the profiles of a node: those that it lists itself, else those of the defaults. */
  function profilesOf(own: NodeInventory): readonly (string | undefined)[] {
    return (own.profiles ? own : defaults)?.profiles ?? [];
  }

  /** Whether a layer of the node is unknown: its settings are then unknown, too. */
  function hasUnknownLayer(own: NodeInventory): boolean {
    if (isBroken(inventory, 'defaults') || isBroken(inventory, 'profiles') || isBroken(own, 'profiles'))
      return true;
    return !profilesOf(own).every(profileOf);
  }

  function baseOf(own: NodeInventory): Base | undefined {
    const names = profilesOf(own);
    const key = names.join(' ');
    // A list with an unknown profile is merged again for each node, so that the error is reported at each location.
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
        fix: nearestOf(locationOf(names, index), name, Object.keys(profiles)),
        help: `known profiles: ${Object.keys(profiles).join(', ') || 'none: define it under profiles'}`,
      });
    }
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

  /** Returns the user's configuration of a node: its own keys over its layers, without their settings for the other mode. */
  function userConfigOf(own: NodeInventory, base: Base | undefined, mode: Mode | undefined): HarvesterConfig {
    const below = base?.config?.[mode ?? 'join'];
    const above = own.config as HarvesterConfig | undefined;
    if (below && above) return layer(below, above);
    return above ?? below ?? NOTHING;
  }

  /** Returns the architecture of a machine without Harvester: as set, else the site's default for its clusters. */
  function archOf({ boot }: NodeInventory): Arch | undefined {
    const { harvester } = inventory;
    if (boot && !lacks(boot, 'arch')) return boot.arch;
    return harvester ? valueOr(harvester, 'arch', 'amd64') : 'amd64';
  }

  /** Whether a node is probably another one, which missing-address reports, or extends an invalid range. */
  function isLikelyAnother(name: string, own: NodeInventory): boolean {
    if (!lacksIdentity(own)) return false;
    return isBroken(nodes) || rest(nodes).identified.likelyName(name) !== undefined;
  }

  /**
   * Whether a node sets a kernel at a site where nothing boots Linux, or an image where nothing boots by iSCSI:
   * boot-key-of-other-os then reports the missing `os`.
   */
  function lacksOs({ boot }: NodeInventory): boolean {
    if (!boot || !lacks(boot, 'os')) return false;
    const { booted } = rest(nodes);
    if (boot.kernel !== undefined) return !booted.has('linux');
    return (boot.image ?? boot.target) !== undefined && lacks(boot, 'disk') && !booted.has('iscsi');
  }

  function clusterOf(
    name: string,
    own: NodeInventory,
    withLayers: NodeInventory,
  ): Draft<Cluster> | undefined {
    if (isBroken(withLayers, 'cluster') || !areClustersKnown) return undefined;
    if (withLayers.cluster !== undefined) {
      const found = byName(clusters).get(withLayers.cluster);
      if (!found && isKnown(inventory, 'clusters')) {
        report.error({
          code: 'unknown-cluster',
          message: `${name} belongs to the cluster ${withLayers.cluster}, which does not exist.`,
          at: locationOf(withLayers, 'cluster'),
          fix: nearestOf(
            locationOf(withLayers, 'cluster'),
            withLayers.cluster,
            clusters.map((cluster) => cluster.name),
          ),
          help: `known clusters: ${clusters.map((cluster) => cluster.name).join(', ') || 'none: define it under clusters'}`,
        });
      }
      return found;
    }
    const only = clusters[0];
    if (only && clusters.length === 1) return only;
    // An unknown layer may set the cluster, or an unknown cluster may be the right one.
    if (!isKnown(inventory, 'clusters') || hasUnknownLayer(own)) return undefined;
    if (
      !only &&
      ((inventory.clusters === undefined && !lacks(inventory, 'clusters')) || isMissingClusterReported)
    )
      return undefined;
    if (isLikelyAnother(name, own) || lacksOs(withLayers)) return undefined;
    isMissingClusterReported = !only;
    report.error({
      code: 'node-without-cluster',
      message: only
        ? `${name} runs Harvester but belongs to no cluster.`
        : `${name} runs Harvester, but the site has no cluster.`,
      at: keyLocationOf(nodes, name),
      help: only
        ? `add ${clusters.map((cluster) => `cluster: ${cluster.name}`).join(' or ')}`
        : 'add a cluster to the site: `cluster: {vip: …, token: …}`',
    });
    return undefined;
  }
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

function managementBond(bootNic: Draft<Nic>, nics: readonly Draft<Nic>[]): Draft<Nic>[] {
  if (nics.length === 1) return nics as Draft<Nic>[];
  return [
    bootNic,
    ...nics.filter((nic) => nic !== bootNic && nic.network && nic.network === bootNic.network),
  ];
}

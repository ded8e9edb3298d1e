import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { inherit, isBroken, lacks, locatedList, locationOf, markBroken } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { removeAt, safeFix, suggestedFix } from '../source/text-edit/fix.ts';
import { parseCidr, parseRange } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import {
  byName,
  eachNamed,
  entries,
  isKnown,
  markIncomplete,
  namesIn,
  read,
  reportUnknownName,
  valueOr,
  withOrigins,
} from './from-inventory.ts';
import type { Dhcp, Group, LibvirtNetwork, Network, Tenant } from './model.ts';

type NetworkInventory = NonNullable<NonNullable<Draft<SiteInventory>['networks']>[string]>;

/** Resolves the networks of an inventory, in its order. */
export function resolveNetworks(inventory: Draft<SiteInventory>): Draft<Network>[] {
  return eachNamed(inventory.networks, (name, network, at) => resolveNetwork(name, network, at, inventory));
}

function resolveNetwork(
  name: string,
  network: NetworkInventory,
  self: SourceLocation,
  inventory: Draft<SiteInventory>,
): Draft<Network> {
  const libvirt = resolveLibvirt(name, network, inventory);
  const result = withOrigins<Draft<Network>>(
    {
      name,
      subnet: read(network.subnet, parseCidr),
      gateway: network.gateway,
      dns: entries(network.dns),
      ntp: entries(network.ntp),
      domain: network.domain,
      vlan: network.vlan,
      mtu: network.mtu,
      interface: network.interface,
      bootServer: network.boot_server,
      iscsi: network.iscsi,
      dhcp: read(network.dhcp, resolveDhcp),
      libvirt,
    },
    network,
    {},
    self,
  );
  // Without internet access, only the host can serve the time.
  const host = inventory.air_gapped && inventory.host ? libvirt?.address : undefined;
  if (host && lacks(network, 'ntp'))
    Object.assign(result, { ntp: locatedList(self, [{ value: host, at: self }]) });
  markIncomplete(result, network, 'dns', 'ntp');
  return result;
}

function resolveDhcp(dhcp: NonNullable<NetworkInventory['dhcp']>): Draft<Dhcp> {
  return withOrigins<Draft<Dhcp>>(
    {
      server: valueOr(dhcp, 'server', 'dnsmasq'),
      pool: read(dhcp.pool, parseRange),
      lease: dhcp.lease ?? '12h',
      hostsFiles: valueOr(dhcp, 'hosts_files', false),
      proxy: valueOr(dhcp, 'proxy', false),
    },
    dhcp,
  );
}

/** The limit of the kernel: IFNAMSIZ, without its final NUL. */
const LONGEST_INTERFACE = 15;

/** Resolves the libvirt network of a network that libvirt serves, or that has `libvirt` settings. */
function resolveLibvirt(
  name: string,
  network: NetworkInventory,
  { site, air_gapped: airGapped }: Draft<SiteInventory>,
): Draft<LibvirtNetwork> | undefined {
  if (!network.libvirt && network.dhcp?.server !== 'libvirt') return undefined;
  const settings = network.libvirt ?? withOrigins<NonNullable<NetworkInventory['libvirt']>>({}, network);
  const result = withOrigins<Draft<LibvirtNetwork>>(
    {
      name: `${site}-${name}`,
      bridge: network.interface ?? `virbr-${name}`.slice(0, LONGEST_INTERFACE),
      forward: valueOr(settings, 'forward', airGapped ? 'open' : 'nat'),
      address: settings.address ?? (isBroken(settings, 'address') ? undefined : network.gateway),
    },
    settings,
  );
  if (network.interface !== undefined) inherit(result, 'bridge', network, 'interface');
  if (lacks(settings, 'address')) inherit(result, 'address', network, 'gateway');
  return result;
}

/** Returns the network that a tenant or a cluster names; reports an unknown one, whose owner is the start of the message. */
export function namedNetwork(
  owner: { readonly network?: string | undefined },
  known: { inventory: Draft<SiteInventory>; networks: readonly Draft<Network>[]; report: Report },
  whose: string,
): Draft<Network> | undefined {
  const { network: name } = owner;
  const { inventory, networks, report } = known;
  const network = name === undefined ? undefined : byName(networks).get(name);
  if (!network && name !== undefined && isKnown(inventory, 'networks'))
    reportUnknownName(report, {
      kind: 'network',
      name,
      at: locationOf(owner, 'network'),
      names: namesIn(networks),
      message: `${whose} the network ${name}, which does not exist.`,
    });
  return network;
}

/** Resolves the tenants of an inventory, in its order; reports unknown networks. */
export function resolveTenants(
  inventory: Draft<SiteInventory>,
  networks: readonly Draft<Network>[],
  report: Report,
): Draft<Tenant>[] {
  return eachNamed(inventory.tenants, (name, tenant, at) => {
    const network = namedNetwork(tenant, { inventory, networks, report }, `The tenant ${name} has`);
    const { description, allow } = tenant;
    return withOrigins<Draft<Tenant>>({ name, network, description, allow: entries(allow) }, tenant, {}, at);
  });
}

/** Returns the tenant of an object; reports an unknown one. */
export function tenantOf<T extends { readonly tenant?: string | undefined }>(
  owned: T,
  tenants: readonly Draft<Tenant>[],
  inventory: Draft<SiteInventory>,
  report: Report,
): Draft<Tenant> | undefined {
  const { tenant: name } = owned;
  if (name === undefined) return undefined;
  const found = byName(tenants).get(name);
  if (!found && isKnown(inventory, 'tenants'))
    reportUnknownName(report, {
      kind: 'tenant',
      name,
      at: locationOf(owned, 'tenant'),
      names: namesIn(tenants),
      none: `none: define it, \`tenants: {${name}: {network: …}}\``,
    });
  return found;
}

/** Marks the tenant of an object as broken if the inventory names an unknown one. */
export function markUnknownTenant(
  made: { readonly tenant?: unknown },
  { tenant }: { readonly tenant?: string | undefined },
): void {
  if (tenant !== undefined && made.tenant === undefined) markBroken(made, 'tenant');
}

/** Resolves the groups of an inventory, in its order. */
export function resolveGroups({ groups }: Draft<SiteInventory>): Draft<Group>[] {
  return eachNamed(groups, (name, group, at) => {
    const { description, cloud_init: cloudInit } = group;
    const { user_data: userData, meta_data: metaData } = cloudInit ?? {};
    const values = { name, description, userData, metaData };
    return withOrigins<Draft<Group>>(values, cloudInit ?? group, {}, at);
  });
}

/** Returns the groups that a node lists, in its order; reports unknown and repeated ones. */
export function groupsOf(
  node: { readonly groups?: readonly (string | undefined)[] },
  groups: readonly Draft<Group>[],
  inventory: Draft<SiteInventory>,
  report: Report,
): Draft<Group>[] {
  const { groups: names = [] } = node;
  return names.flatMap((name, index) => {
    const found = byName(groups).get(name);
    const first = names.indexOf(name);
    if (found && first < index) {
      report.error({
        code: 'group-twice',
        message: `The group ${name} is listed twice.`,
        at: locationOf(names, index),
        related: [{ message: 'it is listed first at', at: locationOf(names, first) }],
        // Between others, the order may be that of the second.
        fix: (first === index - 1 ? safeFix : suggestedFix)(removeAt(locationOf(names, index))),
        help: 'remove one of the two; groups apply in the listed order',
      });
      return [];
    }
    if (found) return [found];
    if (name !== undefined && isKnown(inventory, 'groups'))
      reportUnknownName(report, {
        kind: 'group',
        name,
        at: locationOf(names, index),
        names: namesIn(groups),
        none: `none: define it, \`groups: {${name}: {}}\``,
      });
    return [];
  });
}

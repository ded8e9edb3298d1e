import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import {
  brokenKeys,
  inherit,
  isBroken,
  keyPlaceOf,
  lacks,
  located,
  markBroken,
  type Place,
  setPlace,
} from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { parseCidr, parseRange } from '../values/ipv4.ts';
import { build, entries, read, saidOr } from './build.ts';
import type { Dhcp, LibvirtNetwork, Network } from './model.ts';

type NetworkInventory = NonNullable<NonNullable<Draft<SiteInventory>['networks']>[string]>;

/** Makes the networks of an inventory, in its order. */
export function resolveNetworks(inventory: Draft<SiteInventory>): Draft<Network>[] {
  const { networks = {} } = inventory;
  return Object.entries(networks).flatMap(([name, network]) =>
    network ? [resolveNetwork(name, network, keyPlaceOf(networks, name), inventory)] : [],
  );
}

function resolveNetwork(
  name: string,
  network: NetworkInventory,
  self: Place,
  inventory: Draft<SiteInventory>,
): Draft<Network> {
  const libvirt = resolveLibvirt(name, network, inventory);
  const result = build<Draft<Network>>(
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
      iscsi: network.iscsi,
      dhcp: read(network.dhcp, resolveDhcp),
      libvirt,
    },
    network,
    {},
    self,
  );
  // Without a way out, the host is the only one that can tell the time.
  const host = inventory.air_gapped && inventory.host ? libvirt?.address : undefined;
  if (host && lacks(network, 'ntp')) {
    const ntp = located([host], self);
    setPlace(ntp, 0, self);
    Object.assign(result, { ntp });
  }
  // A list with an entry at fault is not known in full.
  for (const key of ['dns', 'ntp'] as const) {
    const list = network[key];
    if (list && brokenKeys(list).length > 0) markBroken(result, key);
  }
  return result;
}

function resolveDhcp(dhcp: NonNullable<NetworkInventory['dhcp']>): Draft<Dhcp> {
  return build<Draft<Dhcp>>(
    {
      server: saidOr(dhcp, 'server', 'dnsmasq'),
      pool: read(dhcp.pool, parseRange),
      lease: dhcp.lease ?? '12h',
      hostsFiles: saidOr(dhcp, 'hosts_files', false),
    },
    dhcp,
    { hostsFiles: 'hosts_files' },
  );
}

/** As the kernel has it: IFNAMSIZ, with its closing NUL. */
const LONGEST_INTERFACE = 15;

/** What libvirt makes of a network that it serves, or that is said to be its own. */
function resolveLibvirt(
  name: string,
  network: NetworkInventory,
  { site, air_gapped: airGapped }: Draft<SiteInventory>,
): Draft<LibvirtNetwork> | undefined {
  if (!network.libvirt && network.dhcp?.server !== 'libvirt') return undefined;
  const said = network.libvirt ?? build<NonNullable<NetworkInventory['libvirt']>>({}, network);
  const result = build<Draft<LibvirtNetwork>>(
    {
      name: `${site}-${name}`,
      bridge: network.interface ?? `virbr-${name}`.slice(0, LONGEST_INTERFACE),
      forward: saidOr(said, 'forward', airGapped ? 'open' : 'nat'),
      address: said.address ?? (isBroken(said, 'address') ? undefined : network.gateway),
    },
    said,
  );
  if (network.interface !== undefined) inherit(result, 'bridge', network, 'interface');
  if (lacks(said, 'address')) inherit(result, 'address', network, 'gateway');
  return result;
}

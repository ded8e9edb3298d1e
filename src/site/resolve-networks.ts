import type { SiteInventory } from '../inventory/site-inventory.gen.ts';
import { brokenKeys, keyPlaceOf, markBroken, type Place } from '../origin.ts';
import { build, entries, read, saidOr } from './build.ts';
import type { Draft } from './draft.ts';
import { parseCidr, parseRange } from './ipv4.ts';
import type { Dhcp, Network } from './model.ts';

type NetworkInventory = NonNullable<NonNullable<Draft<SiteInventory>['networks']>[string]>;

/** Makes the networks of an inventory, in its order. */
export function resolveNetworks(inventory: Draft<SiteInventory>): Draft<Network>[] {
  const { networks = {} } = inventory;
  return Object.entries(networks).flatMap(([name, network]) =>
    network ? [resolveNetwork(name, network, keyPlaceOf(networks, name))] : [],
  );
}

function resolveNetwork(name: string, network: NetworkInventory, self: Place): Draft<Network> {
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
      dhcp: read(network.dhcp, resolveDhcp),
    },
    network,
    {},
    self,
  );
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
    },
    dhcp,
  );
}

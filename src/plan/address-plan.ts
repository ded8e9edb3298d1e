import type { Network, Site } from '../site/model.ts';
import { contains, holds, ipv4Number, ipv4Text } from '../values/addresses.ts';
import { grouped } from '../values/grouped.ts';

/** The use of an address: by a machine, by the network itself or a server, by DHCP for unknown machines, or by no one. */
type Use = 'used' | 'reserved' | 'pool' | 'free';

interface Owner {
  readonly use: 'used' | 'reserved';
  readonly name: string;
}

const BLOCK = 256;
const COLUMNS = 32;

/**
 * Returns the address plan of each network of a site. A grid has up to 256 addresses, with a cell for each that is not free. A row
 * has addresses in sequence with one use.
 */
export function addressPlans(site: Site) {
  const owners = [...ownersOf(site)];
  return site.networks.map((network) => planOf(network, [...owners, ...ownersIn(network)]));
}

/** Returns the IP addresses of a site that machines, servers and networks use. */
export function ownedAddresses(site: Site): Set<string> {
  const owned = [...ownersOf(site), ...site.networks.flatMap((network) => [...ownersIn(network)])];
  return new Set(owned.flatMap(([address]) => address ?? []));
}

type Owned = readonly [address: string | undefined, owner: Owner];

function* ownersOf({ server, host, nodes, clusters }: Site): Iterable<Owned> {
  for (const { name, nics, facts } of nodes) {
    for (const nic of nics)
      yield [nic.ip, { use: 'used', name: nic.name === undefined ? name : `${name} (${nic.name})` }];
    yield [facts.bmc?.address, { use: 'used', name: `BMC of ${name}` }];
  }
  for (const { name, vip } of clusters) yield [vip, { use: 'used', name: `VIP of ${name}` }];
  yield [server.host, { use: 'reserved', name: 'boot server' }];
  if (server.iscsi.address !== server.host)
    yield [server.iscsi.address, { use: 'reserved', name: 'iSCSI server' }];
  if (host?.address !== server.host) yield [host?.address, { use: 'reserved', name: 'libvirt host' }];
}

function* ownersIn({ subnet, gateway, dns, ntp, iscsi, libvirt, bootServer }: Network): Iterable<Owned> {
  const reserved = (name: string): Owner => ({ use: 'reserved', name });
  yield [subnet.network, reserved('network address')];
  yield [subnet.broadcast, reserved('broadcast address')];
  yield [gateway, reserved('gateway')];
  yield [bootServer, reserved('boot server')];
  for (const address of dns) yield [address, reserved('DNS server')];
  for (const address of ntp) yield [address, reserved('time server')];
  yield [iscsi, reserved('iSCSI server')];
  yield [libvirt?.address, reserved('libvirt host')];
}

function planOf(network: Network, owned: readonly Owned[]) {
  const { subnet, dhcp } = network;
  const inside = owned.flatMap(([address, owner]) =>
    address !== undefined && contains(subnet, address) ? [[ipv4Number(address) ?? 0, owner] as const] : [],
  );
  const owners = grouped(inside);
  const numbers = [...owners.keys()].sort((a, b) => a - b);
  const useOf = (number: number): Use => {
    const all = owners.get(number);
    if (all) return all.some(({ use }) => use === 'used') ? 'used' : 'reserved';
    return dhcp?.pool && holds(dhcp.pool, number) ? 'pool' : 'free';
  };
  const namesAt = (number: number) => {
    const names = [...new Set(owners.get(number)?.map(({ name }) => name))].join(', ');
    return names || (useOf(number) === 'pool' ? 'DHCP pool' : 'free');
  };
  const rows = [...rowsOf()];
  const counts = { used: 0, reserved: 0, pool: 0, free: 0 };
  for (const [, count, use] of rows) counts[use] += count;
  const starts = new Set(
    numbers
      .filter((number) => number !== subnet.first && number !== subnet.last)
      .map((number) => number - (number % BLOCK)),
  );
  if (starts.size === 0) starts.add(subnet.first);
  const blocks = [...starts].sort((a, b) => a - b).map((start) => blockAt(Math.max(start, subnet.first)));
  const otherBlocks = Math.ceil((subnet.last - subnet.first + 1) / BLOCK) - blocks.length;
  return { network, counts, blocks, otherBlocks, rows };

  function blockAt(first: number) {
    const size = Math.min(BLOCK, subnet.last - first + 1);
    const cells = Array.from({ length: size }, (_, index) => {
      const use = useOf(first + index);
      const title = `${ipv4Text(first + index)} ${namesAt(first + index)}`;
      return { x: index % COLUMNS, y: Math.floor(index / COLUMNS), use, title };
    }).filter(({ use }) => use !== 'free');
    return { first: ipv4Text(first), rows: Math.ceil(size / COLUMNS), cells };
  }

  /** Returns one row for each owned address, and one for each range between them. */
  function* rowsOf() {
    const bounds = dhcp?.pool ? [dhcp.pool.first, dhcp.pool.last + 1] : [];
    const edges = [subnet.first, ...bounds, ...numbers.flatMap((number) => [number, number + 1])];
    const starts = [...new Set(edges)].filter((edge) => holds(subnet, edge)).sort((a, b) => a - b);
    for (const [index, first] of starts.entries()) {
      const last = (starts[index + 1] ?? subnet.last + 1) - 1;
      const addresses = first === last ? ipv4Text(first) : `${ipv4Text(first)}–${ipv4Text(last)}`;
      yield [addresses, last - first + 1, useOf(first), namesAt(first)] as const;
    }
  }
}

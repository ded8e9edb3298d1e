import type { Network, Site } from '../../site/model.ts';
import { contains, holds, ipv4Number, ipv4Text } from '../../values/addresses.ts';
import { grouped } from '../../values/grouped.ts';

/** The use of an address: by a machine, by the network itself or a server, by DHCP for unknown machines, or by no one. */
export type Use = 'used' | 'reserved' | 'pool' | 'free';

/** Addresses in sequence with one use, and the names of their owners. */
export interface Row {
  readonly addresses: string;
  readonly count: number;
  readonly use: Use;
  readonly names: string;
}

/** A square of the grid: an address that is not free. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly use: Use;
  readonly title: string;
}

/** The grid of up to 256 addresses. */
export interface Block {
  readonly first: string;
  readonly rows: number;
  readonly cells: readonly Cell[];
}

/** The address plan of a network. */
export interface AddressPlan {
  readonly network: Network;
  readonly counts: Readonly<Record<Use, number>>;
  readonly blocks: readonly Block[];
  /** The number of further blocks without an owner. */
  readonly otherBlocks: number;
  readonly rows: readonly Row[];
}

interface Owner {
  readonly use: 'used' | 'reserved';
  readonly name: string;
}

const BLOCK = 256;
const COLUMNS = 32;

/** Returns the address plan of each network of a site. */
export function addressPlans(site: Site): AddressPlan[] {
  const owners = [...ownersOf(site)];
  return site.networks.map((network) => planOf(network, [...owners, ...ownersIn(network)]));
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

function* ownersIn({ subnet, gateway, dns, ntp, iscsi, libvirt }: Network): Iterable<Owned> {
  const reserved = (name: string): Owner => ({ use: 'reserved', name });
  yield [subnet.network, reserved('network address')];
  yield [subnet.broadcast, reserved('broadcast address')];
  yield [gateway, reserved('gateway')];
  for (const address of dns) yield [address, reserved('DNS server')];
  for (const address of ntp) yield [address, reserved('time server')];
  yield [iscsi, reserved('iSCSI server')];
  yield [libvirt?.address, reserved('libvirt host')];
}

function planOf(network: Network, owned: readonly Owned[]): AddressPlan {
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
  const namesAt = (number: number) => [...new Set(owners.get(number)?.map(({ name }) => name))].join(', ');
  const rows = rowsOf(network, numbers, useOf, namesAt);
  const counts = { used: 0, reserved: 0, pool: 0, free: 0 };
  for (const { use, count } of rows) counts[use] += count;
  const starts = new Set(
    numbers
      .filter((number) => number !== subnet.first && number !== subnet.last)
      .map((number) => number - (number % BLOCK)),
  );
  if (starts.size === 0) starts.add(subnet.first);
  const blocks = [...starts].sort((a, b) => a - b).map((start) => blockAt(Math.max(start, subnet.first)));
  const otherBlocks = Math.ceil((subnet.last - subnet.first + 1) / BLOCK) - blocks.length;
  return { network, counts, blocks, otherBlocks, rows };

  function blockAt(first: number): Block {
    const size = Math.min(BLOCK, subnet.last - first + 1);
    const cells = Array.from({ length: size }, (_, index): Cell => {
      const use = useOf(first + index);
      const title = `${ipv4Text(first + index)} ${namesAt(first + index) || WORDS[use]}`;
      return { x: index % COLUMNS, y: Math.floor(index / COLUMNS), use, title };
    }).filter(({ use }) => use !== 'free');
    return { first: ipv4Text(first), rows: Math.ceil(size / COLUMNS), cells };
  }
}

const WORDS: Readonly<Record<Use, string>> = {
  used: 'used',
  reserved: 'reserved',
  pool: 'DHCP pool',
  free: 'free',
};

/** Returns one row for each owned address, and one for each range between them. */
function rowsOf(
  { subnet, dhcp }: Network,
  numbers: readonly number[],
  useOf: (number: number) => Use,
  namesAt: (number: number) => string,
): Row[] {
  const pool = dhcp?.pool;
  const bounds = pool ? [pool.first, pool.last + 1] : [];
  const starts = new Set([subnet.first, ...bounds, ...numbers.flatMap((number) => [number, number + 1])]);
  const inside = [...starts].filter((start) => holds(subnet, start)).sort((a, b) => a - b);
  return inside.map((first, index) => {
    const last = (inside[index + 1] ?? subnet.last + 1) - 1;
    const use = useOf(first);
    const addresses = first === last ? ipv4Text(first) : `${ipv4Text(first)}–${ipv4Text(last)}`;
    return { addresses, count: last - first + 1, use, names: namesAt(first) || WORDS[use] };
  });
}

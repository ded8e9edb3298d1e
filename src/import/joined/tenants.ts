import { contains } from '../../values/addresses.ts';
import { siteNameOf } from '../names.ts';
import type { Notes } from '../notes.ts';
import type { Said } from './gathered.ts';
import { bootNicOf, type Machine } from './machine.ts';
import { type JoinedNetwork, networkCalled } from './networks.ts';

/** Whose machines are, as a site has it. */
export interface JoinedTenant {
  readonly name: string;
  readonly said: Said<string>;
  /** The network of its machines; undefined where nothing tells one that is its own. */
  readonly network: string | undefined;
}

/** Gives names for the networks that tenants boot on, by what files call them, for where no file says a subnet. */
export function openNetworksOf(machines: readonly Machine[]): ReadonlyMap<string, string> {
  const labels = machines.flatMap((machine) => (machine.tenant && bootNicOf(machine)?.network?.value) ?? []);
  return named(labels);
}

/**
 * Gives the tenants of machines, by what files call them; `openNetworks` are those of which no file says the subnet. Notes
 * tenants that have no network of their own.
 */
export function tenantsOf(
  machines: readonly Machine[],
  networks: readonly JoinedNetwork[],
  openNetworks: ReadonlyMap<string, string>,
  notes: Notes,
): ReadonlyMap<string, JoinedTenant> {
  const owned = machines.flatMap((machine) => {
    const { tenant } = machine;
    if (!tenant) return [];
    const open = openNetworks.get(bootNicOf(machine)?.network?.value ?? '');
    return [{ tenant, network: networkOf(machine, networks)?.name ?? open }];
  });
  const names = named(owned.map(({ tenant }) => tenant.value));
  const tenants = new Map<string, JoinedTenant>();
  for (const { tenant: said } of owned) {
    const { value, at } = said;
    const name = names.get(value) ?? value;
    if (tenants.has(value)) continue;
    if (name !== value)
      notes.addOf('changed', said, `the tenant is called ${name}, as names of a site are written`);
    const own = distinct(owned.flatMap(({ tenant, network }) => (tenant.value === value && network) || []));
    const [network = ''] = own;
    const owners = distinct(owned.flatMap((one) => (one.network === network ? one.tenant.value : [])));
    const isOwn = own.length === 1 && owners.length === 1;
    if (!isOwn) notes.add('open', `tenants.${name}.network`, whyOpen(own, owners.length), at);
    tenants.set(value, { name, said, network: isOwn ? network : undefined });
  }
  return tenants;
}

function distinct(all: readonly string[]): string[] {
  return [...new Set(all)];
}

function whyOpen(networks: readonly string[], owners: number): string {
  const [network, second] = networks;
  if (network === undefined)
    return 'no file says on which network its nodes are: each tenant has one of its own';
  if (second !== undefined)
    return `its nodes boot on several networks, ${networks.join(', ')}: a tenant has one`;
  return `${owners} projects have nodes on ${network}, and each tenant has a network of its own, so that nobody reads what is another's: give each one, or take tenants and every tenant out`;
}

function networkOf(machine: Machine, networks: readonly JoinedNetwork[]): JoinedNetwork | undefined {
  const nic = bootNicOf(machine);
  const [ip] = nic?.ips ?? [];
  if (ip) return networks.find(({ subnet }) => contains(subnet, ip.value));
  return nic && networkCalled(nic, networks);
}

/** Gives each text a name of its own, as a site writes names. */
function named(all: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const value of distinct(all)) {
    const stem = siteNameOf(value) ?? 'other';
    let name = stem;
    for (let number = 2; taken.has(name); number += 1) name = `${stem.slice(0, 57)}-${number}`;
    taken.add(name);
    names.set(value, name);
  }
  return names;
}

import { contains } from '../../values/ipv4.ts';
import { quoteVisibly, siteNameOf } from '../names.ts';
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
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const machine of machines) {
    const label = machine.tenant && bootNicOf(machine)?.network?.value;
    if (label !== undefined && !names.has(label)) names.set(label, nameFor(label, taken));
  }
  return names;
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
  const found = new Map<string, { readonly said: Said<string>; readonly networks: Set<string> }>();
  const owners = new Map<string, Set<string>>();
  for (const machine of machines) {
    const { tenant } = machine;
    if (!tenant) continue;
    const one = found.get(tenant.value) ?? { said: tenant, networks: new Set<string>() };
    found.set(tenant.value, one);
    const network =
      networkOf(machine, networks)?.name ?? openNetworks.get(bootNicOf(machine)?.network?.value ?? '');
    if (network === undefined) continue;
    one.networks.add(network);
    owners.set(network, (owners.get(network) ?? new Set()).add(tenant.value));
  }
  const taken = new Set<string>();
  const tenants = new Map<string, JoinedTenant>();
  for (const [value, { said, networks: those }] of found) {
    const name = nameFor(value, taken);
    if (name !== value)
      notes.add(
        'changed',
        quoteVisibly(value),
        `the tenant is called ${name}, as names of a site are written`,
        said.at,
      );
    const [network, second] = those;
    const isOwn = network !== undefined && second === undefined && owners.get(network)?.size === 1;
    if (!isOwn) notes.add('open', `tenants.${name}.network`, whyOpen([...those], owners), said.at);
    tenants.set(value, { name, said, network: isOwn ? network : undefined });
  }
  return tenants;
}

function whyOpen(networks: readonly string[], owners: ReadonlyMap<string, ReadonlySet<string>>): string {
  const [network, second] = networks;
  if (network === undefined)
    return 'no file says on which network its nodes are: each tenant has one of its own';
  if (second !== undefined)
    return `its nodes boot on several networks, ${networks.join(', ')}: a tenant has one`;
  const others = owners.get(network)?.size ?? 0;
  return `${others} projects have nodes on ${network}, and each tenant has a network of its own, so that nobody reads what is another's: give each one, or take tenants and every tenant out`;
}

function networkOf(machine: Machine, networks: readonly JoinedNetwork[]): JoinedNetwork | undefined {
  const nic = bootNicOf(machine);
  const [ip] = nic?.ips ?? [];
  if (ip) return networks.find(({ subnet }) => contains(subnet, ip.value));
  return nic && networkCalled(nic, networks);
}

function nameFor(value: string, taken: Set<string>): string {
  const stem = siteNameOf(value) ?? 'other';
  let name = stem;
  for (let number = 2; taken.has(name); number += 1) name = `${stem.slice(0, 57)}-${number}`;
  taken.add(name);
  return name;
}

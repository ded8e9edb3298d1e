import { contains } from '../../values/addresses.ts';
import { displayName, freeName, siteNameOf } from '../names.ts';
import type { Notes } from '../notes.ts';
import type { GatheredGroup, Sourced } from './gathered.ts';
import { bootNicOf, calledAs, type Machine, withoutNothing } from './machine.ts';
import { type JoinedNetwork, networkCalled } from './networks.ts';

/** A group of the site that is made. */
export interface JoinedGroup {
  readonly name: string;
  group: GatheredGroup | undefined;
}

/** Returns the groups that files define or machines are in, by what files call them, and puts their members into them. */
export function groupsOf(
  machines: readonly Machine[],
  said: readonly GatheredGroup[],
  notes: Notes,
): ReadonlyMap<string, JoinedGroup> {
  const byName = new Map<string, Machine>();
  for (const machine of machines)
    for (const one of [machine.xname, machine.name]) if (one) byName.set(one.value.toLowerCase(), machine);
  const groups = new Map<string, JoinedGroup>();
  for (const group of said) {
    add(groups, group.name, notes, group);
    for (const member of group.members ?? []) {
      const machine = byName.get(member.value.toLowerCase());
      if (!machine)
        notes.left(member, `a member of ${displayName(group.name.value)}, and no file has such a machine`);
      else if (!machine.groups.some(({ value }) => value === group.name.value))
        machine.groups.push({ value: group.name.value, at: member.at });
    }
  }
  for (const machine of machines) for (const group of machine.groups) add(groups, group, notes);
  return groups;
}

/** Adds a group by the name that its file gives it; what a later file says beside an earlier one is added to that. */
function add(
  groups: Map<string, JoinedGroup>,
  name: Sourced<string>,
  notes: Notes,
  group?: GatheredGroup,
): void {
  const known = groups.get(name.value);
  if (!known) {
    const taken = new Set(Array.from(groups.values(), (one) => one.name));
    const own = freeName(siteNameOf(name.value) ?? 'group', taken);
    if (own !== name.value) notes.changed(name, `the group is called ${own} in the site`);
    groups.set(name.value, { name: own, group });
  } else if (group) {
    const { userData } = known.group ?? {};
    const why = 'its cloud-config is said twice, and differs: the first counts';
    if (userData && group.userData && userData.value !== group.userData.value)
      notes.left(displayName(name.value), why, group.userData.at);
    known.group = { ...group, ...withoutNothing(known.group ?? {}) };
  }
}

/** Takes NIDs away that several machines have, and notes them: discovery numbers the nodes of each BMC from 1 on. */
export function dropSharedNids(machines: readonly Machine[], notes: Notes): void {
  const byNid = new Map<number, Machine[]>();
  for (const machine of machines) {
    const holders = machine.nid && byNid.get(machine.nid.value);
    if (holders) holders.push(machine);
    else if (machine.nid) byNid.set(machine.nid.value, [machine]);
  }
  for (const [nid, holders] of byNid) {
    const isTooLarge = nid < 1 || nid > 2147483647;
    if (holders.length < 2 && !isTooLarge) continue;
    const why = isTooLarge
      ? 'no number that a node can have'
      : `${calledAs(holders[0] as Machine)} and ${holders.length - 1} more have it: a NID is one node's. Discovery numbers the nodes of each BMC anew`;
    for (const machine of holders) {
      notes.left(`NID ${nid}`, why, machine.nid?.at);
      machine.nid = undefined;
    }
  }
}

/** Whose machines are, as a site has it. */
export interface JoinedTenant {
  readonly name: string;
  readonly said: Sourced<string>;
  /** The network of its machines; undefined where nothing tells one that is its own. */
  readonly network: string | undefined;
}

/** Gives names for the networks that tenants boot on, by what files call them, for where no file says a subnet. */
export function openNetworksOf(machines: readonly Machine[]): ReadonlyMap<string, string> {
  const labels = machines.flatMap((machine) => (machine.tenant && bootNicOf(machine)?.network?.value) ?? []);
  return named(labels);
}

/** Returns the tenants of machines, by what files call them; notes those that have no network of their own. */
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
    if (name !== value) notes.changed(said, `the tenant is called ${name}, as names of a site are written`);
    const own = distinct(owned.flatMap(({ tenant, network }) => (tenant.value === value && network) || []));
    const [network = ''] = own;
    const owners = distinct(owned.flatMap((one) => (one.network === network ? one.tenant.value : [])));
    const isOwn = own.length === 1 && owners.length === 1;
    if (!isOwn) notes.open(`tenants.${name}.network`, whyOpen(own, owners.length), at);
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
  for (const value of distinct(all)) names.set(value, freeName(siteNameOf(value) ?? 'other', taken));
  return names;
}

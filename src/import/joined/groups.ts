import { grouped } from '../../values/grouped.ts';
import type { GatheredGroup, Sourced } from '../model/gathered.ts';
import { displayName, freeName, siteNameOf } from '../model/names.ts';
import type { Notes } from '../model/notes.ts';
import { withoutNothing } from './first-wins.ts';
import { bootNicOf, calledAs, type Machine } from './machine.ts';
import { type JoinedNetwork, networkOfNic } from './networks.ts';

/** A group of the imported site. */
export interface JoinedGroup {
  readonly name: string;
  group: GatheredGroup | undefined;
}

/** Returns the groups that files define or machines are in, by their names in the files, and adds their members. */
export function groupsOf(
  machines: readonly Machine[],
  defined: readonly GatheredGroup[],
  notes: Notes,
): ReadonlyMap<string, JoinedGroup> {
  const byName = new Map<string, Machine>();
  for (const machine of machines)
    for (const one of [machine.xname, machine.name]) if (one) byName.set(one.value.toLowerCase(), machine);
  const groups = new Map<string, JoinedGroup>();
  for (const group of defined) {
    addGroup(groups, group.name, notes, group);
    for (const member of group.members ?? []) {
      const machine = byName.get(member.value.toLowerCase());
      if (!machine)
        notes.left(
          member,
          `a member of ${displayName(group.name.value)}, but this machine was not found in the files read`,
        );
      else if (!machine.groups.some(({ value }) => value === group.name.value))
        machine.groups.push({ value: group.name.value, at: member.at });
    }
  }
  for (const machine of machines) for (const group of machine.groups) addGroup(groups, group, notes);
  return groups;
}

/** Adds a group by its name in the file; further keys from a later file are added to the first. */
function addGroup(
  groups: Map<string, JoinedGroup>,
  name: Sourced<string>,
  notes: Notes,
  group?: GatheredGroup,
): void {
  const known = groups.get(name.value);
  if (!known) {
    const taken = new Set(Array.from(groups.values(), (one) => one.name));
    const own = freeName(siteNameOf(name.value) ?? 'group', taken);
    if (own !== name.value) notes.changed(name, `the group is named ${own} in the site`);
    groups.set(name.value, { name: own, group });
  } else if (group) {
    const { userData } = known.group ?? {};
    const why = 'its two cloud-configs differ: the first applies';
    if (userData && group.userData && userData.value !== group.userData.value)
      notes.left(displayName(name.value), why, group.userData.at);
    known.group = { ...group, ...withoutNothing(known.group ?? {}) };
  }
}

/** Removes NIDs that several machines share, with notes: discovery restarts the numbers for each BMC. */
export function dropSharedNids(machines: readonly Machine[], notes: Notes): void {
  const holding = machines.flatMap((machine) => (machine.nid ? [[machine.nid.value, machine] as const] : []));
  for (const [nid, holders] of grouped(holding)) {
    const isTooLarge = nid < 1 || nid > 2147483647;
    if (holders.length < 2 && !isTooLarge) continue;
    const why = isTooLarge
      ? 'not a valid NID of a node'
      : `${calledAs(holders[0])} and ${holders.length - 1} more have it: a NID must be unique. Discovery restarts the numbers for each BMC`;
    for (const machine of holders) {
      notes.left(`NID ${nid}`, why, machine.nid?.at);
      machine.nid = undefined;
    }
  }
}

/** An owner of machines, as in the site. */
export interface JoinedTenant {
  readonly name: string;
  readonly source: Sourced<string>;
  /** The network of its machines; undefined if it has no unique one. */
  readonly network: string | undefined;
}

/** Returns names for the networks that tenants boot from, by their names in the files, if no file contains a subnet. */
export function openNetworksOf(machines: readonly Machine[]): ReadonlyMap<string, string> {
  const labels = machines.flatMap((machine) => (machine.tenant && bootNicOf(machine)?.network?.value) ?? []);
  return uniqueNames(labels);
}

/** Returns the tenants of machines, by their names in the files; adds notes on those without a separate network. */
export function tenantsOf(
  machines: readonly Machine[],
  networks: readonly JoinedNetwork[],
  openNetworks: ReadonlyMap<string, string>,
  notes: Notes,
): ReadonlyMap<string, JoinedTenant> {
  const owned = machines.flatMap((machine) => {
    const { tenant } = machine;
    if (!tenant) return [];
    const nic = bootNicOf(machine);
    const open = openNetworks.get(nic?.network?.value ?? '');
    return [{ tenant, network: (nic && networkOfNic(nic, networks)?.name) ?? open }];
  });
  const names = uniqueNames(owned.map(({ tenant }) => tenant.value));
  const tenants = new Map<string, JoinedTenant>();
  for (const { tenant: source } of owned) {
    const { value, at } = source;
    const name = names.get(value) ?? value;
    if (tenants.has(value)) continue;
    if (name !== value) notes.changed(source, `the tenant is named ${name}, in the form of names of a site`);
    const own = distinct(owned.flatMap(({ tenant, network }) => (tenant.value === value && network) || []));
    const [network = ''] = own;
    const owners = distinct(owned.flatMap((one) => (one.network === network ? one.tenant.value : [])));
    const isOwn = own.length === 1 && owners.length === 1;
    if (!isOwn) notes.open(`tenants.${name}.network`, whyNoNetwork(own, owners.length), at);
    tenants.set(value, { name, source, network: isOwn ? network : undefined });
  }
  return tenants;
}

function distinct(all: readonly string[]): string[] {
  return [...new Set(all)];
}

function whyNoNetwork(networks: readonly string[], owners: number): string {
  const [network, second] = networks;
  if (network === undefined)
    return 'the network of its nodes was not found in the files read: each tenant needs a separate network';
  if (second !== undefined)
    return `its nodes boot on several networks, ${networks.join(', ')}: a tenant must have one network`;
  return `${owners} projects have nodes on ${network}, but each tenant needs a separate network to keep its data private: add one for each, or remove tenants and every tenant key`;
}

/** Returns a unique name for each text, in the form of names of a site. */
function uniqueNames(all: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const value of distinct(all)) names.set(value, freeName(siteNameOf(value) ?? 'other', taken));
  return names;
}

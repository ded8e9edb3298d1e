import { freeName, quoteVisibly, siteNameOf } from '../names.ts';
import type { Notes } from '../notes.ts';
import type { GatheredGroup, Said } from './gathered.ts';
import { calledAs, type Machine } from './machine.ts';

/** A group of the site that is made. */
export interface JoinedGroup {
  readonly name: string;
  group: GatheredGroup | undefined;
}

/**
 * Gives the groups that files define or machines are in, by their names in the site, and puts their members into them. Notes
 * members that no file knows, and names that had to be changed.
 */
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
        notes.addOf(
          'left',
          member,
          `a member of ${quoteVisibly(group.name.value)}, and no file has such a machine`,
        );
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
  name: Said<string>,
  notes: Notes,
  group?: GatheredGroup,
): void {
  const known = groups.get(name.value);
  if (!known) {
    const taken = new Set(Array.from(groups.values(), (one) => one.name));
    const own = freeName(siteNameOf(name.value) ?? 'group', taken);
    if (own !== name.value) notes.addOf('changed', name, `the group is called ${own} in the site`);
    groups.set(name.value, { name: own, group });
  } else if (group) {
    const { at, description, metaData, userData } = known.group ?? {};
    if (userData && group.userData && userData.value !== group.userData.value)
      notes.add(
        'left',
        quoteVisibly(name.value),
        'its cloud-config is said twice, and differs: the first counts',
        group.userData.at,
      );
    known.group = {
      at: at ?? group.at,
      name: group.name,
      description: description ?? group.description,
      metaData: metaData ?? group.metaData,
      userData: userData ?? group.userData,
    };
  }
}

/** Takes NIDs away that several machines have, and notes them: discovery numbers the nodes of each BMC from 1 on. */
export function dropSharedNids(machines: readonly Machine[], notes: Notes): void {
  const byNid = new Map<number, Machine[]>();
  for (const machine of machines)
    if (machine.nid) {
      const holders = byNid.get(machine.nid.value) ?? [];
      holders.push(machine);
      byNid.set(machine.nid.value, holders);
    }
  for (const [nid, holders] of byNid) {
    const isTooLarge = nid < 1 || nid > 2147483647;
    if (holders.length < 2 && !isTooLarge) continue;
    for (const machine of holders) {
      notes.add(
        'left',
        `NID ${nid}`,
        isTooLarge
          ? 'no number that a node can have'
          : `${calledAs(holders[0] as Machine)} and ${holders.length - 1} more have it: a NID is one node's. Discovery numbers the nodes of each BMC anew`,
        machine.nid?.at,
      );
      machine.nid = undefined;
    }
  }
}

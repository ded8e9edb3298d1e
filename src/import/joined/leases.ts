import { quoteVisibly } from '../names.ts';
import type { Notes } from '../notes.ts';
import type { GatheredMachine, GatheredNic } from './gathered.ts';
import { calledAs, type Machine } from './machine.ts';
import type { Meeting } from './meet.ts';

/**
 * Adds what a DHCP server has given out for a while, behind all that files state: it says what these do not, and gives way where
 * they say otherwise. A lease of a machine that no file states is no node's, unless there are leases alone; these are noted.
 */
export function addLeases(meeting: Meeting, leases: readonly GatheredMachine[], notes: Notes): void {
  const isAlone = meeting.machines.length === 0;
  for (const lease of leases) {
    const machine = isAlone ? undefined : meeting.find(lease);
    if (isAlone) meeting.add(lease);
    else if (machine) meeting.add(without(lease, machine, notes));
    else
      notes.add(
        'left',
        quoteVisibly(lease.name?.value ?? lease.nics?.[0]?.mac?.value ?? ''),
        'a lease of a machine that no other file names: import the leases alone, if all of them are of nodes',
        lease.at,
      );
  }
}

/** A lease without what its machine is said to be otherwise. */
function without(lease: GatheredMachine, machine: Machine, notes: Notes): GatheredMachine {
  const isOther =
    machine.name && lease.name && machine.name.value.toLowerCase() !== lease.name.value.toLowerCase();
  if (isOther && lease.name)
    notes.add(
      'left',
      quoteVisibly(lease.name.value),
      `it called itself so for a lease: the node is called ${calledAs(machine)}`,
      lease.name.at,
    );
  return {
    ...lease,
    name: isOther ? undefined : lease.name,
    nics: lease.nics?.map((nic) => withoutAddress(nic, machine, notes)),
  };
}

function withoutAddress(nic: GatheredNic, machine: Machine, notes: Notes): GatheredNic {
  const stated = machine.nics.find(({ mac }) => mac !== undefined && mac.value === nic.mac?.value)?.ips[0];
  const [lease] = nic.ips ?? [];
  if (!stated || !lease || stated.value === lease.value) return nic;
  notes.add(
    'left',
    lease.value,
    `an old lease: ${stated.value} is stated for ${calledAs(machine)}`,
    lease.at,
  );
  return { ...nic, ips: [] };
}

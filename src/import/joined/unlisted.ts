import { isNodeXname } from '../../values/identifiers.ts';
import type { Notes } from '../notes.ts';
import type { GatheredBoot, GatheredGroup, GatheredMachine, GatheredNic } from './gathered.ts';
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
    const value = lease.name?.value ?? lease.nics?.[0]?.mac?.value ?? '';
    if (isAlone) meeting.add(lease);
    else if (machine) meeting.add(without(lease, machine, notes));
    else
      notes.addOf(
        'left',
        { value, at: lease.at },
        'a lease of a machine that no other file names: import the leases alone, if all of them are of nodes',
      );
  }
}

/** A lease without what its machine is said to be otherwise. */
function without(lease: GatheredMachine, machine: Machine, notes: Notes): GatheredMachine {
  const { name } = lease;
  const isOther = machine.name && machine.name.value.toLowerCase() !== name?.value.toLowerCase();
  if (isOther && name)
    notes.addOf('left', name, `it called itself so for a lease: the node is called ${calledAs(machine)}`);
  return {
    ...lease,
    name: isOther ? undefined : name,
    nics: lease.nics?.map((nic) => withoutAddress(nic, machine, notes)),
  };
}

function withoutAddress(nic: GatheredNic, machine: Machine, notes: Notes): GatheredNic {
  const stated = machine.nics.find(({ mac }) => mac !== undefined && mac.value === nic.mac?.value)?.ips[0];
  const [lease] = nic.ips ?? [];
  if (!stated || !lease || stated.value === lease.value) return nic;
  const why = `an old lease: ${stated.value} is stated for ${calledAs(machine)}`;
  notes.add('left', lease.value, why, lease.at);
  return { ...nic, ips: [] };
}

const JOIN_SMD = 'join what SMD has by --join smd:FILE';

/**
 * Gives the machines that boot parameters and groups name, for where no file lists machines: one for each xname of an entry
 * that has no MAC addresses, or one alone with all of them; else one for each MAC address, since nothing says whose it is; else
 * for each NID. Members of groups are machines, too.
 */
export function machinesOfBoots(
  boots: readonly GatheredBoot[],
  groups: readonly GatheredGroup[],
  notes: Notes,
): GatheredMachine[] {
  const machines = boots.flatMap((boot): GatheredMachine[] => {
    const { hosts = [], macs = [], nids = [] } = boot;
    const xnames = hosts.filter(({ value }) => isNodeXname(value));
    const [xname, second] = xnames;
    if (xname && !second && nids.length < 2)
      return [{ at: xname.at, xname, nid: nids[0], nics: macs.map((mac) => ({ mac, ips: [] })) }];
    if (macs.length > 0) {
      const why = `nothing says which of the MAC addresses are its: ${JOIN_SMD}`;
      for (const { value, at } of [...xnames, ...nids]) notes.add('left', String(value), why, at);
      return macs.map((mac) => ({ at: mac.at, nics: [{ mac, ips: [] }] }));
    }
    if (!xname) return nids.map((nid) => ({ at: nid.at, nid }));
    const why = `nothing says which of the xnames it is of: ${JOIN_SMD}`;
    for (const { value, at } of nids) notes.add('left', `NID ${value}`, why, at);
    return xnames.map((one) => ({ at: one.at, xname: one }));
  });
  const members = groups.flatMap(({ members: all = [] }) => all.filter(({ value }) => isNodeXname(value)));
  return [...machines, ...members.map((xname) => ({ at: xname.at, xname }))];
}

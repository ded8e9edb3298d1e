import { isNodeXname } from '../../values/identifiers.ts';
import type {
  GatheredBoot,
  GatheredDisk,
  GatheredGroup,
  GatheredMachine,
  GatheredNic,
  Sourced,
} from '../model/gathered.ts';
import type { Findings, Notes } from '../model/notes.ts';
import { OF_BMC } from './bmcs.ts';
import {
  firstOf,
  isSameText,
  mergedHarvester,
  mergedValues,
  reportConflict,
  withoutNothing,
} from './first-wins.ts';
import { type Bmc, bootNicOf, calledAs, type Machine, type Nic } from './machine.ts';

/** The values of a machine and of a virtual machine, with their names in messages. */
const OF_MACHINE = {
  xname: 'xname',
  nid: 'NID',
  uuid: 'UUID',
  serial: 'serial number',
  arch: 'architecture',
  firmware: 'firmware',
  tenant: 'project',
  hostName: 'host name',
} as const;
const OF_VM = {
  memory: 'memory',
  vcpus: 'number of CPUs',
  secureBoot: 'Secure Boot',
  disk: 'size of the disk',
} as const;

/**
 * Merges the data of machines from several files, by xname, MAC address, UUID, name and IP address, in that order. Different
 * xnames mean different machines, even with other equal identifiers. The first value applies; differences are reported.
 */
export class MachineMerger {
  readonly #findings: Findings;
  readonly #machines = new Set<Machine>();
  /** By the type of an identifier, as a letter, and its value. */
  readonly #known = new Map<string, Machine>();
  /** The machines that turned out to be others. */
  readonly #united = new Map<Machine, Machine>();
  /** The reported pairs of different names for one network. */
  readonly #networkNames = new Set<string>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** The machines, in the order of their first occurrence. */
  get machines(): Machine[] {
    return [...this.#machines];
  }

  /** `known` are the machines that it is, by default those with its identifiers. */
  add(input: GatheredMachine, known = input.isOther ? [] : this.#candidates(input)): void {
    const [machine = { at: input.at, groups: [], nics: [] }, ...others] = known;
    this.#machines.add(machine);
    for (const other of others) {
      this.#machines.delete(other);
      // First, because merging would take the other's identifiers for those of another machine.
      this.#united.set(other, machine);
      this.#merge(machine, other);
    }
    this.#merge(machine, input);
  }

  /** Returns the known machine with these identifiers, or undefined. */
  find(input: GatheredMachine): Machine | undefined {
    return this.#candidates(input)[0];
  }

  /** The machines that this can be, the most certain first; each is compatible with it and with the ones before. */
  #candidates(input: GatheredMachine): Machine[] {
    const found: Machine[] = [];
    let xname = input.xname?.value;
    for (const key of keysOf(input)) {
      const machine = this.#holder(key);
      if (!machine || found.includes(machine)) continue;
      if (xname !== undefined && machine.xname && machine.xname.value !== xname) continue;
      // An IP address is not enough if both have a MAC address for it.
      if (key.startsWith('i ') && hasOtherMac(machine, input, key.slice(2))) continue;
      // A name is not enough either, unless the machine has no other identifier.
      if (
        key.startsWith('n ') &&
        found.length > 0 &&
        keysOf(machine).some((other) => !other.startsWith('n '))
      )
        continue;
      found.push(machine);
      xname ??= machine.xname?.value;
    }
    return found;
  }

  #holder(key: string): Machine | undefined {
    let machine = this.#known.get(key);
    for (let united = machine; united; united = this.#united.get(united)) machine = united;
    if (machine) this.#known.set(key, machine);
    return machine;
  }

  #merge(machine: Machine, { at, isLease: _, groups, nics, vm, bmc, harvester, ...input }: GatheredMachine) {
    const context = { whose: calledAs(machine), findings: this.#findings };
    firstOf('disk', diskText(machine.disk), diskText(input.disk), context);
    for (const key of ['role', 'subrole'] as const) {
      const [known, other] = [machine[key], input[key]];
      if (known && other && !isSameText(known, other)) reportConflict(key, known, other, context);
    }
    this.#reportName(machine, { at, ...input });
    Object.assign(machine, mergedValues(withoutNothing(machine), input, OF_MACHINE, context));
    if (vm) machine.vm = mergedValues(machine.vm, vm, OF_VM, context);
    if (bmc) machine.bmc = mergedValues<Bmc>(machine.bmc, bmc, OF_BMC, context);
    machine.harvester = mergedHarvester(machine.harvester, harvester, context);
    for (const group of groups ?? [])
      if (!machine.groups.some(({ value }) => value === group.value)) machine.groups.push(group);
    for (const nic of nics ?? []) this.#mergeNic(machine, nic);
    for (const key of keysOf(machine)) if (!this.#known.has(key)) this.#known.set(key, machine);
  }

  /** Names are compared as host names, which are case-insensitive. */
  #reportName(machine: Machine, { name, aliases = [] }: GatheredMachine): void {
    const known = machine.name;
    const isAlias = [...(machine.aliases ?? []), ...aliases].some(
      ({ value }) => value === known?.value || value === name?.value,
    );
    if (!known || !name || isAlias || isSameText(known, name)) return;
    // If both are in one file, two machines were probably intended.
    const help =
      known.at.source === name.at.source
        ? `${name.value} is not in the site, because it has the same identifier as ${known.value}, such as the MAC address: correct it, or remove one of the two`
        : undefined;
    reportConflict('name', known, name, { whose: calledAs(machine), findings: this.#findings }, help);
  }

  #mergeNic(machine: Machine, input: GatheredNic): void {
    const mac = this.#macFor(machine, input.mac);
    const { ips = [] } = input;
    if (input.mac && !mac && ips.length === 0) return;
    const nic = nicFor(machine, mac, ips);
    nic.mac ??= mac;
    const context = { whose: nic.mac?.value ?? calledAs(machine), findings: this.#findings };
    nic.name = firstOf('NIC name', nic.name, input.name, context);
    nic.network = this.#network(nic, input, context.whose);
    nic.boots ||= input.boots ?? false;
    for (const ip of ips) {
      if (nic.ips.some(({ value }) => value === ip.value)) continue;
      const [known] = nic.ips;
      if (known && known.at.source.file !== ip.at.source.file)
        reportConflict('IP address', known, ip, context);
      else nic.ips.push(ip);
    }
  }

  /** Names of networks are labels of each system, so two different ones are reported only once. */
  #network({ network: first }: Nic, { network: other }: GatheredNic, whose: string): Nic['network'] {
    if (!first || !other || isSameText(first, other)) return first ?? other;
    const names = [first, other].map(({ value }) => value.toLowerCase());
    const pair = names.sort().join('\n');
    const help =
      'correct the wrong name; or, if both are names of one network, ignore this: further NICs with them are not listed';
    if (!this.#networkNames.has(pair))
      reportConflict('network', first, other, { whose, findings: this.#findings }, help);
    this.#networkNames.add(pair);
    return first;
  }

  /** A MAC address belongs to one machine: the first with it. */
  #macFor(machine: Machine, mac: Sourced<string> | undefined): Sourced<string> | undefined {
    const holder = mac && this.#holder(`m ${mac.value}`);
    if (!mac || !holder || holder === machine) return mac;
    const first = holder.nics.find((nic) => nic.mac?.value === mac.value)?.mac;
    const message = `The MAC address ${mac.value} belongs to ${calledAs(machine)} here, but to ${calledAs(holder)} in an earlier entry, which takes precedence.`;
    const related = ['the MAC address in effect is at', first?.at] as const;
    this.#findings.warning('import-conflict', mac.at, message, 'correct the wrong MAC address', related);
    return undefined;
  }
}

/** Returns the NIC that a file describes: by MAC address, by IP address, or the only one that lacks these values. */
function nicFor(machine: Machine, mac: Sourced<string> | undefined, ips: readonly Sourced<string>[]): Nic {
  const { nics } = machine;
  const [only, second] = nics;
  const booting = bootNicOf(machine);
  const isLacking =
    !second && (mac ? !only?.mac && (ips.length === 0 || only?.ips.length === 0) : only?.ips.length === 0);
  const found =
    (mac && nics.find((nic) => nic.mac?.value === mac.value)) ??
    nics.find(
      (nic) => (!nic.mac || !mac) && ips.some(({ value }) => nic.ips.some((ip) => ip.value === value)),
    ) ??
    (isLacking ? only : undefined) ??
    (!mac && ips.length > 0 && booting?.ips.length === 0 ? booting : undefined);
  if (found) return found;
  const nic: Nic = { ips: [], boots: false };
  nics.push(nic);
  return nic;
}

/** Returns the disk that a machine boots as a text; two files can each contain a part of one target. */
function diskText(disk: GatheredDisk | undefined): Sourced<string> | undefined {
  const { target, server, lun } = disk?.san ?? {};
  const number = lun && lun.value !== 1 ? `LUN ${lun.value} of ` : '';
  const text = target ? `${number}${target.value}${server ? ` at ${server.value}` : ''}` : 'its own';
  return disk && { value: text, at: disk.at };
}

/** Returns the identifiers of a machine, each with a letter for its type; the most certain first. */
function keysOf({ xname, uuid, name, aliases = [], nics = [] }: GatheredMachine): string[] {
  const identifiers = [
    ['x', xname],
    ...nics.map(({ mac }) => ['m', mac] as const),
    ['u', uuid],
    ...[name, ...aliases].map((one) => ['n', one] as const),
    ...nics.flatMap(({ ips = [] }) => ips.map((ip) => ['i', ip] as const)),
  ] as const;
  return identifiers.flatMap(([letter, known]) => (known ? `${letter} ${known.value.toLowerCase()}` : []));
}

function hasOtherMac(machine: Machine, input: GatheredMachine, ip: string): boolean {
  const [one, other] = [machine, input].map(
    ({ nics = [] }) => nics.find(({ ips = [] }) => ips.some(({ value }) => value === ip))?.mac?.value,
  );
  return one !== undefined && other !== undefined && one !== other;
}

/**
 * Adds the leases of a DHCP server and the names of hosts files after the contents of all other files, which take precedence.
 * Adds a note on each of an otherwise unknown machine, which is a node only if all files contain only such.
 */
export function addLeases(merger: MachineMerger, leases: readonly GatheredMachine[], notes: Notes): void {
  const isAlone = merger.machines.length === 0;
  const isNamed = ({ nics }: GatheredMachine) => !nics?.some(({ mac }) => mac);
  const leased = leases.filter((lease) => !isNamed(lease));
  const named = leases.filter(isNamed);
  for (const lease of isAlone ? [...leased, ...named] : [...named, ...leased]) {
    const isAdded = isAlone && (leased.length === 0 || !isNamed(lease));
    const machine = isAdded ? undefined : merger.find(lease);
    const value = lease.name?.value ?? lease.nics?.[0]?.mac?.value ?? '';
    const { aliases: _, name, nics, ...others } = lease;
    const isKnown = machine?.nics.some(({ ips }) => ips.length > 0);
    if (isAdded) merger.add({ ...others, name, nics: nics ?? [] });
    else if (machine && isNamed(lease))
      merger.add({ ...others, name: machine.name ?? name, nics: (!isKnown && nics) || [] }, [machine]);
    else if (machine) merger.add(withoutOldValues(lease, machine, notes));
    else
      notes.left(
        { value, at: lease.at },
        isNamed(lease)
          ? 'a name in a hosts file, and of no machine in another file: import only the hosts file if all of them are nodes'
          : 'a lease of a machine in no other file: import only the leases if all of them are of nodes',
      );
  }
}

/** Returns a lease without the values that differ from those of its machine, with notes. */
function withoutOldValues(lease: GatheredMachine, machine: Machine, notes: Notes): GatheredMachine {
  const { name, nics } = lease;
  const isOther = machine.name && machine.name.value.toLowerCase() !== name?.value.toLowerCase();
  if (isOther && name) notes.left(name, `the client name in a lease: the node is named ${calledAs(machine)}`);
  return {
    ...lease,
    name: isOther ? undefined : name,
    nics: nics?.map((nic) => {
      const known = machine.nics.find(({ mac }) => mac && mac.value === nic.mac?.value)?.ips[0];
      const [ip] = nic.ips ?? [];
      if (!known || !ip || known.value === ip.value) return nic;
      notes.left(ip.value, `an old lease: ${known.value} is set for ${calledAs(machine)}`, ip.at);
      return { ...nic, ips: [] };
    }),
  };
}

const JOIN_SMD = 'add data of SMD with --join smd:FILE';

/**
 * Returns the machines of boot parameters and groups, if no file lists machines. An entry without MAC addresses has one for
 * each xname; an entry with one xname has one machine with all its MAC addresses. Other entries have one for each MAC
 * address, whose machine is unknown, otherwise for each NID. Members of groups are machines too.
 */
export function machinesOfBoots(
  boots: readonly GatheredBoot[],
  groups: readonly GatheredGroup[],
  notes: Notes,
): GatheredMachine[] {
  const xnamesOf = (names: readonly Sourced<string>[] = []) =>
    names.filter(({ value }) => isNodeXname(value));
  const machines = boots.flatMap(({ hosts, macs = [], nids = [] }): GatheredMachine[] => {
    const xnames = xnamesOf(hosts);
    const [xname, second] = xnames;
    if (xname && !second && nids.length < 2)
      return [{ at: xname.at, xname, nid: nids[0], nics: macs.map((mac) => ({ mac })) }];
    if (macs.length > 0) {
      const why = `its MAC addresses are unknown: ${JOIN_SMD}`;
      for (const { value, at } of [...xnames, ...nids]) notes.left(String(value), why, at);
      return macs.map((mac) => ({ at: mac.at, nics: [{ mac }] }));
    }
    if (!xname) return nids.map((nid) => ({ at: nid.at, nid }));
    const why = `its xname is unknown: ${JOIN_SMD}`;
    for (const { value, at } of nids) notes.left(`NID ${value}`, why, at);
    return xnames.map((one) => ({ at: one.at, xname: one }));
  });
  const members = groups.flatMap((group) => xnamesOf(group.members));
  return [...machines, ...members.map((xname) => ({ at: xname.at, xname }))];
}

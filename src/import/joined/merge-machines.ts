import type { Report } from '../../source/diagnostics/report.ts';
import { isNodeXname } from '../../values/identifiers.ts';
import { escapeControlChars } from '../../values/text.ts';
import type {
  GatheredBoot,
  GatheredGroup,
  GatheredMachine,
  GatheredNic,
  Sourced,
} from '../model/gathered.ts';
import type { Notes } from '../model/notes.ts';
import {
  type Bmc,
  bootNicOf,
  calledAs,
  firstDisk,
  firstOf,
  isSameText,
  type Machine,
  mergedValues,
  type Nic,
  OF_BMC,
  OF_VM,
  reportConflict,
} from './machine.ts';
import { mergedHarvester } from './merge-harvester.ts';

/**
 * Merges the data of machines from several files, by xname, MAC address, UUID, name and IP address, in that order. Different
 * xnames mean different machines, even with other equal identifiers. The first value applies; differences are reported.
 */
export class MachineMerger {
  readonly #report: Report;
  readonly #machines = new Set<Machine>();
  /** By the type of an identifier, as a letter, and its value. */
  readonly #known = new Map<string, Machine>();
  readonly #keys = new Map<Machine, string[]>();
  /** The reported pairs of different names for one network. */
  readonly #networkNames = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** The machines, in the order of their first occurrence. */
  get machines(): Machine[] {
    return [...this.#machines];
  }

  add(input: GatheredMachine): Machine {
    const [machine = this.#begin(input), ...others] = this.#candidates(input);
    for (const other of others) this.#unite(machine, other);
    this.#merge(machine, input);
    return machine;
  }

  /** Returns the known machine with these identifiers, or undefined. */
  find(input: GatheredMachine): Machine | undefined {
    return this.#candidates(input)[0];
  }

  #begin({ at }: GatheredMachine): Machine {
    const machine: Machine = { at, groups: [], nics: [] };
    this.#machines.add(machine);
    return machine;
  }

  /** The machines that this can be, the most certain first; each is compatible with it and with the ones before. */
  #candidates(input: GatheredMachine): Machine[] {
    const found: Machine[] = [];
    let xname = input.xname?.value;
    for (const key of keysOf(input)) {
      const machine = this.#known.get(key);
      if (!machine || found.includes(machine)) continue;
      if (xname !== undefined && machine.xname && machine.xname.value !== xname) continue;
      // An IP address is not enough if both have a MAC address for it.
      if (key.startsWith('i ') && hasOtherMac(machine, input, key.slice(2))) continue;
      // A name is not enough either, unless the machine has no other identifier.
      if (key.startsWith('n ') && found.length > 0 && !isNameAlone(machine)) continue;
      found.push(machine);
      xname ??= machine.xname?.value;
    }
    return found;
  }

  /** Merges two machines that a file has shown to be the same. */
  #unite(machine: Machine, other: Machine): void {
    this.#machines.delete(other);
    // First, because merging would take the other's identifiers for those of another machine.
    for (const key of this.#keys.get(other) ?? []) this.#know(key, machine);
    this.#keys.delete(other);
    this.#merge(machine, other);
  }

  #know(key: string, machine: Machine): void {
    this.#known.set(key, machine);
    this.#keys.set(machine, [...(this.#keys.get(machine) ?? []), key]);
  }

  #merge(machine: Machine, input: GatheredMachine): void {
    const whose = calledAs(machine);
    const first = <T extends string | number>(
      what: string,
      one: Sourced<T> | undefined,
      other: Sourced<T> | undefined,
    ) => firstOf(one, other, { what, whose, report: this.#report });
    machine.xname = first('xname', machine.xname, input.xname);
    machine.name = this.#name(machine, input);
    machine.nid = first('NID', machine.nid, input.nid);
    machine.uuid = first('UUID', machine.uuid, input.uuid);
    machine.serial = first('serial number', machine.serial, input.serial);
    machine.arch = first('architecture', machine.arch, input.arch);
    machine.firmware = first('firmware', machine.firmware, input.firmware);
    machine.tenant = first('project', machine.tenant, input.tenant);
    machine.loader ??= input.loader;
    machine.disk = firstDisk(machine.disk, input.disk, whose, this.#report);
    for (const [key, own, other] of [
      ['role', machine.role, input.role],
      ['subrole', machine.subrole, input.subrole],
    ] as const)
      machine[key] = own && other && isSameText(own, other) ? own : first(key, own, other);
    machine.hostName = first('host name', machine.hostName, input.hostName);
    const context = { whose, report: this.#report };
    if (input.vm) machine.vm = mergedValues(machine.vm, input.vm, OF_VM, context);
    machine.metaData ??= input.metaData;
    machine.harvester = mergedHarvester(machine.harvester, input.harvester, context);
    if (input.bmc) machine.bmc = mergedValues<Bmc>(machine.bmc, input.bmc, OF_BMC, context);
    for (const group of input.groups ?? [])
      if (!machine.groups.some(({ value }) => value === group.value)) machine.groups.push(group);
    for (const nic of input.nics ?? []) this.#mergeNic(machine, nic);
    for (const key of keysOf(machine)) if (!this.#known.has(key)) this.#know(key, machine);
  }

  /** Names are compared as host names, which are case-insensitive. */
  #name(machine: Machine, { name }: GatheredMachine): Sourced<string> | undefined {
    const own = machine.name;
    if (!own || !name) return own ?? name;
    // Both are in one file, so two machines were probably intended.
    const help =
      own.at.source === name.at.source
        ? escapeControlChars(
            `${name.value} is not in the site, because it has the same identifier as ${own.value}, such as the MAC address: correct it, or remove one of the two`,
          )
        : undefined;
    if (!isSameText(own, name)) reportConflict('name', calledAs(machine), own, name, this.#report, help);
    return own;
  }

  #mergeNic(machine: Machine, input: GatheredNic): void {
    const mac = this.#macFor(machine, input.mac);
    if (input.mac && !mac && (input.ips ?? []).length === 0) return;
    const nic = nicFor(machine, mac, input);
    nic.mac ??= mac;
    const whose = nic.mac?.value ?? calledAs(machine);
    nic.name = firstOf(nic.name, input.name, { what: 'NIC name', whose, report: this.#report });
    nic.network = this.#network(nic, input, whose);
    nic.boots ||= input.boots ?? false;
    for (const ip of input.ips ?? []) {
      if (nic.ips.some(({ value }) => value === ip.value)) continue;
      const [known] = nic.ips;
      if (known && known.at.source.file !== ip.at.source.file)
        reportConflict('IP address', whose, known, ip, this.#report);
      else nic.ips.push(ip);
    }
  }

  /** Names of networks are labels of each system, so two different ones are reported only once. */
  #network({ network: first }: Nic, { network: other }: GatheredNic, whose: string): Nic['network'] {
    if (!first || !other || isSameText(first, other)) return first ?? other;
    const pair = [first, other]
      .map(({ value }) => value.toLowerCase())
      .sort()
      .join('\n');
    const help =
      'correct the wrong name; or, if both are names of one network, ignore this: further NICs with them are not listed';
    if (!this.#networkNames.has(pair)) reportConflict('network', whose, first, other, this.#report, help);
    this.#networkNames.add(pair);
    return first;
  }

  /** A MAC address belongs to one machine: the first with it. */
  #macFor(machine: Machine, mac: Sourced<string> | undefined): Sourced<string> | undefined {
    const holder = mac && this.#known.get(`m ${mac.value}`);
    if (!mac || !holder || holder === machine) return mac;
    const first = holder.nics.find((nic) => nic.mac?.value === mac.value)?.mac;
    this.#report.warning({
      code: 'import-conflict',
      message: escapeControlChars(
        `The MAC address ${mac.value} belongs to ${calledAs(machine)} here, but to ${calledAs(holder)} in an earlier entry, which takes precedence.`,
      ),
      at: mac.at,
      related: first && [{ message: 'the MAC address in effect is at', at: first.at }],
      help: 'correct the wrong MAC address',
    });
    return undefined;
  }
}

/** Returns the NIC that a file describes: by MAC address, by IP address, or the only one that lacks these values. */
function nicFor(machine: Machine, mac: Sourced<string> | undefined, input: GatheredNic): Nic {
  const ips = input.ips ?? [];
  const { nics } = machine;
  const [only, second] = nics;
  const booting = bootNicOf(machine);
  const isLacking =
    only &&
    !second &&
    ((mac && !only.mac && (ips.length === 0 || only.ips.length === 0)) || (!mac && only.ips.length === 0));
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

/** Returns the identifiers of a machine, each with a letter for its type; the most certain first. */
export function keysOf({ xname, uuid, name, nics = [] }: GatheredMachine): string[] {
  const key = (letter: string, input: Sourced<string> | undefined) =>
    input ? [`${letter} ${input.value.toLowerCase()}`] : [];
  return [
    ...key('x', xname),
    ...nics.flatMap(({ mac }) => key('m', mac)),
    ...key('u', uuid),
    ...key('n', name),
    ...nics.flatMap(({ ips = [] }) => ips.flatMap((ip) => key('i', ip))),
  ];
}

/** Whether a name is the only identifier of a machine. */
function isNameAlone({ xname, uuid, nics }: Machine): boolean {
  return !xname && !uuid && nics.every(({ mac, ips }) => !mac && ips.length === 0);
}

function hasOtherMac(machine: Machine, input: GatheredMachine, ip: string): boolean {
  const macAt = (nics: readonly GatheredNic[]) =>
    nics.find(({ ips = [] }) => ips.some(({ value }) => value === ip))?.mac?.value;
  const one = macAt(machine.nics);
  const other = macAt(input.nics ?? []);
  return one !== undefined && other !== undefined && one !== other;
}

/**
 * Adds the leases of a DHCP server after the contents of all other files, which take precedence. Adds a note on each lease
 * of an otherwise unknown machine, which is a node only if all files contain only leases.
 */
export function addLeases(merger: MachineMerger, leases: readonly GatheredMachine[], notes: Notes): void {
  const isAlone = merger.machines.length === 0;
  for (const lease of leases) {
    const machine = isAlone ? undefined : merger.find(lease);
    const value = lease.name?.value ?? lease.nics?.[0]?.mac?.value ?? '';
    if (isAlone) merger.add(lease);
    else if (machine) merger.add(without(lease, machine, notes));
    else
      notes.left(
        { value, at: lease.at },
        'a lease of a machine in no other file: import only the leases if all of them are of nodes',
      );
  }
}

function without(lease: GatheredMachine, machine: Machine, notes: Notes): GatheredMachine {
  const { name } = lease;
  const isOther = machine.name && machine.name.value.toLowerCase() !== name?.value.toLowerCase();
  if (isOther && name) notes.left(name, `the client name in a lease: the node is named ${calledAs(machine)}`);
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
  const why = `an old lease: ${stated.value} is set for ${calledAs(machine)}`;
  notes.left(lease.value, why, lease.at);
  return { ...nic, ips: [] };
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
  const machines = boots.flatMap((boot): GatheredMachine[] => {
    const { hosts = [], macs = [], nids = [] } = boot;
    const xnames = hosts.filter(({ value }) => isNodeXname(value));
    const [xname, second] = xnames;
    if (xname && !second && nids.length < 2)
      return [{ at: xname.at, xname, nid: nids[0], nics: macs.map((mac) => ({ mac, ips: [] })) }];
    if (macs.length > 0) {
      const why = `its MAC addresses are unknown: ${JOIN_SMD}`;
      for (const { value, at } of [...xnames, ...nids]) notes.left(String(value), why, at);
      return macs.map((mac) => ({ at: mac.at, nics: [{ mac, ips: [] }] }));
    }
    if (!xname) return nids.map((nid) => ({ at: nid.at, nid }));
    const why = `its xname is unknown: ${JOIN_SMD}`;
    for (const { value, at } of nids) notes.left(`NID ${value}`, why, at);
    return xnames.map((one) => ({ at: one.at, xname: one }));
  });
  const members = groups.flatMap(({ members: all = [] }) => all.filter(({ value }) => isNodeXname(value)));
  return [...machines, ...members.map((xname) => ({ at: xname.at, xname }))];
}

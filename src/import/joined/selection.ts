import type { Report } from '../../source/diagnostics/report.ts';
import { visible } from '../../values/quoting/visible.ts';
import type { Notes } from '../notes.ts';
import { quoteVisibly } from '../visibly.ts';
import type { GatheredBoot, Said } from './gathered.ts';
import { calledAs, type Machine } from './machine.ts';

/** How closely an entry names a machine. Source: OpenCHAMI/boot-service, pkg/controllers/bootscript (its scores). */
const CLOSENESS = { mac: 100, nid: 75, host: 50, group: 25, all: 1 } as const;

/** How closely pxelinux names machines, which has its own order: by UUID, MAC address and address. */
const CLOSENESS_BY_MENU = { uuid: 110, ip: 90 } as const;

interface Chosen {
  readonly boot: GatheredBoot;
  readonly closeness: number;
  /** What the entry names the machine by. */
  readonly by: Said<string | number>;
}

/** Which entry of what is booted is for which machine. */
export class Selection {
  readonly #report: Report;
  readonly #machines: readonly Machine[];
  readonly #byMac = new Map<string, Machine>();
  readonly #byNid = new Map<number, Machine>();
  readonly #byName = new Map<string, Machine>();
  readonly #byUuid = new Map<string, Machine>();
  readonly #byIp = new Map<string, Machine>();
  readonly #byGroup = new Map<string, Machine[]>();
  readonly #chosen = new Map<Machine, Chosen>();

  /** Takes the machines, and where contradictions go. */
  constructor(machines: readonly Machine[], report: Report) {
    this.#machines = machines;
    this.#report = report;
    for (const machine of machines) {
      const { nics, nid, xname, name, groups, role, uuid } = machine;
      for (const { mac, ips } of nics) {
        if (mac) this.#byMac.set(mac.value, machine);
        for (const ip of ips) this.#byIp.set(ip.value, machine);
      }
      if (uuid) this.#byUuid.set(uuid.value.toLowerCase(), machine);
      if (nid) this.#byNid.set(nid.value, machine);
      for (const one of [xname, name]) if (one) this.#byName.set(one.value.toLowerCase(), machine);
      for (const group of [...groups, ...(role ? [role] : [])]) {
        const key = group.value.toLowerCase();
        const members = this.#byGroup.get(key);
        if (members) members.push(machine);
        else this.#byGroup.set(key, [machine]);
      }
    }
  }

  /** The entry that is for a machine. */
  of(machine: Machine): GatheredBoot | undefined {
    return this.#chosen.get(machine)?.boot;
  }

  /** Adds an entry; notes what it names and no file knows. */
  add(boot: GatheredBoot, notes: Notes): void {
    for (const mac of boot.macs ?? []) {
      const machine = this.#byMac.get(mac.value);
      this.#choose(boot, machine, CLOSENESS.mac, mac, notes);
      // A machine boots from the NIC that it is named by.
      const nic = machine?.nics.find((one) => one.mac?.value === mac.value);
      if (nic && !machine?.nics.some(({ boots }) => boots)) nic.boots = true;
    }
    for (const uuid of boot.uuids ?? [])
      this.#choose(boot, this.#byUuid.get(uuid.value.toLowerCase()), CLOSENESS_BY_MENU.uuid, uuid, notes);
    for (const ip of boot.ips ?? [])
      this.#choose(boot, this.#byIp.get(ip.value), CLOSENESS_BY_MENU.ip, ip, notes);
    for (const nid of boot.nids ?? [])
      this.#choose(boot, this.#byNid.get(nid.value), CLOSENESS.nid, nid, notes);
    for (const host of boot.hosts ?? []) this.#addHost(boot, host, notes);
  }

  #addHost(boot: GatheredBoot, host: Said<string>, notes: Notes): void {
    const key = host.value.toLowerCase();
    const machine = this.#byName.get(key);
    if (!machine && /[*?[]/.test(key)) {
      this.#addPattern(boot, host, notes);
      return;
    }
    const members = key === 'default' ? this.#machines : this.#byGroup.get(key);
    if (machine || !members) this.#choose(boot, machine, CLOSENESS.host, host, notes);
    else
      for (const member of members)
        this.#choose(boot, member, key === 'default' ? CLOSENESS.all : CLOSENESS.group, host, notes);
  }

  /** A pattern of xnames, as Go's path.Match takes them. */
  #addPattern(boot: GatheredBoot, host: Said<string>, notes: Notes): void {
    const form = patternOf(host.value.toLowerCase());
    const members = form ? this.#machines.filter((one) => namesOf(one).some((name) => form.test(name))) : [];
    if (members.length === 0) this.#choose(boot, undefined, CLOSENESS.host, host, notes);
    for (const member of members) this.#choose(boot, member, CLOSENESS.host, host, notes);
  }

  #choose(
    boot: GatheredBoot,
    machine: Machine | undefined,
    closeness: number,
    by: Said<string | number>,
    notes: Notes,
  ): void {
    if (!machine) {
      notes.add(
        'left',
        typeof by.value === 'number' ? `NID ${by.value}` : quoteVisibly(by.value),
        'what it boots is said, and no file has such a machine',
        by.at,
      );
      return;
    }
    const known = this.#chosen.get(machine);
    const { priority = 0 } = boot;
    const { priority: knownPriority = 0 } = known?.boot ?? {};
    const isSame = known?.closeness === closeness;
    if (!known || known.closeness < closeness || (isSame && knownPriority < priority))
      this.#chosen.set(machine, { boot, closeness, by });
    else if (isSame && knownPriority === priority && known.boot.at !== boot.at && isOther(known.boot, boot))
      this.#report.warning({
        code: 'import-conflict',
        message: visible(`What ${calledAs(machine)} boots is said twice, and differs: the first counts.`),
        at: by.at,
        related: [{ message: 'the first is at', at: known.by.at }],
        help: 'take it out of the entry that is wrong',
      });
  }
}

function isOther(one: GatheredBoot, other: GatheredBoot): boolean {
  return (['kernel', 'initrd', 'params'] as const).some((key) => one[key]?.value !== other[key]?.value);
}

function namesOf({ xname, name }: Machine): string[] {
  return [xname, name].flatMap((said) => (said ? [said.value.toLowerCase()] : []));
}

/** Longer patterns, or ones with more stars, are no pattern of names. */
const LONGEST_PATTERN = 100;

/** Gives a pattern of file names as a regular expression; undefined where it is none. */
function patternOf(glob: string): RegExp | undefined {
  if (glob.length > LONGEST_PATTERN || glob.split('*').length > 4) return undefined;
  const source = glob.replace(/\[\^?[a-z0-9-]+\]|[\s\S]/g, (piece) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    return piece.length > 1 ? piece : piece.replace(/[^a-z0-9]/g, '\\$&');
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return undefined; // such as [z-a]
  }
}

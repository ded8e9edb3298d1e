import type { Report } from '../../source/diagnostics/report.ts';
import { visible } from '../../values/text.ts';
import { freeName, quoteVisibly, siteNameOf } from '../names.ts';
import type { Findings, Notes } from '../notes.ts';
import type { GatheredBoot, GatheredDisk, Said } from './gathered.ts';
import { type KernelParams, kernelParams, loaderOf, paramsOf } from './kernel-params.ts';
import { calledAs, type Machine } from './machine.ts';
import { keysOf } from './meet.ts';

/** What machines of a site boot, under a name. */
export interface BootProfile {
  readonly name: string;
  readonly boot: GatheredBoot;
  readonly kernel?: Said<string> | undefined;
  readonly initrd?: Said<string> | undefined;
  readonly params: KernelParams;
  readonly machines: readonly Machine[];
}

/** Tags of BSS that are for machines that it does not know, or for cloud-init alone. Source: OpenCHAMI/bss, boot_data.go. */
const NOBODYS = /^(unknown-.*|global)$/i;

/**
 * Gives what machines boot, one profile for what is the same. Of several entries that are for a machine the one counts that
 * names it most closely: by MAC address, NID, xname or name, group or role, and what is for all. Source: OpenCHAMI/boot-service,
 * pkg/controllers/bootscript.
 */
export function bootProfiles(
  machines: readonly Machine[],
  boots: readonly GatheredBoot[],
  { notes, report }: Findings,
): BootProfile[] {
  const images = boots.filter((boot) => !isForMachines(boot) && boot.params && (boot.kernel || boot.initrd));
  const selection = new Selection(machines, report);
  for (const boot of boots) {
    if (images.includes(boot)) continue;
    const hosts = (boot.hosts ?? []).filter((host) => {
      const isNobodys = NOBODYS.test(host.value);
      if (isNobodys) notes.addOf('left', host, 'an entry for machines that nobody knows: a site has none');
      return !isNobodys;
    });
    selection.add({ ...boot, hosts }, notes);
  }
  const profiles = new Map<string, { boot: GatheredBoot; machines: Machine[] }>();
  for (const machine of machines) {
    const boot = selection.of(machine);
    if (!boot) continue;
    if (machine.disk) {
      reportDisk(machine, machine.disk, boot, report);
      continue;
    }
    const params = paramsOf(boot, images);
    const key = [boot.kernel?.value, boot.initrd?.value, params?.value].join('\0');
    const known = profiles.get(key) ?? { boot: { ...boot, params }, machines: [] };
    known.machines.push(machine);
    profiles.set(key, known);
  }
  const taken = new Set<string>();
  return [...profiles.values()].map(({ boot, machines: those }) => ({
    name: profileName(boot, taken),
    boot,
    kernel: boot.kernel,
    initrd: boot.initrd,
    params: ownParams(boot, those, notes),
    machines: those,
  }));
}

function isForMachines({ hosts = [], macs = [], nids = [], ips = [], uuids = [] }: GatheredBoot): boolean {
  return hosts.length + macs.length + nids.length + ips.length + uuids.length > 0;
}

/** A disk that is a machine's own goes before what is for many; what is for the machine as well is a contradiction. */
function reportDisk(machine: Machine, disk: GatheredDisk, boot: GatheredBoot, report: Report): void {
  const { hosts = [] } = boot;
  if (hosts.length > 0 && hosts.every(({ value }) => value.toLowerCase() === 'default')) return;
  report.warning({
    code: 'import-conflict',
    message: visible(
      `What ${calledAs(machine)} boots is said twice: Linux by its kernel here, and a disk elsewhere. The disk counts.`,
    ),
    at: boot.at,
    related: [{ message: 'the disk is at', at: disk.at }],
    help: 'leave out the file that is wrong',
  });
}

/** The arguments, with the node's xname and NID as BSS adds them, where all nodes have them. */
function ownParams({ at, params }: GatheredBoot, machines: readonly Machine[], notes: Notes): KernelParams {
  const loader = machines.some(loaderOf) ? 'grub' : undefined;
  const made = params ? kernelParams(params, loader, notes) : { args: [] };
  const args = [...made.args];
  for (const key of ['xname', 'nid'] as const) {
    const arg = `${key}=\${node:${key}}`;
    const index = args.indexOf(arg);
    const lacking = machines.find((machine) => machine[key] === undefined);
    if (lacking && index >= 0) {
      args.splice(index, 1);
      notes.add('left', key, `an argument of the kernel, and ${calledAs(lacking)} has none`, at);
    } else if (lacking && machines.some((machine) => machine[key] !== undefined))
      notes.add(
        'left',
        key,
        `BSS added it to the kernel's arguments, and ${calledAs(lacking)} has none: once all have one, add ${arg} to the profile's args`,
        at,
      );
    else if (!lacking && !args.some((one) => one.startsWith(`${key}=`))) {
      args.push(arg);
      notes.add('changed', key, `BSS added it to the kernel's arguments: it is ${arg} there`, at);
    }
  }
  return { ...made, args };
}

/** Names a profile by the one group or role that it is for, else by its image, else by its number. */
function profileName({ hosts = [], params, kernel }: GatheredBoot, taken: Set<string>): string {
  const [only, second] = hosts;
  const tag = only && !second && !/^x\d+c/.test(only.value) ? only.value : undefined;
  const [, image] = /root=live:\S*?\/([^/\s?"]+)(?=[\s"?]|$)/.exec(params?.value ?? '') ?? [];
  const [, folder] = /\/([^/]+)\/[^/]+$/.exec(kernel?.value.replace(/^[a-z0-9]+:\/\/[^/]+/, '') ?? '') ?? [];
  const stem =
    [tag, image?.replace(/\.(squashfs|img|sqsh)$/, ''), folder]
      .map((text) => (text === undefined ? undefined : siteNameOf(text)))
      .find((text) => text !== undefined) ?? 'linux';
  return freeName(stem, taken);
}

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
class Selection {
  readonly #report: Report;
  readonly #machines: readonly Machine[];
  /** By a word for what machines are named by, and that. */
  readonly #known = new Map<string, Machine>();
  readonly #byGroup = new Map<string, Machine[]>();
  readonly #chosen = new Map<Machine, Chosen>();

  /** Takes the machines, and where contradictions go. */
  constructor(machines: readonly Machine[], report: Report) {
    this.#machines = machines;
    this.#report = report;
    for (const machine of machines) {
      const { nid, groups, role } = machine;
      const names = namesOf(machine).map((name) => `name ${name}`);
      for (const key of [...keysOf(machine), `nid ${nid?.value}`, ...names]) this.#known.set(key, machine);
      for (const { value } of role ? [...groups, role] : groups) {
        const key = value.toLowerCase();
        const members = this.#byGroup.get(key) ?? [];
        members.push(machine);
        this.#byGroup.set(key, members);
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
      const machine = this.#known.get(`m ${mac.value}`);
      this.#choose(boot, machine, CLOSENESS.mac, mac, notes);
      // A machine boots from the NIC that it is named by.
      const nic = machine?.nics.find((one) => one.mac?.value === mac.value);
      if (nic && !machine?.nics.some(({ boots }) => boots)) nic.boots = true;
    }
    const { uuids = [], ips = [], nids = [] } = boot;
    for (const [word, all, closeness] of [
      ['u', uuids, CLOSENESS_BY_MENU.uuid],
      ['i', ips, CLOSENESS_BY_MENU.ip],
      ['nid', nids, CLOSENESS.nid],
    ] as const)
      for (const one of all)
        this.#choose(
          boot,
          this.#known.get(`${word} ${String(one.value).toLowerCase()}`),
          closeness,
          one,
          notes,
        );
    for (const host of boot.hosts ?? []) this.#addHost(boot, host, notes);
  }

  #addHost(boot: GatheredBoot, host: Said<string>, notes: Notes): void {
    const key = host.value.toLowerCase();
    const machine = this.#known.get(`name ${key}`);
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

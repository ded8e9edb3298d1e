import { guessSecrets } from '../../source/guess-secrets.ts';
import type { SourceLocation } from '../../source/source.ts';
import { grouped } from '../../values/grouped.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import { quoteGrubArg, quoteIpxe, Unquotable } from '../../values/quoting.ts';
import { hasS3Url, isQuoteOpen } from '../../values/text.ts';
import type { GatheredBoot, GatheredDisk, Sourced } from '../model/gathered.ts';
import { isInstaller, splitParams } from '../model/kernel-params.ts';
import { displayName, freeName, siteNameOf } from '../model/names.ts';
import type { Findings, Notes } from '../model/notes.ts';
import { calledAs, type Machine } from './machine.ts';
import { keysOf } from './merge-machines.ts';

/** A kernel command line, as an inventory contains it. */
export interface KernelParams {
  /** The URL in `root=live:`. */
  readonly squashfs?: string | undefined;
  readonly overlay?: 'dracut' | 'overlayroot' | 'none' | undefined;
  /** Any other `root=`. */
  readonly root?: string | undefined;
  readonly args: readonly string[];
}

/** The arguments that harvgen writes for each overlay. */
const OVERLAYS = [
  ['overlayroot', ['overlayroot=tmpfs', 'overlayroot_cfgdisk=disabled']],
  ['dracut', ['rd.live.image', 'rd.live.overlay.overlayfs=1']],
] as const;

/** Arguments that harvgen adds itself, or that only the old server used. Source: OpenCHAMI/bss, default_api.go (buildParams). */
const ADDED: readonly (readonly [form: RegExp, why: string])[] = [
  [/^ds=nocloud/, "harvgen adds it for each node, with the URL of the node's own data"],
  [/^BOOTIF=/i, 'harvgen adds it for each node'],
  [/^initrd=/, 'harvgen adds it where the firmware needs it'],
  [/^bss_referral_token=/, 'only BSS used it'],
];

/** Arguments that contain a value of the node. */
const OWN: readonly (readonly [form: RegExp, value: string])[] = [
  [/^xname=x\d+c\d+s\d+b\d+n\d+$/, 'xname=${node:xname}'],
  [/^nid=\d+$/, 'nid=${node:nid}'],
];

/** Converts a kernel command line to the keys of an inventory; adds notes on dropped and changed arguments. */
function kernelParams(params: Sourced<string>, loader: 'grub' | undefined, notes: Notes): KernelParams {
  const { at } = params;
  const args: string[] = [];
  let squashfs: string | undefined;
  let root: string | undefined;
  for (const word of splitParams(params.value)) {
    const [, live] = /^root=live:(https?:\/\/\S+|s3:\/\/\S+)$/.exec(word) ?? [];
    const [, other] = /^root=(\S+)$/.exec(word) ?? [];
    const added = ADDED.find(([form]) => form.test(word));
    const own = OWN.find(([form]) => form.test(word));
    if (added) notes.changed(nameOf(word), added[1], at);
    else if (own) {
      notes.changed(nameOf(word), `it is now ${own[1]}, the value of each node`, at);
      args.push(own[1]);
    } else if (live !== undefined) squashfs = live;
    else if (!isKept(word, at, loader, notes)) continue;
    else if (other !== undefined) root = other;
    else args.push(word);
  }
  if (squashfs === undefined) return { root, args };
  const [overlay, known] = OVERLAYS.find(([, all]) => all.every((arg) => args.includes(arg))) ?? ['none', []];
  return { squashfs, overlay, args: args.filter((arg) => !(known as readonly string[]).includes(arg)) };
}

/** Whether an inventory can contain an argument of a kernel; adds a note if not. */
export function isKept(word: string, at: SourceLocation, loader: 'grub' | undefined, notes: Notes): boolean {
  const reason = refusalOf(word, loader);
  if (guessSecrets(word).length > 0)
    notes.open(
      nameOf(word),
      'an argument with a secret, which any client of the script can read: provide it to the node in another way',
      at,
    );
  else if (reason !== undefined) notes.left(nameOf(word), reason, at);
  else return true;
  return false;
}

/** Returns why an inventory or a boot loader rejects an argument, or undefined if it is valid. */
function refusalOf(word: string, loader: 'grub' | undefined): string | undefined {
  if (hasS3Url(word))
    return 'no service signs its s3:// URL for each request. Copy the file to server.images, and add the argument with its http:// URL; or fetch it in cloud_init, by a presigned URL as ${secret:…}';
  if (word.includes('${SPIRE_JOIN_TOKEN}'))
    return 'BSS requested the token for each boot, and any user of the machine could read it: write a join token to a file in cloud_init, as ${secret:…}';
  if (/\$\{/.test(word)) return 'the old server substituted it, which a site does not';
  if (!/^[ -~]+$/.test(word) || word.includes('@@secret:')) return 'an argument must be printable ASCII';
  if (isQuoteOpen(word))
    return 'its double quote is not closed, so that the kernel read the rest as the same argument: close it, and add it to args of the profile';
  if (word.split(' ').some((part) => isRefused(() => quoteIpxe(part))))
    return 'an iPXE script cannot contain it: a word that begins with # or is ||, && or ; ends a command, and several blanks become one. Put it in the image';
  if (loader === 'grub' && isRefused(() => quoteGrubArg(word)))
    return 'GRUB, which boots these machines, adds a backslash before each quote and backslash: put it in the image';
  return undefined;
}

function isRefused(quote: () => string): boolean {
  try {
    quote();
    return false;
  } catch (error) {
    if (!(error instanceof Unquotable)) throw error;
    return true;
  }
}

/** Returns the name of an argument for notes, without its value. */
export function nameOf(word: string): string {
  const [name = ''] = /^[^=\s]+/.exec(word.replaceAll('"', '')) ?? [];
  return /^[\w.-]+$/.test(name) ? name : name === '' ? 'params' : displayName(name);
}

/** Returns the kernel command line of an entry, with the parameters that BSS adds for its kernel or initrd. */
function paramsOf(boot: GatheredBoot, images: readonly GatheredBoot[]): Sourced<string> | undefined {
  const further = images.filter(
    ({ kernel, initrd }) =>
      (kernel && kernel.value === boot.kernel?.value) || (initrd && initrd.value === boot.initrd?.value),
  );
  const all = [boot, ...further.filter((one) => one !== boot)].flatMap(({ params }) => params ?? []);
  const [first] = all;
  return first && { value: all.map(({ value }) => value).join(' '), at: first.at };
}

/** Returns the boot loader of a machine, or undefined for the default. Firmware with Secure Boot does not run iPXE. */
export function loaderOf({ vm, firmware }: Machine): 'grub' | undefined {
  return vm?.secureBoot?.value && firmware?.value !== 'bios' ? 'grub' : undefined;
}

/** Adds a note on each machine with another boot loader, with the reason. */
export function noteLoaders(machines: readonly Machine[], notes: Notes): void {
  for (const machine of machines)
    if (loaderOf(machine))
      notes.changed(
        calledAs(machine),
        'its firmware has Secure Boot and runs only signed programs: it loads GRUB through shim (boot.loader: grub), because iPXE is not signed',
        machine.vm?.secureBoot?.at,
      );
}

/** A named boot configuration of machines. */
export interface BootProfile {
  readonly name: string;
  readonly boot: GatheredBoot;
  readonly params: KernelParams;
  readonly machines: readonly Machine[];
}

/** Tags of BSS for unknown machines or for cloud-init only. Source: OpenCHAMI/bss, boot_data.go. */
const UNUSED_TAGS = /^(unknown-.*|global)$/i;

/**
 * Returns the boot profiles of machines, one for each distinct boot. Of several entries for a machine, the most specific one
 * applies: by MAC address, NID, xname or name, group or role, then the default for all. Source: OpenCHAMI/boot-service,
 * pkg/controllers/bootscript.
 */
export function bootProfiles(
  machines: readonly Machine[],
  boots: readonly GatheredBoot[],
  findings: Findings,
): BootProfile[] {
  const { notes } = findings;
  const images = boots.filter((boot) => !isForMachines(boot) && boot.params && (boot.kernel || boot.initrd));
  const forMachines = boots.flatMap((boot) => {
    if (images.includes(boot)) return [];
    const hosts = (boot.hosts ?? []).filter((host) => {
      const isUnused = UNUSED_TAGS.test(host.value);
      if (isUnused) notes.left(host, 'an entry for unknown machines, which a site does not boot');
      return !isUnused;
    });
    return [{ ...boot, hosts }];
  });
  const chosen = chosenBoots(machines, forMachines, findings);
  const profiles = new Map<string, { boot: GatheredBoot; machines: Machine[] }>();
  for (const machine of machines) {
    const { boot } = chosen.get(machine) ?? {};
    if (!boot) continue;
    if (isInstaller(boot)) {
      machine.installer = boot;
      continue;
    }
    if (machine.disk) {
      reportDisk(machine, machine.disk, boot, findings);
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
    params: ownParams(boot, those, notes),
    machines: those,
  }));
}

function isForMachines({ hosts = [], macs = [], nids = [], ips = [], uuids = [] }: GatheredBoot): boolean {
  return hosts.length + macs.length + nids.length + ips.length + uuids.length > 0;
}

/** A machine's disk overrides boot entries for many machines; an entry for the machine itself is a conflict. */
function reportDisk(machine: Machine, disk: GatheredDisk, boot: GatheredBoot, findings: Findings): void {
  const { hosts = [] } = boot;
  if (hosts.length > 0 && hosts.every(({ value }) => value.toLowerCase() === 'default')) return;
  findings.warning(
    'import-conflict',
    boot.at,
    `The boot of ${calledAs(machine)} is set twice, to a Linux kernel here and to a disk elsewhere: the disk applies.`,
    'remove the wrong file from the import',
    ['the disk is at', disk.at],
  );
}

/** Returns the arguments with the node's xname and NID, as BSS adds them, if all nodes have them. */
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
      notes.left(key, `an argument of the kernel, but ${calledAs(lacking)} has no value for it`, at);
    } else if (lacking && machines.some((machine) => machine[key] !== undefined))
      notes.left(
        key,
        `BSS added it to the kernel arguments, but ${calledAs(lacking)} has no value for it: when all nodes have one, add ${arg} to args of the profile`,
        at,
      );
    else if (!lacking && !args.some((one) => one.startsWith(`${key}=`))) {
      args.push(arg);
      notes.changed(key, `BSS added it to the kernel arguments: it is now ${arg}`, at);
    }
  }
  return { ...made, args };
}

/** Returns the name of a profile: its only group or role, otherwise its image, otherwise a number. */
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

/**
 * How specific one identifier of an entry is for a machine. The scores of all that match are added.
 * Source: OpenCHAMI/boot-service, pkg/controllers/bootscript/controller.go (calculateConfigScore).
 */
const CLOSENESS = { mac: 100, nid: 75, host: 50, group: 25, all: 1 } as const;

/** How specific a file name of pxelinux is, in its own order: UUID, MAC address and IP address. */
const CLOSENESS_BY_MENU = { uuid: 110, ip: 90 } as const;

/** How specific an entry is for a machine, and the first identifier that matches. */
interface Score {
  readonly closeness: number;
  readonly by: Sourced<string | number>;
}

interface Chosen extends Score {
  readonly boot: GatheredBoot;
}

/** Returns the most specific entry of each machine; adds notes on entries for unknown machines, and reports conflicts. */
function chosenBoots(
  machines: readonly Machine[],
  boots: readonly GatheredBoot[],
  findings: Findings,
): ReadonlyMap<Machine, Chosen> {
  const index = new MachineIndex(machines);
  const chosen = new Map<Machine, Chosen>();
  for (const boot of boots) {
    for (const [machine, score] of scoresOf(boot, index, findings.notes)) {
      const entry = { boot, ...score };
      const first = chosen.get(machine);
      const order = first ? compare(entry, first) : 1;
      if (order > 0) chosen.set(machine, entry);
      else if (first && order === 0 && first.boot.at !== boot.at && isOther(first.boot, boot))
        findings.warning(
          'import-conflict',
          score.by.at,
          `Two boot entries of ${calledAs(machine)} differ: the first applies.`,
          'remove it from the wrong entry',
          ['the first is at', first.by.at],
        );
    }
    // A machine boots from the NIC in its entry.
    for (const mac of boot.macs ?? []) {
      const { nics = [] } = index.by('m', mac) ?? {};
      const nic = nics.find((one) => one.mac?.value === mac.value);
      if (nic && !nics.some(({ boots: isBooted }) => isBooted)) nic.boots = true;
    }
  }
  return chosen;
}

/** Returns a positive number if the first entry takes precedence, and zero if both are equal. */
function compare(a: Chosen, b: Chosen): number {
  return a.closeness - b.closeness || (a.boot.priority ?? 0) - (b.boot.priority ?? 0);
}

/** Returns how specific an entry is for each machine that it matches; adds notes on unknown machines. */
function scoresOf(boot: GatheredBoot, index: MachineIndex, notes: Notes): ReadonlyMap<Machine, Score> {
  const scores = new Map<Machine, Score>();
  const add = (machine: Machine | undefined, closeness: number, by: Sourced<string | number>) => {
    const known = machine && scores.get(machine);
    if (machine) scores.set(machine, { closeness: closeness + (known?.closeness ?? 0), by: known?.by ?? by });
    else {
      const name = typeof by.value === 'number' ? `NID ${by.value}` : displayName(by.value);
      notes.left(name, 'it has a boot entry, but no file contains this machine', by.at);
    }
  };
  const { macs = [], uuids = [], ips = [], nids = [], hosts = [] } = boot;
  for (const mac of macs) {
    const machine = index.by('m', mac);
    // Only the boot NIC counts there, and an entry can list all NICs.
    const bootMacs = index.bootMacs.get(machine) ?? [];
    const closeness = bootMacs.length === 0 || bootMacs.includes(mac.value) ? CLOSENESS.mac : 0;
    if (!machine || !scores.get(machine)?.closeness) add(machine, closeness, mac);
  }
  for (const uuid of uuids) add(index.by('u', uuid), CLOSENESS_BY_MENU.uuid, uuid);
  for (const ip of ips) add(index.by('i', ip), CLOSENESS_BY_MENU.ip, ip);
  for (const nid of nids) add(index.by('nid', nid), CLOSENESS.nid, nid);
  for (const host of hosts) {
    const named = index.named(host);
    const members = named.length > 0 ? undefined : index.groups.get(host.value.toLowerCase());
    const closeness = !members
      ? CLOSENESS.host
      : host.value.toLowerCase() === 'default'
        ? CLOSENESS.all
        : CLOSENESS.group;
    for (const machine of members ?? (named.length > 0 ? named : [undefined])) add(machine, closeness, host);
  }
  return scores;
}

/** Finds machines by the identifiers in boot entries. */
class MachineIndex {
  /** The members of groups and roles, by their names in lower case. */
  readonly groups: ReadonlyMap<string, readonly Machine[]>;
  /** The MAC addresses of the NICs that machines boot from, according to files. */
  readonly bootMacs: ReadonlyMap<Machine | undefined, readonly string[]>;
  readonly #machines: readonly Machine[];
  /** By a type of identifier and its value. */
  readonly #known = new Map<string, Machine>();

  constructor(machines: readonly Machine[]) {
    this.#machines = machines;
    for (const machine of machines) {
      const names = namesOf(machine).map((name) => `name ${name}`);
      for (const key of [...keysOf(machine), `nid ${machine.nid?.value}`, ...names])
        this.#known.set(key, machine);
    }
    const memberships = machines.flatMap((machine) =>
      [...machine.groups, machine.role ?? []]
        .flat()
        .map(({ value }) => [value.toLowerCase(), machine] as const),
    );
    this.groups = new Map<string, readonly Machine[]>([...grouped(memberships), ['default', machines]]);
    const macsOf = ({ nics }: Machine) => nics.flatMap((nic) => (nic.boots && nic.mac?.value) || []);
    this.bootMacs = new Map(machines.map((machine) => [machine, macsOf(machine)]));
  }

  by(type: 'm' | 'u' | 'i' | 'nid' | 'name', { value }: Sourced<string | number>): Machine | undefined {
    return this.#known.get(`${type} ${String(value).toLowerCase()}`);
  }

  /** Returns the machines with a name, or with a name that a pattern in the syntax of Go's path.Match matches. */
  named(host: Sourced<string>): readonly Machine[] {
    const machine = this.by('name', host);
    if (machine) return [machine];
    const form = /[*?[]/.test(host.value) ? patternOf(host.value.toLowerCase()) : undefined;
    return form ? this.#machines.filter((one) => namesOf(one).some((name) => form.test(name))) : [];
  }
}

function isOther(one: GatheredBoot, other: GatheredBoot): boolean {
  return (['kernel', 'initrd', 'params'] as const).some((key) => one[key]?.value !== other[key]?.value);
}

function namesOf({ xname, name }: Machine): string[] {
  return [xname, name].flatMap((one) => (one ? [one.value.toLowerCase()] : []));
}

/** Maximum length of a pattern of names. */
const LONGEST_PATTERN = 100;

/** Returns a pattern of file names as a regular expression, or undefined if it is invalid. */
function patternOf(glob: string): RegExp | undefined {
  if (glob.length > LONGEST_PATTERN || glob.split('*').length > 4) return undefined;
  const source = glob.replace(/\[\^?[a-z0-9-]+\]|[\s\S]/g, (piece) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    return piece.length > 1 ? piece : piece.replace(/[^a-z0-9]/g, '\\$&');
  });
  return orUndefined(() => new RegExp(`^${source}$`)); // [z-a] is invalid
}

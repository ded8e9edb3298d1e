import { guessSecrets } from '../../source/guess-secrets.ts';
import type { SourceLocation } from '../../source/source.ts';
import { grouped, groupedBy } from '../../values/grouped.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import { quoteGrubArg, quoteIpxe } from '../../values/quoting.ts';
import { hasS3Url, isQuoteOpen } from '../../values/text.ts';
import type { GatheredBoot, GatheredDisk, Sourced } from '../model/gathered.ts';
import { isInstaller, splitParams } from '../model/kernel-params.ts';
import { displayName, freeName, siteNameOf } from '../model/names.ts';
import type { Findings, Notes } from '../model/notes.ts';
import { calledAs, type Machine } from './machine.ts';

/** A kernel command line, as an inventory contains it. */
interface KernelParams {
  /** The URL in `root=live:`. */
  readonly squashfs?: string | undefined;
  readonly overlay?: 'dracut' | 'overlayroot' | 'none' | undefined;
  /** Any other `root=`. */
  readonly root?: string | undefined;
  readonly args: readonly string[];
}

/** The arguments that harvgen writes for each overlay. */
const OVERLAYS: readonly (readonly [KernelParams['overlay'], readonly string[]])[] = [
  ['overlayroot', ['overlayroot=tmpfs', 'overlayroot_cfgdisk=disabled']],
  ['dracut', ['rd.live.image', 'rd.live.overlay.overlayfs=1']],
  ['none', []],
];

/**
 * Arguments that become another one, that harvgen adds itself, or that only the old server used. Source: OpenCHAMI/bss,
 * default_api.go (buildParams).
 */
const CHANGED: readonly { readonly form: RegExp; readonly arg?: string; readonly why?: string }[] = [
  { form: /^ds=nocloud/, why: "harvgen adds it for each node, with the URL of the node's own data" },
  { form: /^BOOTIF=/i, why: 'harvgen adds it for each node' },
  { form: /^initrd=/, why: 'harvgen adds it where the firmware needs it' },
  { form: /^bss_referral_token=/, why: 'only BSS used it' },
  { form: /^xname=x\d+c\d+s\d+b\d+n\d+$/, arg: 'xname=${node:xname}' },
  { form: /^nid=\d+$/, arg: 'nid=${node:nid}' },
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
    const changed = CHANGED.find(({ form }) => form.test(word));
    if (changed) {
      const { arg, why = `it is now ${arg}, the value of each node` } = changed;
      notes.changed(nameOf(word), why, at);
      if (arg !== undefined) args.push(arg);
    } else if (live !== undefined) squashfs = live;
    else if (!isKept(word, at, loader, notes)) continue;
    else if (other !== undefined) root = other;
    else args.push(word);
  }
  if (squashfs === undefined) return { root, args };
  const [overlay, added] = OVERLAYS.find(([, all]) => all.every((arg) => args.includes(arg))) ?? ['none', []];
  return { squashfs, overlay, args: args.filter((arg) => !added.includes(arg)) };
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
  if (word.split(' ').some((part) => orUndefined(() => quoteIpxe(part)) === undefined))
    return 'an iPXE script cannot contain it: a word that begins with # or is ||, && or ; ends a command, and several blanks become one. Put it in the image';
  if (loader === 'grub' && orUndefined(() => quoteGrubArg(word)) === undefined)
    return 'GRUB, which boots these machines, adds a backslash before each quote and backslash: put it in the image';
  return undefined;
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
 * Returns the boot profiles of machines, one for each distinct boot. Of several entries for a machine, the most specific one applies: by
 * MAC address, NID, xname or name, group or role, then the default for all. Source: OpenCHAMI/boot-service, pkg/controllers/bootscript.
 */
export function bootProfiles(
  machines: readonly Machine[],
  boots: readonly GatheredBoot[],
  findings: Findings,
): BootProfile[] {
  const { notes } = findings;
  // Entries for no machine add parameters to the entries with their kernel or initrd.
  const images = boots.filter(
    (boot) => boot.params && (boot.kernel || boot.initrd) && IDENTIFIERS.every((key) => !boot[key]?.length),
  );
  const forMachines = boots.flatMap((boot) => {
    if (images.includes(boot)) return [];
    const { hosts = [] } = boot;
    const unused = hosts.filter(({ value }) => UNUSED_TAGS.test(value));
    for (const host of unused) notes.left(host, 'an entry for unknown machines, which a site does not boot');
    return [{ ...boot, hosts: hosts.filter((host) => !unused.includes(host)) }];
  });
  const booted: { readonly machine: Machine; readonly boot: GatheredBoot }[] = [];
  const chosen = chosenBoots(machines, forMachines, findings);
  for (const machine of machines) {
    const boot = chosen.get(machine)?.boot;
    if (!boot) continue;
    if (isInstaller(boot)) machine.installer = boot;
    else if (boot.isDisk) {
      if (!machine.harvester?.config.os) machine.disk ??= { at: boot.at, isDefault: true };
    } else if (machine.disk) reportDisk(machine, machine.disk, boot, findings);
    else booted.push({ machine, boot: { ...boot, params: paramsOf(boot, images) } });
  }
  const keyOf = ({ kernel, initrd, params }: GatheredBoot) =>
    [kernel?.value, initrd?.value, params?.value].join('\0');
  const taken = new Set<string>();
  return [...groupedBy(booted, ({ boot }) => keyOf(boot)).values()].map((group) => {
    const [{ boot }] = group;
    const those = group.map(({ machine }) => machine);
    return { name: profileName(boot, taken), boot, params: paramsFor(boot, those, notes), machines: those };
  });
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
function paramsFor(
  { at, params, addsIdentity }: GatheredBoot,
  machines: readonly Machine[],
  notes: Notes,
): KernelParams {
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
    } else if (!addsIdentity) continue;
    else if (lacking && machines.some((machine) => machine[key] !== undefined))
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

/** The keys of an entry that identify machines. */
const IDENTIFIERS = ['macs', 'uuids', 'ips', 'nids', 'hosts'] as const;

/**
 * How specific an identifier of an entry is for a machine. The scores of all that match are added. Sources:
 * OpenCHAMI/boot-service, pkg/controllers/bootscript/controller.go (calculateConfigScore); and for UUIDs and IP addresses the
 * order in which pxelinux requests files.
 */
const CLOSENESS = { uuids: 110, macs: 100, ips: 90, nids: 75, name: 50, group: 25, all: 1 } as const;

/** An entry for a machine: how specific it is, and its first identifier that matches. */
interface Match {
  readonly boot: GatheredBoot;
  readonly closeness: number;
  readonly by: Sourced<string | number>;
}

/** Returns the most specific entry of each machine; adds notes on entries for unknown machines, and reports conflicts. */
function chosenBoots(
  machines: readonly Machine[],
  boots: readonly GatheredBoot[],
  findings: Findings,
): ReadonlyMap<Machine, Match> {
  const index = machineIndex(machines);
  const chosen = new Map<Machine, Match>();
  for (const boot of boots)
    for (const [machine, match] of matchesOf(boot, index, findings.notes)) {
      const first = chosen.get(machine);
      const order = first
        ? match.closeness - first.closeness || (boot.priority ?? 0) - (first.boot.priority ?? 0)
        : 1;
      if (order > 0) chosen.set(machine, match);
      else if (first && order === 0 && first.boot.at !== boot.at && isOther(first.boot, boot))
        findings.warning(
          'import-conflict',
          match.by.at,
          `Two boot entries of ${calledAs(machine)} differ: the first applies.`,
          'remove it from the wrong entry',
          ['the first is at', first.by.at],
        );
    }
  // A machine boots from the NIC in its entry.
  for (const mac of boots.flatMap(({ macs = [] }) => macs)) {
    const [{ nics = [] } = {}] = index('macs', mac);
    const nic = nics.find((one) => one.mac?.value === mac.value);
    if (nic && !nics.some(({ boots: isBooted }) => isBooted)) nic.boots = true;
  }
  return chosen;
}

/** Returns the match of an entry for each machine that it is for; adds notes on unknown machines. */
function matchesOf(boot: GatheredBoot, index: MachineIndex, notes: Notes): ReadonlyMap<Machine, Match> {
  const matches = new Map<Machine, Match>();
  for (const key of IDENTIFIERS)
    for (const by of boot[key] ?? []) {
      const found = index(key === 'hosts' ? 'name' : key, by);
      const members = key === 'hosts' && found.length === 0 ? index('group', by) : undefined;
      const isAll = members && String(by.value).toLowerCase() === 'default';
      const name = key === 'nids' ? `NID ${by.value}` : displayName(String(by.value));
      const why = 'it has a boot entry, but this machine was not found in the files read';
      if ((members ?? found).length === 0 && !isAll) notes.left(name, why, by.at);
      for (const machine of members ?? found) {
        const { closeness = 0, by: first = by } = matches.get(machine) ?? {};
        // An entry can list all NICs, of which only one counts: that from which the machine boots.
        const isCounted = key !== 'macs' || (closeness === 0 && mayBoot(machine, by));
        const added = CLOSENESS[isAll ? 'all' : members ? 'group' : key === 'hosts' ? 'name' : key];
        matches.set(machine, { boot, closeness: closeness + (isCounted ? added : 0), by: first });
      }
    }
  return matches;
}

/** Whether a machine can boot from the NIC with a MAC address, according to the files. */
function mayBoot({ nics }: Machine, mac: Sourced<string | number>): boolean {
  const booting = nics.filter((nic) => nic.boots && nic.mac);
  return booting.length === 0 || booting.some((nic) => nic.mac?.value === mac.value);
}

type IdentifierKind = Exclude<(typeof IDENTIFIERS)[number], 'hosts'> | 'name' | 'group';
type MachineIndex = (kind: IdentifierKind, { value }: Sourced<string | number>) => readonly Machine[];

/** Returns a function that finds machines by an identifier in boot entries; a name can be a pattern in the syntax of Go's path.Match. */
function machineIndex(machines: readonly Machine[]): MachineIndex {
  const known = grouped(
    machines.flatMap((machine) => {
      const { nics, uuid, nid, name, xname, groups, role } = machine;
      const identifiers: Record<IdentifierKind, readonly (Sourced<string | number> | undefined)[]> = {
        macs: nics.map(({ mac }) => mac),
        uuids: [uuid],
        ips: nics.flatMap(({ ips }) => ips),
        nids: [nid],
        name: [xname, name],
        group: [...groups, role],
      };
      return Object.entries(identifiers).flatMap(([kind, values]) =>
        values.flatMap((one) => (one ? [[`${kind} ${one.value}`.toLowerCase(), machine] as const] : [])),
      );
    }),
  );
  return (kind, { value }) => {
    const text = String(value).toLowerCase();
    if (kind === 'group' && text === 'default') return machines;
    const found = known.get(`${kind} ${text}`);
    if (found) return kind === 'group' ? found : found.slice(-1);
    const form = kind === 'name' && /[*?[]/.test(text) ? patternOf(text) : undefined;
    if (!form) return [];
    return machines.filter(({ xname, name }) =>
      [xname, name].some((one) => one && form.test(one.value.toLowerCase())),
    );
  };
}

function isOther(one: GatheredBoot, other: GatheredBoot): boolean {
  return (['kernel', 'initrd', 'params'] as const).some((key) => one[key]?.value !== other[key]?.value);
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

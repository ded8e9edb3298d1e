import type { Report } from '../../source/diagnostics/report.ts';
import { likelySecrets } from '../../source/likely.ts';
import { quoteGrubArg, quoteIpxe, Unquotable } from '../../values/quoting.ts';
import { escapeControlChars, isQuoteOpen } from '../../values/text.ts';
import { displayName, freeName, siteNameOf } from '../names.ts';
import type { Findings, Notes } from '../notes.ts';
import type { GatheredBoot, GatheredDisk, Sourced } from './gathered.ts';
import { calledAs, type Machine } from './machine.ts';
import { keysOf } from './meet.ts';

/** What a kernel line makes in an inventory. */
export interface KernelParams {
  /** What `root=live:` names. */
  readonly squashfs?: string | undefined;
  readonly overlay?: 'dracut' | 'overlayroot' | 'none' | undefined;
  /** Any other `root=`. */
  readonly root?: string | undefined;
  readonly args: readonly string[];
}

/**
 * Splits a kernel line as the kernel does: at blanks, but for those between double quotes. Quotes around what has no blank
 * are taken off, unless one is left open. Source: Linux, lib/cmdline.c (next_arg).
 */
function splitParams(text: string): string[] {
  const words = text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
  return words
    .map((word) => (/\s/.test(word) || isQuoteOpen(word) ? word : word.replaceAll('"', '')))
    .filter((word) => word !== '');
}

/** What each pair of arguments says that harvgen writes for an overlay. */
const OVERLAYS = [
  ['overlayroot', ['overlayroot=tmpfs', 'overlayroot_cfgdisk=disabled']],
  ['dracut', ['rd.live.image', 'rd.live.overlay.overlayfs=1']],
] as const;

/** What harvgen adds by itself, or what was of the old server alone. Source: OpenCHAMI/bss, default_api.go (buildParams). */
const ADDED: readonly (readonly [form: RegExp, why: string])[] = [
  [/^ds=nocloud/, "harvgen adds it for each node, with the URL of the node's own data"],
  [/^BOOTIF=/i, 'harvgen adds it for each node'],
  [/^initrd=/, 'harvgen adds it where the firmware needs it'],
  [/^bss_referral_token=/, 'only BSS asked for it'],
];

/** What is the node's own value. */
const OWN: readonly (readonly [form: RegExp, value: string])[] = [
  [/^xname=x\d+c\d+s\d+b\d+n\d+$/, 'xname=${node:xname}'],
  [/^nid=\d+$/, 'nid=${node:nid}'],
];

/** Takes a kernel line apart into what an inventory has for it; notes what is left out or written otherwise. */
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
      notes.changed(nameOf(word), `it is ${own[1]}, the node's own`, at);
      args.push(own[1]);
    } else if (live !== undefined) squashfs = live;
    else if (likelySecrets(word).length > 0)
      notes.open(
        nameOf(word),
        'an argument with a secret, which whoever fetches the script reads: have the node fetch it otherwise',
        at,
      );
    else {
      const fault = faultOf(word, loader);
      if (fault !== undefined) notes.left(nameOf(word), fault, at);
      else if (other !== undefined) root = other;
      else args.push(word);
    }
  }
  if (squashfs === undefined) return { root, args };
  const [overlay, known] = OVERLAYS.find(([, all]) => all.every((arg) => args.includes(arg))) ?? ['none', []];
  return { squashfs, overlay, args: args.filter((arg) => !(known as readonly string[]).includes(arg)) };
}

/** Why an inventory, or a boot loader, does not take it as an argument; undefined for one that it takes. */
function faultOf(word: string, loader: 'grub' | undefined): string | undefined {
  if (/\$\{/.test(word)) return 'the old server filled it in, and nothing of a site does';
  if (!/^[ -~]+$/.test(word) || word.includes('@@secret:')) return 'an argument is of printable ASCII';
  if (isQuoteOpen(word))
    return 'its double quote is left open, so that the kernel took all that follows for the same argument: close it, and add it to the args of the profile';
  if (word.split(' ').some((part) => isRefused(() => quoteIpxe(part))))
    return 'a script of iPXE cannot say it: a word that begins with # or is ||, && or ; ends a command there, and several blanks become one. Have it in the image itself';
  if (loader === 'grub' && isRefused(() => quoteGrubArg(word)))
    return 'GRUB, which these machines boot by, puts a backslash before each quote and backslash: have it in the image itself';
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

function nameOf(word: string): string {
  const [name = ''] = /^[^=\s]+/.exec(word.replaceAll('"', '')) ?? [];
  return /^[\w.-]+$/.test(name) ? name : name === '' ? 'params' : displayName(name);
}

/** Gives the kernel line of an entry, with what BSS adds of entries that are for a kernel or an initrd alone. */
function paramsOf(boot: GatheredBoot, images: readonly GatheredBoot[]): Sourced<string> | undefined {
  const further = images.filter(
    ({ kernel, initrd }) =>
      (kernel && kernel.value === boot.kernel?.value) || (initrd && initrd.value === boot.initrd?.value),
  );
  const all = [boot, ...further.filter((one) => one !== boot)].flatMap(({ params }) => params ?? []);
  const [first] = all;
  return first && { value: all.map(({ value }) => value).join(' '), at: first.at };
}

/** What the firmware of a machine has to load; undefined for what it loads anyway. Firmware with Secure Boot runs no iPXE. */
export function loaderOf({ vm, firmware }: Machine): 'grub' | undefined {
  return vm?.secureBoot?.value && firmware?.value !== 'bios' ? 'grub' : undefined;
}

/** Notes machines that boot otherwise than the rest, and why. */
export function noteLoaders(machines: readonly Machine[], notes: Notes): void {
  for (const machine of machines)
    if (loaderOf(machine))
      notes.changed(
        calledAs(machine),
        'its firmware has Secure Boot, and runs only what is signed: it loads GRUB by shim, boot.loader: grub, since nobody has signed iPXE',
        machine.vm?.secureBoot?.at,
      );
}

/** What machines of a site boot, under a name. */
export interface BootProfile {
  readonly name: string;
  readonly boot: GatheredBoot;
  readonly kernel?: Sourced<string> | undefined;
  readonly initrd?: Sourced<string> | undefined;
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
  const forMachines = boots.flatMap((boot) => {
    if (images.includes(boot)) return [];
    const hosts = (boot.hosts ?? []).filter((host) => {
      const isNobodys = NOBODYS.test(host.value);
      if (isNobodys) notes.left(host, 'an entry for machines that nobody knows: a site has none');
      return !isNobodys;
    });
    return [{ ...boot, hosts }];
  });
  const chosen = chosenBoots(machines, forMachines, { notes, report });
  const profiles = new Map<string, { boot: GatheredBoot; machines: Machine[] }>();
  for (const machine of machines) {
    const { boot } = chosen.get(machine) ?? {};
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
    message: escapeControlChars(
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
      notes.left(key, `an argument of the kernel, and ${calledAs(lacking)} has none`, at);
    } else if (lacking && machines.some((machine) => machine[key] !== undefined))
      notes.left(
        key,
        `BSS added it to the kernel's arguments, and ${calledAs(lacking)} has none: once all have one, add ${arg} to the profile's args`,
        at,
      );
    else if (!lacking && !args.some((one) => one.startsWith(`${key}=`))) {
      args.push(arg);
      notes.changed(key, `BSS added it to the kernel's arguments: it is ${arg} there`, at);
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
  readonly by: Sourced<string | number>;
}

/** Gives the entry that is for each machine; notes what entries name and no file knows, and reports contradictions. */
function chosenBoots(
  machines: readonly Machine[],
  boots: readonly GatheredBoot[],
  { notes, report }: Findings,
): ReadonlyMap<Machine, Chosen> {
  // By a word for what machines are named by, and that.
  const known = new Map<string, Machine>();
  const byGroup = new Map<string, Machine[]>([['default', [...machines]]]);
  for (const machine of machines) {
    const { nid, groups, role } = machine;
    const names = namesOf(machine).map((name) => `name ${name}`);
    for (const key of [...keysOf(machine), `nid ${nid?.value}`, ...names]) known.set(key, machine);
    for (const { value } of role ? [...groups, role] : groups) {
      const key = value.toLowerCase();
      if (key === 'default') continue;
      const members = byGroup.get(key);
      if (members) members.push(machine);
      else byGroup.set(key, [machine]);
    }
  }
  const chosen = new Map<Machine, Chosen>();
  const choose = (
    boot: GatheredBoot,
    machine: Machine | undefined,
    closeness: number,
    by: Sourced<string | number>,
  ) => {
    if (!machine) {
      const of = typeof by.value === 'number' ? `NID ${by.value}` : displayName(by.value);
      notes.left(of, 'what it boots is said, and no file has such a machine', by.at);
      return;
    }
    const first = chosen.get(machine);
    const { priority = 0 } = boot;
    const { priority: firstPriority = 0 } = first?.boot ?? {};
    const isSame = first?.closeness === closeness;
    if (!first || first.closeness < closeness || (isSame && firstPriority < priority))
      chosen.set(machine, { boot, closeness, by });
    else if (isSame && firstPriority === priority && first.boot.at !== boot.at && isOther(first.boot, boot))
      report.warning({
        code: 'import-conflict',
        message: escapeControlChars(
          `What ${calledAs(machine)} boots is said twice, and differs: the first counts.`,
        ),
        at: by.at,
        related: [{ message: 'the first is at', at: first.by.at }],
        help: 'take it out of the entry that is wrong',
      });
  };
  const chooseHost = (boot: GatheredBoot, host: Sourced<string>) => {
    const key = host.value.toLowerCase();
    const machine = known.get(`name ${key}`);
    // A pattern of xnames, as Go's path.Match takes them.
    const form = !machine && /[*?[]/.test(key) ? patternOf(key) : undefined;
    const matching = form && machines.filter((one) => namesOf(one).some((name) => form.test(name)));
    const members = machine || /[*?[]/.test(key) ? undefined : byGroup.get(key);
    const closeness = key === 'default' ? CLOSENESS.all : CLOSENESS.group;
    if (members) for (const member of members) choose(boot, member, closeness, host);
    else for (const one of matching?.length ? matching : [machine]) choose(boot, one, CLOSENESS.host, host);
  };
  for (const boot of boots) {
    const { macs = [], uuids = [], ips = [], nids = [], hosts = [] } = boot;
    for (const mac of macs) {
      const machine = known.get(`m ${mac.value}`);
      choose(boot, machine, CLOSENESS.mac, mac);
      // A machine boots from the NIC that it is named by.
      const nic = machine?.nics.find((one) => one.mac?.value === mac.value);
      if (nic && !machine?.nics.some(({ boots: isBooted }) => isBooted)) nic.boots = true;
    }
    for (const [word, all, closeness] of [
      ['u', uuids, CLOSENESS_BY_MENU.uuid],
      ['i', ips, CLOSENESS_BY_MENU.ip],
      ['nid', nids, CLOSENESS.nid],
    ] as const)
      for (const one of all)
        choose(boot, known.get(`${word} ${String(one.value).toLowerCase()}`), closeness, one);
    for (const host of hosts) chooseHost(boot, host);
  }
  return chosen;
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

import type { Report } from '../../source/diagnostics/report.ts';
import { visible } from '../../values/quoting/visible.ts';
import { siteNameOf } from '../names.ts';
import type { Notes } from '../notes.ts';
import { quoteVisibly } from '../visibly.ts';
import type { GatheredBoot, GatheredDisk, Said } from './gathered.ts';
import { type KernelParams, kernelParams, paramsOf } from './kernel-params.ts';
import { loaderOf } from './loader.ts';
import { calledAs, type Machine } from './machine.ts';
import { Selection } from './selection.ts';

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
  notes: Notes,
  report: Report,
): BootProfile[] {
  const images = boots.filter((boot) => !isForMachines(boot) && boot.params && (boot.kernel || boot.initrd));
  const selection = new Selection(machines, report);
  for (const boot of boots) {
    if (images.includes(boot)) continue;
    for (const host of boot.hosts ?? [])
      if (NOBODYS.test(host.value))
        notes.add(
          'left',
          quoteVisibly(host.value),
          'an entry for machines that nobody knows: a site has none',
          host.at,
        );
    selection.add({ ...boot, hosts: boot.hosts?.filter(({ value }) => !NOBODYS.test(value)) ?? [] }, notes);
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
    const known = profiles.get(key);
    if (known) known.machines.push(machine);
    else profiles.set(key, { boot: { ...boot, params }, machines: [machine] });
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
  let name = stem;
  for (let number = 2; taken.has(name); number += 1) name = `${stem.slice(0, 57)}-${number}`;
  taken.add(name);
  return name;
}

import {
  type DiskUse,
  declaredDisk,
  namesOf as diskNames,
  domainDisk,
  driveText,
  effectiveWipe,
  FIRST_DRIVE,
  isUnstableName,
  otherThanDisk,
  usedDisks,
} from '../site/disks.ts';
import { isUnknown } from '../site/effective.ts';
import { offHost } from '../site/hardware.ts';
import { iscsiDevice } from '../site/iscsi.ts';
import type { Disk, Facts, Node } from '../site/model.ts';
import { isLikelyMisnamed } from '../site/nodes.ts';
import type { Related } from '../source/diagnostics/report.ts';
import { namesOf } from '../source/diagnostics/words.ts';
import { hasErrors, isBroken, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { nearest, plainPath } from '../values/text.ts';
import { isAtLeast, isAtMost } from '../values/version.ts';
import { nodesWithoutOs } from './boot.ts';
import { error, essential, warning } from './rule.ts';
import { nodesWhose, perNode, repeats } from './support.ts';

export const missingDevice = essential('missing-device', {
  what: 'A Harvester node says which disk to install to.',
  why: 'The installer stops on the console: an unattended installation must name its disk.',
  check(site, report) {
    const { host, nodes = [] } = site;
    const without = nodes.flatMap((node) =>
      node?.os === 'harvester' &&
      !node.config?.install?.device &&
      !isUnknown(node, 'install.device') &&
      // A domain's first disk is the one; that there is none, or what is wrong with it, is said by others.
      !node.domain &&
      // So is the disk by iSCSI, and what is wrong with that.
      !node.iscsi
        ? [node]
        : [],
    );
    if (without.length === 0) return;
    const isLinux = nodesWithoutOs(nodes);
    // Most of those are to be virtual machines, which need none: machine-off-host speaks of them.
    const misplaced = new Set([...offHost({ host, nodes }).values()].flat());
    const lacking = without.filter(
      (node) => !misplaced.has(node) && !isLinux.has(node) && !isLikelyMisnamed(node, site),
    );
    const [first, another] = lacking;
    if (!first) return;
    report({
      message: `${namesOf(lacking)} ${another ? 'do' : 'does'} not say which disk Harvester is installed to: the installer would stop and wait.`,
      at: locationOf(first, 'name'),
      help: 'add config: {install: {device: /dev/disk/by-id/…}} to the node, a profile or defaults',
    });
  },
});

export const unknownDisk = error('unknown-disk', {
  what: 'Where a machine declares its disks, or libvirt makes them, the configuration uses these and no others.',
  why: 'The installer stops at a disk that is not there ("device not found"), before v1.8.1 also at one that it is only to wipe (harvester/harvester#10591).',
  check: nodesWhose('facts', ({ disks, vm }) => disks?.length || vm).each((node, report) => {
    if (node.os !== 'harvester') return;
    const there = node.facts.disks?.length
      ? declaredDisks(node, node.facts)
      : disksOfDomain(node, node.facts);
    if (!there) return;
    for (const use of needed(node)) {
      const { key, name } = use;
      if (otherThanDisk(name) || there.has(name)) continue;
      report({
        message: `${key} names ${name}, which is none of the disks ${there.of}: the installer would stop at it.`,
        at: use.at(),
        related: [there.saidAt],
        help: there.help(name, key),
      });
    }
  }),
});

/** The disks of a machine that are known in full. */
interface KnownDisks {
  /** Whose they are. */
  readonly of: string;
  readonly saidAt: Related;
  has(name: string): boolean;
  /** Says what to write instead of a name that is none of theirs. */
  help(name: string, key: DiskUse['key']): string;
}

function declaredDisks(node: Draft<Node>, facts: Draft<Facts>): KnownDisks | undefined {
  const disks = facts.disks ?? [];
  if (!disks.every((disk) => disk && !hasErrors(disk) && !hasErrors(disk.aliases ?? []))) return undefined;
  const used = new Set(usedDisks(node).map(({ name }) => name));
  const free = disks.map(diskNames).filter((names) => !names.some((name) => used.has(name)));
  const names = free.flat();
  return {
    of: 'that the machine declares',
    saidAt: { message: 'its disks are declared at', at: locationOf(facts, 'disks') },
    has: (name) => declaredDisk(facts, name) !== undefined,
    help: (name) =>
      `${names.length > 0 ? `write ${nearest(name, names) ?? names.join(' or ')}; or ` : ''}declare the name under disks, as an alias where it is one`,
  };
}

/** Names of a domain's disks that are known in full: other names of the same disks depend on the system that looks. */
const KNOWN_NAMES = /^\/dev\/((vd|sd)[a-z]+|disk\/by-id\/(virtio|wwn|ata)-.*)$/;

function disksOfDomain(node: Draft<Node>, { vm }: Draft<Facts>): KnownDisks | undefined {
  const { domain } = node;
  const devices = domain?.disks?.map((disk) => disk?.device) ?? [];
  // Of a disk that is at fault nobody knows the name.
  if (!domain || !vm || isBroken(domain, 'disks') || devices.length === 0 || devices.includes(undefined))
    return undefined;
  return {
    of: 'of the virtual machine',
    saidAt: { message: 'its disks are listed at', at: locationOf(vm, 'disks') },
    has: (name) => !KNOWN_NAMES.test(plainPath(name)) || domainDisk(domain, name) !== undefined,
    help(name, key) {
      // One disk is not for two purposes: of those that the machine has, the ones that are named for nothing else.
      const used = usedDisks(node).map((use) => use.key !== key && domainDisk(domain, use.name)?.device);
      const free = devices.flatMap((device) => (!device || used.includes(device) ? [] : device));
      const more = 'give the machine one more disk, under vm.disks';
      if (free.length === 0) return `${more}; or remove ${key}`;
      const one = `write ${nearest(name, free) ?? free.join(' or ')}`;
      return key === 'device' ? `${one}; without device, it is the first disk` : `${one}; or ${more}`;
    },
  };
}

/** The disks that must be there: since v1.8.1 the installer passes over what is not there to be wiped. */
function needed(node: Draft<Node>): DiskUse[] {
  const version = node.cluster?.version;
  return usedDisks(node).filter(
    ({ key, name }) =>
      (key !== 'wipe_disks_list' || !version || isAtMost(version, 'v1.8.0')) &&
      // A disk by iSCSI is not one of the machine's.
      (!node.iscsi || name !== iscsiDevice(node.iscsi)),
  );
}

export const unstableDiskName = error('unstable-disk-name', {
  what: 'A machine with several disks is told which to use by names that stay: those below /dev/disk/by-id or /dev/disk/by-path.',
  why: 'The kernel numbers disks anew at each boot: /dev/sda can be another disk than it was, and that one is wiped (harvester/harvester#5574, harvester/harvester#6909).',
  check: perNode((node, report) => {
    if (node.os !== 'harvester' || !node.facts) return;
    const { facts } = node;
    const used = usedDisks(node);
    const declared = declaredIn(facts);
    if (used.length < 2 && !declared) return;
    const distinct = new Set(used.map(({ name }) => declaredDisk(facts, name) ?? name));
    if (distinct.size < 2 && !declared) return;
    for (const { key, name, at } of used.filter(({ name }) => isUnstableName(name))) {
      // That there is no such disk is said by unknown-disk.
      if (isNoDiskOf(node, name)) continue;
      const disk = declaredDisk(facts, name);
      const stable = disk
        ? diskNames(disk).find((other) => !isUnstableName(other) && !otherThanDisk(other))
        : domainDisk(node.domain, name)?.device;
      const another = used.find((use) => use.name !== name);
      report({
        message: `${key} names ${name}, which is whatever disk the kernel finds in that place at a boot, and the machine has several: the wrong one could be wiped.`,
        at: at(),
        related: declared
          ? [{ message: 'its disks are declared at', at: declared }]
          : another && [{ message: 'another one is named at', at: another.at() }],
        help: stable
          ? `write ${stable}, which stays the same disk`
          : 'name the disk as it is below /dev/disk/by-id or /dev/disk/by-path',
      });
    }
  }),
});

/** Whether a domain's disks are known, and none of them has a name that the kernel gives to disks. */
function isNoDiskOf({ domain, facts }: Draft<Node>, name: string): boolean {
  if (!domain?.disks || isBroken(domain, 'disks') || facts?.disks?.length) return false;
  return /^\/dev\/[sv]d/.test(name) && !domainDisk(domain, name);
}

/** Where a machine declares that it has more than one disk. */
function declaredIn(facts: Draft<Facts>) {
  if ((facts.disks?.length ?? 0) > 1) return locationOf(facts, 'disks');
  const { vm } = facts;
  return vm && (vm.disks?.length ?? 0) > 1 ? locationOf(vm, 'disks') : undefined;
}

export const partitionAsDisk = error('partition-as-disk', {
  what: 'Disks are whole disks: no partitions, file systems, software RAIDs or volumes.',
  why: 'The installer stops at a device that is no whole disk with "device not found"; a data disk it formats unseen, and Harvester supports local disks and hardware RAID only ("Hardware Requirements" in its documentation).',
  check: perNode((node, report) => {
    if (node.os !== 'harvester') return;
    for (const use of usedDisks(node)) {
      const { key, name } = use;
      const what = otherThanDisk(name);
      if (!what) continue;
      report({
        message: `${name} is ${what}, and ${key} takes whole disks: ${consequence(key, node)}.`,
        at: use.at(),
        help: 'name the whole disk, as it is below /dev/disk/by-id or /dev/disk/by-path',
      });
    }
  }),
});

function consequence(key: string, { cluster }: Draft<Node>): string {
  if (key === 'wipe_disks_list') return 'clearing it would leave the partition table of the disk as it is';
  // Since v1.2.0 the installer looks no further than at the size of a data disk.
  const unseen = key === 'data_disk' && (!cluster?.version || isAtLeast(cluster.version, 'v1.2.0'));
  return unseen ? 'the installer would format it unseen' : 'the installer would stop with "device not found"';
}

export const driveOfDomain = warning('drive-of-domain', {
  what: 'No libvirt domain has a `boot.drive` but the first.',
  why: 'Its firmware counts the disk of the system as the first, wherever that stands among its disks: with another number its script would boot a disk of data, find none there, and install.',
  check: nodesWhose('drive', (drive) => drive !== FIRST_DRIVE).eachOnce((node, report) => {
    if (!node.domain) return;
    report({
      message: `${node.name} is a libvirt domain, where the disk of the system is the first (${driveText()}), and not ${driveText(node.drive)}.`,
      at: locationOf(node, 'drive'),
      help: 'remove boot.drive',
    });
  }),
});

export const dataDiskIsDevice = error('data-disk-is-device', {
  what: 'The data disk is another disk than the device.',
  why: 'The installer knows a disk only by the name that it is given: under two names it would be formatted twice, and lose what was just put on it.',
  // Nothing derives a data disk.
  check: nodesWhose('userConfig', ({ install }) => install?.data_disk).each((node, report) => {
    const install = node.config?.install;
    if (node.os !== 'harvester' || !node.facts || !install?.device || !install.data_disk) return;
    const { device, data_disk } = install;
    const disk = declaredDisk(node.facts, data_disk);
    const isSameName = device === data_disk;
    if (!isSameName && (!disk || disk !== declaredDisk(node.facts, device))) return;
    report({
      message: isSameName
        ? `data_disk is ${data_disk}, which is also the device: the installer ignores it.`
        : `data_disk ${data_disk} and device ${device} are two names of one disk: the installer would format it twice.`,
      at: locationOf(install, 'data_disk'),
      related: [
        { message: 'the device is set at', at: locationOf(install, 'device') },
        ...(disk && !isSameName
          ? [{ message: 'the disk is declared at', at: locationOf(disk, 'path') }]
          : []),
      ],
      help: 'name another disk; or remove data_disk, and the volumes of virtual machines lie on the device',
    });
  }),
});

/** What disks but the device lose what is on them by. */
const LOSING = ['data_disk', 'wipe_disks', 'wipe_all_disks', 'wipe_disks_list'] as const;

export const disksWiped = warning('disks-wiped', {
  what: 'No disk but the device loses what is on it, unless a person has said that this is meant.',
  why: 'The installer formats the data disk and clears what wipe_* names without asking, at every installation (harvester/harvester#8825).',
  check: nodesWhose('config', ({ install }) => install && LOSING.some((key) => install[key])).each(
    (node, report) => {
      const { install } = node.config;
      const version = node.cluster?.version;
      if (node.os !== 'harvester' || !install || !version) return;
      const warn = (key: keyof typeof install, fate: string) =>
        report({
          message: `${fate}: what is there is lost without a question.`,
          at: locationOf(install, key),
          help: 'if that is meant, say so beside config: `silence: {disks-wiped: the reason}`; else remove it',
        });
      const { device, data_disk } = install;
      // That a witness has one, or that it is the device, is a fault of its own.
      if (data_disk && data_disk !== device && !(install.role === 'witness' && isAtLeast(version, 'v1.6.0')))
        warn('data_disk', `The data disk ${data_disk} is formatted as a whole`);
      if (effectiveWipe(node, 'wipe_disks'))
        warn('wipe_disks', 'wipe_disks clears every disk of the machine');
      if (effectiveWipe(node, 'wipe_all_disks'))
        warn('wipe_all_disks', 'wipe_all_disks clears every disk that bears an earlier Harvester');
      const list: readonly (string | undefined)[] = effectiveWipe(node, 'wipe_disks_list') ?? [];
      const others = list.filter((name) => name && name !== device);
      if (others.length > 0) warn('wipe_disks_list', `wipe_disks_list clears ${others.join(', ')}`);
    },
  ),
});

const FATES = {
  device: 'Harvester is installed on it',
  data_disk: 'it is formatted as the data disk',
  wipe_disks_list: 'it is in wipe_disks_list',
};

const WIPES = [
  ['wipe_disks', 'wipe_disks clears every disk of the machine', 'remove wipe_disks'],
  [
    'wipe_all_disks',
    'wipe_all_disks clears it if it bears an earlier Harvester',
    'name the disks to wipe in wipe_disks_list instead',
  ],
] as const;

export const keptDiskWiped = error('kept-disk-wiped', {
  what: 'A disk that is declared with `keep: true` is neither installed to, formatted nor wiped.',
  why: 'The installer wipes without asking: what was to be kept would be lost (harvester/harvester#6533).',
  check: nodesWhose('facts', (facts) => keptDisks(facts).length > 0).each((node, report) => {
    const install = node.os === 'harvester' ? node.config?.install : undefined;
    const { facts } = node;
    if (!install) return;
    const find = (
      name: string | undefined,
      disk: Draft<Disk>,
      fate: string,
      at: SourceLocation,
      help: string,
    ) =>
      report({
        message: `The disk ${name} is to be kept, and ${fate}: what is on it would be lost.`,
        at,
        related: [{ message: 'keep is set at', at: locationOf(disk, 'keep') }],
        help,
      });
    const used = new Set();
    for (const { key, name, at } of usedDisks(node)) {
      const disk = declaredDisk(facts, name);
      if (!disk?.keep) continue;
      used.add(disk);
      find(name, disk, FATES[key], at(), 'use another disk, or remove keep from this one');
    }
    for (const [key, fate, help] of WIPES) {
      if (!effectiveWipe(node, key)) continue;
      for (const disk of keptDisks(facts))
        if (!used.has(disk)) find(disk.path, disk, fate, locationOf(install, key), help);
    }
  }),
});

function keptDisks({ disks = [] }: Draft<Facts>): Draft<Disk>[] {
  return disks.filter((disk) => disk?.keep && disk.path);
}

export const diskSerialTaken = error('disk-serial-taken', {
  what: 'No two disks of a virtual machine have the same serial number.',
  why: 'The machine finds its disks by their serial numbers, below /dev/disk/by-id: of two with the same number the wrong one could be wiped.',
  check: nodesWhose('domain').eachOnce((node, report) => {
    for (const { one, first } of repeats(node.domain.disks ?? [], (disk) => disk.serial))
      report({
        message: `Two disks of ${node.name} have the serial number ${one.serial}: the machine could not tell one from the other.`,
        at: locationOf(one, 'serial'),
        related: [{ message: 'the other has it at', at: locationOf(first, 'serial') }],
        help: 'give each a serial number of its own, or none: one follows from the MAC address of the node',
      });
  }),
});

import { driveText, FIRST_DRIVE } from '../../plan/boot-order.ts';
import { offHost } from '../../plan/host-capacity.ts';
import { nodesWithoutOs } from '../../site/boot-keys.ts';
import {
  type DiskUse,
  declaredDisk,
  namesOf as diskNames,
  domainDisk,
  effectiveWipe,
  isUnstableName,
  otherThanDisk,
  usedDisks,
} from '../../site/disks.ts';
import { isInteractive, isUnknown } from '../../site/effective.ts';
import { iscsiDevice } from '../../site/iscsi.ts';
import type { Disk, Facts, Node } from '../../site/model.ts';
import { isLikelyMisnamed } from '../../site/nodes.ts';
import type { Related } from '../../source/diagnostics/report.ts';
import { namesOf } from '../../source/diagnostics/words.ts';
import { isBroken, lacks, locationOf, mayHaveMore, selfLocation } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { removeKey, safeFix, setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { nearest, plainPath } from '../../values/text.ts';
import { isAtLeast, isAtMost } from '../../values/version.ts';
import { error, essential, nodesWith, per, repeats, warning } from '../rule.ts';

/** Names of a domain's disks that can be checked: other names of these disks depend on the running system. */
const KNOWN_NAMES = /^\/dev\/((vd|sd)[a-z]+|disk\/by-id\/(virtio|wwn|ata)-.*)$/;

const EFFECTS = {
  device: 'Harvester is installed on it',
  data_disk: 'it is formatted as the data disk',
  wipe_disks_list: 'it is in wipe_disks_list',
};

const WIPES = [
  ['wipe_disks', 'wipe_disks wipes every disk of the machine', 'remove wipe_disks'],
  [
    'wipe_all_disks',
    'wipe_all_disks wipes it if it has an earlier Harvester',
    'replace wipe_all_disks with wipe_disks_list, a list of the disks to wipe',
  ],
] as const;

export const diskRules = [
  essential('missing-device', {
    what: 'A Harvester node must set the disk to install to.',
    why: 'The installer stops at the console: an unattended installation must name its disk.',
  }).check((site, report) => {
    const { host, nodes = [] } = site;
    const without = nodes.flatMap((node) =>
      node?.os === 'harvester' &&
      !node.config?.install?.device &&
      !isUnknown(node, 'install.device') &&
      !isInteractive(node) &&
      // Without a device, a domain uses its first disk, and a node with an iSCSI disk uses that disk. Other rules check these disks.
      !node.domain &&
      !node.iscsi
        ? [node]
        : [],
    );
    if (without.length === 0) return;
    const isLinux = nodesWithoutOs(nodes);
    // A host or virtual machine that an error hides has disks, too.
    const mayBeVm = (node: Draft<Node>) =>
      (host ?? isBroken(site, 'host')) && (mayHaveMore(node) || (node.facts && !lacks(node.facts, 'vm')));
    // Most of these should be virtual machines, which need no device: machine-off-host reports them.
    const misplaced = new Set([...offHost({ host, nodes }).values()].flat());
    const lacking = without.filter(
      (node) => !misplaced.has(node) && !mayBeVm(node) && !isLinux.has(node) && !isLikelyMisnamed(node, site),
    );
    const [first, another] = lacking;
    if (!first) return;
    report(locationOf(first, 'name'), {
      message: `${namesOf(lacking)} ${another ? 'have' : 'has'} no disk to install Harvester to: the installer stops and waits.`,
      help: 'add config: {install: {device: /dev/disk/by-id/…}} to the node, a profile or defaults',
    });
  }),
  error('unknown-disk', {
    what: 'If a machine declares its disks, or libvirt creates them, the configuration must use only these.',
    why: 'The installer stops at a missing disk ("device not found"); before v1.8.1, also at a missing disk that is only to be wiped (harvester/harvester#10591).',
  }).check(nodesWith('facts', ({ disks, vm }) => disks?.length || vm).each, (node, report) => {
    if (node.os !== 'harvester') return;
    const known = node.facts.disks?.length
      ? declaredDisks(node, node.facts)
      : disksOfDomain(node, node.facts);
    if (!known) return;
    for (const use of needed(node)) {
      const { key, name } = use;
      if (otherThanDisk(name) || known.has(name)) continue;
      report(use.at(), {
        message: `${key} is ${name}, which is not a disk of ${known.owner}: the installer stops at it.`,
        related: [known.setAt],
        help: known.help(name, key),
      });
    }
  }),
  error('unstable-disk-name', {
    what: 'The configuration of a machine with several disks must use persistent names, below /dev/disk/by-id or /dev/disk/by-path.',
    why: 'The kernel numbers disks at each boot: /dev/sda can be another disk than before, which is then wiped (harvester/harvester#5574, harvester/harvester#6909).',
  }).check(per.node, (node, report) => {
    if (node.os !== 'harvester' || !node.facts) return;
    const { facts } = node;
    const used = usedDisks(node);
    const declared = declaredIn(facts);
    if (used.length < 2 && !declared) return;
    const distinct = new Set(used.map(({ name }) => declaredDisk(facts, name) ?? name));
    if (distinct.size < 2 && !declared) return;
    for (const { key, name, at } of used.filter(({ name }) => isUnstableName(name))) {
      // unknown-disk reports a missing disk.
      if (isMissingDisk(node, name)) continue;
      const disk = declaredDisk(facts, name);
      const stable = disk
        ? diskNames(disk).find((other) => !isUnstableName(other) && !otherThanDisk(other))
        : domainDisk(node.domain, name)?.device;
      const another = used.find((use) => use.name !== name);
      report(at(), {
        message: `${key} is ${name}, a name that the kernel can assign to any of several disks at each boot: the wrong disk could be wiped.`,
        related: declared
          ? [{ message: 'its disks are declared at', at: declared }]
          : another && [{ message: 'another disk is named at', at: another.at() }],
        help: stable
          ? `set ${stable}, a persistent name`
          : 'set the name of the disk below /dev/disk/by-id or /dev/disk/by-path',
      });
    }
  }),
  error('partition-as-disk', {
    what: 'Disks must be whole disks, not partitions, file systems, software RAIDs or volumes.',
    why: 'The installer stops at any other device with "device not found", but formats a data disk unchecked. Harvester supports only local disks and hardware RAID ("Hardware Requirements" in its documentation).',
  }).check(per.node, (node, report) => {
    if (node.os !== 'harvester') return;
    for (const use of usedDisks(node)) {
      const { key, name } = use;
      const what = otherThanDisk(name);
      if (!what) continue;
      report(use.at(), {
        message: `${name} is ${what}, but ${key} must name a whole disk: ${consequence(key, node)}.`,
        help: 'set the name of the whole disk below /dev/disk/by-id or /dev/disk/by-path',
      });
    }
  }),
  warning('drive-of-domain', {
    what: 'The `boot.drive` of a libvirt domain must be the first drive.',
    why: 'Its firmware numbers the system disk first, whatever its position. With another number, the script tries a data disk, finds no system there, and installs.',
  }).check(nodesWith('drive', (drive) => drive !== FIRST_DRIVE).eachOnce, (node, report) => {
    if (!node.domain) return;
    report(locationOf(node, 'drive'), {
      message: `${node.name} is a libvirt domain, whose system disk is the first drive (${driveText()}), not ${driveText(node.drive)}: its script finds no system and installs.`,
      fix: safeFix(removeKey(node, 'drive')),
      help: 'remove boot.drive',
    });
  }),
  error('data-disk-is-device', {
    what: 'The data disk must not be the device.',
    why: 'The installer identifies a disk only by its name: it formats a disk with two names twice, and the disk loses the new installation.',
  }).check(nodesWith('userConfig', ({ install }) => install?.data_disk).each, (node, report) => {
    // A data disk has no default.

    const install = node.config?.install;
    if (node.os !== 'harvester' || !node.facts || !install?.device || !install.data_disk) return;
    const { device, data_disk } = install;
    const disk = declaredDisk(node.facts, data_disk);
    const isSameName = device === data_disk;
    if (!isSameName && (!disk || disk !== declaredDisk(node.facts, device))) return;
    report(locationOf(install, 'data_disk'), {
      message: isSameName
        ? `data_disk is ${data_disk}, which is also the device: the installer ignores it.`
        : `data_disk ${data_disk} and device ${device} are two names of one disk: the installer formats it twice.`,
      related: [
        { message: 'the device is set at', at: locationOf(install, 'device') },
        ...(disk && !isSameName
          ? [{ message: 'the disk is declared at', at: locationOf(disk, 'path') }]
          : []),
      ],
      help: 'name another disk; or remove data_disk: volumes of virtual machines are then on the device',
    });
  }),
  warning('disks-wiped', {
    what: 'Wiping any disk except the device must be confirmed: `silence: {disks-wiped: "the reason"}`.',
    why: 'At every installation, the installer formats the data disk and wipes the disks of wipe_* without confirmation (harvester/harvester#8825).',
  }).check(per.node, (node, report) => {
    const { install } = node.config ?? {};
    const version = node.cluster?.version;
    if (node.os !== 'harvester' || !install || !version) return;
    const warn = (key: keyof typeof install, effect: string) =>
      report(locationOf(install, key), {
        message: `${effect}: its content is lost without confirmation.`,
        fix: suggestedFix(removeKey(install, key)),
        help: 'remove the key; or, if intended, add `silence: {disks-wiped: "the reason"}` next to config',
      });
    const { device, data_disk } = install;
    // Other rules report the data disk of a witness, or one that is the device.
    if (data_disk && data_disk !== device && !(install.role === 'witness' && isAtLeast(version, 'v1.6.0')))
      warn('data_disk', `The whole data disk ${data_disk} is formatted`);
    if (effectiveWipe(node, 'wipe_disks')) warn('wipe_disks', 'wipe_disks wipes every disk of the machine');
    if (effectiveWipe(node, 'wipe_all_disks'))
      warn('wipe_all_disks', 'wipe_all_disks wipes every disk with an earlier Harvester');
    const list: readonly (string | undefined)[] = effectiveWipe(node, 'wipe_disks_list') ?? [];
    const others = list.filter((name) => name && name !== device);
    if (others.length > 0) warn('wipe_disks_list', `wipe_disks_list wipes ${others.join(', ')}`);
  }),
  error('kept-disk-wiped', {
    what: 'A disk that is declared with `keep: true` must not be installed to, formatted or wiped.',
    why: 'The installer wipes without confirmation: the data to keep is lost (harvester/harvester#6533).',
  }).check(nodesWith('facts', (facts) => keptDisks(facts).length > 0).each, (node, report) => {
    const install = node.os === 'harvester' ? node.config?.install : undefined;
    const { facts } = node;
    if (!install) return;
    const find = (
      name: string | undefined,
      disk: Draft<Disk>,
      effect: string,
      at: SourceLocation,
      help: string,
    ) =>
      report(at, {
        message: `The disk ${name} has keep: true, but ${effect}: its content would be lost.`,
        related: [{ message: 'keep is set at', at: locationOf(disk, 'keep') }],
        help,
      });
    const used = new Set();
    for (const { key, name, at } of usedDisks(node)) {
      const disk = declaredDisk(facts, name);
      if (!disk?.keep) continue;
      used.add(disk);
      find(name, disk, EFFECTS[key], at(), 'use another disk, or remove keep from this one');
    }
    for (const [key, effect, help] of WIPES) {
      if (!effectiveWipe(node, key)) continue;
      for (const disk of keptDisks(facts))
        if (!used.has(disk)) find(disk.path, disk, effect, locationOf(install, key), help);
    }
  }),
  error('disk-without-name', {
    what: 'Of several disks of a virtual machine, all but the first must have a name or a serial number.',
    why: 'A disk without a name is known by its position: if a disk before it is removed, it gets the content of another one.',
  }).check(nodesWith('domain').eachOnce, (node, report) => {
    for (const [index, disk] of (node.facts?.vm?.disks ?? []).entries())
      if (index !== 0 && disk && lacks(disk, 'name') && lacks(disk, 'serial'))
        report(selfLocation(disk), {
          message: `Disk ${index + 1} of ${node.name} has no name: if a disk before it is removed, it gets the content of another one.`,
          fix: safeFix(setKey(disk, 'name', String(index))),
          help: `add \`name: "${index}"\`, which keeps the disk of an existing machine; for a new machine, any name`,
        });
  }),
  essential('disk-name-taken', {
    what: 'Disks of a virtual machine must not share a name.',
    why: 'The name of a disk is the name of its image: two disks in one image destroy the content of each other.',
  }).check(nodesWith('domain').eachOnce, (node, report) => {
    for (const { later, first } of repeats(node.domain.disks ?? [], (disk) => disk.name)) {
      // disk-serial-taken reports disks that are named by the same serial number.
      if (later.serial === later.name && first.serial === later.name) continue;
      report(locationOf(later, 'name'), {
        message: `Two disks of ${node.name} have the name ${later.name}: they would share an image.`,
        related: [{ message: 'the other disk is', at: locationOf(first, 'name') }],
        help: 'set another name for one of them: the default is its serial number, or its position from 0',
      });
    }
  }),
  essential('disk-serial-taken', {
    what: 'Disks of a virtual machine must not share a serial number.',
    why: 'The machine identifies its disks by serial number, below /dev/disk/by-id: of two disks with one number, the wrong one could be wiped. The number also names the image.',
  }).check(nodesWith('domain').eachOnce, (node, report) => {
    for (const { later, first } of repeats(node.domain.disks ?? [], (disk) => disk.serial)) {
      // disk-name-taken reports disks whose numbers are derived from the same name.
      if (later.name === first.name && later.serial !== later.name) continue;
      report(locationOf(later, 'serial'), {
        message: `Two disks of ${node.name} have the serial number ${later.serial}: the machine cannot distinguish them.`,
        related: [{ message: 'the other disk sets it at', at: locationOf(first, 'serial') }],
        help: 'set another serial number, or remove it: the default is derived from the MAC address of the node',
      });
    }
  }),
];

interface KnownDisks {
  readonly owner: string;
  readonly setAt: Related;
  has(name: string): boolean;
  /** Returns the help for an unknown name. */
  help(name: string, key: DiskUse['key']): string;
}

function declaredDisks(node: Draft<Node>, facts: Draft<Facts>): KnownDisks | undefined {
  const disks = facts.disks ?? [];
  if (!disks.every((disk) => disk && !isBroken(disk) && !isBroken(disk.aliases ?? []))) return undefined;
  const used = new Set(usedDisks(node).map(({ name }) => name));
  const free = disks.map(diskNames).filter((names) => !names.some((name) => used.has(name)));
  const names = free.flat();
  return {
    owner: 'the machine',
    setAt: { message: 'its disks are declared at', at: locationOf(facts, 'disks') },
    has: (name) => declaredDisk(facts, name) !== undefined,
    help: (name) =>
      `${names.length > 0 ? `set ${nearest(name, names) ?? names.join(' or ')}; or ` : ''}declare the name under disks, as a path or an alias`,
  };
}

function disksOfDomain(node: Draft<Node>, { vm }: Draft<Facts>): KnownDisks | undefined {
  const { domain } = node;
  const devices = domain?.disks?.map((disk) => disk?.device) ?? [];
  // The name of a disk with an error is unknown.
  if (!domain || !vm || isBroken(domain, 'disks') || devices.length === 0 || devices.includes(undefined))
    return undefined;
  return {
    owner: 'the virtual machine',
    setAt: { message: 'its disks are listed at', at: locationOf(vm, 'disks') },
    has: (name) => !KNOWN_NAMES.test(plainPath(name)) || domainDisk(domain, name) !== undefined,
    help(name, key) {
      // A disk has one purpose, so only disks that no other key names are offered.
      const used = usedDisks(node).map((use) => use.key !== key && domainDisk(domain, use.name)?.device);
      const free = devices.flatMap((device) => (!device || used.includes(device) ? [] : device));
      const more = 'add a disk to the machine, under vm.disks';
      if (free.length === 0) return `${more}; or remove ${key}`;
      const one = `set ${nearest(name, free) ?? free.join(' or ')}`;
      return key === 'device'
        ? `${one}; or remove device: the default is the first disk`
        : `${one}; or ${more}`;
    },
  };
}

/** Returns the disks that must exist: since v1.8.1 the installer skips missing disks that are to be wiped. */
function needed(node: Draft<Node>): DiskUse[] {
  const version = node.cluster?.version;
  return usedDisks(node).filter(
    ({ key, name }) =>
      (key !== 'wipe_disks_list' || !version || isAtMost(version, 'v1.8.0')) &&
      // An iSCSI disk is not a disk of the machine.
      (!node.iscsi || name !== iscsiDevice(node.iscsi)),
  );
}

/** Whether a domain's disks are known, and a name that the kernel assigns to disks is not among them. */
function isMissingDisk({ domain, facts }: Draft<Node>, name: string): boolean {
  if (!domain?.disks || isBroken(domain, 'disks') || facts?.disks?.length) return false;
  return /^\/dev\/[sv]d/.test(name) && !domainDisk(domain, name);
}

/** Returns the location where a machine declares several disks, or undefined. */
function declaredIn(facts: Draft<Facts>) {
  const holder = [facts, facts.vm].find((part) => (part?.disks?.length ?? 0) > 1);
  return holder && locationOf(holder, 'disks');
}

function consequence(key: string, { cluster }: Draft<Node>): string {
  if (key === 'wipe_disks_list') return 'wiping it keeps the partition table of the disk';
  // Since v1.2.0 the installer checks only the size of a data disk.
  const isUnchecked = key === 'data_disk' && (!cluster?.version || isAtLeast(cluster.version, 'v1.2.0'));
  return isUnchecked ? 'the installer formats it unchecked' : 'the installer stops with "device not found"';
}

function keptDisks({ disks = [] }: Draft<Facts>): Draft<Disk>[] {
  return disks.filter((disk) => disk?.keep && disk.path);
}

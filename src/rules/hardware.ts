import {
  BESIDE_PERSISTENT_MIB,
  diskMinima,
  FIRST_RELEASE_CHECKING_BIOS,
  FIRST_RELEASE_SKIPPING_SIZES,
  FIRST_RELEASE_WITHOUT_BIOS,
  FOR_PRODUCTION,
  FOR_TESTS,
  LARGEST_MBR_DISK,
  LEAST_DISK_GIB,
  LEAST_MEMORY_GIB,
  LEAST_PERSISTENT_MIB,
  sparesWitness,
} from '../knowledge/harvester.ts';
import { diskLimits, sizeOf } from '../site/disks.ts';
import { checksHardware, checksSizes, isUnknown } from '../site/effective.ts';
import { type Declared, linkSpeedOf, memoryOf, threadsOf } from '../site/hardware.ts';
import type { Facts, Node } from '../site/model.ts';
import { listed } from '../source/diagnostics/words.ts';
import { hasLocation, isBroken, keyLocationOf, lacks, locationOf } from '../source/origin.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { parseSize, wholeGib } from '../values/size.ts';
import { isAtLeast, type Version } from '../values/version.ts';
import { error, type Finding, warning } from './rule.ts';
import { nodesWhose, perNode } from './support.ts';

export const hardwareBelowMinimum = error('hardware-below-minimum', {
  what: 'A machine that is no virtual one has at least the 8 CPU threads and 32 GiB of memory that Harvester names for tests.',
  why: 'Harvester alone takes most of a smaller machine: the installation is let through, and then pods do not start ("Hardware Requirements" in its documentation).',
  check: nodesWhose('facts', (facts) => facts.hardware && lacks(facts, 'vm')).each((node, report) => {
    // Where the installer stops at it, hardware-too-small says so.
    if (node.os !== 'harvester' || checksHardware(node)) return;
    for (const { what, least, at } of belowTests(node.facts, 'CPU threads'))
      report({
        message: `The machine has ${what}, and Harvester wants at least ${least} even for tests.`,
        at,
        help: 'use a larger machine; or declare it as vm, if it is a virtual one',
      });
  }),
});

export const hardwareTooSmall = error('hardware-too-small', {
  what: 'The hardware that a machine declares is what Harvester demands for production, or the installer is told to skip its checks.',
  why: 'From v1.3.0 on the installer stops on the console at less, and at virtual machines, unless skipchecks is true (harvester/harvester#1154).',
  check: perNode((node, report) => {
    const release = node.os === 'harvester' ? node.cluster?.version : undefined;
    if (!release || !checksHardware(node)) return;
    const all = shortfalls(node, release);
    const [first, ...others] = all;
    if (!first) return;
    const related = others.map(({ name, at }) => ({ message: `${name} is declared at`, at }));
    const install = node.config?.install;
    if (install?.skipchecks === false)
      related.push({
        message: 'skipping the checks is turned off at',
        at: locationOf(install, 'skipchecks'),
      });
    report({
      message: `Harvester ${release.text} is for larger hardware than ${listed(all.map(({ what }) => what))}: the installer would stop.`,
      at: first.at,
      related,
      help: all.some(({ hopeless }) => hopeless)
        ? `use a machine with at least ${FOR_TESTS.threads} CPU threads and ${FOR_TESTS.memoryGib}Gi of memory: it is too small for tests, too`
        : 'if the machine is for tests, write `config: {install: {skipchecks: true}}`; else use a larger one',
    });
  }),
});

/** Returns what a machine declares that is less than Harvester demands for production, and whether it is too little for tests, too. */
function shortfalls(node: Draft<Node>, release: Version) {
  const { facts } = node;
  if (!facts) return [];
  const isVirtual = facts.vm !== undefined;
  const all: { what: string; name: string; at: SourceLocation; hopeless?: boolean }[] = [];
  const add = (
    declared: Declared | undefined,
    least: number,
    leastForTests: number,
    what: string,
    name: string,
  ) => {
    if (!declared || declared.value >= least) return;
    const hopeless = !isVirtual && declared.value < leastForTests;
    all.push({ what: what.replace('%', declared.text), name, at: declared.at, hopeless });
  };
  if (isVirtual)
    all.push({ what: 'a virtual machine', name: 'the virtual machine', at: locationOf(facts, 'vm') });
  const { threads, memoryGib, linkMbits, linkSpeed } = FOR_PRODUCTION;
  const threadsText = `% CPU threads (${threads} at least)`;
  const memoryText = `% of memory (${memoryGib}Gi at least)`;
  add(threadsOf(facts), threads, FOR_TESTS.threads, threadsText, 'the number of CPU threads');
  add(memoryOf(facts), memoryGib, FOR_TESTS.memoryGib, memoryText, 'the memory');
  add(linkSpeedOf(facts), linkMbits, 0, `a link of % (${linkSpeed} at least)`, 'the link speed');
  const looksAtFirmware =
    isAtLeast(release, FIRST_RELEASE_CHECKING_BIOS) && !isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS);
  if (node.firmware === 'bios' && looksAtFirmware)
    all.push({ what: 'BIOS (UEFI)', name: 'the firmware', at: keyLocationOf(node, 'firmware') });
  return all;
}

/** Returns what a machine declares that is less than for tests; `leastMemory` is too little to be reported here. */
function* belowTests(facts: Draft<Facts>, unit: string, leastMemory = 0) {
  const threads = threadsOf(facts);
  if (threads && threads.value < FOR_TESTS.threads)
    yield { what: `${threads.text} ${unit}`, least: String(FOR_TESTS.threads), at: threads.at };
  const memory = memoryOf(facts);
  if (memory && memory.value < FOR_TESTS.memoryGib && memory.value >= leastMemory)
    yield { what: `${memory.text} of memory`, least: `${FOR_TESTS.memoryGib}Gi`, at: memory.at };
}

const virtualMachines = nodesWhose('facts', ({ vm }) => vm);

export const vmBelowMinimum = warning('vm-below-minimum', {
  what: 'A virtual machine that is no witness has what Harvester names as the least for tests: 8 virtual CPUs, 32 GiB of memory, and disks as large as the release wants them.',
  why: 'The checks of hardware are skipped for virtual machines: a smaller one is installed, and then pods do not start or volumes have no room ("Hardware Requirements" in Harvester\'s documentation).',
  check: virtualMachines.eachOnce((node, report) => {
    if (node.os !== 'harvester') return;
    // A witness only votes. Nobody knows who is one where the role is broken.
    if (isBroken(node, 'role') || isUnknown(node, 'install.role')) return;
    if (node.config?.install?.role === 'witness') return;
    for (const { what, least, at } of vmShortfalls(node)) {
      report({
        message: `The virtual machine has ${what}, and Harvester wants at least ${least} even for tests.`,
        at,
        help: `give it ${least}; or silence vm-below-minimum with the reason, where that is enough for what it is for`,
      });
    }
  }),
});

/** What a machine has less of than for tests; what is too little to install at all is said by vm-too-small. */
function* vmShortfalls(node: Draft<Node>) {
  const { facts } = node;
  const release = node.cluster?.version;
  if (!facts || !release) return;
  if (checksHardware(node) === false) yield* belowTests(facts, 'virtual CPUs', LEAST_MEMORY_GIB);
  if (checksSizes(node) !== false || isUnknown(node, 'install.data_disk')) return;
  const limits = diskLimits(node, release);
  for (const key of ['device', 'data_disk'] as const) {
    const size = sizeOf(node, key);
    if (!size) continue;
    const gib = wholeGib(size.bytes);
    if (gib >= limits[key] || (key === 'device' && gib < LEAST_DISK_GIB)) continue;
    yield { what: `${size.text} of disk as its ${key}`, least: `${limits[key]}Gi`, at: size.at };
  }
}

export const vmTooSmall = error('vm-too-small', {
  what: `A virtual machine has at least the memory and the disk that an installation takes: ${LEAST_MEMORY_GIB} GiB and ${LEAST_DISK_GIB} GiB.`,
  why: 'The checks of hardware are skipped for virtual machines, and an installation then fails halfway: the live system that it runs in lies in memory ("PXE Boot Installation" in Harvester\'s documentation), and the partitions of the system and the ISO on the disk.',
  check: virtualMachines.eachOnce((node, report) => {
    if (node.os !== 'harvester' || node.install === 'never') return;
    const memory = memoryOf(node.facts);
    // Where the installer looks at sizes itself, hardware-too-small and disk-too-small say so.
    if (memory && memory.value < LEAST_MEMORY_GIB && checksHardware(node) === false) {
      report({
        message: `The virtual machine has ${memory.text} of memory, and the installer does not run in less than ${LEAST_MEMORY_GIB}Gi.`,
        at: memory.at,
        help: `give it ${LEAST_MEMORY_GIB}Gi at the very least; where nothing is ever installed, silence vm-too-small with the reason`,
      });
    }
    const disk = sizeOf(node, 'device');
    if (disk && wholeGib(disk.bytes) < LEAST_DISK_GIB && checksSizes(node) === false) {
      report({
        message: `The disk that Harvester is installed to has ${disk.text}, and its partitions and the ISO take ${LEAST_DISK_GIB}Gi.`,
        at: disk.at,
        help: `give it ${LEAST_DISK_GIB}Gi at the very least; where nothing is ever installed, silence vm-too-small with the reason`,
      });
    }
  }),
});

export const diskTooSmall = error('disk-too-small', {
  what: 'The disks that a machine declares are large enough for the release.',
  why: 'The installer stops with "device size too small", and before v1.8.0 nothing talks it out of that (harvester/harvester#6064).',
  check: perNode((node, report) => {
    const release = node.os === 'harvester' ? node.cluster?.version : undefined;
    if (!release || isBroken(node, 'role')) return;
    if (isUnknown(node, 'install.data_disk') || isUnknown(node, 'install.role')) return;
    const install = node.config?.install;
    if (!install || !checksSizes(node)) return;
    const limits = diskLimits(node, release);
    const { beside } = diskMinima(release);
    for (const key of ['device', 'data_disk'] as const) {
      const size = sizeOf(node, key);
      const gib = size && wholeGib(size.bytes);
      if (gib === undefined || gib >= limits[key]) continue;
      const ways = [`a larger disk: ${limits[key]}Gi is enough, ${limits[key]}GB is not`];
      if (key === 'device' && limits.device > beside && gib >= beside)
        ways.push(`a data_disk beside it, with which ${beside}Gi is enough`);
      if (isAtLeast(release, FIRST_RELEASE_SKIPPING_SIZES))
        ways.push('`config: {install: {skipchecks: true}}`, on a machine that is for tests');
      report({
        message: `${key === 'device' && node.iscsi ? 'The disk by iSCSI (boot.size)' : `The disk of ${key}`} has ${size?.text} (${gib} whole GiB), and Harvester ${release.text} wants ${limits[key]} GiB there: the installer would stop with "device size too small".`,
        at: size?.at ?? locationOf(install, key),
        related: [{ message: `it is the ${key} by`, at: locationOf(install, key) }],
        help: ways.join('; or '),
      });
    }
  }),
});

type Install = NonNullable<NonNullable<Draft<Node>['config']>['install']>;

/** Nodes that say the size of the persistent partition: nothing derives it. */
const sizingPartition = nodesWhose('userConfig', ({ install }) => install?.persistent_partition_size);

export const persistentPartitionSize = error('persistent-partition-size', {
  what: 'The size of the persistent partition is at least 150Gi, fits on the disk, and is said only where it counts.',
  why: 'The installer looks at it last: it stops halfway, when it comes to divide the disk ("installer configuration" in Harvester\'s documentation).',
  check(site, report) {
    // What a layer says has no effect only if it has none on any node.
    const idle: Finding[] = [];
    const effective = new Set<string>();
    for (const node of sizingPartition.of(site)) {
      const install = node.os === 'harvester' ? node.config?.install : undefined;
      const text = install?.persistent_partition_size;
      const release = node.cluster?.version;
      if (!install || !text || !release || !isAtLeast(release, 'v1.2.0')) continue;
      const at = locationOf(install, 'persistent_partition_size');
      const reason = idleBy(install, release);
      if (reason) {
        idle.push({
          node,
          message: `persistent_partition_size is ${text} for nothing: ${reason.why}.`,
          at,
          related: [{ message: reason.what, at: reason.at }],
          help: 'remove it',
        });
      } else {
        effective.add(locationKey(at));
        const fault = checksSizes(node) && isCertain(node) ? sizeFault(node, release, text) : undefined;
        if (fault) report({ node, at, ...fault });
      }
    }
    for (const finding of idle) if (!effective.has(locationKey(finding.at))) report(finding);
  },
});

/** Whether nothing that could make the size idle is unknown. */
function isCertain(node: Draft<Node>): boolean {
  const paths = ['install.data_disk', 'install.force_mbr', 'install.role'];
  return !isBroken(node, 'role') && !paths.some((path) => isUnknown(node, path));
}

/** Why there is no partition of its own for what the size is for. */
function idleBy(
  install: Install,
  release: Version,
): { why: string; what: string; at: SourceLocation } | undefined {
  const idle = (where: string, what: string, key: keyof Install) => ({
    why: `${where}, the partition takes what is left of the device`,
    what,
    at: locationOf(install, key),
  });
  if (install.data_disk !== undefined && install.data_disk !== install.device)
    return idle('beside a data disk', 'the data disk is set at', 'data_disk');
  if (install.force_mbr) return idle('with MBR', 'MBR is asked for at', 'force_mbr');
  return install.role === 'witness' && sparesWitness(release)
    ? idle('on a witness', 'the role is set at', 'role')
    : undefined;
}

function sizeFault(node: Draft<Node>, release: Version, text: string): Omit<Finding, 'at'> | undefined {
  const mib = (parseSize(text) ?? 0) / 2 ** 20;
  if (mib < LEAST_PERSISTENT_MIB)
    return {
      message: `persistent_partition_size is ${text}, and the installer wants at least 150Gi: it would stop halfway, when it comes to divide the disk.`,
      help: 'write 150Gi or more; or remove it, since 150Gi is the default',
    };
  const size = sizeOf(node, 'device');
  const gib = size && wholeGib(size.bytes);
  // A disk that is too small as it is has been spoken of.
  if (!size || gib === undefined || gib < diskMinima(release).single) return undefined;
  const most = gib * 1024 - BESIDE_PERSISTENT_MIB;
  if (mib <= most) return undefined;
  return {
    message: `persistent_partition_size is ${text}, and a disk of ${gib} GiB leaves ${Math.floor(most / 1024)}Gi for it beside the other partitions: the installer would stop halfway, when it comes to divide the disk.`,
    related: [{ message: "the device's size is declared at", at: size.at }],
    help: `write at most ${Math.floor(most / 1024)}Gi (to the last bit: ${most}Mi)`,
  };
}

export const forceMbr = error('force-mbr', {
  what: 'MBR is forced only on machines that boot by BIOS, on disks of less than 2 TiB.',
  why: 'The installer stops with "cannot force MBR on UEFI system" or "disk size too large for MBR partitioning table"; from v1.8.0 on, every machine boots by UEFI.',
  check: nodesWhose('config', ({ install }) => install?.force_mbr).each((node, report) => {
    const { install } = node.config;
    if (node.os !== 'harvester' || !install) return;
    const { why, ...obstacle } = obstacleOf(node) ?? {};
    if (why === undefined) return;
    const message = `force_mbr is true, and ${why}: the installer would stop.`;
    report({ message, at: locationOf(install, 'force_mbr'), ...obstacle });
  }),
});

function obstacleOf(
  node: Draft<Node>,
): (Pick<Finding, 'related' | 'help'> & { readonly why: string }) | undefined {
  const release = node.cluster?.version;
  if (release && isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS))
    return { why: `Harvester ${release.text} boots by UEFI only`, help: 'remove it' };
  if (node.firmware === 'uefi') {
    const isSaid = hasLocation(node, 'firmware');
    return {
      why: 'the machine boots by UEFI',
      related: isSaid ? [{ message: 'its firmware is set at', at: locationOf(node, 'firmware') }] : [],
      help: isSaid ? 'remove it' : 'remove it; or say firmware: bios, if that is what the machine has',
    };
  }
  const size = sizeOf(node, 'device');
  if (!size || size.bytes <= LARGEST_MBR_DISK) return undefined;
  return {
    why: `the disk has ${size.text}, where MBR ends just below 2 TiB`,
    related: [{ message: "the device's size is declared at", at: size.at }],
    help: 'remove it, or name a smaller device',
  };
}

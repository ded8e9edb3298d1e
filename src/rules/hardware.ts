import {
  FIRST_RELEASE_CHECKING_BIOS,
  FIRST_RELEASE_WITHOUT_BIOS,
  FOR_PRODUCTION,
  FOR_TESTS,
  LEAST_DISK_GIB,
  LEAST_MEMORY_GIB,
} from '../knowledge/harvester.ts';
import { diskLimits, sizeOf } from '../site/disks.ts';
import { checksHardware, checksSizes, isUnknown } from '../site/effective.ts';
import { type Declared, linkSpeedOf, memoryOf, threadsOf } from '../site/hardware.ts';
import type { Facts, Node } from '../site/model.ts';
import { listed } from '../source/diagnostics/words.ts';
import { isBroken, keyPlaceOf, lacks, placeOf } from '../source/origin.ts';
import type { Place } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { wholeGib } from '../values/size.ts';
import { isAtLeast, type Version } from '../values/version.ts';
import type { Rule } from './rule.ts';
import { perNode } from './support.ts';

export const hardwareBelowMinimum: Rule = {
  code: 'hardware-below-minimum',
  severity: 'error',
  what: 'A machine that is no virtual one has at least the 8 CPU threads and 32 GiB of memory that Harvester names for tests.',
  why: 'Harvester alone takes most of a smaller machine: the installation is let through, and then pods do not start ("Hardware Requirements" in its documentation).',
  check: perNode((node, report) => {
    if (node.os !== 'harvester' || !node.facts || !lacks(node.facts, 'vm')) return;
    // Where the installer stops at it, hardware-too-small says so.
    if (checksHardware(node)) return;
    for (const { what, least, at } of belowTests(node.facts, 'CPU threads'))
      report({
        message: `The machine has ${what}, and Harvester wants at least ${least} even for tests.`,
        at,
        help: 'use a larger machine; or declare it as vm, if it is a virtual one',
      });
  }),
};

export const hardwareTooSmall: Rule = {
  code: 'hardware-too-small',
  severity: 'error',
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
      related.push({ message: 'skipping the checks is turned off at', at: placeOf(install, 'skipchecks') });
    report({
      message: `Harvester ${release.text} is for larger hardware than ${listed(all.map(({ what }) => what))}: the installer would stop.`,
      at: first.at,
      related,
      help: all.some(({ hopeless }) => hopeless)
        ? `use a machine with at least ${FOR_TESTS.threads} CPU threads and ${FOR_TESTS.memoryGib}Gi of memory: it is too small for tests, too`
        : 'if the machine is for tests, write `config: {install: {skipchecks: true}}`; else use a larger one',
    });
  }),
};

/** Returns what a machine declares that is less than Harvester demands for production, and whether it is too little for tests, too. */
function shortfalls(node: Draft<Node>, release: Version) {
  const { facts } = node;
  if (!facts) return [];
  const isVirtual = facts.vm !== undefined;
  const all: { what: string; name: string; at: Place; hopeless?: boolean }[] = [];
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
    all.push({ what: 'a virtual machine', name: 'the virtual machine', at: placeOf(facts, 'vm') });
  const { threads, memoryGib, linkMbits, linkSpeed } = FOR_PRODUCTION;
  const threadsText = `% CPU threads (${threads} at least)`;
  const memoryText = `% of memory (${memoryGib}Gi at least)`;
  add(threadsOf(facts), threads, FOR_TESTS.threads, threadsText, 'the number of CPU threads');
  add(memoryOf(facts), memoryGib, FOR_TESTS.memoryGib, memoryText, 'the memory');
  add(linkSpeedOf(facts), linkMbits, 0, `a link of % (${linkSpeed} at least)`, 'the link speed');
  const looksAtFirmware =
    isAtLeast(release, FIRST_RELEASE_CHECKING_BIOS) && !isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS);
  if (node.firmware === 'bios' && looksAtFirmware)
    all.push({ what: 'BIOS (UEFI)', name: 'the firmware', at: keyPlaceOf(node, 'firmware') });
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

export const vmBelowMinimum: Rule = {
  code: 'vm-below-minimum',
  severity: 'warning',
  what: 'A virtual machine that is no witness has what Harvester names as the least for tests: 8 virtual CPUs, 32 GiB of memory, and disks as large as the release wants them.',
  why: 'The checks of hardware are skipped for virtual machines: a smaller one is installed, and then pods do not start or volumes have no room ("Hardware Requirements" in Harvester\'s documentation).',
  check: perNode((node, report) => {
    if (node.os !== 'harvester' || !node.facts?.vm) return;
    // A witness only votes. Nobody knows who is one where the role is broken.
    if (isBroken(node, 'role') || isUnknown(node, 'install.role')) return;
    if (node.config?.install?.role === 'witness') return;
    for (const { what, least, at } of vmShortfalls(node)) {
      report({
        oncePerPlace: true,
        message: `The virtual machine has ${what}, and Harvester wants at least ${least} even for tests.`,
        at,
        help: `give it ${least}; or silence vm-below-minimum with the reason, where that is enough for what it is for`,
      });
    }
  }),
};

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

export const vmTooSmall: Rule = {
  code: 'vm-too-small',
  severity: 'error',
  what: `A virtual machine has at least the memory and the disk that an installation takes: ${LEAST_MEMORY_GIB} GiB and ${LEAST_DISK_GIB} GiB.`,
  why: 'The checks of hardware are skipped for virtual machines, and an installation then fails halfway: the live system that it runs in lies in memory ("PXE Boot Installation" in Harvester\'s documentation), and the partitions of the system and the ISO on the disk.',
  check: perNode((node, report) => {
    if (node.os !== 'harvester' || node.install === 'never' || !node.facts?.vm) return;
    const memory = memoryOf(node.facts);
    // Where the installer looks at sizes itself, hardware-too-small and disk-too-small say so.
    if (memory && memory.value < LEAST_MEMORY_GIB && checksHardware(node) === false) {
      report({
        oncePerPlace: true,
        message: `The virtual machine has ${memory.text} of memory, and the installer does not run in less than ${LEAST_MEMORY_GIB}Gi.`,
        at: memory.at,
        help: `give it ${LEAST_MEMORY_GIB}Gi at the very least; where nothing is ever installed, silence vm-too-small with the reason`,
      });
    }
    const disk = sizeOf(node, 'device');
    if (disk && wholeGib(disk.bytes) < LEAST_DISK_GIB && checksSizes(node) === false) {
      report({
        oncePerPlace: true,
        message: `The disk that Harvester is installed to has ${disk.text}, and its partitions and the ISO take ${LEAST_DISK_GIB}Gi.`,
        at: disk.at,
        help: `give it ${LEAST_DISK_GIB}Gi at the very least; where nothing is ever installed, silence vm-too-small with the reason`,
      });
    }
  }),
};

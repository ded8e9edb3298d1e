import {
  BESIDE_PERSISTENT_MIB,
  diskMinima,
  FIRST_RELEASE_CHECKING_BIOS,
  FIRST_RELEASE_SKIPPING_SIZES,
  FIRST_RELEASE_WITHOUT_BIOS,
  FOR_PRODUCTION,
  FOR_TESTS,
  FOR_WITNESS,
  LARGEST_MBR_DISK,
  LEAST_DISK_GIB,
  LEAST_MEMORY_GIB,
  LEAST_PERSISTENT_MIB,
  sparesWitness,
} from '../../knowledge/harvester.ts';
import { diskLimits, sizeOf } from '../../site/disks.ts';
import { checksHardware, checksSizes, isUnknown } from '../../site/effective.ts';
import { type Declared, linkSpeedOf, memoryOf, threadsOf } from '../../site/hardware.ts';
import type { Facts, Node } from '../../site/model.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { hasLocation, isBroken, keyLocationOf, lacks, locationOf } from '../../source/origin.ts';
import { locationKey, type SourceLocation } from '../../source/source.ts';
import { removeKey, replaceValue, safeFix, suggestedFix } from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { parseSize, wholeGib } from '../../values/size.ts';
import { isAtLeast, type Version } from '../../values/version.ts';
import { error, type Finding, type LocatedFinding, nodesWith, per, warning } from '../rule.ts';

const virtualMachines = nodesWith('facts', ({ vm }) => vm);

/** Nodes that set the size of the persistent partition, which is never derived. */
const sizingPartition = nodesWith('userConfig', ({ install }) => install?.persistent_partition_size);

export const hardwareRules = [
  error('hardware-below-minimum', {
    what: 'A physical machine must have at least 8 CPU threads and 32 GiB of memory; a witness, 4 and 16 GiB.',
    why: 'Harvester alone uses most of a smaller machine: the installation succeeds, but then pods do not start ("Hardware Requirements" in its documentation).',
  }).check(nodesWith('facts', (facts) => facts.hardware && lacks(facts, 'vm')).each, (node, report) => {
    // hardware-too-small reports machines at which the installer stops.
    const minimum = minimumOf(node);
    if (node.os !== 'harvester' || checksHardware(node) || !minimum) return;
    for (const { what, least, at } of below(minimum, node.facts, 'CPU threads'))
      report(at, {
        message: `The machine has ${what}, but Harvester requires at least ${least}, even for ${minimum.of}.`,
        help: 'use a larger machine; or, if it is virtual, declare it as vm',
      });
  }),
  error('hardware-too-small', {
    what: 'Declared hardware must meet the requirements of Harvester for production, unless the installer skips its checks.',
    why: 'From v1.3.0, the installer stops at the console on smaller hardware, and on virtual machines, unless skipchecks is true (harvester/harvester#1154).',
  }).check(per.node, (node, report) => {
    const release = node.os === 'harvester' ? node.cluster?.version : undefined;
    if (!release || !checksHardware(node)) return;
    const all = shortfalls(node, release);
    const [first, ...others] = all;
    if (!first) return;
    const related = others.map(({ name, at }) => ({ message: `${name} is declared at`, at }));
    const install = node.config?.install;
    const minimum = minimumOf(node) ?? FOR_TESTS;
    const isHopeless = all.some(({ hopeless }) => hopeless);
    const enough = `at least ${minimum.threads} CPU threads and ${minimum.memoryGib}Gi of memory`;
    const larger = isHopeless
      ? `use a machine with ${enough}: it is also too small for ${minimum.of}`
      : 'use a larger machine';
    const ways = new Set(all.map(({ way = larger }) => way).filter(Boolean));
    if (install?.skipchecks === false)
      related.push({ message: 'skipchecks is disabled at', at: locationOf(install, 'skipchecks') });
    report(first.at, {
      message: `The installer of Harvester ${release.text} stops, because it finds ${listed(all.map(({ what }) => what))}.`,
      related,
      help: [
        ...(ways.size > 0 ? [[...ways].join('; and ')] : []),
        ...(isHopeless ? [] : [`for ${minimum.of}, set \`config: {install: {skipchecks: true}}\``]),
      ].join('; or, '),
    });
  }),
  warning('vm-below-minimum', {
    what: 'A virtual machine, except a witness, must have 8 virtual CPUs, 32 GiB of memory and large enough disks.',
    why: 'This is Harvester\'s minimum for tests. Hardware checks are skipped for virtual machines: a smaller one is installed, but then pods do not start or volumes have no space ("Hardware Requirements" in Harvester\'s documentation).',
  }).check(virtualMachines.eachOnce, (node, report) => {
    if (node.os !== 'harvester') return;
    // A witness only votes. A node with an invalid role may be a witness.
    if (minimumOf(node) !== FOR_TESTS) return;
    for (const { what, least, at } of vmShortfalls(node))
      report(at, {
        message: `The virtual machine has ${what}, but Harvester requires at least ${least}, even for tests.`,
        help: `set at least ${least}; or, if this is enough, add silence: {vm-below-minimum: "the reason"}`,
      });
  }),
  error('vm-too-small', {
    what: `A virtual machine must have enough memory and disk for an installation: ${LEAST_MEMORY_GIB} GiB and ${LEAST_DISK_GIB} GiB.`,
    why: 'Hardware checks are skipped for virtual machines, and the installation fails midway. Its live system is in memory ("PXE Boot Installation" in Harvester\'s documentation), and the system partitions and the ISO are on the disk.',
  }).check(virtualMachines.eachOnce, (node, report) => {
    if (node.os !== 'harvester' || node.install === 'never') return;
    // A size that vm-below-minimum accepts, too.
    const release = node.config?.install?.role === 'witness' ? undefined : node.cluster?.version;
    const find = (at: SourceLocation, message: string, enough: number) =>
      report(at, {
        message,
        fix: suggestedFix(replaceValue(at, `${enough}Gi`)),
        help: `set at least ${enough}Gi; or, if nothing is ever installed, add silence: {vm-too-small: "the reason"}`,
      });
    // If the installer checks sizes itself, hardware-too-small and disk-too-small report them.
    const memory = memoryOf(node.facts);
    if (memory && memory.value < LEAST_MEMORY_GIB && checksHardware(node) === false)
      find(
        memory.at,
        `The virtual machine has ${memory.text} of memory, but the installer requires at least ${LEAST_MEMORY_GIB}Gi.`,
        release ? FOR_TESTS.memoryGib : LEAST_MEMORY_GIB,
      );
    const disk = sizeOf(node, 'device');
    if (disk && wholeGib(disk.bytes) < LEAST_DISK_GIB && checksSizes(node) === false)
      find(
        disk.at,
        `The disk for Harvester has ${disk.text}, but its partitions and the ISO require ${LEAST_DISK_GIB}Gi.`,
        release ? diskLimits(node, release).device : LEAST_DISK_GIB,
      );
  }),
  error('disk-too-small', {
    what: 'Declared disks must be large enough for the release.',
    why: 'The installer stops with "device size too small"; before v1.8.0, this check cannot be skipped (harvester/harvester#6064).',
  }).check(per.node, (node, report) => {
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
      const enough = key === 'device' ? Math.max(limits[key], withPartition(install, release)) : limits[key];
      const ways = [`use a larger disk: ${enough}Gi is enough, ${enough}GB is not`];
      if (key === 'device' && limits.device > beside && gib >= beside)
        ways.push(`add a second disk and set install.data_disk to it, with which ${beside}Gi is enough here`);
      if (isAtLeast(release, FIRST_RELEASE_SKIPPING_SIZES))
        ways.push('on a machine for tests, set `config: {install: {skipchecks: true}}`');
      report(size?.at ?? locationOf(install, key), {
        message: `${key === 'device' && node.iscsi ? 'The iSCSI disk (boot.size)' : `The disk of install.${key}`} has ${size?.text} (${gib} whole GiB), but Harvester ${release.text} requires ${limits[key]} GiB: the installer stops with "device size too small".`,
        related: [{ message: `install.${key} is set at`, at: locationOf(install, key) }],
        help: ways.join('; or '),
      });
    }
  }),
  error('persistent-partition-size', {
    what: 'The size of the persistent partition must be at least 150Gi, fit on the disk, and have an effect.',
    why: 'The installer checks it last: it stops midway, when it partitions the disk ("installer configuration" in Harvester\'s documentation).',
  }).check((site, report) => {
    // A value in a layer is unused only if it has no effect on any node.
    const idle: LocatedFinding[] = [];
    const effective = new Set<string>();
    for (const node of sizingPartition.ofSite(site)) {
      const install = node.os === 'harvester' ? node.config?.install : undefined;
      const text = install?.persistent_partition_size;
      const release = node.cluster?.version;
      if (!install || !text || !release || !isAtLeast(release, 'v1.2.0')) continue;
      const at = locationOf(install, 'persistent_partition_size');
      const reason = idleBy(install, release);
      if (reason)
        idle.push({
          node,
          message: `persistent_partition_size is ${text} but has no effect: ${reason.why}.`,
          at,
          related: [{ message: reason.what, at: reason.at }],
          fix: safeFix(removeKey(install, 'persistent_partition_size')),
          help: 'remove persistent_partition_size',
        });
      else {
        effective.add(locationKey(at));
        const found = checksSizes(node) && isCertain(node) ? sizeError(node, release, text) : undefined;
        if (found) report(at, { node, ...found });
      }
    }
    for (const { at, ...finding } of idle) if (!effective.has(locationKey(at))) report(at, finding);
  }),
  error('force-mbr', {
    what: 'A machine with `force_mbr` must have a BIOS and a disk of less than 2 TiB.',
    why: 'The installer stops with "cannot force MBR on UEFI system" or "disk size too large for MBR partitioning table". From v1.8.0, every machine boots with UEFI.',
  }).check(nodesWith('config', ({ install }) => install?.force_mbr).each, (node, report) => {
    const { install } = node.config;
    if (node.os !== 'harvester' || !install) return;
    const { why, ...obstacle } = obstacleOf(node) ?? {};
    if (why === undefined) return;
    const message = `force_mbr is true, but ${why}: the installer stops.`;
    const { help } = obstacle as { help?: string };
    const fix = (help === 'remove force_mbr' ? safeFix : suggestedFix)(removeKey(install, 'force_mbr'));
    report(locationOf(install, 'force_mbr'), { message, fix, ...obstacle });
  }),
];

/** Returns the declared hardware that is below Harvester's minimum for production, and whether it is also below `minimumOf`. */
function shortfalls(node: Draft<Node>, release: Version) {
  const { facts } = node;
  if (!facts) return [];
  const minimum = minimumOf(node);
  const isVirtual = facts.vm !== undefined;
  // `way` is what to do, if that is not a larger machine.
  const all: { what: string; name: string; at: SourceLocation; hopeless?: boolean; way?: string }[] = [];
  const { threads, memoryGib, linkMbits, linkSpeed } = FOR_PRODUCTION;
  const [has, memory, link] = [threadsOf(facts), memoryOf(facts), linkSpeedOf(facts)];
  const add = (declared: Declared, name: string, what: string, leastForTests = 0) =>
    all.push({ what, name, at: declared.at, hopeless: !isVirtual && declared.value < leastForTests });
  if (isVirtual)
    all.push({
      what: 'a virtual machine',
      name: 'the virtual machine',
      at: locationOf(facts, 'vm'),
      way: '',
    });
  if (has && has.value < threads)
    add(has, 'the number of CPU threads', `${has.text} CPU threads (${threads} at least)`, minimum?.threads);
  if (memory && memory.value < memoryGib)
    add(memory, 'the memory', `${memory.text} of memory (${memoryGib}Gi at least)`, minimum?.memoryGib);
  if (link && link.value < linkMbits)
    add(link, 'the link speed', `a link of ${link.text} (${linkSpeed} at least)`);
  const checksFirmware =
    isAtLeast(release, FIRST_RELEASE_CHECKING_BIOS) && !isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS);
  if (node.firmware === 'bios' && checksFirmware)
    all.push({
      what: 'BIOS instead of UEFI',
      name: 'the firmware',
      at: keyLocationOf(node, 'firmware'),
      way: 'switch the firmware of the machine to UEFI, and remove `firmware: bios`',
    });
  return all;
}

type Minimum = typeof FOR_TESTS | typeof FOR_WITNESS;

/** Returns the minimum for a machine of a node: for tests, or for a witness. Undefined if an error hides its role. */
function minimumOf(node: Draft<Node>): Minimum | undefined {
  if (isBroken(node, 'role') || isUnknown(node, 'install.role')) return undefined;
  return node.config?.install?.role === 'witness' ? FOR_WITNESS : FOR_TESTS;
}

/** Yields the declared hardware that is below a minimum. Another rule reports memory below `leastMemory`. */
function* below({ threads, memoryGib }: Minimum, facts: Draft<Facts>, unit: string, leastMemory = 0) {
  const has = threadsOf(facts);
  if (has && has.value < threads) yield { what: `${has.text} ${unit}`, least: String(threads), at: has.at };
  const memory = memoryOf(facts);
  if (memory && memory.value < memoryGib && memory.value >= leastMemory)
    yield { what: `${memory.text} of memory`, least: `${memoryGib}Gi`, at: memory.at };
}

/** Yields the hardware that is below the minimum for tests. vm-too-small reports sizes that are too small to install on. */
function* vmShortfalls(node: Draft<Node>) {
  const { facts } = node;
  const release = node.cluster?.version;
  if (!facts || !release) return;
  if (checksHardware(node) === false) yield* below(FOR_TESTS, facts, 'virtual CPUs', LEAST_MEMORY_GIB);
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

type Install = NonNullable<NonNullable<Draft<Node>['config']>['install']>;

/** Returns the size in whole GiB of a device with the persistent partition of a configuration; 0 without one. */
function withPartition(install: Install, release: Version): number {
  const bytes = parseSize(install.persistent_partition_size ?? '');
  return bytes && !idleBy(install, release) ? Math.ceil((bytes / 2 ** 20 + BESIDE_PERSISTENT_MIB) / 1024) : 0;
}

function isCertain(node: Draft<Node>): boolean {
  const paths = ['install.data_disk', 'install.force_mbr', 'install.role'];
  return !isBroken(node, 'role') && !paths.some((path) => isUnknown(node, path));
}

function idleBy(install: Install, release: Version) {
  const idle = (where: string, what: string, key: keyof Install) => ({
    why: `${where}, the partition takes the rest of the device`,
    what,
    at: locationOf(install, key),
  });
  if (install.data_disk !== undefined && install.data_disk !== install.device)
    return idle('with a data disk', 'the data disk is set at', 'data_disk');
  if (install.force_mbr) return idle('with MBR', 'MBR is set at', 'force_mbr');
  return install.role === 'witness' && sparesWitness(release)
    ? idle('on a witness', 'the role is set at', 'role')
    : undefined;
}

function sizeError(node: Draft<Node>, release: Version, text: string): Finding | undefined {
  const mib = (parseSize(text) ?? 0) / 2 ** 20;
  const size = sizeOf(node, 'device');
  const gib = size && wholeGib(size.bytes);
  const most = (gib ?? 0) * 1024 - BESIDE_PERSISTENT_MIB;
  if (mib < LEAST_PERSISTENT_MIB)
    return {
      message: `persistent_partition_size is ${text}, but the installer requires at least 150Gi: it stops midway, when it partitions the disk.`,
      help: `set 150Gi ${most < LEAST_PERSISTENT_MIB ? 'or more' : `to ${Math.floor(most / 1024)}Gi`}; or remove it: the default is 150Gi`,
    };
  // disk-too-small reports a disk that is too small by itself.
  if (!size || gib === undefined || gib < diskMinima(release).single) return undefined;
  if (mib <= most) return undefined;
  return {
    message: `persistent_partition_size is ${text}, but the other partitions leave ${Math.floor(most / 1024)}Gi of a disk of ${gib} GiB: the installer stops midway, when it partitions the disk.`,
    related: [{ message: 'the size of the device is declared at', at: size.at }],
    help: `set at most ${Math.floor(most / 1024)}Gi (exactly: ${most}Mi)`,
  };
}

function obstacleOf(node: Draft<Node>) {
  const release = node.cluster?.version;
  if (release && isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS))
    return { why: `Harvester ${release.text} requires UEFI`, help: 'remove force_mbr' };
  if (node.firmware === 'uefi') {
    const isSet = hasLocation(node, 'firmware');
    return {
      why: 'the machine boots with UEFI',
      related: isSet ? [{ message: 'its firmware is set at', at: locationOf(node, 'firmware') }] : [],
      help: isSet
        ? 'remove force_mbr'
        : 'remove force_mbr; or, if the machine has a BIOS, set firmware: bios',
    };
  }
  const size = sizeOf(node, 'device');
  if (!size || size.bytes <= LARGEST_MBR_DISK) return undefined;
  return {
    why: `the disk has ${size.text}, and MBR ends just below 2 TiB`,
    related: [{ message: 'the size of the device is declared at', at: size.at }],
    help: 'remove force_mbr, or name a smaller device',
  };
}

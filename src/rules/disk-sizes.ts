import {
  BESIDE_PERSISTENT_MIB,
  diskMinima,
  FIRST_RELEASE_SKIPPING_SIZES,
  FIRST_RELEASE_WITHOUT_BIOS,
  LARGEST_MBR_DISK,
  LEAST_PERSISTENT_MIB,
  sparesWitness,
} from '../knowledge/harvester.ts';
import { diskLimits, sizeOf } from '../site/disks.ts';
import { checksSizes, isUnknown } from '../site/effective.ts';
import type { Node } from '../site/model.ts';
import { hasPlace, isBroken, placeOf } from '../source/origin.ts';
import { type Place, placeKey } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { parseSize, wholeGib } from '../values/size.ts';
import { isAtLeast, type Version } from '../values/version.ts';
import type { Finding, Rule } from './rule.ts';
import { perNode } from './support.ts';

export const diskTooSmall: Rule = {
  code: 'disk-too-small',
  severity: 'error',
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
        at: size?.at ?? placeOf(install, key),
        related: [{ message: `it is the ${key} by`, at: placeOf(install, key) }],
        help: ways.join('; or '),
      });
    }
  }),
};

type Install = NonNullable<NonNullable<Draft<Node>['config']>['install']>;

export const persistentPartitionSize: Rule = {
  code: 'persistent-partition-size',
  severity: 'error',
  what: 'The size of the persistent partition is at least 150Gi, fits on the disk, and is said only where it counts.',
  why: 'The installer looks at it last: it stops halfway, when it comes to divide the disk ("installer configuration" in Harvester\'s documentation).',
  check({ nodes = [] }, report) {
    // What a layer says has no effect only if it has none on any node.
    const idle: Finding[] = [];
    const effective = new Set<string>();
    for (const node of nodes) {
      // Nothing derives it.
      if (node?.os !== 'harvester' || node.said?.install?.persistent_partition_size === undefined) continue;
      const install = node.config?.install;
      const text = install?.persistent_partition_size;
      const release = node?.cluster?.version;
      if (!install || !text || !release || !isAtLeast(release, 'v1.2.0')) continue;
      const at = placeOf(install, 'persistent_partition_size');
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
        effective.add(placeKey(at));
        const fault = checksSizes(node) && isCertain(node) ? sizeFault(node, release, text) : undefined;
        if (fault) report({ node, at, ...fault });
      }
    }
    for (const finding of idle) if (!effective.has(placeKey(finding.at))) report(finding);
  },
};

/** Whether nothing that could make the size idle is unknown. */
function isCertain(node: Draft<Node>): boolean {
  const paths = ['install.data_disk', 'install.force_mbr', 'install.role'];
  return !isBroken(node, 'role') && !paths.some((path) => isUnknown(node, path));
}

/** Why there is no partition of its own for what the size is for. */
function idleBy(install: Install, release: Version): { why: string; what: string; at: Place } | undefined {
  const idle = (where: string, what: string, key: keyof Install) => ({
    why: `${where}, the partition takes what is left of the device`,
    what,
    at: placeOf(install, key),
  });
  if (install.data_disk !== undefined && install.data_disk !== install.device)
    return idle('beside a data disk', 'the data disk is set at', 'data_disk');
  if (install.force_mbr) return idle('with MBR', 'MBR is asked for at', 'force_mbr');
  return install.role === 'witness' && sparesWitness(release)
    ? idle('on a witness', 'the role is set at', 'role')
    : undefined;
}

/** What is wrong with a size that counts, if anything. */
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

export const forceMbr: Rule = {
  code: 'force-mbr',
  severity: 'error',
  what: 'MBR is forced only on machines that boot by BIOS, on disks of less than 2 TiB.',
  why: 'The installer stops with "cannot force MBR on UEFI system" or "disk size too large for MBR partitioning table"; from v1.8.0 on, every machine boots by UEFI.',
  check: perNode((node, report) => {
    const install = node.os === 'harvester' ? node.config?.install : undefined;
    if (!install?.force_mbr) return;
    const { why, ...obstacle } = obstacleOf(node) ?? {};
    if (why === undefined) return;
    const message = `force_mbr is true, and ${why}: the installer would stop.`;
    report({ message, at: placeOf(install, 'force_mbr'), ...obstacle });
  }),
};

function obstacleOf(
  node: Draft<Node>,
): (Pick<Finding, 'related' | 'help'> & { readonly why: string }) | undefined {
  const release = node.cluster?.version;
  if (release && isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS))
    return { why: `Harvester ${release.text} boots by UEFI only`, help: 'remove it' };
  if (node.firmware === 'uefi') {
    const isSaid = hasPlace(node, 'firmware');
    return {
      why: 'the machine boots by UEFI',
      related: isSaid ? [{ message: 'its firmware is set at', at: placeOf(node, 'firmware') }] : [],
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

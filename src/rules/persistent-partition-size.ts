import {
  BESIDE_PERSISTENT_MIB,
  diskMinima,
  LEAST_PERSISTENT_MIB,
  sparesWitness,
} from '../knowledge/tables/harvester-hardware.ts';
import { sizeOf } from '../site/disks.ts';
import { checksSizes } from '../site/installer-checks.ts';
import { isUnknown } from '../site/is-unknown.ts';
import type { Node } from '../site/model.ts';
import { isBroken, type Place, placeKey, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { parseSize, wholeGib } from '../values/size.ts';
import { isAtLeast } from '../values/version.ts';
import type { Finding, Rule } from './rule.ts';

export const persistentPartitionSize: Rule = {
  code: 'persistent-partition-size',
  severity: 'error',
  what: 'The size of the persistent partition is at least 150Gi, fits on the disk, and is said only where it counts.',
  why: 'The installer looks at it last: it stops halfway, when it comes to divide the disk ("installer configuration" in Harvester\'s documentation).',
  check({ nodes = [] }, report) {
    // What a layer says has no effect only if it has none on any node.
    const idle = new Map<string, Finding[]>();
    const effective = new Set<string>();
    for (const node of nodes) {
      // Nothing derives it.
      if (node?.os !== 'harvester' || node.said?.install?.persistent_partition_size === undefined) continue;
      const install = node.config?.install;
      const text = install?.persistent_partition_size;
      const release = node?.cluster?.version;
      if (!install || !text || !release || !isAtLeast(release, 'v1.2.0')) continue;
      const at = placeOf(install, 'persistent_partition_size');
      const reason = idleBy(node);
      if (reason) {
        const finding = {
          node,
          message: `persistent_partition_size is ${text} for nothing: ${reason.why}.`,
          at,
          related: [{ message: reason.what, at: reason.at }],
          help: 'remove it',
        };
        const findings = idle.get(placeKey(at));
        if (findings) findings.push(finding);
        else idle.set(placeKey(at), [finding]);
      } else {
        effective.add(placeKey(at));
        if (checksSizes(node) && isCertain(node)) checkSize(node, text, at, report);
      }
    }
    for (const [place, findings] of idle) if (!effective.has(place)) findings.forEach(report);
  },
};

/** Whether nothing that could make the size idle is unknown. */
function isCertain(node: Draft<Node>): boolean {
  const paths = ['install.data_disk', 'install.force_mbr', 'install.role'];
  return !isBroken(node, 'role') && !paths.some((path) => isUnknown(node, path));
}

/** Why there is no partition of its own for what the size is for. */
function idleBy({ config, cluster }: Draft<Node>): { why: string; what: string; at: Place } | undefined {
  const install = config?.install;
  if (!install || !cluster?.version) return undefined;
  if (install.data_disk !== undefined && install.data_disk !== install.device)
    return {
      why: 'beside a data disk, the partition takes what is left of the device',
      what: 'the data disk is set at',
      at: placeOf(install, 'data_disk'),
    };
  if (install.force_mbr)
    return {
      why: 'with MBR, the partition takes what is left of the device',
      what: 'MBR is asked for at',
      at: placeOf(install, 'force_mbr'),
    };
  if (install.role === 'witness' && sparesWitness(cluster.version))
    return {
      why: 'on a witness, the partition takes what is left of the device',
      what: 'the role is set at',
      at: placeOf(install, 'role'),
    };
  return undefined;
}

function checkSize(node: Draft<Node>, text: string, at: Place, report: (finding: Finding) => void): void {
  const release = node.cluster?.version;
  const mib = (parseSize(text) ?? 0) / 2 ** 20;
  if (!release) return;
  if (mib < LEAST_PERSISTENT_MIB) {
    report({
      node,
      message: `persistent_partition_size is ${text}, and the installer wants at least 150Gi: it would stop halfway, when it comes to divide the disk.`,
      at,
      help: 'write 150Gi or more; or remove it, since 150Gi is the default',
    });
    return;
  }
  const size = sizeOf(node, 'device');
  const gib = size && wholeGib(size.bytes);
  // A disk that is too small as it is has been spoken of.
  if (gib === undefined || gib < diskMinima(release).single) return;
  const most = gib * 1024 - BESIDE_PERSISTENT_MIB;
  if (mib <= most) return;
  report({
    node,
    message: `persistent_partition_size is ${text}, and a disk of ${gib} GiB leaves ${Math.floor(most / 1024)}Gi for it beside the other partitions: the installer would stop halfway, when it comes to divide the disk.`,
    at,
    related: [{ message: "the device's size is declared at", at: size?.at ?? at }],
    help: `write at most ${Math.floor(most / 1024)}Gi (to the last bit: ${most}Mi)`,
  });
}

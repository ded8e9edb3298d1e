import { HOST_SETUP } from '../../tree/paths.ts';
import { isSameKind, targetsOf } from './boots.ts';
import type { SiteChange, Trees } from './change.ts';
import type { SiteFacts } from './facts.ts';

interface HostDisk {
  readonly node: string;
  readonly target: string;
  readonly file: unknown;
}

/**
 * Reports the disks whose image would get the name of another disk's image: host-setup.sh then changes neither the image nor the
 * machine. A disk is known by the UUID of its machine and its serial number.
 */
export function heldDisks({ before, after }: Trees): SiteChange[] {
  const [old, now] = [disksOf(before), disksOf(after)];
  const [owners, files] = [namesIn(old), new Set([...now.values()].map(({ file }) => file))];
  return [...now].flatMap(([id, { node, target, file }]): SiteChange[] => {
    const was = old.get(id)?.file;
    const owner = owners.get(file);
    const isRenamed = was !== undefined && was !== file && isSameKind(was, file);
    const isHeld = isRenamed
      ? owner !== undefined || files.has(was)
      : was === undefined && owner !== undefined && now.has(owner);
    if (!isHeld) return [];
    const how = owner
      ? `disk ${target} of ${node} gets the image name of another disk`
      : `another disk gets the image name of disk ${target} of ${node}`;
    const text = `${how}: ${HOST_SETUP} does not define ${node} again; choose an unused name`;
    return [
      { what: 'disk-name', name: node, key: `domain.disks.${target}.file`, before: was, after: file, text },
    ];
  });
}

function disksOf({ nodes }: SiteFacts): Map<string, HostDisk> {
  return new Map(
    [...nodes.values()].flatMap(({ name: node, domain }) =>
      targetsOf(domain ?? {}).map((target) => {
        const [file, serial] = [domain?.[`disks.${target}.file`], domain?.[`disks.${target}.serial`]];
        return [`${String(domain?.uuid)} ${String(serial)}`, { node, target, file }] as const;
      }),
    ),
  );
}

/** Returns the disk of each image. */
function namesIn(disks: ReadonlyMap<string, HostDisk>): Map<unknown, string> {
  return new Map([...disks].map(([id, { file }]) => [file, id]));
}

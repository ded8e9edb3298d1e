import { diskMinima, sparesWitness } from '../knowledge/tables/harvester-hardware.ts';
import type { Draft } from '../values/draft.ts';
import type { Version } from '../values/version.ts';
import type { Node } from './model.ts';

/** Gives how large a node's disks must at least be for its release, in whole GiB: 0 where anything is enough. */
export function diskLimits(
  { config }: Draft<Node>,
  release: Version,
): Readonly<Record<'device' | 'data_disk', number>> {
  const install = config?.install ?? {};
  const { single, beside, dataDisk } = diskMinima(release);
  const isWitness = install.role === 'witness' && sparesWitness(release);
  const hasDataDisk = install.data_disk !== undefined && install.data_disk !== install.device;
  return {
    device: isWitness || hasDataDisk ? beside : single,
    data_disk: hasDataDisk && !isWitness ? dataDisk : 0,
  };
}

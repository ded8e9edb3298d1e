import type { Output } from '../tree/write.ts';

/** Says in one line what was done in a folder, without a line end. */
export function summary({ folder, difference }: Output): string {
  const { added, changed, unchanged, removed } = difference;
  const written = added.length + changed.length;
  return `${folder}: ${written} written, ${unchanged.length} unchanged, ${removed.length} removed`;
}

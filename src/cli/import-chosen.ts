import type { ImportedSite } from '../import/kind.ts';
import { nearest } from '../values/nearest.ts';
import type { ImportOptions } from './import-options.ts';
import { UsageError } from './usage-error.ts';

/**
 * Gives the sites of a file that are to be written: all of them below `--into`, else the one, or the one that is called as
 * is wished. Throws UsageError where it cannot be told which.
 */
export function chosenSites(
  made: readonly ImportedSite[],
  wished: string | undefined,
  { into }: ImportOptions,
): readonly ImportedSite[] {
  const names = made.map(({ name }) => name).join(', ');
  if (wished !== undefined) {
    const chosen = made.filter(({ name }) => name === wished);
    if (chosen.length > 0) return chosen;
    const meant = nearest(
      wished,
      made.map(({ name }) => name),
    );
    throw new UsageError(
      `the file has the sites ${names}, and none that is called ${wished}${meant === undefined ? '' : `: did you mean ${meant}?`}`,
    );
  }
  if (into !== undefined || made.length === 1) return made;
  throw new UsageError(
    `the file makes several sites, ${names}: --into DIR writes a folder for each, --site NAME picks one`,
  );
}

import { join } from 'node:path';
import { gitTakes } from '../tree/git-takes.ts';
import { OutputError } from '../tree/output-error.ts';
import type { Tree } from '../tree/tree.ts';

/** As many files are named; of more, how many there are. */
const MOST_NAMED = 3;

/**
 * Refuses to write what is confidential where git tracks it or would take it up. Takes trees by the folders that they
 * belong into. Throws OutputError with all folders that are at fault.
 */
export function refuseGit(trees: ReadonlyMap<string, Tree>): void {
  const faults = [...trees].flatMap(([folder, tree]) => {
    const paths = [...tree].flatMap(([path, { confidential }]) => (confidential ? [path] : []));
    return gitTakes(folder, paths).map(({ workTree, paths, fault }) => {
      if (fault !== undefined)
        return `  ${folder} lies in the work tree of git ${workTree}, and whether that would take them up is not known: ${fault}`;
      const named = paths.slice(0, MOST_NAMED).map((path) => join(folder, path));
      const more = paths.length > MOST_NAMED ? ` and ${paths.length - MOST_NAMED} more` : '';
      return `  ${folder} lies in the work tree of git ${workTree}, which does not ignore ${named.join(', ')}${more}`;
    });
  });
  if (faults.length === 0) return;
  throw new OutputError(
    [
      'the output holds secrets, and git would keep them for ever:',
      ...faults,
      'Write it outside of any repository with --out, or add the folder to .gitignore and take what is tracked in it',
      'out of git with `git rm --cached`; --allow-secrets-in-git writes it all the same.',
    ].join('\n'),
  );
}

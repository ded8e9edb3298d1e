import { resolve } from 'node:path';
import type { SiteOptions } from '../compile-sites.ts';
import { wholeFile } from '../inventory/disk.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { compareStill, unmanagedFiles } from '../tree/compare.ts';
import { isFilled, isUnfilling } from '../tree/manifest.ts';
import type { Tree } from '../tree/tree.ts';
import { escapeLines } from '../values/text.ts';
import { FORMATS } from './check.ts';
import { printDiagnostics, printMessage } from './console.ts';
import { formatOf } from './read-arguments.ts';
import { compileWithProgress, placeTrees } from './sites.ts';
import { UNMANAGED } from './write-outputs.ts';

/** Why a file differs from a fresh build; `behind` and `behind-filled` mean without and with the values of secrets. */
type Problem = 'behind' | 'behind-filled' | 'unmanaged' | 'unfilled';

const HINTS: Readonly<Record<Problem, string>> = {
  behind: 'run `harvgen diff` to see the lines, then build without --check and commit the result',
  'behind-filled':
    'run `harvgen diff` with the same --secrets to see the changes, then build with it, without --check, and deploy the result',
  unmanaged: UNMANAGED,
  unfilled: 'add --secrets',
};

/** The states of a file in an output directory, each with its message. */
const STATES = {
  missing: 'is missing: the deployed tree would lack it',
  differs: 'differs from a build of the inventory: machines would not get what the inventory sets',
  obsolete: 'is not in a build of the inventory: it would still be deployed',
  unmanaged: 'was not written by harvgen: it would be deployed with the tree',
};

/** A file that differs from a fresh build; without a state, a directory that cannot be compared. */
interface Finding {
  readonly folder: string;
  readonly path: string;
  readonly problem: Problem;
  readonly state?: keyof typeof STATES;
  readonly isEdited?: boolean;
}

/**
 * `harvgen build --check`: compares the output directories of sites with fresh builds. Prints the differences as text, or in a format
 * for programs with the diagnostics of the sites. Returns the exit code.
 */
export async function checkTrees(
  sites: readonly string[],
  out: string,
  compiling: SiteOptions,
  name = 'text',
): Promise<number> {
  const format = formatOf(FORMATS, name);
  const isText = name === 'text';
  const { compilations, diagnostics, failed } = await compileWithProgress(sites, compiling);
  if (isText) printDiagnostics(diagnostics, failed ? ': nothing was written' : '');
  const trees = failed ? [] : [...placeTrees(compilations, sites, out)];
  const findings = trees.flatMap(([folder, tree]) => {
    const found = findingsIn(folder, tree);
    if (isText) process.stdout.write(escapeLines(textOf(folder, found)));
    return found;
  });
  if (!isText) process.stdout.write(format([...diagnostics, ...findings.map(asDiagnostic)], process.cwd()));
  for (const [problem, hint] of isText ? Object.entries(HINTS) : [])
    if (findings.some((finding) => finding.state && finding.problem === problem)) printMessage(hint);
  return failed || findings.length > 0 ? 1 : 0;
}

function findingsIn(folder: string, tree: Tree): Finding[] {
  if (isUnfilling(folder, tree)) return [{ folder, path: '', problem: 'unfilled' }];
  const difference = compareStill(folder, tree);
  const edited = new Set(difference.edited);
  const behind = isFilled(tree) ? 'behind-filled' : 'behind';
  const unmanaged = unmanagedFiles(folder, tree, difference);
  const all = {
    missing: difference.added,
    differs: difference.changed,
    obsolete: difference.removed,
    unmanaged,
  };
  return Object.entries(all).flatMap(([name, paths]) => {
    const state = name as keyof typeof STATES;
    const problem = state === 'unmanaged' ? state : behind;
    return paths.map((path) => ({ folder, path, problem, state, isEdited: edited.has(path) }));
  });
}

const EDITED = ' (edited since the last build)';

function textOf(folder: string, findings: readonly Finding[]): string {
  const { length } = findings;
  if (length === 0) return `${folder} matches the inventory\n`;
  if (findings.some(({ state }) => !state)) return `${unfilled(folder)}: add --secrets\n`;
  const lines = findings.map(
    ({ state, path, isEdited }) => `  ${state?.padEnd(9)}  ${path}${isEdited ? EDITED : ''}\n`,
  );
  return `${folder} differs from the inventory: ${length} ${length === 1 ? 'file' : 'files'}\n${lines.join('')}`;
}

function asDiagnostic({ folder, path, problem, state, isEdited }: Finding): Diagnostic {
  const kind = state === undefined ? 'filled' : state === 'unmanaged' ? state : 'differs';
  return {
    code: `output-${kind}`,
    severity: 'error',
    message: state ? `${path} ${STATES[state]}${isEdited ? EDITED : ''}.` : `${unfilled(folder)}.`,
    help: HINTS[problem],
    at: wholeFile(resolve(folder, path)),
  };
}

function unfilled(folder: string): string {
  return `${folder} contains the values of secrets, so a build without them cannot be compared`;
}

import { basename, isAbsolute, relative, resolve, sep } from 'node:path';
import type { PlacedPlan, PlanOptions } from '../inspect/diff/change.ts';
import { filesBefore } from '../inspect/diff/files.ts';
import type { Look } from '../inspect/diff/format.ts';
import { plan, tellMoves } from '../inspect/diff/plan.ts';
import { withMarks } from '../inspect/diff/with-marks.ts';
import { SecretsError } from '../secrets/secrets-error.ts';
import { compareStill } from '../tree/compare-still.ts';
import { OutputError } from '../tree/output-error.ts';
import type { Tree } from '../tree/tree.ts';
import { compileWithProgress } from './compile-with-progress.ts';
import { inColor } from './in-color.ts';
import { placeTrees } from './place-trees.ts';
import { present } from './present.ts';
import { refuseNode } from './refuse-node.ts';
import { secretsFor } from './secrets-for.ts';
import { findSites } from './sites.ts';
import { UsageError } from './usage-error.ts';

interface DiffOptions extends PlanOptions {
  readonly out: string;
  readonly format: string;
  readonly secrets?: string;
}

type Format = (plans: readonly PlacedPlan[], look: Look, options: PlanOptions) => Promise<Iterable<string>>;

const FORMATS: Readonly<Record<string, Format>> = {
  text: async (...args) => (await import('../inspect/diff/format.ts')).formatText(...args),
  json: async (plans, _, options) => [(await import('../inspect/diff/format.ts')).formatJson(plans, options)],
};

/**
 * `harvgen diff`: says what a build would change, by node and by file, and writes nothing. It shows no secret's value.
 * Gives the exit code: 1 where an inventory has an error, or a folder is not harvgen's.
 */
export async function diff(args: readonly string[], options: DiffOptions): Promise<number> {
  const format = Object.hasOwn(FORMATS, options.format) ? FORMATS[options.format] : undefined;
  if (!format) {
    const known = Object.keys(FORMATS).join(', ');
    throw new UsageError(`there is no format ${options.format}; there are ${known}`);
  }
  const sites = await findSites(args);
  await refuseNode(sites, 'diff');
  try {
    const secrets = await secretsFor(sites, options.secrets);
    const { compilations, diagnostics, failed } = await compileWithProgress(sites, secrets);
    present(diagnostics, failed ? ': nothing was compared' : '');
    if (failed) return 1;
    const trees = placeTrees(compilations, sites, options.out);
    const plans = tellMoves([...trees].map(([folder, tree]) => placedPlan(folder, tree)));
    const look = { isTerminal: Boolean(process.stdout.isTTY), color: inColor(process.stdout) };
    for (const text of await format(plans, look, options)) process.stdout.write(text);
    return 0;
  } catch (error) {
    if (!(error instanceof OutputError || error instanceof SecretsError)) throw error;
    process.stderr.write(`harvgen: ${error.message}\n`);
    return 1;
  }
}

function placedPlan(folder: string, tree: Tree): PlacedPlan {
  const difference = compareStill(folder, tree);
  const { otherValues, unknown, ...trees } = withMarks(folder, filesBefore(folder, tree, difference), tree);
  const { before, after, filling } = trees;
  const hides = filling !== undefined || unknown.size > 0;
  const isFilled = filling !== undefined && filling !== 'to-mark';
  const filled = hides ? { isFilled, changed: new Set(difference.changed), otherValues } : undefined;
  return {
    site: basename(folder),
    folder: withSlashes(folder),
    root: rootOf(folder),
    plan: plan(before, after, filled),
    edited: difference.edited,
    unknown,
    filling,
  };
}

/**
 * Where a folder lies for those who apply the diff: below the current folder; if it lies elsewhere, below the folder
 * that `--out` names, since no program takes a diff of files outside of where it stands.
 */
function rootOf(folder: string): string {
  const path = relative(process.cwd(), resolve(folder));
  const isElsewhere = path.split(sep)[0] === '..' || isAbsolute(path);
  return withSlashes(isElsewhere ? basename(folder) : path);
}

function withSlashes(path: string): string {
  return path.split(sep).join('/');
}

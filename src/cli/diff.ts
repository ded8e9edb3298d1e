import { basename, join, relative, resolve, sep } from 'node:path';
import { nodeNames } from '../edit/edit-node.ts';
import type { PlacedPlan, PlanOptions } from '../inspect/diff/change.ts';
import { filesBefore } from '../inspect/diff/files.ts';
import { formatJson, formatText, type Look } from '../inspect/diff/format.ts';
import { detectMoves, plan } from '../inspect/diff/plan.ts';
import { restorePlaceholders } from '../inspect/diff/secrets.ts';
import { Disk, isFile, isFolder } from '../inventory/disk.ts';
import { readFiles } from '../inventory/files.ts';
import type { Site } from '../site/model.ts';
import { Report } from '../source/diagnostics/report.ts';
import { compareStill } from '../tree/compare.ts';
import { isWithin } from '../tree/output-folder.ts';
import type { Tree } from '../tree/tree.ts';
import { inColor, printDiagnostics } from './console.ts';
import { formatOf, UsageError } from './read-arguments.ts';
import { compileWithProgress, findSites, placeTrees, secretsFor } from './sites.ts';

interface DiffOptions extends PlanOptions {
  readonly out: string;
  readonly format: string;
  readonly secrets?: string;
  readonly templates: boolean;
}

type Format = (plans: readonly PlacedPlan[], look: Look, options: PlanOptions) => Iterable<string>;

const FORMATS: Readonly<Record<string, Format>> = {
  text: formatText,
  json: (plans, _, options) => [formatJson(plans, options)],
};

/**
 * `harvgen diff`: shows what a build would change, by node and file; writes nothing and prints no value of a secret.
 * Returns the exit code: 1 if an inventory has an error or harvgen did not write a directory.
 */
export async function diff(args: readonly string[], options: DiffOptions): Promise<number> {
  const format = formatOf(FORMATS, options.format);
  const sites = await findSites(args);
  await refuseNode(sites, 'diff');
  const secrets = await secretsFor(sites, options.secrets);
  const { compilations, diagnostics, failed } = await compileWithProgress(sites, { ...options, secrets });
  printDiagnostics(diagnostics, failed ? ': nothing was compared' : '');
  if (failed) return 1;
  const trees = placeTrees(compilations, sites, options.out);
  const siteOf = new Map(compilations.map(({ tree, site }) => [tree, site]));
  const plans = detectMoves([...trees].map(([folder, tree]) => placedPlan(folder, tree, siteOf.get(tree))));
  const look = { isTerminal: Boolean(process.stdout.isTTY), color: inColor(process.stdout) };
  for (const text of format(plans, look, options)) process.stdout.write(text);
  return 0;
}

/** Returns the changes that a build of a tree would make in a directory. */
export function placedPlan(folder: string, tree: Tree, site: Site | undefined): PlacedPlan {
  const difference = compareStill(folder, tree);
  const onDisk = filesBefore(folder, tree, difference);
  const { before, after, filling, otherValues, unknown } = restorePlaceholders(folder, onDisk, tree);
  const hides = filling !== undefined || unknown.size > 0;
  const isFilled = filling !== undefined && filling !== 'to-mark';
  const filled = hides ? { isFilled, changed: new Set(difference.changed), otherValues } : undefined;
  return {
    site: basename(folder),
    folder: withSlashes(folder),
    root: rootOf(folder),
    plan: plan(before, after, filled, site),
    edited: difference.edited,
    unknown,
    filling,
  };
}

/**
 * Returns the path of a directory for the user who applies the patch: relative to the current directory, or for a directory
 * elsewhere to the one of `--out`. No program applies a patch to files outside the current directory.
 */
function rootOf(folder: string): string {
  const path = resolve(folder);
  return withSlashes(isWithin(path, process.cwd()) ? relative(process.cwd(), path) : basename(folder));
}

function withSlashes(path: string): string {
  return path.split(sep).join('/');
}

/**
 * Throws UsageError if an argument after a site is a node instead of a directory: `explain` and `set` take nodes this way,
 * this command does not.
 */
async function refuseNode([site, ...others]: readonly string[], command: string): Promise<void> {
  const nonFolders = others.filter((arg) => !isFolder(arg));
  if (site === undefined || nonFolders.length === 0 || !isFile(join(site, 'site.yaml'))) return;
  const files = readFiles(site, new Report(), new Disk());
  const names = files ? nodeNames(files) : [];
  const node = nonFolders.find((arg) => names.includes(arg));
  if (node !== undefined)
    throw new UsageError(
      `${command} takes sites, but ${node} is a node of ${site}: omit it; the output lists every node that changes`,
    );
}

import { join } from 'node:path';
import { nodeNames } from '../edit/edit-node.ts';
import type { PlanOptions, SitePlan } from '../inspect/diff/change.ts';
import { formatJson, formatMarkdown, formatText, type Look } from '../inspect/diff/format.ts';
import { Disk, isFile, isFolder } from '../inventory/disk.ts';
import { readFiles } from '../inventory/files.ts';
import { Report } from '../source/diagnostics/report.ts';
import { inColor, printDiagnostics } from './console.ts';
import { plansOf } from './placed-plans.ts';
import { formatOf, UsageError } from './read-arguments.ts';
import { compileWithProgress, findSites, outFolder, placeTrees, secretsFor } from './sites.ts';

interface DiffOptions extends PlanOptions {
  readonly out?: string;
  readonly against?: string;
  readonly format: string;
  readonly secrets?: string;
  readonly templates: boolean;
}

type Format = (plans: readonly SitePlan[], look: Look, options: PlanOptions) => Iterable<string>;

const FORMATS: Readonly<Record<string, Format>> = {
  text: formatText,
  markdown: formatMarkdown,
  json: (plans, _, options) => [formatJson(plans, options)],
};

/**
 * `harvgen diff`: shows what a build would change, by node and file; prints no value of a secret, and writes only a git revision, into a
 * temporary directory. Returns the exit code: 1 if an inventory has an error or harvgen did not write a directory.
 */
export async function diff(args: readonly string[], options: DiffOptions): Promise<number> {
  const format = formatOf(FORMATS, options.format);
  const sites = await findSites(args);
  await refuseNode(sites, 'diff');
  const secrets = await secretsFor(sites, options.secrets);
  const { compilations, diagnostics, failed } = await compileWithProgress(sites, { ...options, secrets });
  printDiagnostics(diagnostics, failed ? ': nothing was compared' : '');
  if (failed) return 1;
  const trees = placeTrees(compilations, sites, outFolder(options.out, sites));
  const placeOf = new Map([...trees].map(([out, tree]) => [tree, out]));
  const built = compilations.flatMap(({ tree, site }, index) =>
    tree && site ? [{ folder: sites[index] ?? '', out: placeOf.get(tree) ?? '', tree, site }] : [],
  );
  const plans = await plansOf(built, options.against, options.templates);
  const look = { isTerminal: Boolean(process.stdout.isTTY), color: inColor(process.stdout) };
  for (const text of format(plans, look, options)) process.stdout.write(text);
  return 0;
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

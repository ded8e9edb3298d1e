import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Compilation } from '../compile.ts';
import { compileSites } from '../compile-sites.ts';
import type { SitePlan } from '../inspect/diff/change.ts';
import { detectMoves, plan } from '../inspect/diff/plan.ts';
import { REPORT_START, renderPage } from '../inspect/report/page.ts';
import type { ReportedSite } from '../inspect/report/site-view.ts';
import { isFolder } from '../inventory/disk.ts';
import { formatCount, plural } from '../source/diagnostics/text.ts';
import { builtInScripts } from '../targets/ipxe/ipxe.ts';
import { checkOut } from '../tree/git-revision.ts';
import { gitTracked } from '../tree/git-tracked.ts';
import { outputError } from '../tree/output-folder.ts';
import type { Tree } from '../tree/tree.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { UserError } from '../values/user-error.ts';
import { printDiagnostics, printMessage } from './console.ts';
import { placedPlan } from './placed-plans.ts';
import { UsageError } from './read-arguments.ts';
import { compileWithProgress, findSites } from './sites.ts';

interface ReportOptions {
  readonly out: string;
  readonly against?: string;
  readonly open?: boolean;
  readonly templates: boolean;
}

/**
 * `harvgen report`: writes one HTML file that shows sites, and optionally their changes against a git revision or against output
 * trees. Returns the exit code: 1 if an inventory has an error, or if no program opens the page. Throws UserError.
 */
export async function report(args: readonly string[], options: ReportOptions): Promise<number> {
  const { out, against, open = false, templates } = options;
  if (out === '-' && open) throw new UsageError('--open needs a file: omit --out -');
  const folders = await findSites(args);
  const { compilations, diagnostics, failed } = await compileWithProgress(folders, { templates });
  printDiagnostics(diagnostics, failed ? ': nothing was written' : '');
  if (failed) return 1;
  const sites = reportedSites(compilations);
  const plans = against === undefined ? [] : await plansAgainst(against, folders, sites, templates);
  const withPlans = sites.map((site, index) => ({ ...site, plan: plans[index] }));
  const page = renderPage(withPlans, { folder: process.cwd(), diagnostics, against });
  if (out === '-') {
    process.stdout.write(page);
    return 0;
  }
  write(out, page);
  const machines = sites.reduce((sum, { site }) => sum + site.nodes.length, 0);
  process.stdout.write(`${out}: ${plural(sites.length, 'site')}, ${plural(machines, 'machine')}\n`);
  return open ? await openFile(out) : 0;
}

/** Returns the sites of a call for its page. Throws UsageError if two have one name: a link in the page would be ambiguous. */
export function reportedSites(compilations: readonly Compilation[]): ReportedSite[] {
  const sites = compilations.flatMap(({ site, inventory, tree, diagnostics }) =>
    site && inventory && tree ? [{ site, inventory, tree, diagnostics }] : [],
  );
  const names = sites.map(({ site }) => site.name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined)
    throw new UsageError(`two sites have the name ${twice}: one page cannot show both`);
  return sites;
}

/** Returns the changes of each site: against the output trees in a directory, else against a git revision of the inventories. */
async function plansAgainst(
  against: string,
  folders: readonly string[],
  sites: readonly ReportedSite[],
  templates: boolean,
): Promise<SitePlan[]> {
  if (isFolder(against))
    return detectMoves(sites.map(({ site, tree }) => placedPlan(join(against, site.name), tree, site)));
  const scratch = mkdtempSync(join(tmpdir(), 'harvgen-'));
  try {
    const before = checkOut(folders, against, scratch);
    const there = before.filter(isFolder);
    const { compilations, diagnostics, failed } = await compileSites(there, undefined, { templates });
    if (failed)
      throw new UserError(
        `the sites of ${against} have ${formatCount(diagnostics)}: choose another revision`,
      );
    const trees = new Map(there.map((folder, index) => [folder, compilations[index]?.tree]));
    return detectMoves(
      sites.map(({ site, tree }, index) => {
        const earlier: Tree = trees.get(before[index] ?? '') ?? new Map();
        const folder = folders[index] ?? '';
        const changes = plan(earlier, tree, undefined, builtInScripts(site));
        return { site: site.name, folder, root: '', plan: changes, edited: [] };
      }),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Writes a report, and says once if git would take it. Throws UserError if the file cannot be written, or if it is something else than a report. */
function write(file: string, page: string): void {
  const isNew = !existsSync(file);
  const before = isNew ? '' : orUndefined(() => readFileSync(file, 'utf8'));
  if (before && !before.startsWith(REPORT_START))
    throw new UserError(`${file} exists and is not a report: choose another file with --out`);
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw outputError(error, file);
  }
  const [tracked] = isNew ? gitTracked(dirname(file), [basename(file)]) : [];
  if (tracked && !tracked.fault)
    printMessage(
      `git does not ignore ${file}: unless you want to commit it, add ${basename(file)} to .gitignore`,
    );
}

/** Opens a file with the program that the system uses for it. Returns the exit code. */
async function openFile(file: string): Promise<number> {
  const program = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  const child = spawn(program, [resolve(file)], { stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
    child.unref();
    return 0;
  } catch {
    process.stderr.write(`harvgen: ${program} cannot be run: open ${file} in a browser\n`);
    return 1;
  }
}

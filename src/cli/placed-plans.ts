import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve, sep } from 'node:path';
import { compile } from '../compile.ts';
import type { SitePlan } from '../inspect/diff/change.ts';
import { filesBefore } from '../inspect/diff/files.ts';
import { detectMoves, plan } from '../inspect/diff/plan.ts';
import { restorePlaceholders } from '../inspect/diff/secrets.ts';
import { withCauses } from '../inspect/diff/upgrade.ts';
import { isFolder } from '../inventory/disk.ts';
import type { Site } from '../site/model.ts';
import { formatCount } from '../source/diagnostics/text.ts';
import { builtInScripts } from '../targets/ipxe/ipxe.ts';
import { compareStill, unmanagedFiles } from '../tree/compare.ts';
import { checkOut, lastChangeOf } from '../tree/git-revision.ts';
import { MANIFEST, recordedVersion } from '../tree/manifest.ts';
import { isWithin, OutputError } from '../tree/output-folder.ts';
import type { Tree } from '../tree/tree.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { VERSION } from '../values/package.ts';

/** A compiled site: its directory, its tree, and the output directory of that. */
export interface BuiltSite {
  readonly folder: string;
  readonly out: string;
  readonly tree: Tree;
  readonly site: Site;
}

/** The changes of a site, the directory with its earlier tree, and both trees without values of secrets. */
interface Comparison {
  readonly placed: SitePlan;
  readonly folder: string;
  readonly before: Tree;
  readonly after: Tree;
}

/** Returns the changes that a build of a tree would make in a directory. */
export function placedPlan(folder: string, tree: Tree, site: Site | undefined): SitePlan {
  return compareWith(folder, tree, site).placed;
}

/** Compares a tree with a directory, which may be a copy of the directory `shown`. */
function compareWith(folder: string, tree: Tree, site: Site | undefined, shown = folder): Comparison {
  const difference = compareStill(folder, tree);
  const onDisk = filesBefore(folder, tree, difference);
  const { before, after, filling, otherValues, unknown } = restorePlaceholders(folder, onDisk, tree);
  const unmanaged = unmanagedFiles(folder, tree, difference);
  const hides = filling !== undefined || unknown.size > 0;
  const isFilled = filling !== undefined && filling !== 'to-mark';
  const filled = hides ? { isFilled, changed: new Set(difference.changed), otherValues } : undefined;
  const placed: SitePlan = {
    site: basename(shown),
    folder: withSlashes(shown),
    root: rootOf(shown),
    plan: plan(before, after, filled, site && builtInScripts(site)),
    edited: difference.edited,
    ...(unmanaged.length > 0 ? { unmanaged } : {}),
    unknown,
    filling,
  };
  return { placed, folder, before, after };
}

/**
 * Returns the changes of each site against its output directory, against this directory in a git revision, or against the trees in
 * another directory. If another version of harvgen wrote a tree, each change has its cause. Throws OutputError, also if there is no such
 * revision.
 */
export async function plansOf(
  sites: readonly BuiltSite[],
  against: string | undefined,
  templates: boolean,
): Promise<SitePlan[]> {
  const isRevision = against !== undefined && !isFolder(against);
  const earlier = new Earlier(sites, isRevision ? against : 'HEAD');
  try {
    const compared = sites.map(({ out, tree, site }, index) => {
      if (isRevision) return compareWith(earlier.at(index).out, tree, site, out);
      return compareWith(against === undefined ? out : join(against, site.name), tree, site);
    });
    const plans = detectMoves(compared.map(({ placed }) => placed));
    const found: SitePlan[] = [];
    for (const [index, placed] of plans.entries()) {
      const { before, after, folder } = compared[index] as Comparison;
      const from = recordedVersion(folder);
      if (from === undefined || from === VERSION) {
        found.push(placed);
        continue;
      }
      const built =
        placed.edited.length > 0
          ? 'the earlier tree has manual edits'
          : await earlier.rebuild(index, folder, templates);
      const upgrade = { from, to: VERSION, ...(typeof built === 'string' ? { unknown: built } : {}) };
      if (typeof built === 'string') found.push({ ...placed, upgrade });
      else {
        const byHarvgen = plan(before, built.tree, undefined, builtInScripts(built.site));
        const byInventory = plan(
          built.tree,
          after,
          undefined,
          builtInScripts((sites[index] as BuiltSite).site),
        );
        found.push({ ...placed, upgrade, plan: withCauses(placed.plan, byHarvgen, byInventory) });
      }
    }
    return found;
  } finally {
    earlier.remove();
  }
}

/** The inventories and output directories of sites in a git revision, which is checked out when it is needed. */
class Earlier {
  readonly #sites: readonly BuiltSite[];
  readonly #revision: string;
  #scratch: string | undefined;
  #copies: readonly string[] | undefined;

  constructor(sites: readonly BuiltSite[], revision: string) {
    this.#sites = sites;
    this.#revision = revision;
  }

  /** Returns the copies of both directories of a site; they may be missing. Throws OutputError if there is no such revision. */
  at(index: number): { readonly folder: string; readonly out: string } {
    const all = this.#sites.flatMap(({ folder, out }) => [folder, out]);
    this.#copies ??= checkOut(all, this.#revision, join(this.#scratchFolder(), 'revision'));
    const [folder = '', out = ''] = this.#copies.slice(2 * index);
    return { folder, out };
  }

  #scratchFolder(): string {
    this.#scratch ??= mkdtempSync(join(tmpdir(), 'harvgen-'));
    return this.#scratch;
  }

  /** Removes the checked-out files. */
  remove(): void {
    if (this.#scratch !== undefined) rmSync(this.#scratch, { recursive: true, force: true });
  }

  /** Compiles the inventory from which an earlier version built a tree; returns the reason if that is impossible. */
  async rebuild(
    index: number,
    tree: string,
    templates: boolean,
  ): Promise<Pick<BuiltSite, 'tree' | 'site'> | string> {
    const { folder = '', out = '' } = this.#sites[index] ?? {};
    const there = orUndefined(() => readFileSync(join(tree, MANIFEST), 'utf8'));
    // Later commits may contain an inventory that is not built.
    const change = orUndefined(() => lastChangeOf(join(out, MANIFEST), this.#revision));
    if (!change || there !== change.text)
      return `git has no inventory of the earlier tree in ${this.#revision}`;
    const { commit } = change;
    const trees = this.#sites.map((site) => site.out);
    let inventory: string | undefined;
    try {
      [inventory = ''] = checkOut([folder], commit, join(this.#scratchFolder(), commit), trees);
    } catch (error) {
      if (error instanceof OutputError) return error.message;
      throw error;
    }
    const { site, tree: built, diagnostics } = await compile(inventory, { templates });
    if (!site || !built)
      return `this version finds ${formatCount(diagnostics)} in the inventory of ${commit.slice(0, 12)}`;
    return { site, tree: built };
  }
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

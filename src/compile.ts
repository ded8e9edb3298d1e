import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { Report } from './diagnostics/report.ts';
import { Disk } from './inventory/disk.ts';
import { readInventory } from './inventory/read.ts';
import type { SiteInventory } from './inventory/site-inventory.gen.ts';
import { selfPlace } from './origin.ts';
import type { Tree } from './output/tree.ts';
import { Unquotable } from './quoting/unquotable.ts';
import { checkRules } from './rules/check.ts';
import { concealClearTexts } from './site/clear-text.ts';
import type { Draft } from './site/draft.ts';
import type { Site } from './site/model.ts';
import { resolveSite } from './site/resolve.ts';
import { emitTree } from './targets/emit.ts';

/** What compiling a site gives. */
export interface Compilation {
  /** Everything that was found, sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
  /** The resolved site; undefined where there was an error. */
  readonly site?: Site;
  /** The files of the output; undefined where there was an error. */
  readonly tree?: Tree;
  /** The absolute paths of the files that it was made of, and of those that were looked for and are not there. */
  readonly files: readonly string[];
}

/** How to compile. */
export interface CompileOptions {
  /** Texts that count instead of what is on the disk, by absolute path: edits that are not saved yet. */
  readonly edits?: ReadonlyMap<string, string>;
}

/**
 * Compiles a site: reads its folder, checks it, and makes the files that its machines boot from. Touches the disk only
 * to read the inventory; writing the tree is the caller's affair. Never throws for what is wrong with an inventory.
 *
 * ```ts
 * import { compile } from 'harvgen';
 *
 * const { tree, diagnostics } = await compile('sites/location_x');
 * for (const { code, message, at } of diagnostics) console.error(at.source.file, code, message);
 * for (const [path, file] of tree ?? []) console.log(path, file.content.length);
 * ```
 */
export async function compile(folder: string, { edits }: CompileOptions = {}): Promise<Compilation> {
  const report = new Report();
  const disk = new Disk(edits);
  const { draft } = await resolve(folder, report, disk);
  const files = disk.asked;
  if (!draft || report.failed) return { diagnostics: report.sorted(), files };
  const site = draft as Site; // without an error nothing is missing
  try {
    return { diagnostics: report.sorted(), site, tree: emitTree(site), files };
  } catch (error) {
    if (!(error instanceof Unquotable)) throw error;
    report.error({
      code: 'unquotable',
      message: error.message,
      at: selfPlace(draft),
      help: 'choose another value',
    });
    return { diagnostics: report.sorted(), files };
  }
}

/** What is known of a site before its output is made, even where it has errors: what is at fault is missing. */
export interface Resolution {
  /** Undefined where the files could not be read. */
  readonly inventory?: Draft<SiteInventory>;
  readonly draft?: Draft<Site>;
}

/** The first half of compiling: reads a site's folder, resolves and checks it. */
export async function resolve(folder: string, report: Report, disk = new Disk()): Promise<Resolution> {
  const inventory = await readInventory(folder, report, disk);
  if (!inventory) return {};
  const draft = resolveSite(inventory, report);
  concealClearTexts(draft);
  checkRules(draft, report);
  return { inventory, draft };
}

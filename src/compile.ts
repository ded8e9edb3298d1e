import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { Report } from './diagnostics/report.ts';
import { readInventory } from './inventory/read.ts';
import { selfPlace } from './origin.ts';
import type { Tree } from './output/tree.ts';
import { Unquotable } from './quoting/unquotable.ts';
import { checkRules } from './rules/check.ts';
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
export async function compile(folder: string): Promise<Compilation> {
  const report = new Report();
  const inventory = await readInventory(folder, report);
  if (!inventory) return { diagnostics: report.sorted() };
  const draft = resolveSite(inventory, report);
  checkRules(draft, report);
  if (report.failed) return { diagnostics: report.sorted() };
  const site = draft as Site; // without an error nothing is missing
  try {
    return { diagnostics: report.sorted(), site, tree: emitTree(site) };
  } catch (error) {
    if (!(error instanceof Unquotable)) throw error;
    report.error({
      code: 'unquotable',
      message: error.message,
      at: selfPlace(draft),
      help: 'choose another value',
    });
    return { diagnostics: report.sorted() };
  }
}

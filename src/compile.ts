import { Disk } from './inventory/disk.ts';
import { readSiteFiles, readSiteTemplates, type SiteFile } from './inventory/own-files.ts';
import { readInventory } from './inventory/read.ts';
import type { SiteInventory } from './knowledge/site-inventory.gen.ts';
import { checkRules } from './rules/check.ts';
import { checkValues } from './rules/secret-values.ts';
import { filledSite } from './secrets/fill.ts';
import type { SecretSource, SecretValues } from './secrets/source.ts';
import { valuesFor } from './secrets/state-of.ts';
import { concealClearTexts, hidingOf } from './site/clear-text.ts';
import type { Site } from './site/model.ts';
import { resolveSite } from './site/resolve.ts';
import { type Diagnostic, Report } from './source/diagnostics/report.ts';
import { selfLocation } from './source/origin.ts';
import { emitTree } from './targets/emit.ts';
import { compileOwn, rendererOf } from './targets/render.ts';
import type { Tree } from './tree/tree.ts';
import type { Draft } from './values/draft.ts';

/** What compiling a site gives. */
export interface Compilation {
  /** Everything that was found, sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
  /** The resolved site; undefined where there was an error. */
  readonly site?: Site;
  /** The files of the output; undefined where there was an error. */
  readonly tree?: Tree;
  /** The values of the site's secrets, where they are filled in. */
  readonly values?: SecretValues | undefined;
  /**
   * The absolute paths of the files that it was made of, of those that were looked for and are not there, and of the
   * folders of templates and files that were looked through.
   */
  readonly files: readonly string[];
}

/** How to compile. */
export interface CompileOptions {
  /** Texts that count instead of what is on the disk, by absolute path: edits that are not saved yet. */
  readonly edits?: ReadonlyMap<string, string>;
  /**
   * Values of secrets. Where they are asked for, or give any that the site needs, all that it needs must be there, and
   * the tree holds them in place of their marks.
   */
  readonly secrets?: SecretSource | undefined;
  /** Called before its files are made, once the inventory is read and checked: for those who show how far it is. */
  readonly beforeFiles?: () => void;
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
export async function compile(
  folder: string,
  { edits, secrets, beforeFiles = () => {} }: CompileOptions = {},
): Promise<Compilation> {
  const report = new Report();
  const disk = new Disk(edits);
  // A fault of the site's own templates and files leaves the inventory whole: all of them are said at once.
  const ownReport = new Report();
  const ownFiles = readSiteFiles(folder, ownReport, disk);
  const templates = compileOwn(readSiteTemplates(folder, ownReport, disk), ownReport);
  const { draft } = resolve(folder, report, disk, ownFiles);
  const marked = draft && !report.failed ? (draft as Site) : undefined; // without an error nothing is missing
  const values = marked && secrets && resolveSecrets(marked, secrets, report);
  const site = report.failed ? undefined : marked && values ? filledSite(marked) : marked;
  if (site) beforeFiles();
  const tree =
    site &&
    emitTree(site, rendererOf(templates, selfLocation(site), ownReport, hidingOf(site)), ownReport, values);
  const diagnostics = report.with(ownReport).sorted();
  return { diagnostics, site: tree && site, tree, values, files: disk.asked };
}

/** Gives the values of a site's secrets, checked, where they are to be filled in. */
function resolveSecrets(site: Site, source: SecretSource, report: Report): SecretValues | undefined {
  const values = valuesFor(site, source, report);
  if (values) checkValues(site, values, report, (name) => source.placeOf(site.name, name));
  return values;
}

/** What is known of a site before its output is made, even where it has errors: what is at fault is missing. */
export interface Resolution {
  /** Undefined where the files could not be read. */
  readonly inventory?: Draft<SiteInventory>;
  readonly draft?: Draft<Site>;
}

/**
 * The first half of compiling: reads a site's folder, resolves and checks it. Takes the files of the site's own, where
 * they matter.
 */
export function resolve(
  folder: string,
  report: Report,
  disk = new Disk(),
  ownFiles: readonly SiteFile[] = [],
): Resolution {
  const inventory = readInventory(folder, report, disk);
  if (!inventory) return {};
  const draft = resolveSite(inventory, report, ownFiles);
  concealClearTexts(draft);
  checkRules(draft, report);
  return { inventory, draft };
}

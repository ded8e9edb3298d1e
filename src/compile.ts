import { Disk } from './inventory/disk.ts';
import { readSiteFiles, readSiteTemplates, type SiteFile } from './inventory/own-files.ts';
import { readSite } from './inventory/read.ts';
import type { SiteInventory } from './knowledge/site-inventory.gen.ts';
import { checkRules } from './rules/check.ts';
import { checkValues } from './rules/secrets/secret-values.ts';
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

/** The result of compiling a site. */
export interface Compilation {
  /** All diagnostics, sorted by source location. */
  readonly diagnostics: readonly Diagnostic[];
  /** The merged inventory; undefined if it could not be read. */
  readonly inventory?: Draft<SiteInventory> | undefined;
  /** The site as far as it could be resolved: values with errors are missing. */
  readonly draft?: Draft<Site> | undefined;
  /** The resolved site; undefined if there was an error. */
  readonly site?: Site;
  /** The files of the output tree; undefined if there was an error. */
  readonly tree?: Tree;
  /** The values of the site's secrets, if they are substituted. */
  readonly values?: SecretValues | undefined;
  /**
   * The absolute paths of all files that were read or looked for, including missing ones, and of the directories of
   * templates and files that were listed.
   */
  readonly files: readonly string[];
}

/** Options of `compile`. */
export interface CompileOptions {
  /** Texts that replace those on disk, by absolute path: unsaved edits. */
  readonly edits?: ReadonlyMap<string, string>;
  /**
   * Values of secrets. If the user passed --secrets, or one value is for this site, all that the site needs must be present.
   * The tree then contains the values instead of their placeholders.
   */
  readonly secrets?: SecretSource | undefined;
  /** `false`: does not run the site's own templates, which are programs, and warns of each. */
  readonly templates?: boolean | undefined;
  /** Called after the inventory is read and checked, before the files are generated: for a progress display. */
  readonly beforeFiles?: () => void;
}

/**
 * Compiles a site: reads its directory, checks it, and generates the files that its machines boot from. Reads only the
 * inventory from disk; the caller writes the tree. Never throws for an error in an inventory.
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
  { edits, secrets, templates = true, beforeFiles = () => {} }: CompileOptions = {},
): Promise<Compilation> {
  const report = new Report();
  const disk = new Disk(edits);
  // An error in the site's own templates and files leaves the inventory intact: all errors are reported at once.
  const ownReport = new Report();
  const ownFiles = readSiteFiles(folder, ownReport, disk);
  const own = compileOwn(readSiteTemplates(folder, ownReport, disk), ownReport, templates);
  const { inventory, draft } = resolve(folder, report, disk, ownFiles);
  const marked = draft && !report.failed ? (draft as Site) : undefined; // without an error it is complete
  const values = marked && secrets && resolveSecrets(marked, secrets, report);
  const site = report.failed ? undefined : marked && values ? filledSite(marked) : marked;
  if (site) beforeFiles();
  const tree =
    site && emitTree(site, rendererOf(own, selfLocation(site), ownReport, hidingOf(site)), ownReport, values);
  const diagnostics = report.with(ownReport).sorted();
  return { diagnostics, inventory, draft, site: tree && site, tree, values, files: disk.requested };
}

/** Returns the checked values of a site's secrets, if they are to be substituted. */
function resolveSecrets(site: Site, source: SecretSource, report: Report): SecretValues | undefined {
  const values = valuesFor(site, source, report);
  if (values) checkValues(site, values, report, (name) => source.locationOf(site.name, name));
  return values;
}

/** The state of a site before its output is generated. Values with errors are missing. */
export interface Resolution {
  /** Undefined if the files could not be read. */
  readonly inventory?: Draft<SiteInventory>;
  readonly draft?: Draft<Site>;
}

/** The first half of compiling: reads a site's directory, resolves and checks it. Takes the site's own files, if they matter. */
export function resolve(
  folder: string,
  report: Report,
  disk = new Disk(),
  ownFiles: readonly SiteFile[] = [],
): Resolution {
  const content = readSite(folder, report, disk);
  if (!content) return {};
  const { inventory, manifests } = content;
  const draft = resolveSite(inventory, report, ownFiles, manifests);
  concealClearTexts(draft);
  checkRules(draft, report);
  return { inventory, draft };
}

import { compile } from '../compile.ts';
import type { SiteOptions } from '../compile-sites.ts';
import { newDiagnostics } from '../edit/apply-fixes.ts';
import { editSite } from '../edit/edit-node.ts';
import { saveFiles, Texts } from '../edit/save.ts';
import { Disk } from '../inventory/disk.ts';
import { readFiles } from '../inventory/files.ts';
import type { Site } from '../site/model.ts';
import { Report } from '../source/diagnostics/report.ts';
import { displayPath, formatLocation } from '../source/diagnostics/text.ts';
import type { Value } from '../source/origin.ts';
import { findValue } from '../source/text-edit/edit-text.ts';
import { printDiagnostics, uninterrupted } from './console.ts';
import { failEdit } from './edit-errors.ts';

/** A value of an inventory to save: its path, and the text that is printed for it. */
export interface SavedValue {
  readonly path: readonly string[];
  readonly value: Value;
  readonly text: string;
}

/**
 * Saves values in the files of a site, unless the result has errors. Prints the location of each, or `nothing` without one.
 * Returns the exit code. Call it under the lock of the site; throws EditRefusal and SaveError.
 */
export async function saveValues(
  folder: string,
  valuesFor: (site: Site) => readonly SavedValue[],
  nothing: string,
  options: SiteOptions = {},
): Promise<number> {
  const before = await compile(folder, options);
  const files = readFiles(folder, new Report(), new Disk());
  if (!before.site || !files) return failEdit(before.diagnostics);
  const texts = new Texts();
  const edits = valuesFor(before.site).map(({ path, value, text }) => {
    return { path, text, file: editSite(files, texts, path, value) };
  });
  const unsaved = new Map(texts.changes.map(({ path, after }) => [path, after]));
  const after = await compile(folder, { ...options, edits: unsaved });
  if (!after.tree) return failEdit(after.diagnostics);
  printDiagnostics(newDiagnostics(after.diagnostics, before.diagnostics));
  await uninterrupted(() => saveFiles(texts.changes, process.cwd()));
  for (const { path, text, file } of edits) {
    const at = findValue(texts.source(file), path);
    const location = at ? formatLocation(at, process.cwd()) : displayPath(file, process.cwd());
    process.stdout.write(`${location} ${text}\n`);
  }
  if (edits.length === 0) process.stdout.write(`${before.site.name}: ${nothing}\n`);
  return 0;
}

import { dirname, resolve } from 'node:path';
import { compileSites, type SiteOptions } from '../compile-sites.ts';
import { applyFixes } from '../edit/apply-fixes.ts';
import { saveFiles, Texts } from '../edit/save.ts';
import { rules } from '../rules/index.ts';
import { shownFix } from '../source/diagnostics/formats.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { formatLocation } from '../source/diagnostics/text.ts';
import { isWithin } from '../tree/output-folder.ts';
import { escapeControlChars } from '../values/text.ts';
import { uninterrupted } from './console.ts';
import { printTypos } from './sites.ts';

const RULES: ReadonlySet<string> = new Set(rules.map(({ code }) => code));

/**
 * Applies the safe fixes of sites to their files, and prints them: on standard output, or if a program reads that, on standard
 * error. Returns the diagnostics that remain; for people, with what could be done. Throws SaveError.
 */
export async function fixSites(sites: readonly string[], options: SiteOptions, isForPeople: boolean) {
  const folder = process.cwd();
  const texts = new Texts();
  const around = [folder, ...sites.map((site) => dirname(resolve(site)))];
  const { applied, left, reasons } = await applyFixes(
    {
      check: (edits) => compileSites(sites, undefined, { ...options, edits }),
      isRule: (code) => RULES.has(code),
      refusal: (path) =>
        around.some((site) => isWithin(path, site))
          ? undefined
          : 'the file is outside of this directory and of those of the sites: other sites may need it as it is',
    },
    texts,
  );
  const { changes } = texts;
  if (changes.length > 0) await uninterrupted(() => saveFiles(changes, folder));
  const output = isForPeople ? process.stdout : process.stderr;
  for (const diagnostic of applied) {
    const [edit = diagnostic] = diagnostic.fix?.edits ?? [];
    // The edit that removes a line begins at the end of the line before.
    const isAround =
      edit.at.source === diagnostic.at.source &&
      edit.at.start < diagnostic.at.start &&
      diagnostic.at.start < edit.at.end;
    const title = shownFix(diagnostic)?.title ?? 'correct a value that may be a secret';
    output.write(
      `${escapeControlChars(`${formatLocation(isAround ? diagnostic.at : edit.at, folder)} ${title} (${diagnostic.code})`)}\n`,
    );
  }
  const shown = (diagnostic: Diagnostic): Diagnostic => {
    const fix = shownFix(diagnostic);
    if (!fix) return diagnostic;
    const reason = reasons.get(diagnostic);
    const more = `can be fixed: ${fix.title}${reason === undefined ? '' : ` (not applied: ${reason})`}`;
    return { ...diagnostic, help: diagnostic.help === undefined ? more : `${diagnostic.help}\n${more}` };
  };
  return {
    diagnostics: isForPeople ? left.diagnostics.map(shown) : left.diagnostics,
    hasTypos: printTypos(left.compilations, sites, options.secrets),
  };
}

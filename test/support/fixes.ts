import * as assert from 'uvu/assert';
import { compileSites } from '../../src/compile-sites.ts';
import { applyFixes } from '../../src/edit/apply-fixes.ts';
import { Texts } from '../../src/edit/save.ts';
import { rules } from '../../src/rules/index.ts';
import type { Diagnostic, Fix } from '../../src/source/diagnostics/report.ts';
import type { Source } from '../../src/source/source.ts';
import { editedText } from '../../src/source/text-edit/fix.ts';

/** Returns the edited texts of a fix, by the paths of their files. */
export function applied({ edits }: Fix): Map<string, string> {
  const sources = new Map<Source, Fix['edits']>();
  for (const edit of edits) sources.set(edit.at.source, [...(sources.get(edit.at.source) ?? []), edit]);
  return new Map(Array.from(sources, ([source, edits]) => [source.file, editedText(source, edits)]));
}

/** Returns diagnostics without their locations, which an edit moves, and without the number of nodes that repeat them. */
function keysOf(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code, message }) =>
    `${code}: ${message}`.replace(/ The same applies to \d+ more of .*$/, ''),
  );
}

/**
 * Applies each fix of diagnostics by itself, and asserts that it ends its diagnostic and adds no other. Takes a function that
 * returns the diagnostics of edited texts, and one that accepts a diagnostic that the fixed one has hidden. Returns the codes with
 * a fix.
 */
export async function checkFixes(
  diagnostics: readonly Diagnostic[],
  compile: (edits: ReadonlyMap<string, string>) => Promise<readonly Diagnostic[]>,
  allowed: (added: string, fixed: string) => boolean = () => false,
): Promise<Set<string>> {
  const codes = new Set<string>();
  const before = keysOf(diagnostics);
  const wrong: string[] = [];
  for (const [index, { code, fix }] of diagnostics.entries()) {
    // Without edits, the text cannot be edited: for example, it is a text within the YAML.
    if (!fix || fix.edits.length === 0) continue;
    codes.add(code);
    assert.match(fix.title, /^[a-z].*[^.]$/s);
    const edits = applied(fix);
    const after = keysOf(await compile(edits));
    const left = [...before];
    left.splice(index, 1);
    const added = after.filter((key) => {
      const at = left.indexOf(key);
      if (at >= 0) left.splice(at, 1);
      return at < 0 && (key === before[index] || !allowed(key.replace(/:.*/s, ''), code));
    });
    const texts = [...edits.values()].join('\n');
    if (added.length > 0) wrong.push(`${before[index]}\n${fix.title} leaves ${added.join('\n')}\n${texts}`);
  }
  assert.equal(wrong, []);
  return codes;
}

const RULES: ReadonlySet<string> = new Set(rules.map(({ code }) => code));

/** Whether a diagnostic may have been hidden by another: an error of a file, the schema or a reference hides anything. */
export function isRevealed(added: string, fixed: string): boolean {
  return !RULES.has(fixed) && added !== fixed;
}

/** Applies the safe fixes of a site, without saving them. */
export async function fixSite(site: string) {
  const texts = new Texts();
  const result = await applyFixes(
    {
      check: (edits) => compileSites([site], undefined, { edits }),
      isRule: (code) => RULES.has(code),
      refusal: () => undefined,
    },
    texts,
  );
  return { ...result, texts };
}

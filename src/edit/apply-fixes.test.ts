import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { Source } from '../source/source.ts';
import { replaceText, safeFix, suggestedFix } from '../source/text-edit/fix.ts';
import { applyFixes } from './apply-fixes.ts';
import { Texts } from './save.ts';

const test = suite('applying fixes');

/** A rule of these tests: each word is a finding, and its fix replaces it by another, in all or in some of the files. */
interface WordRule {
  readonly word: string;
  readonly by: string;
  readonly safe?: false;
  /** The name of the site that the rule is for (default: all). */
  readonly of?: string;
}

/** Applies the fixes of rules to files, which are read by the sites that name them. Returns the files and the results. */
async function fix(
  files: Readonly<Record<string, string>>,
  rules: readonly WordRule[],
  sites: Readonly<Record<string, readonly string[]>> = { a: Object.keys(files) },
  refusal: (path: string) => string | undefined = () => undefined,
) {
  const folder = writeFiles(scratchFolder(), files);
  const texts = new Texts();
  const check = async (edits: ReadonlyMap<string, string>) => {
    const compilations = Object.entries(sites).map(([site, names]) => {
      const paths = names.map((name) => `${folder}/${name}`);
      const diagnostics = paths.flatMap((path) =>
        findings(
          new Source(path, edits.get(path) ?? files[path.slice(folder.length + 1)] ?? ''),
          site,
          rules,
        ),
      );
      return { diagnostics, files: paths };
    });
    return { diagnostics: compilations.flatMap(({ diagnostics }) => diagnostics), compilations };
  };
  const { applied, left, reasons } = await applyFixes({ check, isRule: () => true, refusal }, texts);
  return {
    texts: Object.keys(files).map((name) => texts.source(`${folder}/${name}`).text),
    applied: applied.map(({ code }) => code),
    left: left.diagnostics.map((one) => [one.code, reasons.get(one)]),
  };
}

function findings(source: Source, site: string, rules: readonly WordRule[]): Diagnostic[] {
  return rules.flatMap(({ word, by, safe = true, of = site }) =>
    Array.from(of === site ? source.text.matchAll(new RegExp(word, 'g')) : [], ({ index }): Diagnostic => {
      const at = { source, start: index, end: index + word.length };
      const change = replaceText(`change ${word} to ${by}`, { at, text: by });
      return {
        code: word,
        severity: 'error',
        message: word,
        at,
        fix: safe ? safeFix(change) : suggestedFix(change),
      };
    }),
  );
}

test('applies all safe fixes, also several of one code, and no others', async () => {
  assert.equal(
    await fix({ 'x.yaml': 'one two two three\n' }, [
      { word: 'one', by: '1' },
      { word: 'two', by: '2' },
      { word: 'three', by: '3', safe: false },
    ]),
    { texts: ['1 2 2 three\n'], applied: ['one', 'two', 'two'], left: [['three', undefined]] },
  );
});

test('applies edits that overlap or touch one after the other', async () => {
  assert.equal(
    await fix({ 'x.yaml': 'abc' }, [
      { word: 'ab', by: 'x' },
      { word: 'bc', by: 'y' },
      { word: 'xc', by: 'z' },
    ]),
    // The second finding ends with the first; the third is new, and so the first is undone.
    {
      texts: ['ay'],
      applied: ['bc'],
      left: [],
    },
  );
  assert.equal(await fix({ 'x.yaml': 'abab' }, [{ word: 'ab', by: 'x' }]), {
    texts: ['xx'],
    applied: ['ab', 'ab'],
    left: [],
  });
});

test('undoes an edit that adds a finding, or that does not end its own, and keeps the others', async () => {
  const reason = 'the edit does not end this diagnostic, or it adds another';
  assert.equal(
    await fix({ 'x.yaml': 'one two three four five' }, [
      { word: 'one', by: '1' },
      { word: 'two', by: 'bad' },
      { word: 'bad', by: 'worse' },
      { word: 'three', by: '3' },
      { word: 'four', by: 'four!' },
      { word: 'five', by: '5' },
    ]),
    {
      texts: ['1 two 3 four 5'],
      applied: ['one', 'three', 'five'],
      left: [
        ['two', reason],
        ['four', reason],
      ],
    },
  );
});

test('edits a file of several sites only if all of them have the same fix', async () => {
  const files = { 'shared.yaml': 'one two', 'own.yaml': 'two' };
  const sites = { a: ['shared.yaml', 'own.yaml'], b: ['shared.yaml'] };
  assert.equal(
    await fix(
      files,
      [
        { word: 'one', by: '1' },
        { word: 'two', by: '2', of: 'a' },
      ],
      sites,
    ),
    {
      texts: ['1 two', '2'],
      applied: ['one', 'two'],
      left: [['two', 'another site includes the file, and does not need the edit']],
    },
  );
});

test('leaves files that must not be changed, with the reason', async () => {
  const outside = (path: string) => (path.endsWith('/other.yaml') ? 'the file is elsewhere' : undefined);
  assert.equal(
    await fix({ 'x.yaml': 'one', 'other.yaml': 'one' }, [{ word: 'one', by: '1' }], undefined, outside),
    { texts: ['1', 'one'], applied: ['one'], left: [['one', 'the file is elsewhere']] },
  );
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { rules } from '../../src/rules/index.ts';
import { type PlainDiagnostic, plainDiagnostic } from '../../src/source/diagnostics/formats.ts';
import { checkFixes } from './fixes.ts';
import { type Edit, edited, PLANT } from './plant.ts';
import { makeSite } from './scratch.ts';

/** The expected diagnostic for a site that breaks a rule: its location (line:column), and the whole message. */
interface Expected {
  readonly at: string;
  readonly message: string;
  /** Other locations that it names, as line:column. */
  readonly related?: readonly string[];
  /** The whole help, if it depends on the site. */
  readonly help?: string;
}

/** A site, as edits of the common one (or of another text), and its expected diagnostics, if any. */
interface Case {
  readonly edits?: readonly Edit[];
  readonly of?: string;
  /** The Kubernetes objects of the site. The expected locations are then in their file, or in the site's. */
  readonly objects?: string;
  /** Other rules that correctly report about the site, but are not the subject of the case. */
  readonly silence?: readonly string[];
  readonly finds?: readonly Expected[];
}

/**
 * Tests a rule with the whole compiler. Each case, by its name, is a site. With `finds`, the site breaks the rule, and causes
 * those diagnostics and no others, of any rule. Without `finds`, it comes close to that, and causes no diagnostics. No diagnostic
 * of the rule has a fix.
 */
export function ruleTest(code: string, cases: Readonly<Record<string, Case>>): void {
  testRule(code, cases, false);
}

/** Tests a rule like `ruleTest`, and applies each fix of its diagnostics: it must end the diagnostic, and cause no other. */
export function fixableRuleTest(code: string, cases: Readonly<Record<string, Case>>): void {
  testRule(code, cases, true);
}

function testRule(code: string, cases: Readonly<Record<string, Case>>, isFixable: boolean): void {
  const test = suite(code);
  const severity = rules.find((rule) => rule.code === code)?.severity;
  test('is in the list of rules', () => assert.ok(severity));
  test('has a case that breaks it and one that nearly breaks it', () => {
    assert.ok(Object.values(cases).some(({ finds }) => finds));
    assert.ok(Object.values(cases).some(({ finds }) => !finds));
  });
  const fixed = new Set<string>();
  for (const [name, { edits = [], of = PLANT, objects, silence, finds = [] }] of Object.entries(cases)) {
    test(name, async () => {
      const site = edited(of, ...edits) + silencing(silence);
      const files = objects === undefined ? site : { 'site.yaml': site, 'manifests/objects.yaml': objects };
      const folder = makeSite(files);
      const { diagnostics } = await compile(folder);
      const found = diagnostics.map((diagnostic) => plainDiagnostic(diagnostic, '/'));
      assert.equal(
        found.map(({ code, severity, message, line, column, related }) => ({
          code,
          severity,
          message,
          at: `${line}:${column}`,
          related: related.map(positionOf),
        })),
        finds.map(({ at, message, related = [] }) => ({
          code,
          severity,
          message,
          at,
          related: [...related],
        })),
      );
      for (const [index, { help }] of found.entries())
        assert.is(help, finds[index]?.help ?? (help || 'a help'));
      const recompiled = async (edits: ReadonlyMap<string, string>) =>
        (await compile(folder, { edits })).diagnostics;
      // A silence of the case is for this diagnostic, or for its consequences.
      const isIdle = (code: string) => site.includes('silence:') && code === 'idle-silence';
      for (const code of await checkFixes(diagnostics, recompiled, isIdle)) fixed.add(code);
    });
  }
  test(isFixable ? 'has a fix' : 'has no fix', () => {
    assert.is(fixed.has(code), isFixable);
  });
  test.run();
}

/** Returns a text for the end of the site, so that no line moves. */
function silencing(codes: readonly string[] = []): string {
  return codes.length > 0
    ? `silence: { ${codes.map((code) => `${code}: no matter here`).join(', ')} }\n`
    : '';
}

function positionOf({ line, column }: PlainDiagnostic['related'][number]): string {
  return `${line}:${column}`;
}

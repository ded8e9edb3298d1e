import { diffLines } from 'diff';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { runs, SEED } from '../../test/support/effort.ts';
import type { Path } from '../source/leaf.ts';
import { isValueMap, type Value, type ValueMap } from '../source/origin.ts';
import { Source } from '../source/source.ts';
import { asYaml, keyAsYaml } from '../source/text-edit/as-yaml.ts';
import { withoutValue, withValue } from '../source/text-edit/edit-text.ts';

/** Random edits of random texts in every style, with comments everywhere. */
const RUNS = runs(1500);

const test = suite('random edits of random texts');

const KEYS = ['a', 'install', 'b c', 'ü', 'example.org/x', '101', 'on', 'q: r'];
const SCALARS: readonly Value[] = [
  ...[
    'x',
    'y z',
    "it's",
    'k: v',
    'v #w',
    '10',
    'true',
    '',
    'é 💾',
    'a, b',
    '{x}',
    '${secret:s}',
    '- x',
    'l\nm\n',
    'l\n\n  m',
  ],
  ...[1, -2.5, true, false],
];

test('have the new value and keep everything else', () => {
  fc.assert(
    fc.property(fc.gen(), (random) => {
      const pick = (count: number) => random(fc.nat, count - 1);
      const writer = new Writer(pick);
      const { value, text } = writer.file();
      const path = somePath(value, pick);
      const old = at(value, path);
      if (old !== undefined && path.length > 0 && pick(3) === 0) checkRemoval(text, value, path);
      else checkSetting(text, value, path.length > 0 ? path : ['new'], someValue(pick, 2));
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

function checkSetting(text: string, value: Value, path: Path, wanted: Value): void {
  const result = withValue(new Source('f', text), path, wanted).text;
  assert.equal(parse(result), withAt(value, path, wanted));
  assert.is(withValue(new Source('f', result), path, wanted).text, result);
  const old = at(value, path);
  const { added, removed } = linesOf(text, result);
  if (typeof old !== 'object' && !(typeof old === 'string' && old.includes('\n'))) {
    assert.equal(commentsOf(result), commentsOf(text));
    assert.ok(removed.length <= 1);
    if (old !== undefined) assert.is(added.length, removed.length);
  }
  assertSameBreaks(text, result);
}

function checkRemoval(text: string, value: Value, path: Path): void {
  const result = withoutValue(new Source('f', text), path).text;
  const actual = JSON.stringify(parse(result) ?? {});
  const possible = path.map((_, index) => JSON.stringify(without(value, path.slice(0, index + 1))));
  assert.ok(possible.includes(actual), `${actual} is not one of ${possible.join(' ')}`);
  // At most one line changes: that of a map that stays as {}, or of the brackets around the removed value.
  assert.ok(linesOf(text, result).added.length <= 2);
  assertSameBreaks(text, result);
}

/** Writes random values in random styles. */
class Writer {
  readonly #pick: (count: number) => number;
  #comments = 0;

  constructor(pick: (count: number) => number) {
    this.#pick = pick;
  }

  file(): { value: ValueMap; text: string } {
    const value = this.#someMap(3);
    const step = this.#pick(2) === 0 ? '  ' : '    ';
    let text = this.#blockMap(value, '', step);
    if (this.#pick(4) === 0) text = text.replaceAll('\n', '\r\n');
    if (this.#pick(4) === 0 && !text.includes('|')) text = text.replace(/\s+$/, '');
    return { value, text };
  }

  #someMap(depth: number): ValueMap {
    const keys = KEYS.filter(() => this.#pick(3) === 0);
    return Object.fromEntries(
      (keys.length > 0 ? keys : ['a']).map((key) => [key, someValue(this.#pick, depth)]),
    );
  }

  #blockMap(map: ValueMap, indent: string, step: string): string {
    const pairs = Object.entries(map).map(
      ([key, value]) =>
        `${this.#above(indent)}${indent}${keyAsYaml(key)}:${this.#value(value, indent, step, false)}`,
    );
    return pairs.join('') + this.#above(indent);
  }

  /** The text after a colon or a dash, to the end of its last line. */
  #value(value: Value, indent: string, step: string, inList: boolean): string {
    const isFilled = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
    if (isFilled && this.#pick(2) === 0) {
      if (!Array.isArray(value)) {
        const inner = this.#blockMap(value, indent + step, step);
        return `${this.#after()}\n${inner}`;
      }
      const own = inList || this.#pick(2) === 0 ? indent + step : indent;
      const entries = value.map((item) => `${this.#above(own)}${own}-${this.#value(item, own, step, true)}`);
      return `${this.#after()}\n${entries.join('')}`;
    }
    if (isFilled && this.#pick(2) === 0) return ` ${this.#wideFlow(value, indent + step)}${this.#after()}\n`;
    if (typeof value === 'string' && /^[^\s-].*\n$/.test(value) && this.#pick(2) === 0)
      return ` |${this.#after()}\n${value.replace(/^(?=.)/gm, indent + step)}`;
    return ` ${this.#line(value, false)}${this.#after()}\n`;
  }

  #wideFlow(value: Value[] | ValueMap, indent: string): string {
    const [open, close] = Array.isArray(value) ? '[]' : '{}';
    const entries = Object.entries(value).map(([key, item]) =>
      Array.isArray(value) ? this.#line(item, true) : `${keyAsYaml(key)}: ${this.#line(item, true)}`,
    );
    const lines = entries.map((entry, index) => {
      const comma = index < entries.length - 1 || this.#pick(2) === 0 ? ',' : '';
      return `\n${indent}${entry}${comma}${this.#after()}`;
    });
    return `${open}${this.#after()}${lines.join('')}\n${indent}${close}`;
  }

  #line(value: Value, flow: boolean): string {
    const quotes = ([undefined, 'QUOTE_DOUBLE', 'QUOTE_SINGLE'] as const)[this.#pick(3)];
    return asYaml(value, { flow, padded: this.#pick(2) === 0, quotes });
  }

  #above(indent: string): string {
    const some = this.#pick(4);
    if (some > 1) return '';
    return `${some === 0 ? '\n' : ''}${indent}# c${this.#comments++}\n`;
  }

  #after(): string {
    return this.#pick(3) === 0 ? ` # c${this.#comments++}` : '';
  }
}

function someValue(pick: (count: number) => number, depth: number): Value {
  const type = depth > 0 ? pick(4) : 3;
  if (type === 0) return Array.from({ length: pick(3) }, () => someValue(pick, depth - 1));
  if (type > 1) return SCALARS[pick(SCALARS.length)] as Value;
  const keys = KEYS.filter(() => pick(4) === 0);
  return Object.fromEntries(keys.map((key) => [key, someValue(pick, depth - 1)]));
}

/** A path to an existing or a new value. */
function somePath(value: Value, pick: (count: number) => number): Path {
  if (Array.isArray(value)) {
    const step = pick(value.length + 1);
    return step < value.length && pick(3) > 0 ? [step, ...somePath(value[step] as Value, pick)] : [step];
  }
  if (!isValueMap(value) || pick(6) === 0) return [];
  const step = KEYS[pick(KEYS.length)] as string;
  const inner = value[step];
  if (inner !== undefined) return [step, ...somePath(inner, pick)];
  return pick(2) === 0 ? [step] : [step, KEYS[pick(KEYS.length)] as string, 0];
}

function at(value: Value, path: Path): Value | undefined {
  return path.reduce<Value | undefined>(
    (inner, step) => (inner as unknown as Record<string | number, Value> | undefined)?.[step],
    value,
  );
}

function withAt(value: Value | undefined, [step, ...rest]: Path, wanted: Value): Value {
  if (step === undefined) return wanted;
  const copy: Value =
    typeof step === 'number' ? [...((value as Value[]) ?? [])] : { ...((value as ValueMap) ?? {}) };
  const container = copy as unknown as Record<string | number, Value>;
  container[step] = withAt(container[step], rest, wanted);
  return copy;
}

function without(value: Value, [step, ...rest]: Path): Value {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      index !== step ? [item] : rest.length > 0 ? [without(item, rest)] : [],
    );
  }
  const pairs = Object.entries(value as ValueMap).flatMap(([key, item]): [string, Value][] =>
    key !== step ? [[key, item]] : rest.length > 0 ? [[key, without(item, rest)]] : [],
  );
  return Object.fromEntries(pairs);
}

function linesOf(before: string, after: string): { added: string[]; removed: string[] } {
  const lines = (text: string) => (text.endsWith('\n') ? text : `${text}\n`);
  const parts = diffLines(lines(before), lines(after), { stripTrailingCr: false });
  const changed = (type: 'added' | 'removed') =>
    parts.filter((part) => part[type]).flatMap(({ value }) => value.replace(/\n$/, '').split('\n'));
  return { added: changed('added'), removed: changed('removed') };
}

function commentsOf(text: string): string[] {
  return text.match(/# c\d+/g) ?? [];
}

/** Checks that all line ends are unchanged, including that of the last line. */
function assertSameBreaks(before: string, after: string): void {
  if (before.includes('\r\n')) assert.not.match(after, /(?<!\r)\n/);
  else assert.not.match(after, '\r');
  if (!before.endsWith('\n')) assert.not.match(after, /\n$/);
}

test.run();

import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, parseDocument, stringify } from 'yaml';
import { compile } from '../src/compile.ts';
import { PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';
import { yipErrors } from './support/yip-schema.ts';

/**
 * yip-files.json has the results of yip's own parser, `schema.Load`: of mudler/yip v1.4.0, which is in elemental-toolkit 1.1, and
 * of rancher/yip v1.9.6 where that differs. One file with an error disables all files of /oem.
 */

interface Result {
  readonly error?: string;
  /** The file as yip understood it, without the fields of files that are empty or zero. */
  readonly config?: unknown;
}

const test = suite("yip's files");

const cases: readonly Readonly<{ text: string; 'v1.4.0': Result; 'v1.9.6'?: Result }>[] = JSON.parse(
  readFileSync(new URL('data/yip-files.json', import.meta.url), 'utf8'),
);

test('the schema accepts only what each yip understands as it is written', () => {
  const accepted = cases.filter(({ text }) => yipErrors(text).length === 0);
  for (const { text, ...results } of accepted)
    for (const { error, config } of Object.values(results)) {
      assert.is(error, undefined, text);
      assert.equal(config, withoutZeros(parse(text)), text);
    }
  assert.ok(accepted.length > 10 && accepted.length < cases.length / 3, `${accepted.length} are accepted`);
});

test('the schema rejects another type, and an unknown key, at any place of a file', () => {
  const [{ text }] = cases as unknown as [{ text: string }];
  assert.equal(yipErrors(text), []);
  const file: unknown = parse(text);
  let changes = 0;
  for (const change of changesOf(file)) {
    changes += 1;
    const changed = structuredClone(file);
    change(changed);
    assert.is.not(yipErrors(JSON.stringify(changed)).length, 0, JSON.stringify(changed));
  }
  assert.ok(changes > 100, `${changes} changes`);
});

test('harvgen check accepts what the yip of the nodes decodes as it is meant, and nothing else', async () => {
  const objects = cases.map(({ text }, index) =>
    stringify({
      apiVersion: 'node.harvesterhci.io/v1beta1',
      kind: 'CloudInit',
      metadata: { name: `file-${index}` },
      spec: { matchSelector: {}, filename: `50_${index}.yaml`, contents: text },
    }),
  );
  const files = Object.fromEntries(objects.map((text, index) => [`manifests/file-${index}.yaml`, text]));
  const { diagnostics } = await compile(makeSite({ 'site.yaml': PLANT, ...files }));
  const found = new Set(diagnostics.map(({ at }) => /file-(\d+)\.yaml$/.exec(at.source.file)?.[1]));
  let fine = 0;
  for (const [index, { text, 'v1.4.0': result }] of cases.entries()) {
    const isMeant = ['1.1', '1.2'].some((version) => {
      const document = parseDocument(text, { version: version as '1.1' | '1.2' });
      const isRead = result.error === undefined && document.errors.length === 0;
      return isRead && isDeepStrictEqual(inTexts(document.toJS() ?? {}), inTexts(result.config));
    });
    const isFine = isMeant && !REJECTED.test(text);
    assert.is(found.has(String(index)), !isFine, text);
    fine += Number(isFine);
  }
  assert.ok(fine > 20, `${fine} are accepted`);
});

/** Those that yip decodes, but with a value that is missing; without permissions, only root can read the file. */
const REJECTED = /null|~|files: \[\{(?!.*permissions)/;

/** Returns a value with each scalar as a text, without those that yip leaves out: zeros and what is empty. */
function inTexts(value: unknown): unknown {
  if (typeof value !== 'object' || value === null)
    return value === 0 || value === null ? undefined : String(value);
  const parts = Object.entries(value).map(([key, one]) => [key, inTexts(one)] as const);
  return Object.fromEntries(
    parts.filter(([, one]) => one !== undefined && one !== '' && !isDeepStrictEqual(one, {})),
  );
}

test.run();

type Change = (file: unknown) => void;

/** Returns changes of a file: each value has another type, and each map of fixed keys has another key. */
function* changesOf(value: unknown, path: readonly string[] = []): Iterable<Change> {
  const at = (file: unknown, steps: readonly string[]) =>
    steps.reduce((inner, step) => (inner as Record<string, unknown>)[step], file) as Record<string, unknown>;
  const last = path.at(-1);
  const others = [5.5, true, null, 'text', '420', ['text'], [{}], {}, { any: {} }];
  const isSame = (other: unknown) => kindOf(other) === kindOf(value);
  if (last !== undefined)
    for (const other of others.filter((one) => !isSame(one)))
      yield (file) => {
        at(file, path.slice(0, -1))[last] = other;
      };
  if (typeof value !== 'object' || value === null) return;
  const isFixed = !Array.isArray(value) && !FREE.includes(last ?? '');
  if (isFixed)
    yield (file) => {
      at(file, path).unknown = 'text';
    };
  for (const [key, inner] of Object.entries(value)) yield* changesOf(inner, [...path, key]);
}

/** The maps whose keys are names. */
const FREE = ['stages', 'sysctl', 'users', 'timesyncd', 'environment', 'authorized_keys'];

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;
}

/** Returns a value without empty texts and zeros, as in the recorded results. */
function withoutZeros(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, one) => (one === '' || one === 0 ? undefined : one)));
}

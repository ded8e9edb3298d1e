import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { compile } from '../../src/compile.ts';
import { bigPlant } from '../../test/support/big-plant.ts';
import { fileText } from '../../test/support/file-text.ts';
import { edited, PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { grouped } from '../targets.ts';
import { plot } from './plot.ts';
import { DEMAND, gigabits, POD, simulateAll } from './scenarios.ts';

const test = suite('the page of scale');
const docs = join(import.meta.dirname, '..', '..', 'docs');
const page = readFileSync(join(docs, 'scale.md'), 'utf8');
const [, section = ''] = /\n## Serve more machines\n([\s\S]*?)\n- /.exec(page) ?? [];
const rows = Array.from(section.matchAll(/^\| .+ \| `(.+?)` \| (.*) \|$/gm), ([, key = '', files = '']) => ({
  key,
  files: Array.from(files.matchAll(/`(.+?)`/g), ([, path = '']) => path),
}));

test('names files that each key changes', async () => {
  assert.is(rows.length, 4);
  const before = await treeOf({});
  for (const { key, files } of rows) {
    const tree = await treeOf(parse(key));
    assert.ok(files.length > 0, key);
    for (const path of files) {
      assert.ok(tree.get(path), `${key}: ${path}`);
      assert.is.not(fileText(tree, path), fileText(before, path), `${key}: ${path}`);
    }
  }
});

test('has the machines in an hour of its links, and the connections of a pod', async () => {
  const perHour = (link: number) => grouped(Math.floor((gigabits(link) * 3600) / DEMAND.bytes));
  const named = Array.from(section.matchAll(/more than ([\d,]+)(?![\d,]* nodes)/g), ([, number]) => number);
  assert.equal(new Set(named), new Set([perHour(25), perHour(100)]));
  const site = edited(bigPlant(1025), ['server:\n', 'server:\n  kubernetes: { media_claim: media }\n']);
  const { tree } = await compile(makeSite(site));
  const conf = fileText(tree, 'k8s/nginx/nginx.conf') ?? '';
  const [processes = 0, each = 0] = ['processes', 'connections'].map((name) =>
    Number(new RegExp(`worker_${name} (\\d+);`).exec(conf)?.[1]),
  );
  assert.is(processes * each, POD);
  assert.ok(page.includes(`accepts ${grouped(POD)} connections`));
});

test('has the simulated start and the picture of its own rates', () => {
  const rateOf = (name: RegExp) => {
    const [, cell = ''] = new RegExp(`^\\| ${name.source} +\\| +([^ |]+)`, 'm').exec(page) ?? [];
    return Number(cell.replaceAll(',', ''));
  };
  const rates = {
    processors: 0,
    leases: rateOf(/dnsmasq: leases per second/),
    kea: rateOf(/Kea: leases per second/),
    requests: rateOf(/nginx: requests per second, \d+ processors/),
    media: Math.round(rateOf(/nginx: media, \d+ processors/) * 100) * 1e7,
    connections: rateOf(/nginx: downloads at once, \d+ processors/),
  };
  const { text, curves } = simulateAll(rates);
  assert.ok(page.includes(text), `${JSON.stringify(rates)}\n${text}`);
  assert.is(readFileSync(join(docs, 'pictures', 'scale.svg'), 'utf8'), plot(curves));
  assert.not.ok(page.includes(simulateAll({ ...rates, leases: rates.leases / 50 }).text));
});

/** Compiles the common inventory with further keys. Throws if it has an error. */
async function treeOf(keys: object) {
  const { tree, diagnostics } = await compile(makeSite(stringify(merged(parse(PLANT), keys))));
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (!tree || errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return tree;
}

function merged(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  const entries = Object.entries(over).map(([key, value]) => [key, merged(base[key], value)]);
  return { ...base, ...Object.fromEntries(entries) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

test.run();

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { emitTree } from '../src/targets/emit.ts';
import type { Render } from '../src/targets/render.ts';
import { type builtIn, builtInNames, compileBuiltIn } from '../src/targets/templates/built-in.ts';
import type { TemplateFault } from '../src/targets/templates/template-fault.ts';
import { ISCSI_HARVESTER } from './support/iscsi-harvester-plant.ts';
import { ISCSI_PLANT } from './support/iscsi-plant.ts';
import { LINUX_PLANT } from './support/linux-plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('the templates that are built');

const SITES = fileURLToPath(new URL('../sites/', import.meta.url));
const sites = [
  ...readdirSync(SITES)
    .filter((name) => !name.startsWith('_'))
    .map((name) => join(SITES, name)),
  ...[LINUX_PLANT, ISCSI_PLANT, ISCSI_HARVESTER].map((text) => makeSite(text)),
];

const built: { builtIn: typeof builtIn } = await import(
  new URL('../dist/targets/templates/built-in.js', import.meta.url).href
);

/** The plain ones, each compiled once. */
const plain = new Map(builtInNames().map((name) => [name, compileBuiltIn(name)]));

test('write what those write that are compiled from their text', async () => {
  const rendered = new Set<string>();
  for (const folder of sites) {
    const { site } = await compile(folder);
    assert.ok(site, folder);
    const render: Render = (name, data) => {
      const text = plain.get(name)?.(data) ?? '';
      assert.is(built.builtIn(name)(data), text, name);
      rendered.add(name);
      return text;
    };
    for (const [path, { content }] of emitTree(site, render, new Report()) ?? [])
      assert.is.not(content, undefined, path);
  }
  assert.ok(rendered.size > 50, `${rendered.size} of ${plain.size}`);
});

test('say of a fault what those say', () => {
  for (const [name, template] of plain) {
    assert.equal(
      outcomeOf(() => built.builtIn(name)({})),
      outcomeOf(() => template({})),
      name,
    );
  }
});

/** What a template has written, or what is wrong and where. */
function outcomeOf(render: () => string): unknown {
  try {
    return render();
  } catch (error) {
    const { message, at } = error as TemplateFault;
    return { message, start: at.start, end: at.end };
  }
}

test.run();

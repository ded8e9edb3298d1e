import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { selfLocation } from '../src/source/origin.ts';
import { emitTargets } from '../src/targets/emit.ts';
import { rendererOf } from '../src/targets/render.ts';
import { builtInNames, builtInSource } from '../src/targets/templates/template.ts';
import { everySite } from './support/every-site.ts';
import { scratchFolder } from './support/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const page = read('docs/reference/template-data.md');
const SITES = everySite();
const test = suite('docs/reference/template-data.md');

/** Returns the first column of the first table below a heading. */
function namesBelow(heading: string): string[] {
  const [, section = ''] = page.split(`\n### ${heading}\n`);
  const [body = ''] = section.split('\n## ')[0]?.split('\n### ') ?? [];
  return Array.from(body.matchAll(/^\| `(\w+|[\w-]+\/[\w/.-]+)` \|/gm), ([, name = '']) => name);
}

test('has a section for every built-in template, with exactly the values that the template gets', async () => {
  const passed = new Map(builtInNames().map((name) => [name, new Set<string>()]));
  for (const folder of SITES) {
    const { site } = await compile(folder);
    assert.ok(site);
    const render = rendererOf(new Map(), selfLocation(site), new Report());
    emitTargets(site, (template, data) => {
      for (const key of Object.keys(data)) passed.get(template)?.add(key);
      return render(template, data);
    });
  }
  const listed = namesBelow('Plain scripts');
  const asTheyAre = builtInNames().filter((name) => !builtInSource(name).file.endsWith('.eta'));
  assert.equal(listed, asTheyAre);
  for (const [name, keys] of passed) {
    assert.is(keys.size > 0, !asTheyAre.includes(name), name);
    if (keys.size > 0) assert.equal(namesBelow(`\`${name}.eta\``).sort(), [...keys].sort(), name);
  }
  const sections = Array.from(page.matchAll(/^### `(.*)\.eta`$/gm), ([, name]) => name);
  assert.equal(
    sections,
    [...passed.keys()].filter((name) => !asTheyAre.includes(name)),
  );
});

test('a template that reads what its target does not pass fails lint, at its line', () => {
  const copy = scratchFolder();
  for (const path of ['src', 'scripts', 'package.json', 'tsconfig.json'])
    cpSync(join(root, path), join(copy, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const check = () => {
    const script = join(copy, 'scripts/template-types.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script], { cwd: copy, encoding: 'utf8' });
    return { status, errors: stderr.split('\n').filter((line) => line.startsWith('src/')) };
  };
  assert.equal(check(), { status: 0, errors: [] });
  const path = join(copy, 'src/targets/libvirt/domain.xml.eta');
  const template = readFileSync(path, 'utf8');
  writeFileSync(path, `${template}<% for (const disk of it.disks) { %>\n<%= disk.siez %>\n<% } %>\n`);
  const { status, errors } = check();
  assert.is(status, 1);
  assert.is(errors.length, 1);
  const line = template.split('\n').length + 1;
  assert.match(errors[0] ?? '', `src/targets/libvirt/domain.xml.eta:${line}: Property 'siez' does not exist`);
});

test.run();

import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { builtInNames } from '../src/targets/templates/template.ts';
import { harvgen } from './support/cli.ts';
import { blocksOf } from './support/markdown.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const page = readFileSync(new URL('../docs/how-to/site-templates.md', import.meta.url), 'utf8');
const test = suite('docs/how-to/site-templates.md');

test('its templates can be rendered', async () => {
  const blocks = builtInNames().flatMap((name) =>
    blocksOf(page, `eta ${name}`).map((text) => [name, text] as const),
  );
  assert.ok(blocks.length > 0);
  for (const [name, text] of blocks) {
    const { diagnostics } = await compile(makeSite({ 'site.yaml': PLANT, [`templates/${name}.eta`]: text }));
    assert.equal(
      diagnostics.map(({ message }) => message),
      [],
    );
  }
});

test('shows an error of a template as harvgen prints it', () => {
  const home = writeFiles(scratchFolder(), {
    'sites/plant_a/site.yaml': edited(PLANT, ['site: plant', 'site: plant_a']),
    'sites/plant_a/templates/ipxe/node.ipxe.eta': '#!ipxe\necho <%= it.site.relase.text %>\n',
  });
  const { stderr } = harvgen(['check', 'sites/plant_a'], home);
  const [shown = 'nothing'] = blocksOf(page, 'text template');
  assert.ok(stderr.startsWith(shown), stderr);
});

test.run();

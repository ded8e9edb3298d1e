import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { textOf } from '../../tree/tree.ts';

const test = suite('the start page');

async function pageOf(files: Readonly<Record<string, string>>): Promise<string> {
  const { tree, diagnostics } = await compile(makeSite(files));
  const file = tree?.get('www/index.html');
  if (!file) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return textOf(file);
}

const plant = (...edits: readonly Edit[]) => pageOf({ 'site.yaml': edited(PLANT, ...edits) });

test('lists the URLs, without data of any node', async () => {
  const page = await plant();
  assert.match(page, 'This is the boot server of plant.');
  for (const path of ['/boot.ipxe', '/ipxe/MAC.ipxe', '/config/MAC.yaml', '/harvester/', '/inventory.json'])
    assert.match(page, `\n  ${path} `);
  assert.not.match(page, '/all');
  assert.not.match(page, /harv-\d|52[:-]54|192\.168|@@secret|token/);
  assert.not.match(page, /<(script|style|link|img)/);
});

test('lists further URLs only if they exist', async () => {
  const page = await plant([
    'server:\n',
    'server:\n  compat: [phs-all]\n  media: https://releases.rancher.com/harvester\n',
  ]);
  assert.match(page, '\n  /all ');
  assert.not.match(page, '/harvester/');
});

test('is replaced by a site file', async () => {
  assert.is(await pageOf({ 'site.yaml': PLANT, 'files/www/index.html': 'mine\n' }), 'mine\n');
});

test.run();

import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** A template that leaves a file in the current directory when it runs. */
const MARKING = "#!ipxe\n<% process.getBuiltinModule('node:fs').writeFileSync('ran', '') %>\n";

/** Runs a command beside a site with this template; returns its result, and whether the template ran. */
function runs(args: readonly string[]) {
  const home = writeFiles(scratchFolder(), {
    'plant/site.yaml': PLANT,
    'plant/templates/ipxe/node.ipxe.eta': MARKING,
    'secrets.yaml': 'cluster_token: 0123456789abcdef0123456789abcdef\n',
  });
  chmodSync(join(home, 'secrets.yaml'), 0o600);
  return { ...harvgen(args, home), ran: existsSync(join(home, 'ran')) };
}

const COMMANDS = [
  ['build', 'plant'],
  ['build', '--check', 'plant'],
  ['check', 'plant'],
  ['check', '--secrets', 'secrets.yaml', 'plant'],
  ['diff', 'plant'],
  ['media', 'plant'],
  ['set', 'plant', 'harv-1', 'install=always'],
];

test('with --no-templates, no command runs a template of the site', () => {
  for (const [command = '', ...args] of COMMANDS) {
    assert.ok(runs([command, ...args]).ran, `${command} ${args}`);
    const { ran, code, stderr } = runs([command, '--no-templates', ...args]);
    assert.not.ok(ran, `${command} ${args}`);
    assert.is(code, args.includes('--check') ? 1 : 0, stderr);
    if (command === 'set') continue;
    assert.match(
      stderr,
      'plant/templates/ipxe/node.ipxe.eta:1:1 warning template-not-run\n' +
        '  ipxe/node.ipxe.eta was not run: the built-in template generates its files instead.\n',
    );
    assert.match(stderr, '  help: review this template, then omit --no-templates\n');
  }
  for (const args of [
    ['explain', 'plant', 'harv-1'],
    ['secrets', 'plant'],
    ['secrets', '--secrets', 'secrets.yaml', '--format', 'json', 'plant'],
  ]) {
    const { ran, code, stderr } = runs(args);
    assert.not.ok(ran, args.join(' '));
    assert.is(code, 0, stderr);
    assert.is(stderr, '');
  }
});

test('with --no-templates, errors of a template that are found without it running are reported', async () => {
  const site = makeSite({
    'site.yaml': PLANT,
    'templates/ipxe/node.ipxe.eta': '#!ipxe\n<% if ( %>\n',
    'templates/ipxe/none.ipxe.eta': '#!ipxe\n',
  });
  const { diagnostics } = await compile(site, { templates: false });
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['template-syntax', 'unknown-template'],
  );
});

test.run();

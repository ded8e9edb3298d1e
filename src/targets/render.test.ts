import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Report } from '../source/diagnostics/report.ts';
import { Source } from '../source/source.ts';
import { compileOwn, deepFreeze, rendererOf } from './render.ts';

const test = suite('rendering the templates of a site');

const SITE = { source: new Source('site.yaml', 'site: plant\n'), start: 0, end: 0 };

/** Returns a renderer with these site templates, by path, and its diagnostics. */
function rendering(own: Readonly<Record<string, string>> = {}) {
  const report = new Report();
  const files = Object.entries(own).map(([path, text]) => ({ path, source: new Source(path, text) }));
  const render = rendererOf(compileOwn(files, report), SITE, report);
  const reported = () => report.sorted().map(({ code, at, message }) => [code, at.source.file, message]);
  return { render, reported };
}

test('renders the built-in template if the site has none', () => {
  const { render, reported } = rendering({ 'ipxe/node.ipxe.eta': '#!ipxe\necho <%= it.a %>' });
  assert.match(
    render('ipxe/boot.ipxe', { site: { name: 'plant', networks: [] }, lookUps: [], unknown: [] }),
    '\nset site plant\n',
  );
  assert.is(render('ipxe/node.ipxe', { a: 1 }), '#!ipxe\necho 1');
  assert.equal(reported(), []);
});

test('reports a value that a built-in template cannot write as an error of the inventory, once', () => {
  const { render, reported } = rendering();
  for (const name of ['a b', 'c d'])
    assert.is(render('ipxe/boot.ipxe', { site: { name, networks: [] }, lookUps: [], unknown: [] }), '');
  assert.equal(
    reported().map(([code, file]) => [code, file]),
    [['unquotable', 'site.yaml']],
  );
});

test('throws any other error of a built-in template, with its line', () => {
  const { render } = rendering();
  assert.throws(
    () => render('ipxe/boot.ipxe', { site: {}, lookUps: [] }),
    /^the template ipxe\/boot\.ipxe, line 3, column 7: This has no value/,
  );
  assert.throws(() => render('no/such.ipxe', {}), /no\/such\.ipxe\.eta/);
});

test('reports an error of a site template once, with the node, and renders the other templates', () => {
  const { render, reported } = rendering({
    'ipxe/node.ipxe.eta': '<%= it.node.x %>',
    'ipxe/boot.ipxe.eta': '#!ipxe\n',
  });
  for (const name of ['harv-1', 'harv-2']) assert.is(render('ipxe/node.ipxe', { node: { name } }), '');
  assert.is(render('ipxe/boot.ipxe', {}), '#!ipxe\n');
  assert.equal(reported(), [
    [
      'template-value',
      'ipxe/node.ipxe.eta',
      'This has no value, so there is nothing to write. It was rendered for harv-1.',
    ],
  ]);
});

test('the output of a site template must not be empty, and must be a script for iPXE', () => {
  const { render, reported } = rendering({
    'ipxe/boot.ipxe.eta': 'echo\n#!ipxe\n',
    'ipxe/node.ipxe.eta': '#!ipxer\n',
    'embed/embed.ipxe.eta': '<% if (it.nodes) { %>\n#!ipxe\n<% } %>\n',
    'readme/README.md.eta': ' \n',
    'scripts/fetch-media.sh.eta': '<% // nothing %>\n',
    'dnsmasq/site.dnsmasq.eta': '<%~ it.text %>',
  });
  for (const name of ['ipxe/boot.ipxe', 'embed/embed.ipxe', 'readme/README.md', 'scripts/fetch-media.sh'])
    assert.is(render(name, {}), '', name);
  assert.is(render('ipxe/node.ipxe', { node: { name: 'harv-1' } }), '');
  assert.is(render('dnsmasq/site.dnsmasq', { text: '# none' }), '# none');
  const empty =
    'This template writes an empty file: the file would have no effect, and no machine would report it.';
  const noScript =
    'The output of this template does not begin with #!ipxe: iPXE would reject it with "Exec format error".';
  assert.equal(reported(), [
    ['template-fault', 'embed/embed.ipxe.eta', empty],
    ['template-fault', 'ipxe/boot.ipxe.eta', noScript],
    ['template-fault', 'ipxe/node.ipxe.eta', `${noScript} It was rendered for harv-1.`],
    ['template-fault', 'readme/README.md.eta', empty],
    ['template-fault', 'scripts/fetch-media.sh.eta', empty],
  ]);
});

test('reports a syntax error before rendering, and does not render the built-in template instead', () => {
  const { render, reported } = rendering({ 'ipxe/boot.ipxe.eta': '<% a b %>' });
  assert.equal(reported().length, 1);
  assert.is(render('ipxe/boot.ipxe', { site: { name: 'plant' }, lookUps: [] }), '');
  assert.equal(reported().length, 1);
});

test('reports a template that overrides nothing, with the likely intended name', () => {
  const { reported } = rendering({ 'ipxe/nod.ipxe.eta': '', 'ipxe/node.ipxe': '', 'NOTES.txt': '' });
  assert.equal(reported(), [
    [
      'unknown-template',
      'NOTES.txt',
      'NOTES.txt does not end in .eta: it is not a template and overrides nothing.',
    ],
    [
      'unknown-template',
      'ipxe/nod.ipxe.eta',
      'There is no built-in template ipxe/nod.ipxe.eta: this one would never be rendered.',
    ],
    [
      'unknown-template',
      'ipxe/node.ipxe',
      'ipxe/node.ipxe does not end in .eta: it is not a template and overrides nothing.',
    ],
  ]);
});

test.run();

const freezing = suite('freezing data');

freezing('freezes all nested objects, including cycles', () => {
  const cluster = { members: [] as object[] };
  const node = { cluster, text: 'x' };
  cluster.members.push(node);
  assert.is(deepFreeze(node), node);
  for (const frozen of [node, cluster, cluster.members]) assert.ok(Object.isFrozen(frozen));
});

freezing('returns copies of bytes that do not affect each other', () => {
  const bytes = Buffer.from('ab');
  const { files, list } = deepFreeze({ files: [{ content: bytes }], list: [bytes] });
  const [file] = files;
  assert.ok(file && Object.isFrozen(file));
  assert.equal(Object.keys(file), ['content']);
  file.content[0] = 88;
  new Uint8Array(file.content.buffer).fill(88);
  if (list[0]) list[0][0] = 88;
  assert.is(Buffer.from(file.content).toString(), 'ab');
  assert.is(bytes.toString(), 'ab');
  assert.throws(() => {
    file.content = Buffer.from('other');
  }, TypeError);
});

freezing('skips frozen objects, so that shared data is visited once', () => {
  const inner = { visited: [] };
  deepFreeze(Object.freeze({ inner }));
  assert.not(Object.isFrozen(inner));
});

freezing.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Report } from '../source/diagnostics/report.ts';
import { Source } from '../source/source.ts';
import { compileOwn, deepFreeze, rendererOf } from './render.ts';

const test = suite('rendering the templates of a site');

const SITE = { source: new Source('site.yaml', 'site: plant\n'), start: 0, end: 0 };

/** A renderer with templates of the site's own, by path, and what it reports. */
function rendering(own: Readonly<Record<string, string>> = {}) {
  const report = new Report();
  const files = Object.entries(own).map(([path, text]) => ({ path, source: new Source(path, text) }));
  const render = rendererOf(compileOwn(files, report), SITE, report);
  const said = () => report.sorted().map(({ code, at, message }) => [code, at.source.file, message]);
  return { render, said };
}

test('a built-in template is rendered where there is none of the own', () => {
  const { render, said } = rendering({ 'ipxe/node.ipxe.eta': '#!ipxe\necho <%= it.a %>' });
  assert.match(render('ipxe/boot.ipxe', { site: { name: 'plant' }, lookUps: [] }), '\nset site plant\n');
  assert.is(render('ipxe/node.ipxe', { a: 1 }), '#!ipxe\necho 1');
  assert.equal(said(), []);
});

test('what a built-in template cannot say is a fault of the inventory, said once', () => {
  const { render, said } = rendering();
  for (const name of ['a b', 'c d']) assert.is(render('ipxe/boot.ipxe', { site: { name }, lookUps: [] }), '');
  assert.equal(
    said().map(([code, file]) => [code, file]),
    [['unquotable', 'site.yaml']],
  );
});

test("any other fault of a built-in template is harvgen's own, and names its line", () => {
  const { render } = rendering();
  assert.throws(
    () => render('ipxe/boot.ipxe', { site: {}, lookUps: [] }),
    /^the template ipxe\/boot\.ipxe, line 2, column 7: This has no value/,
  );
  assert.throws(() => render('no/such.ipxe', {}), /no\/such\.ipxe\.eta/);
});

test('a fault of a template of the own is said once, with the node, and the others are rendered', () => {
  const { render, said } = rendering({
    'ipxe/node.ipxe.eta': '<%= it.node.x %>',
    'ipxe/boot.ipxe.eta': '#!ipxe\n',
  });
  for (const name of ['harv-1', 'harv-2']) assert.is(render('ipxe/node.ipxe', { node: { name } }), '');
  assert.is(render('ipxe/boot.ipxe', {}), '#!ipxe\n');
  assert.equal(said(), [
    [
      'template-value',
      'ipxe/node.ipxe.eta',
      'This has no value, so there is nothing to write. It was rendered for harv-1.',
    ],
  ]);
});

test('what a template of the own writes must be of use: a file that says something, and a script to iPXE', () => {
  const { render, said } = rendering({
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
    'This template writes nothing: a file with nothing in it does nothing, and no machine says so.';
  const noScript =
    'What this template writes does not begin with #!ipxe: the machine would refuse it with "Exec format error".';
  assert.equal(said(), [
    ['template-fault', 'embed/embed.ipxe.eta', empty],
    ['template-fault', 'ipxe/boot.ipxe.eta', noScript],
    ['template-fault', 'ipxe/node.ipxe.eta', `${noScript} It was rendered for harv-1.`],
    ['template-fault', 'readme/README.md.eta', empty],
    ['template-fault', 'scripts/fetch-media.sh.eta', empty],
  ]);
});

test('one that cannot be read is said before it is rendered, and the built-in one does not stand in for it', () => {
  const { render, said } = rendering({ 'ipxe/boot.ipxe.eta': '<% a b %>' });
  assert.equal(said().length, 1);
  assert.is(render('ipxe/boot.ipxe', { site: { name: 'plant' }, lookUps: [] }), '');
  assert.equal(said().length, 1);
});

test('one that overrides nothing is said, with what may have been meant', () => {
  const { said } = rendering({ 'ipxe/nod.ipxe.eta': '', 'ipxe/node.ipxe': '', 'NOTES.txt': '' });
  assert.equal(said(), [
    [
      'unknown-template',
      'NOTES.txt',
      'NOTES.txt does not end in .eta: it is no template, and overrides none.',
    ],
    [
      'unknown-template',
      'ipxe/nod.ipxe.eta',
      'There is no built-in template ipxe/nod.ipxe.eta: this one would never be rendered.',
    ],
    [
      'unknown-template',
      'ipxe/node.ipxe',
      'ipxe/node.ipxe does not end in .eta: it is no template, and overrides none.',
    ],
  ]);
});

test.run();

const freezing = suite('freezing data');

freezing('freezes all that is in it, in circles too', () => {
  const cluster = { members: [] as object[] };
  const node = { cluster, text: 'x' };
  cluster.members.push(node);
  assert.is(deepFreeze(node), node);
  for (const frozen of [node, cluster, cluster.members]) assert.ok(Object.isFrozen(frozen));
});

freezing('gives copies of bytes, of which none changes another', () => {
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

freezing('goes not into what is frozen: the same data is looked through once', () => {
  const inner = { looked: [] };
  deepFreeze(Object.freeze({ inner }));
  assert.not(Object.isFrozen(inner));
});

freezing.run();

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  digest,
  digestOf,
  filledIn,
  MANIFEST,
  type Manifest,
  parseManifest,
  renderManifest,
} from './manifest.ts';
import { type File, LazyFile } from './tree.ts';

const test = suite('the manifest');

test('names the generator, the site, and every file with its digest', () => {
  const tree = new Map([
    ['b.txt', { content: 'b' }],
    ['a/é.txt', { content: 'é\n', executable: true }],
  ]);
  assert.is(
    renderManifest(tree, 'plant', 'harvgen 1.2.3'),
    `{
  "generator": "harvgen 1.2.3",
  "site": "plant",
  "files": {
    "b.txt": "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
    "a/é.txt": "${digest(Buffer.from('é\n', 'utf8'))}"
  }
}
`,
  );
});

test('what is rendered is read back', () => {
  const text = renderManifest(new Map([['a', { content: '' }]]), 'plant', 'harvgen 0.1.0');
  assert.equal(parseManifest(text), {
    generator: 'harvgen 0.1.0',
    site: 'plant',
    files: { a: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
  });
});

test('the same tree gives the same manifest', () => {
  const tree = new Map([['a', { content: 'x' }]]);
  assert.is(renderManifest(tree, 's', 'harvgen 1'), renderManifest(tree, 's', 'harvgen 1'));
});

for (const text of [
  '',
  'text',
  'null',
  '[]',
  '5',
  '{}',
  '{"files": {}}',
  '{"generator": "harvgen 1"}',
  '{"generator": "harvgen 1", "files": null}',
  '{"generator": "harvgen 1", "files": "a"}',
  '{"generator": "harvgen 1", "files": ["a"]}',
  '{"generator": "other 1", "files": {}}',
  '{"generator": "harvgenerator 1", "files": {}}',
  '{"generator": 5, "files": {}}',
  '{"generator": "harvgen 1", "files": {}',
]) {
  test(`${text || 'nothing'} is no manifest of harvgen's`, () => {
    assert.is(parseManifest(text), undefined);
  });
}

test('where secrets are filled in is said of each such file, and read back', () => {
  const secrets = [
    { start: 2, length: 3, mark: '@@secret:a@@' },
    { start: 5, length: 0, mark: '@@secret:b:json@@' },
  ];
  const tree = new Map([
    ['a', { content: '' }],
    ['b', { content: 'é123', confidential: true, secrets }],
  ]);
  const manifest = parseManifest(renderManifest(tree, 'plant', 'harvgen 0.1.0')) as Manifest;
  assert.equal(manifest.secrets, {
    b: [
      [2, 3, '@@secret:a@@'],
      [5, 0, '@@secret:b:json@@'],
    ],
  });
  assert.equal([...filledIn(manifest)], [['b', { digest: digest('é123'), secrets }]]);
});

test('a manifest without secrets, as older ones are, fills nothing in', () => {
  const manifest = parseManifest('{"generator": "harvgen 0.1.0", "site": "plant", "files": {"a": "0"}}');
  assert.equal([...filledIn(manifest as Manifest)], []);
});

for (const secrets of [
  'null',
  '5',
  '[]',
  '{"a": null}',
  '{"a": {}}',
  '{"a": [null]}',
  '{"a": [[1, 2]]}',
  '{"a": [["1", 2, "@@"]]}',
  '{"a": [[1, 2.5, "@@"]]}',
  '{"a": [[1, 2, 3]]}',
  '{"unknown": [[1, 2, "@@"]]}',
]) {
  test(`${secrets} says nothing of secrets`, () => {
    const text = `{"generator": "harvgen 1", "files": {"a": "0"}, "secrets": ${secrets}}`;
    assert.equal([...filledIn(parseManifest(text) as Manifest)], []);
  });
}

test('a digest is that of the bytes of UTF-8', () => {
  assert.is(digest('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.is(digest('é'), digest(Buffer.from([0xc3, 0xa9])));
});

const A = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';

test('a digest is of the bytes, be it of text or not', () => {
  assert.is(digest('a'), A);
  assert.is(digest(Buffer.from('a')), A);
  assert.is(digest('é'), digest(Buffer.from('é', 'utf8')));
  assert.is(digest('\ud800'), digest('\ufffd'));
});

test('digests of the files of a tree are made once, and of content that is at hand where there is some', () => {
  let asked = 0;
  const make = (text: string) => {
    asked += 1;
    return text;
  };
  const [a, b] = [new LazyFile('a', make, 'a'), new LazyFile('b', make, 'b')];
  const tree = new Map<string, File>([
    ['a', a],
    ['b', b],
  ]);
  assert.is(digestOf(tree, a), A);
  assert.is(digestOf(tree, a), A);
  assert.is(asked, 1);
  assert.is(digestOf(tree, b, 'b'), digest('b'));
  assert.is(digestOf(tree, b), digest('b'));
  assert.is(asked, 1);
});

test('a digest is that of the file that stands in the tree now', () => {
  const tree = new Map<string, File>([['a', { content: 'x' }]]);
  assert.is(digestOf(tree, tree.get('a') as File), digest('x'));
  tree.set('a', { content: 'a' });
  assert.is(digestOf(tree, tree.get('a') as File), A);
});

test('a manifest in the tree is none of its files', () => {
  const tree = new Map([['a', { content: 'x' }]]);
  const text = renderManifest(tree, 's', 'harvgen 1');
  assert.is(renderManifest(new Map(tree).set(MANIFEST, { content: text }), 's', 'harvgen 1'), text);
});

test('a manifest is what JSON makes of it, whatever the files are called', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('1', '10', '01', 'a/1', '__proto__', '"files": {}'),
  );
  const filled = { content: 'x', secrets: [{ start: 0, length: 1, mark: '@@secret:a@@' }] };
  const file = fc.constantFrom<File>({ content: '' }, { content: 'é' }, filled);
  fc.assert(
    fc.property(name, fc.array(fc.tuple(name, file)), (site, entries) => {
      const tree = new Map(entries.filter(([path]) => path !== MANIFEST));
      const files = Object.fromEntries([...tree].map(([path, { content }]) => [path, digest(content)]));
      const secrets = Object.fromEntries(
        [...tree].flatMap(([path, { secrets }]) => (secrets ? [[path, [[0, 1, '@@secret:a@@']]]] : [])),
      );
      const whole = {
        generator: 'harvgen 1',
        site,
        files,
        ...(Object.keys(secrets).length > 0 && { secrets }),
      };
      assert.is(renderManifest(tree, site, 'harvgen 1'), `${JSON.stringify(whole, null, 2)}\n`);
    }),
  );
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Site } from '../../site/model.ts';
import { hiddenPart, servedFiles, whyNotServed } from './served.ts';

const test = suite('files of the own that nginx serves');

const fileAt = (path: string) => ({ path, content: new Uint8Array(), executable: false });

const served = (...paths: string[]) => {
  const files = paths.map(fileAt);
  return servedFiles({ files } as unknown as Site).map(({ location, type }) => `${location} ${type}`);
};

test('those below the document root, and no others', () => {
  assert.equal(served('a.txt', 'www', 'www2/b.txt', 'www/c', 'scripts/www/d'), [
    '/c application/octet-stream',
  ]);
});

for (const [configuration, isBeside] of [
  ['    location /harvester/ {\n', true],
  ['location ^~ "/harvester/" {', true],
  ['', false],
  ['    location = /harvester/b {\n', false],
  ['    location = "/harvester/ {" {\n', false],
  ['    # location /harvester/ {\n', false],
] as const) {
  test(`harvester/ is served from ${isBeside ? 'elsewhere' : 'the tree'} by ${JSON.stringify(configuration)}`, () => {
    const why = whyNotServed(fileAt('www/harvester/b'), configuration);
    assert.is(why !== undefined, isBeside);
  });
}

test('nothing in a folder that nginx always serves from elsewhere can be served', () => {
  assert.ok(whyNotServed(fileAt('www/loader/a'), ''));
  for (const path of ['www/loader.txt', 'loader/a', 'www/x/loader/a'])
    assert.is(whyNotServed(fileAt(path), ''), undefined);
});

test('what is hidden by a dot below the document root: a file, or the outermost folder', () => {
  const hidden = (path: string) => hiddenPart(fileAt(path));
  assert.is(hidden('www/.env'), 'www/.env');
  assert.is(hidden('www/a/.b/c/.d'), 'www/a/.b');
  assert.is(hidden('www/.well-known/.env'), 'www/.well-known/.env');
  assert.is(hidden('www/...'), 'www/...');
  for (const path of ['.env', '.www/a', 'x/.env', 'www/a.b', 'www/.well-known/acme-challenge/x'])
    assert.is(hidden(path), undefined, path);
});

test('each by its path, quoted, and with a type by its ending', () => {
  assert.equal(served('www/a b.IPXE', 'www/x/$c.yml', 'www/d.yaml.gz'), [
    '"/a b.IPXE" text/plain',
    '"/x/$c.yml" text/plain',
    '/d.yaml.gz application/octet-stream',
  ]);
});

test.run();

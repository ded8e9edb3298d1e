import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Site } from '../../site/model.ts';
import { servedFiles } from './served.ts';

const test = suite('files of the own that nginx serves');

const served = (...paths: string[]) => {
  const files = paths.map((path) => ({ path, content: new Uint8Array(), executable: false }));
  return servedFiles({ files } as unknown as Site).map(({ location, type }) => `${location} ${type}`);
};

test('those below the document root, and no others', () => {
  assert.equal(served('a.txt', 'www', 'www2/b.txt', 'www/c', 'scripts/www/d'), [
    '/c application/octet-stream',
  ]);
});

test('none in a folder that nginx serves from elsewhere', () => {
  assert.equal(served('www/loader/a', 'www/harvester/b', 'www/loader.txt'), ['/loader.txt text/plain']);
});

test('each by its path, quoted, and with a type by its ending', () => {
  assert.equal(served('www/a b.IPXE', 'www/x/$c.yml', 'www/d.yaml.gz'), [
    '"/a b.IPXE" text/plain',
    '"/x/$c.yml" text/plain',
    '/d.yaml.gz application/octet-stream',
  ]);
});

test.run();

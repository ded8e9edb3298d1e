import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Site } from '../site/model.ts';
import type { Server } from '../site/model-server.ts';
import { hiddenPart, servedFiles, whyNotServed } from './served.ts';

const test = suite('site files that nginx serves');

const fileAt = (path: string) => ({ path, content: new Uint8Array(), executable: false });

const why = (path: string, server: Server, ...groups: string[]) =>
  whyNotServed(fileAt(path), {
    server: Object.assign({ compat: [] }, server),
    groups: groups.map((name) => ({ name })),
  } as unknown as Site);

const served = (...paths: string[]) => {
  const files = paths.map(fileAt);
  return servedFiles({ files } as unknown as Site).map(({ location, type }) => `${location} ${type}`);
};

test('serves only files below the document root', () => {
  assert.equal(served('a.txt', 'www', 'www2/b.txt', 'www/c', 'scripts/www/d'), [
    '/c application/octet-stream',
  ]);
});

test('reserves sign/ only with signed boot', () => {
  const media = { url: 'http://mirror' };
  const signed = { media, sign: { signer: 'boot.plant', path: '/srv/signatures' } } as unknown as Server;
  assert.ok(why('www/sign/a', signed));
  assert.is(why('www/sign/a', { media } as unknown as Server), undefined);
});

test("reserves the URLs of OpenCHAMI's services, if nginx serves them", () => {
  const plain = { media: { url: 'http://mirror' }, compat: [] } as unknown as Server;
  const ochami = { ...plain, compat: ['ochami'] } as unknown as Server;
  for (const path of [
    'meta-data',
    'cloud-init/user-data',
    'cloud-init/compute/user-data',
    'boot/v1/x',
    'hsm/v2/groups/a',
    'apis/x',
  ]) {
    assert.match(why(`www/${path}`, ochami)?.message ?? '', `request /${path}`);
    assert.is(why(`www/${path}`, plain), undefined, path);
  }
  assert.is(why('www/boot/other', ochami), undefined);
  for (const path of ['compute.yaml', 'cloud-init/compute.yaml']) {
    assert.match(why(`www/${path}`, ochami, 'login', 'compute')?.message ?? '', `request /${path}`);
    assert.is(why(`www/${path}`, plain, 'compute'), undefined);
    assert.is(why(`www/${path}`, ochami, 'login'), undefined);
  }
});

const serverWith = (path?: string) => ({ media: { url: 'http://mirror', path } }) as unknown as Server;

test('reserves directories that nginx serves from outside the tree: harvester/ only if it has a path', () => {
  assert.ok(why('www/harvester/b', serverWith('/srv/media')));
  assert.is(why('www/harvester/b', serverWith()), undefined);
  for (const server of [serverWith('/srv/media'), serverWith()]) {
    assert.ok(why('www/loader/a', server));
    for (const path of ['www/loader.txt', 'loader/a', 'www/x/loader/a', 'www/harvester', 'harvester/b'])
      assert.is(why(path, server), undefined);
  }
});

test('reserves MACs, IP addresses and UUIDs in any spelling below ipxe/ and config/', () => {
  const server = serverWith();
  for (const name of [
    '52-54-00-aa-01-01',
    '52:54:00:aa:01:01',
    '52:54:00-AA-01-01',
    '52-54-00-aa-01-01.ipxe',
    '52-54-00-AA-01-01.yaml',
    '192.168.178.41',
    '192.168.178.41.ipxe',
    '4C4C4544-0042-3510-8057-b7c04f4d3332',
    '4c4c4544-0042-3510-8057-b7c04f4d3332.yaml',
  ]) {
    for (const folder of ['ipxe', 'config'])
      assert.match(why(`www/${folder}/${name}`, server)?.message ?? '', `/${folder}/${name}`);
    assert.is(why(`www/mine/${name}`, server), undefined);
    assert.is(why(`ipxe/${name}`, server), undefined);
  }
  for (const path of [
    'www/ipxe/rescue.ipxe',
    'www/ipxe/52-54-00-aa-01',
    'www/ipxe/192.168.178',
    'www/config/4c4c4544-0042-3510-8057',
    'www/config/serial/notes',
    'www/harvester/boot.php.txt',
    'www/config/52-54-00-aa-01-01/notes',
  ])
    assert.is(why(path, server), undefined, path);
});

test('reserves serial numbers, and URLs that identify a node by its source IP address', () => {
  for (const path of ['/ipxe/serial/B5W7M32.ipxe', '/ipxe/serial/x', '/harvester/boot.php', '/config'])
    assert.match(why(`www${path}`, serverWith())?.message ?? '', path);
});

test('returns what a dot hides below the document root: a file, or the outermost directory', () => {
  const hidden = (path: string) => hiddenPart(fileAt(path));
  assert.is(hidden('www/.env'), 'www/.env');
  assert.is(hidden('www/a/.b/c/.d'), 'www/a/.b');
  assert.is(hidden('www/.well-known/.env'), 'www/.well-known/.env');
  assert.is(hidden('www/...'), 'www/...');
  for (const path of ['.env', '.www/a', 'x/.env', 'www/a.b', 'www/.well-known/acme-challenge/x'])
    assert.is(hidden(path), undefined, path);
});

test('returns each path quoted, with a type by its extension', () => {
  assert.equal(served('www/a b.IPXE', 'www/x/$c.yml', 'www/d.yaml.gz'), [
    '"/a b.IPXE" text/plain',
    '"/x/$c.yml" text/plain',
    '/d.yaml.gz application/octet-stream',
  ]);
});

test.run();

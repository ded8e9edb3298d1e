import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Cidr, parseCidr } from '../values/addresses.ts';
import {
  decodeFile,
  isAddressProxyFree,
  isoFile,
  isProxyFree,
  noProxyEntries,
  parseJsonMap,
} from './config-values.ts';

const testFileContent = suite('file content');

testFileContent('returns plain text unchanged', () => {
  assert.equal(decodeFile('Plant 2\n', ''), { bytes: Buffer.from('Plant 2\n') });
});

testFileContent('decodes every encoding', () => {
  const bytes = Buffer.from('Plant 2\n');
  const base64 = bytes.toString('base64');
  const zipped = gzipSync(bytes).toString('base64');
  for (const encoding of ['b64', 'base64']) assert.equal(decodeFile(base64, encoding), { bytes });
  for (const encoding of ['gz+b64', 'gzip+b64', 'gz+base64', 'gzip+base64']) {
    assert.equal(decodeFile(zipped, encoding), { bytes });
  }
});

testFileContent('ignores line breaks in base64', () => {
  assert.equal(decodeFile('UGxh\r\nbnQg\nMgo=\n', 'b64'), { bytes: Buffer.from('Plant 2\n') });
});

testFileContent('reports errors in base64', () => {
  assert.match(errorOf('UGxh bnQgMgo=', 'b64'), 'spaces');
  assert.match(errorOf('UGxhbnQ_Mgo=', 'b64'), 'characters outside the base64 alphabet');
  assert.match(errorOf('UGxh=bnQ', 'b64'), 'characters outside the base64 alphabet');
  assert.match(errorOf('UGxhbnQgMgo', 'b64'), 'multiple of four');
});

testFileContent('reports errors in gzip data', () => {
  const zipped = gzipSync(Buffer.from('Plant 2\n'));
  assert.match(errorOf(zipped.toString('latin1'), 'gz'), 'not text');
  assert.match(errorOf('UGxhbnQgMgo=', 'gz+b64'), 'not gzip');
  assert.match(errorOf(zipped.subarray(0, -4).toString('base64'), 'gz+b64'), 'truncated');
});

function errorOf(content: string, encoding: string): string {
  const decoded = decodeFile(content, encoding);
  return 'fault' in decoded ? decoded.fault : 'none';
}

testFileContent.run();

const testIsoFile = suite('the name of an ISO');

testIsoFile('contains the release and the architecture', () => {
  assert.equal(isoFile('http://192.168.178.7/x/harvester-v1.4.1-amd64.iso'), {
    netInstall: false,
    of: { version: 'v1.4.1', arch: 'amd64' },
  });
  assert.equal(isoFile('https://example.org/harvester-v1.9.0-rc6-arm64.iso?mirror=a/b'), {
    netInstall: false,
    of: { version: 'v1.9.0-rc6', arch: 'arm64' },
  });
});

testIsoFile('shows whether it is the net-install ISO', () => {
  assert.equal(isoFile('ftp://h/harvester-v1.4.1-amd64-net-install.iso'), {
    netInstall: true,
    of: { version: 'v1.4.1', arch: 'amd64' },
  });
  assert.equal(isoFile('http://h/ours-net-install.iso'), { netInstall: true });
});

testIsoFile('has no release if it is not one of Harvester’s names', () => {
  for (const name of ['harvester.iso', 'harvester-master-amd64.iso', 'harvester-v1.4.1-amd64.iso.zst', '']) {
    assert.equal(isoFile(`http://h/harvester-v1.4.1-amd64/${name}`), { netInstall: false });
  }
});

testIsoFile.run();

const testJsonMap = suite('a map in JSON');

testJsonMap('is read', () => {
  assert.equal(parseJsonMap('{}'), {});
  assert.equal(parseJsonMap(' {"cpu": 1600}\n'), { cpu: 1600 });
});

testJsonMap('is undefined for other texts', () => {
  for (const text of ['', '[]', 'null', '"text"', '5', '{cpu: 1600}', '{"cpu": 1600', '['.repeat(1e6)]) {
    assert.is(parseJsonMap(text), undefined);
  }
});

testJsonMap.run();

const testNoProxy = suite('noProxy');
const SUBNET = parseCidr('192.168.178.0/24') as Cidr;

testNoProxy('is a comma-separated list', () => {
  assert.equal(noProxyEntries(' localhost, .svc,,192.168.178.0/24 '), [
    'localhost',
    '.svc',
    '192.168.178.0/24',
  ]);
  assert.equal(noProxyEntries(''), []);
});

testNoProxy('covers a subnet if one entry contains all of it', () => {
  for (const entry of ['192.168.178.0/24', '192.168.178.41/24', '192.168.0.0/16', '0.0.0.0/0'])
    assert.ok(isProxyFree(['.svc', entry], SUBNET), entry);
  for (const entry of ['192.168.178.0/25', '192.168.179.0/24', '192.168.178.0', '192.168.178.0/33', 'x/24'])
    assert.not(isProxyFree(['.svc', entry], SUBNET), entry);
});

testNoProxy('covers an IP address by itself or by its subnet, but not for a single port', () => {
  for (const entry of ['192.168.178.40', '192.168.178.40/32', '192.168.178.0/24'])
    assert.ok(isAddressProxyFree([entry], '192.168.178.40'), entry);
  for (const entry of ['192.168.178.4', '192.168.178.40:443', 'harvester.plant.example.org'])
    assert.not(isAddressProxyFree([entry], '192.168.178.40'), entry);
});

testNoProxy.run();

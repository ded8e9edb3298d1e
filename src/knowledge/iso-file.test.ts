import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isoFile } from './config-values.ts';

const test = suite('the name of an ISO');

test('says the release and the architecture', () => {
  assert.equal(isoFile('http://192.168.178.7/x/harvester-v1.4.1-amd64.iso'), {
    netInstall: false,
    of: { version: 'v1.4.1', arch: 'amd64' },
  });
  assert.equal(isoFile('https://example.org/harvester-v1.9.0-rc6-arm64.iso?mirror=a/b'), {
    netInstall: false,
    of: { version: 'v1.9.0-rc6', arch: 'arm64' },
  });
});

test('says whether it is the net-install ISO', () => {
  assert.equal(isoFile('ftp://h/harvester-v1.4.1-amd64-net-install.iso'), {
    netInstall: true,
    of: { version: 'v1.4.1', arch: 'amd64' },
  });
  assert.equal(isoFile('http://h/ours-net-install.iso'), { netInstall: true });
});

test('says nothing where it is of nobody knows what', () => {
  for (const name of ['harvester.iso', 'harvester-master-amd64.iso', 'harvester-v1.4.1-amd64.iso.zst', '']) {
    assert.equal(isoFile(`http://h/harvester-v1.4.1-amd64/${name}`), { netInstall: false });
  }
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSanPath } from './san-path.ts';

const test = suite('readSanPath');

test('takes what iPXE takes: 3260 and LUN 0 where nothing is said, and hexadecimal LUNs', () => {
  assert.equal(readSanPath('iscsi:10.9.0.1:tcp:3260:1:5img42'), {
    server: '10.9.0.1',
    port: 3260,
    lun: 1,
    target: '5img42',
  });
  assert.equal(readSanPath('iscsi:store.example.org::::iqn.2015.5img42'), {
    server: 'store.example.org',
    port: undefined,
    lun: 0,
    target: 'iqn.2015.5img42',
  });
  assert.is(readSanPath('iscsi:[fd00::1]:6:0:1f-0-0-0:iqn.2015-02.a:b')?.lun, 31);
  assert.is(readSanPath('iscsi:[fd00::1]:6:0:1f-0-0-0:iqn.2015-02.a:b')?.target, 'iqn.2015-02.a:b');
});

test('takes no disk that a usual target would not have, and nothing that is not iSCSI', () => {
  for (const uri of [
    'iscsi:10.9.0.1:::0-1:t',
    'iscsi:10.9.0.1:::g:t',
    'iscsi:10.9.0.1::x:1:t',
    'iscsi:::::t',
    'iscsi:a::::',
    'http://10.9.0.1/disk.img',
  ])
    assert.is(readSanPath(uri), undefined, uri);
});

test.run();

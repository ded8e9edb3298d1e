import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeFile } from './config-values.ts';

const test = suite('file content');

test('takes plain text as it is', () => {
  assert.equal(decodeFile('Plant 2\n', ''), { bytes: Buffer.from('Plant 2\n') });
});

test('decodes every encoding', () => {
  const bytes = Buffer.from('Plant 2\n');
  const base64 = bytes.toString('base64');
  const zipped = gzipSync(bytes).toString('base64');
  for (const encoding of ['b64', 'base64']) assert.equal(decodeFile(base64, encoding), { bytes });
  for (const encoding of ['gz+b64', 'gzip+b64', 'gz+base64', 'gzip+base64']) {
    assert.equal(decodeFile(zipped, encoding), { bytes });
  }
});

test('passes over line breaks in base64', () => {
  assert.equal(decodeFile('UGxh\r\nbnQg\nMgo=\n', 'b64'), { bytes: Buffer.from('Plant 2\n') });
});

test('says what is wrong with base64', () => {
  assert.match(faultOf('UGxh bnQgMgo=', 'b64'), 'blanks');
  assert.match(faultOf('UGxhbnQ_Mgo=', 'b64'), 'characters that base64 does not have');
  assert.match(faultOf('UGxh=bnQ', 'b64'), 'characters that base64 does not have');
  assert.match(faultOf('UGxhbnQgMgo', 'b64'), 'multiple of four');
});

test('says what is wrong with gzip', () => {
  const zipped = gzipSync(Buffer.from('Plant 2\n'));
  assert.match(faultOf(zipped.toString('latin1'), 'gz'), 'not text');
  assert.match(faultOf('UGxhbnQgMgo=', 'gz+b64'), 'not gzip');
  assert.match(faultOf(zipped.subarray(0, -4).toString('base64'), 'gz+b64'), 'cut off');
});

function faultOf(content: string, encoding: string): string {
  const decoded = decodeFile(content, encoding);
  return 'fault' in decoded ? decoded.fault : 'none';
}

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Cidr, isPrivate, isPublic, parseCidr } from '../values/addresses.ts';

const test = suite('private addresses');

test('a subnet is private where all of it is', () => {
  for (const text of ['10.0.0.0/8', '10.52.0.0/16', '172.16.0.0/12', '172.31.255.252/30', '192.168.0.0/16'])
    assert.ok(isPrivate(parseCidr(text) as Cidr), text);
  for (const text of ['172.0.0.0/8', '172.32.0.0/16', '192.0.0.0/8', '192.169.0.0/24', '100.64.0.0/10'])
    assert.not(isPrivate(parseCidr(text) as Cidr), text);
});

test('an address is public where the internet routes it', () => {
  for (const text of ['9.9.9.9', '172.15.255.255', '172.32.0.0', '192.169.0.1', '100.128.0.0', '11.0.0.0'])
    assert.ok(isPublic(text), text);
  for (const text of [
    '10.0.0.1',
    '172.16.0.0',
    '172.31.255.255',
    '192.168.178.1',
    '127.0.0.53',
    '169.254.1.1',
  ])
    assert.not(isPublic(text), text);
});

test('a name is no public address', () => {
  assert.not(isPublic('0.suse.pool.ntp.org'));
  assert.not(isPublic('9.9.9.9:123'));
});

test.run();

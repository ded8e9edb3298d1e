import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Cidr, parseCidr } from '../values/addresses.ts';
import { isAddressProxyFree, isProxyFree, noProxyEntries } from './config-values.ts';

const test = suite('noProxy');
const SUBNET = parseCidr('192.168.178.0/24') as Cidr;

test('is a list with commas', () => {
  assert.equal(noProxyEntries(' localhost, .svc,,192.168.178.0/24 '), [
    'localhost',
    '.svc',
    '192.168.178.0/24',
  ]);
  assert.equal(noProxyEntries(''), []);
});

test('covers a subnet by one entry that holds all of it', () => {
  for (const entry of ['192.168.178.0/24', '192.168.178.41/24', '192.168.0.0/16', '0.0.0.0/0'])
    assert.ok(isProxyFree(['.svc', entry], SUBNET), entry);
  for (const entry of ['192.168.178.0/25', '192.168.179.0/24', '192.168.178.0', '192.168.178.0/33', 'x/24'])
    assert.not(isProxyFree(['.svc', entry], SUBNET), entry);
});

test('covers an address by itself or by a subnet, and not on one port only', () => {
  for (const entry of ['192.168.178.40', '192.168.178.40/32', '192.168.178.0/24'])
    assert.ok(isAddressProxyFree([entry], '192.168.178.40'), entry);
  for (const entry of ['192.168.178.4', '192.168.178.40:443', 'harvester.plant.example.org'])
    assert.not(isAddressProxyFree([entry], '192.168.178.40'), entry);
});

test.run();

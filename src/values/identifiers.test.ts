import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bmcXname, hyphenMac, kubernetesName, parseMac, plainXname, xnameNumbers } from './identifiers.ts';

const testMac = suite('MAC addresses');

testMac('colons, hyphens and capitals make no difference', () => {
  for (const text of ['52:54:00:aa:01:0f', '52-54-00-aa-01-0f', '52:54:00:AA:01:0F', '52-54-00-Aa-01-0F']) {
    assert.is(parseMac(text), '52:54:00:aa:01:0f');
  }
});

testMac('a locally administered address is valid for a NIC', () => {
  assert.is(parseMac('02:00:00:03:3d:61'), '02:00:00:03:3d:61');
  assert.is(parseMac('fe:ff:ff:ff:ff:ff'), 'fe:ff:ff:ff:ff:ff');
});

for (const [text, why] of [
  ['', 'empty'],
  ['52:54:00:aa:01', 'five octets'],
  ['52:54:00:aa:01:01:02', 'seven octets'],
  ['52:54:00:aa:01:zz', 'not hexadecimal'],
  ['52:54:0:aa:01:01', 'an octet of one digit'],
  ['525400aa0101', 'no separators'],
  ['5254.00aa.0101', "a switch's spelling"],
  ['52 54 00 aa 01 01', 'blanks'],
  [' 52:54:00:aa:01:01', 'a leading blank'],
  ['52:54:00:aa:01:01\n', 'a trailing line break'],
  ['٥2:54:00:aa:01:01', 'a digit of another script'],
] as const) {
  testMac(`${JSON.stringify(text)} is not a MAC address: ${why}`, () => {
    assert.is(parseMac(text), undefined);
  });
}

testMac('addresses of no single NIC are invalid: zeros, broadcast and multicast', () => {
  for (const text of [
    '00:00:00:00:00:00',
    'ff:ff:ff:ff:ff:ff',
    'FF-FF-FF-FF-FF-FF',
    '01:00:5e:00:00:01',
    '33:33:00:00:00:01',
  ]) {
    assert.is(parseMac(text), undefined);
  }
});

testMac('file names have hyphens', () => {
  assert.is(hyphenMac('52:54:00:aa:01:01'), '52-54-00-aa-01-01');
});

testMac.run();

const testXname = suite('xnames');

testXname('leading zeros make no difference', () => {
  assert.is(plainXname('x0001c0s00b0n0'), 'x1c0s0b0n0');
  assert.is(plainXname('x1000c1s7b10n0'), 'x1000c1s7b10n0');
});

testXname('bmcXname drops the number of the node', () => {
  assert.is(bmcXname('x1000c1s7b0n0'), 'x1000c1s7b0');
  assert.is(bmcXname('x0100c1s7b0n12'), 'x100c1s7b0');
});

testXname('xnameNumbers returns the numbers of a node xname, an empty list for others', () => {
  assert.equal(xnameNumbers('x1000c1s7b0n1'), ['1000', '1', '7', '0', '1']);
  assert.equal(xnameNumbers('x1000c1s7b0'), []);
});

testXname.run();

const testKubernetesName = suite('kubernetesName');

testKubernetesName('contains the site name, with - for _', () => {
  assert.is(kubernetesName('location_x'), 'harvgen-location-x');
  assert.is(kubernetesName('a'.repeat(55)), `harvgen-${'a'.repeat(55)}`);
});

testKubernetesName('shortens long names with a common prefix to distinct names', () => {
  const names = ['a'.repeat(56), 'a'.repeat(63), `${'a'.repeat(45)}_${'-'.repeat(10)}b`].map(kubernetesName);
  assert.is(new Set(names).size, 3);
  for (const name of names) assert.match(name, /^harvgen-[a-z0-9-]*[a-z0-9]-[0-9a-f]{8}$/);
  for (const name of names) assert.ok(name.length <= 63);
});

testKubernetesName.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Cidr,
  contains,
  ipv4Number,
  ipv4Text,
  isIpv6OrCidr,
  isPrivate,
  isPublic,
  parseAddressOrCidr,
  parseCidr,
  parseRange,
  urlHost,
} from './addresses.ts';

const testAddresses = suite('IPv4');

testAddresses('an address converts to a 32-bit number and back', () => {
  for (const [text, number] of [
    ['0.0.0.0', 0],
    ['0.0.0.255', 255],
    ['10.0.0.1', 167772161],
    ['127.255.255.255', 0x7fffffff],
    ['128.0.0.0', 0x80000000],
    ['192.168.178.41', 3232281129],
    ['255.255.255.255', 0xffffffff],
  ] as const) {
    assert.is(ipv4Number(text), number);
    assert.is(ipv4Text(number), text);
  }
});

for (const text of [
  '',
  '192.168.178',
  '192.168.178.41.1',
  '192.168.178.256',
  '192.168.178.1000',
  '192.168.178.042',
  '192.168.178.-1',
  '192.168.178.+1',
  '192.168.178.0x1',
  '192.168.178.1e1',
  '192.168..41',
  ' 192.168.178.41',
  '192.168.178.41 ',
  '192.168.178.41\n',
  '192,168,178,41',
  '3232281129',
  '٣.0.0.1',
  '::ffff:10.0.0.1',
]) {
  testAddresses(`${JSON.stringify(text)} is not an address`, () => {
    assert.is(ipv4Number(text), undefined);
  });
}

testAddresses('a subnet has its mask and bounds', () => {
  assert.equal(parseCidr('192.168.178.0/24'), {
    text: '192.168.178.0/24',
    prefix: 24,
    mask: '255.255.255.0',
    network: '192.168.178.0',
    broadcast: '192.168.178.255',
    first: 3232281088,
    last: 3232281343,
  });
});

testAddresses('masks and broadcast addresses need not end at an octet', () => {
  const ends = (text: string) => {
    const { mask, broadcast } = parseCidr(text) ?? {};
    return [mask, broadcast];
  };
  assert.equal(ends('10.0.0.0/8'), ['255.0.0.0', '10.255.255.255']);
  assert.equal(ends('172.16.0.0/12'), ['255.240.0.0', '172.31.255.255']);
  assert.equal(ends('192.168.178.0/23'), ['255.255.254.0', '192.168.179.255']);
  assert.equal(ends('192.168.178.128/25'), ['255.255.255.128', '192.168.178.255']);
  assert.equal(ends('224.0.0.0/30'), ['255.255.255.252', '224.0.0.3']);
});

for (const [text, why] of [
  ['192.168.178.5/24', 'host bits are set'],
  ['192.168.178.128/24', 'host bits are set'],
  ['192.168.178.0', 'no prefix length'],
  ['192.168.178.0/', 'no prefix length'],
  ['192.168.178.0/0', 'everything'],
  ['10.0.0.0/7', 'larger than any network'],
  ['192.168.178.0/31', 'no room for hosts'],
  ['192.168.178.1/32', 'no room for hosts'],
  ['192.168.178.0/33', 'longer than an address'],
  ['192.168.178.0/024', 'a leading zero'],
  ['192.168.178.0/24/24', 'twice'],
  ['192.168.178.0/255.255.255.0', 'a mask'],
  ['192.168.178.0/ 24', 'a blank'],
  ['192.168.178/24', 'three octets'],
  ['fd00::/64', 'IPv6'],
] as const) {
  testAddresses(`${JSON.stringify(text)} is not a subnet: ${why}`, () => {
    assert.is(parseCidr(text), undefined);
  });
}

testAddresses('a range may contain blanks around the hyphen', () => {
  const range = { text: '10.0.0.5-10.0.0.9', first: 167772165, last: 167772169 };
  assert.equal(parseRange('10.0.0.5-10.0.0.9'), range);
  assert.equal(parseRange(' 10.0.0.5 -  10.0.0.9 '), range);
});

testAddresses('a range may be one address, and may span octets', () => {
  assert.is(parseRange('10.0.0.5-10.0.0.5')?.last, 167772165);
  assert.is(parseRange('10.0.0.255-10.0.1.0')?.last, 167772416);
});

for (const text of [
  '',
  '-',
  '10.0.0.9-10.0.0.5',
  '10.0.0.5',
  '10.0.0.5-9',
  '10.0.0.5-10.0.0.9-10.0.0.11',
  '10.0.0.5-',
]) {
  testAddresses(`${JSON.stringify(text)} is not a range`, () => {
    assert.is(parseRange(text), undefined);
  });
}

testAddresses('a subnet contains its first and last address, but not their neighbors', () => {
  const subnet = parseCidr('192.168.178.64/26');
  assert.ok(subnet);
  for (const inside of ['192.168.178.64', '192.168.178.100', '192.168.178.127']) {
    assert.ok(contains(subnet, inside));
  }
  for (const outside of ['192.168.178.63', '192.168.178.128', '10.0.0.1', 'no address']) {
    assert.not(contains(subnet, outside));
  }
});

testAddresses('a range contains its first and last address, but not their neighbors', () => {
  const range = parseRange('10.0.0.5-10.0.0.9');
  assert.ok(range);
  assert.ok(contains(range, '10.0.0.5'));
  assert.ok(contains(range, '10.0.0.9'));
  assert.not(contains(range, '10.0.0.4'));
  assert.not(contains(range, '10.0.0.10'));
});

testAddresses('recognizes an IPv6 address or subnet, which URLs have in brackets', () => {
  for (const text of ['2001:db8::7', '2001:db8::/32', '::1/128']) assert.ok(isIpv6OrCidr(text), text);
  for (const text of ['2001:db8::/129', '2001:db8::/0', 'fe80::1%eth0', '10.0.0.1', '2001:db8::/32/1'])
    assert.not(isIpv6OrCidr(text), text);
  assert.equal(['2001:db8::7', '10.0.0.1', 'lab'].map(urlHost), ['[2001:db8::7]', '10.0.0.1', 'lab']);
});

testAddresses('reads an address or a subnet', () => {
  const range = (text: string) => {
    const { first, last } = parseAddressOrCidr(text) ?? {};
    return first === undefined || last === undefined ? undefined : [ipv4Text(first), ipv4Text(last)];
  };
  assert.equal(range('10.0.8.15'), ['10.0.8.15', '10.0.8.15']);
  assert.equal(range('10.0.8.0/24'), ['10.0.8.0', '10.0.8.255']);
  assert.equal(range('10.0.8.10/32'), ['10.0.8.10', '10.0.8.10']);
  for (const text of ['10.0.8', '10.0.8.1/24', '', '10.0.8.0-10.0.8.9']) assert.is(range(text), undefined);
});

testAddresses.run();

const testPrivate = suite('private addresses');

testPrivate('a subnet is private if all of it is', () => {
  for (const text of ['10.0.0.0/8', '10.52.0.0/16', '172.16.0.0/12', '172.31.255.252/30', '192.168.0.0/16'])
    assert.ok(isPrivate(parseCidr(text) as Cidr), text);
  for (const text of ['172.0.0.0/8', '172.32.0.0/16', '192.0.0.0/8', '192.169.0.0/24', '100.64.0.0/10'])
    assert.not(isPrivate(parseCidr(text) as Cidr), text);
});

testPrivate('an address is public if the internet routes it', () => {
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

testPrivate('a name is not a public address', () => {
  assert.not(isPublic('0.suse.pool.ntp.org'));
  assert.not(isPublic('9.9.9.9:123'));
});

testPrivate.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Site } from '../../site/model.ts';
import { askedUuids } from './asked-uuids.ts';

const test = suite('UUIDs as addresses');

const addressOf = (uuid?: string) => {
  const nodes = [{ name: 'one', uuid, ip: '192.168.178.41', bootNic: {} }];
  return askedUuids({ nodes } as unknown as Site);
};

test('a UUID is an IPv6 address, and a node without one has none', () => {
  assert.equal(addressOf('4c4c4544-0042-3510-8057-b7c04f4d3332'), [
    { address: '4c4c:4544:0042:3510:8057:b7c0:4f4d:3332', key: '192.168.178.41', name: 'one' },
  ]);
  assert.equal(addressOf(), []);
});

test('what nginx takes for an IPv4 address is written as one', () => {
  const address = (uuid: string) => addressOf(uuid)[0]?.address;
  assert.is(address('00000000-0000-0000-0000-ffffc0a8b229'), '192.168.178.41');
  assert.is(address('00000000-0000-0000-0000-ac1f6b0a0b0c'), '0000:0000:0000:0000:0000:ac1f:6b0a:0b0c');
});

test.run();

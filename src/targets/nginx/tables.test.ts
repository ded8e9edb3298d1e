import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileText } from '../../../test/support/file-text.ts';
import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { resolvedFrom } from '../../../test/support/resolved.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { tenantTables, uuidLookup } from '../../plan/served.ts';
import type { Site } from '../../site/model.ts';

const test = suite('UUIDs as addresses');

const addressOf = (uuid?: string) => {
  const nodes = [{ name: 'one', uuid, bootNic: { ip: '192.168.178.41' } }];
  return uuidLookup({ nodes } as unknown as Site);
};

test('writes a UUID as an IPv6 address, and omits nodes without one', () => {
  assert.equal(addressOf('4c4c4544-0042-3510-8057-b7c04f4d3332'), [
    { address: '4c4c:4544:0042:3510:8057:b7c0:4f4d:3332', key: '192.168.178.41', name: 'one' },
  ]);
  assert.equal(addressOf(), []);
});

test('writes a UUID as an IPv4 address if nginx reads it as one', () => {
  const address = (uuid: string) => addressOf(uuid)[0]?.address;
  assert.is(address('00000000-0000-0000-0000-ffffc0a8b229'), '192.168.178.41');
  assert.is(address('00000000-0000-0000-0000-ac1f6b0a0b0c'), '0000:0000:0000:0000:0000:ac1f:6b0a:0b0c');
});

// Comments are for those who read the file for a location: it says what that serves.
test('the comment above a location of configurations says so', async () => {
  const { tree } = await compile(makeSite(PLANT));
  const conf = fileText(tree, 'nginx/plant.conf') ?? '';
  const locations = Array.from(
    conf.matchAll(
      /^ {4}# A node's (script|configuration) by its [^\n]*\n {4}location \S+ "\^\/(ipxe|config)\//gm,
    ),
  );
  assert.is(locations.length, 5);
  for (const [, noun, folder] of locations) assert.is(noun, folder === 'ipxe' ? 'script' : 'configuration');
  assert.match(conf, "# A node's configuration by the source IP address of the request");
});
test.run();

const tenants = suite('the access tables of tenants');

tenants('returns no tables if no tenant allows an IP address', async () => {
  const site = await resolvedFrom(ISCSI_PLANT, [', allow: [10.9.0.0/24]', '']);
  assert.is(tenantTables(site), undefined);
});

tenants('lists the nodes of tenants that allow IP addresses, by MAC', async () => {
  const site = await resolvedFrom(ISCSI_PLANT);
  assert.equal(tenantTables(site), {
    callers: [{ range: '10.9.0.0/24', names: 'biology' }],
    owners: [{ address: '::1:5254:000b:0103', tenant: 'biology', name: 'cn03' }],
  });
});

tenants('lists a node without a MAC by its IP address', async () => {
  const site = await resolvedFrom(
    ISCSI_PLANT,
    ['{ mac: 52:54:00:0b:01:03, ip', '{ ip'],
    ['dhcp: { pool: 10.3.0.200-10.3.0.250 }', 'dhcp: { server: external }'],
  );
  assert.equal(tenantTables(site)?.owners, [{ address: '10.3.0.11', tenant: 'biology', name: 'cn03' }]);
});

tenants('adds the tenants of an outer range to the ranges inside it, and to no other', async () => {
  const site = await resolvedFrom(
    ISCSI_PLANT,
    [
      'physics: { network: physics }',
      'physics: { network: physics, allow: [10.9.0.7, 10.9.1.0/25, 10.8.0.0/13] }',
    ],
    ['allow: [10.9.0.0/24]', 'allow: [10.9.0.0/24, 10.9.0.8/30, 10.9.1.128, 10.9.0.7, 10.16.0.1]'],
  );
  assert.equal(tenantTables(site)?.callers, [
    { range: '10.8.0.0/13', names: 'physics' },
    { range: '10.9.0.0/24', names: 'biology,physics' },
    { range: '10.9.0.7', names: 'biology,physics' },
    { range: '10.9.0.8/30', names: 'biology,physics' },
    { range: '10.9.1.0/25', names: 'physics' },
    { range: '10.9.1.128', names: 'biology,physics' },
    { range: '10.16.0.1', names: 'biology' },
  ]);
});

tenants.run();

const callers = suite('the IP addresses of nodes');

callers('grants nothing to an address that no configuration has', async () => {
  const nics =
    '{ nics: [{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }, { mac: 52:54:00:aa:02:02, ip: 10.9.0.42 }, { mac: 52:54:00:aa:03:02, ip: 10.8.0.42 }] }';
  const site = edited(
    PLANT,
    ['{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }', nics],
    [
      'cluster:\n',
      '  storage: { subnet: 10.9.0.0/24 }\n  leased: { subnet: 10.8.0.0/24, dhcp: {} }\ncluster:\n',
    ],
  );
  const { tree } = await compile(makeSite(site));
  const conf = fileText(tree, 'nginx/plant.conf') ?? '';
  assert.equal(
    [...conf.matchAll(/^ {4}([0-9.]+) 52-54-00-aa-01-02; # harv-2$/gm)].map(([, ip]) => ip),
    ['192.168.178.42', '10.8.0.42'],
  );
});

callers.run();

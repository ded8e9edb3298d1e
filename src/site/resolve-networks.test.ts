import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { at, foundIn, resolvedFrom } from '../../test/support/resolved.ts';
import { locationOf, selfLocation } from '../source/origin.ts';

const test = suite('the owners of machines');

test('are tenants, each with its network and nodes', async () => {
  const site = await resolvedFrom(ISCSI_PLANT, [
    '{ network: physics }',
    '{ network: physics, description: P }',
  ]);
  assert.equal(
    site.tenants.map(({ name, network, description, allow }) => [
      name,
      network.name,
      description,
      [...allow],
    ]),
    [
      ['physics', 'physics', 'P', []],
      ['biology', 'biology', undefined, ['10.9.0.0/24']],
    ],
  );
  const [physics, biology] = site.tenants;
  assert.ok(physics && biology);
  assert.equal([at(selfLocation(physics)), at(locationOf(physics, 'network'))], ['11:3', '11:23']);
  assert.equal(
    site.nodes.map(({ tenant }) => tenant),
    [physics, physics, biology],
  );
});

test('may be set by a layer for its nodes', async () => {
  const site = await resolvedFrom(
    ISCSI_PLANT,
    ['defaults:\n', 'defaults:\n  tenant: physics\n'],
    ['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12 }'],
  );
  assert.is(site.nodes[1]?.tenant?.name, 'physics');
});

test('unknown networks and tenants are reported at their location', async () => {
  assert.equal(await foundIn(ISCSI_PLANT, ['{ network: physics }', '{ network: physik }']), [
    [
      '11:23',
      'unknown-network',
      'The tenant physics has the network physik, which does not exist.',
      'known networks: physics, biology',
    ],
  ]);
  assert.equal(
    await foundIn(ISCSI_PLANT, ['ip: 10.2.0.12, tenant: physics', 'ip: 10.2.0.12, tenant: physik']),
    [['22:58', 'unknown-tenant', 'There is no tenant physik.', 'known tenants: physics, biology']],
  );
});

test('an invalid network causes no error about its tenant', async () => {
  const found = await foundIn(ISCSI_PLANT, [
    'physics: { subnet: 10.2.0.0/24,',
    'Physics: { subnet: 10.2.0.0/24,',
  ]);
  assert.not.ok(found.some((one) => (one as string[])[1] === 'unknown-network'));
});

test.run();

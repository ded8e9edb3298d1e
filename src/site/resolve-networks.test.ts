import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { at, foundIn, resolvedFrom } from '../../test/support/resolved.ts';
import { locationOf, selfLocation } from '../source/origin.ts';

const test = suite('whom machines belong to');

test('tenants, each with its network, and the nodes of each', async () => {
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

test('a layer says it for its nodes', async () => {
  const site = await resolvedFrom(
    ISCSI_PLANT,
    ['defaults:\n', 'defaults:\n  tenant: physics\n'],
    ['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12 }'],
  );
  assert.is(site.nodes[1]?.tenant?.name, 'physics');
});

test('a network and a tenant that there are not, each at the place that names it', async () => {
  assert.equal(await foundIn(ISCSI_PLANT, ['{ network: physics }', '{ network: physik }']), [
    [
      '11:23',
      'unknown-network',
      'physics is to have the network physik, and there is no such network.',
      'known networks: physics, biology',
    ],
  ]);
  assert.equal(
    await foundIn(ISCSI_PLANT, ['ip: 10.2.0.12, tenant: physics', 'ip: 10.2.0.12, tenant: physik']),
    [['22:58', 'unknown-tenant', 'There is no tenant physik.', 'known tenants: physics, biology']],
  );
});

test('with a network at fault nothing is said of who has it', async () => {
  const found = await foundIn(ISCSI_PLANT, [
    'physics: { subnet: 10.2.0.0/24,',
    'Physics: { subnet: 10.2.0.0/24,',
  ]);
  assert.not.ok(found.some((one) => (one as string[])[1] === 'unknown-network'));
});

test.run();

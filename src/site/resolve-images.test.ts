import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { at, foundIn, resolvedFrom } from '../../test/support/resolved.ts';
import { placeOf, selfPlace } from '../source/origin.ts';

const test = suite('what disks are clones of');

test('images by their names in the store', async () => {
  const site = await resolvedFrom(ISCSI_PLANT, ['  rocky9:', '  win11: {}\n  rocky9:']);
  assert.equal(
    site.images.map(({ name, stored, source, snapshotOf, parent, tenant, public: isPublic }) => [
      ...[name, stored, source, snapshotOf, parent?.name, tenant?.name, isPublic],
    ]),
    [
      ['win11', 'plant-image.win11', undefined, undefined, undefined, undefined, false],
      ['rocky9', 'plant-image.rocky9', 'rocky9.qcow2', undefined, undefined, undefined, true],
      ['gromacs', 'plant-image.gromacs', undefined, 'cn03', 'rocky9', 'biology', false],
    ],
  );
});

test('a prefix of a store that several sites share', async () => {
  const site = await resolvedFrom(ISCSI_PLANT, ['    suffix:', '    prefix: "5-"\n    suffix:']);
  assert.is(site.images[0]?.stored, '5-image.rocky9');
  assert.is(site.nodes[0]?.iscsi?.disk, '5-cn01.rocky9');
});

test('what a node boots is the parent of what is made of its disk, unless another is said', async () => {
  const derived = await resolvedFrom(ISCSI_PLANT);
  const [, gromacs] = derived.images;
  assert.ok(gromacs);
  assert.is(gromacs.parent, derived.images[0]);
  assert.equal([at(selfPlace(gromacs)), at(placeOf(gromacs, 'parent'))], ['15:3', '15:27']);
  const said = await resolvedFrom(
    ISCSI_PLANT,
    ['  rocky9:', '  rocky8: { public: true }\n  rocky9:'],
    ['snapshot_of: cn03,', 'snapshot_of: cn03, parent: rocky8,'],
  );
  assert.is(said.images[2]?.parent?.name, 'rocky8');
});

test('a node that boots by now what was made of its disk says nothing of its parent', async () => {
  const node = 'ip: 10.3.0.11, tenant: biology';
  const site = await resolvedFrom(ISCSI_PLANT, [node, `${node}, boot: { image: gromacs }`]);
  assert.is(site.images[1]?.parent, undefined);
  const further = await resolvedFrom(
    ISCSI_PLANT,
    [node, `${node}, boot: { image: next }`],
    ['  gromacs:', '  next: { parent: gromacs, tenant: biology }\n  gromacs:'],
  );
  assert.is(further.images[2]?.parent, undefined);
});

test('a parent, a node and a tenant that there are not', async () => {
  assert.equal(await foundIn(ISCSI_PLANT, ['snapshot_of: cn03,', 'parent: rocky,']), [
    [
      '15:22',
      'unknown-image',
      'There is no image rocky: did you mean rocky9?',
      'known images: rocky9, gromacs',
    ],
  ]);
  assert.equal(
    (await foundIn(ISCSI_PLANT, ['snapshot_of: cn03,', 'snapshot_of: cn04,'])).map((one) =>
      (one as string[]).slice(0, 3),
    ),
    [['15:27', 'unknown-node', 'gromacs is to be made of the disk of cn04, and there is no such node.']],
  );
  assert.equal(
    (await foundIn(ISCSI_PLANT, ['cn03, tenant: biology', 'cn03, tenant: biologie'])).map((one) =>
      (one as string[]).slice(0, 2),
    ),
    [['15:41', 'unknown-tenant']],
  );
});

test('an image that a node boots, and there is not, is said once of a layer', async () => {
  assert.equal(await foundIn(ISCSI_PLANT, ['    image: rocky9', '    image: rocky']), [
    [
      '19:12',
      'unknown-image',
      'There is no image rocky: did you mean rocky9?',
      'known images: rocky9, gromacs',
    ],
  ]);
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ISCSI_HARVESTER } from '../../test/support/iscsi-harvester-plant.ts';
import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { at, foundIn, node, plain, resolvedFrom } from '../../test/support/resolved.ts';
import { placeOf } from '../source/origin.ts';
import type { IscsiBoot } from './model.ts';

const test = suite('the disk that a node boots by iSCSI');

const CN2 = 'ip: 10.2.0.12, tenant: physics';
const iscsiOf = async (name: string, ...edits: (readonly [string, string])[]) => {
  const { iscsi } = node(await resolvedFrom(ISCSI_PLANT, ...edits), name);
  assert.ok(iscsi);
  const { image, ...rest } = iscsi;
  return { ...(plain(rest) as Omit<IscsiBoot, 'image'>), image: image?.name };
};

test('all follows from site, node and image', async () => {
  assert.equal(await iscsiOf('cn01'), {
    disk: 'plant-cn01.rocky9',
    image: 'rocky9',
    target: 'iqn.2024-07.internal.harvgen:plant:cn01:rocky9:${secret:iscsi_suffix}',
    lun: 1,
    address: '10.1.0.2',
    port: 3260,
    initiator: 'iqn.2024-07.internal.harvgen:plant:cn01',
    chap: { user: 'plant.cn01', password: '${secret:chap_cn01}' },
    fallback: 'retry',
  });
});

test("the server's address on a network is that of its nodes", async () => {
  assert.is((await iscsiOf('cn03')).address, '10.3.0.2');
});

test('names of iSCSI know no underline, and those of the store do', async () => {
  const edits = [
    ['  rocky9: {', '  rocky_9: {'],
    ['    image: rocky9', '    image: rocky_9'],
  ] as const;
  const { disk, target } = await iscsiOf('cn01', ...edits);
  assert.is(disk, 'plant-cn01.rocky_9');
  assert.is(target, 'iqn.2024-07.internal.harvgen:plant:cn01:rocky-9:${secret:iscsi_suffix}');
});

test('all that can be said', async () => {
  const said = `${CN2}, boot: { size: 40Gi, lun: 31, initiator: "iqn.2010-01.org.example:two", fallback: disk,
    chap: { user: two, password: "\${secret:two}", target_user: t, target_password: "\${secret:t}" } }`;
  assert.equal(await iscsiOf('cn02', [CN2, said]), {
    disk: 'plant-cn02.rocky9',
    image: 'rocky9',
    size: '40Gi',
    target: 'iqn.2024-07.internal.harvgen:plant:cn02:rocky9:${secret:iscsi_suffix}',
    lun: 31,
    address: '10.1.0.2',
    port: 3260,
    initiator: 'iqn.2010-01.org.example:two',
    chap: { user: 'two', password: '${secret:two}', targetUser: 't', targetPassword: '${secret:t}' },
    fallback: 'disk',
  });
});

test("somebody else's target: no disk of the store, no secret that nobody said, and its server where one is said", async () => {
  const others = [
    ['    image: rocky9\n', ''],
    ['ip: 10.2.0.11,', 'ip: 10.2.0.11, boot: { image: rocky9 },'],
    ['ip: 10.3.0.11,', 'ip: 10.3.0.11, boot: { image: rocky9 },'],
  ] as const;
  const target = 'iqn.2015-02.oracle.boot:uefi';
  assert.equal(await iscsiOf('cn02', ...others, [CN2, `${CN2}, boot: { target: "${target}" }`]), {
    target,
    lun: 1,
    address: '10.1.0.2',
    port: 3260,
    initiator: 'iqn.2024-07.internal.harvgen:plant:cn02',
    fallback: 'retry',
    image: undefined,
  });
  const said = `${CN2}, boot: { target: "${target}", server: 10.2.0.9, port: 3261, lun: 0, chap: { password: "\${secret:o}" } }`;
  const { address, port, lun, chap } = (await iscsiOf('cn02', ...others, [CN2, said])) as Record<
    string,
    unknown
  >;
  assert.equal(
    [address, port, lun, chap],
    ['10.2.0.9', 3261, 0, { user: 'plant.cn02', password: '${secret:o}' }],
  );
});

test('no CHAP where none is wanted', async () => {
  const { nodes } = await resolvedFrom(ISCSI_PLANT, [CN2, `${CN2}, boot: { chap: none }`]);
  assert.equal(
    nodes.map(({ iscsi }) => iscsi?.chap?.user),
    ['plant.cn01', undefined, 'plant.cn03'],
  );
});

test('what a layer says of CHAP leaves each node a password of its own', async () => {
  const { nodes } = await resolvedFrom(ISCSI_PLANT, [
    '    image: rocky9\n',
    '    image: rocky9\n    chap: { target_password: "${secret:rack}" }\n',
  ]);
  assert.equal(
    nodes.map(({ iscsi }) => plain(iscsi?.chap)),
    ['cn01', 'cn02', 'cn03'].map((name) => ({
      user: `plant.${name}`,
      password: `\${secret:chap_${name}}`,
      targetUser: `plant.${name}.target`,
      targetPassword: '${secret:rack}',
    })),
  );
});

test('the nodes of a range by one layer have a target, a name and a secret each', async () => {
  const range = '  cn[01-40]: { mac: "52:54:00:0b:01:[01-28]", ip: "10.2.0.[11-50]", tenant: physics }\n';
  const text = ISCSI_PLANT.replace(/ {2}cn01.*$/s, range).replace(/ {2}gromacs.*\n/, '');
  const { nodes } = await resolvedFrom(text);
  assert.is(nodes.length, 40);
  for (const pick of ['target', 'initiator', 'disk'] as const)
    assert.is(new Set(nodes.map(({ iscsi }) => iscsi?.[pick])).size, 40, pick);
  assert.equal(plain(nodes[39]?.iscsi?.chap), { user: 'plant.cn40', password: '${secret:chap_cn40}' });
});

test('a dot and a hyphen of a name are no letters of a secret', async () => {
  const { nodes } = await resolvedFrom(ISCSI_PLANT, ['  cn02: {', '  cn-02.example.org: {']);
  assert.is(nodes[1]?.iscsi?.chap?.password, '${secret:chap_cn_02_example_org}');
  assert.is(nodes[1]?.iscsi?.target.split(':')[2], 'cn-02.example.org');
});

test('a blank disk of a Harvester node, which has no image', async () => {
  const { nodes } = await resolvedFrom(ISCSI_HARVESTER);
  const { iscsi, os } = nodes[2] ?? {};
  assert.equal(
    [os, iscsi?.disk, iscsi?.image, iscsi?.size],
    ['harvester', 'plant-harv-3.harvester', undefined, '400Gi'],
  );
  assert.is(iscsi?.target, 'iqn.2024-07.internal.harvgen:plant:harv-3:harvester:${secret:iscsi_suffix}');
});

test('places: what is said at its own, and what follows at what it follows from', async () => {
  const { nodes } = await resolvedFrom(ISCSI_PLANT, [CN2, `${CN2}, boot: { lun: 2 }`]);
  const [one, two] = nodes.map(({ iscsi }) => iscsi);
  assert.ok(one?.chap && two);
  assert.equal(
    [at(placeOf(one, 'image')), at(placeOf(one.chap, 'password')), at(placeOf(two, 'lun'))],
    ['19:12', '19:12', '22:80'],
  );
});

test('the address and the port are at what says them', async () => {
  const { nodes } = await resolvedFrom(ISCSI_PLANT, [
    'address: 10.1.0.2\n',
    'address: 10.1.0.2\n    port: 3261\n',
  ]);
  const [one, , three] = nodes.map(({ iscsi }) => iscsi);
  assert.ok(one && three);
  assert.equal([one.address, one.port, three.address], ['10.1.0.2', 3261, '10.3.0.2']);
  assert.equal(
    [at(placeOf(one, 'address')), at(placeOf(one, 'port')), at(placeOf(three, 'address'))],
    ['5:14', '6:11', '10:42'],
  );
});

test('where the address on a network is at fault, no other one is taken for it', async () => {
  const found = await foundIn(ISCSI_PLANT, ['iscsi: 10.3.0.2', 'iscsi: 10.3.0.x']);
  assert.equal(
    found.map((one) => (one as string[])[1]),
    ['bad-value'],
  );
});

test('values that would break a script, a target or a URI are refused where they stand', async () => {
  for (const [key, value] of [
    ['lun', '256'],
    ['lun', '"1 --"'],
    ['initiator', '"iqn.2024-07.org.example:a b"'],
    ['initiator', '"iqn.2024-07.org.example:${hostname}"'],
    ['chap', '{ password: short }'],
    ['chap', '{ password: "twelve letters" }'],
    ['chap', '{ user: "a b", password: "${secret:x}" }'],
    ['chap', 'some'],
    ['size', 'large'],
    ['fallback', 'never'],
    ['image', '"rocky9; rm -rf /"'],
  ] as const) {
    const found = await foundIn(ISCSI_PLANT, [CN2, `${CN2}, boot: { ${key}: ${value} }`]);
    assert.ok(found.length > 0, `${key}: ${value}`);
    for (const one of found) assert.is((one as string[])[0]?.split(':')[0], '22', `${key}: ${value}`);
  }
  for (const target of [
    '"iqn.2015-02.a:b c"',
    '"iqn.2015-02.a:${hostname}"',
    '"iqn.2015-02.a:b\\nsanboot x"',
  ]) {
    const found = await foundIn(ISCSI_PLANT, ['    image: rocky9\n', `    target: ${target}\n`]);
    assert.is((found[0] as string[] | undefined)?.[0]?.split(':')[0], '19', target);
  }
});

test.run();

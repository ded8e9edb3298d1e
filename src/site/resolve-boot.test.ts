import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ISCSI_HARVESTER } from '../../test/support/iscsi-harvester-plant.ts';
import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { edited } from '../../test/support/plant.ts';
import { at, foundIn, node, plain, resolvedFrom } from '../../test/support/resolved.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { locationOf, selfLocation } from '../source/origin.ts';
import type { IscsiBoot } from './model.ts';

const testResolveImages = suite('images');

testResolveImages('have names in the store', async () => {
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

testResolveImages('may have the prefix of a store that several sites share', async () => {
  const site = await resolvedFrom(ISCSI_PLANT, ['    suffix:', '    prefix: "5-"\n    suffix:']);
  assert.is(site.images[0]?.stored, '5-image.rocky9');
  assert.is(site.nodes[0]?.iscsi?.disk, '5-cn01.rocky9');
});

testResolveImages(
  'the image that a node boots is the default parent of the image made from its disk',
  async () => {
    const derived = await resolvedFrom(ISCSI_PLANT);
    const [, gromacs] = derived.images;
    assert.ok(gromacs);
    assert.is(gromacs.parent, derived.images[0]);
    assert.equal([at(selfLocation(gromacs)), at(locationOf(gromacs, 'parent'))], ['15:3', '15:27']);
    const given = await resolvedFrom(
      ISCSI_PLANT,
      ['  rocky9:', '  rocky8: { public: true }\n  rocky9:'],
      ['snapshot_of: cn03,', 'snapshot_of: cn03, parent: rocky8,'],
    );
    assert.is(given.images[2]?.parent?.name, 'rocky8');
  },
);

testResolveImages('a node that now boots the image made from its disk determines no parent', async () => {
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

testResolveImages('unknown parents, nodes and tenants are errors', async () => {
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
    [['15:27', 'unknown-node', 'The image gromacs is made from the disk of cn04, which does not exist.']],
  );
  assert.equal(
    (await foundIn(ISCSI_PLANT, ['cn03, tenant: biology', 'cn03, tenant: biologie'])).map((one) =>
      (one as string[]).slice(0, 2),
    ),
    [['15:41', 'unknown-tenant']],
  );
});

testResolveImages('an unknown image in a layer is reported once', async () => {
  assert.equal(await foundIn(ISCSI_PLANT, ['    image: rocky9', '    image: rocky']), [
    [
      '19:12',
      'unknown-image',
      'There is no image rocky: did you mean rocky9?',
      'known images: rocky9, gromacs',
    ],
  ]);
});

testResolveImages.run();

const testResolveIscsi = suite('the iSCSI disk of a node');

const CN2 = 'ip: 10.2.0.12, tenant: physics';
const iscsiOf = async (name: string, ...edits: (readonly [string, string])[]) => {
  const { iscsi } = node(await resolvedFrom(ISCSI_PLANT, ...edits), name);
  assert.ok(iscsi);
  const { image, ...rest } = iscsi;
  return { ...(plain(rest) as Omit<IscsiBoot, 'image'>), image: image?.name };
};

testResolveIscsi('is derived from site, node and image', async () => {
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

testResolveIscsi("has the server's IP address on the network of its node", async () => {
  assert.is((await iscsiOf('cn03')).address, '10.3.0.2');
});

testResolveIscsi('has an iSCSI name without underscores, but a store name with them', async () => {
  const edits = [
    ['  rocky9: {', '  rocky_9: {'],
    ['    image: rocky9', '    image: rocky_9'],
  ] as const;
  const { disk, target } = await iscsiOf('cn01', ...edits);
  assert.is(disk, 'plant-cn01.rocky_9');
  assert.is(target, 'iqn.2024-07.internal.harvgen:plant:cn01:rocky-9:${secret:iscsi_suffix}');
});

testResolveIscsi('may have all keys', async () => {
  const all = `${CN2}, boot: { size: 40Gi, lun: 31, initiator: "iqn.2010-01.org.example:two", fallback: disk,
    chap: { user: two, password: "\${secret:two}", target_user: t, target_password: "\${secret:t}" } }`;
  assert.equal(await iscsiOf('cn02', [CN2, all]), {
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

testResolveIscsi(
  'target of another server: no disk of the store, no default secret, and its own server if set',
  async () => {
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
    const foreign = `${CN2}, boot: { target: "${target}", server: 10.2.0.9, port: 3261, lun: 0, chap: { password: "\${secret:o}" } }`;
    const { address, port, lun, chap } = (await iscsiOf('cn02', ...others, [CN2, foreign])) as Record<
      string,
      unknown
    >;
    assert.equal(
      [address, port, lun, chap],
      ['10.2.0.9', 3261, 0, { user: 'plant.cn02', password: '${secret:o}' }],
    );
  },
);

testResolveIscsi('has no CHAP if it is disabled', async () => {
  const { nodes } = await resolvedFrom(ISCSI_PLANT, [CN2, `${CN2}, boot: { chap: none }`]);
  assert.equal(
    nodes.map(({ iscsi }) => iscsi?.chap?.user),
    ['plant.cn01', undefined, 'plant.cn03'],
  );
});

testResolveIscsi('has its own password even if a layer sets CHAP', async () => {
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

testResolveIscsi('has its own target, name and secret for each node of a range', async () => {
  const range = '  cn[01-40]: { mac: "52:54:00:0b:01:[01-28]", ip: "10.2.0.[11-50]", tenant: physics }\n';
  const text = ISCSI_PLANT.replace(/ {2}cn01.*$/s, range).replace(/ {2}gromacs.*\n/, '');
  const { nodes } = await resolvedFrom(text);
  assert.is(nodes.length, 40);
  for (const pick of ['target', 'initiator', 'disk'] as const)
    assert.is(new Set(nodes.map(({ iscsi }) => iscsi?.[pick])).size, 40, pick);
  assert.equal(plain(nodes[39]?.iscsi?.chap), { user: 'plant.cn40', password: '${secret:chap_cn40}' });
});

testResolveIscsi("has a secret without the dots and hyphens of the node's name", async () => {
  const { nodes } = await resolvedFrom(ISCSI_PLANT, ['  cn02: {', '  cn-02.example.org: {']);
  assert.is(nodes[1]?.iscsi?.chap?.password, '${secret:chap_cn_02_example_org}');
  assert.is(nodes[1]?.iscsi?.target.split(':')[2], 'cn-02.example.org');
});

testResolveIscsi('is blank for a Harvester node, which has no image', async () => {
  const { nodes } = await resolvedFrom(ISCSI_HARVESTER);
  const { iscsi, os } = nodes[2] ?? {};
  assert.equal(
    [os, iscsi?.disk, iscsi?.image, iscsi?.size],
    ['harvester', 'plant-harv-3.harvester', undefined, '400Gi'],
  );
  assert.is(iscsi?.target, 'iqn.2024-07.internal.harvgen:plant:harv-3:harvester:${secret:iscsi_suffix}');
});

testResolveIscsi(
  'has locations: for values that are set their own, for derived values that of the original',
  async () => {
    const { nodes } = await resolvedFrom(ISCSI_PLANT, [CN2, `${CN2}, boot: { lun: 2 }`]);
    const [one, two] = nodes.map(({ iscsi }) => iscsi);
    assert.ok(one?.chap && two);
    assert.equal(
      [at(locationOf(one, 'image')), at(locationOf(one.chap, 'password')), at(locationOf(two, 'lun'))],
      ['19:12', '19:12', '22:80'],
    );
  },
);

testResolveIscsi("has the locations of the server's IP address and port", async () => {
  const { nodes } = await resolvedFrom(ISCSI_PLANT, [
    'address: 10.1.0.2\n',
    'address: 10.1.0.2\n    port: 3261\n',
  ]);
  const [one, , three] = nodes.map(({ iscsi }) => iscsi);
  assert.ok(one && three);
  assert.equal([one.address, one.port, three.address], ['10.1.0.2', 3261, '10.3.0.2']);
  assert.equal(
    [at(locationOf(one, 'address')), at(locationOf(one, 'port')), at(locationOf(three, 'address'))],
    ['5:14', '6:11', '10:42'],
  );
});

testResolveIscsi('has no other IP address if that on its network is invalid', async () => {
  const found = await foundIn(ISCSI_PLANT, ['iscsi: 10.3.0.2', 'iscsi: 10.3.0.x']);
  assert.equal(
    found.map((one) => (one as string[])[1]),
    ['bad-value'],
  );
});

testResolveIscsi(
  'values that would break a script, a target or a URI are rejected at their location',
  async () => {
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
  },
);

testResolveIscsi.run();

const SITE = `site: plant
server: { url: http://10.1.0.1 }
networks:
  mgmt: { subnet: 10.1.0.0/24, gateway: 10.1.0.1, dns: [10.1.0.2], dhcp: {} }
groups:
  compute: { description: Compute nodes }
profiles:
  compute:
    groups: [compute]
    boot:
      os: linux
      kernel: rocky9/vmlinuz-\${node:arch}
      initrd: [microcode.img, "http://10.1.0.9/initramfs.img"]
      root: { squashfs: rocky9/root.squashfs }
      args: [ip=dhcp, "hostname=\${node:name}"]
nodes:
  cg01: { mac: 52:54:00:7c:52:01, ip: 10.1.0.11, nid: 1, xname: x1000c1s7b0n0, profiles: [compute] }
`;

const testResolveLinux = suite('the boot of Linux');

const of = async (text: string) => {
  const { site, diagnostics } = await compile(makeSite(text));
  return { node: site?.nodes[0], found: diagnostics.map(({ message }) => message) };
};

testResolveLinux('has complete URLs and arguments, with the values of the node', async () => {
  const { node, found } = await of(SITE);
  assert.equal(found, []);
  assert.equal(node?.linux, {
    kernel: 'http://10.1.0.1/images/rocky9/vmlinuz-amd64',
    initrds: ['http://10.1.0.1/images/microcode.img', 'http://10.1.0.9/initramfs.img'],
    squashfs: 'http://10.1.0.1/images/rocky9/root.squashfs',
    args: [
      'root=live:http://10.1.0.1/images/rocky9/root.squashfs',
      'rd.live.image',
      'rd.live.overlay.overlayfs=1',
      'ip=dhcp',
      'hostname=cg01',
    ],
  });
  assert.equal([node?.xname, node?.nid, node?.groups[0]?.name], ['x1000c1s7b0n0', 1, 'compute']);
});

testResolveLinux('may use images of another server, and a root that is not an image', async () => {
  const { node } = await of(
    SITE.replace('10.1.0.1 }\nnet', '10.1.0.1, images: "http://10.1.0.9:9000/boot-images/" }\nnet').replace(
      '{ squashfs: rocky9/root.squashfs }',
      '/dev/nfs',
    ),
  );
  assert.is(node?.linux?.kernel, 'http://10.1.0.9:9000/boot-images/rocky9/vmlinuz-amd64');
  assert.is(node?.linux?.squashfs, undefined);
  assert.equal(node?.linux?.args.slice(0, 2), ['root=/dev/nfs', 'ip=dhcp']);
});

testResolveLinux('reports missing and unknown values', async () => {
  const { found } = await of(
    SITE.replace('hostname=${node:name}', 'a=${node:nmae} b=${node:serial} c=${node:nid}').replace(
      'nid: 1, ',
      '',
    ),
  );
  assert.equal(found, [
    '${node:nmae} is not a value of a node: did you mean ${node:name}?',
    'cg01 has no nid: ${node:nid} has no value.',
    'cg01 has no serial: ${node:serial} has no value.',
  ]);
});

testResolveLinux('reports only once that the URL of the boot server is invalid', async () => {
  const { found } = await of(
    SITE.replace('http://10.1.0.1', '10.1.0.1').replace('${node:name}', '${node:server}'),
  );
  assert.is(found.length, 1);
  assert.match(found[0] ?? '', '`10.1.0.1` is not an http or https URL');
});

testResolveLinux('reports unknown groups, repeated groups, and a cluster without a release', async () => {
  const { found } = await of(SITE.replace('groups: [compute]', 'groups: [compte]'));
  assert.equal(found, ['There is no group compte.']);
  const twice = SITE.replace('groups: [compute]', 'groups: [compute, compute]');
  assert.equal((await of(twice)).found, ['The group compute is listed twice.']);
  const cluster = 'cluster: { vip: 10.1.0.9, token: "${secret:t}" }\nnodes:';
  assert.equal((await of(SITE.replace('nodes:', cluster))).found, [
    'The cluster plant has no Harvester release: its installation media are unknown.',
  ]);
});

testResolveLinux.run();

const testResolveUnknown = suite('the boots of unknown machines');

testResolveUnknown('a value of a node is an error', async () => {
  const folder = makeSite(
    edited(LINUX_PLANT, [
      'groups:\n',
      'unknown_machines: { by_arch: { amd64: { kernel: k, args: ["a=${node:name}"] } } }\ngroups:\n',
    ]),
  );
  const { diagnostics } = await compile(folder);
  assert.equal(
    diagnostics.map(({ code, message, at: where }) => [code, message, at(where)]),
    [['node-value', '${node:name} has no value here: an unknown machine is not a node.', '10:59']],
  );
});

testResolveUnknown.run();

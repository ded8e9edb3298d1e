import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { foundIn, plain, resolvedFrom } from '../../test/support/resolved.ts';

const test = suite('the iSCSI server');

const ISCSI = '  iscsi:\n    address: 10.1.0.2\n    suffix: ${secret:iscsi_suffix}\n';

test('is the boot server, with plain files, by default', async () => {
  const { server } = await resolvedFrom(ISCSI_PLANT, [ISCSI, '']);
  assert.equal(plain(server.iscsi), {
    address: '10.1.0.1',
    port: 3260,
    driver: 'tgt',
    iqn: 'iqn.2024-07.internal.harvgen',
    writeCache: false,
    store: { kind: 'files', prefix: 'plant-', folder: '/srv/harvgen/disks', format: 'raw' },
  });
});

test('may have all keys for files', async () => {
  const all = `  iscsi:
    address: 10.1.0.9
    port: 3261
    driver: lio
    iqn: iqn.2010-01.org.example:lab
    prefix: lab-
    write_cache: true
    files: /disks
    format: qcow2
`;
  const { server } = await resolvedFrom(ISCSI_PLANT, [ISCSI, all]);
  assert.equal(plain(server.iscsi), {
    address: '10.1.0.9',
    port: 3261,
    driver: 'lio',
    iqn: 'iqn.2010-01.org.example:lab',
    writeCache: true,
    store: { kind: 'files', prefix: 'lab-', folder: '/disks', format: 'qcow2' },
  });
});

test('may have a Ceph pool, in minimal and full form', async () => {
  const site = await resolvedFrom(ISCSI_PLANT, [ISCSI, '  iscsi: { rbd: { pool: bmi } }\n']);
  assert.equal(plain(site.server.iscsi.store), {
    kind: 'rbd',
    prefix: 'plant-',
    pool: 'bmi',
    id: 'admin',
    conf: '/etc/ceph/ceph.conf',
    snapshot: 'harvgen',
  });
  const rbd = '{ pool: bmi, id: bmi, conf: /etc/ceph/x.conf, keyring: /etc/ceph/x.keyring }';
  const whole = await resolvedFrom(ISCSI_PLANT, [
    ISCSI,
    `  iscsi: { prefix: "5-", snapshot: golden, rbd: ${rbd} }\n`,
  ]);
  assert.equal(plain(whole.server.iscsi.store), {
    kind: 'rbd',
    prefix: '5-',
    pool: 'bmi',
    id: 'bmi',
    conf: '/etc/ceph/x.conf',
    keyring: '/etc/ceph/x.keyring',
    snapshot: 'golden',
  });
});

test('a boot server by name has no IP address; an invalid URL is the only error', async () => {
  const named = ['url: http://10.1.0.1', 'url: http://boot.example.org'] as const;
  const codes = async (...edits: (readonly [string, string])[]) =>
    (await foundIn(ISCSI_PLANT, ...edits)).map((one) => (one as string[])[1]);
  assert.ok((await codes(named, [ISCSI, ''])).includes('iscsi-server-address'));
  assert.equal(await codes([named[0], 'url: ftp://boot.example.org'], [ISCSI, '']), ['bad-value']);
  assert.equal(await codes(['address: 10.1.0.2', 'address: 10.1.0.256']), ['bad-value']);
});

test('names that iSCSI, a store or a shell would misread are rejected', async () => {
  for (const [key, value] of [
    ['iqn', 'iqn.2024-13.org.example'],
    ['iqn', 'iqn.2024-07.org.Example'],
    ['iqn', 'iqn.2024-07.org.example; reboot'],
    ['suffix', '"a b"'],
    ['suffix', '"<x>"'],
    ['prefix', '../'],
    ['prefix', '"a/b"'],
    ['prefix', '"$(reboot)"'],
    ['files', 'disks'],
    ['files', '"/srv/../etc"'],
    ['files', '"/srv/a b"'],
  ] as const) {
    const text = `  iscsi:\n    address: 10.1.0.2\n    ${key}: ${value}\n`;
    const found = await foundIn(ISCSI_PLANT, [ISCSI, text]);
    assert.is((found[0] as string[] | undefined)?.[0]?.split(':')[0], '6', `${key}: ${value}`);
  }
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';

const test = suite('all rules together');

const DEVICE = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';

test('a rule says nothing of a site with nothing in it', async () => {
  const { diagnostics } = await compile(makeSite(''));
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['missing-key', 'missing-key', 'missing-key', 'missing-key'],
  );
});

test('a key at the top that nobody knows hides nothing of what is there', async () => {
  const { diagnostics } = await compile(
    makeSite(
      edited(PLANT, ['site: plant\n', 'site: plant\nfoo: 1\n'], [DEVICE, `${DEVICE}\n      force_gpt: true`]),
    ),
  );
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['unknown-key', 'key-without-effect'],
  );
});

/** Several faults in one map: what is wrong with one key says nothing of the others. */
test('a wrong type, a slip and what is wrong beside them are all said', async () => {
  const { diagnostics } = await compile(
    makeSite(
      edited(PLANT, [
        DEVICE,
        'device: /dev/sda1\n      debug: "true"\n      skip_checks: true\n      persistent_partition_size: 100Gi\n      wipe_disks_list: [/dev/sdb]',
      ]),
    ),
  );
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['partition-as-disk', 'wrong-type', 'unknown-key', 'persistent-partition-size', 'key-too-new'],
  );
});

for (const [what, from, to, codes] of [
  ['a node', '  harv-2: { mac: 52:54:00:aa:01:02', '  Harv_2: { mac: xx', ['bad-name', 'bad-value']],
  [
    'a network',
    '  mgmt:\n    subnet: 192.168.178.0/24',
    '  MG_MT:\n    subnet: x',
    ['bad-name', 'bad-value'],
  ],
  ['a profile', 'nodes:\n', 'profiles: { "W_W!": { install: nope } }\nnodes:\n', ['bad-name', 'bad-value']],
  [
    'a cluster',
    'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
    'clusters: { A B: { vip: nope } }\n',
    ['bad-name', 'bad-value'],
  ],
] as const) {
  test(`${what} whose name is none, with a fault inside: both are said`, async () => {
    const { diagnostics } = await compile(makeSite(edited(PLANT, [from, to])));
    assert.equal(
      diagnostics.map(({ code }) => code),
      codes,
    );
  });
}

test('what is suggested exists in the release of the cluster', async () => {
  const { diagnostics } = await compile(
    makeSite(
      edited(
        PLANT,
        [DEVICE, `${DEVICE}\n      wipe_disk: []`],
        ['  vip:', '  harvester: { version: v1.6.0 }\n  vip:'],
      ),
    ),
  );
  assert.equal(
    diagnostics.map(({ code, message }) => [code, message]),
    [['unknown-key', 'defaults.config.install has no key wipe_disk: did you mean wipe_disks_list?']],
  );
});

test.run();

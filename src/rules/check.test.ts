import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { found } from '../../test/support/resolved.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';

const test = suite('all rules together');

const DEVICE = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';

test('a rule reports nothing for an empty site', async () => {
  const { diagnostics } = await compile(makeSite(''));
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['missing-key', 'missing-key', 'missing-key', 'missing-key'],
  );
});

test('an unknown key at the top level hides no other diagnostics', async () => {
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

/** Several errors in one map: an error in one key does not affect the others. */
test('a wrong type, a typo and the errors next to them are all reported', async () => {
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
  test(`${what} with an invalid name and an error inside: both are reported`, async () => {
    const { diagnostics } = await compile(makeSite(edited(PLANT, [from, to])));
    assert.equal(
      diagnostics.map(({ code }) => code),
      codes,
    );
  });
}

test('a suggested key exists in the release of the cluster', async () => {
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

const silenceTest = suite('silences');

const ALWAYS: Edit = ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, install: always }'];
const silenced = (where: string): Edit => [where, `silence: { install-always: a demo machine }\n${where}`];

async function codes(...edits: readonly Edit[]): Promise<string[]> {
  return ((await found(...edits)) as string[][]).map(([at, code]) => `${at} ${code}`);
}

silenceTest('a rule reports unless it is silenced', async () => {
  assert.equal(await codes(ALWAYS), ['24:66 install-always']);
});

silenceTest('the site silences a rule for all its nodes', async () => {
  assert.equal(await codes(ALWAYS, silenced('harvester:\n')), []);
});

silenceTest('a node silences a rule for itself, and for no other', async () => {
  const both: Edit = ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, install: always }'];
  const own: Edit = [
    'ip: 192.168.178.42 }',
    'ip: 192.168.178.42, install: always, silence: { install-always: a demo machine } }',
  ];
  assert.equal(await codes(own, both), ['25:66 install-always']);
});

silenceTest('a profile silences a rule for the nodes that use it', async () => {
  const profile: Edit = [
    'nodes:\n',
    'profiles:\n  demo: { install: always, silence: { install-always: a demo machine } }\nnodes:\n',
  ];
  assert.equal(await codes(profile, ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, profiles: [demo] }']), []);
});

silenceTest('a finding in a layer is reported until every node silences it', async () => {
  const key: Edit = ['    install:\n', '    install:\n      force_gpt: true\n'];
  const quiet = (ip: string): Edit => [
    `ip: ${ip}`,
    `ip: ${ip}, silence: { key-without-effect: left for the next release }`,
  ];
  const two = [quiet('192.168.178.41'), quiet('192.168.178.42')];
  assert.equal(await codes(key, ...two), ['21:7 key-without-effect']);
  assert.equal(await codes(key, ...two, quiet('192.168.178.43')), []);
});

silenceTest('an unused silence at the top level is reported', async () => {
  assert.equal(await found(silenced('harvester:\n')), [
    [
      '2:12',
      'idle-silence',
      'The rule install-always is silenced but reports nothing.',
      'remove the silence: it would hide the next finding',
    ],
  ]);
});

silenceTest('no silence is idle next to an error, which may have kept the rule from reporting', async () => {
  assert.equal(await codes(silenced('harvester:\n'), ['  vip:', '  vpi:']), ['15:3 unknown-key']);
});

silenceTest(
  'an unused silence on a node or in a layer is not reported: it may be for other sites',
  async () => {
    assert.equal(
      await codes(['ip: 192.168.178.42 }', 'ip: 192.168.178.42, silence: { install-always: demo } }']),
      [],
    );
  },
);

silenceTest('an unknown rule is reported once, with the likely one', async () => {
  assert.equal(await found(['defaults:\n', 'defaults:\n  silence: { install-alway: demo }\n']), [
    [
      '17:14',
      'unknown-rule',
      'There is no rule install-alway: did you mean install-always?',
      'run `harvgen rules` for a list',
    ],
  ]);
});

silenceTest('a code that is not a rule cannot be silenced', async () => {
  assert.equal(await found(['defaults:\n', 'defaults:\n  silence: { unknown-key: no }\n']), [
    [
      '17:14',
      'unsilenceable-rule',
      'unknown-key cannot be silenced: it is not a rule for the site.',
      'remove unknown-key from silence, and correct the reported error',
    ],
  ]);
});

silenceTest(
  'a finding that is reported once per location is reported until every node there silences it',
  async () => {
    const always: Edit = ['defaults:\n', 'defaults:\n  install: always\n'];
    const quiet: Edit = ['mode: create }', 'mode: create, silence: { install-always: a demo machine } }'];
    assert.equal(await codes(always), ['17:12 install-always']);
    assert.equal(await codes(always, quiet), ['17:12 install-always']);
  },
);

silenceTest('an essential rule is not silenced', async () => {
  assert.equal(
    await codes(
      ['  token: ${secret:cluster_token}\n', ''],
      ['harvester:\n', 'silence: { missing-token: no }\nharvester:\n'],
    ),
    ['2:12 unsilenceable-rule', '14:1 missing-token'],
  );
});

silenceTest('a silence needs a reason, and a missing one causes no further findings', async () => {
  assert.equal(await codes(ALWAYS, ['harvester:\n', 'silence: { install-always: " " }\nharvester:\n']), [
    '2:28 bad-value',
  ]);
});

silenceTest.run();

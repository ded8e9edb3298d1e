import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { MANIFEST } from '../output/manifest.ts';
import { type File, type Tree, textOf } from '../output/tree.ts';
import { formatJson } from './format-json.ts';
import { formatText } from './format-text.ts';
import { plan } from './plan.ts';
import { INVENTORY } from './read-facts.ts';

const test = suite('the plan');
const PLAIN = { isTerminal: false, color: false };
const HARV_2 = '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }';
const HARV_3 = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
const GATEWAY = '    gateway: 192.168.178.1\n';

async function treeOf(site: string): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(site));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

/** The words of a plan, without the diff below them. */
function words(before: Tree, after: Tree): string[] {
  const placed = {
    site: 'plant',
    folder: 'out/plant',
    root: 'out/plant',
    plan: plan(before, after),
    edited: [],
  };
  const text = [...formatText([placed], PLAIN)].join('');
  return text.split('\ndiff --git')[0]?.trimEnd().split('\n') ?? [];
}

/** What is said of an edit of one site, or of the step from one edit to another, without the headline. */
async function said(after: readonly Edit[], before: readonly Edit[] = []): Promise<string[]> {
  return words(await treeOf(edited(PLANT, ...before)), await treeOf(edited(PLANT, ...after))).slice(1);
}

/** The consequence for each node that changes. */
async function consequences(after: readonly Edit[], before: readonly Edit[] = []): Promise<unknown> {
  const { nodes } = plan(await treeOf(edited(PLANT, ...before)), await treeOf(edited(PLANT, ...after)));
  return Object.fromEntries(
    nodes.map(({ node, change, consequence }) => [node, `${change}: ${consequence}`]),
  );
}

/** An edit that adds keys to the third node. */
function harv3(keys: string): Edit {
  return [HARV_3, HARV_3.replace(' }', `, ${keys} }`)];
}

const LATER = 'when it is installed anew; an installed system keeps what it has:';

test('nothing where nothing changes', async () => {
  const tree = await treeOf(PLANT);
  assert.equal(words(tree, tree), ['out/plant: nothing changes']);
  assert.equal(plan(tree, tree), { nodes: [], changes: [], files: [], unchanged: 13 });
});

test('a first build: every node is new, and what it will do', async () => {
  const local = harv3('boot: { os: local }');
  assert.equal(words(new Map(), await treeOf(edited(PLANT, local))), [
    'out/plant: 3 nodes are new; 12 files written',
    '  harv-1: new: will install Harvester v1.4.1 and create cluster plant at its first boot, if its disk has no system',
    '  harv-2: new: will install Harvester v1.4.1 and join cluster plant at its first boot, if its disk has no system',
    '  harv-3: new: boots its disk',
  ]);
});

test('another address', async () => {
  const edit: Edit = ['192.168.178.43', '192.168.178.44'];
  assert.equal(await said([edit]), [
    '  harv-3: address 192.168.178.43 → 192.168.178.44 from its next lease on: an installed Harvester node must keep the one that it has',
  ]);
  assert.equal(await consequences([edit]), { 'harv-3': 'changed: boots-otherwise' });
});

test('another address without DHCP is in the configuration, which is read at installation', async () => {
  const site = edited(
    PLANT,
    ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''],
    ['v1.4.1', 'v1.6.1'],
  ).replace(/\{ (mac: .*, ip: [\d.]+)(.*) \}/g, '{ nics: [{ name: eno1, $1 }]$2 }');
  const lines = words(await treeOf(site), await treeOf(edited(site, ['192.168.178.43', '192.168.178.44'])));
  assert.equal(lines.slice(1), [`  harv-3: ${LATER}`, '    address 192.168.178.43 → 192.168.178.44']);
});

test('another MAC address', async () => {
  const edit: Edit = ['aa:01:03', 'aa:01:13'];
  assert.equal(await said([edit]), [
    '  harv-3: boots from another MAC address: 52:54:00:aa:01:03 → 52:54:00:aa:01:13; a machine with the old one is a stranger now',
  ]);
});

test('two machines that swap their names', async () => {
  assert.equal(
    await said([
      [`harv-2: ${HARV_2}`, `harv-2: ${HARV_2.replace('01:02', '01:03')}`],
      [`harv-3: ${HARV_3}`, `harv-3: ${HARV_3.replace('01:03', '01:02')}`],
    ]),
    [
      '  harv-2: boots from another MAC address: 52:54:00:aa:01:02 → 52:54:00:aa:01:03, that of what was harv-3',
      '  harv-3: boots from another MAC address: 52:54:00:aa:01:03 → 52:54:00:aa:01:02, that of what was harv-2',
    ],
  );
});

for (const [from, to, line, consequence] of [
  [
    'once',
    'always',
    'will reinstall at its next boot, and at every one after (install: once → always)',
    'reinstalls',
  ],
  [
    'never',
    'always',
    'will reinstall at its next boot, and at every one after (install: never → always)',
    'reinstalls',
  ],
  ['always', 'once', 'no longer reinstalls (install: always → once)', 'boots-otherwise'],
  ['never', 'once', 'will install if its disk has no system (install: never → once)', 'installs'],
  ['once', 'never', 'only boots its disk (install: once → never)', 'boots-otherwise'],
  ['always', 'never', 'only boots its disk (install: always → never)', 'boots-otherwise'],
] as const) {
  test(`install: ${from} to ${to}`, async () => {
    const [before, after] = [harv3(`install: ${from}`), harv3(`install: ${to}`)];
    assert.equal(await said([after], [before]), [`  harv-3: ${line}`]);
    assert.equal(await consequences([after], [before]), { 'harv-3': `changed: ${consequence}` });
  });
}

test('a node that is installed at every boot is so with what changes', async () => {
  const before = harv3('install: always');
  const lead = '  harv-3: will reinstall at its next boot (install: always)';
  assert.equal(await said([harv3('install: always, role: worker')], [before]), [
    `${lead}, with the changes below`,
    '    role not set → worker',
  ]);
  // The VIP is told of the cluster, and changes what this node installs.
  assert.equal(await said([before, ['vip: 192.168.178.40', 'vip: 192.168.178.39']], [before]), [
    lead,
    '  cluster plant: VIP 192.168.178.40 → 192.168.178.39; a cluster that is installed keeps the one that it has',
  ]);
});

test('what it boots', async () => {
  const local = harv3('boot: { os: local }');
  const others = [`  harv-1: ${LATER}`, '    install.harvester.storage_class.replica_count: not set → 2'];
  assert.equal(await said([local]), [...others, '  harv-3: boots its disk instead of Harvester']);
  assert.equal(
    (await said([], [local])).at(-1),
    '  harv-3: boots Harvester instead of its disk: will install if its disk has no system',
  );
  assert.equal(await consequences([harv3('boot: { os: local }, install: never')], [local]), {
    'harv-3': 'changed: none',
  });
});

test('a new node, one that is gone, one that is renamed', async () => {
  const fourth: Edit = [
    HARV_3,
    `${HARV_3}\n  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, install: always }`,
  ];
  assert.equal(await said([fourth]), [
    '  harv-4: new: will install Harvester v1.4.1 and join cluster plant at its first boot, and again at every one after',
  ]);
  assert.equal(await said([], [fourth]), [
    '  harv-4: gone: a machine with its MAC address is a stranger now',
  ]);
  assert.equal(await said([[`harv-3: ${HARV_3}`, `harv-9: ${HARV_3}`]]), [
    '  harv-9: renamed, was harv-3: an installed system keeps that name',
  ]);
  assert.equal(await consequences([[`harv-3: ${HARV_3}`, `harv-9: ${HARV_3}`]]), {
    'harv-9': 'renamed: when-installed',
  });
});

test('the configuration, by key; of a secret the key alone', async () => {
  assert.equal(
    await said([
      ['device: /dev/disk/by-path/pci-0000:00:17.0-ata-1', 'device: /dev/sda'],
      ['secret:cluster_token', 'secret:other'],
    ]),
    [
      `  harv-1 to harv-3 (3 nodes): ${LATER}`,
      '    token changes',
      '    install.device: /dev/disk/by-path/pci-0000:00:17.0-ata-1 → /dev/sda',
    ],
  );
  assert.equal(
    await said([['ntp_servers: [0.suse.pool.ntp.org]', 'password: hunter2, ntp_servers: [10.0.0.1]']]),
    [
      `  harv-1 to harv-3 (3 nodes): ${LATER}`,
      '    os.password changes',
      '    os.ntp_servers: ["0.suse.pool.ntp.org"] → ["10.0.0.1"]',
    ],
  );
});

test('another release is told once, not by every URL', async () => {
  assert.equal(await said([['v1.4.1', 'v1.4.2']]), [
    `  harv-1 to harv-3 (3 nodes): ${LATER}`,
    '    Harvester v1.4.1 → v1.4.2',
  ]);
});

test('what is declared of a machine, and labels where they are configuration', async () => {
  assert.equal(
    await said([
      harv3(
        'hardware: { threads: 16, memory: 64Gi }, bmc: { address: 10.0.0.3, protocol: redfish }, firmware: uefi',
      ),
    ]),
    [
      '  harv-3: only in www/inventory.json:',
      '    hardware.threads: not set → 16',
      '    hardware.memory: not set → 64Gi',
      '    bmc.address: not set → 10.0.0.3',
      '    bmc.protocol: not set → redfish',
    ],
  );
  assert.equal(await said([harv3('labels: { zone: a }')]), [
    `  harv-3: ${LATER}`,
    '    os.labels.zone: not set → a',
  ]);
});

test('NICs, but for the address and the MAC address of the node', async () => {
  const storage: Edit = ['cluster:\n', '  storage: { subnet: 10.0.0.0/24 }\ncluster:\n'];
  const nics = (second: string): Edit => [
    HARV_3,
    `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, ${second}] }`,
  ];
  const before = nics('{ mac: 52:54:00:aa:02:03, network: storage, ip: 10.0.0.3 }');
  assert.equal(
    await said(
      [storage, nics('{ mac: 52:54:00:aa:02:03, network: storage, ip: 10.0.0.4 }')],
      [storage, before],
    ),
    ['  harv-3: NIC 52:54:00:aa:02:03: address 10.0.0.3 → 10.0.0.4'],
  );
  assert.equal(
    await said([storage, nics('{ name: eno2, mac: 52:54:00:aa:03:03, network: mgmt }')], [storage, before]),
    [
      `  harv-3: ${LATER}`,
      '    NIC eno2 (52:54:00:aa:03:03) is new, on network mgmt',
      '    NIC 52:54:00:aa:02:03 is gone',
    ],
  );
});

test('networks, the server and the first script', async () => {
  assert.equal(
    await said([
      ['192.168.178.200-192.168.178.250', '192.168.178.200-192.168.178.240'],
      [GATEWAY, '    gateway: 192.168.178.2\n    domain: example.org\n'],
    ]),
    [
      '  network mgmt: gateway 192.168.178.1 → 192.168.178.2',
      '  network mgmt: domain not set → example.org',
      '  network mgmt: DHCP pool 192.168.178.200-192.168.178.250 → 192.168.178.200-192.168.178.240',
    ],
  );
  assert.equal(await said([['http://192.168.178.7', 'http://192.168.178.8']]), [
    '  every machine fetches from http://192.168.178.8 instead of http://192.168.178.7',
  ]);
  assert.equal(await said([['cluster:\n', '  storage: { subnet: 10.0.0.0/24 }\ncluster:\n']]), [
    '  network storage is new',
  ]);
});

test('files that somebody has edited', async () => {
  const tree = await treeOf(PLANT);
  const other = new Map(tree);
  other.set('www/boot.ipxe', { content: '#!ipxe\n' });
  other.set('www/ipxe/52-54-00-aa-01-02.ipxe', { content: '#!ipxe\n' });
  other.set('www/config/52-54-00-aa-01-03.yaml', { content: 'token: [' });
  assert.equal(words(other, tree), [
    'out/plant: 2 nodes change; 3 files written, 10 unchanged',
    '  harv-2: its script changes',
    `  harv-3: ${LATER}`,
    '    its configuration changes; that of the earlier build cannot be read',
    '  the first script of every machine changes',
  ]);
  other.clear();
  for (const [path, file] of tree) other.set(path, path === 'README.md' ? { content: '' } : file);
  assert.equal(words(other, tree), ['out/plant: no node changes; 1 file written, 12 unchanged']);
});

test('many nodes with the same change are told once', async () => {
  const nodes = Array.from({ length: 200 }, (_, index) => index + 10).map(
    (number) =>
      `  n-${number}: { mac: 52:54:00:bb:${[number >> 8, number & 255].map((octet) => octet.toString(16).padStart(2, '0')).join(':')}, ip: 192.168.177.${number} }\n`,
  );
  const site = edited(
    PLANT,
    ['192.168.178.0/24', '192.168.176.0/22'],
    ['nodes:\n', `nodes:\n${nodes.join('')}`],
  );
  const lines = words(await treeOf(site), await treeOf(edited(site, ['ata-1', 'ata-2'])));
  assert.equal(lines, [
    'out/plant: 203 nodes change; 204 files written, 209 unchanged',
    `  harv-1 to harv-3 and n-10 to n-209 (203 nodes): ${LATER}`,
    '    install.device: /dev/disk/by-path/pci-0000:00:17.0-ata-1 → /dev/disk/by-path/pci-0000:00:17.0-ata-2',
  ]);
});

test('a tree of another version may lack keys, and what it does not know is not guessed', async () => {
  const tree = await treeOf(PLANT);
  const inventory = JSON.parse(textOf(tree.get(INVENTORY) as File));
  for (const node of inventory.nodes)
    for (const key of Object.keys(node)) if (key !== 'name') delete node[key];
  const older = new Map(tree).set(INVENTORY, { content: JSON.stringify(inventory) });
  assert.equal(words(older, tree), ['out/plant: no node changes; 1 file written, 12 unchanged']);
});

for (const [content, fault] of [
  [undefined, 'is not there'],
  ['{', 'is no JSON'],
  ['null', 'has no list of nodes'],
  ['[]', 'has no list of nodes'],
  ['{"nodes": {}}', 'has no list of nodes'],
  [`{"nodes": [${'['.repeat(90)}${']'.repeat(90)}]}`, 'is nested too deeply'],
  [`{"nodes": [${'['.repeat(90_000)}${']'.repeat(90_000)}]}`, 'is nested too deeply'],
] as const) {
  test(`an earlier inventory that ${fault} leaves the files: ${content?.slice(0, 20)}`, async () => {
    const tree = await treeOf(PLANT);
    const before = new Map(tree);
    if (content === undefined) before.delete(INVENTORY);
    else before.set(INVENTORY, { content });
    assert.equal(words(before, tree), [
      'out/plant: 1 file written, 12 unchanged',
      `  what nodes will do cannot be said: www/inventory.json of the earlier build ${fault}`,
    ]);
  });
}

test('the manifest is last', async () => {
  const { files } = plan(new Map(), await treeOf(PLANT));
  assert.is(files.at(-1)?.path, MANIFEST);
});

test('no damage to an earlier tree is a fault, and none gets at the terminal or into the patch', async () => {
  const trees = [
    await treeOf(PLANT),
    await treeOf(edited(PLANT, harv3('install: always, labels: { zone: a }'), ['ata-1', 'ata-2'])),
  ] as const;
  const hostile = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      '\u001b[2J',
      'x\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n',
      '\u009b2J',
      '\u202e',
      '__proto__',
      '../../x',
      '\0',
    ),
  );
  /** Puts a value at a place of a JSON value, the place chosen by numbers. */
  const put = (root: unknown, steps: readonly number[], value: unknown): void => {
    let at = root as Record<string, unknown>;
    for (const [index, step] of steps.entries()) {
      const keys = Object.keys(at);
      const key = keys[step % keys.length];
      if (key === undefined) return;
      const next = at[key];
      if (index === steps.length - 1 || typeof next !== 'object' || next === null) {
        at[key] = value;
        return;
      }
      at = next as Record<string, unknown>;
    }
  };
  const damage = fc.record({
    which: fc.boolean(),
    values: fc.array(fc.tuple(fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }), hostile), {
      maxLength: 4,
    }),
    cut: fc.option(fc.nat(2000), { freq: 5 }),
    texts: fc.array(fc.tuple(fc.nat(20), fc.oneof(fc.string(), fc.uint8Array())), {
      maxLength: 2,
    }),
    gone: fc.array(fc.nat(20), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(damage, ({ which, values, cut, texts, gone }) => {
      const [before, after] = which ? trees : [trees[1], trees[0]];
      const damaged = new Map(before);
      const inventory = JSON.parse(textOf(before.get(INVENTORY) as File));
      for (const [steps, value] of values) put(inventory, steps, value);
      const text = JSON.stringify(inventory);
      damaged.set(INVENTORY, { content: cut === null ? text : text.slice(0, cut) });
      const paths = [...before.keys()].filter((path) => path !== INVENTORY);
      for (const [index, content] of texts) damaged.set(paths[index % paths.length] as string, { content });
      for (const index of gone) damaged.delete(paths[index % paths.length] as string);
      const lines = words(damaged, after);
      assert.not.match(lines.join('\n'), /[^\P{Cc}\n]|\p{Cf}/u);
      assert.ok(lines.every((line, index) => index === 0 || line === '' || line.startsWith('  ')));
      const placed = {
        site: 'plant',
        folder: 'out/plant',
        root: 'out/plant',
        plan: plan(damaged, after),
        edited: [],
      };
      const json = formatJson([placed]);
      assert.not.match(json, /[^\P{Cc}\n]|\p{Cf}/u);
      assert.is(JSON.parse(json).sites[0].files.length, placed.plan.files.length);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { Tree } from '../../tree/tree.ts';
import { formatText } from './format.ts';
import { plan } from './plan.ts';

const test = suite('the plan of installed nodes');

async function treeOf(edits: readonly Edit[]): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(edited(PLANT, ...edits)));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

async function planOf(before: readonly Edit[], after: readonly Edit[]) {
  return plan(await treeOf(before), await treeOf(after));
}

/** Returns the lines of the plan without the headline. */
async function linesOf(before: readonly Edit[], after: readonly Edit[]): Promise<string[]> {
  const placed = {
    site: 'plant',
    folder: 'out',
    root: 'out',
    plan: await planOf(before, after),
    edited: [],
  };
  const text = [...formatText([placed], { isTerminal: false, color: false }, { patch: false })].join('');
  return text.trimEnd().split('\n').slice(1);
}

const os = (keys: string): Edit => ['    os: { ', `    os: { ${keys}, `];
const release = (text: string): Edit => ['v1.4.1', text];

/** Six nodes: roles decide the order of reboots. */
const SIX: Edit = [
  '  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n',
  `  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43, role: witness }
  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, role: worker }
  harv-5: { mac: 52:54:00:aa:01:05, ip: 192.168.178.45 }
  harv-6: { mac: 52:54:00:aa:01:06, ip: 192.168.178.46, role: worker }
`,
];

test('reboots keep quorum: workers, the witness, other nodes, the first node', async () => {
  const { changes } = await planOf(
    [SIX, os('sysctls: {vm.swappiness: "1"}')],
    [SIX, os('sysctls: {vm.swappiness: "2"}')],
  );
  assert.equal(
    changes.filter(({ what }) => what === 'reboots'),
    [
      {
        what: 'reboots',
        name: 'plant',
        after: ['harv-4', 'harv-6', 'harv-3', 'harv-2', 'harv-5', 'harv-1'],
        text: 'cluster plant: reboot one node at a time when cluster/ is applied, each when the one before is Ready: harv-4 and harv-6, then harv-3, then harv-2 and harv-5, then harv-1',
      },
    ],
  );
});

test('a create node that is replaced takes no setting from the cluster', async () => {
  const settings: Edit = [
    'defaults:\n  config:\n',
    'defaults:\n  config:\n    system_settings: { support-bundle-timeout: "15" }\n',
  ];
  const joins: readonly Edit[] = [
    settings,
    [', mode: create', ''],
    ['cluster:\n', 'cluster:\n  exists: true\n'],
  ];
  assert.equal((await linesOf([settings], joins)).slice(0, 3), [
    '  harv-1: when it is reinstalled; an installed system does not change:',
    '    mode create → join',
    '    system_settings.support-bundle-timeout: "15" → not set',
  ]);
  const [none] = (await planOf(joins, joins.slice(1))).changes;
  assert.match(none?.text ?? '', 'Setting support-bundle-timeout is gone');
});

test('each key by its effect on an installed node', async () => {
  const own: Edit = [
    'ip: 192.168.178.43 }',
    'ip: 192.168.178.43, config: { os: { labels: {zone: b}, sysctls: {vm.swappiness: "1"}, additionalKernelArguments: quiet, persistent_state_paths: [/srv/x] }, install: { tty: ttyS0, skipchecks: true } } }',
  ];
  assert.equal(await linesOf([], [own]), [
    '  harv-3: at once, when cluster/ is applied:',
    '    os.labels.zone: not set → b; the kubelet itself sets labels only when a node registers',
    '    at its next reboot, when cluster/ is applied:',
    '      os.sysctls.vm.swappiness: not set → "1"',
    '    when it is changed manually:',
    '      os.additionalKernelArguments: not set → quiet; on each node, run grub2-editenv /oem/grubenv set third_party_kernel_args="ARGUMENTS", then reboot it',
    '      os.persistent_state_paths: not set → ["/srv/x"]; add the path to PERSISTENT_STATE_PATHS in /oem/90_custom.yaml of each node, then reboot it',
    '    when it is reinstalled; an installed system does not change:',
    '      install.tty: not set → ttyS0',
    '      install.skipchecks: not set → true',
    '  cluster plant: reboot harv-3 when cluster/ is applied',
  ]);
});

const settings = (text: string): Edit => ['  config:\n', `  config:\n    system_settings: ${text}\n`];

test('a setting belongs to the cluster, and a removed one keeps its value', async () => {
  assert.equal(
    (await linesOf([settings('{log-level: info}')], [settings('{log-level: debug}')])).slice(0, 2),
    ['  harv-1: at once, when cluster/ is applied:', '    system_settings.log-level: info → debug'],
  );
  assert.equal(
    (await linesOf([settings('{http-proxy: "", log-level: info}')], [settings('{http-proxy: ""}')]))[1],
    '    system_settings.log-level: info → not set; the Setting keeps its value: empty it for the default',
  );
});

test('a CloudInit adds: a key or a file that is gone comes back at each boot', async () => {
  const file = (content: string) =>
    os(`write_files: [{path: /etc/motd, content: ${content}, permissions: "0644"}]`);
  const [changed] = (await planOf([file('a')], [file('b')])).nodes;
  assert.is(changed?.changes[0]?.installed, 'reboot');
  assert.not.match(changed?.changes[0]?.text ?? '', 'returns');
  const [gone] = (await planOf([file('a')], [])).nodes;
  assert.match(
    gone?.changes[0]?.text ?? '',
    /; a file of the installation returns at each boot: delete it in \/oem\/90_custom\.yaml of each node; others stay on persistent paths$/,
  );
  const two: Edit = ['["github:your_username"]', '["github:your_username", "github:another"]'];
  const [key] = (await planOf([two], [])).nodes;
  assert.is(
    key?.changes[0]?.text,
    'os.ssh_authorized_keys: github:another is gone; the key stays: delete it in /oem/90_custom.yaml and /home/rancher/.ssh/authorized_keys of each node',
  );
});

test('the CloudInit of a tree without it is deleted in the cluster', async () => {
  const own: Edit = [
    'ip: 192.168.178.43 }',
    'ip: 192.168.178.43, config: { os: { sysctls: {vm.swappiness: "1"} } } }',
  ];
  assert.equal(
    (await planOf([own], [])).changes.filter(({ what }) => what === 'object'),
    [
      {
        what: 'object',
        name: 'plant',
        key: 'harvgen-node-harv-3',
        text: 'cluster plant: CloudInit harvgen-node-harv-3 is gone; delete it in the cluster, too: kubectl delete CloudInit.node.harvesterhci.io harvgen-node-harv-3',
      },
    ],
  );
});

test('before CloudInit, the operating system is changed manually', async () => {
  const older = release('v1.2.2');
  assert.equal((await linesOf([older], [older, os('modules: [vfio_pci]')])).slice(0, 2), [
    '  harv-1 to harv-3 (3 nodes), each: when it is changed manually:',
    '    os.modules: not set → ["vfio_pci"]; edit /oem/90_custom.yaml on each node, then reboot it',
  ]);
});

test('install: never keeps only the next installation out', async () => {
  const never: Edit = ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, install: never }'];
  const changed: Edit = [
    'ip: 192.168.178.43 }',
    'ip: 192.168.178.43, install: never, config: { os: { labels: {zone: b} }, install: { tty: ttyS0 } } }',
  ];
  const [node] = (await planOf([never], [changed])).nodes;
  assert.is(node?.consequence, 'none');
  assert.equal(
    node?.changes.map(({ key, effect, installed }) => ({ key, effect, installed })),
    [
      { key: 'os.labels.zone', effect: 'inventory', installed: 'cluster' },
      { key: 'install.tty', effect: 'inventory', installed: undefined },
    ],
  );
});

/* A disk, a NIC, firmware or a release of an installed node. */

const ATA = '/dev/disk/by-path/pci-0000:00:17.0-ata-';
const device = (text: string): Edit => [`      device: ${ATA}1`, `      device: ${text}`];

for (const [what, before, after, expected] of [
  [
    'another one',
    [],
    [device(`${ATA}2`)],
    `; the old disk ${ATA}1 keeps its installation and can boot instead: clear it`,
  ],
  [
    'another one, from v1.5.0',
    [release('v1.8.2')],
    [release('v1.8.2'), device(`${ATA}2`)],
    `; the old disk ${ATA}1 keeps its installation and can boot instead: clear it, or add it to wipe_disks_list`,
  ],
  [
    'another name, maybe of the same disk',
    [device('/dev/sda')],
    [],
    '; unless both are one disk, the old disk /dev/sda keeps its installation and can boot instead: clear it',
  ],
  [
    'one that the list wipes',
    [release('v1.8.2')],
    [release('v1.8.2'), device(`${ATA}2\n      wipe_disks_list: [${ATA}1]`)],
    '',
  ],
  [
    'one that is wiped with all',
    [release('v1.8.2')],
    [release('v1.8.2'), device(`${ATA}2\n      wipe_all_disks: true`)],
    '',
  ],
  ['one that becomes the data disk', [], [device(`${ATA}2\n      data_disk: ${ATA}1`)], ''],
] as const) {
  test(`the old disk of ${what}`, async () => {
    const lines = await linesOf(before, after);
    const line = lines.find((text) => text.includes('install.device:')) ?? '';
    assert.is(line.replace(/^.* → [^ ;]*/, ''), expected);
  });
}

test('the old data disk keeps its volumes', async () => {
  const data = (disk: number): Edit => device(`${ATA}1\n      data_disk: ${ATA}${disk}`);
  const rest = `the old disk ${ATA}2 keeps its data and can be mounted instead: clear it`;
  for (const [after, to] of [
    [[data(3)], `${ATA}3`],
    [[], 'not set'],
  ] as const)
    assert.is(
      (await linesOf([data(2)], after)).find((text) => text.includes('data_disk:'))?.trim(),
      `install.data_disk: ${ATA}2 → ${to}; ${rest}`,
    );
});

test('an upgrade that skips minor releases names those between', async () => {
  const upgrade = 'part of the release: upgrade Harvester with a Version and an Upgrade';
  const lineOf = async (from: string, to: string, ...more: readonly Edit[]) =>
    (await linesOf([release(from), ...more], [release(to), ...more]))
      .find((line) => line.includes('Harvester v'))
      ?.trim();
  // Harvester v1.9.0-rc6 package/upgrade-matrix.yaml: each minor release upgrades only from the one before it.
  assert.is(
    await lineOf('v1.4.1', 'v1.8.2'),
    `Harvester v1.4.1 → v1.8.2, by way of v1.5, v1.6 and v1.7: an upgrade skips no minor release; ${upgrade}`,
  );
  assert.is(await lineOf('v1.4.3', 'v1.5.0'), `Harvester v1.4.3 → v1.5.0; ${upgrade}`);
  assert.is(
    await lineOf('v1.8.2', 'v1.4.1'),
    'Harvester v1.8.2 → v1.4.1, which is older: it cannot join a cluster with the newer release',
  );
  const always: Edit = ['  config:\n', '  install: always\n  config:\n'];
  assert.is(await lineOf('v1.4.1', 'v1.8.2', always), 'Harvester v1.4.1 → v1.8.2');
});

test('other firmware does not start the installed system', async () => {
  const keys = (text: string): Edit => ['ip: 192.168.178.43 }', `ip: 192.168.178.43${text} }`];
  const changesOf = async (more: string, from: string, to: string) => {
    const sides = [from, to].map((firmware) => keys(`, firmware: ${firmware}${more}`)) as [Edit, Edit];
    const [node] = (await planOf([sides[0]], [sides[1]])).nodes;
    return [node?.consequence, node?.changes.find(({ what }) => what === 'firmware')?.text];
  };
  assert.equal(await changesOf('', 'bios', 'uefi'), [
    'reinstalls',
    'firmware bios → uefi; Harvester that was installed under a BIOS does not start under UEFI: will be wiped and reinstalled at its next boot from the network',
  ]);
  assert.equal(await changesOf(', install: never', 'bios', 'uefi'), [
    'none',
    'firmware bios → uefi; Harvester that was installed under a BIOS does not start under UEFI: reinstall it (install: always for one boot)',
  ]);
  assert.equal(await changesOf('', 'uefi', 'bios'), [
    'none',
    'firmware uefi → bios; Harvester that was installed under UEFI does not start under a BIOS: reinstall it (install: always for one boot)',
  ]);
  assert.equal(await changesOf(', install: always', 'bios', 'uefi'), ['reinstalls', 'firmware bios → uefi']);
});

test('an installed node finds a new NIC by its name', async () => {
  const nic = (mac: string): Edit => ['mac: 52:54:00:aa:01:03', `mac: 52:54:00:aa:01:${mac}`];
  const textFor = async (...edits: readonly Edit[]) =>
    (await planOf(edits.slice(1), edits)).nodes[0]?.changes.find(({ what }) => what === 'mac')?.text;
  const boots =
    'boots from another MAC address: 52:54:00:aa:01:03 → 52:54:00:aa:01:13; a machine with the old MAC address is now unknown';
  assert.is(
    await textFor(nic('13'), release('v1.8.2')),
    `${boots}; an installed system keeps 52:54:00:aa:01:03 in its files, but finds the NIC by name: if that changes too, on each node, change the connection profiles with nmcli`,
  );
  const always: Edit = ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, install: always }'];
  assert.is(await textFor(nic('13'), always), boots);
});

test.run();

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

test.run();

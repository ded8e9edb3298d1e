import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { Site } from '../../site/model.ts';
import { builtInScripts } from '../../targets/ipxe/ipxe.ts';
import { MANIFEST } from '../../tree/manifest.ts';
import { type File, type Tree, textOf } from '../../tree/tree.ts';
import { INVENTORY } from './facts.ts';
import { formatJson, formatText } from './format.ts';
import { detectMoves, plan } from './plan.ts';

const test = suite('the plan');
const PLAIN = { isTerminal: false, color: false };
const HARV_2 = '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }';
const HARV_3 = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
/** An external DHCP server leases the IP addresses: a NIC needs no MAC address. */
const EXTERNAL: Edit = [
  '    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n',
  '    dhcp: { server: external }\n',
];
const GATEWAY = '    gateway: 192.168.178.1\n';

async function treeOf(site: string): Promise<Tree> {
  const { tree, site: of, diagnostics } = await compile(makeSite(site));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  sites.set(tree, of);
  return tree;
}

/** The sites of trees. */
const sites = new WeakMap<Tree, Site | undefined>();

/** Returns the lines of a plan without the diff below them. */
function linesOf(before: Tree, after: Tree): string[] {
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

const DEPLOYING = '  on the boot server, after deploying: ';
const OF_SERVER = /^ {2}((on )?the boot server|before deploying|after the build|the pods)/;
const IMAGE =
  '  if machines start from an iPXE image, which embeds embed/plant.ipxe, rebuild it (scripts/build-ipxe-iso.sh)';

/**
 * The lines about an edit of one site, or about the step from one edit to another, without the headline and the steps on the
 * boot server.
 */
async function diff(after: readonly Edit[], before: readonly Edit[] = []): Promise<string[]> {
  const lines = linesOf(await treeOf(edited(PLANT, ...before)), await treeOf(edited(PLANT, ...after)));
  return lines.slice(1).filter((line) => !OF_SERVER.test(line));
}

/** Returns the lines about the boot server. */
async function serverLines(after: readonly Edit[], before: readonly Edit[] = []): Promise<string[]> {
  const lines = linesOf(await treeOf(edited(PLANT, ...before)), await treeOf(edited(PLANT, ...after)));
  return lines.filter((line) => OF_SERVER.test(line));
}

/** Returns the consequence for each node that changes. */
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

const LATER = 'when it is reinstalled; an installed system does not change:';
const UPGRADE = 'part of the release: upgrade Harvester with a Version and an Upgrade';
const BY_CUSTOM = 'edit /oem/90_custom.yaml on each node, then reboot it';

test('reports nothing without changes', async () => {
  const tree = await treeOf(PLANT);
  assert.equal(linesOf(tree, tree), ['out/plant: nothing changes']);
  assert.equal(plan(tree, tree), {
    nodes: [],
    changes: [],
    files: [],
    unchanged: 22,
    added: [],
    removed: [],
  });
});

test('in a first build, every node is new, with its first boot', async () => {
  const local = harv3('boot: { os: local }');
  assert.equal(linesOf(new Map(), await treeOf(edited(PLANT, local))), [
    'out/plant: 3 nodes are new; 21 files written',
    '  harv-1: new: will install Harvester v1.4.1 and create cluster plant at its first boot, if its disk has no Harvester',
    '  harv-2: new: will install Harvester v1.4.1 and join cluster plant at its first boot, if its disk has no Harvester',
    '  harv-3: new: boots its disk',
  ]);
});

test('another IP address', async () => {
  const edit: Edit = ['192.168.178.43', '192.168.178.44'];
  assert.equal(await diff([edit]), [
    '  harv-3: IP address 192.168.178.43 → 192.168.178.44 from its next lease on: an installed Harvester node must keep its IP address',
  ]);
  assert.equal(await consequences([edit]), { 'harv-3': 'changed: boots-otherwise' });
});

test('without DHCP, another IP address is in the configuration, which takes effect at installation', async () => {
  const site = edited(
    PLANT,
    ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''],
    ['v1.4.1', 'v1.6.1'],
  ).replace(/\{ (mac: .*, ip: [\d.]+)(.*) \}/g, '{ nics: [{ name: eno1, $1 }]$2 }');
  const lines = linesOf(await treeOf(site), await treeOf(edited(site, ['192.168.178.43', '192.168.178.44'])));
  assert.equal(lines.slice(1), [
    '  harv-3: never, while it is installed:',
    '    IP address 192.168.178.43 → 192.168.178.44; the IP address identifies the node: remove the node from the cluster, then install it as a new one',
    IMAGE,
    `${DEPLOYING}reload nginx`,
  ]);
});

test('another MAC address', async () => {
  const edit: Edit = ['aa:01:03', 'aa:01:13'];
  assert.equal(await diff([edit]), [
    '  harv-3: boots from another MAC address: 52:54:00:aa:01:03 → 52:54:00:aa:01:13; a machine with the old MAC address is now unknown; an installed system keeps 52:54:00:aa:01:03 in its files, but finds the NIC by name: if that changes too, edit /oem/90_custom.yaml on each node, then reboot it',
  ]);
});

test('two machines swap their names', async () => {
  assert.equal(
    await diff([
      [`harv-2: ${HARV_2}`, `harv-2: ${HARV_2.replace('01:02', '01:03')}`],
      [`harv-3: ${HARV_3}`, `harv-3: ${HARV_3.replace('01:03', '01:02')}`],
    ]),
    [
      '  harv-2: boots from another MAC address: 52:54:00:aa:01:02 → 52:54:00:aa:01:03, formerly of harv-3',
      '  harv-3: boots from another MAC address: 52:54:00:aa:01:03 → 52:54:00:aa:01:02, formerly of harv-2',
    ],
  );
});

for (const [from, to, line, consequence] of [
  [
    'once',
    'always',
    'will be wiped and reinstalled at its next and every later boot from the network (install: once → always)',
    'reinstalls',
  ],
  [
    'never',
    'always',
    'will be wiped and reinstalled at its next and every later boot from the network (install: never → always)',
    'reinstalls',
  ],
  [
    'always',
    'once',
    'no longer wiped at each boot: boots its disk, or installs if its disk has no Harvester (install: always → once)',
    'boots-otherwise',
  ],
  ['never', 'once', 'will install if its disk has no Harvester (install: never → once)', 'installs'],
  ['once', 'never', 'only boots its disk (install: once → never)', 'boots-otherwise'],
  ['always', 'never', 'only boots its disk (install: always → never)', 'boots-otherwise'],
] as const) {
  test(`install: ${from} to ${to}`, async () => {
    const [before, after] = [harv3(`install: ${from}`), harv3(`install: ${to}`)];
    assert.equal(await diff([after], [before]), [`  harv-3: ${line}`]);
    assert.equal(await consequences([after], [before]), { 'harv-3': `changed: ${consequence}` });
  });
}

test('install: never: a node needs no media, and is not installed again', async () => {
  const never = ['192.168.178.41, mode: create', '192.168.178.42', '192.168.178.43'].map(
    (text): Edit => [`ip: ${text} }`, `ip: ${text}, install: never }`],
  );
  const release: Edit = ['v1.4.1', 'v1.4.2'];
  const [before, after] = [
    await treeOf(edited(PLANT, ...never)),
    await treeOf(edited(PLANT, ...never, release)),
  ];
  assert.not(before.has('scripts/fetch-media.sh'));
  const lines = linesOf(before, after);
  assert.is(lines[1], '  harv-1 to harv-3 (3 nodes), each: when it is changed manually:');
  assert.is(lines[2], `    Harvester v1.4.1 → v1.4.2; ${UPGRADE}`);
  assert.not.match(lines.join('\n'), /fetch-media|reinstalled/);
  // The media of a release are new if no node installed it before.
  assert.match(
    linesOf(before, await treeOf(PLANT)).join('\n'),
    'run scripts/fetch-media.sh (Harvester v1.4.1 amd64)',
  );
});

test('under BIOS, any system on the disk prevents an installation', async () => {
  const [before, after] = [harv3('firmware: bios, install: never'), harv3('firmware: bios, install: once')];
  assert.equal(await diff([after], [before]), [
    '  harv-3: will install if its disk has no system (install: never → once)',
  ]);
});

test('a node that creates its cluster creates a new one each time that it is installed', async () => {
  const always: Edit = ['192.168.178.41, mode: create', '192.168.178.41, mode: create, install: always'];
  const again = 'will be wiped and reinstalled at its next';
  assert.equal(await diff([always]), [
    `  harv-1: ${again} and every later boot from the network, as a new cluster plant each time (install: once → always)`,
  ]);
  const ntp: Edit = ['0.suse.pool.ntp.org', '1.suse.pool.ntp.org'];
  const lines = await diff([always, ntp], [always]);
  const line = `  harv-1: ${again} boot from the network, as a new cluster plant each time (install: always), with the changes below`;
  assert.ok(lines.includes(line), lines.join('\n'));
});

test('a console of the installer does not affect an installed system', async () => {
  const tty = harv3('config: { install: { tty: "ttyS0,115200n8" } }');
  assert.equal(await diff([tty]), [`  harv-3: ${LATER}`, '    install.tty: not set → "ttyS0,115200n8"']);
  assert.equal(await consequences([tty]), { 'harv-3': 'changed: when-installed' });
});

test('another architecture: the script no longer finds the installed system, and overwrites it', async () => {
  const arm: Edit = ['  version: v1.4.1', '  version: v1.4.1\n  arch: arm64'];
  const [first = ''] = await diff([arm]);
  assert.is(
    first,
    '  harv-1 to harv-3 (3 nodes), each: architecture amd64 → arm64: will be wiped and reinstalled at its next boot from the network: its script no longer finds a system for amd64',
  );
  assert.equal(await consequences([arm]), {
    'harv-1': 'changed: reinstalls',
    'harv-2': 'changed: reinstalls',
    'harv-3': 'changed: reinstalls',
  });
});

test('a node that is reinstalled at every boot gets its changes then', async () => {
  const before = harv3('install: always');
  const lead = '  harv-3: will be wiped and reinstalled at its next boot from the network (install: always)';
  assert.equal(await diff([harv3('install: always, role: worker')], [before]), [
    `${lead}, with the changes below`,
    '    role not set → worker',
  ]);
  // The plan reports the VIP with the cluster; it changes the installation of this node.
  assert.equal(await diff([before, ['vip: 192.168.178.40', 'vip: 192.168.178.39']], [before]), [
    lead,
    '  cluster plant: VIP 192.168.178.40 → 192.168.178.39; an installed cluster keeps its VIP',
  ]);
});

test('another operating system', async () => {
  const local = harv3('boot: { os: local }');
  const others = [
    '  harv-1: when it is changed manually:',
    '    install.harvester.storage_class.replica_count: not set → 2; the StorageClass harvester-longhorn is immutable: make another one the default; volumes have spec.numberOfReplicas',
  ];
  assert.equal(await diff([local]), [...others, '  harv-3: boots its disk instead of Harvester']);
  assert.equal(
    (await diff([], [local])).at(-1),
    '  harv-3: boots Harvester instead of its disk: will install if its disk has no Harvester',
  );
  assert.equal(await consequences([harv3('boot: { os: local }, install: never')], [local]), {
    'harv-3': 'changed: none',
  });
});

test('a new node, a gone node, a renamed node', async () => {
  const fourth: Edit = [
    HARV_3,
    `${HARV_3}\n  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, install: always }`,
  ];
  assert.equal(await diff([fourth]), [
    '  harv-4: new: will install Harvester v1.4.1 and join cluster plant at its first boot and again at every later boot, wiping its disk',
  ]);
  assert.equal(await diff([], [fourth]), ['  harv-4: gone: a machine with its MAC address is now unknown']);
  assert.equal(await diff([[`harv-3: ${HARV_3}`, `harv-9: ${HARV_3}`]]), [
    '  harv-9: renamed, was harv-3: an installed system keeps its old name',
  ]);
  assert.equal(await consequences([[`harv-3: ${HARV_3}`, `harv-9: ${HARV_3}`]]), {
    'harv-9': 'renamed: when-installed',
  });
});

test('the configuration by key; for a secret only the key', async () => {
  assert.equal(
    await diff([
      ['device: /dev/disk/by-path/pci-0000:00:17.0-ata-1', 'device: /dev/sda'],
      ['secret:cluster_token', 'secret:other'],
    ]),
    [
      '  harv-1 to harv-3 (3 nodes), each: never, while it is installed:',
      '    token changes; it encrypts the data of RKE2: install a new cluster',
      `    ${LATER}`,
      '      install.device: /dev/disk/by-path/pci-0000:00:17.0-ata-1 → /dev/sda; unless both are one disk, the old disk /dev/disk/by-path/pci-0000:00:17.0-ata-1 keeps its installation and can boot instead: clear it',
    ],
  );
  assert.equal(
    await diff([['ntp_servers: [0.suse.pool.ntp.org]', 'password: hunter2, ntp_servers: [10.0.0.1]']]),
    [
      '  harv-1 to harv-3 (3 nodes), each: at once, when cluster/ is applied:',
      '    os.ntp_servers: 10.0.0.1 instead of 0.suse.pool.ntp.org',
      '    at its next reboot, when cluster/ is applied:',
      '      os.password changes',
      `  cluster plant: reboot one node at a time when cluster/ is applied, each when the one before is Ready: harv-2 and harv-3, then harv-1`,
    ],
  );
});

test('another release is reported once, not for every URL', async () => {
  assert.equal(await diff([['v1.4.1', 'v1.4.2']]), [
    '  harv-1 to harv-3 (3 nodes), each: when it is changed manually:',
    `    Harvester v1.4.1 → v1.4.2; ${UPGRADE}`,
  ]);
});

test('declared facts of a machine, and labels that are configuration', async () => {
  assert.equal(
    await diff([
      harv3(
        'hardware: { threads: 16, memory: 64Gi }, bmc: { address: 10.0.0.3, protocol: redfish }, firmware: uefi',
      ),
    ]),
    [
      '  harv-3: in www/inventory.json:',
      '    hardware.threads: not set → 16',
      '    hardware.memory: not set → 64Gi',
      '    bmc.address: not set → 10.0.0.3',
      '    bmc.protocol: not set → redfish',
    ],
  );
  assert.equal(await diff([harv3('labels: { zone: a }')]), [
    '  harv-3: at once, when cluster/ is applied:',
    '    os.labels.zone: not set → a; the kubelet itself sets labels only when a node registers',
  ]);
});

test('another node creates the cluster: the keys of the create node change with the mode', async () => {
  const moved: Edit[] = [
    ['ip: 192.168.178.41, mode: create', 'ip: 192.168.178.41'],
    [HARV_3, HARV_3.replace(' }', ', mode: create }')],
  ];
  assert.equal(await diff(moved), [
    `  harv-1: ${LATER}`,
    '    mode create → join',
    `  harv-3: ${LATER}`,
    '    mode join → create',
  ]);
});

test('NICs, except the IP address and the MAC address of the node', async () => {
  const storage: Edit = ['cluster:\n', '  storage: { subnet: 10.0.0.0/24 }\ncluster:\n'];
  const nics = (second: string): Edit => [
    HARV_3,
    `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, ${second}] }`,
  ];
  const before = nics('{ mac: 52:54:00:aa:02:03, network: storage, ip: 10.0.0.3 }');
  assert.equal(
    await diff(
      [storage, nics('{ mac: 52:54:00:aa:02:03, network: storage, ip: 10.0.0.4 }')],
      [storage, before],
    ),
    ['  harv-3: NIC 52:54:00:aa:02:03: IP address 10.0.0.3 → 10.0.0.4'],
  );
  assert.equal(
    await diff([storage, nics('{ name: eno2, mac: 52:54:00:aa:03:03, network: mgmt }')], [storage, before]),
    [
      '  harv-3: when it is changed manually:',
      `    NIC eno2 (52:54:00:aa:03:03) is new, on network mgmt; ${BY_CUSTOM}`,
      '    in www/inventory.json:',
      '      NIC 52:54:00:aa:02:03 is gone',
    ],
  );
});

test('networks, the server and the entry script', async () => {
  assert.equal(
    await diff([
      ['192.168.178.200-192.168.178.250', '192.168.178.200-192.168.178.240'],
      [GATEWAY, '    gateway: 192.168.178.2\n    domain: example.org\n'],
    ]),
    [
      '  network mgmt: gateway 192.168.178.1 → 192.168.178.2',
      '  network mgmt: domain not set → example.org',
      '  network mgmt: DHCP pool 192.168.178.200-192.168.178.250 → 192.168.178.200-192.168.178.240',
    ],
  );
  assert.equal(await diff([['http://192.168.178.7', 'http://192.168.178.8']]), [
    '  every machine fetches from http://192.168.178.8 instead of http://192.168.178.7',
    `${IMAGE}; until then it requests http://192.168.178.7`,
  ]);
  assert.equal(await diff([['cluster:\n', '  storage: { subnet: 10.0.0.0/24 }\ncluster:\n']]), [
    '  network storage is new',
  ]);
});

test('another URL of configurations is one change of the site, and explains every script', async () => {
  const tls =
    'url: http://192.168.178.7\n  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key, url: https://boot.example.org }';
  const url = ['url: http://192.168.178.7', tls] as const;
  assert.equal(await diff([url]), [
    '  every machine fetches its configuration from https://boot.example.org instead of http://192.168.178.7',
  ]);
  assert.equal(await diff([], [url]), [
    '  every machine fetches its configuration from http://192.168.178.7 instead of https://boot.example.org',
  ]);
  const all = [
    'url: http://192.168.178.7',
    tls.replace('http://192.168.178.7', 'https://boot.example.org'),
  ] as const;
  // The kernel command line gets an argument: rd.noverifyssl.
  assert.equal(await diff([all]), [
    '  harv-1 to harv-3 (3 nodes), each: when it is reinstalled; an installed system does not change:',
    '    its script starts the installer differently',
    '  every machine fetches from https://boot.example.org instead of http://192.168.178.7',
    `${IMAGE}; until then it requests http://192.168.178.7`,
  ]);
});

test('other arguments of the installer explain its script', async () => {
  const boot = (text: string): Edit => [HARV_3, HARV_3.replace(' }', `, boot: { ${text} } }`)];
  const lines = (more: readonly string[]) => [
    '  harv-3: when it is reinstalled; an installed system does not change:',
    ...more,
  ];
  assert.equal(
    await diff([boot('args: [quiet]')]),
    lines(['    its script starts the installer differently']),
  );
  assert.equal(
    await diff([boot('consoles: [ttyS0, tty1]')], [boot('consoles: [ttyS0]')]),
    lines(['    its script starts the installer differently']),
  );
  assert.equal(
    await diff([[HARV_3, HARV_3.replace(' }', ', config: { install: { automatic: false } } }')]]),
    lines(['    its script starts the installer differently', '    install.automatic: not set → false']),
  );
});

test('an image must be rebuilt only if machines need it', async () => {
  const imageLines = async (after: readonly Edit[], before: readonly Edit[] = []) =>
    (await diff(after, before)).filter((line) => line.includes('scripts/build-ipxe-iso.sh'));
  // With DHCP, an image finds the entry script without knowing the machine.
  const another: Edit = ['aa:01:03', 'aa:01:13'];
  assert.equal(await imageLines([another]), []);
  assert.equal(await imageLines([NEWER, ...NAMED, NO_DHCP, another], [NEWER, ...NAMED, NO_DHCP]), [IMAGE]);
  assert.equal(await imageLines([NEWER, ...NAMED, NO_DHCP], [NEWER, ...NAMED]), [IMAGE]);
  const sign: Edit = ['server:\n', 'server:\n  sign: { signer: boot.plant }\n'];
  const other: Edit = ['server:\n', 'server:\n  sign: { signer: other.plant }\n'];
  assert.equal(await imageLines([other], [sign]), [
    '  iPXE embeds embed/plant.ipxe: rebuild its binaries and images as README.md describes (scripts/build-ipxe-iso.sh)',
  ]);
});

/** A network without DHCP, whose machines need NICs with names. */
const NO_DHCP: Edit = ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''];
const NEWER: Edit = ['v1.4.1', 'v1.6.1'];
const NAMED: readonly Edit[] = [1, 2, 3].map((number) => [
  `{ mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number}`,
  `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number} }]`,
]);

test('enabling or disabling DHCP is reported once, with its effect', async () => {
  const [none, some] = [
    [NEWER, ...NAMED, NO_DHCP],
    [NEWER, ...NAMED],
  ];
  const image = 'an iPXE image that embeds embed/plant.ipxe';
  assert.is(
    (await diff(none, some)).filter((line) => /DHCP/.test(line)).join('\n'),
    `  network mgmt no longer has DHCP: its machines get no IP address by DHCP and boot only from ${image}`,
  );
  assert.is(
    (await diff(some, none)).filter((line) => /DHCP/.test(line)).join('\n'),
    `  network mgmt now has DHCP: its machines get their IP addresses from the boot server's dnsmasq and boot without ${image}`,
  );
  assert.equal(await serverLines(none, some), [
    `${DEPLOYING}remove dnsmasq's link to plant.conf, restart dnsmasq`,
  ]);
  assert.equal(await serverLines(some, none), [`${DEPLOYING}set up dnsmasq as README.md describes`]);
  // No machine boots from this network.
  const storage = (dhcp: string): Edit => [
    'cluster:\n',
    `  storage: { subnet: 10.0.0.0/24${dhcp} }\ncluster:\n`,
  ];
  assert.equal(await diff([storage('')], [storage(', dhcp: { pool: 10.0.0.10-10.0.0.20 }')]), [
    '  network storage no longer has DHCP: its machines get no IP address by DHCP',
  ]);
});

test('enabling or disabling DHCP explains every script', async () => {
  assert.equal(await consequences([NEWER, ...NAMED, NO_DHCP], [NEWER, ...NAMED]), {
    'harv-1': 'changed: boots-otherwise',
    'harv-2': 'changed: boots-otherwise',
    'harv-3': 'changed: boots-otherwise',
  });
});

test('steps on the boot server', async () => {
  for (const [edits, steps] of [
    [[['192.168.178.200-', '192.168.178.210-']], 'restart dnsmasq'],
    [[['192.168.178.43', '192.168.178.44']], 'restart dnsmasq; reload nginx'],
    [[['v1.4.1', 'v1.4.2']], 'run scripts/fetch-media.sh (Harvester v1.4.2 amd64)'],
    [[['url: http://192.168.178.7', 'url: http://192.168.178.7\n  root: /srv/other']], undefined],
    [
      [['http://192.168.178.7', 'http://192.168.178.8']],
      'if 192.168.178.8 is another machine than 192.168.178.7, set it up as README.md describes; restart dnsmasq; reload nginx',
    ],
    [[['http://192.168.178.7', 'http://192.168.178.7:8080']], 'restart dnsmasq; reload nginx'],
  ] as const) {
    const expected =
      steps ??
      "link the services' files again as README.md describes: the tree is in /srv/other instead of /srv/harvgen/plant; reload nginx";
    assert.equal(await serverLines(edits), [`${DEPLOYING}${expected}`]);
  }
  assert.equal(await serverLines([harv3('hardware: { threads: 16 }')]), []);
});

test('steps for each DHCP server', async () => {
  const served = (dhcp: string): Edit => [
    'dhcp:\n      pool: 192.168.178.200-192.168.178.250',
    `dhcp: { ${dhcp} }`,
  ];
  const moved: Edit = ['ip: 192.168.178.43', 'ip: 192.168.178.44'];
  for (const [dhcp, steps] of [
    ['server: isc', 'copy dhcpd/dhcpd.conf as README.md describes and restart isc-dhcp-server'],
    ['server: kea', 'copy kea/kea-dhcp4.conf as README.md describes and restart kea-dhcp4-server'],
    ['server: coredhcp', 'restart coredhcp-server'],
    ['hosts_files: true', 'send dnsmasq a SIGHUP to reload its lists'],
    ['server: external, hosts_files: true', 'send dnsmasq a SIGHUP to reload its lists'],
  ] as const)
    assert.equal(await serverLines([served(dhcp), moved], [served(dhcp)]), [
      `${DEPLOYING}${steps}; reload nginx`,
    ]);
  assert.equal(await serverLines([served('server: kea')], [served('server: isc')]), [
    `${DEPLOYING}stop isc-dhcp-server, which no longer serves the site; set up kea-dhcp4-server as README.md describes`,
  ]);
  const mtu: Edit = ['    dns: [192.168.178.1]\n', '    dns: [192.168.178.1]\n    mtu: 9000\n'];
  assert.equal(await serverLines([served('server: coredhcp'), mtu], [served('server: coredhcp')]), [
    `${DEPLOYING}copy coredhcp/config.yaml as README.md describes and restart coredhcp-server`,
  ]);
});

test('changed files must be signed again', async () => {
  const sign: Edit = ['server:\n', 'server:\n  sign: { signer: boot.plant }\n'];
  const signing = `${DEPLOYING}sign as README.md describes (scripts/sign-media.sh)`;
  // The site then has its own iPXE binaries in another directory.
  assert.equal(await serverLines([sign]), [`${signing}; restart dnsmasq; reload nginx`]);
  assert.equal(await serverLines([sign, harv3('install: always')], [sign]), [signing]);
  assert.equal(await serverLines([sign, harv3('hardware: { threads: 16 }')], [sign]), []);
});

test('a release from another server needs no download here', async () => {
  const elsewhere: Edit = ['server:\n', 'server:\n  media: https://example.org/harvester\n'];
  assert.equal(await serverLines([elsewhere, ['v1.4.1', 'v1.4.2']], [elsewhere]), []);
});

test('secrets that the boot server newly needs or no longer needs', async () => {
  const reload = ['  before deploying: install the secrets again', `${DEPLOYING}reload nginx`];
  assert.equal(await serverLines([['secret:cluster_token', 'secret:other']]), [
    '  the boot server needs the new secret other',
    '  the boot server no longer needs the secret cluster_token',
    ...reload,
  ]);
  // A secret that another node or key also uses is unchanged.
  const password = harv3('config: { os: { password: "${secret:cluster_token}" } }');
  assert.equal(await serverLines([password]), []);
  assert.equal(await serverLines([], [password]), []);
  const own = harv3('config: { os: { password: "${secret:root}" } }');
  assert.equal(await serverLines([own]), ['  the boot server needs the new secret root', ...reload]);
  // A known secret in another format is another placeholder.
  const inJson: Edit = [
    '    install:\n',
    '    system_settings: { ntp-servers: \'{"ntpServers":["${secret:cluster_token}"]}\' }\n    install:\n',
  ];
  assert.equal(await serverLines([inJson]), reload);
  assert.equal(await serverLines([['${secret:cluster_token}', 'in-the-open-in-the-open']]), [
    '  the boot server no longer needs the secret cluster_token',
    `${DEPLOYING}delete /etc/nginx/harvgen/plant.secrets.conf; reload nginx`,
  ]);
});

const UNEXPLAINED = 'its script changes in a way that the inventory does not explain: see the patch';
const SCRIPT = 'www/ipxe/52-54-00-aa-01-03.ipxe';

/** A tree whose third node has another script, as from a site template. */
async function scripted(change: (script: string) => string, ...edits: readonly Edit[]): Promise<Tree> {
  const tree = await treeOf(edited(PLANT, ...edits));
  const other = new Map(tree).set(SCRIPT, { content: change(textOf(tree.get(SCRIPT) as File)) });
  sites.set(other, sites.get(tree));
  return other;
}

/** A script that does not try the disk: it installs at every boot. */
function withoutDisk(script: string): string {
  return script.replace(/iseq [\s\S]*(?=:no_disk)/, '');
}

function greeting(script: string): string {
  return script.replace('set node', 'echo hello\nset node');
}

/** The consequence and the texts of the third node. */
function ofHarv3(before: Tree, after: Tree): unknown {
  const { nodes } = plan(before, after, undefined, builtInScripts(sites.get(after) as Site));
  return nodes
    .filter(({ node }) => node === 'harv-3')
    .map(({ consequence, changes }) => [consequence, ...changes.map(({ text }) => text)]);
}

test('a script with a change that the facts of the node do not explain', async () => {
  const tree = await treeOf(PLANT);
  const other = await scripted(withoutDisk);
  assert.equal(ofHarv3(tree, other), [['unexplained', UNEXPLAINED]]);
  assert.equal(ofHarv3(other, tree), [['unexplained', UNEXPLAINED]]);
  // Not hidden by a known change that does not affect the script: another IP address.
  const [, , ...others] = (
    ofHarv3(tree, await scripted(withoutDisk, ['192.168.178.43', '192.168.178.44'])) as string[][]
  )[0] as string[];
  assert.equal(others, [UNEXPLAINED]);
  // Nor by a known change that does: the node only boots its disk.
  const never = harv3('install: never');
  assert.equal(ofHarv3(tree, await scripted((script) => `${script}boot\n`, never)), [
    ['unexplained', 'only boots its disk (install: once → never)', UNEXPLAINED],
  ]);
  // A more serious change takes precedence.
  assert.equal(ofHarv3(await treeOf(edited(PLANT, never)), await scripted(greeting)), [
    ['installs', 'will install if its disk has no Harvester (install: never → once)', UNEXPLAINED],
  ]);
  assert.equal(ofHarv3(tree, await scripted(greeting, harv3('install: always'))), [
    [
      'reinstalls',
      'will be wiped and reinstalled at its next and every later boot from the network (install: once → always)',
      UNEXPLAINED,
    ],
  ]);
});

test('a script from a site template that works as before is explained', async () => {
  const before = await scripted(greeting);
  assert.equal(ofHarv3(before, await scripted(greeting, harv3('install: never'))), [
    ['boots-otherwise', 'only boots its disk (install: once → never)'],
  ]);
  assert.equal(ofHarv3(before, await scripted(greeting, harv3('install: always'))), [
    [
      'reinstalls',
      'will be wiped and reinstalled at its next and every later boot from the network (install: once → always)',
    ],
  ]);
  assert.equal(
    ofHarv3(
      await scripted(withoutDisk, harv3('install: always')),
      await scripted(withoutDisk, harv3('install: once')),
    ),
    [
      [
        'boots-otherwise',
        'no longer wiped at each boot: boots its disk, or installs if its disk has no Harvester (install: always → once)',
      ],
    ],
  );
});

test('every input of the built-in script explains it', async () => {
  const storage: Edit = ['cluster:\n', '  storage: { subnet: 10.0.0.0/24 }\ncluster:\n'];
  const media: Edit = ['server:\n', 'server:\n  media: https://example.org/harvester\n'];
  const sign: Edit = ['server:\n', 'server:\n  sign: { signer: boot.plant }\n'];
  const twoNics: Edit = [
    HARV_3,
    '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43, boot: true }, { mac: 52:54:00:aa:02:03, network: storage }] }',
  ];
  const cases: readonly (readonly Edit[])[] = [
    [],
    [harv3('install: always')],
    [harv3('install: never')],
    [harv3('boot: { os: local }')],
    [harv3('config: { install: { tty: "ttyS0,115200n8" } }')],
    [['v1.4.1', 'v1.4.2']],
    [['v1.4.1', 'v1.6.1\n  arch: arm64']],
    [['http://192.168.178.7', 'http://192.168.178.7:8080']],
    [media],
    [media, harv3('install: always')],
    [sign],
    [sign, harv3('install: always')],
    [sign, ['v1.4.1', 'v1.4.2']],
    [storage, twoNics],
    [[`harv-3: ${HARV_3}`, `harv-9: ${HARV_3}`]],
    [
      ['aa:01:03', 'aa:01:13'],
      ['192.168.178.43', '192.168.178.53'],
    ],
    [NEWER, ...NAMED, NO_DHCP],
    [NEWER, ...NAMED, NO_DHCP, ['dns: [192.168.178.1]', 'dns: [192.168.178.2, 192.168.178.3]']],
    [EXTERNAL, [HARV_3, '{ ip: 192.168.178.43 }']],
    [EXTERNAL, [HARV_3, '{ ip: 192.168.178.44, serial: B5W7M32, boot: { drive: 0x81 } }']],
    [EXTERNAL, sign, [HARV_3, '{ nics: [{ name: eno1, ip: 192.168.178.43 }] }']],
    [
      EXTERNAL,
      [
        HARV_3,
        `{ ip: 192.168.178.43, config: { install: { management_interface: { interfaces: [{ name: eno1 }] } } } }`,
      ],
    ],
  ];
  const trees = await Promise.all(cases.map((edits) => treeOf(edited(PLANT, ...edits))));
  for (const [from, before] of trees.entries()) {
    for (const [to, after] of trees.entries()) {
      const { nodes } = plan(before, after);
      const odd = nodes.filter(({ changes }) => changes.some(({ text }) => text === UNEXPLAINED));
      assert.equal(odd, [], `from ${JSON.stringify(cases[from])} to ${JSON.stringify(cases[to])}`);
    }
  }
});

test('files with manual edits', async () => {
  const tree = await treeOf(PLANT);
  const other = new Map(tree);
  other.set('www/boot.ipxe', { content: '#!ipxe\n' });
  other.set('www/ipxe/52-54-00-aa-01-02.ipxe', { content: '#!ipxe\n' });
  other.set('www/config/52-54-00-aa-01-03.yaml', { content: 'token: [' });
  assert.equal(linesOf(other, tree), [
    'out/plant: 2 nodes change; 3 files written, 19 unchanged',
    '  harv-2: its script changes in a way that the inventory does not explain: see the patch',
    `  harv-3: ${LATER}`,
    '    its configuration changes; that of the earlier build is unreadable',
    '  the entry script of every machine changes',
  ]);
  other.clear();
  for (const [path, file] of tree) other.set(path, path === 'README.md' ? { content: '' } : file);
  assert.equal(linesOf(other, tree), ['out/plant: no node changes; 1 file written, 21 unchanged']);
});

test('many nodes with the same change are reported once', async () => {
  const nodes = Array.from({ length: 200 }, (_, index) => index + 10).map(
    (number) =>
      `  n-${number}: { mac: 52:54:00:bb:${[number >> 8, number & 255].map((octet) => octet.toString(16).padStart(2, '0')).join(':')}, ip: 192.168.177.${number} }\n`,
  );
  const site = edited(
    PLANT,
    ['192.168.178.0/24', '192.168.176.0/22'],
    ['nodes:\n', `nodes:\n${nodes.join('')}`],
  );
  const lines = linesOf(await treeOf(site), await treeOf(edited(site, ['ata-1', 'ata-2'])));
  assert.equal(lines, [
    'out/plant: 203 nodes change; 204 files written, 218 unchanged',
    `  harv-1 to harv-3 and n-10 to n-209 (203 nodes), each: ${LATER}`,
    '    install.device: /dev/disk/by-path/pci-0000:00:17.0-ata-1 → /dev/disk/by-path/pci-0000:00:17.0-ata-2; the old disk /dev/disk/by-path/pci-0000:00:17.0-ata-1 keeps its installation and can boot instead: clear it',
  ]);
});

test('a tree of another version may lack keys, and missing facts are not guessed', async () => {
  const tree = await treeOf(PLANT);
  const inventory = JSON.parse(textOf(tree.get(INVENTORY) as File));
  for (const node of inventory.nodes)
    for (const key of Object.keys(node)) if (key !== 'name') delete node[key];
  const older = new Map(tree).set(INVENTORY, { content: JSON.stringify(inventory) });
  assert.equal(linesOf(older, tree), ['out/plant: no node changes; 1 file written, 21 unchanged']);
});

for (const [content, error] of [
  [undefined, 'is missing'],
  ['{', 'is not JSON'],
  ['null', 'has no list of nodes'],
  ['[]', 'has no list of nodes'],
  ['{"nodes": {}}', 'has no list of nodes'],
  [`{"nodes": [${'['.repeat(90)}${']'.repeat(90)}]}`, 'is nested too deeply'],
  [`{"nodes": [${'['.repeat(90_000)}${']'.repeat(90_000)}]}`, 'is nested too deeply'],
] as const) {
  test(`with an earlier inventory that ${error}, the plan contains only files: ${content?.slice(0, 20)}`, async () => {
    const tree = await treeOf(PLANT);
    const before = new Map(tree);
    if (content === undefined) before.delete(INVENTORY);
    else before.set(INVENTORY, { content });
    assert.equal(linesOf(before, tree), [
      'out/plant: 1 file written, 21 unchanged',
      `  node changes are unknown: www/inventory.json of the earlier build ${error}`,
    ]);
  });
}

test('the manifest is last', async () => {
  const { files } = plan(new Map(), await treeOf(PLANT));
  assert.is(files.at(-1)?.path, MANIFEST);
});

test('a damaged earlier tree causes no error, and cannot control the terminal or the patch', async () => {
  const trees = [
    await treeOf(PLANT),
    await treeOf(
      edited(
        PLANT,
        EXTERNAL,
        [HARV_2, '{ ip: 192.168.178.42, serial: B5W7M32, boot: { drive: 0x81 } }'],
        harv3('install: always, labels: { zone: a }'),
        ['ata-1', 'ata-2'],
      ),
    ),
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
  /** Sets a value in a JSON value at a path chosen by numbers. */
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
      const lines = linesOf(damaged, after);
      assert.not.match(lines.join('\n'), /[^\P{Cc}\n]|\p{Cf}/u);
      assert.ok(lines.every((line, index) => index === 0 || line === '' || line.startsWith('  ')));
      const placed = {
        site: 'plant',
        folder: 'out/plant',
        root: 'out/plant',
        plan: plan(damaged, after),
        edited: [],
      };
      detectMoves([placed, { ...placed, site: 'other', plan: plan(after, damaged) }]);
      const json = formatJson([placed]);
      assert.not.match(json, /[^\P{Cc}\n]|\p{Cf}/u);
      assert.is(JSON.parse(json).sites[0].files.length, placed.plan.files.length);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('if pods serve the tree, the steps are for the cluster', async () => {
  const pods = (more = '') =>
    ['server:\n', `server:\n  kubernetes: { media_claim: media${more} }\n`] as const;
  const image = pods(', image: registry.plant/boot:1');
  const moved = ['192.168.178.43 }', '192.168.178.44 }'] as const;
  const after = '  after the build: ';
  const dnsmasq = 'restart dnsmasq; ';
  const apply = 'apply k8s/ as README.md describes';
  assert.equal(await serverLines([pods(), moved], [pods()]), [`${after}${dnsmasq}for Kubernetes ${apply}`]);
  assert.equal(await serverLines([image, moved], [image]), [
    `${after}${dnsmasq}for Kubernetes build the image (k8s/Containerfile) with another tag, ${apply}`,
  ]);
  assert.equal(await serverLines([pods(', replicas: 3')], [pods()]), [`${after}for Kubernetes ${apply}`]);
  assert.equal(await serverLines([pods(', service: NodePort, node_port: 30080')], [pods()]), [
    `${after}for Kubernetes ${apply}, delete the objects of k8s/deployment.yaml, k8s/disruption-budget.yaml`,
  ]);
  assert.equal(await serverLines([], [pods()]), [
    `${DEPLOYING}the site no longer has pods: delete the pods and their other objects in the namespace harvgen-plant`,
  ]);
  assert.equal(await serverLines([], [pods(', namespace: boot')]), [
    `${DEPLOYING}the site no longer has pods: delete the pods and their other objects in the namespace boot`,
  ]);
  const air = ['site: plant\n', 'site: plant\nsilence: { two-node-cluster: not so }\n'] as const;
  assert.equal(await serverLines([pods(), air], [pods()]), []);
  const first = 'apply the Secret first, then k8s/ as README.md describes';
  assert.equal(await serverLines([pods()]), [`${after}for Kubernetes ${first}`]);
  const password: Edit = ['os: { ntp', 'os: { password: "${secret:login}", ntp'];
  assert.equal(await serverLines([pods(), password], [pods()]), [
    '  the pods need the new secret login',
    `${after}for Kubernetes ${first}`,
  ]);
  const clear: readonly Edit[] = [
    ['site: plant\n', 'site: plant\nsilence: { clear-text-secret: a test }\n'],
    ['${secret:cluster_token}', 'a-token-that-is-hard-to-guess'],
  ];
  assert.equal(await serverLines([pods(), ...clear], [pods()]), [
    '  the pods no longer need the secret cluster_token',
    `${after}for Kubernetes ${apply}, delete the Secret, which the pods no longer need`,
  ]);
  const release = ['v1.4.1', 'v1.4.2'] as const;
  assert.equal(await serverLines([pods(), release], [pods()]), [
    `${after}run scripts/fetch-media.sh for the volume of the pods (Harvester v1.4.2 amd64); for Kubernetes ${apply}`,
  ]);
  const elsewhere = ['http://192.168.178.7', 'http://192.168.178.8'] as const;
  assert.equal(await serverLines([pods(), elsewhere], [pods()]), [
    `${after}${dnsmasq}for Kubernetes ${apply}`,
  ]);
});

test.run();

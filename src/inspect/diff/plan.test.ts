import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { Site } from '../../site/model.ts';
import { MANIFEST } from '../../tree/manifest.ts';
import { type File, type Tree, textOf } from '../../tree/tree.ts';
import { INVENTORY } from './facts.ts';
import { formatJson, formatText } from './format.ts';
import { detectMoves, plan } from './plan.ts';

const test = suite('the plan');
const PLAIN = { isTerminal: false, color: false };
const HARV_2 = '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }';
const HARV_3 = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
/** Somebody else's DHCP server gives out the addresses: a NIC needs no MAC address. */
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

/** What a tree is of. */
const sites = new WeakMap<Tree, Site | undefined>();

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

const DEPLOYING = '  on the boot server, after deploying: ';
const OF_SERVER = /^ {2}((on )?the boot server|after the build|the pods)/;
const IMAGE =
  '  where machines start from an image, which has embed/plant.ipxe built in, build it anew (scripts/build-ipxe-iso.sh)';

/**
 * What is said of an edit of one site, or of the step from one edit to another, without the headline and without what is
 * to be done on the boot server.
 */
async function said(after: readonly Edit[], before: readonly Edit[] = []): Promise<string[]> {
  const lines = words(await treeOf(edited(PLANT, ...before)), await treeOf(edited(PLANT, ...after)));
  return lines.slice(1).filter((line) => !OF_SERVER.test(line));
}

/** What is said of the boot server. */
async function ofServer(after: readonly Edit[], before: readonly Edit[] = []): Promise<string[]> {
  const lines = words(await treeOf(edited(PLANT, ...before)), await treeOf(edited(PLANT, ...after)));
  return lines.filter((line) => OF_SERVER.test(line));
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
  assert.equal(plan(tree, tree), {
    nodes: [],
    changes: [],
    files: [],
    unchanged: 17,
    came: [],
    went: [],
  });
});

test('a first build: every node is new, and what it will do', async () => {
  const local = harv3('boot: { os: local }');
  assert.equal(words(new Map(), await treeOf(edited(PLANT, local))), [
    'out/plant: 3 nodes are new; 16 files written',
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
  assert.equal(lines.slice(1), [
    `  harv-3: ${LATER}`,
    '    address 192.168.178.43 → 192.168.178.44',
    IMAGE,
    `${DEPLOYING}reload nginx`,
  ]);
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
    'will be wiped and installed anew at its next boot, and at every one after (install: once → always)',
    'reinstalls',
  ],
  [
    'never',
    'always',
    'will be wiped and installed anew at its next boot, and at every one after (install: never → always)',
    'reinstalls',
  ],
  [
    'always',
    'once',
    'is no longer wiped at each boot: boots its disk, and installs if that has no system (install: always → once)',
    'boots-otherwise',
  ],
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

test('a node that creates its cluster creates a new one each time that it is installed', async () => {
  const always: Edit = ['192.168.178.41, mode: create', '192.168.178.41, mode: create, install: always'];
  const anew = 'will be wiped and installed anew at its next boot';
  assert.equal(await said([always]), [
    `  harv-1: ${anew}, and at every one after, as a new cluster plant each time (install: once → always)`,
  ]);
  const ntp: Edit = ['0.suse.pool.ntp.org', '1.suse.pool.ntp.org'];
  const lines = await said([always, ntp], [always]);
  const line = `  harv-1: ${anew}, as a new cluster plant each time (install: always), with the changes below`;
  assert.ok(lines.includes(line), lines.join('\n'));
});

test('a console of the installer matters to nobody who has a system', async () => {
  const tty = harv3('config: { install: { tty: "ttyS0,115200n8" } }');
  assert.equal(await said([tty]), [`  harv-3: ${LATER}`, '    install.tty: not set → "ttyS0,115200n8"']);
  assert.equal(await consequences([tty]), { 'harv-3': 'changed: when-installed' });
});

test('another architecture: the system that is there is not found any more, and installed over', async () => {
  const arm: Edit = ['  version: v1.4.1', '  version: v1.4.1\n  arch: arm64'];
  const [first = ''] = await said([arm]);
  assert.is(
    first,
    '  harv-1 to harv-3 (3 nodes), each: architecture amd64 → arm64: will be wiped and installed anew at its next boot, since its script does not find a system of amd64 any more',
  );
  assert.equal(await consequences([arm]), {
    'harv-1': 'changed: reinstalls',
    'harv-2': 'changed: reinstalls',
    'harv-3': 'changed: reinstalls',
  });
});

test('a node that is installed at every boot is so with what changes', async () => {
  const before = harv3('install: always');
  const lead = '  harv-3: will be wiped and installed anew at its next boot (install: always)';
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
    '  harv-4: new: will install Harvester v1.4.1 and join cluster plant at its first boot, and again at every one after, wiping its disk',
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
      `  harv-1 to harv-3 (3 nodes), each: ${LATER}`,
      '    token changes',
      '    install.device: /dev/disk/by-path/pci-0000:00:17.0-ata-1 → /dev/sda',
    ],
  );
  assert.equal(
    await said([['ntp_servers: [0.suse.pool.ntp.org]', 'password: hunter2, ntp_servers: [10.0.0.1]']]),
    [
      `  harv-1 to harv-3 (3 nodes), each: ${LATER}`,
      '    os.password changes',
      '    os.ntp_servers: 10.0.0.1 instead of 0.suse.pool.ntp.org',
    ],
  );
});

test('another release is told once, not by every URL', async () => {
  assert.equal(await said([['v1.4.1', 'v1.4.2']]), [
    `  harv-1 to harv-3 (3 nodes), each: ${LATER}`,
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
      '  harv-3: in www/inventory.json:',
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
    `${IMAGE}; until then it asks http://192.168.178.7`,
  ]);
  assert.equal(await said([['cluster:\n', '  storage: { subnet: 10.0.0.0/24 }\ncluster:\n']]), [
    '  network storage is new',
  ]);
});

test('another place to fetch configurations from is one change of the site, and no script is a riddle', async () => {
  const tls =
    'url: http://192.168.178.7\n  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key, url: https://boot.example.org }';
  const url = ['url: http://192.168.178.7', tls] as const;
  assert.equal(await said([url]), [
    '  every machine fetches its configuration from https://boot.example.org instead of http://192.168.178.7',
  ]);
  assert.equal(await said([], [url]), [
    '  every machine fetches its configuration from http://192.168.178.7 instead of https://boot.example.org',
  ]);
  const all = [
    'url: http://192.168.178.7',
    tls.replace('http://192.168.178.7', 'https://boot.example.org'),
  ] as const;
  // The kernel line has an argument more: rd.noverifyssl.
  assert.equal(await said([all]), [
    '  harv-1 to harv-3 (3 nodes), each: when it is installed anew; an installed system keeps what it has:',
    '    its script starts the installer otherwise',
    '  every machine fetches from https://boot.example.org instead of http://192.168.178.7',
    `${IMAGE}; until then it asks http://192.168.178.7`,
  ]);
});

test('an image is to be built anew for what machines cannot do without alone', async () => {
  const isSaid = async (after: readonly Edit[], before: readonly Edit[] = []) =>
    (await said(after, before)).filter((line) => line.includes('scripts/build-ipxe-iso.sh'));
  // With DHCP an image finds the first script without knowing the machine.
  const another: Edit = ['aa:01:03', 'aa:01:13'];
  assert.equal(await isSaid([another]), []);
  assert.equal(await isSaid([NEWER, ...NAMED, NO_DHCP, another], [NEWER, ...NAMED, NO_DHCP]), [IMAGE]);
  assert.equal(await isSaid([NEWER, ...NAMED, NO_DHCP], [NEWER, ...NAMED]), [IMAGE]);
  const sign: Edit = ['server:\n', 'server:\n  sign: { signer: boot.plant }\n'];
  const other: Edit = ['server:\n', 'server:\n  sign: { signer: other.plant }\n'];
  assert.equal(await isSaid([other], [sign]), [
    '  iPXE has embed/plant.ipxe built in: build its programs and images anew, as README.md says (scripts/build-ipxe-iso.sh)',
  ]);
});

/** A network without DHCP, and NICs with names, which machines on it need. */
const NO_DHCP: Edit = ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''];
const NEWER: Edit = ['v1.4.1', 'v1.6.1'];
const NAMED: readonly Edit[] = [1, 2, 3].map((number) => [
  `{ mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number}`,
  `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number} }]`,
]);

test('DHCP that goes or comes is said once, with what it means', async () => {
  const [none, some] = [
    [NEWER, ...NAMED, NO_DHCP],
    [NEWER, ...NAMED],
  ];
  const image = 'an iPXE image that has embed/plant.ipxe built in';
  assert.is(
    (await said(none, some)).filter((line) => /DHCP/.test(line)).join('\n'),
    `  network mgmt has no DHCP any more: machines on it get no address by DHCP, and boot only from ${image}`,
  );
  assert.is(
    (await said(some, none)).filter((line) => /DHCP/.test(line)).join('\n'),
    `  network mgmt has DHCP now: machines on it get their addresses from the boot server's dnsmasq, and boot without ${image}`,
  );
  assert.equal(await ofServer(none, some), [
    `${DEPLOYING}remove dnsmasq's link to plant.conf, restart dnsmasq`,
  ]);
  assert.equal(await ofServer(some, none), [`${DEPLOYING}set up dnsmasq as README.md says`]);
  // Nothing boots from this one.
  const storage = (dhcp: string): Edit => [
    'cluster:\n',
    `  storage: { subnet: 10.0.0.0/24${dhcp} }\ncluster:\n`,
  ];
  assert.equal(await said([storage('')], [storage(', dhcp: { pool: 10.0.0.10-10.0.0.20 }')]), [
    '  network storage has no DHCP any more: machines on it get no address by DHCP',
  ]);
});

test('DHCP that is turned is all that scripts need to be explained', async () => {
  assert.equal(await consequences([NEWER, ...NAMED, NO_DHCP], [NEWER, ...NAMED]), {
    'harv-1': 'changed: boots-otherwise',
    'harv-2': 'changed: boots-otherwise',
    'harv-3': 'changed: boots-otherwise',
  });
});

test('what is to be done on the boot server', async () => {
  for (const [edits, steps] of [
    [[['192.168.178.200-', '192.168.178.210-']], 'restart dnsmasq'],
    [[['192.168.178.43', '192.168.178.44']], 'restart dnsmasq; reload nginx'],
    [[['v1.4.1', 'v1.4.2']], 'run scripts/fetch-media.sh (Harvester v1.4.2 amd64)'],
    [[['url: http://192.168.178.7', 'url: http://192.168.178.7\n  root: /srv/other']], undefined],
    [
      [['http://192.168.178.7', 'http://192.168.178.8']],
      'if 192.168.178.8 is another machine than 192.168.178.7, set it up as README.md says; restart dnsmasq; reload nginx',
    ],
    [[['http://192.168.178.7', 'http://192.168.178.7:8080']], 'restart dnsmasq; reload nginx'],
  ] as const) {
    const expected =
      steps ??
      "link the services' files anew as README.md says: the tree lies in /srv/other instead of /srv/harvgen/plant; reload nginx";
    assert.equal(await ofServer(edits), [`${DEPLOYING}${expected}`]);
  }
  assert.equal(await ofServer([harv3('hardware: { threads: 16 }')]), []);
});

test('what is to be done with each DHCP server', async () => {
  const served = (dhcp: string): Edit => [
    'dhcp:\n      pool: 192.168.178.200-192.168.178.250',
    `dhcp: { ${dhcp} }`,
  ];
  const moved: Edit = ['ip: 192.168.178.43', 'ip: 192.168.178.44'];
  for (const [dhcp, steps] of [
    ['server: isc', 'copy dhcpd/dhcpd.conf as README.md says, and restart isc-dhcp-server'],
    ['server: kea', 'copy kea/kea-dhcp4.conf as README.md says, and restart kea-dhcp4-server'],
    ['server: coredhcp', 'restart coredhcp-server'],
    ['hosts_files: true', 'have dnsmasq read its lists again, by SIGHUP'],
    ['server: external, hosts_files: true', 'have dnsmasq read its lists again, by SIGHUP'],
  ] as const)
    assert.equal(await ofServer([served(dhcp), moved], [served(dhcp)]), [
      `${DEPLOYING}${steps}; reload nginx`,
    ]);
  assert.equal(await ofServer([served('server: kea')], [served('server: isc')]), [
    `${DEPLOYING}stop isc-dhcp-server, which has nothing of the site any more; set up kea-dhcp4-server as README.md says`,
  ]);
  const mtu: Edit = ['    dns: [192.168.178.1]\n', '    dns: [192.168.178.1]\n    mtu: 9000\n'];
  assert.equal(await ofServer([served('server: coredhcp'), mtu], [served('server: coredhcp')]), [
    `${DEPLOYING}copy coredhcp/config.yaml as README.md says, and restart coredhcp-server`,
  ]);
});

test('what is signed is to be signed again where it changes', async () => {
  const sign: Edit = ['server:\n', 'server:\n  sign: { signer: boot.plant }\n'];
  const signing = `${DEPLOYING}sign as README.md says (scripts/sign-media.sh)`;
  // iPXE's programs are the site's own then, in another folder.
  assert.equal(await ofServer([sign]), [`${signing}; restart dnsmasq; reload nginx`]);
  assert.equal(await ofServer([sign, harv3('install: always')], [sign]), [signing]);
  assert.equal(await ofServer([sign, harv3('hardware: { threads: 16 }')], [sign]), []);
});

test('a release that is fetched from elsewhere is not to be fetched here', async () => {
  const elsewhere: Edit = ['server:\n', 'server:\n  media: https://example.org/harvester\n'];
  assert.equal(await ofServer([elsewhere, ['v1.4.1', 'v1.4.2']], [elsewhere]), []);
});

test('secrets that the boot server needs now, and those that it does not need any more', async () => {
  const reload = `${DEPLOYING}put the secrets there again; reload nginx`;
  assert.equal(await ofServer([['secret:cluster_token', 'secret:other']]), [
    '  the boot server needs the new secret other',
    '  the boot server does not need the secret cluster_token any more',
    reload,
  ]);
  // One that another node, or another key, has all the time is neither.
  const password = harv3('config: { os: { password: "${secret:cluster_token}" } }');
  assert.equal(await ofServer([password]), []);
  assert.equal(await ofServer([], [password]), []);
  const own = harv3('config: { os: { password: "${secret:root}" } }');
  assert.equal(await ofServer([own]), ['  the boot server needs the new secret root', reload]);
  // A known one in another format is another mark.
  const inJson: Edit = [
    '    install:\n',
    '    system_settings: { ntp-servers: \'{"x":"${secret:cluster_token}"}\' }\n    install:\n',
  ];
  assert.equal(await ofServer([inJson]), [reload]);
  assert.equal(await ofServer([['${secret:cluster_token}', 'in-the-open-in-the-open']]), [
    '  the boot server does not need the secret cluster_token any more',
    `${DEPLOYING}delete /etc/nginx/harvgen/plant.secrets.conf; reload nginx`,
  ]);
});

const UNEXPLAINED = 'its script changes in a way that the inventory does not explain: see the patch';
const SCRIPT = 'www/ipxe/52-54-00-aa-01-03.ipxe';

/** A tree whose third node has another script, as a template of its own would make it. */
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

/** The words and the consequence of the third node. */
function ofHarv3(before: Tree, after: Tree): unknown {
  const { nodes } = plan(before, after, undefined, sites.get(after));
  return nodes
    .filter(({ node }) => node === 'harv-3')
    .map(({ consequence, changes }) => [consequence, ...changes.map(({ text }) => text)]);
}

test('a script that changes by more than is known of the node', async () => {
  const tree = await treeOf(PLANT);
  const other = await scripted(withoutDisk);
  assert.equal(ofHarv3(tree, other), [['unexplained', UNEXPLAINED]]);
  assert.equal(ofHarv3(other, tree), [['unexplained', UNEXPLAINED]]);
  // Not hidden by what is known, where no script does otherwise for that: that another address is due.
  const [, , ...others] = (
    ofHarv3(tree, await scripted(withoutDisk, ['192.168.178.43', '192.168.178.44'])) as string[][]
  )[0] as string[];
  assert.equal(others, [UNEXPLAINED]);
  // Nor where scripts do otherwise for it: that it boots its disk alone.
  const never = harv3('install: never');
  assert.equal(ofHarv3(tree, await scripted((script) => `${script}boot\n`, never)), [
    ['unexplained', 'only boots its disk (install: once → never)', UNEXPLAINED],
  ]);
  // What is graver still counts.
  assert.equal(ofHarv3(await treeOf(edited(PLANT, never)), await scripted(greeting)), [
    ['installs', 'will install if its disk has no system (install: never → once)', UNEXPLAINED],
  ]);
  assert.equal(ofHarv3(tree, await scripted(greeting, harv3('install: always'))), [
    [
      'reinstalls',
      'will be wiped and installed anew at its next boot, and at every one after (install: once → always)',
      UNEXPLAINED,
    ],
  ]);
});

test("a script by a template of the site's own that does what it did before is explained", async () => {
  const before = await scripted(greeting);
  assert.equal(ofHarv3(before, await scripted(greeting, harv3('install: never'))), [
    ['boots-otherwise', 'only boots its disk (install: once → never)'],
  ]);
  assert.equal(ofHarv3(before, await scripted(greeting, harv3('install: always'))), [
    [
      'reinstalls',
      'will be wiped and installed anew at its next boot, and at every one after (install: once → always)',
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
        'is no longer wiped at each boot: boots its disk, and installs if that has no system (install: always → once)',
      ],
    ],
  );
});

test('everything that the built-in script is made of explains it', async () => {
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

test('files that somebody has edited', async () => {
  const tree = await treeOf(PLANT);
  const other = new Map(tree);
  other.set('www/boot.ipxe', { content: '#!ipxe\n' });
  other.set('www/ipxe/52-54-00-aa-01-02.ipxe', { content: '#!ipxe\n' });
  other.set('www/config/52-54-00-aa-01-03.yaml', { content: 'token: [' });
  assert.equal(words(other, tree), [
    'out/plant: 2 nodes change; 3 files written, 14 unchanged',
    '  harv-2: its script changes in a way that the inventory does not explain: see the patch',
    `  harv-3: ${LATER}`,
    '    its configuration changes; that of the earlier build cannot be read',
    '  the first script of every machine changes',
  ]);
  other.clear();
  for (const [path, file] of tree) other.set(path, path === 'README.md' ? { content: '' } : file);
  assert.equal(words(other, tree), ['out/plant: no node changes; 1 file written, 16 unchanged']);
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
    'out/plant: 203 nodes change; 204 files written, 213 unchanged',
    `  harv-1 to harv-3 and n-10 to n-209 (203 nodes), each: ${LATER}`,
    '    install.device: /dev/disk/by-path/pci-0000:00:17.0-ata-1 → /dev/disk/by-path/pci-0000:00:17.0-ata-2',
  ]);
});

test('a tree of another version may lack keys, and what it does not know is not guessed', async () => {
  const tree = await treeOf(PLANT);
  const inventory = JSON.parse(textOf(tree.get(INVENTORY) as File));
  for (const node of inventory.nodes)
    for (const key of Object.keys(node)) if (key !== 'name') delete node[key];
  const older = new Map(tree).set(INVENTORY, { content: JSON.stringify(inventory) });
  assert.equal(words(older, tree), ['out/plant: no node changes; 1 file written, 16 unchanged']);
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
      'out/plant: 1 file written, 16 unchanged',
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
      detectMoves([placed, { ...placed, site: 'other', plan: plan(after, damaged) }]);
      const json = formatJson([placed]);
      assert.not.match(json, /[^\P{Cc}\n]|\p{Cf}/u);
      assert.is(JSON.parse(json).sites[0].files.length, placed.plan.files.length);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('where pods serve the tree, the cluster is told, and no machine', async () => {
  const pods = (more = '') =>
    ['server:\n', `server:\n  kubernetes: { media_claim: media${more} }\n`] as const;
  const image = pods(', image: registry.plant/boot:1');
  const moved = ['192.168.178.43 }', '192.168.178.44 }'] as const;
  const after = '  after the build: ';
  const dnsmasq = 'restart dnsmasq; ';
  const apply = 'apply k8s/ as README.md says';
  assert.equal(await ofServer([pods(), moved], [pods()]), [`${after}${dnsmasq}for Kubernetes ${apply}`]);
  assert.equal(await ofServer([image, moved], [image]), [
    `${after}${dnsmasq}for Kubernetes build the image (k8s/Containerfile) with another tag, ${apply}`,
  ]);
  assert.equal(await ofServer([pods(', replicas: 3')], [pods()]), [`${after}for Kubernetes ${apply}`]);
  assert.equal(await ofServer([pods(', service: NodePort, node_port: 30080')], [pods()]), [
    `${after}for Kubernetes ${apply}, delete what was made of k8s/deployment.yaml, k8s/disruption-budget.yaml`,
  ]);
  assert.equal(await ofServer([], [pods()]), [
    `${DEPLOYING}the site has no pods any more: delete those in the namespace harvgen-plant, with what else is there of them`,
  ]);
  assert.equal(await ofServer([], [pods(', namespace: boot')]), [
    `${DEPLOYING}the site has no pods any more: delete those in the namespace boot, with what else is there of them`,
  ]);
  const air = ['site: plant\n', 'site: plant\nsilence: { two-node-cluster: not so }\n'] as const;
  assert.equal(await ofServer([pods(), air], [pods()]), []);
  const first = 'apply the Secret first, then k8s/ as README.md says';
  assert.equal(await ofServer([pods()]), [`${after}for Kubernetes ${first}`]);
  const password: Edit = ['os: { ntp', 'os: { password: "${secret:login}", ntp'];
  assert.equal(await ofServer([pods(), password], [pods()]), [
    '  the pods need the new secret login',
    `${after}for Kubernetes ${first}`,
  ]);
  const clear: readonly Edit[] = [
    ['site: plant\n', 'site: plant\nsilence: { clear-text-secret: a test }\n'],
    ['${secret:cluster_token}', 'a-token-that-nobody-guesses'],
  ];
  assert.equal(await ofServer([pods(), ...clear], [pods()]), [
    '  the pods do not need the secret cluster_token any more',
    `${after}for Kubernetes ${apply}, delete the Secret, which the pods do not need any more`,
  ]);
  const release = ['v1.4.1', 'v1.4.2'] as const;
  assert.equal(await ofServer([pods(), release], [pods()]), [
    `${after}run scripts/fetch-media.sh for the volume of the pods (Harvester v1.4.2 amd64); for Kubernetes ${apply}`,
  ]);
  const elsewhere = ['http://192.168.178.7', 'http://192.168.178.8'] as const;
  assert.equal(await ofServer([pods(), elsewhere], [pods()]), [`${after}${dnsmasq}for Kubernetes ${apply}`]);
});

test.run();

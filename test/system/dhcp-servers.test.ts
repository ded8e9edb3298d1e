// needs: root busybox coredhcp dhcpd dnsmasq ip kea-dhcp4 nsenter setpriv unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { lineReader } from '../../src/inspect/discover/lines.ts';
import { type DhcpServer, type ServerName, startDhcpServer } from '../../src/rehearse/dhcp-servers.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import type { Tree } from '../../src/tree/tree.ts';
import { fileText } from '../support/file-text.ts';
import { makeSite } from '../support/scratch.ts';
import { type Answer, type DhcpClient, type DhcpRequest, plugIn } from './dhcp-client.ts';
import { until } from './until.ts';

/** A node with two NICs that loads iPXE, one that loads GRUB, their BMCs, and one that loads PXELINUX. */
const SITE = `site: plant
server: { url: http://10.9.0.1 }
networks:
  mgmt:
    subnet: 10.9.0.0/24
    gateway: 10.9.0.254
    dns: [10.9.0.2, 10.9.0.3]
    ntp: [10.9.0.4, ntp.example.org]
    domain: plant.example.org
    mtu: 1400
    interface: br0
    dhcp: { server: dnsmasq, pool: 10.9.0.200-10.9.0.250, lease: 45m }
nodes:
  cg01:
    nics: [{ mac: 52:54:00:00:00:01, ip: 10.9.0.11 }, { mac: 52:54:00:00:00:11, network: mgmt }]
    boot: { os: linux, kernel: http://10.9.0.1/vmlinuz, initrd: http://10.9.0.1/initrd }
    bmc: { mac: 52:54:00:00:01:01, address: 10.9.0.101 }
  cg02:
    mac: 52:54:00:00:00:02
    ip: 10.9.0.12
    boot: { os: linux, kernel: http://10.9.0.1/vmlinuz, initrd: http://10.9.0.1/initrd, loader: grub }
    bmc: { mac: 52:54:00:00:01:02, address: 10.9.0.102 }
  cg03:
    mac: 52:54:00:00:00:03
    ip: 10.9.0.13
    firmware: bios
    boot: { os: linux, kernel: http://10.9.0.1/vmlinuz, initrd: http://10.9.0.1/initrd, loader: pxelinux }
silence: { kea-shared-address: a test, coredhcp-no-boot-file: a test }
`;

const NODE = '52:54:00:00:00:01';
const GRUB_NODE = '52:54:00:00:00:02';
const PXELINUX_NODE = '52:54:00:00:00:03';
const BMC = '52:54:00:00:01:01';
const UNKNOWN = '52:54:00:99:00:01';

/** The options for every client of the network. */
const COMMON = {
  router: '10.9.0.254',
  dns: '10.9.0.2 10.9.0.3',
  domain: 'plant.example.org',
  ntpsrv: '10.9.0.4',
  mtu: '1400',
  lease: '2700',
  subnet: '255.255.255.0',
  siaddr: '10.9.0.1',
};
const CG01 = { ...COMMON, ip: '10.9.0.11', hostname: 'cg01' };
const CG02 = { ...COMMON, ip: '10.9.0.12', hostname: 'cg02' };
const CG03 = { ...COMMON, ip: '10.9.0.13', hostname: 'cg03' };
const LOADER = 'http://10.9.0.1/loader';
/** Of option 175: no-pxedhcp (176), one byte, 1. */
const NO_PROXY = 'b00101';

/** A client, its request, and the whole answer. */
const CASES: readonly (readonly [string, DhcpRequest, Answer])[] = [
  ['UEFI by PXE', { mac: NODE, arch: 7 }, { ...CG01, boot_file: 'snponly.efi' }],
  ['UEFI that sends code 9', { mac: NODE, arch: 9 }, { ...CG01, boot_file: 'snponly.efi' }],
  ['BIOS', { mac: NODE, arch: 0 }, { ...CG01, boot_file: 'undionly.kpxe' }],
  ['arm64 by PXE', { mac: NODE, arch: 11 }, { ...CG01, boot_file: 'snponly-arm64.efi' }],
  [
    'UEFI HTTP boot',
    { mac: NODE, arch: 16, vendor: 'HTTPClient:Arch:00016:UNDI:003001' },
    { ...CG01, boot_file: `${LOADER}/snponly.efi`, vendor: 'HTTPClient' },
  ],
  [
    'arm64 by HTTP boot',
    { mac: NODE, arch: 19 },
    { ...CG01, boot_file: `${LOADER}/snponly-arm64.efi`, vendor: 'HTTPClient' },
  ],
  [
    'UEFI HTTP boot with only the vendor class',
    { mac: NODE, vendor: 'HTTPClient:Arch:00016:UNDI:003001' },
    { ...CG01, boot_file: `${LOADER}/snponly.efi`, vendor: 'HTTPClient' },
  ],
  [
    'iPXE',
    { mac: NODE, arch: 7, userClass: 'iPXE' },
    { ...CG01, boot_file: 'http://10.9.0.1/boot.ipxe', opt175: NO_PROXY },
  ],
  ['an installed system', { mac: NODE }, CG01],
  ['UEFI of a node of GRUB', { mac: GRUB_NODE, arch: 7 }, { ...CG02, boot_file: 'grubnetx64.efi' }],
  [
    'UEFI HTTP boot of a node of GRUB',
    { mac: GRUB_NODE, arch: 16 },
    { ...CG02, boot_file: `${LOADER}/grubnetx64.efi`, vendor: 'HTTPClient' },
  ],
  [
    'iPXE of a node of GRUB',
    { mac: GRUB_NODE, arch: 7, userClass: 'iPXE' },
    { ...CG02, boot_file: 'http://10.9.0.1/boot.ipxe', opt175: NO_PROXY },
  ],
  ['BIOS of a node of PXELINUX', { mac: PXELINUX_NODE, arch: 0 }, { ...CG03, boot_file: 'lpxelinux.0' }],
  ['UEFI of a node of PXELINUX', { mac: PXELINUX_NODE, arch: 7 }, { ...CG03, boot_file: 'snponly.efi' }],
  [
    'the iPXE that PXELINUX loads',
    { mac: PXELINUX_NODE, arch: 0, userClass: 'iPXE' },
    { ...CG03, boot_file: 'http://10.9.0.1/boot.ipxe', opt175: NO_PROXY },
  ],
  ['a BMC', { mac: BMC }, { ...COMMON, ip: '10.9.0.101', hostname: 'cg01-bmc' }],
  [
    'a BMC that boots from the network',
    { mac: BMC, arch: 16 },
    { ...COMMON, ip: '10.9.0.101', hostname: 'cg01-bmc' },
  ],
  [
    'a BMC with the user class iPXE',
    { mac: BMC, userClass: 'iPXE' },
    { ...COMMON, ip: '10.9.0.101', hostname: 'cg01-bmc' },
  ],
];

/** The compared parts of an answer. */
const KEYS = [...Object.keys(CG01), 'boot_file', 'vendor', 'opt175'];

/** The files with the leases of servers, as Debian's packages have them. */
const LEASES = {
  dnsmasq: '/var/lib/misc/dnsmasq.leases',
  isc: '/var/lib/dhcp/dhcpd.leases',
  kea: '/var/lib/kea/kea-leases4.csv',
} as const;

const test = suite('the same leases from each DHCP server');

for (const [title, server, edit] of [
  ['dnsmasq', 'dnsmasq', ['', '']],
  ['dnsmasq with hosts files', 'dnsmasq', ['server: dnsmasq,', 'server: dnsmasq, hosts_files: true,']],
  [
    'dnsmasq without TFTP',
    'dnsmasq',
    ['url: http://10.9.0.1 }', 'url: http://10.9.0.1, tftp_server: xinetd }'],
  ],
  ["ISC's dhcpd", 'isc', ['server: dnsmasq,', 'server: isc,']],
  ['Kea', 'kea', ['server: dnsmasq,', 'server: kea,']],
] as const) {
  test(`${title}: every client of a node, and its BMC`, async () => {
    await serving(server, await treeOf(edit), async (client) => {
      for (const [what, request, expected] of CASES)
        assert.equal(plain(await client.ask(request)), expected, `${title}: ${what}`);
    });
  });

  test(`${title}: an unknown machine gets an IP address of the pool, and iPXE; discover reads its lease`, async () => {
    await serving(server, await treeOf(edit), async (client, _, sandbox) => {
      const answer = plain(await client.ask({ mac: UNKNOWN, arch: 7, patient: true }));
      assert.match(answer?.ip ?? '', /^10\.9\.0\.2[0-5]\d$/);
      assert.equal({ ...answer, ip: '' }, { ...COMMON, ip: '', boot_file: 'snponly.efi' });
      const read = lineReader();
      const sightings: unknown[] = [];
      for (const line of (await sandbox.run(['cat', LEASES[server]])).split('\n')) {
        const sighting = read(line);
        assert.is.not(sighting, false, line);
        if (typeof sighting === 'object') sightings.push([sighting.source, sighting.mac, sighting.ip]);
      }
      assert.equal(sightings, [['lease', UNKNOWN, answer?.ip]]);
    });
  });

  test(`${title}: an unknown machine gets nothing without a pool`, async () => {
    await serving(server, await treeOf(edit, [', pool: 10.9.0.200-10.9.0.250', '']), async (client) => {
      assert.is(await client.ask({ mac: UNKNOWN, arch: 7 }), undefined);
      assert.is((await client.ask({ mac: NODE, arch: 7 }))?.ip, '10.9.0.11');
    });
  });
}

test('an existing dnsmasq, with the settings that the options file lists', async () => {
  const tree = await treeOf([
    'server: dnsmasq, pool: 10.9.0.200-10.9.0.250',
    'server: external, hosts_files: true',
  ]);
  const options = fileText(tree, 'dnsmasq/plant.options') ?? '';
  const needed = Array.from(options.matchAll(/^# {3}(\S+)$/gm), ([, line]) => line);
  const conf = ['port=0', 'interface=br0', 'bind-dynamic', 'tftp-root=/srv/harvgen/tftp', ...needed, ''];
  const elsewhere = new Map(tree).set('dnsmasq/plant.conf', { content: conf.join('\n') });
  await serving('dnsmasq', elsewhere, async (client) => {
    for (const [what, request, expected] of CASES)
      assert.equal(plain(await client.ask(request)), expected, what);
    assert.is(await client.ask({ mac: UNKNOWN, arch: 7 }), undefined);
  });
});

for (const server of ['dnsmasq', 'isc'] as const) {
  test(`${server}: any NIC of the bond gets the IP address`, async () => {
    await serving(server, await treeOf(['server: dnsmasq,', `server: ${server},`]), async (client) => {
      for (const mac of [NODE, '52:54:00:00:00:11'])
        assert.is((await client.ask({ mac, arch: 7 }))?.ip, '10.9.0.11', mac);
    });
  });
}

for (const server of ['dnsmasq', 'isc'] as const) {
  test(`${server}: two networks on one link`, async () => {
    const edits = [
      ['server: dnsmasq,', `server: ${server},`],
      ['nodes:\n', `  oob: { subnet: 10.10.0.0/24, interface: br0, dhcp: { server: ${server} } }\nnodes:\n`],
      ['address: 10.9.0.101', 'address: 10.10.0.101'],
    ] as const;
    const sandbox = await openSandbox();
    try {
      await bridge(sandbox, 'br0', '10.9.0.1/24');
      await sandbox.run(['ip', 'address', 'add', '10.10.0.1/24', 'dev', 'br0']);
      const client = await plugIn(sandbox, 'br0', 'node');
      await startDhcpServer(sandbox, filesOf(await treeOf(...edits)), server, 'plant');
      assert.equal(plain(await client.ask({ mac: NODE, arch: 7 })), { ...CG01, boot_file: 'snponly.efi' });
      const bmc = await client.ask({ mac: BMC, arch: 7 });
      const { ip, router, boot_file } = bmc ?? {};
      assert.equal([ip, router, boot_file], ['10.10.0.101', undefined, undefined]);
      assert.match((await client.ask({ mac: UNKNOWN, arch: 7, patient: true }))?.ip ?? '', /^10\.9\.0\.2/);
    } finally {
      await sandbox.close();
    }
  });
}

test('Kea: one NIC of the bond has the IP address until the lease ends, as kea-shared-address reports', async () => {
  await serving('kea', await treeOf(['server: dnsmasq,', 'server: kea,']), async (client) => {
    assert.is((await client.ask({ mac: '52:54:00:00:00:11' }))?.ip, '10.9.0.11');
    assert.match((await client.ask({ mac: NODE }))?.ip ?? '', /^10\.9\.0\.2[0-5]\d$/);
  });
});

for (const server of ['dnsmasq', 'kea', 'coredhcp'] as const) {
  test(`${server}: waits for a NIC that has no link yet`, async () => {
    const tree = await treeOf(['server: dnsmasq,', `server: ${server},`]);
    const sandbox = await openSandbox();
    try {
      await bridge(sandbox, 'br0', '10.9.0.1/24');
      const client = await plugIn(sandbox, 'br0', 'node');
      await sandbox.run(['ip', 'link', 'set', 'br0', 'down']);
      await startDhcpServer(sandbox, filesOf(tree), server, 'plant');
      await sandbox.run(['ip', 'link', 'set', 'br0', 'up']);
      await until(async () => (await client.ask({ mac: NODE, arch: 7 }))?.ip === '10.9.0.11');
    } finally {
      await sandbox.close();
    }
  });
}

test('dnsmasq reads its hosts files again on SIGHUP, and drops removed entries', async () => {
  const edit = ['server: dnsmasq,', 'server: dnsmasq, hosts_files: true,'] as const;
  const before = await treeOf(edit);
  const after = await treeOf(edit, ['ip: 10.9.0.12', 'ip: 10.9.0.19'], ['dns: [10.9.0.2, ', 'dns: [']);
  await serving('dnsmasq', before, async (client, { reread }) => {
    assert.is((await client.ask({ mac: GRUB_NODE }))?.ip, '10.9.0.12');
    await reread(filesOf(after));
    const answer = await client.ask({ mac: GRUB_NODE });
    assert.is(answer?.ip, '10.9.0.19');
    assert.is(answer?.dns, '10.9.0.3');
  });
});

test('coredhcp: IP addresses and options of the network, and no boot file, as coredhcp-no-boot-file reports', async () => {
  await serving('coredhcp', await treeOf(['server: dnsmasq,', 'server: coredhcp,']), async (client) => {
    const { domain: _, ntpsrv: __, ...common } = COMMON;
    for (const request of [{ arch: 7 }, { arch: 16 }, { userClass: 'iPXE' }])
      assert.equal(plain(await client.ask({ mac: NODE, ...request })), { ...common, ip: '10.9.0.11' });
    assert.is((await client.ask({ mac: '52:54:00:00:00:11' }))?.ip, '10.9.0.11');
    assert.equal(plain(await client.ask({ mac: BMC })), { ...common, ip: '10.9.0.101' });
    assert.match((await client.ask({ mac: UNKNOWN }))?.ip ?? '', /^10\.9\.0\.2[0-5]\d$/);
  });
});

test("ISC's dhcpd, coredhcp and dnsmasq run side by side, each on its own interface", async () => {
  const servers = ['dnsmasq', 'isc', 'coredhcp'] as const;
  const network = (server: string, index: number) =>
    `  n${index}: { subnet: 10.9.${index}.0/24, gateway: 10.9.${index}.254, interface: br${index}, dhcp: { server: ${server} } }\n`;
  const node = (_: string, index: number) =>
    `  cg${index}: { mac: "52:54:00:00:00:0${index}", ip: 10.9.${index}.11, boot: { os: linux, kernel: http://10.9.0.1/vmlinuz, initrd: http://10.9.0.1/initrd } }\n`;
  const site = `site: plant\nserver: { url: http://10.9.0.1 }\nnetworks:\n${servers.map(network).join('')}nodes:\n${servers.map(node).join('')}`;
  const { tree } = await compile(makeSite(site));
  assert.ok(tree);
  const sandbox = await openSandbox();
  try {
    for (const index of servers.keys()) await bridge(sandbox, `br${index}`, `10.9.${index}.1/24`);
    for (const server of servers) await startDhcpServer(sandbox, filesOf(tree), server, 'plant');
    for (const [index, server] of servers.entries()) {
      const client = await plugIn(sandbox, `br${index}`, `node${index}`);
      const answer = await client.ask({ mac: `52:54:00:00:00:0${index}`, arch: 7 });
      assert.is(answer?.ip, `10.9.${index}.11`, server);
    }
  } finally {
    await sandbox.close();
  }
});

/** Returns the files of a tree by their paths. */
const filesOf = (tree: Tree) => (path: string) => fileText(tree, path);

/** Compiles the site with edits. */
async function treeOf(...edits: readonly (readonly [string, string])[]): Promise<Tree> {
  const text = edits.reduce((whole, [from, to]) => whole.replace(from, to), SITE);
  const { tree, diagnostics } = await compile(makeSite(text));
  assert.equal(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  assert.ok(tree);
  return tree;
}

/** Starts a server that serves the site on a bridge, and runs requests against it. */
async function serving(
  name: ServerName,
  tree: Tree,
  ask: (client: DhcpClient, server: DhcpServer, sandbox: Sandbox) => Promise<void>,
): Promise<void> {
  const sandbox = await openSandbox();
  try {
    await bridge(sandbox, 'br0', '10.9.0.1/24');
    const client = await plugIn(sandbox, 'br0', 'node');
    const server = await startDhcpServer(sandbox, filesOf(tree), name, 'plant');
    await ask(client, server, sandbox);
  } finally {
    await sandbox.close();
  }
}

async function bridge(sandbox: Sandbox, name: string, address: string): Promise<void> {
  await sandbox.run(['ip', 'link', 'add', name, 'type', 'bridge']);
  await sandbox.run(['ip', 'address', 'add', address, 'dev', name]);
  await sandbox.run(['ip', 'link', 'set', name, 'up']);
}

/** Returns the compared parts of an answer. dnsmasq ends encapsulated options with ff, which other servers omit. */
function plain(answer: Answer | undefined): Answer | undefined {
  if (!answer) return undefined;
  const entries = KEYS.flatMap((key) => (answer[key] === undefined ? [] : [[key, answer[key]] as const]));
  const { opt175, ...rest } = Object.fromEntries(entries);
  return opt175 === undefined ? rest : { ...rest, opt175: opt175.replace(/ff$/, '') };
}

test.run();

import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import { JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined-site.ts';
import type { ImportNote } from '../src/import/model/gathered.ts';
import type { ImportedSite } from '../src/import/model/import-format.ts';
import { CODES } from '../src/source/diagnostics/codes.ts';
import { type Diagnostic, Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';
import {
  BMI_CFG,
  BMI_DNSMASQ,
  bmiMenu,
  bmiScript,
  bmiTarget,
  HIL_NODES,
  OLD_BMI_CFG,
} from './support/bmi-files.ts';
import { harvgen } from './support/cli.ts';
import { runs, SEED } from './support/effort.ts';
import { assertLinear } from './support/linear.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('harvgen import of files of BMI, HIL, iPXE, pxelinux and tgt');

interface Imported {
  readonly site: ImportedSite | undefined;
  readonly found: readonly Diagnostic[];
  readonly log: string;
}

type File = readonly [kind: string, name: string, text: string];

/** Imports files, each given as its format, its name and its text. */
function imported(...files: readonly File[]): Imported {
  const report = new Report();
  const joined = files.map(([name, file, text]) => {
    const kind = JOINED_FORMATS.find((one) => one.name === name);
    assert.ok(kind, name);
    return { kind, source: new Source(file === '-' ? file : `/${file}`, text) };
  });
  const [site] = joinedSite(joined, { site: 'bmi', server: 'http://10.10.10.1' }, report) ?? [];
  const found = report.sorted();
  return { site, found, log: formatText(found, { color: false, folder: '/' }) };
}

/** Returns the site of files, which must make one. */
function siteOf(...files: readonly File[]): ImportedSite {
  const { site, log } = imported(...files);
  assert.ok(site, log);
  return site;
}

// biome-ignore lint/suspicious/noExplicitAny: the inventory as plain data, of which tests look at this and that
type Plain = any;
const inventoryOf = ({ text }: ImportedSite): Plain => parse(text);

/** Returns the notes with their lines. */
const notesOf = ({ notes }: ImportedSite, kind: ImportNote['kind']) =>
  notes
    .filter((note) => note.kind === kind && note.at)
    .map(({ of, at }) => `${at?.source.file.slice(1)}:${at?.source.position(at.start).line} ${of}`);

const textOf = ({ notes }: ImportedSite, of: string) =>
  notes.flatMap((note) => (note.of === of ? [note.text] : [])).join('\n');

const ALL: readonly File[] = [
  ['bmi', 'bmiconfig.cfg', BMI_CFG],
  ['hil', 'nodes.json', HIL_NODES],
  ['ipxe', 'node01.ipxe', bmiScript('5img42')],
  ['ipxe', 'node02.ipxe', bmiScript('5img43', '10.10.11.1')],
  ['pxelinux', '01-52-54-00-AA-BB-01', bmiMenu('disk1', 'node01')],
  ['pxelinux', '01-52-54-00-aa-bb-02', bmiMenu('disk2', 'node02')],
  ['tgt', '5img42.conf', bmiTarget('5img42')],
  ['dnsmasq', 'dnsmasq.conf', BMI_DNSMASQ],
];

test('files of BMI, answers of HIL and leases of dnsmasq make one site', () => {
  const site = siteOf(...ALL);
  const { server, networks, tenants, defaults, nodes } = inventoryOf(site);
  assert.equal(server, {
    url: 'http://10.10.10.1',
    tftp: '/var/lib/tftpboot',
    iscsi: {
      address: '10.10.10.1',
      driver: 'tgt',
      prefix: '5-',
      rbd: {
        pool: 'bmi',
        id: 'bmi',
        conf: '/etc/ceph/ceph.conf',
        keyring: '/etc/ceph/ceph.client.bmi.keyring',
      },
      snapshot: 'bmi_created_snapshot',
    },
  });
  assert.equal(Object.keys(networks), ['physics-pxe', 'chem-pxe', 'net-3']);
  assert.equal(tenants, {
    physics: { network: 'physics-pxe' },
    'chemistry-lab': { network: 'chem-pxe' },
  });
  assert.is(defaults, undefined);
  assert.equal(nodes, {
    node01: {
      tenant: 'physics',
      nics: [
        { mac: '52:54:00:aa:bb:01', ip: '10.10.10.51' },
        { mac: '52:54:00:aa:cc:01', network: 'physics-pxe' },
      ],
      boot: { loader: 'pxelinux', os: 'iscsi', target: '5img42' },
      firmware: 'bios',
    },
    node02: {
      tenant: 'chemistry-lab',
      nics: [{ name: 'eno1', mac: '52:54:00:aa:bb:02', ip: '10.10.11.51' }],
      boot: { loader: 'pxelinux', os: 'iscsi', target: '5img43', server: '10.10.11.1' },
      firmware: 'bios',
    },
    node03: {
      nics: [{ name: 'eno1', mac: '52:54:00:aa:bb:03', ip: '10.10.12.53' }],
      boot: { os: 'local' },
    },
  });
  assert.equal(notesOf(site, 'left'), [
    '01-52-54-00-AA-BB-01:2 PROMPT, MENU TITLE, TIMEOUT, MENU LABEL',
    '01-52-54-00-AA-BB-01:8 disk1',
    '01-52-54-00-aa-bb-02:2 PROMPT, MENU TITLE, TIMEOUT, MENU LABEL',
    '01-52-54-00-aa-bb-02:8 disk2',
    'bmiconfig.cfg:5 bmi service',
    'bmiconfig.cfg:10 db path',
    'bmiconfig.cfg:19 driver net_isolator',
    'bmiconfig.cfg:24 net_isolator url',
    'bmiconfig.cfg:28 iscsi password',
    'bmiconfig.cfg:31 rpc',
    'bmiconfig.cfg:32 rpc',
    'bmiconfig.cfg:33 rpc',
    'bmiconfig.cfg:34 rpc',
    'bmiconfig.cfg:41 rest_api',
    'bmiconfig.cfg:42 rest_api',
    'bmiconfig.cfg:45 logs',
    'bmiconfig.cfg:46 logs',
    'bmiconfig.cfg:47 logs',
    'dnsmasq.conf:1 interface',
    'dnsmasq.conf:7 dhcp-boot',
    'dnsmasq.conf:8 enable-tftp',
    'dnsmasq.conf:9 tftp-root',
    'dnsmasq.conf:10 dhcp-userclass',
    'nodes.json:4 nic02',
    'nodes.json:5 nics port',
    'nodes.json:5 nics switch',
    'nodes.json:6 nic01',
    'nodes.json:7 nics port',
    'nodes.json:7 nics switch',
    'nodes.json:8 node metadata',
  ]);
  assert.equal(notesOf(site, 'changed'), [
    '5img42.conf:4 node01',
    'bmiconfig.cfg:4 bmi uid',
    'dnsmasq.conf:2 10.10.10.50-10.10.10.100',
    'dnsmasq.conf:3 10.10.11.50-10.10.11.100',
    'node01.ipxe:3 net2',
    'node01.ipxe:4 node01',
    'node02.ipxe:3 net2',
    'node02.ipxe:4 node02',
    'nodes.json:8 "Chemistry Lab"',
    'nodes.json:10 node03',
  ]);
  assert.equal(notesOf(site, 'open'), [
    '5img42.conf:7 5img42',
    'nodes.json:4 a NIC of node01',
    'nodes.json:10 node03',
    'nodes.json:11 eno1',
  ]);
  assert.not.match(site.text + JSON.stringify(site.notes.map(({ of, text }) => [of, text])), 'geese');
});

test('the site passes the check, with the VLANs of HIL and gateways filled in', async () => {
  const networks = `[{"name": "physics-pxe", "channels": ["vlan/native", "vlan/101"]},
    {"name": "chem-pxe", "channels": ["vlan/native", "vlan/102"]}]`;
  const dnsmasq = BMI_DNSMASQ.replace(/^dhcp-host=.*03,.*\n/m, '');
  const files = ALL.map(([kind, name, text]): File => {
    if (kind === 'dnsmasq') return [kind, name, dnsmasq];
    return kind === 'hil' ? [kind, name, JSON.stringify(JSON.parse(text).slice(0, 2))] : [kind, name, text];
  });
  const site = siteOf(...files, ['hil', 'networks.json', networks]);
  const text = site.text.replace(/(subnet: (.*)\.0\/24.*\n)(?! +gateway)/g, '$1    gateway: $2.254\n');
  const { diagnostics } = await compile(makeSite({ 'site.yaml': text }, 'bmi'));
  assert.equal(
    diagnostics.map(({ code, message }) => `${code} ${message}`),
    [],
  );
});

test('the old key names have the same meaning, with values as ConfigParser reads them', () => {
  const site = siteOf(['bmi', 'bmiconfig.cfg', OLD_BMI_CFG], ...ALL.slice(1, 3));
  assert.equal(inventoryOf(site).server, {
    url: 'http://10.10.10.1',
    tftp: '/var/lib/tftpboot',
    iscsi: {
      address: '10.10.10.1',
      prefix: '5-',
      rbd: { pool: 'bmi', id: 'bmi', conf: '/etc/ceph/ceph.conf', keyring: '/etc/ceph/bmi.key' },
    },
  });
  const ofConfig = notesOf(site, 'left').filter((line) => line.startsWith('bmiconfig'));
  assert.equal(ofConfig, [
    'bmiconfig.cfg:4 db url',
    'bmiconfig.cfg:12 ceph dir',
    'bmiconfig.cfg:14 haas url',
    'bmiconfig.cfg:17 iscsi update_shell_url',
    'bmiconfig.cfg:18 iscsi password',
    'bmiconfig.cfg:24 http',
    'bmiconfig.cfg:25 http',
    'bmiconfig.cfg:27 logs',
  ]);
  assert.match(textOf(site, 'tftp pxelinux'), '/var/lib/tftpboot/pxelinux.cfg01-…');
  assert.match(textOf(site, 'iscsi password'), 'change this password');
  assert.not.match(site.text + JSON.stringify(site.notes.map(({ of, text }) => [of, text])), /geese|moor/);
  const names = OLD_BMI_CFG.replace('[ceph]', '[fs.ceph]')
    .replace('[iscsi]', '[iscsi.tgt]')
    .replace('[bmi]', '[identity]');
  const between = siteOf(['bmi', 'bmiconfig.cfg', names], ...ALL.slice(1, 3));
  assert.equal(inventoryOf(between), inventoryOf(site));
});

test('a password without an equals sign is an error, and hidden', () => {
  const shown = (text: string) => {
    const home = writeFiles(scratchFolder(), { 'bmiconfig.cfg': text });
    const { code, stdout, stderr } = harvgen(['import', 'bmi', 'bmiconfig.cfg'], home);
    assert.equal([code, stdout], [1, '']);
    return stderr;
  };
  const after = shown('[iscsi]\nip = 10.10.10.1\npassword sudo-geese\nbad line\n');
  assert.match(
    after,
    'This line is neither a section nor a key with a value: ConfigParser rejects the file.',
  );
  assert.match(after, '\n  3 | password **********\n');
  assert.not.match(after, 'geese');
  assert.not.match(shown('password sudo-geese\n[iscsi]\n'), 'geese');
});

test('an unfilled template is reported, and provides no value', () => {
  const template = `[bmi]
uid = <unique number>
[fs]
id = <id in ceph>
conf_file = <location of ceph config file
[iscsi]
ip = <ip of iscsi server>
password = <sudo password for iscsi_update script>
[test]
# All Parameters for tests
`;
  const site = siteOf(['bmi', 'bmi_config.cfg', template], ['hil', 'nodes.json', HIL_NODES]);
  assert.equal(
    notesOf(site, 'open').filter((line) => line.startsWith('bmi_config')),
    [
      'bmi_config.cfg:2 bmi uid',
      'bmi_config.cfg:4 fs id',
      'bmi_config.cfg:5 fs conf_file',
      'bmi_config.cfg:7 iscsi ip',
    ],
  );
  assert.equal(inventoryOf(site).server, { url: 'http://10.10.10.1' });
  // The configuration alone makes a site without nodes.
  const alone = siteOf(['bmi', 'bmi_config.cfg', BMI_CFG]);
  assert.equal(inventoryOf(alone).nodes, {});
  assert.equal(inventoryOf(alone).defaults, { boot: { os: 'iscsi', image: '…' } });
  assert.match(textOf(alone, 'nodes'), '--join hil:FILE');
});

test('answers of HIL alone make a site in which tenants have their networks, and IP addresses are open', () => {
  const site = siteOf(['hil', 'nodes.json', HIL_NODES]);
  const { networks, tenants, nodes } = inventoryOf(site);
  assert.equal(networks, {
    'physics-pxe': { subnet: '…', dhcp: {} },
    'chem-pxe': { subnet: '…', dhcp: {} },
  });
  assert.equal(tenants, { physics: { network: 'physics-pxe' }, 'chemistry-lab': { network: 'chem-pxe' } });
  assert.equal(nodes.node01.nics, [{ mac: '52:54:00:aa:bb:01', ip: '…' }, { mac: '52:54:00:aa:cc:01' }]);
  assert.match(textOf(site, 'node01'), 'its IP address was not found in the files read');
  // A single object and a map by name are equivalent for a node.
  const [node] = JSON.parse(HIL_NODES);
  for (const text of [
    JSON.stringify(node),
    JSON.stringify({ node01: node }),
    JSON.stringify({ nodes: [node] }),
  ])
    assert.equal(inventoryOf(siteOf(['hil', 'n.json', text])).nodes, { node01: nodes.node01 });
});

test('a NIC without networks is listed', () => {
  const [node] = JSON.parse(HIL_NODES);
  node.nics.push({ label: 'eno9', macaddr: '52:54:00:aa:dd:01', networks: {} });
  const site = siteOf(['hil', 'n.json', JSON.stringify(node)]);
  assert.is(
    textOf(site, 'eno9'),
    'a NIC of node01 without networks in HIL: set its network, or remove it from nics',
  );
});

test('projects that share a network have no separate one', () => {
  const shared = HIL_NODES.replaceAll(/(physics|chem)-pxe/g, 'bmi_provision');
  const site = siteOf(
    ['hil', 'nodes.json', shared],
    ['dnsmasq', 'd.conf', BMI_DNSMASQ.replaceAll('10.10.11', '10.10.10').replace('10.51\n', '10.52\n')],
  );
  assert.equal(inventoryOf(site).tenants, { physics: { network: '…' }, 'chemistry-lab': { network: '…' } });
  assert.match(textOf(site, 'tenants.physics.network'), '2 projects have nodes on bmi_provision');
});

test('the VLAN of a network is that of its channel, and several untagged NICs are noted', () => {
  const node = (nics: object[]) =>
    JSON.stringify([
      { name: 'n1', project: 'p', nics },
      { name: 'storage', channels: ['vlan/native', 'vlan/235'], owner: 'admin', access: null },
    ]);
  const site = siteOf(
    [
      'hil',
      'n.json',
      node([
        { label: 'a', macaddr: '52:54:00:00:00:01', networks: { 'vlan/native': 'storage' } },
        {
          label: 'b',
          macaddr: '52:54:00:00:00:02',
          networks: { 'vlan/native': 'pxe', 'vlan/9': 'x', 'q/1': 'y' },
        },
      ]),
    ],
    ['ipxe', 'n1.ipxe', bmiScript('5img1')],
    ['pxelinux', '01-52-54-00-00-00-02', bmiMenu('d', 'n1')],
    ['dnsmasq', 'd.conf', 'dhcp-host=52:54:00:00:00:01,10.1.0.1\ndhcp-host=52:54:00:00:00:02,10.2.0.1\n'],
  );
  const { networks, tenants, nodes } = inventoryOf(site);
  assert.equal(networks, {
    pxe: { subnet: '10.2.0.0/24', dhcp: {} },
    storage: { subnet: '10.1.0.0/24', vlan: 235 },
  });
  assert.equal(tenants, { p: { network: 'pxe' } });
  assert.equal(nodes.n1.nics[0].mac, '52:54:00:00:00:02');
  assert.match(textOf(site, 'n1'), 'several of its NICs are on an untagged network');
  assert.equal(
    notesOf(site, 'left').filter((line) => line.startsWith('n.json')),
    ['n.json:1 a', 'n.json:1 b', 'n.json:1 x', 'n.json:1 "q/1"', 'n.json:1 networks owner'],
  );
});

test('a script contains its disk with server, port, LUN, initiator and login, whose passwords are kept', () => {
  const script = `#!ipxe
set pw two-and-a-half
set net0/initiator-iqn iqn.2024-07.org.example:bmi:cn01
set username cn-user
set password:string open-sesame-\${pw}
set reverse-username store
set reverse-password Hunter-22-and
dhcp || goto retry
sanboot --keep --drive 0x80 iscsi:10.9.0.1:tcp:3261:a:iqn.2015-02.org.example:cn01 \\
   iscsi:10.9.0.2:::1:iqn.2015-02.org.example:cn01 || sanboot --no-describe --drive 0x80
`;
  const site = siteOf(
    ['ipxe', 'cn01.ipxe', script],
    ['csv', 'm.csv', 'name,mac,ip\ncn01,52:54:00:00:00:01,10.9.0.11\n'],
  );
  assert.equal(inventoryOf(site).nodes.cn01.boot, {
    os: 'iscsi',
    target: 'iqn.2015-02.org.example:cn01',
    port: 3261,
    lun: 10,
    initiator: 'iqn.2024-07.org.example:bmi:cn01',
    chap: {
      user: 'cn-user',
      password: '${secret:chap_cn01}',
      target_user: 'store',
      target_password: '${secret:chap_cn01_target}',
    },
    fallback: 'disk',
  });
  assert.is(inventoryOf(site).server.iscsi.address, '10.9.0.1');
  assert.equal(
    [...site.secrets],
    [
      ['chap_cn01', 'open-sesame-two-and-a-half'],
      ['chap_cn01_target', 'Hunter-22-and'],
    ],
  );
  assert.not.match(site.text, /sesame|Hunter/);
  assert.match(textOf(site, 'cn01'), 'its CHAP password is not valid for every initiator and target');
  assert.match(textOf(site, '"iscsi:10.9.0.2:::1:iqn.2015-02.org.example:cn01"'), 'another path');
});

test('a server that is not an IPv4 address stays open at its key only', () => {
  const script = (server: string) => `#!ipxe\nsanboot iscsi:${server}::::iqn.2015-02.a:b-${server.length}\n`;
  const site = siteOf(
    ['ipxe', 'cn01.ipxe', script('san.example.org')],
    ['ipxe', 'cn02.ipxe', script('[fd00::1]')],
    ['ipxe', 'cn03.ipxe', script('10.10.10.9')],
  );
  const { server, nodes } = inventoryOf(site);
  assert.is(server.iscsi.address, '10.10.10.9');
  assert.equal(
    ['cn01', 'cn02', 'cn03'].map((name) => nodes[name].boot.server),
    ['…', '…', undefined],
  );
  const open = notesOf(site, 'open');
  assert.ok(open.includes('cn01.ipxe:2 "san.example.org"'), open.join('\n'));
  assert.ok(open.includes('cn02.ipxe:2 "[fd00::1]"'), open.join('\n'));
});

test('a script of harvgen can be imported again: its placeholders are references', () => {
  const script = `#!ipxe
# cn01, a node of bmi
set node cn01
set nic:uint8 0
:look
iseq \${net\${nic}/mac} 52:54:00:00:00:01 && goto found ||
inc nic
iseq \${nic} 16 || goto look
goto away
:found
isset \${net\${nic}/ip} || dhcp net\${nic} || goto away
set initiator-iqn iqn.2024-07.internal.harvgen:bmi:cn01
set username cn01
set password @@secret:chap_cn01@@
set keep-san 1
sanboot --keep iscsi:10.9.0.1::3260:1:iqn.2024-07.internal.harvgen:bmi:cn01:rocky9:@@secret:iscsi_suffix@@ ||
:away
sleep 30
chain --replace --autofree http://10.9.0.1/ipxe/52-54-00-00-00-01.ipxe || goto away
`;
  const site = siteOf(['ipxe', '52-54-00-00-00-01.ipxe', script]);
  const [node] = Object.values(inventoryOf(site).nodes) as Plain[];
  assert.is(node.mac, '52:54:00:00:00:01');
  assert.equal(node.boot, {
    os: 'iscsi',
    target: 'iqn.2024-07.internal.harvgen:bmi:cn01:rocky9:${secret:iscsi_suffix}',
    initiator: 'iqn.2024-07.internal.harvgen:bmi:cn01',
    chap: { user: 'cn01', password: '${secret:chap_cn01}' },
  });
  assert.is(site.secrets.size, 0);
  // Its files for TFTP map the name of the node to its MAC address.
  const leads = '#!ipxe\nchain --replace http://10.9.0.1/ipxe/52-54-00-00-00-01.ipxe || exit 1\n';
  const both = siteOf(['ipxe', 'tftp/cn01.ipxe', leads], ['ipxe', '52-54-00-00-00-01.ipxe', script]);
  assert.equal(Object.keys(inventoryOf(both).nodes), ['cn01']);
  assert.equal(Object.keys(inventoryOf(site).nodes), ['cn01']);
  assert.equal(notesOf(site, 'changed'), ['52-54-00-00-00-01.ipxe:16 cn01']);
});

test('scripts that boot Linux are profiles, of one node or of all', () => {
  const script = (args: string) => `#!ipxe
set base http://10.9.0.1/rocky9
kernel --name kernel \${base}/vmlinuz initrd=initrd ${args} || shell
initrd --name initrd \${base}/initramfs.img
boot || shell
`;
  const table: File = [
    'csv',
    'm.csv',
    'name,mac,ip\ncn01,52:54:00:00:00:01,10.9.0.11\ncn02,52:54:00:00:00:02,10.9.0.12\n',
  ];
  const site = siteOf(
    table,
    ['ipxe', 'boot.ipxe', script('quiet')],
    ['ipxe', '52-54-00-00-00-02.ipxe', script('debug')],
  );
  const { profiles, nodes } = inventoryOf(site);
  assert.equal(profiles, {
    default: { boot: { os: 'linux', kernel: 'vmlinuz', initrd: 'initramfs.img', args: ['quiet'] } },
    rocky9: { boot: { os: 'linux', kernel: 'vmlinuz', initrd: 'initramfs.img', args: ['debug'] } },
  });
  assert.equal([nodes.cn01.profiles, nodes.cn02.profiles], [['default'], ['rocky9']]);
});

test('menus of pxelinux boot Linux, the disk or iPXE, for the machines in their names', () => {
  const linux = (label: string, args: string) => `default ${label}
label other
  kernel memtest
Label ${label}
  Kernel images/rocky9/vmlinuz
  append initrd=images/rocky9/initrd.img,images/more.img ${args}
  ipappend 3
`;
  const table =
    'name,mac,ip,uuid\na,52:54:00:00:00:01,10.9.0.11,\nb,52:54:00:00:00:02,10.9.0.12,\nc,52:54:00:00:00:03,10.9.0.13,11111111-2222-3333-4444-555555555555\nd,52:54:00:00:00:04,10.9.0.14,\ne,52:54:00:00:00:05,10.9.0.15,\n';
  const site = siteOf(
    ['csv', 'm.csv', table],
    ['pxelinux', '01-52-54-00-00-00-01', linux('one', 'quiet')],
    ['pxelinux', '0A09000C', linux('two', 'debug')],
    ['pxelinux', '11111111-2222-3333-4444-555555555555', 'DEFAULT disk\nLABEL disk\n  LOCALBOOT 0\n'],
    [
      'pxelinux',
      '01-52-54-00-00-00-04',
      'DEFAULT vesamenu.c32\nTIMEOUT 10\nLABEL x\nKERNEL chain.c32\nAPPEND hd0 0\nMENU DEFAULT\nTEXT HELP\nLABEL nothing\nENDTEXT\nLABEL y\nKERNEL mboot.c32\n',
    ],
    ['pxelinux', 'default', 'DEFAULT /vmlinuz initrd=/initrd.img ro\n'],
  );
  const { profiles, nodes } = inventoryOf(site);
  const boot = (kernel: string, initrd: string, arg: string) => ({
    boot: { os: 'linux', kernel, initrd, args: [arg] },
  });
  assert.equal(Object.values(profiles), [
    boot('images/rocky9/vmlinuz', 'images/rocky9/initrd.img', 'quiet'),
    boot('images/rocky9/vmlinuz', 'images/rocky9/initrd.img', 'debug'),
    boot('vmlinuz', 'initrd.img', 'ro'),
  ]);
  assert.equal([nodes.c.boot, nodes.d.boot], [{ os: 'local' }, { os: 'local' }]);
  assert.equal(nodes.e.profiles, ['default']);
  assert.match(textOf(site, '"images/rocky9/vmlinuz"'), 'machines downloaded it by TFTP');
  assert.match(textOf(site, '"images/more.img"'), 'another initrd');
});

test('targets contain their stores, allowed clients and logins', () => {
  const target = `# made manually
default-driver iscsi
<target iqn.2015-02.org.example:cn01>
    <backing-store /srv/disks/cn01.raw>
        lun 2
        write-cache on
    </backing-store>
    initiator-address 10.9.0.11
    incominguser cn01 "open-sesame-7777" # of CHAP
    outgoinguser store Hunter-22-and-1
</target>
<target free>
    backing-store /srv/disks/free.raw
</target>
`;
  const table: File = ['csv', 'm.csv', 'name,mac,ip\ncn01,52:54:00:00:00:01,10.9.0.11\n'];
  const site = siteOf(table, ['tgt', 'targets.conf', target]);
  assert.equal(inventoryOf(site).nodes.cn01.boot, {
    os: 'iscsi',
    target: 'iqn.2015-02.org.example:cn01',
    lun: 2,
    chap: {
      user: 'cn01',
      password: '${secret:chap_cn01}',
      target_user: 'store',
      target_password: '${secret:chap_cn01_target}',
    },
  });
  assert.equal([...site.secrets.values()], ['open-sesame-7777', 'Hunter-22-and-1']);
  assert.match(textOf(site, 'cn01'), 'the store of its target is "/srv/disks/cn01.raw"');
  assert.match(
    textOf(site, 'free'),
    /any client of the iSCSI server[\s\S]*no script that boots it found in the files read/,
  );
  assert.not.match(site.text, /sesame|Hunter/);
  const open = siteOf(...ALL);
  assert.match(textOf(open, '5img42'), 'neither initiator-address nor incominguser restricts them');
});

test('conflicting files are reported with both locations', () => {
  const { log } = imported(
    ...ALL,
    ['tgt', '5img43.conf', bmiTarget('5img43').replace('backing-store bmi/', 'backing-store other/')],
    ['ipxe', 'tftp2/node01.ipxe', bmiScript('5img99')],
    ['hil', 'again.json', '{"name": "node02", "project": "physics", "nics": []}'],
  );
  const lines = log.split('\n').filter((line) => /^\S|^ {2}(?:The|the) /.test(line));
  assert.equal(lines, [
    '5img43.conf:4:19 warning import-conflict',
    '  The pool of the iSCSI server is other here, but bmi in an earlier entry, which takes precedence.',
    '  the pool in effect is at bmiconfig.cfg:14:8',
    'again.json:1:31 warning import-conflict',
    '  The project of node02 is physics here, but Chemistry Lab in an earlier entry, which takes precedence.',
    '  the project in effect is at nodes.json:8:33',
    'tftp2/node01.ipxe:4:7 warning import-conflict',
    '  The disk of node01 is 5img99 at 10.10.10.1 here, but 5img42 at 10.10.10.1 in an earlier entry, which takes precedence.',
    '  the disk in effect is at node01.ipxe:4:7',
  ]);
  const named = imported(...ALL, ['pxelinux', 'tftp2/01-52-54-00-aa-bb-02', bmiMenu('disk2', 'node01')]);
  assert.match(named.log, 'The name of node02 is node01 here, but node02 in an earlier entry');
});

test('two nodes with one disk are noted, and a disk takes precedence over a boot for all', () => {
  const site = siteOf(
    ['ipxe', 'a.ipxe', bmiScript('5img42')],
    ['ipxe', 'b.ipxe', bmiScript('5img42')],
    ['ipxe', 'default.ipxe', '#!ipxe\nkernel http://10.9.0.1/vmlinuz\nboot\n'],
  );
  assert.match(
    textOf(site, 'b'),
    'it boots the disk of a, 5img42: two systems that write to one disk destroy it',
  );
  const { found, log } = imported(
    ['ipxe', 'a.ipxe', bmiScript('5img42')],
    ['pxelinux', '01-52-54-00-00-00-01', 'DEFAULT x\nLABEL x\nKERNEL vmlinuz\n'],
    [
      'hil',
      'a.json',
      '{"name": "a", "project": null, "nics": [{"label": "eno1", "macaddr": "52:54:00:00:00:01", "networks": {}}]}',
    ],
  );
  assert.equal(
    found.map(({ code }) => code),
    ['import-conflict'],
    log,
  );
});

test('other files, and files for no machine, are errors with a location', () => {
  const log = (...file: File) => imported(file).log.replace(/^\S*\/(?=-:)/, '');
  assert.equal(
    [
      log('bmi', 'a.cfg', 'uid = 5\n'),
      log('bmi', 'a.cfg', '[bmi]\nuid\n'),
      log('bmi', 'a.cfg', '[bmi]\nuid = 5%\n'),
      log('bmi', 'a.cfg', '[other]\na = b\n'),
      log('hil', 'a.json', '["node-1", "node-2"]'),
      log('hil', 'a.json', '{"msg": "no"}'),
      log('hil', 'nodes.cfg', BMI_CFG),
      log('bmi', 'node01.ipxe', bmiScript('5img42')),
      log('ipxe', '-', bmiScript('5img42')),
      log('ipxe', 'a.ipxe', 'kernel x\n'),
      log('pxelinux', 'C0A8', 'DEFAULT x\nLABEL x\nKERNEL vmlinuz\n'),
      log('pxelinux', 'default', 'PROMPT 0\n'),
      log('tgt', 'a.conf', '<target x>\n  backing-store y\n'),
      log('tgt', 'a.conf', '<target x>\n</backing-store>\n'),
      log('tgt', 'a.conf', 'default-driver iscsi\n'),
    ].map((text) => text.split('\n').slice(0, 2).join(' |')),
    [
      'a.cfg:1:1 error import-syntax |  This line is before the first section: ConfigParser rejects the file.',
      'a.cfg:2:1 error import-syntax |  This line is neither a section nor a key with a value: ConfigParser rejects the file.',
      'a.cfg:2:7 error import-value |  ConfigParser rejects the value of bmi uid: a % must begin %(name)s or be written as %%.',
      'a.cfg:1:1 error import-kind |  The file is not a configuration of BMI: it has none of the known sections.',
      'a.json:1:1 error import-value |  node-1, a name that HIL lists at /v0/nodes is not a node with its NICs, as HIL answers at /v0/node/NODE.',
      'a.json:1:9 error import-value |  msg is not a map.',
      'nodes.cfg:1:1 error import-kind |  This is not a file of the format hil, but probably of bmi: the configuration of BMI (M2): bmiconfig.cfg, with its sections bmi, fs, iscsi and tftp.',
      "node01.ipxe:1:1 error import-kind |  This is not a file of the format bmi, but probably of ipxe: an iPXE script named by node or MAC address: BMI's node01.ipxe, which boots an iSCSI disk, or one that boots Linux.",
      '-:1:1 error import-value |  The machine of the script is unknown: standard input has no name.',
      'a.ipxe:1:1 error import-kind |  The file is not an iPXE script: it does not begin with #!ipxe.',
      'C0A8:1:1 error import-value |  The machine of the file is unknown: no single machine requests C0A8.',
      'default:1:1 error import-kind |  The file is not a pxelinux menu: it has no LABEL, and no DEFAULT that boots anything.',
      'a.conf:1:1 error import-syntax |  The block target is not closed.',
      'a.conf:2:1 error import-syntax |  </backing-store> closes no open block: the last block is target.',
      'a.conf:1:1 error import-kind |  The file contains no target of tgt.',
    ],
  );
});

test('typos in any of the files are reported at their location, without a stack trace or a secret', () => {
  const severities = new Map(CODES.map(({ code, severity }) => [code, severity]));
  const all: readonly File[] = [
    ...ALL,
    ['bmi', 'old.cfg', OLD_BMI_CFG],
    ['ipxe', 'x.ipxe', '#!ipxe\nset username a\nset password open-sesame-7\nsanboot iscsi:10.0.0.1::::x\n'],
    ['tgt', 'x.conf', '<target x>\nbacking-store y\nincominguser a open-sesame-7\n</target>\n'],
  ];
  const piece = fc.constantFrom(
    '"',
    '<',
    '>',
    '{',
    '[',
    ']',
    '=',
    ':',
    '%',
    '%(x)s',
    ';',
    '#',
    '\\',
    '\n',
    '\r',
    '\0',
    '\u2028',
    '${secret:x}',
    '@@secret:x@@',
    '__proto__',
    ' ',
    '',
  );
  const typo = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(9), piece });
  fc.assert(
    fc.property(
      fc.constantFrom(...all),
      fc.array(typo, { minLength: 1, maxLength: 4 }),
      ([kind, name, text], typos) => {
        let changed = text;
        for (const { at, length, piece: what } of typos) {
          const start = Math.floor(at * changed.length);
          changed = changed.slice(0, start) + what + changed.slice(start + length);
        }
        const { site, found, log } = imported(
          [kind, name, changed],
          ['csv', 'm.csv', 'name,mac,ip\nx,52:54:00:00:00:01,10.0.0.2\n'],
        );
        for (const { code, severity, at } of found) {
          assert.is(severities.get(code), severity, code);
          assert.ok(at.start <= at.end, log);
        }
        assert.is(
          site === undefined,
          found.some(({ severity }) => severity === 'error'),
          log,
        );
        for (const secret of ['open-sesame-7', 'sudo-geese-on-the-moor'])
          if (changed.includes(secret))
            assert.not.match(
              `${log}${site?.text}${JSON.stringify(site?.notes.map(({ of, text: about }) => [of, about]))}`,
              secret,
            );
      },
    ),
    { seed: SEED, numRuns: runs(500) },
  );
});

test('the time grows with the number of nodes', async () => {
  const files = (size: number): File[] => {
    const nodes = Array.from({ length: size }, (_, index) => ({
      name: `n${index}`,
      project: `p${index % 50}`,
      nics: [
        {
          label: 'eno1',
          macaddr: `52:54:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`,
          networks: { 'vlan/native': `net${index % 50}` },
        },
      ],
    }));
    return [
      ['hil', 'n.json', JSON.stringify(nodes)],
      ['tgt', 't.conf', nodes.map(({ name }) => bmiTarget(name)).join('\n')],
      ...nodes.slice(0, size / 16).map(({ name }): File => ['ipxe', `${name}.ipxe`, bmiScript(name)]),
    ];
  };
  await assertLinear('hil, tgt and ipxe', 4800, files, (read) => siteOf(...read));
});

test.run();

import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { define } from '../src/cli/main.ts';
import { compile } from '../src/compile.ts';
import { IMPORT_FORMATS, JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined-site.ts';
import type { ImportedSite, ImportSettings } from '../src/import/model/import-format.ts';
import { partWithPlaceholders } from '../src/secrets/uses-of.ts';
import { type Diagnostic, Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';
import { textOf } from '../src/tree/tree.ts';
import { parseCidr } from '../src/values/addresses.ts';
import { runs, SEED } from './support/effort.ts';
import { assertLinear } from './support/linear.ts';
import * as openchami from './support/openchami.ts';
import { edit, edited } from './support/random-mutation.ts';
import { runAll } from './support/runs.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('harvgen import of joined files');

const SUBNET = parseCidr('172.16.0.0/24');
const BASE: ImportSettings = { server: 'http://172.16.0.254', ...(SUBNET && { subnet: SUBNET }), site: 'cg' };

/** A format, and the text of a file in it. */
type Given = readonly [kind: string, text: string];

interface Imported {
  readonly site: ImportedSite | undefined;
  readonly found: readonly Diagnostic[];
  readonly log: string;
}

function imported(given: readonly Given[], options: ImportSettings = BASE): Imported {
  const report = new Report();
  const files = given.map(([name, text], index) => {
    const kind = JOINED_FORMATS.find((one) => one.name === name);
    assert.ok(kind, name);
    return { kind, source: new Source(`/${index + 1}-${name}`, text) };
  });
  const [site] = joinedSite(files, options, report) ?? [];
  const found = report.sorted();
  return { site, found, log: formatText(found, { color: false, folder: '/' }) };
}

/** Returns the site of files, which must make one. */
function siteOf(given: readonly Given[], options: ImportSettings = BASE): ImportedSite {
  const { site, log } = imported(given, options);
  assert.ok(site, log);
  return site;
}

// biome-ignore lint/suspicious/noExplicitAny: the inventory as plain data, of which tests look at this and that
type Plain = any;
const plainOf = (given: readonly Given[], options: ImportSettings = BASE): Plain =>
  parse(siteOf(given, options).text);

/** Returns the notes of a kind, with their subjects and lines. */
const notesOf = ({ notes }: ImportedSite, kind: string) =>
  notes
    .filter((note) => note.kind === kind)
    .map(({ of, at }) => `${of}${at ? ` ${at.source.file}:${at.source.position(at.start).line}` : ''}`);

/** Returns the errors of `harvgen check` for a site. */
async function errorsOf({ text }: ImportedSite): Promise<string[]> {
  const { diagnostics } = await compile(makeSite(text, 'cg'));
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
}

const BSS: Given = ['bss', openchami.BOOT_PARAMETERS];
const SMD: readonly Given[] = [
  ['smd', openchami.COMPONENTS],
  ['smd', openchami.INTERFACES],
];

const NODE_1 = {
  xname: 'x1000c1s7b1n0',
  nid: 1,
  mac: 'b4:2e:99:a6:61:01',
  ip: '172.16.0.1',
};
const BMC_1 = { address: '172.16.0.101', mac: 'b4:2e:99:a6:62:01' };

test('answers of SMD and BSS make a site that passes the check', async () => {
  const site = siteOf([...SMD, BSS]);
  assert.equal(await errorsOf(site), []);
  const { nodes, profiles, server, networks } = parse(site.text);
  assert.equal(Object.keys(nodes), ['nid001', 'nid002', 'nid003', 'nid004', 'nid005', 'nid006']);
  assert.equal(nodes.nid001, { ...NODE_1, profiles: ['rocky9'], bmc: BMC_1 });
  assert.equal(nodes.nid006.boot, { arch: 'arm64' });
  assert.equal(nodes.nid006.profiles, ['arm64']);
  assert.equal(networks, { mgmt: { subnet: '172.16.0.0/24', dhcp: {} } });
  assert.is(server.images, 'http://172.16.0.254:9000/boot-images');
  assert.equal(profiles, {
    rocky9: {
      boot: {
        os: 'linux',
        kernel: 'efi-images/vmlinuz-5.14.0',
        initrd: 'efi-images/initramfs-5.14.0.img',
        root: { squashfs: 'compute/rocky9.squashfs', overlay: 'overlayroot' },
        args: [
          'nomodeset',
          'ro',
          'ip=dhcp',
          'apparmor=0',
          'console=ttyS0,115200',
          'xname=${node:xname}',
          'nid=${node:nid}',
        ],
      },
    },
    arm64: {
      boot: {
        os: 'linux',
        kernel: 'arm64/vmlinuz',
        initrd: 'arm64/initramfs.img',
        root: '/dev/nfs',
        args: ['ip=dhcp', 'cma=256M', 'xname=${node:xname}', 'nid=${node:nid}'],
      },
    },
  });
  assert.equal(notesOf(site, 'open'), ['networks.mgmt.gateway']);
  const left = notesOf(site, 'left');
  for (const note of [
    'x1000c1r7b0 /1-smd:118',
    '"ff:ff:ff:ff:ff:ff" /2-smd:160',
    '"not available" /2-smd:167',
    'Unknown-x86_64 /3-bss:42',
    'Components State /1-smd:6',
  ])
    assert.ok(left.includes(note), `${note}: ${left.join('\n')}`);
});

test('all of SMD, each list in a separate file', async () => {
  const given: Given[] = [
    ...SMD,
    ['smd', openchami.ENDPOINTS],
    ['smd', openchami.REDFISH],
    ['smd', openchami.GROUPS],
    ['smd', openchami.MEMBERSHIPS],
  ];
  const { site, found } = imported([...given, BSS]);
  assert.ok(site);
  assert.equal(found, []);
  assert.equal(await errorsOf(site), []);
  const { nodes, groups } = parse(site.text);
  assert.equal(nodes.nid001, {
    ...NODE_1,
    groups: ['compute', 'debug'].sort((a) => (nodes.nid001.groups[0] === a ? -1 : 1)),
    profiles: ['rocky9'],
    uuid: 'bf9362ad-b29c-40ed-9881-18a5dba3a26b',
    bmc: { ...BMC_1, user: 'root', protocol: 'redfish' },
  });
  assert.equal(groups, { compute: { description: 'Compute nodes' }, login_nodes: {}, debug: {} });
  assert.ok(notesOf(site, 'left').some((note) => note.startsWith('RedfishEndpoints Password')));
  assert.ok(notesOf(site, 'left').some((note) => note.startsWith('x1000c1s7b9n0')));
  assert.ok(notesOf(site, 'changed').some((note) => note.startsWith('Login_Nodes')));
  for (const text of [site.text, JSON.stringify(site.notes.map(({ of, text: log }) => of + log))])
    assert.not.match(text, openchami.OPENCHAMI_SECRETS.bmc);
});

test("SMD's NID maps, and the file that BSS reads in place of SMD", async () => {
  const site = siteOf([['smd', openchami.BSS_FILE], BSS]);
  assert.equal(await errorsOf(site), []);
  const { cg01, ...others } = parse(site.text).nodes;
  assert.equal(cg01, { ...NODE_1, profiles: ['rocky9'] });
  assert.is(Object.keys(others).length, 5);
  const mapped = plainOf([
    ['smd', openchami.NODE_MAPS],
    ['smd', openchami.INTERFACES],
  ]);
  assert.is(mapped.nodes.nid101.nid, 101);
});

test('roles and subroles of SMD are kept, except the defaults of roles', async () => {
  const files: readonly Given[] = [
    ['smd', openchami.COMPONENTS.replace(/"Compute",\s*"SubRole": ""/, '"Application", "SubRole": "UAN"')],
    ['smd', openchami.NODE_MAPS.replace('"NID": 101', '"NID": 101, "Role": "Application", "SubRole": "UAN"')],
    [
      'boot-service',
      openchami.BOOT_SERVICE.replace(/"Compute"(\s*subrole:) "Worker"/, '"application"$1 UAN'),
    ],
  ];
  const rolesOf = (given: readonly Given[]) =>
    Object.values<Plain>(plainOf(given).nodes).map(({ role, subrole }) => [role, subrole]);
  const [one, other] = [
    ['Application', 'UAN'],
    [undefined, undefined],
  ];
  assert.equal(
    files.map((file) => rolesOf([file]).slice(0, 2)),
    [
      [one, other],
      [one, other],
      [one, [undefined, 'Worker']],
    ],
  );
  assert.equal(await errorsOf(siteOf([files[0] as Given, ...SMD.slice(1), BSS])), []);
});

test('a single object is read as a list of one', () => {
  for (const text of [
    '{"ID":"x0c0s1b0n0","Type":"Node","NID":4}',
    '{"ID":"a4bf01000001","MACAddress":"a4:bf:01:00:00:01","ComponentID":"x0c0s1b0n0","Type":"Node"}',
    '{"id":"x0c0s1b0n0","groupLabels":["compute"]}',
  ])
    assert.is((Object.values(plainOf([['smd', text]]).nodes) as Plain)[0].xname, 'x0c0s1b0n0', text);
});

test('a list of single objects, and an empty list, keep their format', () => {
  const lists: Given[] = [
    ['smd', '[{"ID":"x0c0s1b0n0","Type":"Node","NID":4}]'],
    ['smd', '[]'],
    ['bss', '[]'],
  ];
  assert.equal(plainOf(lists).nodes, { nid004: { xname: 'x0c0s1b0n0', nid: 4, mac: '…', ip: '…' } });
});

test('two machines that a later file shows to be one keep all of their NICs, without a conflict', () => {
  const { site, found } = imported([
    ['smd', '{"Components":[{"ID":"x0c0s1b0n0","Type":"Node","NID":4}]}'],
    ['dnsmasq', 'dhcp-host=a4:bf:01:00:00:01,a4:bf:01:00:00:02,172.16.0.4,cg04'],
    ['smd', '[{"MACAddress":"a4:bf:01:00:00:01","ComponentID":"x0c0s1b0n0","Type":"Node"}]'],
  ]);
  assert.equal(found, []);
  assert.equal(parse(site?.text ?? '').nodes.cg04, {
    xname: 'x0c0s1b0n0',
    nid: 4,
    nics: [{ mac: 'a4:bf:01:00:00:01', ip: '172.16.0.4' }, { mac: 'a4:bf:01:00:00:02' }],
  });
});

test('an IP address that one machine has in addition to its own is kept for the other machine', () => {
  const nic = (number: number, ...addresses: string[]) => ({
    MACAddress: `a4:bf:01:00:00:0${number}`,
    ComponentID: `x0c0s${number}b0n0`,
    Type: 'Node',
    IPAddresses: addresses.map((IPAddress) => ({ IPAddress })),
  });
  const text = JSON.stringify([
    nic(1, '172.16.0.1', '172.16.0.2'),
    nic(2, '172.16.0.2'),
    nic(3, '172.16.0.2', '172.16.0.3'),
  ]);
  const site = siteOf([['smd', text]]);
  assert.equal(
    Object.values<Plain>(parse(site.text).nodes).map(({ ip }) => ip),
    ['172.16.0.1', '172.16.0.2', '172.16.0.3'],
  );
  assert.is(notesOf(site, 'left').filter((note) => note.includes('172.16.0.2')).length, 2);
});

test('a BMC is identified by its name, which is never the end of another word', () => {
  const table =
    'name,mac,ip\nkilo,a4:bf:01:00:00:01,172.16.0.1\ncg02,a4:bf:01:00:00:02,172.16.0.2\n' +
    'cg02bmc,a4:bf:01:00:01:02,172.16.0.102\nkilo.ipmi,a4:bf:01:00:01:01,172.16.0.101\n' +
    'x1000c0s3b0,a4:bf:01:00:01:03,172.16.0.103\n';
  const { nodes } = plainOf([
    ['csv', table],
    ['smd', '[{"ID":"x1000c0s3b0n0","Type":"Node","NID":3}]'],
  ]);
  assert.equal(
    Object.entries<Plain>(nodes).map(([name, { bmc }]) => [name, bmc.address]),
    [
      ['kilo', '172.16.0.101'],
      ['cg02', '172.16.0.102'],
      ['nid003', '172.16.0.103'],
    ],
  );
});

test('NIDs that discovery assigned to several machines are removed', () => {
  const site = siteOf([
    ['smd', openchami.COMPONENTS.replaceAll(/"NID": \d/g, '"NID": 1')],
    ['smd', openchami.INTERFACES],
  ]);
  const { nodes } = parse(site.text);
  assert.equal(Object.keys(nodes).slice(0, 2), ['x1000c1s7b1n0', 'x1000c1s7b2n0']);
  assert.ok(Object.values<Plain>(nodes).every(({ nid }) => nid === undefined));
  assert.is(notesOf(site, 'left').filter((note) => note.startsWith('NID 1 ')).length, 6);
});

test('a node with the xname of something else in SMD uses it as its name', () => {
  const text = '{"Components":[{"ID":"x1000c1s7b9","Type":"Node"}]}';
  const interfaces =
    '[{"MACAddress":"a4:bf:01:00:00:01","ComponentID":"x1000c1s7b9","Type":"Node","IPAddresses":[{"IPAddress":"172.16.0.9"}]}]';
  const site = siteOf([
    ['smd', text],
    ['smd', interfaces],
  ]);
  assert.equal(parse(site.text).nodes, { x1000c1s7b9: { mac: 'a4:bf:01:00:00:01', ip: '172.16.0.9' } });
  assert.ok(notesOf(site, 'changed').includes('x1000c1s7b9 /1-smd:1'));
});

test('boot parameters alone make nodes of their machines, with notes on open values', async () => {
  const site = siteOf([['bss', openchami.BOOT_YAML]]);
  const { nodes, profiles } = parse(site.text);
  assert.equal(Object.keys(nodes)[0], 'node-b42e99a66101');
  assert.equal(nodes['node-b42e99a66101'], { profiles: ['rocky9'], mac: 'b4:2e:99:a6:61:01', ip: '…' });
  assert.is(profiles.rocky9.boot.root.overlay, 'overlayroot');
  assert.is(notesOf(site, 'open').filter((note) => note.startsWith('node-')).length, 6);
  const one = plainOf([
    [
      'bss',
      '{"hosts":["x0c0s1b0n0"],"macs":["a4:bf:01:00:00:01","a4:bf:01:00:00:02"],"kernel":"http://a/k"}',
    ],
  ]);
  assert.equal(one.nodes.x0c0s1b0n0.nics.length, 2);
});

test('the most specific entry of a node applies', () => {
  const entries = [
    { hosts: ['Default'], kernel: 'http://10.0.0.1/i/default' },
    { hosts: ['Compute'], kernel: 'http://10.0.0.1/i/role' },
    { hosts: ['x1000c1s7b3n0'], kernel: 'http://10.0.0.1/i/host' },
    { nids: [2, 3], kernel: 'http://10.0.0.1/i/nid' },
    { macs: ['B4:2E:99:A6:61:01'], kernel: 'http://10.0.0.1/i/mac' },
  ];
  const { nodes, profiles } = plainOf([...SMD, ['bss', JSON.stringify(entries)]]);
  const kernels = Object.values<Plain>(nodes).map(({ profiles: [name] }) => profiles[name].boot.kernel);
  assert.equal(kernels, ['mac', 'nid', 'nid', 'role', 'role', 'role']);
});

test('differing entries of a node are a warning with both locations', () => {
  const entries = [
    { nids: [1], kernel: 'http://10.0.0.1/i/a' },
    { nids: [1], kernel: 'http://10.0.0.1/i/b' },
  ];
  const { found, site } = imported([...SMD, ['bss', JSON.stringify(entries)]]);
  assert.equal(
    found.map(({ code, message, related }) => [code, message, related?.length]),
    [['import-conflict', 'Two boot entries of x1000c1s7b1n0 differ: the first applies.', 1]],
  );
  assert.ok(site);
  assert.is(parse(site.text).nodes.nid002.boot.os, 'local');
  assert.ok(notesOf(site, 'open').some((note) => note.startsWith('nid002')));
});

test('kernel command lines: quotes, arguments of harvgen, unknown variables, secrets', () => {
  const params =
    'a="b" c="d e" BOOTIF=01-aa-bb xname=x1000c1s7b1n0 nid=1 bss_referral_token=u initrd=initrd spire=${SPIRE_JOIN_TOKEN} ' +
    'password=hunter-2 metal.server=s3://boot/images root=live:http://10.0.0.1/i/r.squashfs rd.live.image from=http://10.0.0.1/?of=s3://a/b';
  const site = siteOf([
    ...SMD,
    ['bss', JSON.stringify({ hosts: ['Default'], kernel: 'http://10.0.0.1/i/k', params })],
  ]);
  const { boot } = parse(site.text).profiles.default;
  assert.equal(boot.args, [
    'a=b',
    'c="d e"',
    'xname=${node:xname}',
    'nid=${node:nid}',
    'rd.live.image',
    'from=http://10.0.0.1/?of=s3://a/b',
  ]);
  assert.equal(boot.root, { squashfs: 'r.squashfs', overlay: 'none' });
  assert.not.match(site.text, 'hunter-2');
  assert.ok(notesOf(site, 'open').includes('password /3-bss:1'));
  const ways = site.notes.flatMap(({ of, text }) =>
    /^(spire|metal\.server)$/.test(of) ? `${of}: ${text}` : [],
  );
  assert.equal(ways, [
    'spire: BSS requested the token for each boot, and any user of the machine could read it: write a join token to a file in cloud_init, as ${secret:…}',
    'metal.server: no service signs its s3:// URL for each request. Copy the file to server.images, and add the argument with its http:// URL; or fetch it in cloud_init, by a presigned URL as ${secret:…}',
  ]);
});

test('arguments that no boot loader can pass to a kernel are listed, and not in the site', async () => {
  const params = 'ro && quiet || #x a="b  c" root=nfs:10.0.0.2:/export/${x} "open quote';
  const site = siteOf([
    ...SMD,
    ['bss', JSON.stringify({ hosts: ['Default'], kernel: 'http://172.16.0.254/i/k', params })],
  ]);
  const { boot } = parse(site.text).profiles.default;
  assert.equal(
    [boot.root, boot.args],
    [undefined, ['ro', 'quiet', 'xname=${node:xname}', 'nid=${node:nid}']],
  );
  assert.equal(
    notesOf(site, 'left').filter((note) => note.endsWith(' /3-bss:1')),
    ['"&&"', '"||"', '"#x"', 'a', 'root', 'open'].map((of) => `${of} /3-bss:1`),
  );
  assert.equal(await errorsOf(site), []);
});

test('images on several servers, in a bucket, and at URLs that no script can contain', () => {
  const kernelOf = (kernel: string, initrd: string) =>
    plainOf([...SMD, ['bss', JSON.stringify({ hosts: ['Default'], kernel, initrd })]]);
  const two = kernelOf('http://10.0.0.1/k', 'http://10.0.0.2/i');
  assert.equal([two.server.images, two.profiles.default.boot.kernel], [undefined, 'http://10.0.0.1/k']);
  assert.is(kernelOf('s3://boot/k', 's3://boot/i').profiles.default.boot.kernel, 'boot/k');
  assert.is(kernelOf('http://10.0.0.1/k?sig=x', 'http://10.0.0.1/i').profiles.default.boot.kernel, '…');
});

test('magellan: BMCs with their systems, in JSON, in YAML, and repeated', async () => {
  const given: Given[] = [
    ['magellan', openchami.MAGELLAN],
    ['magellan', openchami.MAGELLAN],
    ['magellan', openchami.ID_MAP],
  ];
  const { site, found } = imported(given);
  assert.ok(site);
  assert.equal(found, []);
  const { nodes } = parse(site.text);
  assert.equal(nodes.x1000c1s7b1n0, {
    xname: 'x1000c1s7b1n0',
    mac: 'b4:2e:99:a6:61:01',
    ip: '…',
    uuid: 'bf9362ad-b29c-40ed-9881-18a5dba3a201',
    serial: 'GKG1N1',
    bmc: { ...BMC_1, user: 'admin', protocol: 'redfish' },
  });
  assert.is(Object.keys(nodes).length, 6);
});

test('both forms of the file of ochami make the same nodes', async () => {
  const [now, before] = [openchami.OCHAMI, openchami.OCHAMI_OLD].map((text) =>
    siteOf([['ochami', text], BSS]),
  );
  assert.ok(now && before);
  assert.equal(parse(now.text).nodes, parse(before.text).nodes);
  assert.equal(parse(now.text).nodes.cg01, {
    ...NODE_1,
    groups: ['compute'],
    profiles: ['rocky9'],
    bmc: { ...BMC_1, protocol: 'redfish' },
  });
  for (const site of [now, before]) assert.equal(await errorsOf(site), []);
});

test('boot-service: its node file, and its objects', async () => {
  const { subnet: _, ...options } = BASE;
  const site = siteOf(
    [
      ['boot-service', openchami.BOOT_SERVICE],
      ['boot-service', openchami.BOOT_CONFIGURATIONS],
    ],
    options,
  );
  const { nodes, networks, profiles } = parse(site.text);
  assert.equal(nodes.nid001, {
    xname: 'x1000c1s7b1n0',
    nid: 1,
    subrole: 'Worker',
    profiles: ['efi-images'],
    nics: [
      { mac: 'b4:2e:99:a6:61:01', ip: '172.16.0.1' },
      { mac: '02:00:00:00:00:01', ip: '10.9.0.1' },
    ],
  });
  assert.equal(nodes.login1.profiles, ['default']);
  assert.equal(Object.keys(networks), ['mgmt', 'net-2']);
  // Not xname= and nid=, which only BSS adds: OpenCHAMI/boot-service, pkg/controllers/bootscript/ipxe.go (DefaultIPXETemplate).
  assert.equal(profiles['efi-images'].boot.args, ['console=ttyS0,115200']);
  assert.is(profiles['efi-images'].boot.root, '/dev/nvme0n1p1');
  assert.equal(
    (await errorsOf(site)).filter((message) => !message.includes('nodes.nid006.nics')),
    [],
  );
  assert.ok(
    notesOf(site, 'left').includes('"172.16.0.999" /1-boot-service:107'),
    notesOf(site, 'left').join('\n'),
  );
});

test('the cloud-init server: groups, the cluster, one node; no secret stays in the site', async () => {
  const site = siteOf([
    ['smd', openchami.COMPONENTS],
    ['smd', openchami.INTERFACES],
    ['smd', openchami.GROUPS],
    ['cloud-init', openchami.CLOUD_INIT_GROUPS],
    ['cloud-init', openchami.CLUSTER_DEFAULTS],
    ['cloud-init', openchami.INSTANCE],
    BSS,
  ]);
  const { nodes, groups, defaults } = parse(site.text);
  assert.equal(Object.keys(nodes), ['cg01', 'cg02', 'cg03', 'cg04', 'cg05', 'cg-arm']);
  assert.equal(groups.compute, {
    description: 'Compute nodes',
    cloud_init: {
      user_data: {
        packages: ['slurm-slurmd'],
        chpasswd: { list: '${secret:compute_chpasswd_list}' },
        write_files: [
          {
            path: '/etc/munge/munge.key',
            encoding: 'b64',
            permissions: '0400',
            content: '${secret:compute_write_files_1_content}',
          },
        ],
        runcmd: [['systemctl', 'start', 'slurmd']],
      },
      meta_data: { rack: 'b' },
    },
  });
  assert.match(groups.login.cloud_init.user_data, /^## template: jinja\n/);
  assert.equal(groups.login.cloud_init.meta_data, { syslog: '172.16.0.254' });
  assert.is(defaults.cloud_init.meta_data['cloud-provider'], 'openchami');
  assert.equal(nodes['cg-arm'].cloud_init, { meta_data: { 'instance-type': 't2.micro' } });
  assert.equal(
    [...site.secrets],
    [
      ['compute_chpasswd_list', `root:${openchami.OPENCHAMI_SECRETS.root}\n`],
      ['compute_write_files_1_content', openchami.OPENCHAMI_SECRETS.munge],
    ],
  );
  for (const secret of Object.values(openchami.OPENCHAMI_SECRETS)) assert.not.match(site.text, secret);
  assert.equal(await errorsOf(site), []);
});

test('passwords in scripts and templates, clear or hashed by crypt, are references in the site', async () => {
  const hash = `$6$rounds=4096$abcdefgh$${'a'.repeat(86)}`;
  const key = Buffer.from('-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n').toString(
    'base64',
  );
  const template = `## template: jinja
#cloud-config
users:
  - name: root
    hashed_passwd: ${hash}
    plain_text_passwd: "eight-geese"
    passwd: '{{ ds.meta_data.hash }}'
runcmd:
  - echo 'root:nine-geese' | sudo chpasswd
  - echo "root:$PW" | chpasswd
`;
  const config = `#cloud-config
write_files:
  - { path: /etc/pki/host.pem, encoding: b64, content: ${key} }
  - { path: /root/.netrc, content: machine repo login node password six-geese }
runcmd:
  - echo root:ten-geese|chpasswd
  - curl -fsS -u node:two-geese http://repo/setup | sh
  - curl --user "node:$PW" http://repo/setup
`;
  const site = siteOf([
    ...SMD,
    ['cloud-init', JSON.stringify({ name: 'compute', file: { content: template } })],
    ['cloud-init', JSON.stringify({ name: 'login', file: { content: config } })],
  ]);
  assert.equal(
    [...site.secrets.values()],
    [
      ...[hash, 'eight-geese', 'nine-geese', key],
      ...['machine repo login node password six-geese', 'ten-geese', 'two-geese'],
    ],
    'neither quotes nor line ends are of a secret',
  );
  for (const secret of site.secrets.values()) assert.not.match(site.text, secret);
  const { groups } = parse(site.text) as Plain;
  assert.is(
    groups.compute.cloud_init.user_data,
    template
      .replace(hash, () => '"${secret:compute_users_1_hashed_passwd}"')
      .replace('eight-geese', () => '${secret:compute_users_1_plain_text_passwd}')
      .replace(/echo 'root:nine-geese'.*/, `"echo 'root:\${secret:compute_runcmd_1}' | sudo chpasswd"`),
  );
  assert.equal(groups.login.cloud_init.user_data, {
    write_files: [
      { path: '/etc/pki/host.pem', encoding: 'b64', content: '${secret:login_write_files_1_content}' },
      { path: '/root/.netrc', content: '${secret:login_write_files_2_content}' },
    ],
    runcmd: [
      'echo root:${secret:login_runcmd_1}|chpasswd',
      'curl -fsS -u node:${secret:login_runcmd_2} http://repo/setup | sh',
      'curl --user "node:$PW" http://repo/setup',
    ],
  });
});

/** Returns an imported template of cloud-config, with the values of its secrets. */
function templateOf(lines: string): { text: string; secrets: Record<string, string>; site: ImportedSite } {
  const content = `## template: jinja\n#cloud-config\n${lines}`;
  const site = siteOf([...SMD, ['cloud-init', JSON.stringify({ name: 'compute', file: { content } })]]);
  const { user_data: text = '' } = (parse(site.text) as Plain).groups.compute.cloud_init ?? {};
  return { text, secrets: Object.fromEntries(site.secrets), site };
}

const PEM = ['-----BEGIN PRIVATE KEY-----', 'MIIB', '-----END PRIVATE KEY-----', ''].join('\n');

test('logins in words of a command, and settings by their names', () => {
  const content = `#cloud-config
rh_subscription: { activation-key: one-geese, org: 7 }
write_files:
  - path: /etc/sssd/sssd.conf
    content: |
      ldap_default_authtok_type = password
      ldap_default_authtok = two-geese
runcmd:
  - [curl, -fsS, -u, "node:three-geese", http://repo/setup]
  - [useradd, -m, -p, $6$abc$def, ops]
  - useradd -p 'four-geese' ops
  - useradd -p "$HASH" ops
  - [mysql, --password, five-geese]
  - echo six-geese | passwd --stdin root
  - [echo, hello]
`;
  const site = siteOf([...SMD, ['cloud-init', JSON.stringify({ name: 'compute', file: { content } })]]);
  assert.equal(
    [...site.secrets.values()],
    ['one-geese', 'two-geese', 'three-geese', '$6$abc$def', 'four-geese', 'five-geese', 'six-geese'],
  );
  const { runcmd } = (parse(site.text) as Plain).groups.compute.cloud_init.user_data;
  assert.is(runcmd[0][3], 'node:${secret:compute_runcmd_1_4}');
  assert.is(runcmd[3], 'useradd -p "$HASH" ops');
});

test('the secrets of a template are found as in a map: as the values that YAML reads', () => {
  const { text, secrets } = templateOf(`hostname: {{ ds.meta_data.instance_id }}
chpasswd: { list: "root:hunter2", expire: false }
write_files:
  - path: /etc/ssl/k.pem
    content: |
${PEM.replace(/^(?=.)/gm, '      ')}  - { path: /etc/munge/munge.key, encoding: b64, content: bXVuZ2VrZXk= }
  - path: /root/setup # password: no-geese
    content: |
      #!/bin/sh
      curl -u node:three-geese http://{{ ds.meta_data.repo }}/setup | sh
`);
  assert.equal(secrets, {
    compute_chpasswd_list: 'root:hunter2',
    compute_write_files_1_content: PEM,
    compute_write_files_2_content: 'bXVuZ2VrZXk=',
    compute_write_files_3_content: 'three-geese',
  });
  assert.is(
    text,
    `## template: jinja
#cloud-config
hostname: {{ ds.meta_data.instance_id }}
chpasswd: { list: "\${secret:compute_chpasswd_list}", expire: false }
write_files:
  - path: /etc/ssl/k.pem
    content: "\${secret:compute_write_files_1_content}"
  - { path: /etc/munge/munge.key, encoding: b64, content: "\${secret:compute_write_files_2_content}" }
  - path: /root/setup # password: ***
    content: |
      #!/bin/sh
      curl -u node:\${secret:compute_write_files_3_content} http://{{ ds.meta_data.repo }}/setup | sh
`,
  );
});

test('both keys of a WireGuard configuration are secrets', () => {
  const keys = [
    'yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=',
    'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=',
  ];
  const [own, shared] = keys;
  const file = `[Interface]\nPrivateKey = ${own}\n[Peer]\nPublicKey = ${own?.toLowerCase()}\nPresharedKey = ${shared}\n`;
  const content = `#cloud-config\n${JSON.stringify({ write_files: [{ path: '/etc/wireguard/wg0.conf', content: file }] })}\n`;
  const site = siteOf([...SMD, ['cloud-init', JSON.stringify({ name: 'compute', file: { content } })]]);
  assert.equal([...site.secrets.values()], keys);
  for (const key of keys) assert.not.match(site.text, key.slice(0, 20));
});

test('substituting the secrets restores the same cloud-config', () => {
  const lines = `chpasswd:
  list: |
    root:eight-geese
    admin:nine "geese"
users:
- {name: root, passwd: &pw 'it''s two geese', lock_passwd: false}
- name: admin
  passwd: *pw
runcmd:
- |
  cat > /k <<E
${PEM.replace(/^(?=.)/gm, '  ')}  E
- echo root:ten-geese
  | chpasswd
`;
  const { text, secrets } = templateOf(lines);
  assert.equal(Object.values(secrets), [
    'root:eight-geese\nadmin:nine "geese"\n',
    "it's two geese",
    "it's two geese",
    PEM.trimEnd(),
    'ten-geese',
  ]);
  const filled = partWithPlaceholders(text).replace(/@@secret:(\w+):yaml@@/g, (_, name: string) =>
    JSON.stringify(secrets[name]).slice(1, -1),
  );
  assert.equal(parse(filled), parse(lines));
});

test('a template that is not YAML before rendering keeps its secrets literally; one that cannot be restored is listed', () => {
  const unread = templateOf(`{% if x %}
write_files:
  - path: /etc/ssl/k.pem
    content: |
${PEM.replace(/^(?=.)/gm, '      ')}{% endif %}
`);
  const [[name = '', value = ''] = []] = Object.entries(unread.secrets);
  assert.match(value, '\n      MIIB\n');
  assert.ok(notesOf(unread.site, 'open').some((note) => note.startsWith(name)));
  const tagged = templateOf('a: !x b\npassword: eight-geese\n');
  assert.equal([tagged.text, tagged.secrets], ['', {}]);
  assert.ok(notesOf(tagged.site, 'open').some((note) => note.startsWith('compute ')));
});

test('the boot subnet of a cluster is in its defaults', () => {
  const site = siteOf(
    [
      ['cloud-init', JSON.stringify({ 'cluster-name': 'cg', 'boot-subnet': '172.16.0.0/23' })],
      ['smd', openchami.INTERFACES],
      ['smd', openchami.COMPONENTS],
    ],
    { server: 'http://172.16.0.254' },
  );
  assert.equal((parse(site.text) as Plain).networks, { mgmt: { subnet: '172.16.0.0/23', dhcp: {} } });
  assert.not.match(site.text, 'guess: see above');
});

test('a subnet of the command line without machines is listed, and makes no network', () => {
  const subnet = parseCidr('10.99.0.0/16');
  assert.ok(subnet);
  const site = siteOf(SMD, { server: 'http://172.16.0.254', subnet });
  assert.ok(site.notes.some(({ text }) => text === 'no machine is in 10.99.0.0/16: correct --subnet'));
  assert.not.match(site.text, 'or add --subnet');
  assert.not.match(JSON.stringify((parse(site.text) as Plain).networks), '10.99');
});

test('nodes of one BMC all keep it; other nodes with its address do not, with a note', async () => {
  const nic = (number: number) =>
    `interfaces: [{ mac_addr: 02:00:00:00:00:0${number}, ip_addrs: [{ ip_addr: 172.16.0.${number} }] }]`;
  const nodes = `bmcs: [{ name: b, xname: x1c0s1b0, mac: 02:00:00:00:01:01, ip: 172.16.0.102 }]
nodes:
- { name: n0, xname: x1c0s0b0n0, bmc_ip: 172.16.0.101, ${nic(1)} }
- { name: n1, xname: x1c0s0b0n1, bmc_ip: 172.16.0.101, bmc_mac: 02:00:00:00:01:02, ${nic(2)} }
- { name: n2, xname: x1c0s0b1n0, bmc_ip: 172.16.0.101, ${nic(3)} }
- { name: n3, xname: x1c0s1b0n0, bmc: b, ${nic(4)} }
- { name: n4, xname: x1c0s1b0n1, bmc: x1c0s1b0, ${nic(5)} }
- { name: n5, bmc_ip: 172.16.0.102, ${nic(6)} }
`;
  const site = siteOf([
    ['ochami', nodes],
    ['bss', '{"hosts":["Default"],"kernel":"http://172.16.0.254/k","initrd":"http://172.16.0.254/i"}'],
    ['magellan', 'id_map: { 172.16.0.101: x1c0s0b0 }'],
  ]);
  const made = parse(site.text) as Plain;
  const first = { address: '172.16.0.101', mac: '02:00:00:00:01:02', protocol: 'redfish' };
  const second = { address: '172.16.0.102', mac: '02:00:00:00:01:01', protocol: 'redfish' };
  assert.equal(
    Object.values<Plain>(made.nodes).map(({ bmc }) => bmc),
    [first, first, undefined, second, second, undefined],
  );
  assert.equal(
    notesOf(site, 'left').filter((note) => note.includes('BMC')),
    ['the BMC of n2 /1-ochami:5', 'the BMC of n5 /1-ochami:8'],
  );
  assert.equal(await errorsOf(site), []);
});

const CLUSTER = {
  cloud_provider: 'lab',
  region: 'west',
  'availability-zone': 'west-2',
  'cluster-name': 'Demo cluster',
  'public-keys': ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kVfFYhUuXqT1l0v4oQmZ0m9QGkz8yq4m0yq0r5n1B ops'],
};

test("the cluster's defaults and a node's own are in its meta-data, as the cloud-init server answers", async () => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kVfFYhUuXqT1l0v4oQmZ0m9QGkz8yq4m0yq0r5n2C one';
  const own = { id: 'x1000c1s7b2n0', hostname: 'two.demo.example.org', 'public-keys': [key] };
  const { text } = siteOf([
    ...SMD,
    BSS,
    ['cloud-init', JSON.stringify(CLUSTER)],
    ['cloud-init', JSON.stringify(own)],
  ]);
  const { tree } = await compile(
    makeSite(text.replace('\nserver:\n', '\nserver:\n  compat: [ochami]\n'), 'cg'),
  );
  const metaData = (node: string) => {
    const mac = node.replace('de00', 'b4-2e-99-a6-61-');
    const of = (path: string) => tree?.get(`www/cloud-init/${path}`);
    const file = of(`ochami/meta-data/${node}`) ?? of(`${mac}/meta-data`);
    assert.ok(file, node);
    return parse(textOf(file)) as Plain;
  };
  const one = metaData('de0001');
  assert.equal([one.hostname, one['cluster-name']], ['de0001', 'Demo cluster']);
  const { cloud_provider, region, availability_zone, public_keys } = one.instance_data.v1;
  assert.equal([cloud_provider, region, availability_zone], ['lab', 'west', 'west-2']);
  assert.equal(public_keys, CLUSTER['public-keys']);
  const two = metaData('de0002');
  assert.equal([two['local-hostname'], two.hostname], ['de0002', 'two.demo.example.org']);
  assert.equal(two.instance_data.v1.public_keys, [...CLUSTER['public-keys'], key]);
});

test('nodes have the host names that the cloud-init server sets, by short-name and NID', () => {
  const namesBy = (cluster: object, ...more: readonly Given[]) => {
    const site = siteOf([['ochami', openchami.OCHAMI], ['cloud-init', JSON.stringify(cluster)], ...more]);
    return { names: Object.keys(parse(site.text).nodes).slice(0, 2), changed: notesOf(site, 'changed') };
  };
  const nid = namesBy({ 'cluster-name': 'demo', 'short-name': 'nid' });
  assert.equal(nid.names, ['nid0001', 'nid0002']);
  assert.ok(nid.changed.includes('cg01 /1-ochami:27'), nid.changed.join('\n'));
  assert.equal(namesBy({ 'short-name': 'nid', 'nid-length': 3 }).names, ['nid001', 'nid002']);
  assert.equal(namesBy({ 'cluster-name': 'demo', 'nid-length': 0 }).names, ['de0001', 'de0002']);
  const own: Given = ['cloud-init', '{"id":"x1000c1s7b1n0","local-hostname":"login"}'];
  assert.equal(namesBy({ 'short-name': 'nid' }, own).names, ['login', 'nid0002']);
});

test('the scores of all identifiers of a boot configuration are added', () => {
  const config = (name: string, spec: object) => ({
    ...{ apiVersion: 'boot.openchami.io/v1', kind: 'BootConfiguration', metadata: { name } },
    spec: { kernel: `http://10.0.0.1/i/${name}`, ...spec },
  });
  const [mac, second] = ['b4:2e:99:a6:61:01', '02:00:00:00:00:01'];
  const configs = [
    config('mac', { macs: [mac] }),
    config('nid', { hosts: ['x1000c1s7b1n0', 'x1000c1s7b2n0'], nids: [1] }),
    config('macs', { macs: ['b4:2e:99:a6:61:02', 'b4:2e:99:a6:61:03', '02:00:00:00:00:03'] }),
    config('group', { hosts: ['x1000c1s7b3n0'], nids: [3] }),
    config('all', {}),
  ];
  assert.ok(openchami.BOOT_SERVICE.includes(second));
  const kernelsOf = (all: readonly object[]) => {
    const { nodes, profiles } = plainOf([
      ['boot-service', openchami.BOOT_SERVICE],
      ['boot-service', JSON.stringify(all)],
    ]);
    return Object.values<Plain>(nodes).map(({ profiles: [name] }) => profiles[name].boot.kernel);
  };
  assert.equal(kernelsOf(configs).slice(0, 4), ['nid', 'macs', 'group', 'all']);
  // boot-service compares only the MAC address of the boot NIC.
  const ofSecond = [config('second', { macs: [second] }), config('all', {})];
  assert.equal(kernelsOf(ofSecond).slice(0, 2), ['all', 'all']);
  const both = [config('both', { macs: [second, mac] }), config('all', {})];
  assert.equal(kernelsOf(both).slice(0, 2), ['both', 'all']);
});

test('groups as a map, and objects that are not groups', () => {
  const { groups } = plainOf([
    ['ochami', openchami.OCHAMI],
    ['cloud-init', '{"compute":{"description":"x","file":{"content":"#cloud-config\\na: null\\n"}}}'],
  ]);
  assert.equal(groups.compute, { description: 'x', cloud_init: { user_data: { a: null } } });
  const { site } = imported([
    ['ochami', openchami.OCHAMI],
    ['cloud-init', '{"name":"compute","file":{"content":"#cloud-config\\na: ${secret:x}\\n"}}'],
  ]);
  assert.ok(site);
  assert.ok(notesOf(site, 'open').includes('compute /2-cloud-init:1'));
  assert.not.match(site.text, '${secret:x}');
});

test('of conflicting files the first applies, and both locations are reported', () => {
  const other = openchami.OCHAMI.replace('name: cg01', 'name: login').replace(
    'ip_addr: 172.16.0.1\n',
    'ip_addr: 172.16.0.77\n',
  );
  const { site, found } = imported([
    ['ochami', openchami.OCHAMI],
    ['ochami', other],
  ]);
  assert.equal(
    found.map(({ code, message, related }) => [code, message, related?.[0]?.at.source.file]),
    [
      [
        'import-conflict',
        'The name of cg01 is login here, but cg01 in an earlier entry, which takes precedence.',
        '/1-ochami',
      ],
      [
        'import-conflict',
        'The IP address of b4:2e:99:a6:61:01 is 172.16.0.77 here, but 172.16.0.1 in an earlier entry, which takes precedence.',
        '/1-ochami',
      ],
    ],
  );
  assert.is(parse(site?.text ?? '').nodes.cg01.ip, '172.16.0.1');
});

test('roles are compared without case; two names of one network are reported once', () => {
  const spec = (number: number, role: string, network: string) => `- xname: x1000c0s0b0n${number}
  role: ${role}
  subrole: worker
  boot_mac: b4:2e:99:a6:61:0${number}
  ethernet_interfaces: [{ mac_address: b4:2e:99:a6:61:0${number}, network: ${network} }]
`;
  const file = (role: string, network: string): Given => [
    'boot-service',
    `nodes:\n${[0, 1, 2].map((number) => spec(number, role, network)).join('')}`,
  ];
  const messages = (other: Given) =>
    imported([file('Compute', 'HMN'), other]).found.map(({ message }) => message);
  assert.equal(messages(file('compute', 'hmn')), []);
  assert.equal(messages(file('Compute', 'management')), [
    'The network of b4:2e:99:a6:61:00 is management here, but HMN in an earlier entry, which takes precedence.',
  ]);
  assert.is(messages(file('Service', 'HMN')).length, 3);
});

test('two machines with one MAC address, and with one IP address', () => {
  const twice = openchami.OCHAMI.replace('b4:2e:99:a6:61:02', 'b4:2e:99:a6:61:01').replace(
    'ip_addr: 172.16.0.3\n',
    'ip_addr: 172.16.0.4\n',
  );
  const { site, found } = imported([['ochami', twice]]);
  assert.equal(
    found.map(({ message }) => message),
    [
      'The MAC address b4:2e:99:a6:61:01 belongs to cg02 here, but to cg01 in an earlier entry, which takes precedence.',
    ],
  );
  const { nodes } = parse(site?.text ?? '');
  assert.equal(
    [nodes.cg02.mac, nodes.cg02.ip, nodes.cg04.mac, nodes.cg04.ip],
    ['…', '172.16.0.2', 'b4:2e:99:a6:61:04', '…'],
  );
});

test('names are made valid and unique', () => {
  const node = (name: string, number: number) =>
    `- { name: ${JSON.stringify(name)}, xname: x0c0s${number}b0n0, interfaces: [{ mac_addr: "a4:bf:01:00:00:0${number}" }] }\n`;
  const names = ['CG_01', 'cg-01', '-', '12', 'a'.repeat(80), 'näme', '\u001b[31m'];
  const site = siteOf([['ochami', `nodes:\n${names.map(node).join('')}`]]);
  assert.equal(
    Object.keys(parse(site.text).nodes),
    ['cg-01', 'x0c0s1b0n0', 'x0c0s2b0n0', 'x0c0s3b0n0', 'a'.repeat(63), 'n-me', '31m'].map((name, index) =>
      index === 1 ? 'cg-01-2' : name,
    ),
  );
  assert.not.match(JSON.stringify(site.notes.map(({ of }) => of)), '\\u001b');
});

test('the format of a file in another format is detected', () => {
  const files: Readonly<Record<string, string>> = {
    smd: openchami.COMPONENTS,
    bss: openchami.BOOT_PARAMETERS,
    magellan: openchami.MAGELLAN,
    ochami: openchami.OCHAMI,
    'boot-service': openchami.BOOT_SERVICE,
    'cloud-init': openchami.CLOUD_INIT_GROUPS,
  };
  for (const [kind, text] of Object.entries(files))
    for (const as of Object.keys(files)) {
      if (as === kind) continue;
      const { site, found } = imported([[as, text]]);
      assert.is(site, undefined);
      assert.equal(
        found.map(({ code }) => code),
        ['import-kind'],
        `${kind} as ${as}`,
      );
      assert.match(found[0]?.message ?? '', `probably of ${kind}`);
    }
});

test('empty and unknown files are rejected with a location', () => {
  for (const kind of ['smd', 'bss', 'magellan', 'ochami', 'boot-service', 'cloud-init']) {
    for (const text of ['', '[]', 'null', '[null]']) {
      const { site, found } = imported([[kind, text]]);
      assert.is(site, undefined, `${kind} ${text}`);
      assert.ok(
        found.length > 0 && found.every(({ code }) => /^import-(nothing|kind)$/.test(code)),
        `${kind} ${text}`,
      );
    }
    for (const text of [
      'x',
      '17',
      '[1]',
      '{"a": 1}',
      '{',
      '[{"ID": []}]',
      '{"Components": 7}',
      'a: *b',
      '\t- x',
    ]) {
      const { site, found } = imported([[kind, text]]);
      assert.is(site, undefined, `${kind} ${text}`);
      assert.ok(
        found.some(({ severity }) => severity === 'error'),
        `${kind} ${text}`,
      );
    }
  }
});

test('values of wrong types are errors at their locations', () => {
  const { found } = imported([
    ['smd', '{"Components":[\n{"ID":"x0c0s0b0n0","NID":"one"},\n{"ID":["x"]},\n7]}'],
  ]);
  assert.equal(
    found.map(({ code, message, at }) => `${code} ${at.source.position(at.start).line} ${message}`),
    [
      'import-value 2 NID is not a whole number from 1 to 2147483647.',
      'import-value 3 A component is not a map with an ID.',
      'import-value 3 ID is not text.',
      'import-value 4 An entry of Components is not a map.',
    ],
  );
});

test('any damaged file makes a site or a diagnostic', () => {
  const bases: Readonly<Record<string, readonly Given[]>> = {
    smd: [...SMD, ['smd', openchami.REDFISH]],
    bss: [BSS],
    magellan: [['magellan', openchami.MAGELLAN]],
    ochami: [['ochami', openchami.OCHAMI]],
    'boot-service': [['boot-service', openchami.BOOT_SERVICE]],
    'cloud-init': [
      ['ochami', openchami.OCHAMI],
      ['cloud-init', openchami.CLOUD_INIT_GROUPS],
    ],
  };
  const seen = { made: 0, refused: 0 };
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(bases)),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (base, edits) => {
        const given = bases[base] ?? [];
        const last = given.at(-1) as Given;
        const files = edits.reduce((all, one) => edited(all, one), { file: last[1] } as Record<
          string,
          string
        >);
        const mangled: Given[] = [...given.slice(0, -1), [last[0], files.file ?? '']];
        const { site, found } = imported(mangled);
        assert.is(
          site === undefined,
          found.some(({ severity }) => severity === 'error'),
          files.file,
        );
        seen[site ? 'made' : 'refused'] += 1;
        if (site) assert.ok(Object.keys(parse(site.text).nodes).length > 0);
        assert.is(imported(mangled).site?.text, site?.text);
      },
    ),
    { seed: SEED, numRuns: runs(200) },
  );
  assert.ok(seen.made > 20 && seen.refused > 20, JSON.stringify(seen));
});

test('long runs of nodes that differ only by number are one range, and the same nodes', async () => {
  const pad = (number: number) => String(number).padStart(2, '0');
  const node = (number: number) => `- name: cg${pad(number)}
  nid: ${number}
  xname: x1000c1s${number}b0n0
  groups: [${number === 30 ? 'debug' : 'compute'}]
  interfaces: [{ mac_addr: "52:54:00:7c:52:${hex(number)}", ip_addrs: [{ ip_addr: 172.16.0.${number} }] }]
  bmc_mac: 52:54:00:7c:53:${hex(number)}
  bmc_ip: 172.16.0.${100 + number}
`;
  const all = Array.from({ length: 40 }, (_, index) => index + 1);
  const site = siteOf([
    ['ochami', `nodes:\n${all.map(node).join('')}`],
    ['bss', '{"hosts":["Default"],"kernel":"http://172.16.0.9/i/k","initrd":"http://172.16.0.9/i/i"}'],
  ]);
  const { nodes } = parse(site.text);
  assert.equal(Object.keys(nodes), ['cg[01-29]', 'cg30', 'cg[31-40]']);
  assert.equal(nodes['cg[01-29]'], {
    xname: 'x1000c1s[1-29]b0n0',
    nid: '[1-29]',
    groups: ['compute'],
    profiles: ['default'],
    mac: '52:54:00:7c:52:[01-1d]',
    ip: '172.16.0.[1-29]',
    bmc: { address: '172.16.0.[101-129]', mac: '52:54:00:7c:53:[01-1d]', protocol: 'redfish' },
  });
  const { site: made, diagnostics } = await compile(makeSite(site.text, 'cg'));
  assert.equal(diagnostics, []);
  assert.equal(
    made?.nodes.map(({ name, ip, nid, bootNic, facts }) => [name, ip, nid, bootNic.mac, facts.bmc?.address]),
    all.map((number) => [
      `cg${pad(number)}`,
      `172.16.0.${number}`,
      number,
      `52:54:00:7c:52:${hex(number)}`,
      `172.16.0.${100 + number}`,
    ]),
  );
});

test('deep, wide and large files are read in linear time or rejected', async () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  for (const kind of ['smd', 'bss', 'cloud-init']) assert.is(imported([[kind, deep]]).site, undefined);
  const nodes = (length: number) =>
    Array.from({ length }, (_, index) => ({
      MACAddress: `02:00:00:00:${hex(index >> 8)}:${hex(index & 255)}`,
      ComponentID: `x${1000 + (index >> 8)}c0s${index & 255}b0n0`,
      Type: 'Node',
      IPAddresses: [{ IPAddress: `10.0.${index >> 8}.${1 + (index % 250)}` }],
    }));
  let site: ImportedSite | undefined;
  const text = (size: number) => JSON.stringify(nodes(size));
  await assertLinear('smd', 3200, text, (read) => {
    ({ site } = imported([['smd', read]], { server: 'http://10.0.0.1' }));
  });
  assert.match(site?.text ?? '', /\n {2}x1000c0s\[0-249\]b0n0:\n/);
});

const hex = (number: number) => number.toString(16).padStart(2, '0');

test('the command joins files of several formats, and reports the file of each line', async () => {
  const home = writeFiles(scratchFolder(), {
    'components.json': openchami.COMPONENTS,
    'interfaces.json': openchami.INTERFACES,
    'bss.json': openchami.BOOT_PARAMETERS,
    'groups.json': openchami.CLOUD_INIT_GROUPS,
  });
  const smd = ['import', 'smd', 'components.json', 'interfaces.json', '--server', 'http://172.16.0.254'];
  const [made, alone, twoAlone, joinAlone, noKind, noFile, strange, missing, twice] = await runAll([
    {
      args: [
        ...smd,
        ...['--join', 'bss:bss.json', '--join=cloud-init:groups.json', '--subnet', '172.16.0.0/24'],
        ...['--to', 'sites/cg', '--secrets-to', 'cg.secrets.yaml'],
      ],
      cwd: home,
    },
    { args: ['import', 'smd', 'components.json'], cwd: home },
    { args: ['import', 'phs', 'a.yaml', 'b.yaml'], cwd: home },
    { args: ['import', 'phs', 'a.yaml', '--join', 'bss:bss.json'], cwd: home },
    { args: [...smd, '--join', 'bsss:bss.json'], cwd: home },
    { args: [...smd, '--join', 'bss.json'], cwd: home },
    { args: [...smd, '--join', 'phs:bss.json'], cwd: home },
    { args: [...smd, '--join', 'bss:nowhere.json'], cwd: home },
    { args: ['import', 'smd', '-', '--join', 'bss:-'], cwd: home },
  ]);
  assert.is(made?.code, 0, made?.stderr);
  assert.match(made?.stderr ?? '', /^ {2}components\.json:118 x1000c1r7b0: /m);
  assert.match(made?.stderr ?? '', /^ {2}bss\.json:42 Unknown-x86_64: /m);
  assert.match(made?.stderr ?? '', 'cg.secrets.yaml contains the values of compute_chpasswd_list');
  for (const secret of Object.values(openchami.OPENCHAMI_SECRETS))
    assert.not.match(made?.stderr ?? '', secret);
  assert.is(alone?.code, 0, alone?.stderr);
  assert.match(alone?.stdout ?? '', 'nid001:');
  assert.equal(
    [twoAlone, joinAlone, noKind, noFile, strange, missing, twice].map((run) => run?.code),
    [2, 2, 2, 2, 2, 1, 2],
  );
  assert.match(twoAlone?.stderr ?? '', 'phs takes one file: b.yaml is one too many');
  assert.match(joinAlone?.stderr ?? '', '--join does not apply to the format phs');
  assert.match(noKind?.stderr ?? '', 'did you mean bss?');
  assert.match(noFile?.stderr ?? '', '--join takes a format and a file');
  assert.match(strange?.stderr ?? '', 'phs cannot be joined with others');
  assert.match(missing?.stderr ?? '', 'nowhere.json cannot be read');
  assert.match(twice?.stderr ?? '', 'only one of the files can be standard input');
});

test('values missing in many machines are one line, with the first names', async () => {
  const many = (count: number) =>
    JSON.stringify({
      Components: Array.from({ length: count }, (_, index) => ({
        ID: `x1c0s${index}b0n0`,
        Type: 'Node',
        NID: index + 1,
      })),
    });
  const home = writeFiles(scratchFolder(), { 'few.json': many(20), 'many.json': many(21) });
  const [few, more] = await runAll(
    ['few.json', 'many.json'].map((file) => ({ args: ['import', 'smd', file], cwd: home })),
  );
  assert.match(
    few?.stderr ?? '',
    '  few.json:1 nid020: its MAC address and IP address were not found in the files read\n',
  );
  assert.match(
    more?.stderr ?? '',
    /^ {2}many\.json:1 nid001, nid002, .*, nid020 and 1 more: its MAC address and IP address were not found in the files read$/m,
  );
  assert.not.match(more?.stderr ?? '', 'nid021');
});

test('the help of the command line lists exactly the existing formats', () => {
  const { description = '' } = define().commands.find(({ name }) => name === 'import') ?? {};
  const listed = description.replace(/^.*?Formats: /, '').replace(/ ?\([^)]*\)/g, '');
  assert.equal(
    listed.split(/, |\. Joined into one site: /).sort(),
    [...IMPORT_FORMATS, ...JOINED_FORMATS].map(({ name }) => name).sort(),
  );
});

test.run();

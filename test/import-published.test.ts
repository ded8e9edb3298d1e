import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { type Given, importedSite, notesIn } from './support/imported.ts';

const test = suite('harvgen import of plants as they are published');

/** A create configuration whose ISO is at a URL. */
const config = (iso: string) => `scheme_version: 1
token: seven-lamps-on-the-quay
os:
  hostname: n1
  password: Quay-lamp-4471
install:
  mode: create
  management_interface:
    interfaces: [{ name: eno1, hwAddr: "52:54:00:00:00:01" }]
    method: dhcp
  device: /dev/sda
  iso_url: ${iso}
  vip: 10.0.0.10
  vip_mode: static
`;

/** A script that installs with a configuration, from media that begin with a text. */
const installer = (stem: string, more = '') => `#!ipxe
${more}kernel ${stem}-vmlinuz-amd64 ip=dhcp root=live:${stem}-rootfs-amd64.squashfs harvester.install.automatic=true harvester.install.config_url=http://10.0.0.5/harvester/config-create.yaml
initrd ${stem}-initrd-amd64
boot
`;

const FLAT = 'http://10.0.0.5/harvester/harvester-v1.4.2';

test('the release in the file names of the media, all in one directory', () => {
  const site = importedSite([
    ['harvester', 'config-create.yaml', config(`${FLAT}-amd64.iso`)],
    ['ipxe', 'n1.ipxe', installer(FLAT)],
  ]);
  assert.is(
    site.text,
    `# Imported by harvgen import from harvester: config-create.yaml, ipxe: n1.ipxe.
#
# To complete (delete each of these lines when it is done):
# - n1: its IP address was not found in the files read
# - install.iso_url, kernel: nodes request the media in http://10.0.0.5/harvester/v1.4.2/, named as those of
#   releases.rancher.com: move them there, and set server.media: http://10.0.0.5/harvester; or let
#   scripts/fetch-media.sh of the output tree download them to the boot server
# - networks.mgmt.subnet: no IP address found in the files read; or add --subnet
#
# Imported with changes:
# - "http://10.0.0.5": the server of the old files: add --server if the site has another
site: plant

harvester:
  version: v1.4.2 # n1.ipxe:2

server:
  url: http://10.0.0.5

networks:
  mgmt:
    subnet: … # no IP address found in the files read
    dhcp: {}

cluster:
  vip: 10.0.0.10 # config-create.yaml:13
  token: \${secret:cluster_token} # config-create.yaml:2

defaults:
  config:
    os:
      password: \${secret:node_password} # config-create.yaml:5
    install:
      device: /dev/sda # config-create.yaml:11

nodes:
  n1:
    mode: create # config-create.yaml:7
    nics:
      - { name: eno1, mac: 52:54:00:00:00:01, ip: … } # config-create.yaml:9
`,
  );
});

const settings = (iso: string, kernel = 'http://10.0.0.5/vmlinuz') => `harvester_iso_url: ${iso}
harvester_kernel_url: ${kernel}
harvester_cluster_nodes: 1
harvester_network_config:
  dhcp_server: { ip: 192.168.0.254, subnet: 192.168.0.0, netmask: 255.255.255.0, range: 192.168.0.50 192.168.0.130 }
  cluster: [{ ip: 192.168.0.30, mgmt_nic: ens6, mgmt_mac: "02:00:00:0D:62:E2" }]
`;
const line = 'harvester.install.automatic=true harvester.install.config_url=http://10.0.0.5/c.yaml';
const bss = (kernel: string) =>
  `[{"macs": ["52:54:00:00:00:01"], "kernel": "${kernel}", "params": "${line}"}]`;
const pxelinux = (kernel: string) => `DEFAULT a\nLABEL a\n  KERNEL ${kernel}\n  APPEND ${line}\n`;

const RELEASES: readonly (readonly [release: string, ...given: Given])[] = [
  ['v1.4.2', 'harvester', 'c.yaml', config('http://10.0.0.5/harvester/v1.4.2/harvester-amd64.iso')],
  ['v1.8.2-govt.1', 'harvester', 'c.yaml', config('http://10.0.0.5/iso/harvester-v1.8.2-govt.1-amd64.iso')],
  ['v1.9.0', 'harvester', 'c.yaml', config('http://10.0.0.5/iso/harvester-1.9.0-amd64.iso')],
  ['v1.3.0', 'harvester', 'c.yaml', config('http://10.0.0.5/harvester-v1.3.0-amd64-net-install.iso')],
  ['v1.5.1-rc2', 'harvester', 'c.yaml', config('http://10.0.0.5/harvester-v1.5.1-rc2-arm64.iso?a=b')],
  ['v1.6.0', 'harvester', 'c.yaml', config('http://10.0.0.5/harvester-1.6.0/amd64.iso')],
  ['master', 'harvester', 'c.yaml', config('http://10.0.0.5/harvester-master-amd64.iso')],
  ['v1.8-head', 'harvester', 'c.yaml', config('http://10.0.0.5/v1.8-head/harvester-amd64.iso')],
  ['v1.4.2', 'harvester', 'c.yaml', config('http://10.0.0.5/harvester-v1.4.2.iso')],
  ['v1.4.2', 'ipxe', 'n1.ipxe', installer(FLAT)],
  [
    'v1.2.0',
    'ipxe',
    'n1.ipxe',
    installer('http://10.0.0.5/harvester-${version}', 'set version v1.2.0\ndhcp\n'),
  ],
  [
    'v1.2.0',
    'ipxe',
    'n1.ipxe',
    installer('${b}/harvester-v1.2.0', 'dhcp || goto ${ifname}\nset b http://10.0.0.5\n'),
  ],
  ['v1.4.2', 'ipxe', 'n1.ipxe', installer('v1.4.2/harvester')],
  ['v1.4.2', 'ipxe', 'n1.ipxe', installer(FLAT).replace(/^kernel \S+/m, 'kernel http://10.0.0.5/vmlinuz')],
  [
    'v1.4.2',
    'ipxe',
    'n1.ipxe',
    `#!ipxe\nkernel http://10.0.0.5/k ${line} harvester.install.iso_url=${FLAT}-amd64.iso\n`,
  ],
  ['v1.4.2', 'pxelinux', '01-52-54-00-00-00-01', pxelinux('harvester/harvester-v1.4.2-vmlinuz-amd64')],
  ['v1.4.2', 'pxelinux', '01-52-54-00-00-00-01', pxelinux('harvester-v1.4.2-vmlinuz-amd64')],
  ['v1.4.2', 'bss', 'b.json', bss(`${FLAT}-vmlinuz-amd64`)],
  ['v1.4.2', 'bss', 'b.json', bss('s3://boot/v1.4.2/vmlinuz')],
  ['v1.4.2', 'settings', 'settings.yml', settings(`${FLAT}-amd64.iso`)],
  [
    'v1.4.2',
    'settings',
    'settings.yml',
    settings('http://10.0.0.5/harvester-amd64.iso', `${FLAT}-vmlinuz-amd64`),
  ],
  // Numbers that are no release of the media: an address, and the version of another program.
  ['…', 'harvester', 'c.yaml', config('http://10.0.0.5/ipxe-1.21.1/harvester-amd64.iso')],
  ['…', 'harvester', 'c.yaml', config('http://1.4.2.5/harvester-amd64.iso')],
  ['…', 'ipxe', 'n1.ipxe', installer('http://10.0.0.5/harvester')],
  ['…', 'settings', 'settings.yml', settings('http://10.0.0.5/harvester-amd64.iso')],
];

for (const [release, kind, file, text] of RELEASES)
  test(`the release is ${release}: ${kind} ${/\S*(?:iso|vmlinuz)\S*/.exec(text)?.[0]}`, () => {
    const site = importedSite([[kind, file, text]], { server: 'http://10.0.0.5' });
    assert.is(parse(site.text).harvester.version, release);
    const missing =
      'harvester.version: not found in the files read: set the release that the machines install, or add --harvester-version';
    assert.is(notesIn(site, 'open').includes(missing), release === '…');
    assert.not.match(site.text, /no file contains|is installed;/);
  });

test('without a release, keys of any release stay', () => {
  const text = config('http://10.0.0.5/harvester-amd64.iso').replace(
    'install:',
    'install:\n  raw_disk_image_path: /a\n  persistent_partition_size: 150Gi',
  );
  const { install } = parse(importedSite([['harvester', 'c.yaml', text]]).text).defaults.config;
  assert.is(install.persistent_partition_size, '150Gi');
});

test('where the media are is noted once per file, unless others are where nodes request them', () => {
  const usual = 'http://10.0.0.5/harvester/v1.4.2/harvester-v1.4.2';
  const iso = (text: string) =>
    importedSite([
      ['harvester', 'config-create.yaml', config(`${text}-amd64.iso`)],
      ['ipxe', 'n1.ipxe', installer(usual)],
    ]);
  assert.is(parse(iso(usual).text).server.media, 'http://10.0.0.5/harvester');
  assert.equal(
    notesIn(iso(usual), 'changed').filter((note) => /media/.test(note)),
    [],
  );
  assert.is(parse(iso(FLAT).text).server.media, 'http://10.0.0.5/harvester');
  assert.equal(
    notesIn(iso(FLAT), 'changed').filter((note) => /media/.test(note)),
    [
      'config-create.yaml:12 install.iso_url: harvgen derives the URLs of the media from server.media and the release',
    ],
  );
  const secret = importedSite([
    ['harvester', 'c.yaml', config('http://me:Quay-lamp-9@10.0.0.5/harvester-v1.4.2-amd64.iso')],
  ]);
  assert.not.match(JSON.stringify(notesIn(secret, 'open')), 'Quay-lamp-9');
});

test('a site without Harvester has no note on a release', () => {
  const table =
    'hostname,mac,ip_address,netmask,gateway,nameservers,labels,disk,bmc_ip,bmc_username,bmc_password\n' +
    'n1,52:54:00:00:00:01,10.10.50.2,255.255.254.0,10.10.50.1,8.8.8.8|8.8.4.4,type=cp,/dev/sda,10.10.44.1,root,Quay-lamp-4471\n';
  for (const text of [table, table.replace(',disk,', ',role,').replace('/dev/sda', 'worker')]) {
    const site = importedSite([['csv', 'hardware.csv', text]], { server: 'http://10.10.50.9' });
    assert.is(parse(site.text).harvester, undefined);
    assert.equal(
      site.notes.filter(({ of, text: why }) => /version|release/.test(of) || /v1\.9/.test(why)),
      [],
    );
  }
});

test('only BSS adds xname= and nid= to the kernel arguments', () => {
  const machine: Given = [
    'csv',
    'm.csv',
    'name,mac,ip,xname,nid\nn1,52:54:00:00:00:01,10.0.0.11,x1c1s1b0n0,1\n',
  ];
  const kernel = '"kernel": "http://10.0.0.5/k", "params": "quiet"';
  const argsOf = (...given: Given) =>
    Object.values<{ boot: { args: string[] } }>(parse(importedSite([machine, given]).text).profiles).map(
      ({ boot }) => boot.args,
    );
  assert.equal(argsOf('bss', 'b.json', `[{"macs": ["52:54:00:00:00:01"], ${kernel}}]`), [
    ['quiet', 'xname=${node:xname}', 'nid=${node:nid}'],
  ]);
  const configuration = (params: string) =>
    `{"kind": "BootConfiguration", "spec": {"macs": ["52:54:00:00:00:01"], "kernel": "http://10.0.0.5/k", "params": "${params}"}}`;
  assert.equal(argsOf('boot-service', 'b.json', configuration('quiet')), [['quiet']]);
  assert.equal(argsOf('boot-service', 'b.json', configuration('quiet nid=1')), [
    ['quiet', 'nid=${node:nid}'],
  ]);
  assert.equal(argsOf('ipxe', 'boot.ipxe', '#!ipxe\nkernel http://10.0.0.5/k quiet\nboot\n'), [['quiet']]);
  assert.equal(
    argsOf('pxelinux', 'default', 'DEFAULT a\nLABEL a\n  KERNEL http://10.0.0.5/k\n  APPEND quiet\n'),
    [['quiet']],
  );
});

test.run();

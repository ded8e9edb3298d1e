import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import { type Given, importedSite, notesIn } from './support/imported.ts';
import { makeSite } from './support/scratch.ts';

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
# - bond_options: mode: active-backup is added, and before v1.6.0 the installer itself has balance-tlb: to keep that,
#   set bond_options: {mode: balance-tlb, miimon: "100"} in config.install.management_interface
# - replica_count: 1 is added, the number of nodes that store volumes, and the installer itself has 3: to keep that,
#   set config.install.harvester.storage_class.replica_count: 3
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

/** A create configuration with two NICs without MAC addresses, of a plant with its documentation. */
const BONDED = `---
scheme_version: 1
token: WordHarvester
os:
  hostname: n-01
  ssh_authorized_keys:
    - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvZC2m8xN1v9p1yqQ0m6o0v1D3N0C1H5o7c8s7m3a2B someone@host
  password: Passw0rd01
  ntp_servers: [0.suse.pool.ntp.org]
  dns_nameservers: [10.0.0.9, 10.0.0.8, 8.8.8.8]
install:
  skipchecks: true
  mode: create
  management_interface:
    interfaces: [{name: eno1}, {name: eno2}]
    default_route: true
    method: static
    ip: 10.0.0.101
    subnet_mask: 255.255.252.0
    gateway: 10.0.0.1
    bond_options:
      mode: active-backup
      miimon: 100
  device: /dev/sda
  data_disk: /dev/nvme0n1
  iso_url: http://10.0.0.10/harvester/v1.7.1/harvester-v1.7.1-amd64.iso
  vip: 10.0.0.100
  vip_mode: static
`;

/** The official script of harvester/ipxe-examples, for any machine. */
const CREATE = `#!ipxe
kernel http://10.0.0.10/harvester/harvester-v1.7.1-vmlinuz-amd64 initrd=harvester-v1.7.1-initrd-amd64 ip=dhcp net.ifnames=1 rd.cos.disable rd.noverifyssl console=tty1 root=live:http://10.0.0.10/harvester/harvester-v1.7.1-rootfs-amd64.squashfs harvester.install.automatic=true harvester.install.config_url=http://10.0.0.10/harvester/config-create-n1.yaml
initrd http://10.0.0.10/harvester/harvester-v1.7.1-initrd-amd64
boot
`;

test('the members of the bond stay if the script requests a file of another name', () => {
  const site = importedSite([
    ['harvester', 'cfg.yaml', BONDED],
    ['ipxe', 'ipxe-create', CREATE],
  ]);
  assert.is(
    site.text,
    `# Imported by harvgen import from harvester: cfg.yaml, ipxe: ipxe-create.
#
# To complete (delete each of these lines when it is done):
# - n-01: its MAC address was not found in the files read
#
# Imported with changes:
# - replica_count: 1 is added, the number of nodes that store volumes, and the installer itself has 3: to keep that,
#   set config.install.harvester.storage_class.replica_count: 3
# - method: the DHCP server of the site has a reservation for this IP address: for static IP addresses, remove dhcp of
#   the network, and boot the embedded script
# - install.management_interface.bond_options.miimon: the installer requires text here: it is now quoted
# - kernel: harvgen derives the URLs of the media from server.media and the release
# - "http://10.0.0.10": the server of the old files: add --server if the site has another
#
# Not imported:
# - install.management_interface.default_route: it has no effect. No release reads it: the management network always
#   carries the default route.
# - "rd.noverifyssl": harvgen writes this argument only if the media are at an https URL
site: plant

harvester:
  version: v1.7.1 # ipxe-create:2

server:
  url: http://10.0.0.10
  media: http://10.0.0.10/harvester # cfg.yaml:26

# DHCP is dnsmasq on the boot server, with a reservation for each node. To keep another DHCP server, write
# dhcp: { server: external }
networks:
  mgmt:
    subnet: 10.0.0.0/22 # cfg.yaml:19
    gateway: 10.0.0.1 # cfg.yaml:20
    dhcp: {}

cluster:
  vip: 10.0.0.100 # cfg.yaml:27
  token: \${secret:cluster_token} # cfg.yaml:3

defaults:
  config:
    os:
      # cfg.yaml:7
      ssh_authorized_keys:
        - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvZC2m8xN1v9p1yqQ0m6o0v1D3N0C1H5o7c8s7m3a2B someone@host
      ntp_servers: [ 0.suse.pool.ntp.org ] # cfg.yaml:9
      dns_nameservers: [ 10.0.0.9, 10.0.0.8, 8.8.8.8 ] # cfg.yaml:10
      password: \${secret:node_password} # cfg.yaml:8
    install:
      skipchecks: true # cfg.yaml:12
      management_interface:
        bond_options:
          mode: active-backup # cfg.yaml:22
          miimon: "100" # cfg.yaml:23
      device: /dev/sda # cfg.yaml:24
      data_disk: /dev/nvme0n1 # cfg.yaml:25

nodes:
  n-01:
    mode: create # cfg.yaml:13
    nics:
      - { name: eno1, mac: …, ip: 10.0.0.101 } # cfg.yaml:15, 18
      - { name: eno2 } # cfg.yaml:15
`,
  );
});

const HARV_1 = `#!ipxe
kernel http://10.0.0.10/v1.5.1/harvester-v1.5.1-vmlinuz-amd64 initrd=i ip=dhcp rd.cos.disable root=live:http://10.0.0.10/v1.5.1/harvester-v1.5.1-rootfs-amd64.squashfs harvester.install.automatic=true harvester.install.mode=create harvester.install.management_interface.method=dhcp harvester.install.device=/dev/sda harvester.install.management_interface.interfaces="hwAddr:52:54:00:65:ce:e5" harvester.install.management_interface.interfaces="hwAddr:52:54:00:65:ce:e6,name:ens4" harvester.os.hostname=h1
initrd http://10.0.0.10/v1.5.1/harvester-v1.5.1-initrd-amd64
boot
`;

test('NICs on the kernel line are members of the bond, with their MAC addresses', () => {
  assert.is(
    importedSite([['ipxe', 'harv-1.ipxe', HARV_1]]).text,
    `# Imported by harvgen import from ipxe: harv-1.ipxe.
#
# To complete (delete each of these lines when it is done):
# - h1: its password was not found in the files read: add config.os.password, or ssh_authorized_keys
# - h1: its IP address was not found in the files read
# - cluster.vip: the VIP was not found in the files read
# - token: not found in the files read: generate the secret cluster_token with \`openssl rand -hex 32\`
# - server.url: not found in the files read: set the URL of the boot server for downloads; or add --server
# - networks.mgmt.subnet: no IP address found in the files read; or add --subnet
#
# Imported with changes:
# - harv-1: the node is named h1, as in its configuration
# - bond_options: mode: active-backup is added, and before v1.6.0 the installer itself has balance-tlb: to keep that,
#   set bond_options: {mode: balance-tlb, miimon: "100"} in config.install.management_interface
# - replica_count: 1 is added, the number of nodes that store volumes, and the installer itself has 3: to keep that,
#   set config.install.harvester.storage_class.replica_count: 3
site: plant

harvester:
  version: v1.5.1 # harv-1.ipxe:2

server:
  url: … # http:// and the IP address of the boot server
  media: http://10.0.0.10 # harv-1.ipxe:2

networks:
  mgmt:
    subnet: … # no IP address found in the files read
    dhcp: {}

cluster:
  vip: … # a free IP address in the subnet of the nodes
  token: \${secret:cluster_token}

defaults:
  config:
    install:
      device: /dev/sda # harv-1.ipxe:2

nodes:
  h1:
    mode: create # harv-1.ipxe:2
    nics:
      - { mac: 52:54:00:65:ce:e5, ip: … } # harv-1.ipxe:2
      - { name: ens4, mac: 52:54:00:65:ce:e6 } # harv-1.ipxe:2
`,
  );
});

test('a script for all machines is no node, whatever its name', () => {
  const one = BONDED.replace(', {name: eno2}', '');
  const given = (name: string): readonly Given[] => [
    ['harvester', 'config-create-n1.yaml', one],
    ['ipxe', name, CREATE],
  ];
  const names =
    'ipxe-create-efi ipxe-join-efi ipxe-menu harvester.ipxe standardharvester.ipxe harvester-create.ipxe';
  for (const name of [...names.split(' '), 'nodes.ipxe', 'nuc.ipxe', 'custom.ipxe', 'rack-4.ipxe']) {
    const { nodes } = parse(importedSite(given(name)).text);
    assert.equal(
      nodes,
      {
        'n-01': { mode: 'create', nics: [{ name: 'eno1', mac: '…', ip: '10.0.0.101' }] },
      },
      name,
    );
  }
});

const ofNics = (file: string, interfaces: string): readonly unknown[] => {
  const text = HARV_1.replace(/(?: harvester\.install\.management_interface\.interfaces=\S+)+/, interfaces);
  const { nodes } = parse(importedSite([['ipxe', file, text]]).text);
  return nodes.h1.nics ?? [nodes.h1];
};
const member = (value: string) => ` harvester.install.management_interface.interfaces="${value}"`;
const [E5, E6] = ['52:54:00:65:ce:e5', '52:54:00:65:ce:e6'];

for (const [what, file, interfaces, nics] of [
  [
    'a second member with a MAC address',
    '52-54-00-65-ce-e5.ipxe',
    member(`hwAddr:${E5}`) + member(`hwAddr:${E6},name:ens4`),
    [
      { mac: E5, ip: '…' },
      { name: 'ens4', mac: E6 },
    ],
  ],
  [
    'members in the other order',
    '52-54-00-65-ce-e5.ipxe',
    member(`hwAddr:${E6},name:ens4`) + member(`hwAddr:${E5}`),
    [
      { mac: E5, ip: '…' },
      { name: 'ens4', mac: E6 },
    ],
  ],
  [
    'a member with a name only',
    'harv-1.ipxe',
    member(`hwAddr:${E5}`) + member('name:ens4'),
    [{ mac: E5, ip: '…' }, { name: 'ens4' }],
  ],
  [
    'only names',
    'harv-1.ipxe',
    member('name:ens3') + member('name:ens4'),
    [{ name: 'ens3', mac: '…', ip: '…' }, { name: 'ens4' }],
  ],
  ['one name', 'harv-1.ipxe', member('name:ens3'), [{ name: 'ens3', mac: '…', ip: '…' }]],
] as const)
  test(`NICs on the kernel line: ${what}`, () => {
    assert.equal(ofNics(file, interfaces), nics);
  });

test('if the NIC that a machine boots from is not in its bond, both stay, and the bond is as it was', () => {
  const text = HARV_1.replace(member(`hwAddr:${E5}`), '');
  const site = importedSite([['ipxe', '52-54-00-65-ce-e5.ipxe', text]]);
  const { nodes, defaults } = parse(site.text);
  assert.equal(nodes.h1.nics, [
    { mac: E5, ip: '…' },
    { name: 'ens4', mac: E6 },
  ]);
  assert.equal(defaults.config.install.management_interface, { interfaces: [{ hwAddr: E6, name: 'ens4' }] });
  assert.ok(
    notesIn(site, 'open').includes(
      `52-54-00-65-ce-e5.ipxe:2 management_interface.interfaces: it boots from ${E5}, which is none of its management interfaces, ens4: check them in config, and set network of the other NICs`,
    ),
    notesIn(site, 'open').join('\n'),
  );
});

test('a static IP address on the kernel line provides the network', () => {
  const text = HARV_1.replace(
    'interface.method=dhcp',
    [
      'interface.method=static',
      'interface.ip=10.0.0.101',
      'interface.subnet_mask=255.255.252.0',
      'interface.gateway=10.0.0.1',
    ].join(' harvester.install.management_'),
  );
  const { networks, nodes } = parse(importedSite([['ipxe', 'harv-1.ipxe', text]]).text);
  assert.equal(
    [networks.mgmt.subnet, networks.mgmt.gateway, nodes.h1.nics[0].ip],
    ['10.0.0.0/22', '10.0.0.1', '10.0.0.101'],
  );
});

test('the name of a script joins it with tables, and os.hostname names the node', () => {
  const table = 'name,mac,ip\nrack-4,52:54:00:00:00:01,10.0.0.101\n';
  const site = importedSite([
    ['csv', 'm.csv', table],
    ['harvester', 'config-create-n1.yaml', BONDED],
    ['ipxe', 'rack-4.ipxe', CREATE],
  ]);
  assert.equal(Object.keys(parse(site.text).nodes), ['n-01']);
  assert.ok(
    notesIn(site, 'changed').includes('m.csv:2 rack-4: the node is named n-01, as in its configuration'),
  );
  const named = importedSite([
    ['harvester', 'config-create-n1.yaml', BONDED.replace('  hostname: n-01\n', '')],
    ['ipxe', 'rack-4.ipxe', CREATE],
  ]);
  assert.equal(Object.keys(parse(named.text).nodes), ['rack-4']);
});

test('two scripts for all machines that request one configuration make one node', () => {
  const site = importedSite([
    ['harvester', 'config-create-n1.yaml', BONDED],
    ['ipxe', 'ipxe-create', CREATE],
    ['ipxe', 'ipxe-create-efi', CREATE],
  ]);
  assert.equal(Object.keys(parse(site.text).nodes), ['n-01']);
});

const JOIN = BONDED.replace('mode: create', 'mode: join')
  .replace('hostname: n-01', 'hostname: joiner')
  .replace(/ {4}method: static\n( {4}(?:ip|subnet_mask|gateway): .*\n)+/, '    method: dhcp\n')
  .replace(/ {2}vip.*\n/g, '');
const TABLE =
  'name,mac,ip\nn-01,52:54:00:00:00:01,10.0.0.101\nn-02,52:54:00:00:00:02,10.0.0.102\nn-03,52:54:00:00:00:03,10.0.0.103\n';
const CONFIGS: readonly Given[] = [
  ['harvester', 'config-create-n1.yaml', BONDED],
  ['harvester', 'config-join.yaml', JOIN],
];
const forJoin = (text: string) => text.replaceAll('config-create-n1.yaml', 'config-join.yaml');
const bonded = (mac: string, ip: string) => ({ nics: [{ name: 'eno1', mac, ip }, { name: 'eno2' }] });
const THREE = {
  'n-01': { mode: 'create', ...bonded('52:54:00:00:00:01', '10.0.0.101') },
  'n-02': bonded('52:54:00:00:00:02', '10.0.0.102'),
  'n-03': bonded('52:54:00:00:00:03', '10.0.0.103'),
};

test('a join configuration that several machines share reaches all of them', () => {
  const byMac: readonly Given[] = [
    ['ipxe', '52-54-00-00-00-01.ipxe', CREATE],
    ['ipxe', '52-54-00-00-00-02.ipxe', forJoin(CREATE)],
    ['ipxe', '52-54-00-00-00-03.ipxe', forJoin(CREATE)],
  ];
  const forAll: readonly Given[] = [
    ['ipxe', 'ipxe-create-efi', CREATE],
    ['ipxe', 'ipxe-join-efi', forJoin(CREATE)],
  ];
  const [, kernel, , params] = /^kernel (\S+) (initrd=\S+) (.*)$/m.exec(CREATE) ?? [];
  const entry = (macs: readonly string[], line: string) => ({ macs, kernel, params: line });
  const inBss: readonly Given[] = [
    [
      'bss',
      'b.json',
      JSON.stringify([
        entry(['52:54:00:00:00:01'], `${params}`),
        entry(['52:54:00:00:00:02', '52:54:00:00:00:03'], forJoin(`${params}`)),
      ]),
    ],
  ];
  const inGroup: readonly Given[] = [
    ['ipxe', '52-54-00-00-00-01.ipxe', CREATE],
    ['bss', 'b.json', JSON.stringify([{ hosts: ['workers'], kernel, params: forJoin(`${params}`) }])],
  ];
  for (const scripts of [byMac, forAll, inBss, inGroup]) {
    const grouped = TABLE.replace('ip\n', 'ip,groups\n')
      .replace(/(\.10[23])$/gm, '$1,workers')
      .replace('.101', '.101,');
    const table: Given = ['csv', 'm.csv', scripts === inGroup ? grouped : TABLE];
    const { nodes } = parse(importedSite([table, ...CONFIGS, ...scripts]).text);
    for (const node of Object.values<Record<string, unknown>>(nodes)) delete node.groups;
    assert.equal(nodes, THREE, scripts[0]?.[1]);
  }
});

const START = `#!ipxe
dhcp
set base http://10.0.0.10/harvester/v1.7.1
`;
const INSTALL = `kernel \${base}/harvester-v1.7.1-vmlinuz-amd64 initrd=i ip=dhcp root=live:\${base}/harvester-v1.7.1-rootfs-amd64.squashfs harvester.install.automatic=true harvester.install.config_url=http://10.0.0.10/\${config}
initrd \${base}/harvester-v1.7.1-initrd-amd64
boot
`;
const SET =
  ':create\nset config config-create-n1.yaml\ngoto install\n:join\nset config config-join.yaml\n:install\n';

for (const [what, text] of [
  [
    'iseq and goto',
    `${START}iseq \${net0/mac} 52:54:00:00:00:01 && goto create ||\niseq \${net0/mac} 52:54:00:00:00:02 && goto join ||\niseq \${mac} 52:54:00:00:00:03 && goto join || exit\n${SET}${INSTALL}`,
  ],
  [
    'the join node by default',
    `${START}iseq \${mac:hexhyp} 52-54-00-00-00-01 && goto create || goto join\n${SET}${INSTALL}`,
  ],
  [
    'labels',
    `${START}goto \${mac:hexraw} || exit\n${SET.replace(':join', ':525400000002\n:525400000003').replace(':create', ':525400000001')}${INSTALL}`,
  ],
  [
    'set after iseq',
    `${START}set config config-join.yaml\niseq \${mac} 52:54:00:00:00:01 && set config config-create-n1.yaml ||\n${INSTALL}`,
  ],
  [
    'a menu with a default',
    `${START}menu Which\nitem 52-54-00-00-00-01 A\nitem 52-54-00-00-00-02 B\nchoose --default \${mac:hexhyp} --timeout 9 target && goto \${target} || goto join\n${SET.replace(':create', ':52-54-00-00-00-01').replace(':join', ':52-54-00-00-00-02\n:52-54-00-00-00-03\n:join')}${INSTALL}`,
  ],
] as const)
  test(`a script that selects by MAC address: ${what}`, () => {
    for (const name of ['boot.ipxe', 'rack-4.ipxe'])
      assert.equal(
        parse(importedSite([['csv', 'm.csv', TABLE], ...CONFIGS, ['ipxe', name, text]]).text).nodes,
        THREE,
      );
  });

test('a script that chains by MAC address joins it with the script of a name', () => {
  const text = '#!ipxe\niseq ${mac} 52:54:00:00:00:01 && chain http://10.0.0.10/rack-4.ipxe || exit\n';
  const { nodes } = parse(
    importedSite([['ipxe', 'boot.ipxe', text], ...CONFIGS.slice(0, 1), ['ipxe', 'rack-4.ipxe', CREATE]]).text,
  );
  assert.equal(nodes, { 'n-01': { mode: 'create', ...bonded('52:54:00:00:00:01', '10.0.0.101') } });
});

test('mode=install on the kernel line does not change the mode of the configuration', () => {
  const line = (mode: string) =>
    CREATE.replace(
      ' harvester.install.automatic',
      ` harvester.install.mode=${mode} harvester.install.automatic`,
    );
  const modeOf = (mode: string, config: string) =>
    parse(
      importedSite([
        ['harvester', 'config-create-n1.yaml', config],
        ['ipxe', 'ipxe-create', line(mode)],
      ]).text,
    );
  // harvester-installer, pull request 457: the configuration applies at the first boot.
  assert.is(modeOf('install', BONDED).nodes['n-01'].mode, 'create');
  assert.is(modeOf('install', BONDED).cluster.exists, undefined);
  assert.is(modeOf('create', JOIN).nodes.joiner.mode, 'create');
  assert.is(modeOf('install', JOIN).nodes.joiner.mode, undefined);
});

const STATIC = config('https://releases.rancher.com/harvester/v1.7.1/harvester-v1.7.1-amd64.iso')
  .replace(
    '    method: dhcp\n',
    '    method: static\n    ip: 10.0.100.11\n    subnet_mask: 255.255.255.0\n    gateway: 10.0.100.1\n    vlan_id: 100\n',
  )
  .replace('  password', '  dns_nameservers: [10.0.100.1]\n  ntp_servers: [10.0.100.1]\n  password')
  .replace('vip: 10.0.0.10', 'vip: 10.0.100.10');

test('a static address in a tagged VLAN stays static, in the site and in the built configuration', async () => {
  const site = importedSite([['harvester', 'config.yaml', STATIC]], { server: 'http://10.0.100.5' });
  const text = site.text.replace('    dhcp: {}', '    dns: [10.0.100.1]\n    dhcp: {}');
  const { diagnostics, tree } = await compile(makeSite(text, 'plant'));
  assert.equal(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  const built = parse(String(tree?.get('www/config/52-54-00-00-00-01.yaml')?.content));
  const { method, ip, subnet_mask, gateway, vlan_id } = built.install.management_interface;
  assert.equal(
    [method, ip, subnet_mask, gateway, vlan_id],
    ['static', '10.0.100.11', '255.255.255.0', '10.0.100.1', 100],
  );
  const untagged = importedSite([['harvester', 'config.yaml', STATIC.replace('    vlan_id: 100\n', '')]]);
  assert.not.match(untagged.text, 'method: static');
});

test('a default entry that boots the disk is the boot of all machines without another', () => {
  const table: Given = ['csv', 'machines.csv', 'name,mac,ip\nn1,52:54:00:00:00:01,10.0.0.11\n'];
  const more: Given = ['csv', 'more.csv', 'name,mac,ip\nn2,52:54:00:00:00:02,10.0.0.12\n'];
  for (const entry of [
    ['pxelinux', 'default', 'DEFAULT local\nLABEL local\n  LOCALBOOT 0\n'],
    ['pxelinux', 'default', 'ONTIMEOUT a\nLABEL b\n  KERNEL k\nLABEL a\n  KERNEL chain.c32\n  APPEND hd0\n'],
    ['ipxe', 'boot.ipxe', '#!ipxe\nexit\n'],
    ['ipxe', 'menu.ipxe', '#!ipxe\nsanboot --no-describe --drive 0x80\n'],
  ] as const) {
    const site = importedSite([table, more, entry], { server: 'http://10.0.0.5' });
    const { defaults, nodes } = parse(site.text);
    assert.equal(
      [defaults, nodes.n1],
      [{ boot: { os: 'local' } }, { mac: '52:54:00:00:00:01', ip: '10.0.0.11' }],
    );
    assert.not.match(notesIn(site, 'open').join(), /its boot|boot of machines/);
    const linux: Given = [
      'ipxe',
      '52-54-00-00-00-02.ipxe',
      '#!ipxe\nkernel http://10.0.0.5/k\ninitrd http://10.0.0.5/i\nboot\n',
    ];
    const mixed = parse(importedSite([table, more, entry, linux], { server: 'http://10.0.0.5' }).text);
    assert.equal(
      [mixed.defaults, mixed.nodes.n1.boot, mixed.nodes.n2.boot],
      [undefined, { os: 'local' }, undefined],
    );
    const installed = parse(importedSite([['harvester', 'c.yaml', STATIC], entry]).text);
    assert.equal([installed.nodes.n1.mode, installed.nodes.n1.boot], ['create', undefined]);
  }
});

test('values that a site adds to a configuration are noted', () => {
  const noted = (text: string) =>
    notesIn(importedSite([['harvester', 'c.yaml', text]]), 'changed').filter((note) =>
      /replica_count|bond_options/.test(note),
    );
  const replicas =
    'c.yaml:1 replica_count: 1 is added, the number of nodes that store volumes, and the installer itself has 3: to keep that, set config.install.harvester.storage_class.replica_count: 3';
  const bond =
    'c.yaml:1 bond_options: mode: active-backup is added, and before v1.6.0 the installer itself has balance-tlb: to keep that, set bond_options: {mode: balance-tlb, miimon: "100"} in config.install.management_interface';
  const of = (release: string) => config(`http://10.0.0.5/${release}/harvester-${release}-amd64.iso`);
  assert.equal(noted(of('v1.5.1')), [bond, replicas]);
  assert.equal(noted(of('v1.6.0')), [replicas]);
  assert.equal(noted(of('v1.1.2')), [bond]);
  assert.equal(
    noted(of('v1.6.0').replace('  mode', '  harvester: { storage_class: { replica_count: 2 } }\n  mode')),
    [],
  );
  assert.equal(
    noted(
      of('v1.5.1').replace('    method', '    bond_options: { mode: 802.3ad, miimon: "100" }\n    method'),
    ),
    [replicas],
  );
  assert.equal(noted(of('v1.6.0').replace('mode: create', 'mode: join')), []);
});

test('what is not enabled in SMD is noted, for nodes and BMCs', () => {
  const endpoint = (id: string) =>
    `{"ID": "${id}", "Type": "Node", "MACAddr": "52:54:00:00:00:01", "RedfishEndpointID": "x1c1s1b0", "Enabled": false}`;
  const site = importedSite([
    ['smd', 'e.json', `{"ComponentEndpoints": [${endpoint('x1c1s1b0n0')}]}`],
    [
      'smd',
      'r.json',
      '{"RedfishEndpoints": [{"ID": "x1c1s1b0", "Type": "NodeBMC", "IPAddress": "10.0.1.11", "Enabled": false}]}',
    ],
  ]);
  assert.equal(
    notesIn(site, 'changed').filter((note) => /enabled/.test(note)),
    [
      'e.json:1 x1c1s1b0n0: it is not enabled in SMD, but is imported as a node',
      'r.json:1 x1c1s1b0: it is not enabled in SMD, but is imported as a BMC',
    ],
  );
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { type Given, importedSite, notesIn } from './support/imported.ts';

const test = suite('harvgen import: DHCP servers that name the script of each host');

const URL_OF_SCRIPTS = 'http://10.0.0.5/harvester';

const config = (mode: string, more = '') => `scheme_version: 1
${more}token: seven-lamps-on-the-quay
os:
  password: Quay-lamp-4471
install:
  mode: ${mode}
  management_interface:
    interfaces: [{ name: eno1 }]
    method: dhcp
  device: /dev/sda
  iso_url: ${URL_OF_SCRIPTS}/harvester-v1.4.2-amd64.iso
`;
const CREATE = `${config('create')}  vip: 10.0.0.10\n  vip_mode: static\n`;
const JOIN = config('join', 'server_url: https://10.0.0.10:443\n');

const script = (configuration: string) => `#!ipxe
kernel ${URL_OF_SCRIPTS}/harvester-v1.4.2-vmlinuz-amd64 ip=dhcp root=live:${URL_OF_SCRIPTS}/harvester-v1.4.2-rootfs-amd64.squashfs harvester.install.automatic=true harvester.install.config_url=${URL_OF_SCRIPTS}/${configuration}
initrd ${URL_OF_SCRIPTS}/harvester-v1.4.2-initrd-amd64
boot
`;

/** Three machines with a script and a configuration each: n1 creates the cluster, the others join it. */
const SCRIPTS: readonly Given[] = [1, 2, 3].flatMap((number): Given[] => [
  ['harvester', `n${number}-config.yaml`, number === 1 ? CREATE : JOIN],
  ['ipxe', `n${number}-ipxe`, script(`n${number}-config.yaml`)],
]);
const mac = (number: number) => `52:54:00:00:00:0${number}`;
const lines = (lineOf: (number: number) => string) => [1, 2, 3].map(lineOf).join('\n');
const url = (file: string) => `${URL_OF_SCRIPTS}/${file}`;

const RANGE = 'dhcp-range=10.0.0.100,10.0.0.200,255.255.255.0\n';
const SUBNET = 'subnet 10.0.0.0 netmask 255.255.255.0 { option routers 10.0.0.1; }\n';
const host = (number: number, more = '') =>
  `host n${number} { hardware ethernet ${mac(number)}; fixed-address 10.0.0.1${number}; ${more} }`;
const reserved = (number: number, more: object) => ({
  'hw-address': mac(number),
  'ip-address': `10.0.0.1${number}`,
  hostname: `n${number}`,
  ...more,
});
const keaWith = (more: object, dhcp: object = {}) =>
  JSON.stringify({ Dhcp4: { subnet4: [{ id: 1, subnet: '10.0.0.0/24', ...more }], ...dhcp } });
const keaHosts = (moreOf: (number: number) => object, dhcp: object = {}) =>
  keaWith({ reservations: [1, 2, 3].map((number) => reserved(number, moreOf(number))) }, dhcp);

/** Files of DHCP servers that name n1-ipxe to n3-ipxe, each in a form of its server. */
const SERVERS: Readonly<Record<string, readonly [kind: string, text: string]>> = {
  'tags of hosts': [
    'dnsmasq',
    `${RANGE}dhcp-userclass=set:ipxe,iPXE\ndhcp-boot=tag:!ipxe,undionly.kpxe\n${lines((number) => `dhcp-host=${mac(number)},n${number},10.0.0.1${number},set:n${number}\ndhcp-boot=tag:n${number},tag:ipxe,${url(`n${number}-ipxe`)}`)}\n`,
  ],
  'tags of dhcp-mac': [
    'dnsmasq',
    `${RANGE}${lines((number) => `dhcp-mac=set:m${number},${mac(number)}\ndhcp-host=${mac(number)},n${number},10.0.0.1${number}\ndhcp-boot=tag:m${number},${url(`n${number}-ipxe`)},boot,10.0.0.5`)}\n`,
  ],
  'tags, and the old words for them': [
    'dnsmasq',
    `${RANGE}${lines((number) => `dhcp-host=${mac(number)},net:n${number},n${number},10.0.0.1${number}\ndhcp-boot=net:n${number},${url(`n${number}-ipxe`)}`)}\n`,
  ],
  'option 67': [
    'dnsmasq',
    `${RANGE}${lines((number) => `dhcp-host=${mac(number)},n${number},10.0.0.1${number},set:n${number}\ndhcp-option=tag:n${number},${number === 2 ? '67' : 'option:bootfile-name'},"${url(`n${number}-ipxe`)}"`)}\n`,
  ],
  'filename of hosts': [
    'dhcpd',
    SUBNET + lines((number) => host(number, `filename "${url(`n${number}-ipxe`)}";`)),
  ],
  'filename of iPXE': [
    'dhcpd',
    SUBNET +
      lines((number) =>
        host(
          number,
          `if exists user-class and option user-class = "iPXE" { filename "${url(`n${number}-ipxe`)}"; } else { filename "undionly.kpxe"; }`,
        ),
      ),
  ],
  'filename of groups': [
    'dhcpd',
    `filename "undionly.kpxe";\n${SUBNET}${lines((number) => `group { filename "/harvester/n${number}-ipxe"; ${host(number)} }`)}`,
  ],
  'boot-file-name of reservations': [
    'kea',
    keaHosts((number) => ({ 'boot-file-name': url(`n${number}-ipxe`) })),
  ],
  'option 67 of reservations': [
    'kea',
    keaHosts((number) => ({ 'option-data': [{ name: 'boot-file-name', data: url(`n${number}-ipxe`) }] })),
  ],
  'classes of reservations': [
    'kea',
    keaHosts((number) => ({ 'client-classes': [`script-${number}`] }), {
      'client-classes': [1, 2, 3].map((number) => ({
        name: `script-${number}`,
        'boot-file-name': url(`n${number}-ipxe`),
      })),
    }),
  ],
  'options of the dnsmasq of libvirt': [
    'libvirt',
    `<network xmlns:dnsmasq="http://libvirt.org/schemas/network/dnsmasq/1.0"><name>lab</name><ip address="10.0.0.1" netmask="255.255.255.0"><dhcp/></ip><dnsmasq:options>${lines((number) => `<dnsmasq:option value="dhcp-host=${mac(number)},n${number},10.0.0.1${number},set:n${number}"/><dnsmasq:option value="dhcp-boot=tag:n${number},${url(`n${number}-ipxe`)}"/>`)}</dnsmasq:options></network>`,
  ],
};

for (const [called, [kind, text]] of Object.entries(SERVERS))
  test(`${kind}: ${called} bind three machines to their scripts`, () => {
    const site = importedSite([...SCRIPTS, [kind, 'dhcp', text]]);
    assert.equal(parse(site.text).nodes, {
      n1: { mode: 'create', nics: [{ name: 'eno1', mac: mac(1), ip: '10.0.0.11' }] },
      n2: { nics: [{ name: 'eno1', mac: mac(2), ip: '10.0.0.12' }] },
      n3: { nics: [{ name: 'eno1', mac: mac(3), ip: '10.0.0.13' }] },
    });
    assert.is(
      notesIn(site, 'open')
        .filter((note) => note.includes('DHCP server names'))
        .join('\n'),
      '',
    );
  });

test('scripts that several hosts share are for all of these', () => {
  const shared: readonly Given[] = [
    ['harvester', 'create.yaml', CREATE],
    ['harvester', 'join.yaml', JOIN],
    ['ipxe', 'first.ipxe', script('create.yaml')],
    ['ipxe', 'others.ipxe', script('join.yaml')],
  ];
  const dhcpd = `${SUBNET}${host(1, `filename "${url('first.ipxe')}";`)}\ngroup { filename "${url('others.ipxe')}"; ${host(2)} ${host(3)} }`;
  const { nodes } = parse(importedSite([...shared, ['dhcpd', 'dhcpd.conf', dhcpd]]).text);
  assert.equal(Object.keys(nodes), ['n1', 'n2', 'n3']);
  assert.is(nodes.n1.mode, 'create');
});

test('a machine without a joined script keeps its own, and its host name decides', () => {
  const named = CREATE.replace('os:\n', 'os:\n  hostname: pier\n');
  const site = importedSite([
    ['harvester', 'n1-config.yaml', named],
    ['ipxe', 'n1-ipxe', script('n1-config.yaml')],
    [
      'dhcpd',
      'dhcpd.conf',
      SUBNET + host(1, `filename "n1-ipxe";`) + host(2, `filename "${url('n2-ipxe')}";`),
    ],
  ]);
  assert.equal(Object.keys(parse(site.text).nodes), ['pier', 'n2']);
  assert.ok(notesIn(site, 'open').some((note) => note.includes('n2: its DHCP server names n2-ipxe')));
});

test('a script of a MAC address stays with it, whatever a DHCP server names', () => {
  const site = importedSite([
    ['harvester', 'n1-config.yaml', CREATE],
    ['ipxe', '52-54-00-00-00-01.ipxe', script('n1-config.yaml')],
    ['dhcpd', 'dhcpd.conf', SUBNET + host(1) + host(2, 'filename "52-54-00-00-00-01.ipxe";')],
  ]);
  assert.is(parse(site.text).nodes.n1.mode, 'create');
});

const SERVER_FILES: Readonly<Record<string, string>> = {
  dhcpd: `subnet 10.4.0.0 netmask 255.255.255.0 { option routers 10.4.0.1; filename "http://10.4.0.9/boot.ipxe"; }
host n3 { hardware ethernet 52:54:00:00:00:03; fixed-address 10.4.0.3; }`,
  dnsmasq: `dhcp-range=10.4.0.100,10.4.0.200,255.255.255.0
dhcp-boot=tag:ipxe,http://10.4.0.9/boot.ipxe
dhcp-host=52:54:00:00:00:03,n3,10.4.0.3`,
  kea: '{"Dhcp4":{"boot-file-name":"http://10.4.0.9/boot.ipxe","next-server":"10.4.0.9","subnet4":[{"id":1,"subnet":"10.4.0.0/24","reservations":[{"hw-address":"52:54:00:00:00:03","ip-address":"10.4.0.3","hostname":"n3"}]}]}}',
  libvirt:
    '<network><name>l</name><ip address="10.4.0.1" netmask="255.255.255.0"><dhcp><host mac="52:54:00:00:00:03" name="n3" ip="10.4.0.3"/><bootp file="http://10.4.0.9/boot.ipxe"/></dhcp></ip></network>',
};
for (const [kind, text] of Object.entries(SERVER_FILES))
  test(`${kind}: the server of a boot file is that of the site`, () => {
    const site = importedSite([[kind, 'dhcp', text]]);
    assert.is(parse(site.text).server.url, 'http://10.4.0.9');
    const byName = importedSite([
      [kind, 'dhcp', text.replace('http://10.4.0.9/', 'http://boot.example.org/')],
    ]);
    assert.is(parse(byName.text).server.url, '…');
    assert.not.match(byName.text, /not in any file/);
  });

test.run();

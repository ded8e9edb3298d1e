import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined-site.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';

const test = suite('harvgen import of DHCP servers: boot files, includes and pools');

type Given = readonly [kind: string, file: string, text: string];

function imported(...given: readonly Given[]) {
  const report = new Report();
  const files = given.map(([name, file, text]) => {
    const kind = JOINED_FORMATS.find((one) => one.name === name);
    assert.ok(kind, name);
    return { kind, source: new Source(`/${file}`, text) };
  });
  const [site] = joinedSite(files, { site: 'plant' }, report) ?? [];
  const log = formatText(report.sorted(), { color: false, folder: '/' });
  const notes = site?.notes.map(
    ({ of, at, text }) => `${at ? `${at.source.position(at.start).line} ` : ''}${of}: ${text}`,
  );
  return { log, notes: notes ?? [], site: site && parse(site.text) };
}

const CONFIG = `scheme_version: 1
token: seven-lamps-on-the-quay
os:
  password: Quay-lamp-4471
install:
  mode: create
  management_interface:
    interfaces: [{ name: eno1 }]
    method: dhcp
  device: /dev/sda
  iso_url: http://10.0.0.5/harvester/harvester-v1.4.2-amd64.iso
  vip: 10.0.0.10
  vip_mode: static
`;
const script = (config: string) => `#!ipxe
kernel http://10.0.0.5/harvester/harvester-v1.4.2-vmlinuz-amd64 ip=dhcp root=live:http://10.0.0.5/harvester/harvester-v1.4.2-rootfs-amd64.squashfs harvester.install.automatic=true harvester.install.config_url=http://10.0.0.5/harvester/${config}
initrd http://10.0.0.5/harvester/harvester-v1.4.2-initrd-amd64
boot
`;
const SUBNET = 'subnet 10.0.0.0 netmask 255.255.255.0 { option routers 10.0.0.1; }\n';
const HOST = 'hardware ethernet 52:54:00:00:00:01; fixed-address 10.0.0.11;';
const URL = 'http://10.0.0.5/harvester/n1-ipxe';
const RANGE = 'dhcp-range=10.0.0.100,10.0.0.200,255.255.255.0\n';
const kea = (reservation: object, more = {}) =>
  JSON.stringify({
    Dhcp4: {
      ...more,
      subnet4: [
        {
          id: 1,
          subnet: '10.0.0.0/24',
          reservations: [
            { 'hw-address': '52:54:00:00:00:01', 'ip-address': '10.0.0.11', hostname: 'n1', ...reservation },
          ],
        },
      ],
    },
  });

/** DHCP servers that send n1 the boot file n1-ipxe. */
const SERVERS: readonly (readonly [what: string, kind: string, text: string])[] = [
  [
    'dhcp-boot for a tag',
    'dnsmasq',
    `${RANGE}dhcp-host=52:54:00:00:00:01,n1,10.0.0.11,set:n1\ndhcp-userclass=set:ipxe,iPXE\ndhcp-boot=tag:n1,tag:ipxe,${URL}\n`,
  ],
  [
    'dhcp-boot before the host, another file for firmware',
    'dnsmasq',
    `${RANGE}dhcp-boot=tag:a,tag:!ipxe,undionly.kpxe\ndhcp-boot=net:a,${URL}.ipxe\ndhcp-host=52:54:00:00:00:01,net:a,n1,10.0.0.11\n`,
  ],
  [
    'option 67 for a tag',
    'dnsmasq',
    `${RANGE}dhcp-host=52:54:00:00:00:01,n1,10.0.0.11,set:n1\ndhcp-option=tag:n1,67,${URL}\n`,
  ],
  ['filename of a host', 'dhcpd', `${SUBNET}host n1 { ${HOST} filename "${URL}"; }`],
  [
    'filename of a host within if',
    'dhcpd',
    `${SUBNET}host n1 { ${HOST} if exists user-class { filename "${URL}"; } }`,
  ],
  ['filename of a group', 'dhcpd', `${SUBNET}group { filename "/srv/n1-ipxe"; host n1 { ${HOST} } }`],
  ['boot-file-name of a reservation', 'kea', kea({ 'boot-file-name': URL })],
  ['option of a reservation', 'kea', kea({ 'option-data': [{ code: 67, data: URL }] })],
  [
    'client class of a reservation',
    'kea',
    kea({ 'client-classes': ['a'] }, { 'client-classes': [{ name: 'a', 'boot-file-name': URL }] }),
  ],
  [
    'options of dnsmasq in libvirt',
    'libvirt',
    `<network xmlns:dnsmasq="http://libvirt.org/schemas/network/dnsmasq/1.0"><name>l</name><ip address="10.0.0.1" netmask="255.255.255.0"><dhcp/></ip><dnsmasq:options><dnsmasq:option value="dhcp-host=52:54:00:00:00:01,set:n1,n1,10.0.0.11"/><dnsmasq:option value="dhcp-boot=tag:n1,${URL}"/></dnsmasq:options></network>`,
  ],
];

test('the boot file of a reservation binds its MAC address to the script with this name', () => {
  for (const [what, kind, text] of SERVERS) {
    const { site, log } = imported(
      ['harvester', 'n1-config.yaml', CONFIG],
      ['ipxe', 'n1-ipxe', script('n1-config.yaml')],
      [kind, 'dhcp.conf', text],
    );
    assert.is(log, '', what);
    assert.equal(Object.keys(site.nodes), ['n1'], what);
    assert.match(JSON.stringify(site.nodes.n1), /"mac":"52:54:00:00:00:01".*"ip":"10.0.0.11"/, what);
    assert.match(JSON.stringify(site), '"vip":"10.0.0.10"', what);
  }
});

test('two hosts with scripts for all machines are two nodes, each with its configuration', () => {
  const hosts = `${SUBNET}host n1 { ${HOST} filename "http://10.0.0.5/join.ipxe"; }
host n2 { hardware ethernet 52:54:00:00:00:02; fixed-address 10.0.0.12; filename "http://10.0.0.5/create.ipxe"; }
host n3 { hardware ethernet 52:54:00:00:00:03; fixed-address 10.0.0.13; filename "http://10.0.0.5/join.ipxe"; }`;
  const join = CONFIG.replace('mode: create', 'mode: join').replace(/ {2}vip.*\n/g, '');
  const { site, log } = imported(
    ['harvester', 'create.yaml', CONFIG],
    ['harvester', 'join.yaml', `server_url: https://10.0.0.10:443\n${join}`],
    ['ipxe', 'create.ipxe', script('create.yaml')],
    ['ipxe', 'join.ipxe', script('join.yaml')],
    ['dhcpd', 'dhcpd.conf', hosts],
  );
  assert.is(log, '');
  const nodes = Object.entries(site.nodes as Record<string, { role?: string }>);
  assert.equal(
    nodes.map(([name, node]) => [name, /"mac":"([^"]*)"/.exec(JSON.stringify(node))?.[1], node.role]),
    [
      // The first node creates the cluster.
      ['n2', '52:54:00:00:00:02', undefined],
      ['n1', '52:54:00:00:00:01', undefined],
      ['n3', '52:54:00:00:00:03', undefined],
    ],
  );
});

test('a boot file URL gives server.url in every format of a DHCP server', () => {
  const servers: Given[] = [
    ['dhcpd', 'a', `${SUBNET.replace('}', 'filename "http://10.0.0.9/boot.ipxe"; }')}host n1 { ${HOST} }`],
    [
      'dnsmasq',
      'a',
      `${RANGE}dhcp-boot=tag:ipxe,http://10.0.0.9/boot.ipxe\ndhcp-host=52:54:00:00:00:01,n1,10.0.0.11\n`,
    ],
    ['kea', 'a', kea({}, { 'boot-file-name': 'http://10.0.0.9/boot.ipxe' })],
    [
      'kea',
      'a',
      kea({}, { 'client-classes': [{ name: 'a', 'boot-file-name': 'http://10.0.0.9/boot.ipxe' }] }),
    ],
    [
      'libvirt',
      'a',
      '<network><name>l</name><ip address="10.0.0.1" netmask="255.255.255.0"><dhcp><host mac="52:54:00:00:00:03" name="n3" ip="10.0.0.3"/><bootp file="http://10.0.0.9/boot.ipxe"/></dhcp></ip></network>',
    ],
  ];
  for (const given of servers) assert.is(imported(given).site?.server.url, 'http://10.0.0.9', given[2]);
});

test('an include of Kea is noted wherever it is, and the rest of the file is read', () => {
  const host = '{"hw-address": "52:54:00:00:00:03", "ip-address": "10.4.0.3", "hostname": "n3"}';
  const subnet = '"id": 1, "subnet": "10.4.0.0/24"';
  for (const text of [
    `{"Dhcp4": {<?include "a.json"?> "subnet4": [{${subnet}, "reservations": [${host}]}]}}`,
    `{"Dhcp4": {"subnet4": [{${subnet}, <?include "a.json"?>, "reservations": [${host}]}]}}`,
    `{"Dhcp4": {"subnet4": [{${subnet}, "pools": <?include "a.json"?>, "reservations": [${host}]}]}}`,
    `{"Dhcp4": {"subnet4": [{${subnet}, "reservations": [${host}, <?include "a.json"?>]}]}}`,
    `{"Dhcp4": {"subnet4": [{${subnet}, "reservations": [<?include "a.json"?>, ${host}]}, <?include "a.json"?>]}}`,
  ]) {
    const { site, log, notes } = imported(['kea', 'kea.conf', text]);
    assert.is(log, '', text);
    assert.equal(Object.keys(site.nodes), ['n3'], text);
    assert.ok(notes.includes('1 include "a.json": another file: paste it here'), notes.join('\n'));
  }
});

test('a pool of Kea can have one or two addresses in prefix notation', () => {
  const pools = (pool: string) =>
    kea({}, {}).replace(
      '"reservations"',
      `"pools":[{"pool":"10.0.0.100 - 10.0.0.120"},{"pool":"${pool}"}],"reservations"`,
    );
  const other = 'a network has one pool for unknown machines, and this is another one';
  for (const [pool, range] of [
    ['10.0.0.220/31', '10.0.0.220 to 10.0.0.221'],
    ['10.0.0.220/32', '10.0.0.220 to 10.0.0.220'],
  ] as const) {
    const { log, notes } = imported(['kea', 'kea.conf', pools(pool)]);
    assert.is(log, '');
    assert.ok(notes.includes(`1 ${range}: ${other}`), notes.join('\n'));
  }
  assert.match(imported(['kea', 'kea.conf', pools('10.0.0.221/31')]).log, 'pool is not a range');
});

test('an invalid MAC address of one host does not stop the others', () => {
  for (const given of [
    [
      'dhcpd',
      'a',
      `${SUBNET}host n1 { ${HOST} }\nhost n2 { hardware ethernet 52:54:00:zz; fixed-address 10.0.0.12; }`,
    ],
    [
      'dnsmasq',
      'a',
      `${RANGE}dhcp-host=52:54:00:00:00:01,n1,10.0.0.11\ndhcp-host=01:00:5e:00:00:01,n2,10.0.0.12\n`,
    ],
    [
      'kea',
      'a',
      kea({}).replace(
        /\}\]\}\]\}\}$/,
        '},{"hw-address":"52:54:00","ip-address":"10.0.0.12","hostname":"n2"}]}]}}',
      ),
    ],
  ] as const) {
    const { log, site, notes } = imported(given);
    assert.is(log, '', given[2]);
    assert.equal(Object.keys(site.nodes), ['n1', 'n2'], given[2]);
    assert.match(notes.join('\n'), 'not a MAC address of a NIC: set mac, such as 52:54:00:aa:01:01');
  }
});

test('a file without machines is refused with the reason, such as proxyDHCP', () => {
  const { log } = imported([
    'dnsmasq',
    'dnsmasq.conf',
    'dhcp-range=192.168.2.10,proxy\ndhcp-boot=tag:iPXE,http://192.168.2.5/boot.ipxe\n',
  ]);
  assert.match(log, 'dhcp-range: dnsmasq ran next to another DHCP server');
});

test.run();

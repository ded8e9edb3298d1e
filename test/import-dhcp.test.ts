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
    [
      'dnsmasq',
      'a',
      `${RANGE}pxe-service=tag:ipxe,x86PC,"Boot, now",http://10.0.0.9/boot.ipxe\ndhcp-host=52:54:00:00:00:01,n1,10.0.0.11\n`,
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

const HOSTS = `127.0.0.1 localhost
127.0.1.1 admin
::1 ip6-localhost ip6-loopback
ff02::1 ip6-allnodes
# the rack
10.9.9.11 n1.lab.example n1 # first
10.9.9.12\tn2
2001:db8::12 n2
10.9.9.111 n1-bmc
10.9.9.254 gw
`;
const BARE = 'subnet 10.9.9.0 netmask 255.255.255.0 { option subnet-mask 255.255.255.0; }\n';
const NAMED = `host n1 { hardware ethernet 52:54:00:00:00:01; fixed-address n1; }
host other { hardware ethernet 52:54:00:00:00:02; fixed-address n2; }
host n1-bmc { hardware ethernet 52:54:00:00:00:f1; }
`;
const CONFIGURED = `addn-hosts=/etc/hosts.lab
read-ethers
dhcp-range=10.9.9.100,10.9.9.200,255.255.255.0
dhcp-host=52:54:00:00:00:01,n1
dhcp-host=52:54:00:00:00:02,n2
`;
const ETHERS = '52:54:00:00:00:01 n1\n52:54:00:00:00:02 n2\n';

test('names of machines get their IP addresses from a hosts file or a table', () => {
  const names: readonly Given[] = [
    ['dnsmasq', 'hosts', HOSTS],
    ['dnsmasq', 'hosts', `# hosts\r\n${HOSTS.replaceAll('\n', '\r\n')}`],
    ['dhcpd', 'hosts', HOSTS],
    ['csv', 'hosts.csv', 'name,ip\nn1,10.9.9.11\nn2,10.9.9.12\n'],
  ];
  const machines: readonly Given[] = [
    ['dhcpd', 'dhcpd.conf', BARE + NAMED],
    ['dnsmasq', 'dnsmasq.conf', CONFIGURED],
    ['dnsmasq', 'ethers', ETHERS],
    ['dnsmasq', 'leases', '1 52:54:00:00:00:01 10.9.9.11 * *\n1 52:54:00:00:00:02 10.9.9.12 n2 *\n'],
    ['csv', 'machines.csv', 'name,mac\nn1,52:54:00:00:00:01\nn2,52:54:00:00:00:02\n'],
  ];
  for (const [index, name] of names.entries())
    for (const machine of machines) {
      const what = `${name[0]} ${index}, ${machine[1]}`;
      // The names of leases do not count beside a table.
      if (machine[1] === 'leases' && name[0] === 'csv') continue;
      const { site, log, notes } = imported(machine, name);
      assert.is(log, '', what);
      assert.equal(
        Object.values(site.nodes as Record<string, { mac?: string; ip?: string }>).map(({ mac, ip }) => [
          mac,
          ip,
        ]),
        [
          ['52:54:00:00:00:01', '10.9.9.11'],
          ['52:54:00:00:00:02', '10.9.9.12'],
        ],
        what,
      );
      assert.is(site.networks.mgmt.subnet, '10.9.9.0/24', what);
      assert.not.match(notes.join('\n'), /IP address(?! of the boot server).*not found|DNS:/, what);
    }
});

test('a hosts file adds the IP addresses of BMCs, and what is of no machine is noted', () => {
  const { site, notes } = imported(['dhcpd', 'dhcpd.conf', BARE + NAMED], ['dnsmasq', 'hosts', HOSTS]);
  assert.equal(site.nodes.n1.bmc, { address: '10.9.9.111', mac: '52:54:00:00:00:f1' });
  assert.equal(
    notes.filter((note) => /^\d+ (?!server|networks|defaults)/.test(note)),
    [
      '8 "2001:db8::12": a site has IPv4 addresses',
      '10 gw: a name in a hosts file, and of no machine in another file: import only the hosts file if all of them are nodes',
    ],
  );
});

test('names without an IP address are asked for, with the file that has it, and keep the subnet', () => {
  const { site, notes } = imported(['dhcpd', 'dhcpd.conf', BARE + NAMED]);
  assert.is(site.networks.mgmt.subnet, '10.9.9.0/24');
  assert.equal(site.nodes.n1, { mac: '52:54:00:00:00:01', ip: '…', bmc: { mac: '52:54:00:00:00:f1' } });
  const why = 'its DHCP server looks it up: add its hosts file with --join dnsmasq:/etc/hosts';
  assert.equal(notes.slice(0, 1), [
    `2 n1: its IP address was not found in the files read, only the name n1: ${why}`,
  ]);
  const configured = imported(['dnsmasq', 'dnsmasq.conf', CONFIGURED]).notes;
  const todo = 'add it as further files of dnsmasq, if it is not added yet';
  assert.ok(
    configured.includes(`1 addn-hosts="/etc/hosts.lab": a file of names and IP addresses: ${todo}`),
    configured.join('\n'),
  );
  assert.ok(configured.includes(`2 read-ethers: the file /etc/ethers: ${todo}`), configured.join('\n'));
});

test('a hosts file alone lists machines, and a line that is none is an error', () => {
  const { site } = imported(['dnsmasq', 'hosts', '10.9.9.11 n1 san\n10.9.9.12 n2 san\n']);
  assert.equal(site.nodes, { n1: { mac: '…', ip: '10.9.9.11' }, n2: { mac: '…', ip: '10.9.9.12' } });
  assert.match(
    imported(['dnsmasq', 'hosts', '10.9.9.11 n1\nn2 10.9.9.12\n']).log,
    'hosts:2:1 error import-syntax\n  This is not a line of an IP address and its names.\n',
  );
});

test('the gateway or boot server among the hosts of a file is no node', () => {
  const rows = [
    ['router', '52:54:00:00:00:01', '10.3.0.1'],
    ['admin', '52:54:00:00:00:09', '10.3.0.9'],
    ['n3', '52:54:00:00:00:03', '10.3.0.3'],
  ] as const;
  const hosts = (text: (name: string, mac: string, ip: string) => string, by = '\n') =>
    rows.map(([name, mac, ip]) => text(name, mac, ip)).join(by);
  const servers: readonly Given[] = [
    [
      'dhcpd',
      'f',
      `subnet 10.3.0.0 netmask 255.255.255.0 { option routers 10.3.0.1; filename "http://10.3.0.9/a.ipxe"; }\n${hosts((name, mac, ip) => `host ${name} { hardware ethernet ${mac}; fixed-address ${ip}; }`)}`,
    ],
    [
      'dnsmasq',
      'f',
      `dhcp-range=10.3.0.100,10.3.0.200,255.255.255.0\ndhcp-option=3,10.3.0.1\ndhcp-boot=http://10.3.0.9/a.ipxe\n${hosts((...row) => `dhcp-host=${row.join(',')}`)}\n`,
    ],
    [
      'kea',
      'f',
      `{"Dhcp4": {"boot-file-name": "http://10.3.0.9/a.ipxe", "subnet4": [{"subnet": "10.3.0.0/24", "option-data": [{"name": "routers", "data": "10.3.0.1"}], "reservations": [${hosts((name, mac, ip) => `{"hostname": "${name}", "hw-address": "${mac}", "ip-address": "${ip}"}`, ',')}]}]}}`,
    ],
    [
      'libvirt',
      'f',
      `<network><name>l</name><forward mode="nat"/><ip address="10.3.0.1" netmask="255.255.255.0"><dhcp>${hosts((name, mac, ip) => `<host mac="${mac}" name="${name}" ip="${ip}"/>`)}<bootp file="http://10.3.0.9/a.ipxe"/></dhcp></ip></network>`,
    ],
    ['csv', 'f', `name,mac,ip,gateway\n${hosts((...row) => `${row.join(',')},10.3.0.1`)}\n`],
  ];
  for (const given of servers) {
    const isTable = given[0] === 'csv';
    const { site, log, notes } = imported(given);
    assert.is(log, '', given[0]);
    assert.equal(Object.keys(site.nodes), isTable ? ['admin', 'n3'] : ['n3'], given[0]);
    const text = notes.join('\n');
    assert.match(text, /^\d+ router: it has the IP address of the gateway, 10\.3\.0\.1, so/m);
    if (!isTable)
      assert.match(text, /^\d+ admin: it has the IP address of the boot server, 10\.3\.0\.9, so/m);
  }
});

test('a configuration with the IP address of the gateway stays a node, which check reports', () => {
  const config = CONFIG.replace(
    'method: dhcp',
    'method: static\n    ip: 10.0.0.1\n    subnet_mask: 255.255.255.0\n    gateway: 10.0.0.1',
  );
  const { site } = imported(['harvester', 'n1.yaml', config]);
  assert.is(Object.keys(site.nodes).length, 1);
});

test('proxyDHCP of dnsmasq beside another DHCP server is imported', () => {
  const host = 'dhcp-host=52:54:00:00:00:01,n1,192.168.2.11\n';
  for (const [range, subnet] of [
    ['192.168.2.10,proxy', '192.168.2.0/24'],
    ['192.168.2.0,proxy,255.255.254.0', '192.168.2.0/23'],
    ['set:lan,192.168.2.1,proxy,255.255.255.0', '192.168.2.0/24'],
  ] as const) {
    const text = `dhcp-range=${range}\npxe-service=x86PC,"iPXE",undionly.kpxe\ndhcp-boot=tag:iPXE,http://192.168.2.5/boot.ipxe\n${host}`;
    const { site, log, notes } = imported(['dnsmasq', 'dnsmasq.conf', text]);
    assert.is(log, '', range);
    assert.equal(site.networks.mgmt, { subnet, dhcp: { server: 'external', proxy: true } }, range);
    assert.ok(
      notes.includes(
        '1 dhcp-range: the network gets dhcp: { server: external, proxy: true }: its DHCP server must reserve the IP addresses of the nodes',
      ),
      notes.join('\n'),
    );
  }
  const both = `dhcp-range=10.0.0.10,10.0.0.20,255.255.255.0\ndhcp-range=192.168.2.0,proxy,255.255.255.0\n${host}dhcp-host=52:54:00:00:00:02,n2,10.0.0.12\n`;
  const { networks } = imported(['dnsmasq', 'dnsmasq.conf', both]).site;
  assert.equal(
    Object.values(networks as Record<string, { dhcp?: object }>).map(({ dhcp }) => dhcp),
    [{ pool: '10.0.0.13-10.0.0.20' }, { server: 'external', proxy: true }],
  );
});

test('a file without machines is refused with the reason, such as proxyDHCP', () => {
  const { log } = imported([
    'dnsmasq',
    'dnsmasq.conf',
    'dhcp-range=192.168.2.10,proxy\ndhcp-boot=tag:iPXE,http://192.168.2.5/boot.ipxe\n',
  ]);
  assert.match(log, /\n {2}dhcp-range: the network gets dhcp: \{ server: external, proxy: true \}/);
});

test.run();

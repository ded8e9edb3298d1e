import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined-site.ts';
import type { ImportSettings } from '../src/import/model/import-format.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';
import { parseCidr } from '../src/values/addresses.ts';

const test = suite('harvgen import of tables and lists of other systems');

type Given = readonly [format: string, text: string];

/** Returns the site of files, its notes, and the diagnostics as text; the name of a file is that of its format. */
function imported(given: readonly Given[], settings: ImportSettings = {}) {
  const report = new Report();
  const files = given.map(([format, text]) => {
    const kind = JOINED_FORMATS.find(({ name }) => name === format);
    assert.ok(kind, format);
    return { kind, source: new Source(`/${format}`, text) };
  });
  const [site] = joinedSite(files, { site: 'rack', server: 'http://10.5.0.9', ...settings }, report) ?? [];
  const log = formatText(report.sorted(), { color: false, folder: '/' });
  const notes = (site?.notes ?? []).map(({ kind, of, text }) => `${kind} ${of}: ${text}`);
  // biome-ignore lint/suspicious/noExplicitAny: the inventory as plain data, of which tests look at this and that
  const inventory: any = site && parse(site.text);
  return { ...inventory, site, text: site?.text ?? '', log, notes };
}

/** Returns the secrets of a Harvester configuration with a token. */
const secretsOf = (token: string) =>
  imported([
    [
      'harvester',
      `scheme_version: 1\ntoken: '${token}'\nos: {hostname: n1}\ninstall: {mode: create, vip: 10.5.0.5, vip_mode: static, device: /dev/sda}\n`,
    ],
  ]);

const table = (...rows: readonly string[]): Given => ['csv', `${rows.join('\n')}\n`];
const leftOf = ({ notes }: { notes: readonly string[] }) =>
  notes.filter((note: string) => note.startsWith('left'));

const WITHOUT_MASK = table(
  'name,mac,ip,gateway,dns,ntp,domain',
  'n1,52:54:00:00:00:01,10.5.0.11,10.5.0.1,10.5.0.2,10.5.0.3,lab.example',
);
const VALUES = { gateway: '10.5.0.1', dns: ['10.5.0.2'], ntp: ['10.5.0.3'], domain: 'lab.example' };

test('csv: gateway, dns, ntp and domain without a mask go to the network of the IP address', () => {
  const guessed = imported([WITHOUT_MASK]);
  assert.equal(guessed.networks, { mgmt: { subnet: '10.5.0.0/24', ...VALUES, dhcp: {} } });
  assert.equal(leftOf(guessed), []);
  const subnet = parseCidr('10.5.0.0/16');
  const requested = imported([WITHOUT_MASK], subnet && { subnet });
  assert.equal(requested.networks, { mgmt: { subnet: '10.5.0.0/16', ...VALUES, dhcp: {} } });
  const joined = imported([
    WITHOUT_MASK,
    ['dhcpd', 'subnet 10.5.0.0 netmask 255.255.252.0 { option routers 10.5.0.1; }\n'],
  ]);
  assert.equal(joined.networks, { mgmt: { subnet: '10.5.0.0/22', ...VALUES, dhcp: {} } });
  assert.is(joined.log, '');
});

test('csv: a gateway outside the smallest /24 widens the guess; one elsewhere, and values without an IP address, are listed', () => {
  const wide = imported([table('name,mac,ip,gateway', 'n1,52:54:00:00:00:01,10.5.0.11,10.5.1.1')]);
  assert.equal(wide.networks.mgmt, { subnet: '10.5.0.0/23', gateway: '10.5.1.1', dhcp: {} });
  const why = 'in the network of no IP address of its row: set it in networks';
  const elsewhere = imported([table('name,mac,ip,gateway', 'n1,52:54:00:00:00:01,10.5.0.11,10.9.1.1')]);
  assert.equal(elsewhere.networks.mgmt, { subnet: '10.5.0.0/24', dhcp: {} });
  assert.equal(leftOf(elsewhere), [`left the gateway "10.9.1.1": ${why}`]);
  const none = imported([table('name,mac,dns', 'n1,52:54:00:00:00:01,10.5.0.2')]);
  assert.equal(leftOf(none), [`left "10.5.0.2": ${why}`]);
});

test('csv: rows with different gateways in one network are reported', () => {
  const { log, networks } = imported([
    table(
      'name,mac,ip,gateway',
      'n1,52:54:00:00:00:01,10.5.0.11,10.5.0.1',
      'n2,52:54:00:00:00:02,10.5.0.12,10.5.0.254',
    ),
  ]);
  assert.is(networks.mgmt.gateway, '10.5.0.1');
  assert.match(log, 'The gateway of 10.5.0.0/24 is 10.5.0.254 here, but 10.5.0.1 in an earlier entry');
});

test('an address with a prefix keeps its subnet in every format', () => {
  const nodes =
    'nodes:\n- {name: a, interfaces: [{mac_addr: "52:54:00:00:00:01", ip_addrs: [{ip_addr: 10.5.3.1/22}]}]}\n';
  assert.equal(imported([['ochami', nodes]]).networks.mgmt, { subnet: '10.5.0.0/22', dhcp: {} });
  const interfaces =
    '[{"MACAddress": "52:54:00:00:00:01", "ComponentID": "x1c0s1b0n0", "IPAddresses": [{"IPAddress": "10.5.3.1/16"}]}]';
  assert.equal(imported([['smd', interfaces]]).networks.mgmt, { subnet: '10.5.0.0/16', dhcp: {} });
});

test("csv: in NetBox's interfaces, Device is the machine, Name its NIC, and the NIC of the BMC is its BMC", () => {
  // The columns of InterfaceTable in netbox/dcim/tables/devices.py of NetBox.
  const rows = [
    'Device,Name,MAC Address,IP Addresses,Management Only',
    'srv01,eno1,52:54:00:00:00:01,10.5.0.11/24,False',
    'srv01,eno2,52:54:00:00:00:11,,False',
    'srv01,iDRAC,52:54:00:00:01:01,10.5.9.11/24,False',
    'srv02,eno1,52:54:00:00:00:02,10.5.0.12/24,False',
    'srv02,MGT,52:54:00:00:01:02,10.5.9.12/24,True',
  ];
  const site = imported([table(...rows)]);
  assert.equal(site.networks, { mgmt: { subnet: '10.5.0.0/24', dhcp: {} } });
  assert.equal(site.nodes, {
    srv01: {
      nics: [
        { name: 'eno1', mac: '52:54:00:00:00:01', ip: '10.5.0.11' },
        { name: 'eno2', mac: '52:54:00:00:00:11' },
      ],
      bmc: { address: '10.5.9.11', mac: '52:54:00:00:01:01' },
    },
    srv02: {
      nics: [{ name: 'eno1', mac: '52:54:00:00:00:02', ip: '10.5.0.12' }],
      bmc: { address: '10.5.9.12', mac: '52:54:00:00:01:02' },
    },
  });
  assert.equal(leftOf(site), []);
});

for (const [what, head, row, name, nic] of [
  ['a column of NICs called device', 'name,device', 'srv01,eth0', 'srv01', 'eth0'],
  ['a device model beside a name', 'name,device', 'srv01,PowerEdge R650', 'srv01', undefined],
  ['NetBox VM interfaces', 'Name,Virtual Machine', 'ens18,vm01', 'vm01', 'ens18'],
  ['a device alone', 'Device', 'srv01', 'srv01', undefined],
  ['names in quotes', '"Device","Name"', '"srv01","Gig-E 1"', 'srv01', undefined],
] as const)
  test(`csv: the machine and the NIC of a row with ${what}`, () => {
    const { nodes } = imported([table(`${head},mac,ip`, `${row},52:54:00:00:00:01,10.5.0.11`)]);
    assert.equal(Object.keys(nodes), [name]);
    if (nic) assert.is(nodes[name].nics[0].name, nic);
  });

test("csv: Dell Omnia's mapping file, with the architecture in its groups", () => {
  // dell/omnia, docs/source/InstallationGuides/InstallingProvisionTool/DiscoveryMechanisms/mappingfile.rst.
  const site = imported([
    table(
      'FUNCTIONAL_GROUP_NAME,GROUP_NAME,SERVICE_TAG,PARENT_SERVICE_TAG,HOSTNAME,ADMIN_MAC,ADMIN_IP,BMC_MAC,BMC_IP,IB_NIC_NAME,IB_IP',
      'slurm_node_x86_64,grp1,ABC0001,,cn1,52:54:00:00:00:01,172.16.7.43,52:54:00:00:01:01,172.17.7.43,InfiniBand.Slot.7-1,192.168.0.101',
      'slurm_node_aarch64,grp1,ABC0002,,cn2,52:54:00:00:00:02,172.16.7.44,52:54:00:00:01:02,172.17.7.44,,',
    ),
  ]);
  assert.equal(site.nodes, {
    cn1: {
      groups: ['slurm_node_x86_64', 'grp1'],
      mac: '52:54:00:00:00:01',
      ip: '172.16.7.43',
      serial: 'ABC0001',
      bmc: { address: '172.17.7.43', mac: '52:54:00:00:01:01' },
    },
    cn2: {
      groups: ['slurm_node_aarch64', 'grp1'],
      mac: '52:54:00:00:00:02',
      ip: '172.16.7.44',
      serial: 'ABC0002',
      boot: { arch: 'arm64' },
      bmc: { address: '172.17.7.44', mac: '52:54:00:00:01:02' },
    },
  });
  assert.equal(leftOf(site), [
    'left PARENT_SERVICE_TAG: harvgen does not read this column',
    'left IB_NIC_NAME: harvgen does not read this column: name it nic if that is what it contains',
    'left IB_IP: harvgen does not read this column: name it ip2 if it is of a NIC of the machine, or bmc_ip if it is of its BMC',
  ]);
});

test("csv: HPE's ncn_metadata, with its bond's MAC addresses and SMD's roles", () => {
  // Cray-HPE/docs-csm, install/create_ncn_metadata_csv.md: MAC0 of the bond can be the one to boot from.
  const site = imported([
    table(
      'Xname,Role,Subrole,BMC MAC,Bootstrap MAC,Bond0 MAC0,Bond0 MAC1',
      'x3000c0s9b0n0,Management,Storage,94:40:c9:37:77:26,14:02:ec:d9:76:88,14:02:ec:d9:76:88,94:40:c9:5f:b6:92',
    ),
  ]);
  assert.equal(Object.values(site.nodes), [
    {
      xname: 'x3000c0s9b0n0',
      role: 'Management',
      subrole: 'Storage',
      nics: [{ mac: '14:02:ec:d9:76:88', ip: '…' }, { mac: '94:40:c9:5f:b6:92' }],
      bmc: { mac: '94:40:c9:37:77:26' },
    },
  ]);
  assert.equal(leftOf(site), []);
});

test("csv: MAAS's architecture, lists in JSON and power parameters", () => {
  const site = imported([
    table(
      'fqdn,architecture,mac,ip_addresses,tag_names,power_type,power_address',
      'n1.maas,arm64/generic,52:54:00:00:00:01,"[""10.5.0.21""]","[""gpu"",""rack-1""]",ipmi,10.5.9.21',
    ),
  ]);
  assert.equal(site.nodes, {
    'n1.maas': {
      groups: ['gpu', 'rack-1'],
      mac: '52:54:00:00:00:01',
      ip: '10.5.0.21',
      boot: { arch: 'arm64' },
      bmc: { address: '10.5.9.21', protocol: 'ipmi' },
    },
  });
  const other = imported([table('name,arch,mac', 'n1,ppc64el/generic,52:54:00:00:00:01')]);
  assert.match(other.log, '"ppc64el/generic" is not an architecture of a site');
});

test('csv: a column that is not read names the column to use', () => {
  const site = imported([
    table(
      'hostnme,mac,ip,Storage MAC,Primary UUID,Rack',
      'n1,52:54:00:00:00:01,10.5.0.21,52:54:00:00:00:02,4c4c4544-0000-1000-8000-000000000001,R1',
    ),
  ]);
  assert.equal(leftOf(site), [
    'left hostnme: harvgen does not read this column: name it name if that is what it contains',
    'left "Storage MAC": harvgen does not read this column: name it mac2 if it is of a NIC of the machine, or bmc_mac if it is of its BMC',
    'left "Primary UUID": harvgen does not read this column: name it uuid if that is what it contains',
    'left Rack: harvgen does not read this column',
  ]);
});

const INTERFACE = (number: number) =>
  `{"ID": "52540000000${number}", "MACAddress": "52:54:00:00:00:0${number}", "ComponentID": "x3000c0s${number}b0n0", "Type": "Node", "IPAddresses": [{"IPAddress": "10.5.1.${number}"}]}`;

test("smd: an interface of the API's version 1 has its IP address", () => {
  const { nodes } = imported([
    [
      'smd',
      '[{"ID": "525400000001", "MACAddress": "525400000001", "IPAddress": "10.5.1.8", "ComponentID": "x3000c0s15b0n0", "Type": "Node"}]',
    ],
  ]);
  assert.equal(nodes, {
    x3000c0s15b0n0: { xname: 'x3000c0s15b0n0', mac: '52:54:00:00:00:01', ip: '10.5.1.8' },
  });
});

for (const [what, between] of Object.entries({ 'jq -c': '\n', jq: '\n\n', 'no blank': '', CRLF: '\r\n' }))
  test(`smd: a stream of JSON objects, with ${what}, is a list of them`, () => {
    const stream = [1, 2].map(INTERFACE).join(between);
    const { nodes } = imported([['smd', stream]]);
    assert.equal(nodes, imported([['smd', `[${[1, 2].map(INTERFACE).join()}]`]]).nodes);
    assert.is(Object.keys(nodes).length, 2);
  });

test('a stream of JSON objects that ends early is an error on its line', () => {
  assert.match(imported([['smd', `${INTERFACE(1)}\n${INTERFACE(2).slice(0, -1)}`]]).log, 'smd:2:');
});

for (const format of ['ochami', 'boot-service'])
  test(`${format}: a map of nodes by name, as in nodes.conf of Warewulf, is refused`, () => {
    const conf =
      'nodes:\n  node01:\n    profiles: [default]\n    network devices:\n      default: { hwaddr: "52:54:00:00:00:01", ipaddr: 10.1.0.1 }\n';
    assert.is(
      imported([[format, conf]]).log,
      `${format}:2:3 error import-kind
  nodes is a map with names such as node01, as in the nodes.conf of Warewulf: the format ${format} has a list here.
  1 | nodes:
  2 |   node01:
    |   ^^^^^^^
  help: write the machines as a table with the columns name,mac,ip, and import it as csv
`,
    );
  });

test('ochami: a single node without a list is accepted', () => {
  const { nodes } = imported([
    ['ochami', 'nodes:\n  name: a\n  interfaces: {mac_addr: "52:54:00:00:00:01"}\n'],
  ]);
  assert.equal(nodes, { a: { mac: '52:54:00:00:00:01', ip: '…' } });
});

const MEMBER = table('name,mac,ip,groups', 'cn01,52:54:00:00:00:01,10.5.0.11,compute');

const cloudConfig = (value: string): Given => [
  'cloud-init',
  JSON.stringify({
    name: 'compute',
    file: {
      content: `#cloud-config
chpasswd: { users: [{ name: root, password: '${value}' }] }
write_files: [{ path: /etc/ceph.key, content: '${value}' }]
runcmd: ["ipa-client-install --password=${value.replace(/^\$.*/, 'CHANGE_ME')}"]
`,
    },
  }),
];

const target = (value: string): Given => [
  'tgt',
  `<target iqn.2018-01.org.example:cn01>
  initiator-address 10.5.0.11
  backing-store /srv/cn01.img
  incominguser cn01 ${value.replaceAll(' ', '')}
  outgoinguser up01 "${value.replaceAll(' ', '')}"
</target>
`,
];

const UNFILLED = [
  '$TOKEN',
  '${TOKEN}',
  '{{ cluster_token }}',
  '<TOKEN>',
  'TOKEN_VALUE',
  'CHANGE-ME-please',
  'changeme_now',
  'REPLACE_ME',
  'xxxxx',
];

test('harvester: a placeholder of a template is never stored as a secret', () => {
  for (const value of UNFILLED) {
    const { site, notes } = secretsOf(value);
    assert.equal([...(site?.secrets ?? [])], [], value);
    assert.match(
      notes.join('\n'),
      // The reader of configurations already drops those of harvester/ipxe-examples, such as <TOKEN>.
      /open token: (?:it is a placeholder of a template, not a value: generate a new secret cluster_token with|a placeholder, not a value: set your own)/,
    );
  }
  for (const value of ['$6$salt$abc', 'x7-exchange-me9', 'Tok<en>4', 'plain$TOKEN'])
    assert.equal([...(secretsOf(value).site?.secrets ?? [])], [['cluster_token', value]], value);
});

test('cloud-init: a placeholder of a template is never stored as a secret', () => {
  for (const value of UNFILLED) {
    const { site, notes, groups } = imported([MEMBER, cloudConfig(value)]);
    assert.equal([...(site?.secrets ?? [])], [], value);
    const data = groups.compute.cloud_init.user_data;
    assert.is(data.chpasswd.users[0].password, '${secret:compute_chpasswd_users_1_password}', value);
    const note =
      'open compute_chpasswd_users_1_password: it is a placeholder of a template, not a value: generate a new secret compute_chpasswd_users_1_password with `openssl rand -hex 32`';
    assert.ok(notes.includes(note), notes.join('\n'));
  }
  const { site } = imported([MEMBER, cloudConfig('x7-exchange-me9')]);
  assert.equal(
    [...(site?.secrets ?? [])],
    ['chpasswd_users_1_password', 'write_files_1_content', 'runcmd_1'].map((name) => [
      `compute_${name}`,
      'x7-exchange-me9',
    ]),
  );
});

test('tgt: a placeholder of a template is never stored as a CHAP password', () => {
  for (const value of UNFILLED) {
    const { site, notes, nodes } = imported([MEMBER, target(value)]);
    assert.equal([...(site?.secrets ?? [])], [], value);
    assert.equal(nodes.cn01.boot.chap, {
      user: 'cn01',
      password: '${secret:chap_cn01}',
      target_user: 'up01',
      target_password: '${secret:chap_cn01_target}',
    });
    assert.equal(
      notes.filter((note: string) => note.includes('chap') || note.includes('CHAP')),
      ['chap_cn01', 'chap_cn01_target'].map(
        (name) =>
          `open ${name}: it is a placeholder of a template, not a value: generate a new secret ${name} with \`openssl rand -hex 8\``,
      ),
    );
  }
  const { site } = imported([MEMBER, target('x7-exchange-me9')]);
  assert.equal(site?.secrets.get('chap_cn01'), 'x7-exchange-me9');
});

test.run();

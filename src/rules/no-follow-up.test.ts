import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cloudSite } from '../../test/support/cloud-sites.ts';
import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { NESTED } from '../../test/support/nested-plant.ts';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { SPLIT_PLANT } from '../../test/support/split-plant.ts';
import { compile } from '../compile.ts';

const GOOGLE = cloudSite('google');

const test = suite('errors without follow-up findings');

const DEVICE = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';
const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const OS = `    os: { ntp_servers: [0.suse.pool.ntp.org],\n      ${KEYS} }\n`;
const DHCP = '    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n';
const HARV_2 = '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }';
const STATIC = 'management_interface: { method: static }';

/**
 * Sites with a typo in a key that a rule checks, or with an invalid value. Only that error is reported, as `code line:column`:
 * no rule treats the key as missing.
 */
const NO_FOLLOW_UP: Readonly<
  Record<string, { of?: string; edits: readonly Edit[]; found: readonly string[] }>
> = {
  'a range with an invalid name, and a node within it': {
    of: LINUX_PLANT,
    edits: [['nodes:\n', 'nodes:\n  cg[03-0]: { profiles: [compute] }\n  cg03: { groups: [compute] }\n']],
    found: ['bad-range 24:3'],
  },
  'an image with an invalid tenant': {
    edits: [['nodes:\n', 'images: { disk: { tenant: Physics Dept } }\nnodes:\n']],
    found: ['bad-value 22:27'],
  },
  'a misspelt token': { edits: [['  token:', '  tokn:']], found: ['unknown-key 15:3'] },
  'a token that is a number': {
    edits: [['token: ${secret:cluster_token}', 'token: 12345']],
    found: ['wrong-type 15:10'],
  },
  'a misspelt VIP': { edits: [['  vip:', '  vpi:']], found: ['unknown-key 14:3'] },
  'a cluster that is a list': {
    edits: [
      ['cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n', 'cluster: [192.168.178.40]\n'],
    ],
    found: ['wrong-type 13:10'],
  },
  'a misspelt gateway': { edits: [['gateway:', 'gatewy:']], found: ['unknown-key 9:5'] },
  'a gateway without a value': {
    edits: [['gateway: 192.168.178.1', 'gateway:']],
    found: ['wrong-type 9:5'],
  },
  'a misspelt dhcp': { edits: [['    dhcp:', '    dhpc:']], found: ['unknown-key 11:5'] },
  'a dhcp that is a boolean': { edits: [[DHCP, '    dhcp: true\n']], found: ['wrong-type 11:11'] },
  'a dhcp that is a boolean, without DNS servers': {
    edits: [[`    dns: [192.168.178.1]\n${DHCP}`, '    dhcp: true\n']],
    found: ['wrong-type 10:11'],
  },
  'misspelt DNS servers of a static node': {
    edits: [
      ['    dns:', '    dnss:'],
      ['    install:\n', `    install:\n      ${STATIC}\n`],
    ],
    found: ['unknown-key 10:5'],
  },
  'an invalid DNS server of a static node': {
    edits: [
      ['dns: [192.168.178.1]', 'dns: [192.168.178.256]'],
      ['    install:\n', `    install:\n      ${STATIC}\n`],
    ],
    found: ['bad-value 10:11'],
  },
  'misspelt DNS servers in the configuration of a static node': {
    edits: [
      ['    dns: [192.168.178.1]\n', ''],
      ['ssh_authorized_keys:', 'dns_server: [192.168.178.1],\n      ssh_authorized_keys:'],
      ['    install:\n', `    install:\n      ${STATIC}\n`],
    ],
    found: ['unknown-key 18:7'],
  },
  'an invalid subnet': {
    edits: [['subnet: 192.168.178.0/24', 'subnet: 192.168.178.0/33']],
    found: ['bad-value 8:13'],
  },
  'an invalid pool': {
    edits: [['pool: 192.168.178.200-192.168.178.250', 'pool: 192.168.178.250-192.168.178.200']],
    found: ['bad-value 12:13'],
  },
  'a network with an invalid name': { edits: [['  mgmt:', '  Mgmt:']], found: ['bad-name 7:3'] },
  'a misspelt mode': { edits: [['mode: create', 'mod: create']], found: ['unknown-key 23:57'] },
  'an invalid mode': { edits: [['mode: create', 'mode: craete']], found: ['bad-value 23:63'] },
  'a create node with an invalid name': { edits: [['  harv-1:', '  Harv-1:']], found: ['bad-name 23:3'] },
  'a create node that is text': {
    edits: [['{ mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }', 'harv']],
    found: ['wrong-type 23:11'],
  },
  'a misspelt ip': {
    edits: [['ip: 192.168.178.42', 'ipp: 192.168.178.42']],
    found: ['unknown-key 24:37'],
  },
  'an invalid IP address': {
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.256']],
    found: ['bad-value 24:41'],
  },
  'an invalid MAC address, twice': {
    edits: [
      ['mac: 52:54:00:aa:01:02', 'mac: 52:54:00:aa:01:zz'],
      ['mac: 52:54:00:aa:01:03', 'mac: 52:54:00:aa:01:zz'],
    ],
    found: ['bad-value 24:18', 'bad-value 25:18'],
  },
  'misspelt nics': {
    edits: [[HARV_2, '{ nisc: [{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }] }']],
    found: ['unknown-key 24:13'],
  },
  'a misspelt device': { edits: [['device:', 'devise:']], found: ['unknown-key 21:7'] },
  'an invalid device': { edits: [[DEVICE, 'device: sda']], found: ['bad-value 21:15'] },
  'a misspelt install': { edits: [['    install:', '    instal:']], found: ['unknown-key 20:5'] },
  'misspelt keys': { edits: [['ssh_authorized_keys', 'ssh_authorised_keys']], found: ['unknown-key 19:7'] },
  'keys that are a map': {
    edits: [[KEYS, 'ssh_authorized_keys: { me: github }']],
    found: ['wrong-type 19:28'],
  },
  'a misspelt os': { edits: [['    os:', '    oss:']], found: ['unknown-key 18:5'] },
  'a misspelt config': { edits: [['  config:', '  confg:']], found: ['unknown-key 17:3'] },
  'a config that is text': {
    edits: [[`  config:\n${OS}    install:\n      ${DEVICE}\n`, '  config: none\n']],
    found: ['wrong-type 17:11'],
  },
  'a NIC that is text, with an interface by name': {
    edits: [
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [text], config: { install: { management_interface: { interfaces: [{ name: eno1 }] } } } }',
      ],
    ],
    found: ['wrong-type 25:20'],
  },
  'NICs that are a boolean': {
    edits: [['{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }', '{ nics: true }']],
    found: ['wrong-type 25:19'],
  },
  'a NIC that is text, before another': {
    edits: [['{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }', '{ nics: ["", { mac: 52:54:00:aa:01:03 }] }']],
    found: ['wrong-type 25:20'],
  },
  'the boot key of a NIC that is a map': {
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24 }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:02:03, network: storage }, { mac: 52:54:00:aa:01:03, ip: 192.168.178.43, boot: {} }] }',
      ],
    ],
    found: ['wrong-type 26:118'],
  },
  'a network of a NIC that is a number': {
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24 }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, network: 5 }] }',
      ],
    ],
    found: ['wrong-type 26:103'],
  },
  'an invalid include, which may set any key': {
    edits: [
      ['site: plant\n', 'site: plant\ninclude: [../shared.yml]\n'],
      [`    install:\n      ${DEVICE}\n`, ''],
    ],
    found: ['bad-value 2:11'],
  },
  'a missing profile, which may set the cluster': {
    edits: [
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  a: { vip: 192.168.178.40, token: "${secret:a}" }\n  b: { vip: 192.168.178.39, token: "${secret:b}" }\n',
      ],
      ['  config:\n    os:', '  profiles: [non]\n  config:\n    os:'],
      ['mode: create', 'cluster: a, mode: create'],
    ],
    found: ['unknown-profile 17:14'],
  },
  'a create node without a cluster': {
    edits: [
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  a: { vip: 192.168.178.40, token: "${secret:a}" }\n  b: { vip: 192.168.178.39, token: "${secret:b}" }\n',
      ],
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, cluster: a }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, cluster: b, mode: create }'],
    ],
    found: ['node-without-cluster 23:3'],
  },
  'a cluster under an unknown key': {
    edits: [['cluster:\n', 'frobnicate:\n']],
    found: ['unknown-key 13:1'],
  },
  'a token with an invalid secret name, and another one of a node': {
    edits: [
      ['token: ${secret:cluster_token}', 'token: ${secret:A}'],
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, config: { token: "${secret:a}" } }'],
    ],
    found: ['secret-name 15:10'],
  },
  'a VIP with an invalid secret name': {
    edits: [['vip: 192.168.178.40', 'vip: ${secret:A}']],
    found: ['secret-name 14:8'],
  },
  'a time server with an invalid secret name': {
    edits: [['ntp_servers: [0.suse.pool.ntp.org]', 'ntp_servers: ["${secret:A}"]']],
    found: ['secret-name 18:25'],
  },
  'misspelt defaults': { edits: [['defaults:', 'defautls:']], found: ['unknown-key 16:1'] },
  'a missing profile': {
    edits: [
      [`    install:\n      ${DEVICE}\n`, ''],
      ['nodes:\n', `profiles:\n  big: { config: { install: { ${DEVICE} } } }\nnodes:\n`],
      ['  config:\n    os:', '  profiles: [big]\n  config:\n    os:'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [bgi]'],
    ],
    found: ['unknown-profile 25:68'],
  },
  'an invalid boot': {
    edits: [
      [`    install:\n      ${DEVICE}\n`, ''],
      [
        'ip: 192.168.178.41, mode: create }',
        `ip: 192.168.178.41, mode: create, config: { install: { ${DEVICE} } } }`,
      ],
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, boot: local }'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, boot: { os: locl } }'],
    ],
    found: ['wrong-type 22:63', 'bad-value 23:69'],
  },
  'a profile with an invalid name': {
    edits: [
      [`    install:\n      ${DEVICE}\n`, ''],
      ['nodes:\n', `profiles:\n  Big: { config: { install: { ${DEVICE} } } }\nnodes:\n`],
      ['  config:\n    os:', '  profiles: [big]\n  config:\n    os:'],
    ],
    found: ['bad-name 22:3'],
  },
  'an invalid release': {
    edits: [
      ['version: v1.4.1', 'version: "1.0"'],
      ['  harv-2:', '  harv-2.plant:'],
    ],
    found: ['bad-value 3:12'],
  },
  'a misspelt MAC address of the VIP': {
    edits: [['  vip:', '  vip_mode: dhcp\n  vip_hw_adr: 02:00:00:03:3d:61\n  vip:']],
    found: ['vip-mode-dhcp 14:13', 'unknown-key 15:3'],
  },
  'a misspelt mode of the VIP': {
    edits: [['  vip:', '  vip_mod: dhcp\n  vip_hw_addr: 02:00:00:03:3d:61\n  vip:']],
    found: ['unknown-key 14:3'],
  },
  'a misspelt name of a NIC that the configuration uses': {
    edits: [
      [
        HARV_2,
        '{ nics: [{ nmae: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }], config: { install: { management_interface: { interfaces: [{ name: eno1 }] } } } }',
      ],
    ],
    found: ['unknown-key 24:22'],
  },
  'a misspelt name of an interface in the configuration': {
    edits: [
      [
        HARV_2,
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }], config: { install: { management_interface: { interfaces: [{ nmae: eno1 }] } } } }',
      ],
    ],
    found: ['unknown-key 24:141'],
  },
  'a misspelt mode of a node with keys of the create node': {
    edits: [['mode: create }', 'mode: creat, config: { system_settings: { ui-source: bundled } } }']],
    found: ['bad-value 23:63'],
  },
  'an invalid operating system, without a device': {
    edits: [
      [`    install:\n      ${DEVICE}\n`, ''],
      ['mode: create', `mode: create, config: { install: { ${DEVICE} } }`],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, boot: { os: lokal }'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, boot: { os: local }'],
    ],
    found: ['bad-value 22:69'],
  },
  'a site with a host and without a cluster': {
    of: NESTED,
    edits: [['cluster: { vip: 192.168.150.40, token: "${secret:cluster_token}" }\n', '']],
    found: ['expose-without-cluster 11:15', 'node-without-cluster 24:3'],
  },
  'invalid DNS servers of a node, which resolve the name of its ISO': {
    edits: [
      ['    dns: [192.168.178.1]\n', ''],
      [
        'mode: create }',
        'mode: create, config: { os: { dns_nameservers: { a: b } }, install: { iso_url: "http://one.example.org/h.iso" } } }',
      ],
    ],
    found: ['wrong-type 22:104'],
  },
  'a map instead of the disks of virtual machines': {
    of: NESTED,
    edits: [['disks: [{ size: 300Gi }]', 'disks: { size: 300Gi }']],
    found: ['wrong-type 23:31'],
  },
  'a second disk of virtual machines with one disk': {
    of: NESTED,
    edits: [
      [
        '  config:\n',
        '  silence: { disks-wiped: it is new }\n  config:\n    install: { data_disk: /dev/vdb }\n',
      ],
    ],
    found: ['unknown-disk 23:27'],
  },
  'a gateway outside its subnet, which is also the IP address of the host': {
    of: NESTED,
    edits: [['gateway: 192.168.150.1', 'gateway: 192.168.151.1']],
    found: ['gateway-outside-subnet 16:14'],
  },
  'a tenant with an unknown network, whose node has NICs on two networks': {
    of: ISCSI_PLANT,
    edits: [
      ['physics: { network: physics }', 'physics: { network: physisc }'],
      [
        '{ mac: 52:54:00:0b:01:02, ip: 10.2.0.12, tenant: physics }',
        '{ tenant: physics, nics: [{ mac: 52:54:00:0b:01:02, ip: 10.2.0.12, boot: true }, { mac: 52:54:00:0b:01:04, network: biology }] }',
      ],
    ],
    found: ['unknown-network 11:23'],
  },
  'an IP address of the boot server that the host of an isolated network does not have': {
    of: NESTED,
    edits: [
      ['url: http://192.168.150.1', 'url: http://10.9.0.9'],
      ['dhcp: {', 'libvirt: { forward: isolated }\n    dhcp: {'],
      ['0.suse.pool.ntp.org', '192.168.150.1'],
    ],
    found: ['server-url-not-host 3:16'],
  },
  'an exposed port of a cloud VM without its number and clients': {
    of: GOOGLE,
    edits: [['port: 443, allow: [203.0.113.0/24]', 'address: 0.0.0.0']],
    found: ['missing-key 12:7'],
  },
  'a misspelt port of a cloud VM, for IPv6 clients': {
    of: GOOGLE,
    edits: [['port: 443, allow: [203.0.113.0/24]', "prot: 443, allow: ['2001:db8::/32']"]],
    found: ['unknown-key 12:9'],
  },
  'an exposed port of a cloud VM with an invalid address': {
    of: GOOGLE,
    edits: [['address: 127.0.0.1', 'address: 127.0.0.256']],
    found: ['bad-value 14:30'],
  },
  'a create node that is a witness, next to another one': {
    of: NESTED,
    edits: [
      ['mode: create }', 'mode: create, role: witness }'],
      ['192.168.150.42 }', '192.168.150.42, role: witness }'],
    ],
    found: ['create-node-role 25:82'],
  },
  'a key outside its map, which is then empty': {
    edits: [['  url: http', 'url: http']],
    found: ['unknown-key 5:1'],
  },
  'a section without its first line, in another section': {
    edits: [['nodes:\n', '']],
    found: ['unknown-key 22:3'],
  },
  'the defaults without their first line, in the cluster': {
    edits: [['defaults:\n', '']],
    found: ['unknown-key 16:3'],
  },
  'a configuration without its first line': {
    edits: [['  config:\n    os', '    os']],
    found: ['unknown-key 17:5'],
  },
  'a network without the line of its name': {
    edits: [
      ['  mgmt:\n    subnet', '  subnet'],
      ['    gateway', '  gateway'],
      ['    dns', '  dns'],
      [DHCP, '  dhcp:\n    pool: 192.168.178.200-192.168.178.250\n'],
    ],
    found: ['unknown-key 7:3'],
  },
  'a cluster without its first line, in the networks': {
    edits: [['cluster:\n', '']],
    found: ['unknown-key 13:3'],
  },
  'the keys of DHCP beside the network': {
    of: NESTED,
    edits: [['    dhcp: {', '  dhcp: {']],
    found: ['unknown-key 18:3'],
  },
  'a management network with another name': {
    of: SPLIT_PLANT,
    edits: [['network: mgmt\n', 'network: mgnt\n']],
    found: ['unknown-network 16:12'],
  },
  'a management network without its subnet': {
    of: SPLIT_PLANT,
    edits: [['    subnet: 10.11.0.0/24\n', '']],
    found: ['missing-key 9:3'],
  },
  'a VIP and a token at the margin': {
    edits: [['cluster:\n  vip: 192.168.178.40\n  token', 'vip: 192.168.178.40\ntoken']],
    found: ['unknown-key 13:1'],
  },
  'a token at the margin': { edits: [['  token:', 'token:']], found: ['unknown-key 15:1'] },
  'a node at the margin': { edits: [['  harv-3:', 'harv-3:']], found: ['unknown-key 25:1'] },
  'an ip of two letters': {
    edits: [['ip: 192.168.178.42', 'ix: 192.168.178.42']],
    found: ['unknown-key 24:37'],
  },
  'a vm of two letters, for all machines': {
    of: NESTED,
    edits: [['  vm: {', '  vx: {']],
    found: ['unknown-key 23:3'],
  },
  'a vm of two letters, for one machine': {
    of: GOOGLE,
    edits: [['43, vm: {', '43, vx: {']],
    found: ['unknown-key 29:58'],
  },
  'misspelt defaults of virtual machines': {
    of: NESTED,
    edits: [['defaults:', 'defaultx:']],
    found: ['unknown-key 20:1'],
  },
  'a misspelt host of virtual machines': {
    of: GOOGLE,
    edits: [['host:', 'hosx:']],
    found: ['unknown-key 4:1'],
  },
  'an invalid subnet, whose boot server is its DNS server': {
    of: NESTED,
    edits: [['subnet: 192.168.150.0/24', 'subnet: 192.168.150.1/24']],
    found: ['bad-value 15:13'],
  },
  'a misspelt DHCP server, which may be libvirt': {
    of: NESTED,
    edits: [['server: libvirt', 'server: libvrt']],
    found: ['bad-value 18:21'],
  },
  'virtual machines on a network without DHCP': {
    of: NESTED,
    edits: [['    dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d }\n', '']],
    found: ['vm-without-bridge 14:3'],
  },
  'a host whose network has no gateway': {
    of: NESTED,
    edits: [['    gateway: 192.168.150.1\n', '']],
    found: ['missing-gateway 14:3'],
  },
  'an invalid client of an exposed port': {
    of: GOOGLE,
    edits: [['port: 443, allow: [203.0.113.0/24]', 'port: 443, allow: [203.0.113.1/24]']],
    found: ['bad-value 12:28'],
  },
  'a subnet that contains none of its IP addresses': {
    edits: [['subnet: 192.168.178.0/24', 'subnet: 192.168.187.0/24']],
    found: ['subnet-of-others 8:13'],
  },
  'a subnet that contains none of its IP addresses, beside another network': {
    of: ISCSI_PLANT,
    edits: [['subnet: 10.3.0.0/24', 'subnet: 10.7.0.0/24']],
    found: ['subnet-of-others 9:22'],
  },
  'a pool that contains the IP addresses of the nodes and the VIP': {
    edits: [['pool: 192.168.178.200', 'pool: 192.168.178.20']],
    found: ['address-in-dhcp-pool 12:13'],
  },
  // Near misses: two faults, two findings.
  'an unknown key of a network, and a missing device': {
    edits: [
      ['    gateway:', '    frob: 1\n    gateway:'],
      [`    install:\n      ${DEVICE}\n`, ''],
    ],
    found: ['unknown-key 9:5', 'missing-device 22:3'],
  },
  'an unknown key of one node, and a missing IP address of another': {
    edits: [
      ['ip: 192.168.178.42', 'frob: 192.168.178.42'],
      [', ip: 192.168.178.43', ''],
    ],
    found: ['unknown-key 24:37', 'missing-address 25:3'],
  },
  'an unknown key at the margin, and a missing token': {
    edits: [
      ['server:\n', 'frob: 3\nserver:\n'],
      ['  token: ${secret:cluster_token}\n', ''],
    ],
    found: ['unknown-key 4:1', 'missing-token 14:1'],
  },
  'two nodes outside a subnet that contains the gateway': {
    edits: [
      ['ip: 192.168.178.42', 'ip: 192.168.187.42'],
      ['ip: 192.168.178.43', 'ip: 192.168.187.43'],
    ],
    found: ['address-outside-subnet 24:41', 'address-outside-subnet 25:41'],
  },
  'a network whose name is a key of networks, with two typos': {
    edits: [['  mgmt:\n', '  dns: { subnet: 10.0.0.0/24, gatewy: 10.0.0.1, mtuu: 9000 }\n  mgmt:\n']],
    found: ['unknown-key 7:31', 'unknown-key 7:49'],
  },
};

for (const [name, { of = PLANT, edits, found }] of Object.entries(NO_FOLLOW_UP)) {
  test(`${name}: no other finding`, async () => {
    const { diagnostics } = await compile(makeSite(edited(of, ...edits)));
    const reported = diagnostics.map(({ code, at }) => {
      const { line, column } = at.source.position(at.start);
      return `${code} ${line}:${column}`;
    });
    assert.equal(reported, found);
  });
}

test.run();

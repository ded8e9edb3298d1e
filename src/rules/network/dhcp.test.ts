import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { RACK } from '../../../test/support/rack.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const UNKNOWN = ['groups:\n', 'unknown_machines: { boot: { kernel: discover/vmlinuz } }\ngroups:\n'] as const;

fixableRuleTest('dhcp-without-server', {
  'DHCP on a network without a DHCP server': {
    silence: ['static-needs-default-route'],
    edits: [
      ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''],
      [
        '{ mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }], mode: create }',
      ],
      [
        '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }] }',
      ],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }], config: { install: { management_interface: { method: dhcp } } } }',
      ],
    ],
    finds: [
      {
        at: '23:134',
        message: 'harv-3 uses DHCP, but its network mgmt has no DHCP server: it never gets an IP address.',
        related: ['7:3'],
      },
    ],
  },
  'DHCP and static on a network with a DHCP server': {
    edits: [
      [
        'ip: 192.168.178.42 }',
        'ip: 192.168.178.42, config: { install: { management_interface: { method: dhcp } } } }',
      ],
      [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43, config: { install: { management_interface: { method: static } } } }',
      ],
    ],
  },
});

const DHCP = 'dhcp:\n      pool: 192.168.178.200-192.168.178.250';
const DNSMASQ = `interface: eth0
    dhcp: { server: dnsmasq }`;

const second = (text: string) => `  storage: { subnet: 10.0.0.0/24, ${text} }\n`;

const floor = (text: string) =>
  ['cluster: {', `  floor: { subnet: 10.9.0.0/24, gateway: 10.9.0.1, ${text} }\ncluster: {`] as const;

ruleTest('several-dhcp-servers', {
  'two servers, one of them on all interfaces': {
    edits: [['  mgmt:\n', `${second('dhcp: { server: isc }')}  mgmt:\n`]],
    finds: [
      {
        at: '13:7',
        message:
          "The DHCP server of mgmt is dnsmasq, and that of storage is ISC's dhcpd: a network has no interface, so both would listen on all interfaces.",
        related: ['7:51'],
      },
    ],
  },
  'two servers on one interface': {
    edits: [
      ['  mgmt:\n', `${second('interface: eth0, dhcp: { server: isc }')}  mgmt:\n`],
      [DHCP, DNSMASQ],
    ],
    finds: [
      {
        at: '13:21',
        message:
          "The DHCP server of mgmt is dnsmasq, and that of storage is ISC's dhcpd: both would listen on eth0.",
        related: ['7:68'],
      },
    ],
  },
  'Kea and another server on separate interfaces': {
    edits: [
      ['  mgmt:\n', `${second('interface: eth1, dhcp: { server: kea }')}  mgmt:\n`],
      [DHCP, DNSMASQ],
    ],
    finds: [
      {
        at: '13:21',
        message:
          'The DHCP server of mgmt is dnsmasq, and that of storage is Kea: Kea must be the only DHCP server on a machine.',
        related: ['7:68'],
      },
    ],
  },
  'servers on separate interfaces': {
    edits: [
      ['  mgmt:\n', `${second('interface: eth1, dhcp: { server: isc }')}  mgmt:\n`],
      [DHCP, DNSMASQ],
    ],
  },
  'an external server': {
    edits: [['  mgmt:\n', `${second('dhcp: { server: external }')}  mgmt:\n`]],
  },
  'Kea for all networks': {
    edits: [
      ['  mgmt:\n', `${second('dhcp: { server: kea }')}  mgmt:\n`],
      [DHCP, 'dhcp: { server: kea }'],
    ],
  },
  "Kea and libvirt's server": {
    of: NESTED,
    edits: [floor('interface: br0, dhcp: { server: kea }')],
    silence: ['dhcp-server-on-host'],
    finds: [
      {
        at: '19:84',
        message:
          "The DHCP server of floor is Kea, and that of mgmt is libvirt's: Kea must be the only DHCP server on a machine.",
        related: ['18:21'],
        help: 'set `server: dnsmasq`; or, for a server on another machine, `server: external`',
      },
    ],
  },
  "coredhcp on all interfaces, and libvirt's server": {
    of: NESTED,
    edits: [floor('dhcp: { server: coredhcp }')],
    silence: ['dhcp-server-on-host'],
    finds: [
      {
        at: '19:68',
        message:
          "The DHCP server of floor is coredhcp, and that of mgmt is libvirt's: without its own interface, it would answer on the other network, too.",
        related: ['18:21'],
      },
    ],
  },
  "a server that can run next to libvirt's": {
    of: NESTED,
    edits: [floor('interface: br0, dhcp: { server: isc }')],
    silence: ['dhcp-server-on-host'],
  },
});

const GATEWAY = '    gateway: 192.168.150.1\n';
const BRIDGE: readonly [string, string] = [GATEWAY, `${GATEWAY}    interface: br0\n`];

ruleTest('dhcp-server-on-host', {
  'a server that host-setup.sh does not set up': {
    silence: ['boot-server-without-dns'],
    of: NESTED,
    edits: [BRIDGE, ['{ server: libvirt,', '{ server: isc,']],
    finds: [
      {
        at: '19:21',
        message: "The DHCP server of mgmt is ISC's dhcpd: host-setup.sh does not set it up.",
      },
    ],
  },
  dnsmasq: {
    silence: ['boot-server-without-dns'],
    of: NESTED,
    edits: [BRIDGE, ['{ server: libvirt,', '{ server: dnsmasq,']],
  },
  'a site without a host': {
    edits: [['dhcp:\n      pool: 192.168.178.200-192.168.178.250', 'dhcp: { server: isc }']],
  },
});

ruleTest('coredhcp-no-boot-file', {
  'machines that boot from the network': {
    edits: [[DHCP, 'dhcp: { server: coredhcp }']],
    finds: [
      {
        at: '11:21',
        message: 'coredhcp sends no boot file to machines on mgmt: the firmware of harv-1 boots nothing.',
        help: 'set `server: dnsmasq`; or, if coredhcp runs on another machine, `dhcp: { server: external, proxy: true }`: dnsmasq then adds the boot file; or start iPXE from an image with the embedded script; or set server.compat: [ochami] and run coredhcp with its plugin coresmd',
      },
    ],
  },
  "with the services that OpenCHAMI's plugin uses": {
    edits: [
      [DHCP, 'dhcp: { server: coredhcp }'],
      ['server:\n', 'server:\n  compat: [ochami]\n'],
    ],
  },
  'GRUB, which that plugin does not offer': {
    of: RACK,
    edits: [
      ['server: external', 'server: coredhcp'],
      ['os: linux,', 'os: linux, loader: grub,'],
    ],
    finds: [
      {
        at: '4:84',
        message: 'coredhcp does not offer GRUB: with its plugin coresmd, the firmware of cg01 loads iPXE.',
        related: ['8:30'],
      },
    ],
  },
  'a network that nothing boots from': {
    edits: [
      [
        '  mgmt:\n',
        '  storage: { subnet: 10.0.0.0/24, interface: eth1, dhcp: { server: coredhcp } }\n  mgmt:\n',
      ],
      [DHCP, 'interface: eth0\n    dhcp: { server: dnsmasq }'],
    ],
  },
  pxelinux: {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux } }',
      ],
      ['vlan: 102, dhcp: {}', 'vlan: 102, dhcp: { server: coredhcp }'],
      ['dhcp: { pool: 10.3.0.200-10.3.0.250 }', 'dhcp: { server: external }'],
      ['  iscsi:\n', '  compat: [ochami]\n  iscsi:\n'],
      ['52:54:00:0b:01:01,', '52:54:00:0b:01:01, nid: 1, xname: x1000c1s7b0n0,'],
      ['52:54:00:0b:01:02,', '52:54:00:0b:01:02, nid: 2, xname: x1000c1s7b1n0,'],
      ['52:54:00:0b:01:03,', '52:54:00:0b:01:03, nid: 3, xname: x1000c1s7b2n0,'],
      ['nodes:\n', 'silence: { server-url-off-networks: a gateway leads there }\nnodes:\n'],
    ],
    finds: [
      {
        at: '9:81',
        message:
          'coredhcp does not offer pxelinux: with its plugin coresmd, the firmware of cn01 loads iPXE.',
        related: ['23:129'],
      },
    ],
  },
});

const STORAGE = '  storage: { subnet: 10.0.0.0/24, interface: eth1, dhcp: { server: coredhcp } }\n';
const MGMT = 'dhcp: { server: coredhcp }';

ruleTest('coredhcp-one-network', {
  'two networks': {
    silence: ['coredhcp-no-boot-file'],
    edits: [
      ['  mgmt:\n', `${STORAGE}  mgmt:\n`],
      [DHCP, MGMT],
    ],
    finds: [
      {
        at: '12:21',
        message:
          'mgmt is a second network of coredhcp, which serves one: its machines get the mask and router of storage.',
        related: ['7:68'],
      },
    ],
  },
  'one of two': {
    silence: ['coredhcp-no-boot-file'],
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24, dhcp: { server: external } }\n  mgmt:\n'],
      [DHCP, MGMT],
    ],
  },
});

const THIRD = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
const BOND = '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03 }] }';

ruleTest('kea-shared-address', {
  'a bond of two NICs': {
    edits: [
      [DHCP, 'dhcp: { server: kea }'],
      [THIRD, BOND],
    ],
    finds: [
      {
        at: '24:68',
        message:
          'harv-3 may also request 192.168.178.43 with 52:54:00:aa:02:03: Kea leases it to one NIC until the lease of 12h ends.',
        related: ['11:21'],
      },
    ],
  },
  'one NIC each': { edits: [[DHCP, 'dhcp: { server: kea }']] },
  'a bond on a network of another server': {
    edits: [
      [DHCP, 'dhcp: { server: isc }'],
      [THIRD, BOND],
    ],
  },
});

const ON_ETH0 = (server: string) => `interface: eth0\n    dhcp: { server: ${server} }`;
const SECOND_NETWORK = (server: string, name = 'eth0') =>
  `  storage: { subnet: 10.0.0.0/24, interface: ${name}, dhcp: { server: ${server} } }\n  mgmt:\n`;

ruleTest('kea-shared-interface', {
  'two networks on one interface': {
    edits: [
      ['  mgmt:\n', SECOND_NETWORK('kea')],
      [DHCP, ON_ETH0('kea')],
    ],
    finds: [
      {
        at: '12:16',
        message: 'mgmt and storage are both on eth0: Kea treats machines of mgmt as those of storage.',
        related: ['7:46'],
      },
    ],
  },
  'two networks on separate interfaces': {
    edits: [
      ['  mgmt:\n', SECOND_NETWORK('kea', 'eth1')],
      [DHCP, ON_ETH0('kea')],
    ],
  },
  'two networks of dhcpd on one interface': {
    edits: [
      ['  mgmt:\n', SECOND_NETWORK('isc')],
      [DHCP, ON_ETH0('isc')],
    ],
  },
});

fixableRuleTest('hosts-files-without-dnsmasq', {
  'a server that reads no such files': {
    edits: [[DHCP, 'dhcp: { server: isc, hosts_files: true }']],
    finds: [
      {
        at: '11:39',
        message: 'mgmt sets hosts_files, but its DHCP server is isc, which reads no such files.',
        related: ['11:21'],
      },
    ],
  },
  dnsmasq: { edits: [[DHCP, 'dhcp: { hosts_files: true }']] },
  'an external server': { edits: [[DHCP, 'dhcp: { server: external, hosts_files: true }']] },
  'hosts_files: false': { edits: [[DHCP, 'dhcp: { server: isc, hosts_files: false }']] },
});

// proxyDHCP with a server of the site's own would put a second DHCP server beside the other one.
ruleTest('proxy-without-external', {
  'a server of harvgen': {
    edits: [[DHCP, 'dhcp: { server: kea, proxy: true }']],
    finds: [
      {
        at: '11:33',
        message: 'mgmt sets proxy, but its DHCP server is kea, which sends the boot file itself.',
        help: 'set `server: external` if another server leases the IP addresses; otherwise remove proxy',
      },
    ],
  },
  'the default server': {
    edits: [[DHCP, 'dhcp: { proxy: true }']],
    finds: [
      {
        at: '11:20',
        message: 'mgmt sets proxy, but its DHCP server is dnsmasq, which sends the boot file itself.',
      },
    ],
  },
  'an external server': { edits: [[DHCP, 'dhcp: { server: external, proxy: true }']] },
  'proxy: false': { edits: [[DHCP, 'dhcp: { server: isc, proxy: false }']] },
});

const OWN_DNS = ['dns: [192.168.178.1]', 'dns: [192.168.178.1, 192.168.178.7]'] as const;
const URL = 'url: http://192.168.178.7';

ruleTest('boot-server-without-dns', {
  'a DNS server that does not run': {
    edits: [OWN_DNS],
    finds: [
      {
        at: '10:26',
        message:
          'The DNS server 192.168.178.7 of mgmt is the boot server, where no DNS server of the site runs: lookups fail.',
        help: 'set server.dns: dnsmasq; or, if another DNS server runs there, add silence: {boot-server-without-dns: "the reason"}',
      },
    ],
  },
  'server.dns': { edits: [OWN_DNS, [URL, 'url: http://192.168.178.7\n  dns: dnsmasq']] },
  'the dnsmasq of libvirt': { of: NESTED, edits: [] },
});

ruleTest('dns-without-clients', {
  'a DNS server that no network uses': {
    edits: [[URL, 'url: http://192.168.178.7\n  dns: dnsmasq']],
    finds: [
      {
        at: '6:8',
        message:
          'No network has the boot server, 192.168.178.7, in its dns: no machine uses this DNS server.',
        help: 'add 192.168.178.7 to dns of a network; or remove server.dns, unless another site of this dnsmasq needs it',
      },
    ],
  },
  'a network that uses it': { edits: [OWN_DNS, [URL, 'url: http://192.168.178.7\n  dns: dnsmasq']] },
  'a node that uses it': {
    edits: [
      [URL, 'url: http://192.168.178.7\n  dns: dnsmasq'],
      ['os: { ntp_servers', 'os: { dns_nameservers: [192.168.178.7], ntp_servers'],
    ],
  },
  'no DNS server': { edits: [] },
});

ruleTest('dns-without-domain', {
  'CoreDNS without a zone': {
    edits: [OWN_DNS, [URL, 'url: http://192.168.178.7\n  dns: coredns']],
    finds: [
      {
        at: '8:3',
        message: 'mgmt has no domain: the names of its machines are in no zone file.',
        related: ['6:8'],
        help: 'add a domain, such as `domain: cluster.example.org`; or set server.dns: dnsmasq',
      },
    ],
  },
  'a domain': {
    edits: [
      OWN_DNS,
      [URL, 'url: http://192.168.178.7\n  dns: coredns'],
      ['dns: [192', 'domain: plant.example.org\n    dns: [192'],
    ],
  },
  dnsmasq: { edits: [OWN_DNS, [URL, 'url: http://192.168.178.7\n  dns: dnsmasq']] },
});

const NAMED = [
  ['url: http://10.1.0.1', 'url: http://10.1.0.1, dns: dnsmasq'],
  ['dns: [10.1.0.2]', 'dns: [10.1.0.1], domain: demo.example.org'],
] as const;
const BOTH = (name: string, xname: string) =>
  [...NAMED, ['  cg02: {', `  ${name}: {`], ['xname: x1000c1s7b1n0', `xname: ${xname}`]] as const;

ruleTest('dns-name-twice', {
  'a node with the name of a BMC': {
    of: RACK,
    edits: BOTH('cg01-bmc', 'x1000c1s7b1n0'),
    finds: [
      {
        at: '10:3',
        message:
          'cg01-bmc.demo.example.org is a DNS name of cg01-bmc, 10.1.0.12, and of the BMC of cg01, 10.1.0.101: clients reach either.',
        related: ['11:3'],
        help: 'rename the node; or correct the xname',
      },
    ],
  },
  'a node with the xname of another one as its name': {
    of: RACK,
    edits: BOTH('x1000c1s7b0n0', 'x1000c1s7b1n0'),
    finds: [
      {
        at: '11:3',
        message:
          'x1000c1s7b0n0.demo.example.org is a DNS name of cg01, 10.1.0.11, and of x1000c1s7b0n0, 10.1.0.12: clients reach either.',
        related: ['10:3'],
      },
    ],
  },
  'a node with its own xname as its name': { of: RACK, edits: BOTH('x1000c1s7b1n0', 'x1000c1s7b1n0') },
  'a site without server.dns': { of: RACK, edits: [['  cg02: {', '  cg01-bmc: {']] },
});

ruleTest('dns-needs-address', {
  'a boot server with a name': {
    edits: [['url: http://192.168.178.7', 'url: http://boot.example.org\n  dns: dnsmasq']],
    finds: [
      {
        at: '6:8',
        message:
          'server.dns starts a DNS server on the boot server, but boot.example.org is a name: the server has no IP address to listen on.',
        related: ['5:8'],
        help: 'set the IP address in server.url; or remove server.dns',
      },
    ],
  },
  'a name without server.dns': { edits: [['http://192.168.178.7', 'http://boot.example.org']] },
});

ruleTest('dhcp-needs-address', {
  'a boot server with a name': {
    edits: [
      [DHCP, 'dhcp: { server: kea }'],
      ['http://192.168.178.7', 'http://boot.example.org'],
    ],
    finds: [
      {
        at: '11:21',
        message:
          'Kea on mgmt must send the IP address of a TFTP server, but boot.example.org is a name: firmware finds no server.',
        related: ['5:8'],
        help: 'set the IP address in server.url; or set `server: dnsmasq` for the network',
      },
    ],
  },
  pods: {
    edits: [
      [DHCP, 'dhcp: { server: isc }'],
      ['server:\n', 'server:\n  kubernetes: { media_claim: media }\n'],
    ],
    finds: [
      {
        at: '12:21',
        message:
          "ISC's dhcpd on mgmt must send the IP address of a TFTP server, but 192.168.178.7 is that of pods, which have no TFTP: firmware finds no server.",
        related: ['6:8'],
        help: 'set `server: dnsmasq`, on a machine of the network',
      },
    ],
  },
  'an IP address': { edits: [[DHCP, 'dhcp: { server: kea }']] },
  'a name, and dnsmasq': { edits: [['http://192.168.178.7', 'http://boot.example.org']] },
});

ruleTest('unknown-machines-without-pool', {
  'reservations only': {
    of: LINUX_PLANT,
    edits: [UNKNOWN, ['dhcp: { pool: 10.1.0.200-10.1.0.250 }', 'dhcp: {}']],
    finds: [
      {
        at: '10:27',
        message: 'unknown_machines has no effect: no network leases an IP address to an unknown machine.',
        help: 'add a pool to the dhcp of a network; or remove unknown_machines',
      },
    ],
  },
  'a pool': { of: LINUX_PLANT, edits: [UNKNOWN] },
  'an external server': {
    of: LINUX_PLANT,
    edits: [UNKNOWN, ['dhcp: { pool: 10.1.0.200-10.1.0.250 }', 'dhcp: { server: external }']],
  },
});

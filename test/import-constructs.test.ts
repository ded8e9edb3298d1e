import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined-site.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';

/* Nothing that a file contains is lost: each of its values is in the site, or a note or message names it or its key. */

const test = suite('every construct of a format is imported or named');

interface Constructs {
  /** What the format's own documentation has, with values that occur nowhere else. */
  readonly text: string;
  readonly file?: string;
  /** Words of the format itself, which carry no value of their own. */
  readonly words: string;
}

const json = (value: unknown) => JSON.stringify(value, undefined, 1);
const MACHINE = '52:54:00:aa:00:01';

/** The formats, each with all constructs of its documentation. */
const FORMATS: Readonly<Record<string, Constructs>> = {
  // Source: dhcpd.conf(5), dhcp-options(5).
  dhcpd: {
    text: `authoritative;
default-lease-time 7201;
max-lease-time 7203;
option domain-name "d1.example";
option ntp-servers 10.20.0.3;
subnet 10.20.0.0 netmask 255.255.255.0 {
  range 10.20.0.100 10.20.0.150;
  option routers 10.20.0.1;
  option domain-name-servers 10.20.0.2;
  option domain-search "search1.example";
  option interface-mtu 9001;
  option log-servers 10.20.0.77;
  option static-routes 10.9.0.0 10.20.0.78;
}
host named1 {
  hardware ethernet ${MACHINE};
  fixed-address 10.20.0.11;
  option host-name "named1";
  option root-path "iscsi:10.20.0.79::::iqn.x";
  ddns-hostname "ddns1";
}
`,
    words:
      'authoritative default-lease-time domain-name ntp-servers 255.255.255.0 routers domain-name-servers interface-mtu host-name option subnet netmask range host hardware ethernet fixed-address iscsi iqn.x',
  },
  // Source: kea-dhcp4.conf, ARM chapter 8.
  kea: {
    text: json({
      Dhcp4: {
        'valid-lifetime': 7200,
        'renew-timer': 901,
        'client-classes': [{ name: 'class1', test: 'substring(option[60].hex,0,9)' }],
        'hooks-libraries': [{ library: '/usr/lib/hook1.so' }],
        'lease-database': { type: 'memfile1' },
        subnet4: [
          {
            id: 17,
            subnet: '10.20.0.0/24',
            pools: [{ pool: '10.20.0.100-10.20.0.150' }],
            relay: { 'ip-addresses': ['10.20.0.88'] },
            interface: 'eno77',
            'user-context': { site: 'context1' },
            'option-data': [
              { name: 'routers', data: '10.20.0.1' },
              { name: 'domain-name-servers', data: '10.20.0.2' },
              { name: 'log-servers', data: '10.20.0.77' },
            ],
            reservations: [
              {
                'hw-address': MACHINE,
                'ip-address': '10.20.0.11',
                hostname: 'named1',
                'client-classes': ['class2'],
                'server-hostname': 'serverhost1',
                'option-data': [{ name: 'root-path', data: 'root1' }],
              },
              { 'client-id': '01:11:22:33:44:55:66', 'ip-address': '10.20.0.12' },
              { 'circuit-id': "'charter950'", 'ip-address': '10.20.0.13' },
            ],
          },
        ],
      },
    }),
    words:
      'valid-lifetime 7200 Dhcp4 subnet4 subnet pools pool id option-data name data routers domain-name-servers reservations hw-address ip-address hostname 17 test library type',
  },
  // Source: dnsmasq(8).
  dnsmasq: {
    text: `interface=eno77
domain=d1.example
dhcp-range=10.20.0.100,10.20.0.150,255.255.255.0,3h
dhcp-option=option:router,10.20.0.1
dhcp-option=option:dns-server,10.20.0.2
dhcp-option=option:ntp-server,10.20.0.3
dhcp-option=option:log-server,10.20.0.77
dhcp-option=tag:blue,option:router,10.20.0.76
dhcp-host=${MACHINE},set:tagged1,10.20.0.11,named1,45m
dhcp-host=id:clientid1,10.20.0.12
dhcp-ignore=tag:tagged9
dhcp-match=set:efi64,option:client-arch,7
dhcp-boot=tag:efi64,boot1.efi
address=/wild1.example/10.20.0.75
cname=alias1,named1
srv-host=_x._tcp,srv1,80
log-facility=/var/log/facility1
conf-dir=/etc/dnsmasq.d1
`,
    words:
      'dhcp-range dhcp-option dhcp-host option set tag option:router option:dns-server option:ntp-server 255.255.255.0',
  },
  // Source: https://libvirt.org/formatnetwork.html, formatdomain.html.
  libvirt: {
    text: `<network>
  <name>lab</name>
  <forward mode='route' dev='eno77'/>
  <domain name='d1.example' localOnly='yes'/>
  <mtu size='9001'/>
  <bandwidth>
    <inbound average='1001'/>
  </bandwidth>
  <vlan>
    <tag id='443'/>
  </vlan>
  <portgroup name='group1'/>
  <dns>
    <host ip='10.20.0.74'>
      <hostname>dns1</hostname>
    </host>
    <forwarder addr='10.20.0.73'/>
    <txt name='text1' value='text2'/>
    <srv service='srv1' protocol='tcp1' target='srv2'/>
  </dns>
  <route address='10.99.0.0' prefix='16' gateway='10.20.0.72'/>
  <ip address='10.20.0.1' netmask='255.255.255.0'>
    <tftp root='/srv/tftp1'/>
    <dhcp>
      <range start='10.20.0.100' end='10.20.0.150'/>
      <host mac='${MACHINE}' ip='10.20.0.11' name='named1'/>
      <bootp file='boot1.efi' server='10.20.0.71'/>
    </dhcp>
  </ip>
  <ip family='ipv6' address='2001:db8:ca2:2::1' prefix='64'/>
</network>
<domain>
  <name>named1</name>
  <memory unit='GiB'>132</memory>
  <vcpu>118</vcpu>
  <os firmware='efi'/>
  <cputune>
    <shares>2049</shares>
  </cputune>
  <numatune/>
  <memoryBacking/>
  <metadata/>
  <devices>
    <interface type='network'>
      <mac address='${MACHINE}'/>
      <source network='lab'/>
      <bandwidth/>
      <mtu size='1451'/>
      <link state='down'/>
    </interface>
    <interface type='bridge'>
      <mac address='52:54:00:aa:00:02'/>
      <source bridge='br77'/>
      <virtualport/>
    </interface>
    <hostdev/>
    <filesystem/>
    <shmem/>
    <iommu/>
  </devices>
</domain>
`,
    words:
      'network name forward mode mtu size dns mac host ip address netmask dhcp range start end domain memory unit GiB vcpu firmware efi devices interface type source bridge 255.255.255.0 localOnly yes',
  },
  // Source: OpenCHAMI/smd, docs and api/swagger_v2.yaml.
  smd: {
    text: json({
      Components: [
        {
          ID: 'x1000c0s0b0n0',
          Type: 'Node',
          State: 'state1',
          Flag: 'flag1',
          Enabled: true,
          SoftwareStatus: 'software1',
          Role: 'Compute',
          SubRole: 'subrole1',
          NID: 7001,
          NetType: 'Sling1',
          Arch: 'X86',
          Class: 'class1',
          ReservationDisabled: true,
          Locked: true,
          Unknown1: 'unknown2',
        },
      ],
    }),
    words: 'Components ID Type Node Enabled true Role Compute SubRole NID Arch X86',
  },
  // Source: OpenCHAMI/bss, README.
  bss: {
    text: json([
      {
        macs: [MACHINE],
        kernel: 'http://10.20.0.9/kernel1',
        initrd: 'http://10.20.0.9/initrd1',
        params: 'console=tty0 key1=value1 root=live:http://10.20.0.9/root1',
        'cloud-init': {
          'user-data': { key2: 'value2' },
          'meta-data': { key3: 'value3' },
          'phone-home': { key4: 'value4' },
        },
        unknown1: 'unknown2',
      },
    ]),
    words: 'macs kernel initrd params',
  },
  // Source: OpenCHAMI/ochami, ochami-discover(1).
  ochami: {
    text: json({
      nodes: [
        {
          name: 'named1',
          nid: 7001,
          xname: 'x1000c0s0b0n0',
          bmc_mac: '52:54:00:bb:00:01',
          bmc_ip: '10.21.0.11',
          bmc_fqdn: 'bmc1.example',
          group: 'group1',
          groups: ['group2'],
          unknown1: 'unknown2',
          interfaces: [
            { mac_addr: MACHINE, ip_addrs: [{ name: 'net1', ip_addr: '10.20.0.11' }], unknown3: 'unknown4' },
          ],
        },
      ],
    }),
    words: 'nodes name nid xname bmc_mac bmc_ip group groups interfaces mac_addr ip_addrs ip_addr',
  },
  // Source: OpenCHAMI/boot-service, pkg/resources.
  'boot-service': {
    text: json({
      nodes: [
        {
          xname: 'x1000c0s0b0n0',
          nid: 7001,
          bootMac: MACHINE,
          role: 'Compute',
          subRole: 'subrole1',
          hostname: 'named1',
          state: 'state1',
          groups: ['group1'],
          metadata: { key1: 'value1' },
          unknown1: 'unknown2',
          interfaces: [{ mac: MACHINE, ip: '10.20.0.11', type: 'type1', unknown3: 'unknown4' }],
        },
      ],
    }),
    words: 'nodes xname nid bootMac role Compute subRole hostname groups interfaces mac',
  },
  // Source: HIL, docs/REST_API.md.
  hil: {
    text: json({
      name: 'named1',
      project: 'project1',
      nics: [
        {
          label: 'label1',
          macaddr: MACHINE,
          networks: { 'vlan/native': 'net1' },
          port: 'port1',
          switch: 'switch1',
        },
      ],
      metadata: { key1: 'value1' },
      obm: {
        type: 'http://schema.massopencloud.org/haas/v0/obm/ipmi',
        host: '10.21.0.11',
        user: 'user1',
        password: 'password1',
      },
      unknown1: 'unknown2',
    }),
    words: 'name project nics macaddr networks vlan/native obm host user',
  },
  csv: {
    text: `name,mac,ip,Rack Unit,unknown1,owner
named1,${MACHINE},10.20.0.11,unit1,value1,person1
`,
    words: 'mac unit1 value1 person1',
  },
  // Source: https://ipxe.org/cmd
  ipxe: {
    file: '/named1.ipxe',
    text: `#!ipxe
set base http://10.20.0.9
dhcp net7
vcreate --tag 443 net0
params --name params1
imgverify file1 file1.sig
kernel ${'$'}{base}/kernel1 key1=value2 console=ttyS7
initrd http://10.20.0.9/initrd1
boot
`,
    words: 'ipxe set base kernel initrd boot dhcp',
  },
  // Source: Syslinux, doc/syslinux.txt: the boot of an entry.
  pxelinux: {
    file: '/01-52-54-00-aa-00-01',
    text: `DEFAULT linux1
INCLUDE include1.cfg
LABEL linux1
  KERNEL http://10.20.0.9/kernel1
  APPEND initrd=http://10.20.0.9/initrd1 key1=value1
LABEL other1
  KERNEL http://10.20.0.9/kernel2
  APPEND key2=value2
`,
    words: 'DEFAULT linux1 LABEL KERNEL APPEND initrd',
  },
  // Source: harvester/ipxe-examples, general/config-create.yaml, and docs.harvesterhci.io, "Harvester configuration".
  harvester: {
    text: `scheme_version: 1
server_url: ""
token: aTokenOfOurOwn1
unknown1: unknown2
os:
  hostname: named1
  password: aPasswordOfOurs1
  ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPvcUY2G6rMdqVpXKq6U3VbVz6Xa5nJd0Tz5Y8qE0w1Q who1]
  modules: [module1]
  sysctls: { kernel.key1: "value1" }
  environment: { KEY2: value2 }
  dns_nameservers: [10.20.0.2]
  ntp_servers: [time1.example]
  unknown3: unknown4
install:
  mode: create
  device: /dev/device1
  tty: ttyS7
  vip: 10.20.0.40
  vip_mode: static
  management_interface:
    interfaces: [{ name: eno77 }]
    method: static
    ip: 10.20.0.11
    subnet_mask: 255.255.255.0
    gateway: 10.20.0.1
  iso_url: http://10.20.0.9/iso1/harvester-v1.6.1-amd64.iso
  webhooks: [{ event: SUCCEEDED, method: GET, url: "http://10.20.0.9/hook1" }]
system_settings:
  auto-disk-provision-paths: /dev/paths1
`,
    words:
      'scheme_version token hostname password aTokenOfOurOwn1 aPasswordOfOurs1 modules dns_nameservers ntp_servers mode create vip_mode static management_interface interfaces method subnet_mask 255.255.255.0 gateway',
  },
};

const HEADS = /^ */;

/** Returns the lines that a note on one line is about: the line, and those that are indented below it. */
function blockOf(lines: readonly string[], first: number): number[] {
  const depth = (line = '') => HEADS.exec(line)?.[0].length ?? 0;
  const end = lines.findIndex((line, index) => index > first && depth(line) <= depth(lines[first]));
  return lines.map((_, index) => index).slice(first, end < 0 ? undefined : end);
}

for (const [name, { text, file = '/input', words }] of Object.entries(FORMATS))
  test(name, () => {
    const kind = JOINED_FORMATS.find((one) => one.name === name);
    assert.ok(kind);
    const report = new Report();
    const settings = { site: 'rk', server: 'http://10.20.0.9' };
    const [site] = joinedSite([{ kind, source: new Source(file, text) }], settings, report) ?? [];
    const log = formatText(report.sorted(), { color: false, folder: '/' });
    assert.ok(site, log);
    const lines = text.split('\n');
    const notes = site.notes.filter(({ at }) => at);
    const noted = notes.flatMap(({ at }) =>
      at ? blockOf(lines, at.source.position(at.start).line - 1) : [],
    );
    const said = [site.text, log, ...site.notes.map(({ of, text }) => `${of}: ${text}`)].join('\n');
    const known = words.split(' ');
    const lost = lines.flatMap((line, index) =>
      [...line.replace(/<\/\w+>/g, '').matchAll(/\/?\w[\w.:/-]+/g)].flatMap(([token]) => {
        const word = token.replace(/[:.]$/, '');
        // Images are paths below server.images.
        const path = word.replace(/^.*http:\/\/10\.20\.0\.9\//, '');
        return noted.includes(index) || known.includes(word) || said.includes(path)
          ? []
          : [`${index + 1}: ${word}`];
      }),
    );
    assert.equal(lost, []);
  });

test.run();

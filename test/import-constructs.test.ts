import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { IMPORT_FORMATS, JOINED_FORMATS } from '../src/import/import-formats.ts';
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
  /** Other files, of which the test looks at none, by their formats. */
  readonly join?: Readonly<Record<string, string>>;
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
host declared1 {
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
set unused1 value1
set \${twice} value2
dhcp net7
ifconf --configurator dhcp4 net8
vcreate --tag 443 net0
params --name params1
imgverify file1 file1.sig
kernel ${'$'}{base}/kernel1 key1=value2 console=ttyS7
initrd http://10.20.0.9/initrd1
boot
`,
    words: 'ipxe set base kernel initrd boot dhcp twice ifconf',
  },
  // Source: Syslinux, doc/syslinux.txt: the boot of an entry.
  pxelinux: {
    file: '/01-52-54-00-aa-00-01',
    text: `DEFAULT linux1
UI vesamenu1.c32
PROMPT prompt1
TIMEOUT 601
TOTALTIMEOUT 602
SERIAL 1 115201
DISPLAY display1.txt
SAY said1
MENU TITLE title1
MENU BACKGROUND splash1.png
MENU AUTOBOOT autoboot1
NOESCAPE 7
INCLUDE include1.cfg
LABEL linux1
MENU LABEL label1
TEXT HELP
help1
ENDTEXT
MENU PASSWD passwd1
KERNEL http://10.20.0.9/kernel1
APPEND initrd=http://10.20.0.9/initrd1 key1=value1
LABEL other1
  KERNEL http://10.20.0.9/kernel2
  APPEND key2=value2
`,
    words:
      'prompt1 601 602 115201 display1.txt said1 title1 splash1.png autoboot1 label1 HELP help1 ENDTEXT passwd1 DEFAULT linux1 LABEL KERNEL APPEND initrd',
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
  // Source: OpenCHAMI/magellan, pkg/collect.go, pkg/crawler/main.go.
  magellan: {
    text: json([
      {
        ID: 'x1000c0s0b0',
        Type: 'type1',
        FQDN: '10.21.0.11',
        Name: 'name1',
        User: 'user1',
        Password: 'password1',
        MACRequired: true,
        RediscoverOnUpdate: false,
        SchemaVersion: 7001,
        unknown1: 'unknown2',
        Systems: [
          {
            uri: 'https://10.21.0.11/redfish/v1/Systems/uri1',
            uuid: '11111111-2222-3333-4444-555555555555',
            manufacturer: 'manufacturer1',
            system_type: 'type2',
            name: 'name2',
            model: 'model1',
            serial: 'serial1',
            bios_version: 'bios1',
            power: 'power1',
            processor_count: 7002,
            processor_type: 'processor1',
            memory_total: 7003,
            trusted_modules: ['module1'],
            chassis_sku: 'sku1',
            node_id: 'id1',
            links: { chassis: ['chassis1'], managers: ['manager1'] },
            actions: ['action1'],
            serial_console: { ssh: { port: 7004 } },
            unknown3: 'unknown4',
            ethernet_interfaces: [
              {
                uri: '/redfish/v1/nic1',
                mac: MACHINE,
                ip: '10.20.0.11',
                name: 'nic2',
                description: 'nic3',
                unknown5: 'unknown6',
              },
            ],
            network_interfaces: [{ name: 'network1' }],
          },
        ],
        Managers: [
          {
            uri: '/redfish/v1/Managers/manager2',
            uuid: '66666666-2222-3333-4444-555555555555',
            name: 'manager3',
            model: 'model2',
            type: 'type3',
            firmware_version: 'firmware1',
            ethernet_interfaces: [{ mac: '52:54:00:bb:00:01', ip: '10.21.0.11', name: 'nic4' }],
          },
        ],
      },
    ]),
    words: 'ID FQDN User Systems Managers uuid serial ethernet_interfaces mac',
  },
  // Source: OpenCHAMI/cloud-init, pkg/cistore/models.go.
  'cloud-init': {
    text: json([
      {
        name: 'group1',
        description: 'description1',
        'meta-data': { key1: 'value1' },
        data: { key2: 'value2' },
        versions: ['version1'],
        unknown1: 'unknown2',
        file: {
          content: '#cloud-config\nhostname: content1\n',
          encoding: 'plain',
          filename: 'file1',
          unknown3: 'unknown4',
        },
      },
      {
        'cluster-name': 'cluster1',
        'short-name': 'short1',
        'nid-length': 7,
        'boot-subnet': '10.20.0.0/24',
        cloud_provider: 'provider1',
        region: 'region1',
        'availability-zone': 'zone1',
        'public-keys': [
          'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPvcUY2G6rMdqVpXKq6U3VbVz6Xa5nJd0Tz5Y8qE0w1Q who1',
        ],
        'base-url': 'http://10.20.0.71',
        'wg-subnet': '10.99.0.0/16',
        unknown5: 'unknown6',
      },
      {
        id: 'x1000c0s0b0n0',
        'instance-id': 'instance1',
        'local-hostname': 'named1',
        hostname: 'host1',
        'instance-type': 'type1',
        'cloud-init-base-url': 'http://10.20.0.72',
        region: 'region2',
        unknown7: 'unknown8',
      },
    ]),
    join: { bss: json([{ hosts: ['x1000c0s0b0n0'], kernel: 'http://10.20.0.9/k', params: 'quiet' }]) },
    words:
      'name description meta-data file content encoding plain cluster-name short-name short1 nid-length boot-subnet id local-hostname public-keys cloud_provider region hostname cloud-config nhostname',
  },
  // Source: CCI-MOC/ims, bmi_config.cfg.
  bmi: {
    text: `[bmi]
uid = uid1
service = service1
snapshot = snapshot1
unknown1 = value1
[db]
path = /var/lib/db1
[driver]
fs = ceph
iscsi = tgt
net_isolator = isolator1
[net_isolator]
url = http://10.20.0.71/hil1
[fs]
id = id1
pool = pool1
conf_file = /etc/ceph/conf1
keyring = /etc/ceph/keyring1
[iscsi]
ip = 10.20.0.9
password = password1
update_shell_url = shell1
[rpc]
rpc_server_port = 7001
[tftp]
pxelinux_path = /var/lib/tftpboot/pxelinux.cfg/
ipxe_path = /var/lib/tftpboot/
[rest_api]
port = 7002
[logs]
path = /var/log/logs1
[unknown2]
unknown3 = value3
`,
    words:
      'bmi uid snapshot driver fs ceph iscsi tgt id pool conf_file keyring ip tftp ipxe_path pxelinux_path /var/lib/tftpboot/pxelinux.cfg/ /var/lib/tftpboot/',
  },
  // Source: tgt, doc/targets.conf.5.xml.
  tgt: {
    text: `default-driver iscsi
ignore-errors errors1
control-port 7001
include /etc/tgt/include1/*.conf
incominguser user9 password9
<target iqn.2016-01.example:disk1>
  driver iscsi
  <backing-store pool1/image1>
    bs-type rbd
    bsopts "conf=/etc/ceph/conf1;id=id1;cluster=cluster1"
    lun 3
    scsi_id id2
    scsi_sn sn1
    vendor_id vendor1
    product_id product1
    write-cache off
    readonly 1
    sense_format 1
    mode_page page1
    unknown1 value1
  </backing-store>
  backing-store /srv/image2
  direct-store /dev/disk1
  incominguser user1 password1
  incominguser user2 password2
  outgoinguser user3 password3
  initiator-address 10.20.0.11
  initiator-address 10.30.0.0/16
  initiator-name name1
  MaxRecvDataSegmentLength 7002
  nop_interval 7003
  controller_tid 7004
</target>
`,
    join: {
      ipxe: '#!ipxe\nset username user1\nset password password1\nset reverse-username user3\nset reverse-password password3\nsanboot iscsi:10.20.0.9:::3:iqn.2016-01.example:disk1\n',
    },
    words:
      'default-driver iscsi driver target backing-store bs-type rbd bsopts lun incominguser outgoinguser initiator-address write-cache off password1 password3',
  },
  // Source: harvester/ipxe-examples, vagrant-pxe-harvester/settings.yml.
  settings: {
    text: `harvester_iso_url: http://10.20.0.71/iso1/harvester-v1.6.1-amd64.iso
harvester_kernel_url: http://10.20.0.71/kernel1
harvester_ramdisk_url: http://10.20.0.71/initrd1
harvester_rootfs_url: http://10.20.0.71/rootfs1
harvester_sha512_url: http://10.20.0.71/sha1
harvester_iso_download_and_sha512_check_timeout_seconds: 601
harvester_cluster_nodes: 1
unknown1: value1
harvester_network_config:
  offline: true
  dns_servers: [10.20.0.2]
  unknown2: value2
  dhcp_server:
    ip: 10.20.0.9
    subnet: 10.20.0.0
    netmask: 255.255.255.0
    range: 10.20.0.100 10.20.0.150
    dns_server: 10.20.0.3
    https: true
    unknown3: value3
  vip: {ip: 10.20.0.40, mode: DHCP, mac: "52:54:00:aa:00:09", unknown4: value4}
  cluster:
    - ip: 10.20.0.11
      role: worker
      cpu: 18
      memory: 32769
      disk_size: 501G
      mgmt_mac: ${MACHINE}
      mgmt_nic: ens77
      vagrant_interface: ens78
    - ip: 10.20.0.12
      mgmt_mac: 52:54:00:aa:00:02
harvester_config:
  sftp: true
  token: aTokenOfOurOwn1
  ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPvcUY2G6rMdqVpXKq6U3VbVz6Xa5nJd0Tz5Y8qE0w1Q who1]
  password: aPasswordOfOurs1
  ntp_servers: [time1.example]
  unknown6: value6
harvester_node_config: {cpu: 8, memory: 16384, disk_size: 500G, unknown7: value7}
rancher_config:
  enabled: true
  node_harvester_network_ip: 10.20.0.73
s3:
  enabled: true
  bucket: bucket1
`,
    words:
      'harvester_iso_url harvester_network_config dhcp_server ip subnet netmask range 255.255.255.0 dns_servers dns_server mac cluster role memory disk_size mgmt_mac mgmt_nic harvester_config token aTokenOfOurOwn1 password aPasswordOfOurs1 ntp_servers sftp true harvester_cluster_nodes vip mode iso1/harvester-v1.6.1-amd64.iso 32769',
  },
  // Source: harvester/harvester, pkg/apis; rancher/dynamiclistener, node labels and taints.
  cluster: {
    text: json({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: {
            name: 'named1',
            labels: {
              'node-role.kubernetes.io/control-plane': 'true',
              'node-role.harvesterhci.io/management': 'true',
              'example.org/label1': 'value1',
            },
            annotations: { 'example.org/annotation1': 'value2' },
          },
          spec: {
            unschedulable: true,
            taints: [{ key: 'example.org/taint1', value: 'value3', effect: 'NoSchedule' }],
          },
          status: {
            addresses: [{ type: 'InternalIP', address: '10.20.0.11' }],
            nodeInfo: { architecture: 'amd64' },
          },
        },
        {
          apiVersion: 'harvesterhci.io/v1beta1',
          kind: 'Setting',
          metadata: { name: 'server-version' },
          value: 'v1.6.1',
        },
        {
          apiVersion: 'harvesterhci.io/v1beta1',
          kind: 'Setting',
          metadata: { name: 'overcommit-config' },
          default: '{"cpu":1600}',
          value: '{"cpu":1601}',
        },
        {
          apiVersion: 'harvesterhci.io/v1beta1',
          kind: 'Addon',
          metadata: { name: 'rancher-monitoring', namespace: 'cattle-monitoring-system' },
          spec: { enabled: true, valuesContent: 'value: values1' },
        },
        {
          apiVersion: 'harvesterhci.io/v1beta1',
          kind: 'Addon',
          metadata: { name: 'addon1', namespace: 'namespace1' },
          spec: { enabled: true },
        },
        {
          apiVersion: 'storage.k8s.io/v1',
          kind: 'StorageClass',
          metadata: { name: 'harvester-longhorn' },
          parameters: { numberOfReplicas: '2', staleReplicaTimeout: '31' },
        },
        {
          apiVersion: 'storage.k8s.io/v1',
          kind: 'StorageClass',
          metadata: { name: 'class1' },
          parameters: { migratable: 'true1' },
        },
        {
          apiVersion: 'longhorn.io/v1beta2',
          kind: 'Setting',
          metadata: { name: 'guaranteed-instance-manager-cpu' },
          value: '7',
        },
        {
          apiVersion: 'longhorn.io/v1beta2',
          kind: 'Setting',
          metadata: { name: 'setting1' },
          value: 'value4',
        },
        {
          apiVersion: 'node.harvesterhci.io/v1beta1',
          kind: 'CloudInit',
          metadata: { name: 'init1' },
          spec: {
            matchSelector: {},
            filename: 'file1',
            contents: 'stages: {network: [{sysctl: {key1: "7001"}}], boot: [{unknown1: value5}]}',
            paused: true,
          },
        },
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: {
            name: 'ingress-expose',
            namespace: 'kube-system',
            annotations: { 'kube-vip.io/requestedIP': '10.20.0.40' },
          },
        },
        {
          apiVersion: 'network.harvesterhci.io/v1beta1',
          kind: 'VlanConfig',
          metadata: { name: 'vlan1' },
          spec: { clusterNetwork: 'network1' },
        },
        {
          apiVersion: 'devices.harvesterhci.io/v1beta1',
          kind: 'PCIDevice',
          metadata: { name: 'device1' },
          spec: {},
        },
        {
          apiVersion: 'example.org/v1',
          kind: 'Unknown1',
          metadata: { name: 'unknown2' },
          spec: { key1: 'unknown3' },
        },
      ],
    }),
    words:
      'apiVersion v1 kind List items Node metadata name labels spec status addresses type InternalIP address nodeInfo architecture amd64 node-role.kubernetes.io/control-plane node-role.harvesterhci.io/management true harvesterhci.io/v1beta1 Setting server-version value default 1600 Addon namespace cattle-monitoring-system namespace1 storage.k8s.io/v1 StorageClass harvester-longhorn parameters numberOfReplicas staleReplicaTimeout 31 longhorn.io/v1beta2 guaranteed-instance-manager-cpu node.harvesterhci.io/v1beta1 matchSelector filename file1 Service ingress-expose kube-system kube-vip.io/requestedIP annotations',
  },
  // Source: andrehofman/harvester-bootstrapserver, main.go and its data.yaml.
  phs: {
    text: `server: http://10.20.0.9
downloadserver: http://10.20.0.71/media1
unknown1: value1
config:
  - cluster: cluster1
    unknown2: value2
    config_create: &create
      token: aTokenOfOurOwn1
      os:
        hostname: named1
        password: aPasswordOfOurs1
        unknown3: value3
        dns_nameservers: [10.20.0.2]
      install:
        mode: create
        device: /dev/device1
        vip: 10.20.0.40
        vip_mode: static
        management_interface: {interfaces: [{name: eno77}], method: dhcp}
        unknown4: value4
    config_join:
      token: aTokenOfOurOwn2
      os: {hostname: named9}
maclist:
  - macaddress: ${MACHINE}
    unknown5: value5
    values:
      ipaddress: 10.20.0.11
      netmask: 255.255.255.0
      gateway: 10.20.0.1
      interface: eno77
      version: v1.6.1
      type: create
      unknown6: value6
      config:
        <<: *create
`,
    words:
      'server downloadserver config cluster config_create create token aTokenOfOurOwn1 hostname password aPasswordOfOurs1 dns_nameservers mode vip_mode static management_interface interfaces name method maclist macaddress values ipaddress netmask 255.255.255.0 gateway interface version type',
  },
  // Source: moe0277/oci-harvester, boot.php.
  oci: {
    text: `id,ip,install,note1,updated
7001,10.20.0.11,0,value1,time1
7002,10.20.0.12,1,value2,time2
7003,10.20.0.12,0,value3,time3
7004,127.0.0.1,9,value4,time4
`,
    words: 'id ip install 7001 7002 7003 value1 value2 value3 time1 time2 time3',
  },
  // Source: rancher/harvester-cloud, projects/google-cloud/variables.tf.
  tfvars: {
    text: `prefix = "prefix1"
project_id = "project-1"
region = "us-west3"
create_ssh_key_pair = true
ssh_private_key_path = "path1"
ssh_public_key_path = "path2"
ip_cidr_range = "10.77.0.0/24"
create_vpc = false
vpc = "vpc1"
subnet = "subnet1"
create_firewall = false
spot_instance = true
os_disk_type = "type1"
os_disk_size = 77
data_disk_count = 2
data_disk_type = "type2"
data_disk_size = 353
startup_script = "script1"
public_ip_source_addresses = ["203.0.113.10/32"]
harvester_version = "v1.6.1"
harvester_node_count = 3
harvester_witness_node = true
harvester_cluster_size = "medium"
harvester_password = "aPasswordOfOurs1"
harvester_airgapped = true
rancher_api_url = "https://rancher1.example"
rancher_access_key = "key1"
rancher_secret_key = "key2"
rancher_insecure = true
unknown1 = "value1"
`,
    words:
      'prefix project_id create_vpc false spot_instance os_disk_type os_disk_size data_disk_count data_disk_type data_disk_size harvester_version harvester_node_count harvester_witness_node harvester_cluster_size harvester_password harvester_airgapped',
  },
};

const HEADS = /^ */;

/** Returns the lines that a note on one line is about: the line, and those that are indented below it. */
function blockOf(lines: readonly string[], first: number): number[] {
  const depth = (line = '') => HEADS.exec(line)?.[0].length ?? 0;
  const end = lines.findIndex((line, index) => index > first && depth(line) <= depth(lines[first]));
  return lines.map((_, index) => index).slice(first, end < 0 ? undefined : end);
}

test('no format is missing', () => {
  assert.equal(
    Object.keys(FORMATS).sort(),
    [...IMPORT_FORMATS, ...JOINED_FORMATS].map(({ name }) => name).sort(),
  );
});

/** Returns the sites of the file of a format. */
function sitesOf(name: string, { text, file = '/input', join = {} }: Constructs, report: Report) {
  const settings = { site: 'rk', server: 'http://10.20.0.9' };
  const source = new Source(file, text);
  const own = IMPORT_FORMATS.find((one) => one.name === name);
  if (own) return own.read(source, settings, report);
  const files = [
    [name, source] as const,
    ...Object.entries(join).map(([other, text]) => [other, new Source('/named1.ipxe', text)] as const),
  ];
  const found = files.flatMap(([called, source]) =>
    JOINED_FORMATS.flatMap((kind) => (kind.name === called ? { kind, source } : [])),
  );
  return joinedSite(found, settings, report);
}

for (const [name, constructs] of Object.entries(FORMATS))
  test(name, () => {
    const { text, words } = constructs;
    const report = new Report();
    const [site] = sitesOf(name, constructs, report) ?? [];
    const log = formatText(report.sorted(), { color: false, folder: '/' });
    assert.ok(site, log);
    const lines = text.split('\n');
    const notes = site.notes.filter(({ at }) => at?.source.text === text);
    const noted = notes.flatMap(({ at, kind }) => {
      const [first = 0, last = 0] = [at?.start, at?.end].map(
        (offset = 0) => new Source('', text).position(offset).line - 1,
      );
      const within = lines.map((_, index) => index).slice(first, last + 1);
      return kind === 'changed' ? [first] : [...within, ...blockOf(lines, first)];
    });
    const secrets = [...site.secrets.values()];
    const said = [site.text, log, ...secrets, ...site.notes.map(({ of, text }) => `${of}: ${text}`)].join(
      '\n',
    );
    const known = words.split(' ');
    const lost = lines.flatMap((line, index) =>
      [...line.replace(/<\/[\w-]+>/g, '').matchAll(/\/?\w[\w.:/-]+/g)].flatMap(([token]) => {
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

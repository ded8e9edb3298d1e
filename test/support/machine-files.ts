/** Files of DHCP servers, libvirt and spreadsheets, for a cluster rk01 to rk03 with its BMCs. */

/** A configuration of dnsmasq as in OpenCHAMI's container, with the additions of users. */
export const DNSMASQ_CONF = `# DHCP for the racks
port=0
user=root
dhcp-authoritative
log-dhcp
domain=.rack
dhcp-option=option:domain-search,.rack
dhcp-option=option:ntp-server,10.31.0.254
dhcp-option=option:router,10.31.0.254   # the switch
dhcp-option=26,9000
dhcp-option=option:dns-server,10.31.9.16,10.31.9.17
dhcp-range=10.31.0.200,10.31.0.255,1h
dhcp-hostsfile=/etc/dhcp-hostsfile
dhcp-optsfile=/etc/dhcp-optsfile
enable-tftp
tftp-root=/usr/share/ipxe/
dhcp-match=IPXEBOOT,175
dhcp-option=tag:PXEBOOT,tag:!IPXEBOOT,option:bootfile-name,ipxe-x86_64.efi
dhcp-boot=tag:rk02,"http://10.31.0.253/a,b.ipxe"
dhcp-host=d8:5e:d3:00:01:04,10.31.0.4,rk04,set:rk04,12h
`;

/** Its hosts file, with D39's tag, NIC names, BMCs, and lines for more than one machine. */
export const DNSMASQ_HOSTS = `d8:5e:d3:00:01:01,set:rk01-eth0,tag:IPXEBOOT,10.31.0.1,rk01-eth0
set:rk02-eth0,10.31.0.2,rk02-eth0,d8:5e:d3:00:01:02
d8:5e:d3:00:01:03,d8:5e:d3:00:01:13,10.31.0.3,rk03
06-00:20:e0:3b:13:af,10.31.0.90,old-ring
52:54:00:*:*:*,ignore
[fd00::7],id:00:01:00:01,rk07
d8:5e:d3:00:02:01,10.31.0.101,rk01-bmc
d8:5e:d3:00:02:02,10.31.0.102,rk02-bmc
`;

/** Its options file. */
export const DNSMASQ_OPTIONS = `tag:rk01-eth0,67,"/boot/v1/bootscript?mac=d8:5e:d3:00:01:01"
tag:rk02-eth0,tag:IPXEBOOT,option:bootfile-name,"http://10.31.0.253:8081/boot/v1/bootscript?mac=d8:5e:d3:00:01:02"
option:router,10.31.0.254
`;

/** Leases: an old one, a duplicate, one of an unknown machine, and those of DHCPv6 after them. */
export const DNSMASQ_LEASES = `1700000000 d8:5e:d3:00:01:01 10.31.0.201 rk01 01:d8:5e:d3:00:01:01
1700000001 d8:5e:d3:00:01:02 10.31.0.202 * *
1700000900 d8:5e:d3:00:01:02 10.31.0.2 localhost *
0 01-d8:5e:d3:00:01:03 10.31.0.3 rk03 *
1700000000 52:54:00:52:cb:c1 10.31.0.250 laptop 01:52:54:00:52:cb:c1
duid 00:01:00:01:2d:5c:3a:01:52:54:00:52:cb:c1
1700000000 5426113 fd00::17 rk09 00:04:11
`;

/** The leases that libvirt stores. */
export const LIBVIRT_STATUS = `[
  {
    "ip-address": "10.31.4.109",
    "mac-address": "52:54:00:57:35:3d",
    "hostname": "vm1",
    "client-id": "01:52:54:00:57:35:3d",
    "expiry-time": 1615665342
  },
  { "ip-address": "10.31.4.110", "mac-address": "52:54:00:57:35:3e", "expiry-time": 1615665343 }
]
`;

/** A dhcpd.conf in the style of vagrant-pxe-harvester, with groups, a pool, classes and a key. */
export const DHCPD_CONF = `# dhcpd.conf
ddns-update-style none;
option space ipxe;
option ipxe.no-pxedhcp code 176 = unsigned integer 8;
option arch code 93 = unsigned integer 16;
option user-class code 77 = string;
default-lease-time 600;
max-lease-time 7200;
authoritative;
log-facility local7;
option domain-name "rack.example.org";
option ntp-servers 10.31.0.9;
key omapi_key { algorithm hmac-md5; secret "c2VjcmV0LW9mLXRoZS1rZXk="; }
class "pxe" { match if substring(option vendor-class-identifier, 0, 9) = "PXEClient"; }
subnet 10.99.0.0 netmask 255.255.0.0 { } # where the server stands
shared-network racks {
  option interface-mtu 9000;
  subnet 10.31.0.0 netmask 255.255.255.0 {
    pool { deny members of "pxe"; range dynamic-bootp 10.31.0.200 10.31.0.220; }
    range 10.31.0.230;
    option domain-name-servers 10.31.9.16, ns.example.org, 10.31.9.17;
    next-server 10.31.0.253;
    option ipxe.no-pxedhcp 1;
    if exists user-class and option user-class = "iPXE" {
      filename "http://10.31.0.253:27778/boot/v1/bootscript?mac=\${mac}";
    } elsif option arch != 00:00 {
      filename "ipxe.efi";
    } else {
      filename "undionly.kpxe";
    }
  }
}
host harvest_vip { hardware ethernet 02:00:00:03:3D:61; fixed-address 10.31.0.131; }
group {
  option routers 10.31.0.254;
  use-host-decl-names on;
  host rk_01 { hardware ethernet D8:5E:D3:00:01:01; fixed-address 10.31.0.1; server-name "rk-01"; }
  host rk02 { hardware ethernet d8:5e:d3:0:1:2; fixed-address 10.31.0.2, rk02-ib; option host-name "rk02.rack.example.org"; }
  host rk02-bmc { hardware ethernet d8:5e:d3:00:02:02; fixed-address 10.31.0.102; }
}
`;

/** Its leases: the last one of a machine applies. */
export const DHCPD_LEASES = `# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;
server-duid "\\000\\001\\000\\001-\\\\:\\001RT";

lease 10.31.0.201 {
  starts 4 2023/11/02 10:00:00;
  ends 4 2023/11/02 10:10:00;
  cltt 4 2023/11/02 10:00:00;
  binding state free;
  hardware ethernet d8:5e:d3:00:01:03;
  uid "\\001\\330^\\323\\000\\001\\003";
}
lease 10.31.0.202 {
  starts 4 2023/11/02 11:00:00;
  ends never;
  binding state active;
  next binding state free;
  hardware ethernet d8:5e:d3:00:01:03;
  client-hostname "rk03";
}
lease 10.31.0.203 { abandoned; binding state abandoned; }
host rk09 { dynamic; deleted; }
`;

/** A network as virsh net-dumpxml prints it, for UEFI HTTP boot. */
export const LIBVIRT_NETWORK = `<network connections='1' xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'>
  <name>racks</name>
  <uuid>0b6e1bd2-6c6c-4b5c-8d3b-2d4a8a8f6f01</uuid>
  <forward mode='nat'>
    <nat>
      <port start='1024' end='65535'/>
    </nat>
  </forward>
  <bridge name='virbr7' stp='on' delay='0'/>
  <mac address='52:54:00:fd:87:0e'/>
  <domain name='rack.example.org'/>
  <ip address='10.31.4.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='10.31.4.128' end='10.31.4.254'>
        <lease expiry='2' unit='hours'/>
      </range>
      <host mac='52:54:00:7c:52:cc' name='rk-head' ip='10.31.4.2'/>
      <host mac='52:54:00:7c:52:ee' name='rk-head-bmc' ip='10.31.4.102'/>
    </dhcp>
  </ip>
  <ip family='ipv6' address='fd00:31::1' prefix='64'/>
  <dnsmasq:options>
    <dnsmasq:option value='dhcp-vendorclass=set:efi-http,HTTPClient:Arch:00016'/>
    <dnsmasq:option value='dhcp-option-force=tag:efi-http,60,HTTPClient'/>
    <dnsmasq:option value='dhcp-boot=tag:efi-http,&quot;http://10.31.0.253/efi/BOOTX64.EFI&quot;'/>
    <dnsmasq:option value='dhcp-option=option:ntp-server,10.31.4.9'/>
  </dnsmasq:options>
</network>
`;

/** Two domains, one after another as a loop over virsh dumpxml prints them. */
export const LIBVIRT_DOMAINS = `<!--
WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE
OVERWRITTEN AND LOST.  virsh edit rk-head
-->
<domain type='kvm' id='3'>
  <name>rk-head</name>
  <uuid>3B2C1D0E-1111-4222-8333-444455556666</uuid>
  <memory>16777216</memory>
  <currentMemory unit='KiB'>16777216</currentMemory>
  <vcpu placement='static'>4</vcpu>
  <sysinfo type='smbios'><system><entry name='serial'>RK-0007</entry></system></sysinfo>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <loader readonly='yes' type='pflash' secure='yes'>/usr/share/OVMF/OVMF_CODE.secboot.fd</loader>
  </os>
  <features><acpi/><apic/><smm state='on'/></features>
  <devices>
    <disk type='file' device='disk'><source file='/var/lib/libvirt/images/rk-head.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
    <interface type='bridge'><mac address='52:54:00:7c:52:cd'/><source bridge='br0'/><boot order='2'/></interface>
    <interface type='network'><mac address='52:54:00:7C:52:CC'/><source network='racks'/><boot order='1'/></interface>
    <graphics type='vnc' port='-1' passwd='open-sesame-7'/>
    <hostdev mode='subsystem' type='pci'><source><address domain='0' bus='6' slot='2' function='0'/></source></hostdev>
  </devices>
</domain>
<domain type='qemu'>
  <name>vm_old</name>
  <memory unit='MB'>2000</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64'>hvm</type></os>
  <devices>
    <interface type='network'><mac address='52:54:00:57:35:3d'/><source network='racks'/></interface>
  </devices>
</domain>
`;

/** A table as Excel writes it with a locale of decimal commas, with the irregularities of real tables. */
export const MACHINES_CSV =
  '\ufeffName;MAC Address;IP;xname;NID;Groups;BMC IP;BMC MAC;Serial Number;Arch;Rack;BMC Password\r\n' +
  'rk01;D8-5E-D3-00-01-01;10.31.0.1/24;x3000c0s1b0n0;1;compute, gpu;10.31.0.101;d85ed3000201;="00042";x86_64;R1;Hunter-22-and-more\r\n' +
  'rk02;d85e.d300.0102;10.31.0.2;x3000c0s2b0n0;2,0;compute;10.31.0.102;;n/a;x86_64;R1;\r\n' +
  '"rk03";"d8:5e:d3:00:01:03\nd8:5e:d3:00:01:13";10.31.0.3;;;"compute";;;"said ""new""";;;;;\r\n' +
  '# to come\r\n' +
  ';;;;;;;;;;;;;\r\n';

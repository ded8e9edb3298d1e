/** Files in the forms of harvester/ipxe-examples, with values of their own: a cluster of two nodes and its VIP. */

const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ops@example.org';

/** general/config-create.yaml. */
export const CONFIG_CREATE = `scheme_version: 1
token: nine-herons-by-the-long-canal     # of the cluster
os:
  hostname: harv-a
  ssh_authorized_keys:
  - ${KEY}
  password: Long-canal-word-31
  ntp_servers:
  - 0.suse.pool.ntp.org
  - 1.suse.pool.ntp.org
install:
  mode: create
  management_interface:
    interfaces:
    - name: ens5
    default_route: true
    method: dhcp
    bond_options:
      mode: balance-tlb
      miimon: 100
  device: /dev/sda
  iso_url: https://releases.rancher.com/harvester/v1.7.1/harvester-v1.7.1-amd64.iso
#  tty: ttyS1,115200n8

  vip: 10.10.0.19
  vip_mode: DHCP
  vip_hw_addr: 52:54:00:EC:0E:0B
`;

/** general/config-join.yaml, with its placeholder for the VIP. */
export const CONFIG_JOIN = `scheme_version: 1
server_url: https://<YOUR_CLUSTER_IP_HERE>:443
token: nine-herons-by-the-long-canal
os:
  hostname: harv-b
  ssh_authorized_keys:
  - ${KEY}
  password: Long-canal-word-31
  ntp_servers:
  - 0.suse.pool.ntp.org
  - 1.suse.pool.ntp.org
install:
  mode: join
  management_interface:
    interfaces:
    - name: ens5
    default_route: true
    method: dhcp
    bond_options:
      mode: balance-tlb
      miimon: 100
  device: /dev/sda
  iso_url: https://releases.rancher.com/harvester/v1.7.1/harvester-v1.7.1-amd64.iso
`;

/** A script for the MAC address in its name, which starts the installer. */
export const script = (config: string) => `#!ipxe

kernel http://10.10.0.7/harvester/harvester-vmlinuz-amd64
initrd http://10.10.0.7/harvester/harvester-initrd-amd64
imgargs harvester-vmlinuz-amd64 initrd=harvester-initrd-amd64 ip=ens5:dhcp net.ifnames=1 rd.cos.disable rd.live.debug=1 rd.noverifyssl root=live:http://10.10.0.7/harvester/harvester-rootfs-amd64.squashfs console=tty1 harvester.install.automatic=true harvester.install.skipchecks=true harvester.install.config_url=http://10.10.0.7/harvester/${config}
boot
`;

/** dhcpd.conf, as its template writes it. */
export const DHCPD = `ddns-update-style none;
include "/etc/dhcp/ipxe.conf";
option arch code 93 = unsigned integer 16;
default-lease-time 600;
max-lease-time 7200;
authoritative;
log-facility local7;

subnet 10.10.0.0 netmask 255.255.255.0 {
    range 10.10.0.50 10.10.0.130;
    option domain-name-servers 10.10.0.1, 8.8.8.8;
    option routers 10.10.0.1;
    next-server 10.10.0.7;
   if exists user-class and option user-class = "iPXE" {
        filename "http://10.10.0.7/harvester/\${net0/mac}";
    } elsif option arch != 00:00 {
        filename "ipxe/ipxe.efi";
    }
}

host harvest_vip {
    hardware ethernet 52:54:00:EC:0E:0B;
    fixed-address 10.10.0.19;
}

host harvest_node_0 {
    hardware ethernet 52:54:00:0D:62:E2;
    fixed-address 10.10.0.30;
    server-name "harvester-node-0";
}

host harvest_node_1 {
    hardware ethernet 52:54:00:35:86:92;
    fixed-address 10.10.0.31;
    server-name "harvester-node-1";
}
`;

/** vagrant-pxe-harvester/settings.yml. */
export const SETTINGS = `---
harvester_sha512_url: https://releases.rancher.com/harvester/v1.7.1/harvester-v1.7.1-amd64.sha512
harvester_iso_url: https://releases.rancher.com/harvester/v1.7.1/harvester-v1.7.1-amd64.iso
harvester_kernel_url: https://releases.rancher.com/harvester/v1.7.1/harvester-v1.7.1-vmlinuz-amd64
harvester_ramdisk_url: https://releases.rancher.com/harvester/v1.7.1/harvester-v1.7.1-initrd-amd64
harvester_rootfs_url: https://releases.rancher.com/harvester/v1.7.1/harvester-v1.7.1-rootfs-amd64.squashfs
harvester_iso_download_and_sha512_check_timeout_seconds: 2700
harvester_cluster_nodes: 2
harvester_network_config:
  offline: false
  dhcp_server:
    ip: 192.168.50.254
    subnet: 192.168.50.0
    netmask: 255.255.255.0
    range: 192.168.50.50 192.168.50.130
    https: false
    dns_server: 192.168.50.1
  dns_servers:
    - 192.168.50.1
  vip:
    ip: 192.168.50.131
    mode: DHCP
    mac: 02:00:00:03:3D:61
  cluster:
    - ip: 192.168.50.30
      role: default
      cpu: 8
      memory: 32768
      disk_size: 500G
      mgmt_nic: ens6
      mgmt_mac: 02:00:00:0D:62:E2
    - ip: 192.168.50.31
      role: worker
      mgmt_nic: ens6
      mgmt_mac: 02:00:00:35:86:92
    - ip: 192.168.50.32
      role: default
      mgmt_nic: ens6
      mgmt_mac: 02:00:00:2F:F2:2A
harvester_config:
  token: nine-herons-by-the-long-canal
  password: Long-canal-word-31
  ssh_authorized_keys:
    - ${KEY}
  ntp_servers:
    - 0.suse.pool.ntp.org
  sftp: true
harvester_node_config:
  cpu: 8
  memory: 33000
  disk_size: 400G
rancher_config:
  enabled: true
  version: v2.13.0
s3:
  enabled: false
  password: open-canal-8
`;

/** A configuration of Kea with the same machines, with comments in each form. */
export const KEA = `// DHCP of the plant
{ "Dhcp4": {
    "interfaces-config": { "interfaces": [ "eth1" ] },  # the plant
    "valid-lifetime": 3600,
    "option-data": [ { "name": "domain-name-servers", "data": "10.10.0.1, 10.10.0.2" } ],
    "option-def": [ { "name": "x", "code": 222, "type": "string" } ],
    /* One subnet,
       and one that is shared. */
    "subnet4": [ {
        "id": 1,
        "subnet": "10.10.0.0/24",
        "pools": [ { "pool": "10.10.0.50 - 10.10.0.130" } ],
        "option-data": [ { "name": "routers", "data": "10.10.0.1" }, { "code": 42, "data": "10.10.0.1" },
                         { "name": "boot-file-name", "data": "snponly.efi" } ],
        "next-server": "10.10.0.7",
        "reservations": [
          { "hw-address": "52:54:00:0D:62:E2", "ip-address": "10.10.0.30", "hostname": "harv-a" },
          { "hw-address": "52:54:00:35:86:92", "ip-address": "10.10.0.31", "hostname": "harv-b", "client-id": "01" },
          { "hw-address": "52:54:00:ec:0e:0b", "ip-address": "10.10.0.19", "hostname": "harvest_vip" } ] } ],
    "shared-networks": [ { "name": "lab", "valid-lifetime": 7200, "subnet4": [
      { "subnet": "10.20.0.0/24", "pools": [ { "pool": "10.20.0.128/25" } ] } ] } ]
} }
`;

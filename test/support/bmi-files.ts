/** Files of BMI, of HIL and of programs used with them, in their original formats. */

/** The configuration in its newest format. Source: CCI-MOC/ims, bmi_config.cfg. */
export const BMI_CFG = `# this section is for basic bmi settings
[bmi]
# uid is used to prevent clashing of BMIs that use the same Ceph Pool.
uid = 5
service = False
snapshot = bmi_created_snapshot

# this section is for db settings
[db]
path = /home/user/bmi.db

[fs]
id = bmi
pool = bmi
conf_file = /etc/ceph/ceph.conf
keyring = /etc/ceph/ceph.client.bmi.keyring

[driver]
net_isolator = hil
iscsi = tgt
fs = ceph

[net_isolator]
url = http://localhost:3241/

[iscsi]
ip = 10.10.10.1
password = sudo-geese-on-the-moor

[rpc]
name_server_ip = 127.0.0.1
name_server_port = 10000
rpc_server_ip = 127.0.0.1
rpc_server_port = 10001

[tftp]
pxelinux_path = /var/lib/tftpboot/pxelinux.cfg/
ipxe_path = /var/lib/tftpboot/

[rest_api]
ip = 127.0.0.1
port = 8000

[logs]
path = /home/bmi/logs/
debug = False
verbose = False
`;

/** The same in the format of its early README. */
export const OLD_BMI_CFG = `[bmi]
uid: 5
[db]
url = /home/user/bmi.db
[filesystem]
ceph = True
[ceph]
id = bmi
pool = bmi
conf_file = %(dir)s/ceph.conf
keyring = %(dir)s/bmi.key
dir = /etc/ceph
[haas]
url = http://localhost:3241/
[iscsi]
ip = 10.10.10.1 ; on the provisioning network
update_shell_url = /opt/iscsi_update.sh
password = sudo-geese-
   on-the-moor
[tftp]
pxelinux_url = /var/lib/tftpboot/pxelinux.cfg
ipxe_url = /var/lib/tftpboot/
[http]
bind_ip = 127.0.0.1
bind_port = 8000
[logs]
url = /home/bmi/logs/
`;

/** Nodes as HIL returns them: an admin sees ports. Source: CCI-MOC/hil, docs/rest_api.md (show_node). */
export const HIL_NODES = `[
  {"name": "node01", "project": "physics", "metadata": {},
   "nics": [
     {"label": "nic02", "macaddr": "52:54:00:AA:CC:01", "networks": {"vlan/235": "storage"},
      "port": "gi1/0/2", "switch": "sw01"},
     {"label": "nic01", "macaddr": "52:54:00:AA:BB:01", "networks": {"vlan/native": "physics-pxe"},
      "port": "gi1/0/1", "switch": "sw01"}]},
  {"name": "node02", "project": "Chemistry Lab", "metadata": {"EK": "pk"},
   "nics": [{"label": "eno1", "macaddr": "52:54:00:aa:bb:02", "networks": {"vlan/native": "chem-pxe"}}]},
  {"name": "node03", "project": null, "metadata": {},
   "nics": [{"label": "eno1", "macaddr": "52:54:00:aa:bb:03", "networks": {}}]}
]
`;

/** BMI's script of a node, and its menu. Source: CCI-MOC/ims, ims/ipxe.temp, ims/mac.temp. */
export const bmiScript = (target: string, server = '10.10.10.1') => `#!ipxe
      set keep-san 1
      ifconf --configurator=dhcp net2
      sanboot --keep iscsi:${server}:tcp:3260:1:${target}
      boot
`;

export const bmiMenu = (disk: string, node: string) => `DEFAULT menu
  PROMPT 0
  MENU TITLE PXE Menu
  TIMEOUT 30
  ONTIMEOUT ${disk}


LABEL ${disk}
     MENU LABEL ${disk}
     KERNEL ipxe.lkrn
     INITRD ${node}.ipxe`;

/** Its target, with its quotes. Source: CCI-MOC/ims, ims/tgt_target.temp. */
export const bmiTarget = (name: string) => `<target ${name}>
    driver iscsi
    bs-type rbd
    backing-store bmi/${name}
    bsopts ""conf=/etc/ceph/ceph.conf;id=bmi""
    write-cache off
    initiator-address ALL
</target>`;

/** Its dnsmasq configuration, with hosts as its users added them. Source: CCI-MOC/ims, install/production/roles/dhcp/tasks/main.yml. */
export const BMI_DNSMASQ = `interface=eth2
dhcp-range=10.10.10.50,10.10.10.100,255.255.255.0,7d
dhcp-range=10.10.11.50,10.10.11.100,255.255.255.0,7d
dhcp-host=52:54:00:aa:bb:01,10.10.10.51
dhcp-host=52:54:00:aa:bb:02,10.10.11.51
dhcp-host=52:54:00:aa:bb:03,10.10.12.53
dhcp-boot=pxelinux.0
enable-tftp
tftp-root=/var/lib/tftpboot
dhcp-userclass=set:ENH,iPXE
`;

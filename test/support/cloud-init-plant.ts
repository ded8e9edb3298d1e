/** A site of machines that boot Linux, without diagnostics; its groups and the first node set cloud-init data. */
export const CLOUD_INIT_PLANT = `site: plant
server: { url: http://192.168.178.7 }
networks:
  mgmt: { subnet: 192.168.178.0/24, gateway: 192.168.178.1, dns: [192.168.178.1], dhcp: {} }
groups:
  compute:
    cloud_init:
      user_data: { packages: [slurmd] }
profiles:
  compute:
    groups: [compute]
    boot: { os: linux, kernel: rocky9/vmlinuz, initrd: rocky9/initramfs.img, args: [ip=dhcp] }
nodes:
  cg01:
    mac: 52:54:00:7c:52:01
    ip: 192.168.178.41
    xname: x1000c1s7b0n0
    profiles: [compute]
    cloud_init:
      user_data: { runcmd: ["systemctl start slurmd"] }
  cg02: { mac: 52:54:00:7c:52:02, ip: 192.168.178.42, profiles: [compute] }
`;

/** The user-data of the first node, for edits. */
export const OWN_USER_DATA = 'user_data: { runcmd: ["systemctl start slurmd"] }';

/** The user-data of the group, for edits. */
export const GROUP_USER_DATA = 'user_data: { packages: [slurmd] }';

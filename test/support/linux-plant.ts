/** A site of machines that boot Linux: small, complete, and without errors. Tests edit it; its lines do not move. */
export const LINUX_PLANT = `site: plant
server:
  url: http://10.1.0.1
networks:
  mgmt:
    subnet: 10.1.0.0/24
    gateway: 10.1.0.1
    dns: [10.1.0.2]
    dhcp: { pool: 10.1.0.200-10.1.0.250 }
groups:
  compute: { description: Compute nodes }
profiles:
  compute:
    groups: [compute]
    boot:
      os: linux
      kernel: rocky9/vmlinuz
      initrd: rocky9/initramfs.img
      root: { squashfs: rocky9/root.squashfs }
      args: [ip=dhcp, "console=ttyS0,115200"]
  grub:
    boot: { loader: grub }
nodes:
  cg01: { mac: 52:54:00:7c:52:01, ip: 10.1.0.11, nid: 1, xname: x1000c1s7b0n0, profiles: [compute] }
  cg02: { mac: 52:54:00:7c:52:02, ip: 10.1.0.12, nid: 2, xname: x1000c1s7b1n0, profiles: [compute, grub] }
`;

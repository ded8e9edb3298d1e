/** A site of two nodes that boot Linux, with their locations in racks. Tests edit it; its lines do not move. */
export const RACK = `site: plant
server: { url: http://10.1.0.1, compat: [ochami] }
networks:
  mgmt: { subnet: 10.1.0.0/24, gateway: 10.1.0.1, dns: [10.1.0.2], dhcp: { server: external } }
groups:
  compute: {}
defaults:
  boot: { os: linux, kernel: vmlinuz, initrd: initrd.img }
nodes:
  cg01: { mac: "52:54:00:7c:52:01", ip: 10.1.0.11, xname: x1000c1s7b0n0, nid: 1, bmc: { address: 10.1.0.101 } }
  cg02: { mac: "52:54:00:7c:52:02", ip: 10.1.0.12, xname: x1000c1s7b1n0, nid: 2, bmc: { address: 10.1.0.102 } }
`;

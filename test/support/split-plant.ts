/** A site whose machines boot on one network and run on another: a bond in a VLAN without a DHCP server. */
export const SPLIT_PLANT = `site: plant
harvester: { version: v1.7.2 }
server:
  url: http://10.20.0.7
networks:
  pxe:
    subnet: 10.20.0.0/24
    dhcp: { server: dnsmasq }
  mgmt:
    subnet: 10.11.0.0/24
    vlan: 110
    gateway: 10.11.0.1
    dns: [10.11.0.1]
    ntp: [10.11.0.1]
cluster:
  network: mgmt
  vip: 10.11.0.40
  token: \${secret:cluster_token}
defaults:
  config:
    os: { ssh_authorized_keys: ["github:your_username"] }
    install: { device: /dev/disk/by-path/pci-0000:00:17.0-ata-1 }
nodes:
  one:
    mode: create
    nics:
      - { name: eno1, mac: 52:54:00:05:00:01, ip: 10.20.0.41, boot: true }
      - { mac: 52:54:00:05:01:01, ip: 10.11.0.41 }
      - { mac: 52:54:00:05:02:01, network: mgmt }
`;

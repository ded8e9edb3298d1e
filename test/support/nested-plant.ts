/** A small site whose nodes are virtual machines of one libvirt host, for tests to edit. */
export const NESTED = `site: plant
harvester: { version: v1.8.1 }
server: { url: http://192.168.150.1 }
host:
  address: lab.example.org
  threads: 32
  memory: 128Gi
  disks:
    data1: { device: /dev/disk/by-id/google-data1, size: 400GB }
  expose:
    - { port: 443 }
    - { port: 6443, allow: [203.0.113.0/24] }
networks:
  mgmt:
    subnet: 192.168.150.0/24
    gateway: 192.168.150.1
    dns: [192.168.150.1]
    dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d }
cluster: { vip: 192.168.150.40, token: "\${secret:cluster_token}" }
defaults:
  config:
    os: { ntp_servers: [0.suse.pool.ntp.org], password: "\${secret:node_password}" }
  vm: { preset: small, disks: [{ size: 300Gi }] }
nodes:
  harvester-1: { mac: 52:54:00:0c:01:01, ip: 192.168.150.41, mode: create }
  harvester-2: { mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }
  harvester-3: { mac: 52:54:00:0c:01:03, ip: 192.168.150.43 }
`;

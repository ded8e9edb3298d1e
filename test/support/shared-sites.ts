/** Two sites whose files are split, with fragments that one or both include. */
export const SHARED_SITES: Readonly<Record<string, string>> = {
  '_shared/hardware.yaml': `# The machines of both sites.
profiles:
  rack: &rack                        # two disks
    hardware: { threads: 32, memory: 64Gi, link_speed: 10G }
    config:
      install: { device: /dev/disk/by-path/pci-0000:41:00.0-nvme-1 }
  gpu:
    <<: *rack
    labels: { example.org/gpu: a100 }
defaults:
  profiles: [rack]
  config: { os: { ssh_authorized_keys: ["github:your_username"], password: "\${secret:root_password}" } }
`,
  '_shared/storage.yaml': `networks:
  'storage': { subnet: 10.9.0.0/24, mtu: 9000 }
`,
  'east/site.yaml': `site: east
include: [../_shared/hardware.yaml, ../_shared/storage.yaml]
harvester: { version: v1.4.1 }
server: { url: http://10.1.0.7 }
networks:
  mgmt: { subnet: 10.1.0.0/16, gateway: 10.1.0.1, dns: [10.1.0.1], ntp: [10.1.0.1], dhcp: {} }
cluster: { vip: 10.1.0.40, token: "\${secret:east_token}" }
`,
  'east/nodes/e-1.yaml': `nodes:
  e-1:
    mode: create
    profiles: [rack, "gpu"]
    nics:
      - { name: eno1, mac: 52:54:00:01:01:01, ip: 10.1.0.41 }
      - { name: eno2, mac: 52:54:00:01:02:01, network: storage }  # storage
  e-[2-3]:
    profiles: [gpu]
    nics: [{ name: eno1, mac: "52:54:00:01:01:[02-03]", ip: "10.1.0.[42-43]", network: mgmt }]
`,
  'east/manifests/settings.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: notes, namespace: default }
data:
  note: |
    \${site:networks.storage.mtu} and \${site:nodes.e-1.ip}
`,
  'west/site.yaml': `site: west
include:
- ../_shared/hardware.yaml
- "../_shared/storage.yaml"
harvester: { version: v1.6.1 }
server: { url: http://10.2.0.7 }
networks:
  mgmt: { subnet: 10.2.0.0/16, gateway: 10.2.0.1, dns: [10.2.0.1], ntp: [10.2.0.1], dhcp: {} }
cluster: { vip: 10.2.0.40, token: "\${secret:west_token}" }
nodes:
  w-1:
    mode: create
    profiles:
    - gpu
    nics:
    - { name: eno1, mac: 52:54:00:02:01:01, ip: 10.2.0.41 }
    - { name: eno2, mac: 52:54:00:02:02:01, network: &net storage }
`,
};

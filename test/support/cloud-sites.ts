import type { ProviderName } from '../../src/knowledge/cloud-providers.ts';

/** A public key of an operator, with characters of Terraform's templates in its comment. */
export const OPERATOR =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPvcUY2G6rMdqVpXKq6U3VbVz6Xa5nJd0Tz5Y8qE0w1Q me $' +
  '{file("/x")} %{if}';

/** The cloud VM of each provider: with the least that it needs. */
const LEAST = `
    ssh_keys: ['${OPERATOR}']
    allow: [203.0.113.10]`;

/** The cloud VM of each provider: with every key that it has. */
export const FULL: Readonly<Record<ProviderName, string>> = {
  aws: `
    zone: eu-central-1b
    size: m8i.12xlarge
    spot: true
    image: ami-0123456789abcdef0
    os_disk: { size: 380Gi, type: io2 }
    network: { vpc: vpc-0123456789abcdef0, subnet: subnet-0123456789abcdef0 }
    ssh_keys: ['${OPERATOR}', 'ssh-rsa AAAAB3NzaC1yc2E=']
    allow: [203.0.113.10, 198.51.100.0/24]`,
  azure: `
    size: Standard_D48ds_v6
    spot: true
    image: SUSE:sles-15-sp6:gen2:2026.01.01
    os_disk: { size: 380Gi, type: StandardSSD_LRS }
    network: { subnet: /subscriptions/1/resourceGroups/a/providers/Microsoft.Network/virtualNetworks/b/subnets/c }
    ssh_keys: ['${OPERATOR}', 'ssh-rsa AAAAB3NzaC1yc2E=']
    allow: [203.0.113.10, 198.51.100.0/24]`,
  digitalocean: `
    size: g-48vcpu-192gb-intel
    image: ubuntu-24.04
    network: { vpc: 5a4981aa-9653-4bd1-bef5-d6bff52042e4 }
    ssh_keys: ['${OPERATOR}', 'ssh-rsa AAAAB3NzaC1yc2E=']
    allow: [203.0.113.10, 198.51.100.0/24]`,
  google: `
    zone: europe-west4-c
    project: our-project
    size: n2-standard-48
    spot: true
    image: suse-cloud/sles-15
    os_disk: { size: 380Gi, type: pd-ssd }
    network: { vpc: ours, subnet: ours-west4 }
    ssh_keys: ['${OPERATOR}', 'ssh-rsa AAAAB3NzaC1yc2E=']
    allow: [203.0.113.10, 198.51.100.0/24]`,
};

/** Settings of the first data disk, where a provider has these. */
const DISK: Readonly<Record<ProviderName, string>> = {
  aws: ', type: gp3, iops: 16000, throughput: 2000',
  azure: ', type: Premium_ZRS',
  digitalocean: '',
  google: ', type: hyperdisk-balanced, iops: 50000, throughput: 1200',
};

export const REGIONS: Readonly<Record<ProviderName, string>> = {
  aws: 'eu-central-1',
  azure: 'westeurope',
  digitalocean: 'fra1',
  google: 'europe-west4',
};

export const PROVIDER_NAMES = Object.keys(REGIONS) as ProviderName[];

/** Returns a site with three small machines on a cloud VM. The keys of the VM and the map of disks can be replaced. */
export function cloudSite(provider: ProviderName, cloud = LEAST, disks = disksOf(provider)): string {
  return `site: plant
harvester: { version: v1.8.1 }
server: { url: http://192.168.150.1 }
host:
  cloud:
    provider: ${provider}
    region: ${REGIONS[provider]}${cloud}
  disks: ${disks}
  expose:
    - { port: 443, allow: [203.0.113.0/24] }
    - { port: 6443, allow: [203.0.113.0/24, 198.51.100.7] }
    - { port: 8443, address: 127.0.0.1, to: 443 }
networks:
  mgmt:
    subnet: 192.168.150.0/24
    gateway: 192.168.150.1
    dns: [192.168.150.1]
    ntp: [0.suse.pool.ntp.org]
    dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250 }
cluster: { vip: 192.168.150.40, token: '\${secret:cluster_token}' }
defaults:
  vm: { preset: small }
  config: { os: { password: '\${secret:node_password}' } }
nodes:
  plant-1: { mac: 52:54:00:00:00:01, ip: 192.168.150.41, mode: create, vm: { disks: [{ size: 300Gi, on: data1 }] } }
  plant-2: { mac: 52:54:00:00:00:02, ip: 192.168.150.42, vm: { disks: [{ size: 300Gi, on: data2 }] } }
  plant-3: { mac: 52:54:00:00:00:03, ip: 192.168.150.43, vm: { disks: [{ size: 300Gi${provider === 'digitalocean' ? ', on: data2' : ''} }] } }
`;
}

function disksOf(provider: ProviderName): string {
  return `{ data1: { size: 350Gi${DISK[provider]} }, data2: { size: ${provider === 'digitalocean' ? 650 : 350}Gi } }`;
}

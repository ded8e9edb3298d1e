/**
 * Data files of phs as users keep them: two locations in one file, shared by anchors and `<< :`, with the keys of Harvester
 * 0.2 and 0.3. They have typical errors: duplicate servers, trailing spaces, and a node instead of the VIP in server_url.
 * An ISO is of another version than the kernel, and a NIC has different names in two places.
 */
export const PHS_SECRETS = {
  northToken: 'seven-cranes-over-the-northern-moor',
  southToken: 'four-herons-by-the-southern-weir',
  password: 'Quite-a-pass-word-42',
};

const COMMON = `      os:
        ssh_authorized_keys:
          - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kVfFYhUuXqT1l0v4oQmZ0m9QGkz8yq4m0yq0r5n1B ops@example.org
          - github:someone
        password: ${PHS_SECRETS.password} 
        dns_nameservers:
          - 10.20.0.3
        ntp_servers:
          - ntp.example.org
          - ntp.example.org
`;

const create = (
  location: string,
  token: string,
  nic: string,
  net: string,
) => `    config_create: &${location}_create
      token: ${token}
${COMMON.replaceAll('10.20.0', net).replace('      os:\n', '      os:\n        hostname: harv01\n')}      install:
        mode: create
        networks:
          harvester-mgmt:
            interfaces:
            - name: ${nic}
            method: dhcp
        device: /dev/sda
        iso_url: https://media.example.org/harvester/v0.3.0-rc1/harvester-v0.3.0-rc1-amd64.iso
        vipMode: static
        vip: ${net}.40
        poweroff: false
`;

const join = (
  location: string,
  token: string,
  nic: string,
  net: string,
) => `    config_join: &${location}_join
      server_url: https://${net}.41:8443
      token: ${token}
${COMMON.replaceAll('10.20.0', net)}      install:
        mode: join
        networks:
          harvester-mgmt:
            interfaces:
            - name: ${nic}
            method: dhcp
        mgmt_interface: enp1s0
        device: /dev/sda
        iso_url: https://media.example.org/harvester/v0.3.0-rc1/harvester-v0.3.0-rc1-amd64.iso
        poweroff: false
`;

const CONFIG = `config:
  - cluster: Plant_North
${create('north', PHS_SECRETS.northToken, 'enp1s0', '10.20.0')}${join('north', PHS_SECRETS.northToken, 'enp1s0', '10.20.0')}  - cluster: Plant_South
${create('south', PHS_SECRETS.southToken, 'ens3', '10.30.4')}${join('south', PHS_SECRETS.southToken, 'ens3', '10.30.4')}`;

const MACHINES = `maclist:
# the first plant
- macaddress: 52:54:00:11:00:01
  values:
    ipaddress: 10.20.0.31
    netmask: 255.255.255.0
    gateway: 10.20.0.1
    interface: enp1s0
    version: "v0.2.0"
    type: create
    config:
      << : *north_create
- macaddress: 52:54:00:11:00:02
  values:
    ipaddress: 10.20.0.32
    netmask: 255.255.255.0
    gateway: 10.20.0.1
    interface: enp1s0
    version: "v0.2.0"
    type: join
    config:
      << : *north_join
      os:
        hostname: harv-spare
        password: Another-pass-word-43
        modules: [kvm]
- macaddress: 52:54:00:11:00:03
  values:
    ipaddress: 10.20.0.33
    netmask: 255.255.255.0
    gateway: 10.20.0.1
    interface: enp1s0
    version: "v0.2.0"
    type: join
    config:
      << : *north_join
# the second
- macaddress: 52:54:00:22:00:01
  values:
    ipaddress: 10.30.4.41
    netmask: 255.255.252.0
    gateway: 10.30.7.254
    interface: ens3
    version: v0.3.0-rc1
    type: create
    config:
      << : *south_create
- macaddress: 52:54:00:22:00:02
  values:
    ipaddress: 10.30.4.42
    netmask: 255.255.252.0
    gateway: 10.30.7.254
    interface: ens3
    version: v0.3.0-rc1
    type: join
    config:
      << : *south_join
- macaddress: 52:54:00:22:00:03
  values:
    ipaddress: 10.30.4.43
    netmask: 255.255.252.0
    gateway: 10.30.7.254
    interface: ens3
    version: v0.3.0-rc1
    type: join
    config: *south_join
`;

/** The second generation: it sets the URLs of configurations and media. */
export const PHS_DATA = `server: http://10.20.0.6
downloadserver: https://media.example.org
${CONFIG}${MACHINES}`;

/** The first generation: it has neither URL, and its versions have no v. */
export const PHS_OLD = `${CONFIG}${MACHINES}`.replaceAll(/version: "?v?([\d.a-z-]+)"?/g, 'version: "$1"');

/** One small cluster without errors, with the keys of present releases. */
export const PHS_NOW = `server: http://10.40.0.6
downloadserver: https://media.example.org
maclist:
- macaddress: 52:54:00:33:00:01
  values:
    ipaddress: 10.40.0.41
    netmask: 255.255.255.0
    gateway: 10.40.0.1
    interface: eno1
    version: v1.6.1
    type: create
    config:
      scheme_version: 1
      token: ${PHS_SECRETS.northToken}
      os: &os
        hostname: harv-1
        ssh_authorized_keys: [github:someone]
        password: ${PHS_SECRETS.password}
        dns_nameservers: [10.40.0.3]
        ntp_servers: [10.40.0.3]
        sysctls: {kernel.panic: "10"}
      install: &install
        mode: create
        management_interface:
          interfaces: [{name: eno1}]
          method: static
          ip: 10.40.0.41
          subnet_mask: 255.255.255.0
          gateway: 10.40.0.1
          bond_options: {mode: active-backup, miimon: "100"}
        device: /dev/disk/by-id/wwn-0x5000c500a0b1c2d3
        iso_url: https://media.example.org/harvester/v1.6.1/harvester-v1.6.1-amd64.iso
        vip_mode: static
        vip: 10.40.0.40
      system_settings:
        log-level: Info
- macaddress: 52:54:00:33:00:02
  values:
    ipaddress: 10.40.0.42
    netmask: 255.255.255.0
    gateway: 10.40.0.1
    interface: eno1
    version: v1.6.1
    type: join
    config:
      scheme_version: 1
      token: ${PHS_SECRETS.northToken}
      server_url: https://10.40.0.40:443
      os: {<<: *os, hostname: harv-2}
      install:
        <<: *install
        mode: join
        management_interface: {interfaces: [{name: eno1}], method: static, ip: 10.40.0.42, subnet_mask: 255.255.255.0, gateway: 10.40.0.1}
- macaddress: 52:54:00:33:00:03
  values:
    ipaddress: 10.40.0.43
    netmask: 255.255.255.0
    gateway: 10.40.0.1
    interface: eno1
    version: v1.6.1
    type: join
    config:
      scheme_version: 1
      token: ${PHS_SECRETS.northToken}
      server_url: https://10.40.0.40:443
      os: {<<: *os, hostname: harv-3}
      install:
        <<: *install
        mode: join
        management_interface: {interfaces: [{name: eno1}], method: static, ip: 10.40.0.43, subnet_mask: 255.255.255.0, gateway: 10.40.0.1}
`;

/**
 * The answers of OpenCHAMI's services for one cluster, and the files of its tools, with the irregularities of real ones. Six
 * nodes cg01 to cg06 have BMCs, and NIDs in SMD. One xname has no node, and there is a switch.
 */

/** Secrets that must not be in any inventory or on any screen. */
export const OPENCHAMI_SECRETS = {
  bmc: 'Redfish-pass-77',
  root: 'Quite-a-root-word-42',
  munge: 'c2VjcmV0LW11bmdlLWtleS1vZi10aGUtY2x1c3Rlcg==',
};

const NUMBERS = [1, 2, 3, 4, 5, 6];

const xname = (number: number) => `x1000c1s7b${number}n0`;
const hex = (number: number) => number.toString(16).padStart(2, '0');
const mac = (number: number) => `b4:2e:99:a6:61:${hex(number)}`;
const bmcMac = (number: number) => `b4:2e:99:a6:62:${hex(number)}`;

const json = (value: unknown) => `${JSON.stringify(value, undefined, 1)}\n`;

/** GET /hsm/v2/State/Components */
export const COMPONENTS = json({
  Components: [
    ...NUMBERS.map((number) => ({
      ID: xname(number),
      Type: 'Node',
      State: 'On',
      Flag: 'OK',
      Enabled: true,
      SoftwareStatus: '',
      Role: 'Compute',
      SubRole: '',
      NID: number,
      NetType: 'Sling',
      Arch: number === 6 ? 'ARM' : 'X86',
      Class: 'River',
    })),
    ...NUMBERS.map((number) => ({ ID: `x1000c1s7b${number}`, Type: 'NodeBMC', Enabled: true })),
    { ID: 'x1000c1r7b0', Type: 'RouterBMC', Enabled: true },
  ],
});

/** GET /hsm/v2/Inventory/EthernetInterfaces */
export const INTERFACES = json([
  ...NUMBERS.map((number) => ({
    ID: mac(number).replaceAll(':', ''),
    Description: '',
    MACAddress: mac(number),
    LastUpdate: '2023-10-30T22:32:23.524974Z',
    ComponentID: xname(number),
    Type: 'Node',
    IPAddresses: [{ IPAddress: `172.16.0.${number}`, Network: 'NMN' }],
  })),
  ...NUMBERS.map((number) => ({
    ID: bmcMac(number).replaceAll(':', ''),
    MACAddress: bmcMac(number),
    ComponentID: `x1000c1s7b${number}`,
    Type: 'NodeBMC',
    IPAddresses: [{ IPAddress: `172.16.0.10${number}`, Network: '' }],
  })),
  {
    ID: 'ffffffffffff',
    MACAddress: 'ff:ff:ff:ff:ff:ff',
    ComponentID: xname(1),
    Type: 'Node',
    IPAddresses: [],
  },
  { ID: 'b42e99a66199', MACAddress: 'not available', ComponentID: xname(2), Type: 'Node', IPAddresses: null },
]);

/** GET /hsm/v2/Inventory/ComponentEndpoints: of the first node, with a comma after its MAC address. */
export const ENDPOINTS = json({
  ComponentEndpoints: [
    {
      ID: xname(1),
      Type: 'Node',
      Domain: 'mgmt.example.org',
      FQDN: `${xname(1)}.mgmt.example.org`,
      RedfishType: 'ComputerSystem',
      MACAddr: `${mac(1)},`,
      UUID: 'bf9362ad-b29c-40ed-9881-18a5dba3a26b',
      OdataID: '/redfish/v1/Systems/Self',
      RedfishEndpointID: 'x1000c1s7b1',
      Enabled: true,
      ComponentEndpointType: 'ComponentEndpointComputerSystem',
      RedfishSystemInfo: {
        Name: 'Self',
        EthernetNICInfo: [{ RedfishId: '1', MACAddress: mac(1), PermanentMACAddress: mac(1) }],
      },
    },
    {
      ID: 'x1000c1s7b1',
      Type: 'NodeBMC',
      FQDN: 'x1000c1s7b1',
      RedfishType: 'Manager',
      ComponentEndpointType: 'ComponentEndpointManager',
      MACAddr: bmcMac(1),
      RedfishManagerInfo: { Name: 'Manager' },
    },
  ],
});

/** GET /hsm/v2/Inventory/RedfishEndpoints, with a password, as SMD returns it. */
export const REDFISH = json({
  RedfishEndpoints: NUMBERS.map((number) => ({
    ID: `x1000c1s7b${number}`,
    Type: 'NodeBMC',
    Hostname: '',
    Domain: '',
    FQDN: `x1000c1s7b${number}`,
    Enabled: true,
    User: 'root',
    Password: OPENCHAMI_SECRETS.bmc,
    MACAddr: bmcMac(number),
    IPAddress: `172.16.0.10${number}`,
    RediscoverOnUpdate: true,
    DiscoveryInfo: { LastDiscoveryStatus: 'DiscoverOK' },
  })),
});

/** GET /hsm/v2/groups, with a member that no longer exists. */
export const GROUPS = json([
  {
    label: 'compute',
    description: 'Compute nodes',
    members: { ids: [...NUMBERS.map(xname), 'x1000c1s7b9n0'] },
  },
  { label: 'Login_Nodes', description: '', members: { ids: [] } },
]);

/** GET /hsm/v2/memberships */
export const MEMBERSHIPS = json([{ id: xname(1), groupLabels: ['compute', 'debug'], partitionName: '' }]);

/** The defaults of NIDs that SMD accepts. */
export const NODE_MAPS = json({
  NodeMaps: NUMBERS.map((number) => ({ ID: xname(number), NID: number + 100 })),
});

/** The file that BSS reads if HSM_URL is `file:`. */
export const BSS_FILE = json({
  Components: NUMBERS.map((number) => ({
    ID: xname(number),
    Type: 'Node',
    NID: number,
    FQDN: `cg0${number}.example.org`,
    MAC: [mac(number)],
    EndpointEnabled: true,
  })),
  IPAddresses: Object.fromEntries(
    NUMBERS.map((number) => [
      `172.16.0.${number}`,
      {
        MACAddress: mac(number),
        ComponentID: xname(number),
        Type: 'Node',
        IPAddresses: [{ IPAddress: `172.16.0.${number}`, Network: 'NMN' }],
      },
    ]),
  ),
});

const S3 = 'http://172.16.0.254:9000/boot-images';
const PARAMS = `nomodeset ro root=live:${S3}/compute/rocky9.squashfs ip=dhcp overlayroot=tmpfs overlayroot_cfgdisk=disabled apparmor=0 console=ttyS0,115200 "ds=nocloud-net;s=http://172.16.0.254:8081/cloud-init/"`;

/** GET /boot/v1/bootparameters: of all nodes but the last, of the last by its NID, and the defaults. */
export const BOOT_PARAMETERS = json([
  {
    macs: [1, 2, 3, 4, 5].map(mac),
    params: PARAMS,
    kernel: `${S3}/efi-images/vmlinuz-5.14.0`,
    initrd: `${S3}/efi-images/initramfs-5.14.0.img`,
    'cloud-init': { 'meta-data': {}, 'user-data': {}, 'phone-home': { pub_key_rsa: 'ssh-rsa AAAA' } },
  },
  {
    nids: [6],
    kernel: `${S3}/arm64/vmlinuz`,
    initrd: `${S3}/arm64/initramfs.img`,
    params: 'root=/dev/nfs ip=dhcp',
  },
  { hosts: ['Default'], kernel: `${S3}/debug/vmlinuz`, params: 'console=tty0' },
  { kernel: `${S3}/arm64/vmlinuz`, params: 'cma=256M' },
  { hosts: ['Unknown-x86_64'], kernel: `${S3}/discover/vmlinuz` },
]);

/** The same, as input for `ochami bss boot params set`. */
export const BOOT_YAML = `kernel: '${S3}/efi-images/vmlinuz-5.14.0'
initrd: '${S3}/efi-images/initramfs-5.14.0.img'
params: '${PARAMS}'
macs:
${[1, 2, 3, 4, 5, 6].map((number) => `  - ${mac(number)}\n`).join('')}`;

/** The output of `magellan collect`. */
export const MAGELLAN = json(
  NUMBERS.map((number) => ({
    ID: `x1000c1s7b${number}`,
    Type: '',
    Name: '',
    FQDN: `172.16.0.10${number}`,
    User: 'admin',
    MACRequired: true,
    RediscoverOnUpdate: false,
    SchemaVersion: 1,
    MACAddr: bmcMac(number),
    Systems: [
      {
        uri: `https://172.16.0.10${number}/redfish/v1/Systems/Self`,
        uuid: `bf9362ad-b29c-40ed-9881-18a5dba3a2${hex(number)}`,
        manufacturer: 'Giga Computing',
        name: 'Self',
        serial: `GKG1N${number}`,
        ethernet_interfaces: [{ uri: '1', mac: mac(number).toUpperCase(), name: '1', enabled: true }],
        power: { state: 'On' },
        processor_count: 2,
        memory_total: 256,
        links: {},
        serial_console: { impi: { enabled: true } },
      },
    ],
    Managers: [
      {
        uri: 'm',
        type: 'BMC',
        ethernet_interfaces: [{ mac: bmcMac(number), ip: `172.16.0.10${number}` }],
        serial_console: ['IPMI'],
        command_shell: ['SSH'],
      },
    ],
  })),
);

/** Its map of BMCs. */
export const ID_MAP = `map_key: bmc-ip-addr
id_map:
${NUMBERS.map((number) => `  172.16.0.10${number}: x1000c1s7b${number}\n`).join('')}`;

/** The file of `ochami discover static`. */
export const OCHAMI = `bmcs:
${NUMBERS.map(
  (number) => `- name: bmc0${number}
  xname: x1000c1s7b${number}
  mac: ${bmcMac(number)}
  ip: 172.16.0.10${number}
`,
).join('')}nodes:
${NUMBERS.map(
  (number) => `- name: cg0${number}
  nid: ${number}
  xname: ${xname(number)}
  bmc: ${number % 2 ? `bmc0${number}` : `x1000c1s7b${number}`}
  groups: [compute]
  interfaces:
  - mac_addr: ${mac(number)}
    ip_addrs:
    - name: management
      ip_addr: 172.16.0.${number}
`,
).join('')}`;

/** Its older format, and the still older one for groups. */
export const OCHAMI_OLD = `nodes:
${NUMBERS.map(
  (number) => `- name: cg0${number}
  nid: ${number}
  xname: ${xname(number)}
  bmc_mac: ${bmcMac(number)}
  bmc_ip: 172.16.0.10${number}
  group: compute
  interfaces:
  - mac_addr: ${mac(number)}
    ip_addrs:
    - name: management
      ip_addr: 172.16.0.${number}
`,
).join('')}`;

/** The nodes file of boot-service, with an invalid IP address. */
export const BOOT_SERVICE = `version: "1.0"
nodes:
${NUMBERS.map(
  (number) => `  - id: "${xname(number)}"
    xname: "${xname(number)}"
    type: "Node"
    role: "Compute"
    subrole: "Worker"
    state: "Ready"
    enabled: true
    nid: ${number}
    boot_mac: "${mac(number).toUpperCase()}"
    ethernet_interfaces:
      - mac_address: "02:00:00:00:00:${hex(number)}"
        ip_address: "10.9.0.${number}"
        description: "High-speed"
      - mac_address: "${mac(number).toUpperCase()}"
        ip_address: "172.16.0.${number === 6 ? 999 : number}"
        description: "Primary boot interface"
    metadata:
      rack: "rack-01"
`,
).join('')}  - id: "x1000c0r0e0"
    xname: "x1000c0r0e0"
    type: "RouterModule"
`;

/** The boot settings of these nodes, as objects of boot-service. */
export const BOOT_CONFIGURATIONS = `apiVersion: boot.openchami.io/v1
kind: BootConfiguration
metadata: { name: all }
spec:
  kernel: ${S3}/debug/vmlinuz
---
apiVersion: boot.openchami.io/v1
kind: BootConfiguration
metadata: { name: compute }
spec:
  hosts: ["x1000c1s7b[1-5]n*"]
  kernel: ${S3}/efi-images/vmlinuz-5.14.0
  initrd: ${S3}/efi-images/initramfs-5.14.0.img
  params: |
    console=ttyS0,115200
    root=/dev/nvme0n1p1
  priority: 50
---
apiVersion: boot.openchami.io/v1
kind: Node
metadata: { name: login }
spec:
  xname: x1000c1s8b0n0
  nid: 99
  hostname: login1
  bootMac: 02:00:00:00:01:00
  groups: [login]
  interfaces: [{ mac: "02:00:00:00:01:00", ip: 172.16.0.99, type: management }]
`;

const CONFIG = `#cloud-config
packages: [slurm-slurmd]
chpasswd:
  list: |
    root:${OPENCHAMI_SECRETS.root}
write_files:
  - path: /etc/munge/munge.key
    encoding: b64
    permissions: "0400"
    content: ${OPENCHAMI_SECRETS.munge}
runcmd:
  - [systemctl, start, slurmd]
`;

/** Groups of the cloud-init server: in base64, with the key of its README, and a template. */
export const CLOUD_INIT_GROUPS = json([
  {
    name: 'compute',
    description: 'The compute group',
    'meta-data': { rack: 'b' },
    file: { content: Buffer.from(CONFIG).toString('base64'), filename: 'compute.yaml', encoding: 'base64' },
  },
  {
    name: 'login',
    data: { syslog: '172.16.0.254' },
    file: {
      content: '## template: jinja\n#cloud-config\nfqdn: {{ ds.meta_data.hostname }}\n',
      encoding: 'plain',
    },
  },
]);

/** Its defaults for a cluster. */
export const CLUSTER_DEFAULTS = json({
  'cloud-provider': 'openchami',
  'cluster-name': 'cg',
  'short-name': 'cg',
  'nid-length': 2,
  'base-url': 'http://172.16.0.254:8081/cloud-init',
  'public-keys': [
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kVfFYhUuXqT1l0v4oQmZ0m9QGkz8yq4m0yq0r5n1B ops@example.org',
  ],
});

/** Its data for one node. */
export const INSTANCE = json({
  id: xname(6),
  'local-hostname': 'cg-arm',
  'instance-id': 'i-4c58a0a1',
  'instance-type': 't2.micro',
});

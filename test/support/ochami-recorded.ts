import { readFileSync } from 'node:fs';
import { GENERATOR } from '../../src/values/package.ts';
import { FIRST, INITRD, KERNEL, MACS, PARAMS, SECRETS, SERVER, XNAMES } from './ochami-plant.ts';

/** A recorded answer of one of OpenCHAMI's services, and its intended differences here. */
export interface Recorded {
  /** The requested path, without the gateway's prefix. */
  readonly path: string;
  /** The gateway's prefix for it. */
  readonly gateway: '/apis/bss' | '/apis/smd' | '/apis/cloud-init';
  /** Whether the path is served here only with the prefix: two services have something at that URL. */
  readonly behindGateway?: true;
  /** The client: the machine of the sample. */
  readonly from: string;
  /** The status, if it is not 200. */
  readonly status?: number;
  /** The content type of the answer; undefined for none. */
  readonly type?: string | undefined;
  /** Text byte for byte; otherwise the data of JSON or YAML. Absent for an error whose text is not compared. */
  readonly answer?: unknown;
  /** Whether the answer is a list of all entries, which has other entries here, too. */
  readonly among?: true;
  /**
   * The differences here, for the reasons in docs/reference/urls.md: by the path of the field, undefined for an omitted one;
   * in a text, by the text that is replaced.
   */
  readonly here?: Readonly<Record<string, unknown>>;
  /** The status, type or answer here, if it is another one. */
  readonly instead?: Pick<Recorded, 'status' | 'type' | 'answer'>;
}

/** The clients: two nodes. */
export const [NODE, VE] = ['172.16.0.2', '10.20.30.41'] as const;

/** The data of SMD and the cloud-init server, as a site. Each machine is from another sample of theirs. */
export const RECORDED_SITE = `site: venado
server:
  url: http://${SERVER}
  compat: [ochami]
networks:
  nmn: { subnet: 172.16.0.0/24, gateway: ${SERVER}, dns: [${SERVER}], domain: mgmt.example.domain.com, dhcp: { server: external } }
  hsn: { subnet: 10.20.30.0/24, gateway: 10.20.30.1, dns: [${SERVER}], dhcp: { server: external } }
groups:
  compute:
    description: Compute nodes
    cloud_init: { user_data: { write_files: [{ path: /etc/x, content: x }] } }
  login: {}
profiles:
  rocky: { boot: { os: linux, kernel: k, initrd: i } }
nodes:
  cg01: { xname: x1000c1s7b0n0, nid: 1, mac: "b4:2e:99:a6:61:ee", ip: ${NODE}, profiles: [rocky], groups: [compute] }
  dell:
    xname: x0c0s0b0n0
    nid: 2
    mac: "d0:94:66:00:aa:37"
    ip: 172.16.0.3
    uuid: bf9362ad-b29c-40ed-9881-18a5dba3a26b
    profiles: [rocky]
    bmc: { mac: "d0:94:66:00:aa:38", address: 172.16.0.103 }
  node4: { xname: x0c0s21b0n0, nid: 4, mac: "d0:94:66:00:aa:39", ip: 172.16.0.4, profiles: [rocky] }
  ve0041:
    xname: x3000c0s41b0n0
    nid: 41
    mac: "d0:94:66:00:aa:41"
    ip: ${VE}
    profiles: [rocky]
    groups: [compute]
    cloud_init: { meta_data: { instance-id: i-4c58a0a1, region: us-west-2, availability-zone: us-west-2a, public-keys: ["ssh-rsa AAAA"] } }
`;

const SYSTEM = '/redfish/v1/Systems/System.Embedded.1';
const NO_REDFISH = '/redfish/v1/Systems/x0c0s0b0n0';

const COMPONENT = {
  ID: 'x1000c1s7b0n0',
  Type: 'Node',
  State: 'On',
  Flag: 'OK',
  Enabled: true,
  SoftwareStatus: '',
  Role: 'Compute',
  SubRole: '',
  NID: 1,
  NetType: 'Sling',
  Arch: 'X86',
  Class: 'River',
};
const INTERFACE = {
  ID: 'b42e99a661ee',
  Description: '',
  MACAddress: 'b4:2e:99:a6:61:ee',
  LastUpdate: '2023-10-30T22:32:23.524974Z',
  ComponentID: 'x1000c1s7b0n0',
  Type: 'Node',
  IPAddresses: [{ IPAddress: NODE, Network: 'NMN' }],
};
/** A tree contains no times. */
const NO_CLOCK = { LastUpdate: '1970-01-01T00:00:00Z' };
const ENDPOINT = {
  ID: 'x0c0s0b0n0',
  Type: 'Node',
  Domain: 'mgmt.example.domain.com',
  FQDN: 'x0c0s0b0n0.mgmt.example.domain.com',
  RedfishType: 'ComputerSystem',
  RedfishSubtype: 'Physical',
  MACAddr: 'd0:94:66:00:aa:37',
  UUID: 'bf9362ad-b29c-40ed-9881-18a5dba3a26b',
  OdataID: SYSTEM,
  RedfishEndpointID: 'x0c0s0b0',
  Enabled: true,
  RedfishEndpointFQDN: 'x0c0s0b0.mgmt.example.domain.com',
  RedfishURL: `x0c0s0b0.mgmt.example.domain.com${SYSTEM}`,
  ComponentEndpointType: 'ComponentEndpointComputerSystem',
  RedfishSystemInfo: {
    Name: 'System Embedded 1',
    EthernetNICInfo: [
      {
        RedfishId: '1',
        '@odata.id': `${SYSTEM}/EthernetInterfaces/1`,
        Description: 'Management Network Interface',
        InterfaceEnabled: true,
        MACAddress: 'd0:94:66:00:aa:37',
        PermanentMACAddress: 'd0:94:66:00:aa:37',
      },
    ],
  },
};
/** Redfish is not queried: its paths are invented, its texts are missing, and its server is named by its IP address. */
const NOT_QUERIED = {
  OdataID: NO_REDFISH,
  RedfishEndpointFQDN: '172.16.0.103',
  RedfishURL: `172.16.0.103${NO_REDFISH}`,
  'RedfishSystemInfo/Name': 'dell',
  'RedfishSystemInfo/EthernetNICInfo/0/@odata.id': `${NO_REDFISH}/EthernetInterfaces/1`,
  'RedfishSystemInfo/EthernetNICInfo/0/Description': '',
};
const COMPUTE = {
  label: 'compute',
  description: 'Compute nodes',
  members: { ids: ['x1000c1s7b0n0', 'x3000c0s41b0n0'] },
};
const MEMBERSHIP = { id: 'x1000c1s7b0n0', groupLabels: ['compute'], partitionName: '' };
const REDFISH_ENDPOINT = {
  ID: 'x0c0s0b0',
  Type: 'NodeBMC',
  Hostname: 'x0c0s0b0',
  Domain: 'mgmt.example.domain.com',
  FQDN: 'x0c0s0b0.mgmt.example.domain.com',
  Enabled: true,
  User: 'root',
  Password: 'initial0',
  MACAddr: 'd0:94:66:00:aa:38',
  IPAddress: '172.16.0.103',
  MACRequired: false,
  RediscoverOnUpdate: false,
  DiscoveryInfo: { LastDiscoveryStatus: 'DiscoverOK' },
};
/** No password, and no result of a discovery. */
const NO_PASSWORD = {
  User: undefined,
  Password: undefined,
  Hostname: '172.16.0.103',
  Domain: '',
  FQDN: '172.16.0.103',
  'DiscoveryInfo/LastDiscoveryStatus': 'NotYetQueried',
};

/** Returns the differences of one object, by their paths in the whole answer. */
const at = (path: string, differences: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(differences).map(([key, value]) => [`${path}/${key}`, value]));

const smd = (path: string, answer: unknown, here = {}): Recorded => ({
  path: `/hsm/v2/${path}`,
  gateway: '/apis/smd',
  from: NODE,
  type: 'application/json',
  answer,
  here,
});

/** Returns the answers of a list, whole and by queries for parts of it. */
const smdList = (path: string, queries: readonly string[], answer: unknown, here = {}): Recorded[] => [
  ...['', '?type=Node'].map((query) => ({ ...smd(path + query, answer, here), among: true as const })),
  ...queries.map((query) => smd(path + query, answer, here)),
];

/** The answers of SMD. Source: OpenCHAMI/smd, api/swagger_v2.yaml, pkg/sm. */
const SMD: readonly Recorded[] = [
  ...smdList('State/Components', ['?id=x1000c1s7b0n0', '?nid=1'], { Components: [COMPONENT] }),
  ...['x1000c1s7b0n0', 'ByNID/1'].map((one) => smd(`State/Components/${one}`, COMPONENT)),
  ...smdList('Inventory/EthernetInterfaces', ['?id=b42e99a661ee'], [INTERFACE], at('0', NO_CLOCK)),
  smd('Inventory/EthernetInterfaces/b42e99a661ee', INTERFACE, NO_CLOCK),
  ...smdList(
    'Inventory/ComponentEndpoints',
    ['?id=x0c0s0b0n0'],
    { ComponentEndpoints: [ENDPOINT] },
    at('ComponentEndpoints/0', NOT_QUERIED),
  ),
  smd('Inventory/ComponentEndpoints/x0c0s0b0n0', ENDPOINT, NOT_QUERIED),
  ...['', '?type=NodeBMC', '?id=x0c0s0b0'].map((query) =>
    smd(
      `Inventory/RedfishEndpoints${query}`,
      { RedfishEndpoints: [REDFISH_ENDPOINT] },
      at('RedfishEndpoints/0', NO_PASSWORD),
    ),
  ),
  smd('Inventory/RedfishEndpoints/x0c0s0b0', REDFISH_ENDPOINT, NO_PASSWORD),
  { ...smd('groups', [COMPUTE]), among: true },
  smd('groups/compute', COMPUTE),
  smd('groups/compute/members', COMPUTE.members),
  { ...smd('memberships', [MEMBERSHIP]), among: true },
  smd('memberships/x1000c1s7b0n0', MEMBERSHIP),
  { ...smd('Defaults/NodeMaps', { NodeMaps: [{ ID: 'x0c0s21b0n0', NID: 4 }] }), among: true },
  smd('service/ready', { code: 0, message: 'HSM is healthy' }),
];

const cloudInit = (path: string, answer: unknown, more: Partial<Recorded> = {}): Recorded => ({
  path,
  gateway: '/apis/cloud-init',
  from: VE,
  type: 'text/plain',
  answer,
  ...more,
});

/** The inventory's own values are there for templates, too, by their own names. */
const VALUES = { region: 'us-west-2', 'availability-zone': 'us-west-2a', 'public-keys': ['ssh-rsa AAAA'] };

/** The demo's files of a machine or of a group: handwritten text, from which cloud-init reads these values. */
const DEMO = { 'instance-id': 'demo123', 'local-hostname': 'ochami-vm' };
const DEMO_HERE = {
  'instance-id': 'i-4c58a0a1',
  'local-hostname': 've0041',
  hostname: 've0041',
  'cluster-name': 'venado',
  instance_data: {
    v1: {
      availability_zone: 'us-west-2a',
      instance_id: 'i-4c58a0a1',
      local_hostname: 've0041',
      region: 'us-west-2',
      hostname: 've0041',
      local_ipv4: VE,
      public_keys: ['ssh-rsa AAAA'],
      vendor_data: {
        version: '1.0',
        cloud_init_base_url: `http://${SERVER}/cloud-init`,
        cluster_name: 'venado',
        groups: { compute: { Description: 'Compute nodes' } },
      },
    },
  },
  ...VALUES,
};

/** The files of a demo of OpenCHAMI. Source: OpenCHAMI/lanl-demo-sc23, docs/demo_config.md. */
const DEMO_FILES: readonly Recorded[] = ['d0:94:66:00:aa:41', 'compute'].flatMap((folder) => [
  cloudInit(`/cloud-init/${folder}/meta-data`, DEMO, { here: DEMO_HERE }),
  cloudInit(`/cloud-init/${folder}/user-data`, { write_files: [{ path: '/etc/x', content: 'x' }] }),
  cloudInit(`/cloud-init/${folder}/vendor-data`, ''),
]);

/**
 * The data that were loaded into the cloud-init server, as a site. The server was compiled from its source of 2026 (ec0f42f). It
 * read nodes and groups from the nginx of this site, as SMD.
 */
export const LYNX = `site: lynx
server:
  url: http://${SERVER}
  compat: [ochami]
  allow: [172.16.0.250]
networks:
  nmn: { subnet: 172.16.0.0/24, gateway: 172.16.0.1, dns: [172.16.0.1], domain: lynx.example, dhcp: { server: external } }
defaults:
  cloud_init:
    meta_data:
      cluster-name: lynx-one
      cloud-provider: onprem
      region: hall-2
      availability-zone: hall-2b
      public-keys: [ssh-ed25519 AAAAC3Nz ops@lynx]
groups:
  compute:
    description: All compute nodes
    cloud_init:
      meta_data: { scheduler: slurm, mounts: { home: "nfs:/home" } }
      user_data: |
        ## template: jinja
        #cloud-config
        runcmd: [[echo, "{{ ds.meta_data.instance_data.v1.vendor_data.groups.compute.scheduler }}"]]
  gpu: { cloud_init: { meta_data: { driver: "570" } } }
  spare: {}
profiles:
  alma: { boot: { os: linux, kernel: k, initrd: i } }
nodes:
  lx0021:
    xname: x2000c0s3b0n0
    nid: 21
    profiles: [alma]
    groups: [compute]
    mac: "b8:59:9f:21:00:01"
    ip: 172.16.0.21
    cloud_init: { meta_data: { instance-id: i-0a21, instance-type: fat } }
  gate:
    xname: x2000c0s4b0n0
    nid: 22
    profiles: [alma]
    groups: [compute, gpu]
    mac: "b8:59:9f:22:00:01"
    ip: 172.16.0.22
    cloud_init:
      meta_data:
        instance-id: i-0a22
        public-keys: [ssh-ed25519 AAAAC3Nz ops@lynx, ssh-ed25519 AAAAC3Nz dev@lynx]
  lx0023:
    xname: x2000c0s5b0n0
    nid: 23
    profiles: [alma]
    mac: "b8:59:9f:23:00:01"
    ip: 172.16.0.23
    cloud_init: { meta_data: { instance-id: i-0a23 } }
`;

/** The answers of the compiled cloud-init server for this site, without the charset of texts. In \`here\`, null is an omitted field. */
export const OF_LYNX: readonly Recorded[] = (
  JSON.parse(
    readFileSync(new URL('../data/ochami-cloud-init.json', import.meta.url), 'utf8'),
  ) as readonly Recorded[]
).flatMap(({ here = {}, ...one }) =>
  ['', '/cloud-init'].map((base) => ({
    ...one,
    path: base + one.path,
    gateway: '/apis/cloud-init',
    here: Object.fromEntries(Object.entries(here).map(([path, value]) => [path, value ?? undefined])),
  })),
);

/** The answers of the services of one site. */
export const OF_RECORDED_SITE: readonly Recorded[] = [...SMD, ...DEMO_FILES];

const KERNEL_LINE = `initrd=initrd ${PARAMS} xname=${XNAMES[FIRST]} nid=1`;
const bootif = (mac: string) => `BOOTIF=01-${mac.replaceAll(':', '-')}`;
/** The default URL of BSS. */
const BSS_SERVER = 'https://api-gw-service-nmn.local/apis/bss';
const LEADS_HERE = { [BSS_SERVER]: `http://${SERVER}` };

const script = (params: string, again: string) => `#!ipxe
kernel --name kernel ${KERNEL} ${params} || goto boot_retry
initrd --name initrd ${INITRD} || goto boot_retry
boot || goto boot_retry
:boot_retry
sleep 30
chain ${BSS_SERVER}/boot/v1/bootscript?${again}

`;

const problem = (status: number, title: string, detail: string) => ({
  status,
  type: 'application/problem+json',
  answer: { type: 'about:blank', title, detail, status },
});

const bss = (path: string, answer: unknown, more: Partial<Recorded> = {}): Recorded => ({
  path,
  gateway: '/apis/bss',
  from: FIRST,
  type: 'application/json; charset=UTF-8',
  answer,
  ...more,
});

/** Returns a recorded script. */
const bssScript = (query: string, answer: string, here = {}): Recorded =>
  bss(`/boot/v1/bootscript?${query}`, answer, {
    type: 'text/plain; charset=UTF-8',
    here: { ...LEADS_HERE, ...here },
  });

const byMac = (mac: string, here = {}, more = '', retry = 1): Recorded =>
  bssScript(`mac=${mac}${more}`, script(`${KERNEL_LINE} ${bootif(mac)}`, `mac=${mac}&retry=${retry}`), here);
/** BSS repeats a MAC as it is requested. */
const byUpperMac = (mac: string) =>
  byMac(mac.toUpperCase(), {
    [bootif(mac.toUpperCase())]: bootif(mac),
    [`?mac=${mac.toUpperCase()}`]: `?mac=${mac}`,
  });
/** BSS adds no MAC to other requests; here, it is that of the NIC from which the node boots in the inventory. */
const byOther = (query: string) =>
  bssScript(query, script(KERNEL_LINE, `mac=${MACS[FIRST]}&retry=1`), {
    [`${KERNEL_LINE} `]: `${KERNEL_LINE} ${bootif(MACS[FIRST])} `,
  });

const UNKNOWN = 'b4:2e:99:ff:ff:ff';
const ENTRY = {
  hosts: [XNAMES[FIRST]],
  macs: [MACS[FIRST], 'b4:2e:99:a6:06:47'],
  nids: [1],
  params: PARAMS,
  kernel: KERNEL,
  initrd: INITRD,
  'cloud-init': {
    'meta-data': {},
    'user-data': {},
    'phone-home': {
      pub_key_rsa: '',
      pub_key_dsa: '',
      pub_key_ecdsa: '',
      instance_id: '',
      hostname: '',
      fqdn: '',
    },
  },
};

/** The answers of BSS for the site of test/support/ochami-plant.ts. Source: OpenCHAMI/bss, cmd/boot-script-service. */
export const OF_OCHAMI_PLANT: readonly Recorded[] = [
  byMac(MACS[FIRST]),
  byMac(MACS[FIRST], { 'retry=4': 'retry=1' }, '&retry=3', 4),
  byUpperMac(MACS[FIRST]),
  byMac('b4:2e:99:a6:06:47'),
  byUpperMac('b4:2e:99:a6:06:47'),
  byOther(`name=${XNAMES[FIRST]}`),
  byOther('nid=1'),
  bss(`/boot/v1/bootscript?mac=${MACS[FIRST]}&json=1`, {
    params: `kernel ${KERNEL_LINE} ${bootif(MACS[FIRST])}`,
    kernel: { path: KERNEL },
    initrd: { path: INITRD },
  }),
  bssScript(
    `mac=${UNKNOWN}`,
    `#!ipxe\nsleep 10\nchain ${BSS_SERVER}/boot/v1/bootscript?mac=${UNKNOWN}&arch=\${buildarch}&ts=1700000000\n\n`,
    { 'ts=1700000000': 'ts=1', 'sleep 10\n': 'sleep 10\ndhcp netX ||\n' },
  ),
  bss(`/boot/v1/bootscript?mac=${UNKNOWN}&arch=x86_64`, undefined, {
    ...problem(
      404,
      'Not Found',
      `Unknown MAC ${UNKNOWN} architecture x86_64: this host not configured for booting.`,
    ),
    here: { detail: 'Unknown machine: this host not configured for booting.' },
  }),
  bss('/boot/v1/bootscript', undefined, problem(400, 'Bad Request', 'Need a mac=, name=, or nid= parameter')),
  ...['', `?mac=${MACS[FIRST]}`, `?name=${XNAMES[FIRST]}`, '?nid=1'].map((query) =>
    bss(`/boot/v1/bootparameters${query}`, [ENTRY], query ? {} : { among: true }),
  ),
  bss('/boot/v1/service/status', { 'bss-status': 'running' }),
  bss('/boot/v1/service/version', { 'bss-version': '1.32.2' }, { here: { 'bss-version': GENERATOR } }),
  bss(
    '/boot/v1/hosts',
    [
      {
        ...COMPONENT,
        ID: XNAMES[FIRST],
        FQDN: `${XNAMES[FIRST]}.mgmt.example.domain.com`,
        MAC: ENTRY.macs,
        EndpointEnabled: true,
      },
    ],
    { among: true },
  ),
  bss('/boot/v1/', 'Hello World!', { type: 'text/plain; charset=utf-8' }),
  bss(
    '/boot/v1/endpoint-history',
    [{ name: XNAMES[FIRST], endpoint: 'bootscript', last_epoch: 1700000000 }],
    {
      here: { 0: undefined },
    },
  ),
  bss(
    '/meta-data',
    {
      'instance-id': `${XNAMES[FIRST]}-0123456789ab`,
      'local-hostname': XNAMES[FIRST],
      'shasta-type': 'Compute',
      'shasta-role': '',
      Global: {},
    },
    {
      behindGateway: true,
      here: {
        'instance-id': `${XNAMES[FIRST]}-15acf5c4f5f4`,
        'local-hostname': 'cg01',
        rack: 'b',
        ...VALUES,
      },
    },
  ),
  bss(
    '/user-data',
    {
      write_files: [{ path: '/etc/munge/munge.key', content: SECRETS.munge_key }],
      'local-hostname': XNAMES[FIRST],
    },
    { behindGateway: true, type: 'text/yaml', here: { 'local-hostname': undefined } },
  ),
];

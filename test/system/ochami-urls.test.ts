// needs: root nginx busybox unshare
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../../src/compile.ts';
import type { Site } from '../../src/site/model.ts';
import {
  ADMIN,
  FIRST,
  INITRD,
  KERNEL,
  LOCAL,
  MACS,
  OCHAMI,
  PARAMS,
  SECOND,
  SECRETS,
  SERVER,
  UNKNOWN,
  XNAMES,
} from '../support/ochami-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import type { Answer } from './asker.ts';
import { servePlainly } from './plain-server.ts';
import { openWebBox, type WebBox } from './web-box.ts';

const CLIENTS = [FIRST, SECOND, LOCAL, ADMIN, UNKNOWN];
const UNKNOWN_MAC = 'b4:2e:99:ff:ff:ff';

const test = suite("URLs of OpenCHAMI's services, with the real nginx");
let box: WebBox;
let site: Site;

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(...CLIENTS);
  await serve(OCHAMI);
});

test.after(() => box?.close());

async function serve(inventory: string): Promise<void> {
  site = await box.deploy(inventory);
  await box.include(site, SECRETS);
  await box.start(site);
}

/** Requests JSON. Returns the parsed answer. */
async function json(path: string, from: string = ADMIN): Promise<unknown> {
  const { status, body, headers } = await box.get(from, path);
  assert.equal([status, headers['cache-control']], [200, 'no-store'], `${path}: ${body}`);
  assert.match(headers['content-type'] ?? '', /^application\/json/, path);
  return JSON.parse(body);
}

/** Returns the status of an error, and the detail of its problem. */
function problem({ status, headers, body }: Answer): [number, string] {
  assert.is(headers['content-type'], 'application/problem+json', body);
  const content = JSON.parse(body);
  assert.equal([content.status, content.type], [status, 'about:blank']);
  return [status, content.detail];
}

/** The answer of BSS for the first machine, except for the URL of its chain; compare the sources of BSS. */
const SCRIPT = `#!ipxe
kernel --name kernel ${KERNEL} initrd=initrd ${PARAMS} xname=${XNAMES[FIRST]} nid=1 BOOTIF=01-b4-2e-99-a6-61-ee || goto boot_retry
initrd --name initrd ${INITRD} || goto boot_retry
boot || goto boot_retry
:boot_retry
sleep 30
chain http://${SERVER}/boot/v1/bootscript?mac=${MACS[FIRST]}&retry=1

`;

/** Every query for the script of the first machine. */
const QUERIES = [
  ...[
    'b4:2e:99:a6:61:ee',
    'B4:2E:99:A6:61:EE',
    'b4-2e-99-a6-61-ee',
    'b42e99a661ee',
    'b4%3A2e%3a99%3A61'.replace(/.*/, 'b4%3A2e%3a99%3Aa6%3A61%3Aee'),
  ],
]
  .map((mac) => `mac=${mac}`)
  .concat([`name=${XNAMES[FIRST]}`, 'name=X1000C1S07B1N0', 'name=cg01', 'nid=1']);

/** The MAC of its other NIC. */
const OTHER_MAC = 'b4:2e:99:a6:06:47';
const ALL_QUERIES = [...QUERIES, `mac=${OTHER_MAC}`];

test("a machine's script, byte for byte, by every query", async () => {
  for (const query of QUERIES) {
    for (const base of ['/boot/v1', '/apis/bss/boot/v1']) {
      for (const path of [
        `${base}/bootscript?${query}`,
        `${base}/bootscript/?${query}`,
        `${base}/bootscript?${query}&retry=3`,
        `${base}/bootscript?arch=x86_64&ts=1700000000&${query}`,
      ]) {
        const { status, body, headers } = await box.get(FIRST, path);
        assert.equal([status, headers['content-type']], [200, 'text/plain; charset=UTF-8'], path);
        assert.is(body, SCRIPT, path);
      }
    }
  }
  // A MAC address takes precedence over a name, and a name over a NID.
  assert.is((await box.get(ADMIN, `/boot/v1/bootscript?mac=${MACS[FIRST]}&name=cg02&nid=3`)).body, SCRIPT);
  assert.is((await box.get(ADMIN, '/boot/v1/bootscript?name=cg01&nid=3')).body, SCRIPT);
  assert.match((await box.get(SECOND, '/boot/v1/bootscript?nid=1234567')).body, 'nid=1234567 BOOTIF');
});

test('a machine that boots from its other NIC gets the script for it, and the same files', async () => {
  const hyphens = (mac: string) => mac.replaceAll(':', '-');
  // The inventory sets ds=.
  const expected = SCRIPT.replace(`mac=${MACS[FIRST]}`, `mac=${OTHER_MAC}`).replace(
    `BOOTIF=01-${hyphens(MACS[FIRST])}`,
    `BOOTIF=01-${hyphens(OTHER_MAC)}`,
  );
  for (const mac of [OTHER_MAC, OTHER_MAC.toUpperCase(), hyphens(OTHER_MAC)]) {
    assert.is((await box.get(FIRST, `/boot/v1/bootscript?mac=${mac}`)).body, expected, mac);
    const { params } = (await json(`/boot/v1/bootscript?mac=${mac}&json=1`, FIRST)) as { params: string };
    assert.match(params, ` BOOTIF=01-${hyphens(OTHER_MAC)}`);
    const { body: network } = await box.get(FIRST, `/cloud-init/${mac}/network-config`);
    assert.equal(await answerTo(FIRST, '/cloud-init/compute/network-config'), [200, '']);
    const [first, other] = Object.values<object>(parse(network).ethernets);
    assert.equal(first, { match: { macaddress: MACS[FIRST] }, dhcp4: false, optional: true });
    assert.equal(other, { match: { macaddress: OTHER_MAC }, dhcp4: true });
    for (const file of ['meta-data', 'user-data', 'vendor-data']) {
      const own = await box.get(FIRST, `/cloud-init/${hyphens(MACS[FIRST])}/${file}`);
      assert.equal(await answerTo(FIRST, `/cloud-init/${mac}/${file}`), [200, own.body], mac);
      assert.is((await answerTo(SECOND, `/cloud-init/${mac}/${file}`))[0], 403, mac);
    }
    const own = await box.get(FIRST, `/ipxe/${hyphens(MACS[FIRST])}.ipxe`);
    for (const ending of ['', '/', ...(mac === mac.toLowerCase() ? ['.ipxe'] : [])])
      assert.equal(await answerTo(FIRST, `/ipxe/${mac}${ending}`), [200, own.body], mac + ending);
    assert.match(own.body, ' BOOTIF=01-${netX/mac:hexhyp} ');
    assert.is((await answerTo(SECOND, `/ipxe/${mac}`))[0], 403);
  }
  for (const path of ['/ipxe/b4-2e-99-a6-06-48.ipxe', '/cloud-init/b4-2e-99-a6-06-48/meta-data'])
    assert.is((await answerTo(FIRST, path))[0], 404, path);
  // This node has no cloud-init data.
  assert.is((await answerTo(LOCAL, `/cloud-init/${hyphens(MACS[LOCAL])}/meta-data`))[0], 404);
});

test('the same script in parts, as JSON', async () => {
  assert.equal(await json(`/boot/v1/bootscript?mac=${MACS[FIRST]}&json=1`, FIRST), {
    params: `kernel initrd=initrd ${PARAMS} xname=${XNAMES[FIRST]} nid=1 BOOTIF=01-b4-2e-99-a6-61-ee`,
    kernel: { path: KERNEL },
    initrd: { path: INITRD },
  });
  assert.is((await box.get(FIRST, '/boot/v1/bootscript?nid=1&json=0')).body, SCRIPT);
});

test('a node that does not boot Linux has its own script', async () => {
  const own = await box.get(LOCAL, `/ipxe/${MACS[LOCAL].replaceAll(':', '-')}.ipxe`);
  const script = await box.get(LOCAL, `/boot/v1/bootscript?mac=${MACS[LOCAL]}`);
  assert.equal([script.status, script.body], [200, own.body]);
  assert.is((await box.get(LOCAL, '/boot/v1/bootscript?nid=3&json=1')).status, 404);
});

test('a script is for its machine, and for clients in server.allow', async () => {
  for (const query of ALL_QUERIES) {
    const answers = await Promise.all(CLIENTS.map((from) => box.get(from, `/boot/v1/bootscript?${query}`)));
    assert.equal(
      answers.map(({ status }) => status),
      [200, 403, 403, 200, 403],
      query,
    );
    for (const answer of answers.filter(({ status }) => status === 403)) {
      problem(answer);
      assert.not.match(answer.body, /cg0|kernel|x1000/);
    }
  }
});

test('an unknown machine is requested to add its architecture, then gets 404', async () => {
  for (const from of [UNKNOWN, FIRST]) {
    const { status, body } = await box.get(from, `/boot/v1/bootscript?mac=${UNKNOWN_MAC}`);
    assert.is(status, 200);
    assert.is(
      body,
      `#!ipxe\nsleep 10\ndhcp netX ||\nchain http://${SERVER}/boot/v1/bootscript?mac=${UNKNOWN_MAC}&arch=\${buildarch}&ts=1\n\n`,
    );
    const none = [
      'mac=x',
      `mac=${UNKNOWN_MAC}:00`,
      'name=x1c1s1b1n1',
      'name=nobody',
      'name=../cg01',
      'nid=2',
    ];
    for (const query of [`mac=${UNKNOWN_MAC}&arch=x86_64`, ...none]) {
      const answer = await box.get(from, `/boot/v1/bootscript?${query}`);
      assert.equal(problem(answer), [404, 'Unknown machine: this host not configured for booting.'], query);
    }
    for (const query of ['', '?', '?arch=x86_64', '?mac=', '?nid=x', '?nid=-1']) {
      const answer = await box.get(from, `/boot/v1/bootscript${query}`);
      assert.equal(problem(answer), [400, 'Need a mac=, name=, or nid= parameter'], query);
    }
  }
});

test('no request selects several machines, or one by a NID that is not decimal', async () => {
  const queries = [
    'nid=0x1',
    'nid=01',
    'nid=1_0',
    'nid=1&nid=3',
    `mac=${MACS[FIRST]}&mac=${MACS[SECOND]}`,
    'name=cg01&x&name=cg02',
    `nid=1${'&x'.repeat(1000)}`,
  ];
  for (const query of queries)
    for (const path of ['bootscript', 'bootparameters', 'hosts'])
      assert.is(problem(await box.get(ADMIN, `/boot/v1/${path}?${query}`))[0], 501, `${path} ${query}`);
});

test('the script in parts has an initrd without a path if the node has none', async () => {
  await serve(edited(OCHAMI, [`      initrd: ${INITRD}\n`, '']));
  const { initrd } = (await json('/boot/v1/bootscript?nid=1&json=1')) as { initrd: object };
  assert.equal(initrd, { path: '' });
  await serve(OCHAMI);
});

test('an unknown machine boots by its architecture, with a new DHCP request at each try', async () => {
  const boot = (name: string) =>
    `{ kernel: "http://${SERVER}/${name}/vmlinuz", initrd: "http://${SERVER}/${name}/initrd.img", args: [ip=dhcp, quiet] }`;
  const serveUnknown = (text: string) =>
    serve(edited(OCHAMI, ['nodes:\n', `unknown_machines: ${text}\nnodes:\n`]));
  const ask = (query: string) => box.get(UNKNOWN, `/boot/v1/bootscript?${query}`);
  const script = (name: string) => `#!ipxe
kernel --name kernel http://${SERVER}/${name}/vmlinuz initrd=initrd ip=dhcp quiet BOOTIF=01-\${netX/mac:hexhyp} || goto boot_retry
initrd --name initrd http://${SERVER}/${name}/initrd.img || goto boot_retry
boot || goto boot_retry
:boot_retry
sleep 30
dhcp netX ||
chain http://${SERVER}/boot/v1/bootscript?mac=\${netX/mac}&arch=\${buildarch}&ts=1

`;
  await serveUnknown(`{ by_arch: { amd64: ${boot('discover')} } }`);
  for (const query of [`mac=${UNKNOWN_MAC}`, 'name=x9c0s0b0n0', 'nid=99']) {
    for (const arch of ['x86_64', 'i386'])
      assert.is((await ask(`${query}&arch=${arch}`)).body, script('discover'), query);
    for (const other of ['arch=arm64', 'arch=x86_64&json=1'])
      assert.is((await ask(`${query}&${other}`)).status, 404, `${query} ${other}`);
  }
  assert.match((await ask(`mac=${UNKNOWN_MAC}`)).body, /^#!ipxe\nsleep 10\ndhcp netX \|\|\nchain /);
  await serveUnknown(`{ boot: ${boot('other')}, by_arch: { arm64: ${boot('discover')} } }`);
  for (const [arch, name] of [
    ['arm64', 'discover'],
    ['x86_64', 'other'],
    ['riscv64', 'other'],
  ] as const)
    assert.is((await ask(`mac=${UNKNOWN_MAC}&arch=${arch}`)).body, script(name), arch);
  await serve(OCHAMI);
});

const PHONE_HOME = {
  pub_key_dsa: '',
  pub_key_rsa: '',
  pub_key_ecdsa: '',
  instance_id: '',
  hostname: '',
  fqdn: '',
};
const PARAMETERS = {
  hosts: [XNAMES[FIRST]],
  macs: [MACS[FIRST], 'b4:2e:99:a6:06:47'],
  nids: [1],
  params: PARAMS,
  kernel: KERNEL,
  initrd: INITRD,
  'cloud-init': { 'meta-data': null, 'user-data': null, 'phone-home': PHONE_HOME },
};

test('boot parameters of all machines, and of one', async () => {
  const second = { ...PARAMETERS, hosts: [XNAMES[SECOND]], macs: [MACS[SECOND]], nids: [1234567] };
  for (const base of ['/boot/v1', '/apis/bss/boot/v1']) {
    assert.equal(await json(`${base}/bootparameters`), [PARAMETERS, second]);
    for (const query of ALL_QUERIES)
      assert.equal(await json(`${base}/bootparameters?${query}`), [PARAMETERS], query);
  }
  for (const query of [`mac=${UNKNOWN_MAC}`, 'name=nobody', 'nid=2', 'nid=3'])
    assert.is(problem(await box.get(ADMIN, `/boot/v1/bootparameters?${query}`))[0], 404, query);
  assert.is(problem(await box.get(ADMIN, '/boot/v1/bootparameters?kernel=x'))[0], 501);
});

const NODE = {
  ID: XNAMES[FIRST],
  Type: 'Node',
  State: 'On',
  Flag: 'OK',
  Enabled: true,
  Role: 'Compute',
  NID: 1,
  NetType: 'Sling',
  Arch: 'X86',
  Class: 'River',
};
const BMC = {
  ID: 'x1000c1s7b1',
  Type: 'NodeBMC',
  State: 'On',
  Flag: 'OK',
  Enabled: true,
  NetType: 'Sling',
  Arch: 'X86',
  Class: 'River',
};

test('other answers of BSS', async () => {
  assert.equal(await json('/boot/v1/service/status'), { 'bss-status': 'running' });
  assert.equal(Object.keys((await json('/boot/v1/service/version')) as object), ['bss-version']);
  assert.equal(await json('/boot/v1/service/hsm'), { 'bss-status-hsm': 'connected' });
  const storage = { 'bss-storage-backend': { name: 'files', status: 'connected' } };
  assert.equal(await json('/boot/v1/service/storage/status'), storage);
  assert.equal(Object.keys((await json('/boot/v1/service/status/all')) as object), [
    'bss-version',
    'bss-status',
    'bss-status-hsm',
    'bss-storage-backend',
  ]);
  const hosts = (await json('/boot/v1/hosts')) as object[];
  assert.equal(hosts[0], {
    ...NODE,
    FQDN: `${XNAMES[FIRST]}.mgmt.example.domain.com`,
    MAC: [MACS[FIRST], 'b4:2e:99:a6:06:47'],
    EndpointEnabled: true,
  });
  assert.is(hosts.length, 3);
  assert.is(problem(await box.get(ADMIN, '/boot/v1/dumpstate'))[0], 501);
  assert.equal(await json('/boot/v1/endpoint-history'), []);
  for (const path of [
    '/boot/v1/',
    '/boot/v1/nothing',
    '/boot/v1/by-node/bootscript/cg01',
    '/boot/v1/by-id/status-all',
  ])
    assert.is(problem(await box.get(ADMIN, path))[0], 404, path);
});

async function answerTo(from: string, path: string): Promise<[number, string]> {
  const { status, body } = await box.get(from, path);
  return [status, body];
}

const INTERFACE = {
  ID: 'b42e99a661ee',
  Description: '',
  MACAddress: MACS[FIRST],
  LastUpdate: '1970-01-01T00:00:00Z',
  ComponentID: XNAMES[FIRST],
  Type: 'Node',
  IPAddresses: [{ IPAddress: FIRST, Network: 'NMN' }],
};
const SYSTEM = `/redfish/v1/Systems/${XNAMES[FIRST]}`;
const nicInfo = (id: string, mac: string) => ({
  RedfishId: id,
  '@odata.id': `${SYSTEM}/EthernetInterfaces/${id}`,
  Description: '',
  InterfaceEnabled: true,
  MACAddress: mac,
  PermanentMACAddress: mac,
});
const ENDPOINT = {
  ID: XNAMES[FIRST],
  Type: 'Node',
  Domain: 'mgmt.example.domain.com',
  FQDN: `${XNAMES[FIRST]}.mgmt.example.domain.com`,
  RedfishType: 'ComputerSystem',
  RedfishSubtype: 'Physical',
  MACAddr: MACS[FIRST],
  UUID: 'bf9362ad-b29c-40ed-9881-18a5dba3a26b',
  OdataID: SYSTEM,
  RedfishEndpointID: 'x1000c1s7b1',
  Enabled: true,
  RedfishEndpointFQDN: '172.16.0.101',
  RedfishURL: `172.16.0.101${SYSTEM}`,
  ComponentEndpointType: 'ComponentEndpointComputerSystem',
  RedfishSystemInfo: {
    Name: 'cg01',
    EthernetNICInfo: [nicInfo('1', MACS[FIRST]), nicInfo('2', 'b4:2e:99:a6:06:47')],
  },
};

/** The lists of SMD: the path, the key, the number of items of each type, and the first item. */
const LISTS = [
  { path: 'State/Components', key: 'Components', nodes: 3, bmcs: 1, first: NODE },
  { path: 'Inventory/EthernetInterfaces', key: undefined, nodes: 3, bmcs: 1, first: INTERFACE },
  { path: 'Inventory/ComponentEndpoints', key: 'ComponentEndpoints', nodes: 3, bmcs: 1, first: ENDPOINT },
  { path: 'Inventory/RedfishEndpoints', key: 'RedfishEndpoints', nodes: 0, bmcs: 1, first: undefined },
] as const;

interface Item {
  readonly ID: string;
  readonly Type: string;
}

async function list(url: string, key: string | undefined): Promise<Item[]> {
  const answer = (await json(url)) as Record<string, Item[]> & Item[];
  if (!key) return answer;
  assert.equal(Object.keys(answer), [key], url);
  return answer[key] ?? [];
}

/** Returns an xname in another spelling: SMD ignores case and leading zeros. */
const spelled = (xname: string) => xname.replace('s', 's0').toUpperCase();

for (const { path, key, nodes, bmcs, first } of LISTS) {
  test(`SMD's ${path}: the whole list, and one item`, async () => {
    for (const base of ['/hsm/v2', '/apis/smd/hsm/v2']) {
      const url = `${base}/${path}`;
      const all = await list(url, key);
      assert.equal(await list(`${url}/`, key), all);
      if (first) assert.equal(all[0], first);
      const types = (type: string) => all.filter(({ Type }) => Type === type);
      assert.equal([types('Node').length, types('NodeBMC').length, all.length], [nodes, bmcs, nodes + bmcs]);
      for (const item of all) {
        for (const spelling of ['', '/', '?stateonly=true'])
          assert.equal(await json(`${url}/${item.ID}${spelling}`), item);
        if (item.ID.startsWith('x')) assert.equal(await json(`${url}/${spelled(item.ID)}`), item);
      }
      for (const id of ['x9c0s0b0n0', 'bogus', 'x', '..'])
        assert.is(problem(await box.get(ADMIN, `${url}/${id}`))[0], 404, id);
      for (const filter of ['role=Compute', 'type=Node', 'id=x1000c1s7b1n0', 'id=a&id=b', 'nid=1', 'x'])
        assert.is(problem(await box.get(ADMIN, `${url}?${filter}`))[0], 501, filter);
    }
  });
}

test('a component by its NID', async () => {
  for (const base of ['/hsm/v2', '/apis/smd/hsm/v2']) {
    assert.equal(await json(`${base}/State/Components/ByNID/1`), NODE);
    assert.equal(await json(`${base}/State/Components/ByNID/0001`), NODE);
  }
  assert.is(((await json('/hsm/v2/State/Components/ByNID/1234567')) as Item).ID, XNAMES[SECOND]);
  assert.is(problem(await box.get(ADMIN, '/hsm/v2/State/Components/ByNID/2'))[0], 404);
  assert.is(problem(await box.get(ADMIN, '/hsm/v2/State/Components/ByNID/x'))[0], 400);
  for (const path of ['State/Components/Query/x1000c1s7b1n0', 'Inventory/RedfishEndpoints/Query/all'])
    assert.is(problem(await box.get(ADMIN, `/hsm/v2/${path}`))[0], 501, path);
});

test('BMCs are listed without user and password', async () => {
  const [endpoint] = await list('/hsm/v2/Inventory/RedfishEndpoints', 'RedfishEndpoints');
  assert.equal(endpoint, {
    ID: 'x1000c1s7b1',
    Type: 'NodeBMC',
    Hostname: '172.16.0.101',
    Domain: '',
    FQDN: '172.16.0.101',
    Enabled: true,
    MACAddr: 'b4:2e:99:a6:61:f0',
    IPAddress: '172.16.0.101',
    RediscoverOnUpdate: false,
    DiscoveryInfo: { LastDiscoveryStatus: 'NotYetQueried' },
  } as unknown as Item);
  assert.equal(await json('/hsm/v2/State/Components/x1000c1s7b1'), BMC);
});

test('groups and their members', async () => {
  const compute = {
    label: 'compute',
    description: 'Compute nodes',
    members: { ids: [XNAMES[FIRST], XNAMES[SECOND]] },
  };
  const login = { label: 'login', description: '', members: { ids: [XNAMES[SECOND]] } };
  const gpu = { ...login, label: 'gpu' };
  for (const base of ['/hsm/v2', '/apis/smd/hsm/v2']) {
    assert.equal(await json(`${base}/groups`), [compute, login, gpu]);
    assert.equal(await json(`${base}/groups/labels`), ['compute', 'login', 'gpu']);
    assert.equal(await json(`${base}/groups/compute`), compute);
    assert.equal(await json(`${base}/groups/compute/members`), compute.members);
    const members = (await json(`${base}/memberships`)) as object[];
    assert.equal(members[1], {
      id: XNAMES[SECOND],
      groupLabels: ['login', 'compute', 'gpu'],
      partitionName: '',
    });
    for (const xname of [XNAMES[SECOND], spelled(XNAMES[SECOND])])
      assert.equal(await json(`${base}/memberships/${xname}`), members[1]);
    assert.equal(await json(`${base}/memberships/x1000c1s7b1`), {
      id: 'x1000c1s7b1',
      groupLabels: [],
      partitionName: '',
    });
    assert.equal(await json(`${base}/partitions`), []);
  }
  for (const path of ['/hsm/v2/groups/none', '/hsm/v2/groups/none/members', '/hsm/v2/memberships/x1c0s0b0n0'])
    assert.is(problem(await box.get(ADMIN, path))[0], 404, path);
  for (const path of ['groups?tag=a', 'groups?group=gpu', 'groups/compute?partition=p1', 'memberships?nid=1'])
    assert.is(problem(await box.get(ADMIN, `/hsm/v2/${path}`))[0], 501, path);
});

test('the rest of SMD: NIDs, values, and the service status', async () => {
  assert.equal(await json('/hsm/v2/Defaults/NodeMaps'), {
    NodeMaps: [
      { ID: XNAMES[FIRST], NID: 1 },
      { ID: XNAMES[SECOND], NID: 1234567 },
      { ID: XNAMES[LOCAL], NID: 3 },
    ],
  });
  assert.equal(await json('/hsm/v2/service/ready', UNKNOWN), { code: 0, message: 'HSM is healthy' });
  assert.equal(await answerTo(UNKNOWN, '/hsm/v2/service/liveness'), [204, '']);
  assert.equal(await json('/hsm/v2/service/values/class'), { Class: ['River', 'Mountain', 'Hill'] });
  assert.ok(Object.keys((await json('/hsm/v2/service/values')) as object).includes('Role'));
  for (const path of ['/hsm/v2/', '/hsm/v2/by-id/Components/x1000c1s7b1n0', '/hsm/v2/Inventory'])
    assert.is(problem(await box.get(ADMIN, path))[0], 404, path);
});

test('lists are for the machines of the site, the server, and clients in server.allow', async () => {
  const paths = [
    '/hsm/v2/State/Components',
    '/hsm/v2/State/Components/x1000c1s7b1n0',
    '/hsm/v2/State/Components/ByNID/1',
    '/hsm/v2/Inventory/EthernetInterfaces',
    '/hsm/v2/Inventory/EthernetInterfaces/b42e99a661ee',
    '/hsm/v2/Inventory/RedfishEndpoints',
    '/hsm/v2/groups',
    '/hsm/v2/groups/compute',
    '/hsm/v2/groups/compute/members',
    '/hsm/v2/groups/labels',
    '/hsm/v2/memberships',
    '/hsm/v2/memberships/x1000c1s7b1n0',
    '/hsm/v2/Defaults/NodeMaps',
    '/boot/v1/bootparameters',
    '/boot/v1/bootparameters?nid=1',
    '/boot/v1/hosts',
  ];
  for (const path of paths.flatMap((one) => [
    one,
    `/apis/${one.startsWith('/boot') ? 'bss' : 'smd'}${one}`,
  ])) {
    const answers = await Promise.all([...CLIENTS, SERVER].map((from) => box.get(from, path)));
    assert.equal(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 403, 200],
      path,
    );
    assert.not.match(answers[4]?.body ?? '', /x1000|b4:2e|172\.16/);
  }
});

/** The prefixes of OpenCHAMI's cloud-init server, with its gateway and without. */
const CLOUD_INIT = ['', '/cloud-init', '/apis/cloud-init', '/apis/cloud-init/cloud-init'];

test('cloud-init data, by the IP address of the client', async () => {
  const url = `http://${SERVER}/cloud-init`;
  for (const base of CLOUD_INIT) {
    const { body, headers, status } = await box.get(FIRST, `${base}/meta-data`);
    assert.equal([status, headers['cache-control']], [200, 'no-store'], base);
    const metaData = parse(body);
    assert.equal(metaData.instance_data, {
      v1: {
        availability_zone: 'us-west-2a',
        instance_id: 'venado.cg01',
        local_hostname: 'cg01',
        region: 'us-west-2',
        hostname: 'cg01',
        local_ipv4: FIRST,
        public_keys: ['ssh-rsa AAAA'],
        vendor_data: {
          version: '1.0',
          cloud_init_base_url: url,
          cluster_name: 'venado',
          groups: { compute: { Description: 'Compute nodes', rack: 'b' } },
        },
      },
    });
    assert.equal(
      ['instance-id', 'local-hostname', 'hostname', 'cluster-name'].map((key) => metaData[key]),
      ['venado.cg01', 'cg01', 'cg01', 'venado'],
    );
    const userData = await box.get(FIRST, `${base}/user-data`);
    assert.equal([userData.body, userData.headers['cache-control']], ['#cloud-config', 'no-store']);
    assert.equal(await answerTo(FIRST, `${base}/vendor-data`), [200, `#include\n${url}/compute.yaml\n`]);
    const group = await box.get(FIRST, `${base}/compute.yaml`);
    assert.is(group.status, 200);
    assert.match(group.body, /^#cloud-config\n/);
    assert.equal(parse(group.body), {
      write_files: [{ path: '/etc/munge/munge.key', content: SECRETS.munge_key }],
    });
    assert.match((await box.get(SECOND, `${base}/network-config`)).body, 'version: 2');
    // This node may have booted from another NIC, with the same IP address: the configuration of the first would stop it.
    assert.equal(await answerTo(FIRST, `${base}/network-config`), [200, '']);
  }
});

test('a node with more data than that of its groups gets all of it as user-data', async () => {
  const { body } = await box.get(SECOND, '/cloud-init/user-data');
  assert.equal(parse(body), {
    write_files: [{ path: '/etc/munge/munge.key', content: SECRETS.munge_key }],
    fqdn: 'cg02.example',
    runcmd: ['systemctl start slurmd'],
  });
  assert.not.match((await box.get(SECOND, '/cloud-init/vendor-data')).body, '#include');
  // A group without data, and another group of the node.
  assert.equal(await answerTo(SECOND, '/login.yaml'), [200, '#cloud-config']);
  assert.match((await box.get(SECOND, '/compute.yaml')).body, 'munge');
  // Data of a group with values of the node is different for each member.
  for (const base of CLOUD_INIT)
    assert.equal(await answerTo(SECOND, `${base}/gpu.yaml`), [200, '#cloud-config\nfqdn: "cg02.example"\n']);
});

test('no client gets the data of another machine', async () => {
  for (const base of CLOUD_INIT) {
    for (const path of ['meta-data', 'user-data', 'vendor-data', 'compute.yaml'].map(
      (name) => `${base}/${name}`,
    ))
      for (const from of [UNKNOWN, ADMIN]) assert.equal(await answerTo(from, path), [422, ''], path);
    assert.is((await answerTo(FIRST, `${base}/login.yaml`))[0], 404);
    if (!base.endsWith('/cloud-init') || base === '/apis/cloud-init') continue;
    for (const file of ['meta-data', 'user-data', 'vendor-data', 'network-config']) {
      // In a directory that machines share, each machine gets its own file.
      const own = await box.get(SECOND, `/cloud-init/${MACS[SECOND]}/${file}`);
      assert.equal(await answerTo(SECOND, `${base}/compute/${file}`), [200, own.body]);
      for (const from of [UNKNOWN, ADMIN])
        assert.equal(await answerTo(from, `${base}/compute/${file}`), [422, '']);
      for (const [from, group] of [
        [FIRST, 'login'],
        [LOCAL, 'compute'],
        [FIRST, 'ochami'],
        [FIRST, 'none'],
      ] as const)
        assert.is((await answerTo(from, `${base}/${group}/${file}`))[0], 404, `${from} ${group}`);
    }
    assert.is((await answerTo(LOCAL, `${base}/compute.yaml`))[0], 404);
    assert.is((await answerTo(LOCAL, `${base}/meta-data`))[0], 404);
  }
  for (const path of [
    '/cloud-init/ochami/meta-data/cg01',
    `/cloud-init/ochami/meta-data/${MACS[FIRST].replaceAll(':', '-')}`,
    '/cloud-init/ochami/vendor-data/cg01',
    '/cloud-init/ochami/groups/compute.yaml',
    '/cloud-init/ochami/groups/gpu.cg02.yaml',
    '/gpu.cg02.yaml',
    '/cloud-init/ochami/groups/../groups/compute.yaml',
    '//cloud-init//ochami/groups/compute.yaml',
    '/cloud-init/%6fchami/groups/compute.yaml',
    '/apis/cloud-init/cloud-init/ochami/groups/compute.yaml',
    '/cloud-init/ochami/groups/compute.yaml/',
    '/boot/v1/by-node/bootscript/cg01',
    '/boot/v1/by-node/bootscript/cg01/',
    '/apis/bss/boot/v1/by-node/bootscript/cg01',
    '/apis/bss/boot/v1/%62y-node/bootscript/cg01',
    '/apis/bss/boot/v1/service/../by-node/bootscript/cg01',
    '/apis/bss//boot/v1//by-node/bootscript/cg01/',
    '/apis/smd/hsm/v2/by-id/Components/x1000c1s7b1n0',
    '/hsm/v2/by-type/Node/Components/',
  ])
    for (const from of CLIENTS) assert.is((await answerTo(from, path))[0], 404, path);
});

/** Other spellings of the paths of the first machine's files. */
const DETOURS = (() => {
  const key = MACS[FIRST].replaceAll(':', '-');
  const encoded = key.replace(/[a-f]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
  const own = `cloud-init/${key}/user-data`;
  return [
    ...[`/${own}`, `//cloud-init//${key}//user-data`, `/cloud-init/${encoded}/user-data`],
    ...[`/cloud-init/${MACS[FIRST].toUpperCase()}/user-data`, `/CLOUD-INIT/${key}/user-data`],
    ...[`/${own}/`, `/${own}%20`, `/${own}.`, `/${own};x`, `/cloud-init/${key}%2fuser-data`],
    ...[
      'cloud-init/x',
      'cloud-init/compute',
      'ipxe',
      'config',
      'images',
      'harvester',
      'boot/v1',
      'hsm/v2',
    ].flatMap((folder) => {
      const up = folder.split('/').map(() => '..');
      return [`/${folder}/${up.join('/')}/${own}`, `/${folder}/${up.join('%2f')}%2f${own}`];
    }),
    ...[
      `/apis/cloud-init/${own}`,
      `/apis/cloud-init/${own}/`,
      `/apis/cloud-init/%63loud-init/${key}/user-data`,
    ],
    ...[
      `/apis/cloud-init/cloud-init/${MACS[FIRST]}/user-data`,
      `/apis/bss/${own}`,
      `/apis/bss/boot/v1/../../${own}`,
    ],
    ...[`/cloud-init/ochami/user-data/${key}`, `/apis/cloud-init/cloud-init/ochami/user-data/${key}`],
    ...[`/apis/bss/user-data/${key}`, `/apis/bss/user-data?${key}`, '/apis/bss/user-data'],
    ...['/compute.yaml', '/cloud-init/compute/user-data', '/cloud-init/%63ompute/user-data'],
    ...[`/hsm/v2/State/Components?id=../../../../${own}`, `/hsm/v2/State/Components?id=..%2f..%2f${own}`],
    ...[
      `/boot/v1/bootscript?name=../../../../${own}`,
      '/boot/v1/bootscript?NID=1',
      '/boot/v1/bootscript?mac=&nid=1',
    ],
    ...[`/boot/v1/bootscript?name=cg02&mac=${MACS[FIRST]}`, '/boot/v1/bootscript?nid=1&nid=3'],
  ];
})();

test('no other spelling of a path leads to the files of another machine, whatever the headers claim', async () => {
  assert.match((await box.get(FIRST, DETOURS[0] ?? '')).body, 'munge');
  for (const from of [LOCAL, UNKNOWN])
    for (const path of DETOURS)
      for (const request of [
        `GET ${path} HTTP/1.0\r\nHost: ${SERVER}`,
        `HEAD ${path} HTTP/1.0\r\nHost: ${SERVER}`,
        `GET ${path} HTTP/1.0\r\nHost: ${SERVER}\r\nRange: bytes=0-99`,
        `GET ${path} HTTP/1.0\r\nHost: ${SERVER}\r\nX-Forwarded-For: ${FIRST}\r\nX-Real-IP: ${FIRST}`,
        `GET http://${SERVER}${path} HTTP/1.0\r\nHost: else`,
      ]) {
        const { status, body } = await box.ask({ from, text: `${request}\r\n\r\n` });
        assert.ok(status >= 400, `${from} ${request}: ${status}`);
        assert.not.match(body, /munge|kernel|x1000c1s7b1n0/, `${from} ${request}`);
      }
});

test('administrators read the data of each node', async () => {
  for (const base of CLOUD_INIT) {
    const { process_name } = (await json(`${base}/version`)) as { process_name: string };
    assert.is(process_name, 'harvgen');
    for (const path of ['admin/groups', 'admin/groups/compute', 'admin/cluster-defaults', 'openapi.json'])
      for (const from of [ADMIN, UNKNOWN]) assert.is((await answerTo(from, `${base}/${path}`))[0], 501, path);
    for (const ip of [FIRST, SECOND] as const)
      for (const file of [
        'meta-data',
        'user-data',
        'vendor-data',
        'network-config',
        'compute.yaml',
        'gpu.yaml',
        'x.yaml',
      ]) {
        const own = await box.get(ip, `${base}/${file}`);
        const seen = await box.get(ADMIN, `${base}/admin/impersonation/${XNAMES[ip]}/${file}`);
        assert.is(seen.status, own.status, file);
        if (own.status !== 200) continue;
        assert.equal(
          [seen.headers['content-type'], seen.body],
          [own.headers['content-type'], own.body],
          file,
        );
      }
    for (const path of ['admin', 'admin/impersonation/x9c0s0b0n0/meta-data', 'admin/fake-sm/nodes'])
      assert.is((await answerTo(ADMIN, `${base}/${path}`))[0], 404, path);
    for (const path of ['version', `admin/impersonation/${XNAMES[FIRST]}/user-data`])
      for (const from of [FIRST, UNKNOWN]) assert.is((await answerTo(from, `${base}/${path}`))[0], 403, path);
  }
  for (const path of ['of-node/cg01/b4-2e-99-a6-61-ee/user-data', 'of-group/cg01/compute'])
    for (const from of CLIENTS) assert.is((await answerTo(from, `/cloud-init/ochami/${path}`))[0], 404, path);
});

/** Names of groups that are also parts of URLs, or numbers of statuses. */
const NAMES = ['compute', 'members', '400', 'none'];

test('a group without nodes that boot Linux has no data, and its directory no cycle; any name of a group works', async () => {
  await serve(
    edited(
      OCHAMI.replace(
        /^groups:[\s\S]*?(?=^nodes:)/m,
        `groups: { ${NAMES.map((name) => `"${name}": {}`).join(', ')} }\n`,
      ).replace(/^ {2}cg01:[\s\S]*(?=^ {2}mgmt:)/m, ''),
      ['boot: { os: local }', 'boot: { os: local }\n    groups: [compute, "400"]'],
    ),
  );
  for (const base of ['/cloud-init/compute', '/apis/cloud-init/cloud-init/compute', '/cloud-init'])
    for (const file of ['meta-data', 'user-data', 'vendor-data', 'network-config'])
      assert.is((await box.get(LOCAL, `${base}/${file}`)).status, 404, `${base}/${file}`);
  for (const name of NAMES) {
    const ids = name === 'compute' || name === '400' ? [XNAMES[LOCAL]] : [];
    const group = { label: name, description: '', members: { ids } };
    assert.equal(await json(`/hsm/v2/groups/${name}`), group);
    assert.equal(await json(`/hsm/v2/groups/${name}/members`), group.members);
  }
  assert.not.match(await box.log(), /cycle/);
  await serve(OCHAMI);
});

/** An answer in the form in which those to commands of ochami are recorded: a status, the identifiers of a list, or a summary. */
type Short = number | string | readonly string[];

/** Returns an answer in the recorded form. An object without an identifier has its keys, another text its first line. */
function answerOf(path: string, { status, headers, body }: Answer): Short {
  if (status !== 200) return status;
  if (path.includes('/bootscript')) return / xname=(x\S+) /.exec(body)?.[1] ?? 'unknown';
  if (!/json/.test(headers['content-type'] ?? '')) return body.split('\n')[0] ?? '';
  const content = JSON.parse(body);
  const [list] = Array.isArray(content) ? [content] : Object.values(content);
  if (!Array.isArray(list)) return nameOf(content) ?? Object.keys(content);
  return list.map((item) => String(nameOf(item))).sort();
}

/** Returns the identifier of an item of a list of SMD or BSS. */
function nameOf(item: Record<string, string> & { readonly hosts?: readonly string[] }): string | undefined {
  return typeof item === 'string' ? item : (item.ID ?? item.label ?? item.id ?? item.hosts?.[0]);
}

/** The requests of the client's read commands, recorded from its binary (ochami 9136dd6), and their answers. */
const COMMANDS: Readonly<Record<string, Readonly<Record<string, Short>>>> = JSON.parse(
  readFileSync(new URL('../data/ochami-client.json', import.meta.url), 'utf8'),
);

test(`the requests of ${Object.keys(COMMANDS).length} read commands of ochami`, async () => {
  for (const [command, requests] of Object.entries(COMMANDS))
    for (const [path, answer] of Object.entries(requests))
      assert.equal(answerOf(path, await box.get(ADMIN, path)), answer, command);
});

test('the page about OpenCHAMI names each command of ochami that fails', () => {
  const page = readFileSync(new URL('../../docs/migrate/openchami.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => / \| (?:404|501)[: ]/.test(line));
  const failing = Object.entries(COMMANDS).filter(([, requests]) =>
    /404|501/.test(Object.values(requests).join()),
  );
  for (const [line] of failing) {
    const [command = '', ...options] = line.replace(' --token JWT', '').split(/ (?=--)/);
    const words = options.map((option) => option.replace(/ .*/, ''));
    const isNamed = rows.some((row) => {
      const [cell = ''] = row.split(' | ');
      const commands = Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = '']) => name.replace(/ --.*/, ''));
      return (
        commands.some((name) => `${command} `.startsWith(`${name} `)) &&
        (words.every((word) => cell.includes(word)) || (line.includes(',') && cell.includes('several')))
      );
    });
    assert.ok(isNamed, line);
  }
});

test("BSS' own cloud-init data is behind its prefix", async () => {
  const metaData = (await json('/apis/bss/meta-data', FIRST)) as Record<string, unknown>;
  const { 'instance-id': id, ...others } = metaData;
  assert.match(String(id), /^x1000c1s7b1n0-[0-9a-f]{12}$/);
  assert.equal(others, {
    'local-hostname': 'cg01',
    rack: 'b',
    region: 'us-west-2',
    'availability-zone': 'us-west-2a',
    'public-keys': ['ssh-rsa AAAA'],
    'shasta-type': 'Compute',
    'shasta-role': '',
    Global: {},
  });
  assert.match((await box.get(SECOND, '/apis/bss/user-data')).body, /^#cloud-config\n[\s\S]*slurmd/);
  for (const query of ['', 'KEY=rack&retry', 'monkey=rack'])
    assert.equal(await json(`/apis/bss/meta-data?${query}`, FIRST), metaData, query);
  // A client may write the same key in other characters.
  for (const query of ['key=rack', 'x=1&key=rack', 'key', 'key=', '%6bey=rack'])
    assert.is(problem(await box.get(FIRST, `/apis/bss/meta-data?${query}`))[0], 501, query);
  for (const path of ['/apis/bss/meta-data', '/apis/bss/user-data'])
    for (const from of [UNKNOWN, LOCAL]) assert.is((await answerTo(from, path))[0], 404, path);
});

test('writes are rejected with the advice to edit the inventory; a machine may report that it has come up', async () => {
  const write = (method: string, path: string, from: string = ADMIN, size = 2) =>
    box.ask({
      from,
      text: `${method} ${path} HTTP/1.0\r\nHost: ${SERVER}\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`,
    });
  const paths = [
    '/boot/v1/bootparameters',
    '/boot/v1/bootscript',
    '/apis/bss/boot/v1/bootparameters',
    '/hsm/v2/State/Components',
    '/hsm/v2/State/Components/x1000c1s7b1n0',
    '/hsm/v2/groups',
    '/apis/smd/hsm/v2/Inventory/RedfishEndpoints',
    '/cloud-init/admin/groups',
    '/meta-data',
    '/compute.yaml',
  ];
  for (const path of paths) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await write(method, path, ADMIN, 20_000);
      assert.equal(
        problem(answer),
        [405, 'allow GET,HEAD: edit the inventory of venado instead, build it, and deploy it'],
        `${method} ${path}`,
      );
      assert.is(answer.headers.allow, 'GET, HEAD');
    }
  }
  for (const path of [
    '/phone-home',
    '/phone-home/cg01',
    '/cloud-init/phone-home/venado.cg01/',
    '/apis/bss/phone-home',
    '/cloud-init/phone-home/cg01',
    '/apis/cloud-init/phone-home/x',
  ]) {
    assert.is((await write('POST', path, FIRST, 3000)).status, 200, path);
    assert.is((await write('POST', path, UNKNOWN, 3000)).status, 404, path);
    assert.is((await write('PUT', path, FIRST)).status, 405, path);
  }
  // The access log contains the node, and the time of its boot.
  const line = new RegExp(
    `^${FIRST} - cg01 \\[.+\\] "POST /cloud-init/phone-home/venado\\.cg01/ HTTP/1\\.\\d" 200 `,
    'm',
  );
  assert.match(await box.accessLog(site), line);
});

test('a client in server.allow_scripts gets the scripts of BSS, too', async () => {
  await serve(edited(OCHAMI, ['  allow: [', `  allow_scripts: [${UNKNOWN}]\n  allow: [`]));
  assert.is((await box.get(UNKNOWN, '/boot/v1/bootscript?nid=1')).body, SCRIPT);
  assert.is((await box.get(UNKNOWN, '/hsm/v2/State/Components')).status, 403);
  await serve(OCHAMI);
});

test('a plain web server has the lists, and a script that leads to the entry script', async () => {
  const { tree } = await compile(makeSite(OCHAMI, 'venado'));
  assert.ok(tree);
  const plain = await servePlainly(box, tree, { server: SERVER, from: UNKNOWN, secrets: SECRETS });
  const { ask } = plain;
  try {
    for (const path of [
      '/hsm/v2/State/Components',
      '/hsm/v2/Inventory/EthernetInterfaces',
      '/hsm/v2/groups',
      '/hsm/v2/service/ready',
      '/boot/v1/bootparameters',
      '/boot/v1/service/status',
    ])
      assert.equal(JSON.parse((await ask(path)).body), await json(path), path);
    assert.match(
      (await ask(`/boot/v1/bootscript?mac=${MACS[FIRST]}`)).body,
      /^#!ipxe\n:start\nchain --replace --autofree \.\.\/\.\.\/boot\.ipxe \|\| sleep 10\n/,
    );
  } finally {
    await plain.stop();
  }
});

test('nginx finds each of thousands of nodes, and logs no warning', async () => {
  const count = 5000;
  const nodes = Array.from({ length: count }, (_, index) => {
    const n = index + 1;
    const mac = `52:54:00:bb:${hex(n >> 8)}:${hex(n & 255)}`;
    return `  node-${n}: { mac: "${mac}", ip: 172.16.${100 + Math.floor(n / 250)}.${(n % 250) + 1}, nid: ${n * 7}, xname: x${1000 + (n >> 8)}c1s${n & 255}b0n0, profiles: [rocky], groups: [compute] }\n`;
  });
  const many = OCHAMI.replace(/^nodes:[\s\S]*/m, `nodes:\n${nodes.join('')}`).replace(
    '172.16.0.0/24',
    '172.16.0.0/16',
  );
  await serve(many);
  assert.not.match(await box.log(), /\[(warn|error|emerg)\]/);
  for (const n of [1, 2, 255, 256, 4999, 5000]) {
    const xname = `x${1000 + (n >> 8)}c1s${n & 255}b0n0`;
    for (const query of [`name=${xname}`, `nid=${n * 7}`, `mac=52-54-00-BB-${hex(n >> 8)}-${hex(n & 255)}`])
      assert.match(
        (await box.get(ADMIN, `/boot/v1/bootscript?${query}`)).body,
        ` xname=${xname} nid=${n * 7} `,
        query,
      );
  }
  assert.is((await box.get(ADMIN, `/boot/v1/bootscript?nid=${count * 7 + 7}`)).status, 404);
});

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

test.run();

// needs: root nginx unshare
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  answerOf,
  BOOT_SERVICE_SITE,
  FILTERED_SITE,
  type Named,
  type Short,
  UNKNOWN_SCRIPT,
} from '../support/ochami-filters.ts';
import { edited } from '../support/plant.ts';
import { openWebBox, type WebBox } from './web-box.ts';

const [SERVER, ADMIN, UNKNOWN, NODE] = ['10.42.0.254', '10.42.0.250', '10.42.0.222', '10.42.0.17'] as const;

const test = suite("filters of OpenCHAMI's services, by recorded answers, with the real nginx");
let box: WebBox;

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(ADMIN, UNKNOWN, NODE);
  await box.start(await box.deploy(FILTERED_SITE));
});

test.after(() => box?.close());

type Recorded = Readonly<Record<string, Short | { readonly there: Short; readonly here: Short }>>;

const [OF_BSS, OF_BOOT_SERVICE] = ['ochami-filters', 'ochami-boot-service'].map((name): Recorded => {
  return JSON.parse(readFileSync(new URL(`../data/${name}.json`, import.meta.url), 'utf8'));
}) as [Recorded, Recorded];

/** The requests whose other answer here is an answer too, not 501. The reasons are in docs/reference/urls.md. */
const OTHERWISE = [
  // A node without a BMC has an endpoint, too. A value that nothing can have is 404.
  /ComponentEndpoints(?:\?type=[Nn]ode)?$|Query\/(?:x3000c0s5b0|bogus)$|memberships\/bogus$/,
  // Not served.
  /IPAddresses$|NodeMaps\/[Xx]|\/(?:ServiceEndpoints|Hardware(?:ByFRU)?|DiscoveryStatus|Subscriptions|locks|powermaps)\b/,
  // A MAC without colons, an xname in another spelling, and a host name are known.
  /mac=9c-?6b|name=(?:X|x3000c0s05|pm001)/,
  // BSS requests the architecture of an unknown name, NID or text, and then has no script either.
  /bootscript\?(?:mac=[^&]+(?:&mac|,)|name=[^&]+(?:&name|,)|name=x9c|nid=(?:99|0$)|mac=9c:6b:00:[49][49].*json)|nid=-1$/,
  // A node that boots no Linux has its own script. Requests are not counted.
  /mac=9c:6b:00:44:5a:01&arch|endpoint-history\?.*endpoint=/,
];

/** The same for boot-service. */
const OTHERWISE_OF_BOOT_SERVICE = [
  // SMD has a value twice.
  /values\/flag$/,
  // Not served: the URLs of boot-service. BSS has the others.
  /^\/(?:bootparameters|bootscript|service|health|nodes|bmcs|bootconfigurations)\b|v1\/(?:hosts|dumpstate|endpoint-history|service\/hsm)\b/,
  // The format is that of BSS. boot-service redirects a slash at the end.
  /v1\/service\/(?:status|version)\b|v1\/boot[a-z]+\/(?:$|\?)/,
  // A MAC without colons, a MAC of another NIC, an xname in another spelling, a host name, and a hexadecimal NID are known.
  /mac=(?:B4.*|b4-.*|b47a.*|b4:7a:f1:03:01:ab)$|(?:name|host)=(?:X.*|x8200c1s04.*|b0301)$|nid=0x12d$/,
  // As in BSS, name= is for scripts, too, an unknown machine is 404, and a NID that is not a number 400.
  /bootscript\?name=|(?:name|host)=(?:x8201.*|x9c.*|default|batch)$|\?mac=[^&]*(?:48:aa|ff:ff)$|nid=(?:0|x|-1|77|2048|4294967597)$|&arch=x86_64$/,
  // For scripts, host= is an xname or a host name, a MAC takes precedence, and several values of one key are 404.
  /bootscript\?(?:host=(?:301|b4:.*)|host=\S+[,&](?:x8200|host|mac=b4:7a:f1:09|name)\S*|mac=\S+(?:,\S+|&(?:mac|host)=\S+)|nid=301,900|HOST=\S+)$/,
];

/** Requests each path, also behind the gateway, and compares the answers with the recorded ones. */
async function compareAll(all: Recorded, otherwise: readonly RegExp[]): Promise<void> {
  for (const [path, recorded] of Object.entries(all)) {
    const { there = recorded, here = recorded } =
      typeof recorded === 'object' && 'here' in recorded ? recorded : {};
    for (const url of [path, gatewayOf(path) + path])
      assert.equal(answerOf(path, await box.get(ADMIN, url)), here, url);
    if (here === there) continue;
    assert.not.equal(here, there, path);
    assert.is(here === 501, !otherwise.some((pattern) => pattern.test(path)), `${path}: ${here}`);
  }
}

function gatewayOf(path: string): string {
  if (path.startsWith('/hsm/')) return '/apis/smd';
  return path.startsWith('/boot/') ? '/apis/bss' : '/boot-service';
}

test(`the recorded answers of BSS and SMD to ${Object.keys(OF_BSS).length} requests`, () =>
  compareAll(OF_BSS, OTHERWISE));

test(`the recorded answers of boot-service and SMD to ${Object.keys(OF_BOOT_SERVICE).length} requests`, async () => {
  await box.start(await box.deploy(BOOT_SERVICE_SITE));
  await compareAll(OF_BOOT_SERVICE, OTHERWISE_OF_BOOT_SERVICE);
  await box.start(await box.deploy(FILTERED_SITE));
});

test('parts of a list have its items, with the text of an inventory unchanged', async () => {
  const whole = JSON.parse((await box.get(ADMIN, '/hsm/v2/State/Components')).body).Components;
  const of = async (query: string) => {
    const { body, headers } = await box.get(ADMIN, `/hsm/v2/State/Components?${query}`);
    assert.is(headers['content-type'], 'application/json');
    return JSON.parse(body).Components;
  };
  assert.equal(await of('role=compute'), whole.slice(0, 2));
  assert.equal(await of('id=x3001c7s31b0n0&id=x9c0s0b0n0&id=x3000c0s5b0n0'), [whole[3], whole[0]]);
  assert.equal(await of('role=Management&role=Application'), [whole[3], whole[2]]);
  const ids = whole.map(({ ID }: { ID: string }) => `id=${ID}`);
  assert.equal(await of(ids.join('&')), whole);
  const many = Array.from({ length: 33 }, (_, index) => `id=x1c0s${index}b0n0`);
  assert.equal(await of(many.slice(1).join('&')), []);
  assert.is((await box.get(ADMIN, `/hsm/v2/State/Components?${many.join('&')}`)).status, 501);
  const long = `&x=${'&x'.repeat(1000)}`;
  for (const path of [
    '/boot/v1/bootscript?nid=17',
    '/boot/v1/hosts?nid=17',
    '/hsm/v2/State/Components?nid=17',
  ])
    assert.is((await box.get(ADMIN, path + long)).status, 501, path);
  for (const path of ['several', ',', ',,', 'type.Node', 'x3000c0s5b0n0'])
    assert.is((await box.get(ADMIN, `/hsm/v2/listed/${path}?id=x3000c0s5b0n0`)).status, 404, path);
  assert.not.match(await box.log(), /\[warn\]|SSI|cycle/);
});

test('a NIC is in a list once, in whatever spelling its MAC is repeated', async () => {
  const of = (...macs: readonly string[]) =>
    box.get(ADMIN, `/hsm/v2/Inventory/EthernetInterfaces?MACAddress=${macs.join('&MACAddress=')}`);
  const [colons, encoded, capital, other] = [
    '9c:6b:00:11:5a:01',
    '9c%3a6b%3a00%3a11%3a5a%3a01',
    '9c%3A6b%3A00%3A11%3A5A%3A01'.replace('5A', '5a'),
    '9c:6b:00:22:5a:01',
  ] as const;
  const repeated = [
    [colons, encoded],
    [capital, colons],
    [encoded, other, capital],
    [other, capital, encoded],
  ];
  for (const macs of repeated) assert.is((await of(...macs)).status, 501, macs.join());
  for (const mac of [colons, encoded, capital]) {
    const items = JSON.parse((await of(mac, other)).body);
    assert.equal(
      items.map(({ ID }: Named) => ID),
      ['9c6b00115a01', '9c6b00225a01'],
    );
  }
});

test('the script in parts has an initrd without a path if the node has none', async () => {
  const { body } = await box.get(ADMIN, '/boot/v1/bootscript?nid=256&json=1');
  assert.equal(JSON.parse(body), {
    params:
      'kernel quiet console=tty0 xname=x3000c0s7b0n0 nid=256 BOOTIF=01-9c-6b-00-33-5a-01 ds=nocloud-net;s=http://10.42.0.254/cloud-init/9c-6b-00-33-5a-01/',
    kernel: { path: 'http://10.42.0.254/images/alma/vmlinuz' },
    initrd: { path: '' },
  });
});

test('an unknown machine boots by its architecture, with a new DHCP request at each try', async () => {
  const boot = (name: string) =>
    `{ kernel: ${name}/vmlinuz, initrd: ${name}/initrd.img, args: [ip=dhcp, quiet] }`;
  const unknown = (text: string) =>
    edited(FILTERED_SITE, ['nodes:\n', `unknown_machines: ${text}\nnodes:\n`]);
  const ask = (query: string) => box.get(UNKNOWN, `/boot/v1/bootscript?${query}`);
  const script = (name: string) =>
    UNKNOWN_SCRIPT.replaceAll('discover', name)
      .replace(/ip=dhcp quiet ds=\S+/, 'BOOTIF=01-${netX/mac:hexhyp}')
      .replace(/chain (\S+\?)mac=.*/, 'dhcp netX ||\nchain $1mac=${netX/mac}&arch=${buildarch}&ts=1');
  await box.start(await box.deploy(unknown(`{ by_arch: { amd64: ${boot('discover')} } }`)));
  for (const query of ['mac=9c:6b:00:99:99:99', 'name=x9c0s0b0n0', 'nid=99']) {
    for (const arch of ['x86_64', 'i386'])
      assert.is((await ask(`${query}&arch=${arch}`)).body, script('discover'), query);
    for (const other of ['arch=arm64', 'arch=x86_64&json=1'])
      assert.is((await ask(`${query}&${other}`)).status, 404, `${query} ${other}`);
  }
  assert.match((await ask('mac=9c:6b:00:99:99:99')).body, /^#!ipxe\nsleep 10\ndhcp netX \|\|\nchain /);
  await box.start(
    await box.deploy(unknown(`{ boot: ${boot('other')}, by_arch: { arm64: ${boot('discover')} } }`)),
  );
  for (const [arch, name] of [
    ['arm64', 'discover'],
    ['x86_64', 'other'],
    ['riscv64', 'other'],
  ] as const)
    assert.is((await ask(`mac=9c:6b:00:99:99:99&arch=${arch}`)).body, script(name), arch);
});

test("a value of BSS' meta-data, and 404 for one that no node has", async () => {
  const of = (query: string) => box.get(NODE, `/apis/bss/meta-data?${query}`);
  assert.equal(JSON.parse((await of('key=local-hostname')).body), 'pm001');
  for (const query of ['key=rack', 'key=Global.x', 'key=', 'key', 'key=local-hostname.x'])
    assert.is((await of(query)).status, 404, query);
});

/** Names of groups that are also names in nginx's configuration, or numbers of statuses. */
const NAMES = ['compute', 'whole', 'several', '400', '501', 'none'];

test('a group without nodes that boot Linux has no data, and its directory no cycle; any name of a group works', async () => {
  await box.start(
    await box.deploy(`site: perlmont
server: { url: "http://${SERVER}", compat: [ochami] }
networks:
  nmn: { subnet: 10.42.0.0/24, gateway: ${SERVER}, dns: [${SERVER}], dhcp: { server: external } }
groups: { ${NAMES.map((name) => `"${name}": {}`).join(', ')} }
nodes:
  a: { xname: x3000c0s5b0n0, nid: 1, mac: "9c:6b:00:11:5a:01", ip: ${UNKNOWN}, boot: { os: local }, groups: [compute, whole, "400"] }
`),
  );
  for (const base of ['/cloud-init/compute', '/apis/cloud-init/cloud-init/compute', '/cloud-init'])
    for (const file of ['meta-data', 'user-data', 'vendor-data', 'network-config'])
      assert.is((await box.get(UNKNOWN, `${base}/${file}`)).status, 404, `${base}/${file}`);
  const list = async (path: string) => JSON.parse((await box.get(UNKNOWN, `/hsm/v2/${path}`)).body);
  const members: Record<string, readonly string[]> = {};
  for (const { label, members: own } of await list('groups')) members[label] = own.ids;
  assert.equal(Object.keys(members).sort(), [...NAMES].sort());
  for (const name of NAMES) {
    const group = { label: name, description: '', members: { ids: members[name] } };
    assert.equal(await list(`groups?group=${name}`), [group], name);
    assert.equal(await list(`groups/${name}`), group, name);
    assert.equal(await list(`groups/${name}/members`), group.members, name);
    const { Components } = await list(`State/Components?group=${name}`);
    assert.equal(
      Components.map(({ ID }: Named) => ID),
      members[name],
      name,
    );
  }
  assert.is((await list(`groups?group=whole&group=several`)).length, 2);
  assert.not.match(await box.log(), /cycle/);
});

test.run();

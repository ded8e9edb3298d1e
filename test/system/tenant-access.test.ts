// needs: root nginx unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mayFetch } from '../../src/plan/access.ts';
import type { Site } from '../../src/site/model.ts';
import { nodeKey } from '../../src/tree/paths.ts';
import { ISCSI_PLANT } from '../support/iscsi-plant.ts';
import { edited } from '../support/plant.ts';
import { openWebBox, type WebBox } from './web-box.ts';

/** The clients: nodes, one in server.allow, one in server.allow_scripts, one in the list of each tenant, one in both lists, an unknown one. */
const SERVER = '10.1.0.1';
const PHYSICS = '10.2.0.12';
const BIOLOGY = '10.3.0.11';
const ADMIN = '10.1.0.15';
const CONSOLE = '10.1.0.16';
const PHYSICIST = '10.8.0.7';
const BIOLOGIST = '10.9.0.8';
const BOTH = '10.9.0.7';
const UNKNOWN = '10.9.1.8';

const LINUX = 'boot: { os: linux, kernel: vmlinuz, initrd: initrd.img, loader: grub }';
const SITE = edited(
  ISCSI_PLANT,
  ['url: http://10.1.0.1', `url: http://${SERVER}\n  allow: [${ADMIN}]\n  allow_scripts: [${CONSOLE}]`],
  ['physics: { network: physics }', `physics: { network: physics, allow: [10.8.0.0/16, ${BOTH}] }`],
  ['tenant: physics }', `tenant: physics, ${LINUX} }`],
  // A node without a MAC address in the inventory: its files are named by its IP address.
  ['{ mac: 52:54:00:0b:01:03, ip', '{ ip'],
  ['dhcp: { pool: 10.3.0.200-10.3.0.250 }', 'dhcp: { server: external }'],
);

const SCRIPTS = { cn01: '/ipxe/52-54-00-0b-01-01.ipxe', cn02: '/ipxe/52-54-00-0b-01-02.ipxe' };
const OF_PHYSICS = [
  ...Object.values(SCRIPTS),
  '/ipxe/52:54:00:0B:01:02',
  '/grub/grub.cfg-01-52-54-00-0b-01-02',
  '/cloud-init/52-54-00-0b-01-02/meta-data',
];
const OF_BIOLOGY = [`/ipxe/${BIOLOGY}.ipxe`, `/ipxe/${BIOLOGY}`];

const test = suite("access to a tenant's files, with the real nginx");
const CLIENTS = [PHYSICS, BIOLOGY, ADMIN, CONSOLE, PHYSICIST, BIOLOGIST, BOTH, UNKNOWN];
let box: WebBox;
let site: Site;

test.before(async () => {
  box = await openWebBox(SERVER);
  await box.addresses(...CLIENTS);
  site = await box.deploy(SITE);
  const secrets = { iscsi_suffix: 'a1b2c3', chap_cn01: 'twelve-chars1', chap_cn03: 'twelve-chars3' };
  await box.include(site, secrets);
  await box.start(site);
});

test.after(() => box?.close());

const statusesOf = async (from: string, paths: readonly string[]) => {
  const statuses = [];
  for (const path of paths) statuses.push((await box.get(from, path)).status);
  return [...new Set(statuses)];
};

test('a client in the list of a tenant gets the files of its nodes, and no others', async () => {
  assert.equal(await statusesOf(PHYSICIST, OF_PHYSICS), [200]);
  assert.equal(await statusesOf(PHYSICIST, OF_BIOLOGY), [403]);
  assert.equal(await statusesOf(BIOLOGIST, OF_PHYSICS), [403]);
  assert.equal(await statusesOf(BIOLOGIST, OF_BIOLOGY), [200]);
});

test('an IP address in two lists gets the files of both tenants, and one in no list gets none', async () => {
  assert.equal(await statusesOf(BOTH, [...OF_PHYSICS, ...OF_BIOLOGY]), [200]);
  assert.equal(await statusesOf(UNKNOWN, [...OF_PHYSICS, ...OF_BIOLOGY]), [403]);
});

test('nginx serves a script to exactly the clients to which verify expects it', async () => {
  for (const node of site.nodes)
    for (const from of CLIENTS) {
      const [status] = await statusesOf(from, [`/ipxe/${nodeKey(node)}.ipxe`]);
      const may = mayFetch(site, { what: 'script', node }, from);
      assert.is(status, may ? 200 : 403, `${node.name} from ${from}`);
    }
  const fetchable = site.nodes.filter((node) => mayFetch(site, { what: 'script', node }, CONSOLE));
  assert.ok(fetchable.length > 0 && fetchable.length < site.nodes.length);
});

test('nodes still get their own files, and clients in server.allow get all files', async () => {
  assert.equal(await statusesOf(PHYSICS, [SCRIPTS.cn02]), [200]);
  assert.equal(await statusesOf(PHYSICS, [SCRIPTS.cn01, ...OF_BIOLOGY]), [403]);
  assert.equal(await statusesOf(BIOLOGY, OF_BIOLOGY), [200]);
  assert.equal(await statusesOf(ADMIN, [...OF_PHYSICS, ...OF_BIOLOGY]), [200]);
});

test('the description of the site, which covers all tenants, is only for server.allow', async () => {
  assert.equal(await statusesOf(ADMIN, ['/inventory.json']), [200]);
  for (const other of [PHYSICIST, BIOLOGIST, BOTH])
    assert.equal(await statusesOf(other, ['/inventory.json']), [403]);
});

test('a path that is not a file of a node is neither served nor mistaken for one', async () => {
  const paths = ['/ipxe/../ipxe/x.ipxe', '/ipxe/52-54-00-0b-01-99.ipxe', '/ipxe/10.3.0.12.ipxe'];
  for (const from of [PHYSICIST, BOTH])
    for (const status of await statusesOf(from, paths)) assert.ok([400, 404].includes(status), `${status}`);
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../test/support/plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import type { Tree } from '../output/tree.ts';
import type { NodePlan } from './change.ts';
import { plan } from './plan.ts';

const test = suite('the plan of machines without a MAC address');

const MAC = '52:54:00:aa:01:03';
const UUID = '4c4c4544-0042-3510-8057-b7c04f4d3332';
const HARV_3 = `{ mac: ${MAC}, ip: 192.168.178.43 }`;
/** Somebody else's DHCP server gives out the addresses. */
const SITE = edited(
  PLANT,
  ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', '    dhcp: { server: external }\n'],
  ['v1.4.1', 'v1.6.1'],
);

async function treeOf(site: string): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(site));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

/** The plans of the nodes of a site where the third one, given as its keys, is another one. */
async function plans(
  before: string,
  after: string,
  edits: readonly Edit[] = [],
): Promise<readonly NodePlan[]> {
  const site = edited(SITE, ...edits);
  const [old, now] = await Promise.all(
    [before, after].map((keys) => treeOf(edited(site, [`harv-3: ${HARV_3}`, keys]))),
  );
  return plan(old as Tree, now as Tree).nodes;
}

/** What is said of it, and with which consequence. */
async function said(before: string, after: string, edits: readonly Edit[] = []): Promise<unknown> {
  const nodes = await plans(`harv-3: ${before}`, `harv-3: ${after}`, edits);
  return nodes.flatMap(({ consequence, changes }) => [
    consequence,
    ...changes.map(({ effect, text }) => `${effect}: ${text}`),
  ]);
}

const IP = '{ ip: 192.168.178.43 }';

test('a MAC address that is given, or taken away, is one change', async () => {
  assert.equal(await said(IP, HARV_3), [
    'boots-otherwise',
    `boot: is found by its MAC address ${MAC}, and not by its address 192.168.178.43 any more: its files are named by that`,
  ]);
  assert.equal(await said(HARV_3, IP), [
    'boots-otherwise',
    `boot: is found by its address 192.168.178.43, and not by its MAC address ${MAC} any more: its files are named by that`,
  ]);
});

test('so it is where the NIC has a name, by which the configuration has it', async () => {
  const named = (mac: string) => `{ nics: [{ name: eno1, ${mac}ip: 192.168.178.43 }] }`;
  assert.equal(await said(named(''), named(`mac: ${MAC}, `)), [
    'boots-otherwise',
    `boot: is found by its MAC address ${MAC}, and not by its address 192.168.178.43 any more: its files are named by that`,
  ]);
});

test('the files are those of the node before and after', async () => {
  const keys = 'install: always, config: { os: { modules: [kvm] } }';
  const of = (mac: string) => `{ ${mac}ip: 192.168.178.43, ${keys} }`;
  assert.equal(await said(of(''), of(`mac: ${MAC}, `).replace('kvm', 'vhost_net')), [
    'reinstalls',
    'boot: will be wiped and installed anew at its next boot (install: always), with the changes below',
    `boot: is found by its MAC address ${MAC}, and not by its address 192.168.178.43 any more: its files are named by that`,
    'boot: os.modules: vhost_net instead of kvm',
  ]);
});

test('another address is what it is found by', async () => {
  assert.equal(await said(IP, '{ ip: 192.168.178.44 }'), [
    'boots-otherwise',
    'boot: address 192.168.178.43 → 192.168.178.44, by which it is found from its next lease on: an installed Harvester node must keep the one that it has',
  ]);
});

test('a MAC address and another address', async () => {
  assert.equal(await said(IP, `{ mac: ${MAC}, ip: 192.168.178.44 }`), [
    'boots-otherwise',
    `boot: is found by its MAC address ${MAC}, and not by its address 192.168.178.43 any more: its files are named by that`,
    'boot: address 192.168.178.43 → 192.168.178.44 from its next lease on: an installed Harvester node must keep the one that it has',
  ]);
});

test('what its firmware says', async () => {
  const serial = (text: string) => `{ ip: 192.168.178.43, serial: ${text} }`;
  assert.equal(await said(IP, `{ ip: 192.168.178.43, uuid: ${UUID} }`), [
    'boots-otherwise',
    `boot: is found by its firmware's UUID too: ${UUID}`,
  ]);
  assert.equal(await said(serial('B5W7M32'), serial('B5W7M33')), [
    'boots-otherwise',
    "boot: is found by its firmware's serial number B5W7M33 instead of B5W7M32",
  ]);
  assert.equal(await said(serial('B5W7M32'), HARV_3), [
    'boots-otherwise',
    `boot: is found by its MAC address ${MAC}, and not by its address 192.168.178.43 any more: its files are named by that`,
    "boot: is not found by its firmware's serial number any more: B5W7M32",
  ]);
});

test('NICs by name, and by their place where they have none', async () => {
  const nics = (...texts: string[]) =>
    `{ nics: [{ network: mgmt, ip: 192.168.178.43 }, ${texts.join(', ')}] }`;
  const storage: Edit = ['cluster:\n', '  storage: { subnet: 10.0.0.0/24 }\ncluster:\n'];
  const second = '{ name: eno2, network: storage, ip: 10.0.0.3 }';
  assert.equal(await said(nics(second), nics(second.replace('0.3', '0.4')), [storage]), [
    'boots-otherwise',
    'boot: NIC eno2: address 10.0.0.3 → 10.0.0.4',
  ]);
  assert.equal(
    await said(nics(second), nics(second.replace('{ name', '{ mac: 52:54:00:aa:02:03, name')), [storage]),
    ['when-installed', 'installation: NIC eno2 (52:54:00:aa:02:03): MAC address not set → 52:54:00:aa:02:03'],
  );
  assert.equal(await said(nics(second), nics(second, '{ name: eno3, network: storage }'), [storage]), [
    'when-installed',
    'installation: NIC eno3 is new, on network storage',
  ]);
  assert.equal(
    await said(
      nics('{ network: storage }', '{ name: eno3, network: mgmt }'),
      nics('{ network: storage, ip: 10.0.0.5 }'),
      [storage],
    ),
    ['boots-otherwise', 'boot: NIC 2: address not set → 10.0.0.5', 'installation: NIC eno3 is gone'],
  );
});

test('a name of the NIC that boots is what the installer is told, and no riddle', async () => {
  const changes = await said(IP, '{ nics: [{ name: eno1, ip: 192.168.178.43 }] }');
  assert.equal(changes, ['when-installed', 'installation: NIC eno1: name not set → eno1']);
});

test('the disk to boot', async () => {
  const drive = (number: string, more = '') => `{ ip: 192.168.178.43, boot: { drive: ${number} }${more} }`;
  assert.equal(await said(IP, drive('0x81')), [
    'installs',
    'boot: looks for its system on disk 0x81 instead of 0x80: will install if that has none',
  ]);
  assert.equal(await said(drive('0x81', ', install: never'), drive('0x82', ', install: never')), [
    'boots-otherwise',
    'boot: boots disk 0x82 instead of 0x81',
  ]);
  assert.equal(
    (await said(drive('0x81', ', install: always'), drive('0x82', ', install: always'))) as string[],
    [
      'reinstalls',
      'boot: will be wiped and installed anew at its next boot (install: always), with the changes below',
      'inventory: would boot disk 0x82 instead of 0x81, were it not installed at every boot',
    ],
  );
});

test('a node that is gone, and one that is renamed', async () => {
  const changes = async (before: string, after: string) =>
    (await plans(before, after))
      .slice(-1)
      .map(({ node, change, changes: [first] }) => [node, change, first?.text]);
  assert.equal(await changes(`harv-3: ${IP}`, ''), [
    ['harv-3', 'gone', 'gone: a machine with its address is a stranger now'],
  ]);
  for (const keys of ['', `, uuid: ${UUID}`, ', serial: B5W7M32']) {
    const now = keys === '' ? IP : `{ ip: 192.168.178.49${keys} }`;
    assert.equal(await changes(`harv-3: { ip: 192.168.178.43${keys} }`, `harv-9: ${now}`), [
      ['harv-9', 'renamed', 'renamed, was harv-3: an installed system keeps that name'],
    ]);
  }
});

test.run();

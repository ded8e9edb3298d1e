import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { Tree } from '../../tree/tree.ts';
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

test('another address is what another machine is found by: no lease is changed by it', async () => {
  const found = 'is found by its address 192.168.178.44 instead of 192.168.178.43';
  assert.equal(await said(IP, '{ ip: 192.168.178.44 }'), [
    'boots-otherwise',
    `boot: ${found}: unless its lease is changed too, the machine at 192.168.178.43 is a stranger now, and whatever is at 192.168.178.44 is this node, and installs if its disk has no system`,
  ]);
  const never = ', install: never }';
  assert.equal(await said(IP.replace(' }', never), `{ ip: 192.168.178.44${never}`), [
    'boots-otherwise',
    `boot: ${found}: unless its lease is changed too, the machine at 192.168.178.43 is a stranger now, and whatever is at 192.168.178.44 is this node`,
  ]);
});

test('addresses that go round', async () => {
  const [a, b, c] = ['{ ip: 192.168.178.43 }', '{ ip: 192.168.178.44 }', '{ ip: 192.168.178.45 }'];
  const nodes = (...ips: readonly (string | undefined)[]) =>
    ips.map((ip, index) => `harv-${index + 3}: ${ip}`).join('\n  ');
  const words = async (before: string, after: string) =>
    (await plans(before, after)).map(({ node, changes: [first] }) => `${node} ${first?.text}`);
  assert.equal(await words(nodes(a, b), nodes(b, a)), [
    'harv-3 is found by its address 192.168.178.44 instead of 192.168.178.43: unless their leases are swapped too, its machine and that of harv-4 swap their scripts',
    'harv-4 is found by its address 192.168.178.43 instead of 192.168.178.44: unless their leases are swapped too, its machine and that of harv-3 swap their scripts',
  ]);
  assert.equal(await words(nodes(a, b), nodes(b, c)), [
    'harv-3 is found by its address 192.168.178.44 instead of 192.168.178.43: unless its lease is changed too, the machine at 192.168.178.43 is a stranger now, and whatever is at 192.168.178.44, which was harv-4, is this node, and installs if its disk has no system',
    'harv-4 is found by its address 192.168.178.45 instead of 192.168.178.44: unless its lease is changed too, the machine at 192.168.178.44 is harv-3 now, and whatever is at 192.168.178.45 is this node, and installs if its disk has no system',
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

/** A node whose inventory says a disk to boot, if any, and more. */
function drive(number?: string, more = '', boot = ''): string {
  const said = [boot, number && `drive: ${number}`].filter(Boolean).join(', ');
  return `{ ip: 192.168.178.43${said && `, boot: { ${said} }`}${more} }`;
}

test('the disk to boot, under BIOS: that one and no other', async () => {
  const bios = ', firmware: bios';
  assert.equal(await said(drive(undefined, bios), drive('0x81', bios)), [
    'installs',
    'boot: looks for its system on disk 0x81 instead of 0x80: will install if that has none',
  ]);
  assert.equal(await said(drive('0x81', bios), drive(undefined, bios)), [
    'installs',
    'boot: looks for its system on disk 0x80 instead of 0x81: will install if that has none',
  ]);
  const never = `, install: never${bios}`;
  assert.equal(await said(drive('0x81', never), drive('0x82', never)), [
    'boots-otherwise',
    'boot: boots disk 0x82 instead of 0x81',
  ]);
  assert.equal(await said(drive(undefined, bios), drive('0x80', bios)), [
    'none',
    'inventory: the disk to boot is said: under BIOS it was 0x80 before, too',
  ]);
  assert.equal(await said(drive('0x80', bios), drive(undefined, bios)), [
    'none',
    'inventory: the disk to boot is not said any more: under BIOS it was 0x80 before, too',
  ]);
});

test('the disk to boot, under UEFI: the first of several to be tried', async () => {
  for (const more of ['', ', install: never']) {
    for (const number of ['0x80', '0x81']) {
      assert.equal(await said(drive(undefined, more), drive(number, more)), [
        'boots-otherwise',
        `boot: looks for its system on disk ${number} first, then on every other`,
      ]);
      assert.equal(await said(drive(number, more), drive(undefined, more)), [
        'boots-otherwise',
        `boot: looks for its system on every disk, and not on ${number} first`,
      ]);
    }
    assert.equal(await said(drive('0x81', more), drive('0x82', more)), [
      'boots-otherwise',
      'boot: looks for its system on disk 0x82 first instead of 0x81, then on every other',
    ]);
  }
});

test('the disk that a machine without Harvester boots, under UEFI', async () => {
  const local = (number?: string) => drive(number, ', silence: { two-node-cluster: a plant }', 'os: local');
  assert.equal(await said(local(), local('0x80')), [
    'boots-otherwise',
    'boot: boots disk 0x80, and leaves it to its firmware no more',
  ]);
  assert.equal(await said(local('0x81'), local('0x82')), [
    'boots-otherwise',
    'boot: boots disk 0x82 instead of 0x81',
  ]);
  assert.equal(await said(local('0x81'), local()), [
    'boots-otherwise',
    'boot: leaves it to its firmware which disk it boots, which was 0x81',
  ]);
});

test('the disk to boot of a node that is installed at every boot', async () => {
  const always = ', install: always';
  const words = (turn: string) => [
    'reinstalls',
    'boot: will be wiped and installed anew at its next boot (install: always), with the changes below',
    `inventory: the disk to boot, ${turn}: none is tried while it is installed at every boot`,
  ];
  assert.equal(await said(drive('0x81', always), drive('0x82', always)), words('0x81 → 0x82'));
  assert.equal(await said(drive(undefined, always), drive('0x80', always)), words('not set → 0x80'));
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

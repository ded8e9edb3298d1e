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
/** An external DHCP server leases the IP addresses. */
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

/** Returns the plans of the nodes of a site in which the third node, given as its keys, changes. */
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

/** Returns the consequence and the texts of its changes. */
async function diff(before: string, after: string, edits: readonly Edit[] = []): Promise<unknown> {
  const nodes = await plans(`harv-3: ${before}`, `harv-3: ${after}`, edits);
  return nodes.flatMap(({ consequence, changes }) => [
    consequence,
    ...changes.map(({ effect, text }) => `${effect}: ${text}`),
  ]);
}

const IP = '{ ip: 192.168.178.43 }';

test('a new or removed MAC address is one change', async () => {
  assert.equal(await diff(IP, HARV_3), [
    'boots-otherwise',
    `boot: is identified by its MAC address ${MAC} instead of its IP address 192.168.178.43: the MAC address names its files`,
  ]);
  assert.equal(await diff(HARV_3, IP), [
    'boots-otherwise',
    `boot: is identified by its IP address 192.168.178.43 instead of its MAC address ${MAC}: the IP address names its files`,
  ]);
});

test('a new MAC address is one change if the NIC has a name, which the configuration contains', async () => {
  const named = (mac: string) => `{ nics: [{ name: eno1, ${mac}ip: 192.168.178.43 }] }`;
  assert.equal(await diff(named(''), named(`mac: ${MAC}, `)), [
    'boots-otherwise',
    `boot: is identified by its MAC address ${MAC} instead of its IP address 192.168.178.43: the MAC address names its files`,
  ]);
});

test('the plan compares the files of the node before and after', async () => {
  const keys = 'install: always, config: { os: { modules: [kvm] } }';
  const of = (mac: string) => `{ ${mac}ip: 192.168.178.43, ${keys} }`;
  assert.equal(await diff(of(''), of(`mac: ${MAC}, `).replace('kvm', 'vhost_net')), [
    'reinstalls',
    'boot: will be wiped and reinstalled at its next boot from the network (install: always), with the changes below',
    `boot: is identified by its MAC address ${MAC} instead of its IP address 192.168.178.43: the MAC address names its files`,
    'boot: os.modules: vhost_net instead of kvm',
  ]);
});

test('a node with another IP address is another machine, because no lease changes', async () => {
  const found = 'is identified by its IP address 192.168.178.44 instead of 192.168.178.43';
  assert.equal(await diff(IP, '{ ip: 192.168.178.44 }'), [
    'boots-otherwise',
    `boot: ${found}: unless its lease changes too, the machine at 192.168.178.43 becomes unknown, and the machine at 192.168.178.44 becomes this node and installs if its disk has no Harvester`,
  ]);
  const never = ', install: never }';
  assert.equal(await diff(IP.replace(' }', never), `{ ip: 192.168.178.44${never}`), [
    'boots-otherwise',
    `boot: ${found}: unless its lease changes too, the machine at 192.168.178.43 becomes unknown, and the machine at 192.168.178.44 becomes this node`,
  ]);
});

test('nodes that swap or pass on their IP addresses', async () => {
  const [a, b, c] = ['{ ip: 192.168.178.43 }', '{ ip: 192.168.178.44 }', '{ ip: 192.168.178.45 }'];
  const nodes = (...ips: readonly (string | undefined)[]) =>
    ips.map((ip, index) => `harv-${index + 3}: ${ip}`).join('\n  ');
  const words = async (before: string, after: string) =>
    (await plans(before, after)).map(({ node, changes: [first] }) => `${node} ${first?.text}`);
  const found = 'is identified by its IP address 192.168.178.44 instead of 192.168.178.43';
  const installs = 'becomes this node and installs if its disk has no Harvester';
  assert.equal(await words(nodes(a, b), nodes(b, a)), [
    `harv-3 ${found}: unless their leases are swapped too, its machine and the machine of harv-4 swap scripts`,
    'harv-4 is identified by its IP address 192.168.178.43 instead of 192.168.178.44: unless their leases are swapped too, its machine and the machine of harv-3 swap scripts',
  ]);
  assert.equal(await words(nodes(a, b), nodes(b, c)), [
    `harv-3 ${found}: unless its lease changes too, the machine at 192.168.178.43 becomes unknown, and the machine at 192.168.178.44, formerly harv-4, ${installs}`,
    `harv-4 is identified by its IP address 192.168.178.45 instead of 192.168.178.44: unless its lease changes too, the machine at 192.168.178.44 becomes harv-3, and the machine at 192.168.178.45 ${installs}`,
  ]);
});

test('a new MAC address and another IP address', async () => {
  assert.equal(await diff(IP, `{ mac: ${MAC}, ip: 192.168.178.44 }`), [
    'boots-otherwise',
    `boot: is identified by its MAC address ${MAC} instead of its IP address 192.168.178.43: the MAC address names its files`,
    'boot: IP address 192.168.178.43 → 192.168.178.44 from its next lease on: an installed Harvester node must keep its IP address',
  ]);
});

test("changes of the firmware's UUID and serial number", async () => {
  const serial = (text: string) => `{ ip: 192.168.178.43, serial: ${text} }`;
  assert.equal(await diff(IP, `{ ip: 192.168.178.43, uuid: ${UUID} }`), [
    'boots-otherwise',
    `boot: identified by its firmware's UUID: not set → ${UUID}`,
  ]);
  assert.equal(await diff(serial('B5W7M32'), serial('B5W7M33')), [
    'boots-otherwise',
    "boot: identified by its firmware's serial number: B5W7M32 → B5W7M33",
  ]);
  assert.equal(await diff(serial('B5W7M32'), HARV_3), [
    'boots-otherwise',
    `boot: is identified by its MAC address ${MAC} instead of its IP address 192.168.178.43: the MAC address names its files`,
    "boot: identified by its firmware's serial number: B5W7M32 → not set",
  ]);
});

test('NICs match by name, or by position if they have no name', async () => {
  const nics = (...texts: string[]) =>
    `{ nics: [{ network: mgmt, ip: 192.168.178.43 }, ${texts.join(', ')}] }`;
  const storage: Edit = ['cluster:\n', '  storage: { subnet: 10.0.0.0/24 }\ncluster:\n'];
  const second = '{ name: eno2, network: storage, ip: 10.0.0.3 }';
  assert.equal(await diff(nics(second), nics(second.replace('0.3', '0.4')), [storage]), [
    'boots-otherwise',
    'boot: NIC eno2: IP address 10.0.0.3 → 10.0.0.4',
  ]);
  assert.equal(
    await diff(nics(second), nics(second.replace('{ name', '{ mac: 52:54:00:aa:02:03, name')), [storage]),
    ['none', 'inventory: NIC eno2 (52:54:00:aa:02:03): MAC address not set → 52:54:00:aa:02:03'],
  );
  assert.equal(await diff(nics(second), nics(second, '{ name: eno3, network: storage }'), [storage]), [
    'none',
    'inventory: NIC eno3 is new, on network storage',
  ]);
  assert.equal(
    await diff(
      nics('{ network: storage }', '{ name: eno3, network: mgmt }'),
      nics('{ network: storage, ip: 10.0.0.5 }'),
      [storage],
    ),
    [
      'boots-otherwise',
      'boot: NIC 2: IP address not set → 10.0.0.5',
      'installation: NIC eno3 is gone; edit /oem/90_custom.yaml on each node, then reboot it',
    ],
  );
});

test('a new name of the boot NIC, which the installer gets, explains the script', async () => {
  const changes = await diff(IP, '{ nics: [{ name: eno1, ip: 192.168.178.43 }] }');
  assert.equal(changes, [
    'when-installed',
    'installation: NIC eno1: name not set → eno1; edit /oem/90_custom.yaml on each node, then reboot it',
  ]);
});

/** Returns a node with a boot disk, if given, and more keys. */
function drive(number?: string, more = '', boot = ''): string {
  const keys = [boot, number && `drive: ${number}`].filter(Boolean).join(', ');
  return `{ ip: 192.168.178.43${keys && `, boot: { ${keys} }`}${more} }`;
}

test('under BIOS, a node boots only its boot disk', async () => {
  const bios = ', firmware: bios';
  assert.equal(await diff(drive(undefined, bios), drive('0x81', bios)), [
    'installs',
    'boot: boot disk not set (0x80) → 0x81: looks for its system on that disk: will install if it has no system',
  ]);
  assert.equal(await diff(drive('0x81', bios), drive(undefined, bios)), [
    'installs',
    'boot: boot disk 0x81 → not set (0x80): looks for its system on that disk: will install if it has no system',
  ]);
  const never = `, install: never${bios}`;
  assert.equal(await diff(drive('0x81', never), drive('0x82', never)), [
    'boots-otherwise',
    'boot: boot disk 0x81 → 0x82: boots that disk',
  ]);
  assert.equal(await diff(drive(undefined, bios), drive('0x80', bios)), [
    'none',
    'inventory: boot disk not set (0x80) → 0x80: the same disk under BIOS',
  ]);
  assert.equal(await diff(drive('0x80', bios), drive(undefined, bios)), [
    'none',
    'inventory: boot disk 0x80 → not set (0x80): the same disk under BIOS',
  ]);
});

test('under UEFI, a node tries its boot disk first', async () => {
  for (const more of ['', ', install: never']) {
    for (const number of ['0x80', '0x81']) {
      assert.equal(await diff(drive(undefined, more), drive(number, more)), [
        'boots-otherwise',
        `boot: boot disk not set → ${number}: looks for its system on that disk first, then on every other disk`,
      ]);
      assert.equal(await diff(drive(number, more), drive(undefined, more)), [
        'boots-otherwise',
        `boot: boot disk ${number} → not set: looks for its system on every disk`,
      ]);
    }
    assert.equal(await diff(drive('0x81', more), drive('0x82', more)), [
      'boots-otherwise',
      'boot: boot disk 0x81 → 0x82: looks for its system on that disk first, then on every other disk',
    ]);
  }
});

test('the boot disk of a machine without Harvester, under UEFI', async () => {
  const local = (number?: string) => drive(number, ', silence: { two-node-cluster: a plant }', 'os: local');
  assert.equal(await diff(local(), local('0x80')), [
    'boots-otherwise',
    'boot: boot disk not set → 0x80: boots that disk',
  ]);
  assert.equal(await diff(local('0x81'), local('0x82')), [
    'boots-otherwise',
    'boot: boot disk 0x81 → 0x82: boots that disk',
  ]);
  assert.equal(await diff(local('0x81'), local()), [
    'boots-otherwise',
    'boot: boot disk 0x81 → not set: boots the disk that its firmware chooses',
  ]);
});

test('the boot disk of a node that is reinstalled at every boot', async () => {
  const always = ', install: always';
  const words = (turn: string) => [
    'reinstalls',
    'boot: will be wiped and reinstalled at its next boot from the network (install: always), with the changes below',
    `inventory: boot disk ${turn}: unused, because the node is reinstalled at every boot`,
  ];
  assert.equal(await diff(drive('0x81', always), drive('0x82', always)), words('0x81 → 0x82'));
  assert.equal(await diff(drive(undefined, always), drive('0x80', always)), words('not set → 0x80'));
});

test('a gone node and a renamed node', async () => {
  const changes = async (before: string, after: string) =>
    (await plans(before, after))
      .slice(-1)
      .map(({ node, change, changes: [first] }) => [node, change, first?.text]);
  assert.equal(await changes(`harv-3: ${IP}`, ''), [
    ['harv-3', 'gone', 'gone: a machine with its address is now unknown'],
  ]);
  for (const keys of ['', `, uuid: ${UUID}`, ', serial: B5W7M32']) {
    const now = keys === '' ? IP : `{ ip: 192.168.178.49${keys} }`;
    assert.equal(await changes(`harv-3: { ip: 192.168.178.43${keys} }`, `harv-9: ${now}`), [
      ['harv-9', 'renamed', 'renamed, was harv-3: an installed system keeps its old name'],
    ]);
  }
});

test.run();

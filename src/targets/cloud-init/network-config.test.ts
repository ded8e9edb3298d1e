import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOUD_INIT_PLANT } from '../../../test/support/cloud-init-plant.ts';
import type { Edit } from '../../../test/support/plant.ts';
import { node, plain, resolvedFrom } from '../../../test/support/resolved.ts';
import { networkConfigOf } from '../../plan/network-config.ts';

const test = suite('the network configuration for cloud-init');

const CG02 = '{ mac: 52:54:00:7c:52:02, ip: 192.168.178.42, profiles: [compute] }';
const HSN = 'hsn: { subnet: 10.2.0.0/24, gateway: 10.2.0.1, mtu: 9000 }';

async function networkOf(...edits: readonly Edit[]): Promise<unknown> {
  const site = await resolvedFrom(CLOUD_INIT_PLANT, ...edits);
  const cg02 = node(site, 'cg02');
  assert.ok(cg02.cloudInit);
  const config = networkConfigOf(cg02, cg02.cloudInit);
  return config && plain(config);
}

function nics(...all: readonly string[]): Edit[] {
  return [
    ['networks:\n', `networks:\n  ${HSN}\n`],
    [CG02, `{ profiles: [compute], nics: [${all.join(', ')}] }`],
  ];
}

const BOOT = '{ name: eno1, mac: 52:54:00:7c:52:02, ip: 192.168.178.42, network: mgmt }';

test('uses DHCP if the network has it', async () => {
  assert.equal(await networkOf(), {
    version: 2,
    ethernets: { nic0: { match: { macaddress: '52:54:00:7c:52:02' }, dhcp4: true } },
  });
});

test('sets IP addresses without DHCP, with a default route only on the boot NIC', async () => {
  const hsn0 = '{ name: hsn0, mac: 52:54:00:7c:53:02, ip: 10.2.0.42, network: hsn }';
  assert.equal(await networkOf([', dhcp: {} }', ', domain: example.org, mtu: 1400 }'], ...nics(BOOT, hsn0)), {
    version: 2,
    ethernets: {
      eno1: {
        match: { macaddress: '52:54:00:7c:52:02' },
        'set-name': 'eno1',
        mtu: 1400,
        dhcp4: false,
        addresses: ['192.168.178.42/24'],
        routes: [{ to: '0.0.0.0/0', via: '192.168.178.1' }],
        nameservers: { search: ['example.org'], addresses: ['192.168.178.1'] },
      },
      hsn0: {
        match: { macaddress: '52:54:00:7c:53:02' },
        'set-name': 'hsn0',
        mtu: 9000,
        dhcp4: false,
        addresses: ['10.2.0.42/24'],
      },
    },
  });
});

test('puts NICs in their VLAN, except for the boot NIC, which is untagged', async () => {
  const long = 'enp129s0f0np0';
  const config = (await networkOf(
    ...nics(
      BOOT,
      '{ name: hsn0, mac: 52:54:00:7c:53:02, ip: 10.2.0.42, network: hsn }',
      `{ name: ${long}, mac: 52:54:00:7c:53:03, network: bmc }`,
      '{ name: hsn2, mac: 52:54:00:7c:53:04, network: hsn }',
    ),
    [
      HSN,
      `${HSN.replace(' }', ', vlan: 200 }')}\n  bmc: { subnet: 10.3.0.0/24, vlan: 4000, dhcp: { server: external } }`,
    ],
    ['dhcp: {} }', 'dhcp: {}, vlan: 100 }'],
  )) as { ethernets: Record<string, { dhcp4: boolean }>; vlans: unknown };
  assert.is(config.ethernets.eno1?.dhcp4, true);
  assert.equal(config.ethernets.hsn0, {
    match: { macaddress: '52:54:00:7c:53:02' },
    'set-name': 'hsn0',
    mtu: 9000,
    dhcp4: false,
  });
  assert.equal(config.vlans, {
    'hsn0.200': { id: 200, link: 'hsn0', mtu: 9000, dhcp4: false, addresses: ['10.2.0.42/24'] },
    'nic2.4000': { id: 4000, link: long, dhcp4: true },
  });
});

test('marks a NIC without an IP address as optional, and accepts a name without a MAC', async () => {
  const config = (await networkOf(...nics(BOOT, '{ name: hsn0, network: hsn }'))) as {
    ethernets: Record<string, unknown>;
  };
  assert.equal(config.ethernets.hsn0, { mtu: 9000, dhcp4: false, optional: true });
});

test('uses DHCP on only one of several NICs on the boot network', async () => {
  const spare = '{ name: eno2, mac: 52:54:00:7c:53:02, network: mgmt }';
  const config = (await networkOf(...nics(BOOT, spare), ['dhcp: {} }', 'dhcp: {}, vlan: 100 }'])) as {
    ethernets: Record<string, unknown>;
    vlans?: unknown;
  };
  assert.equal(config.ethernets.eno2, {
    match: { macaddress: '52:54:00:7c:53:02' },
    'set-name': 'eno2',
    dhcp4: false,
    optional: true,
  });
  assert.is(config.vlans, undefined);
});

test('keeps the link of a root file system on the network', async () => {
  const ofRoot = async (root: string) => {
    const edit: Edit = ['args: [ip=dhcp]', `root: ${root}, args: [ip=dhcp]`];
    const config = (await networkOf(edit)) as { ethernets: { nic0: { critical?: true } } };
    return config.ethernets.nic0.critical;
  };
  for (const root of ['/dev/nfs', '"nfs:10.0.0.1:/x"', '"10.0.0.1:/x"', '"iscsi:10.0.0.1::::x"'])
    assert.is(await ofRoot(root), true, root);
  for (const root of ['/dev/sda1', '{ squashfs: a.squashfs }'])
    assert.is(await ofRoot(root), undefined, root);
});

test('finds that root in any item of the arguments', async () => {
  const config = (await networkOf(['[ip=dhcp]', '["ro ip=dhcp root=/dev/nfs"]'])) as {
    ethernets: { nic0: { critical?: true } };
  };
  assert.is(config.ethernets.nic0.critical, true);
});

test('uses the network configuration of the inventory', async () => {
  const own = 'cloud_init: { network_config: { version: 2, ethernets: { x: { dhcp6: true } } } } }';
  const edit: Edit = [CG02, CG02.replace(/ \}$/, `, ${own}`)];
  assert.equal(await networkOf(edit), { version: 2, ethernets: { x: { dhcp6: true } } });
});

test('is empty if no NIC has a MAC or a name', async () => {
  const edits: Edit[] = [
    [', dhcp: {} }', ', dhcp: { server: external } }'],
    [CG02, CG02.replace('mac: 52:54:00:7c:52:02, ', '')],
  ];
  assert.is(await networkOf(...edits), undefined);
});

test.run();

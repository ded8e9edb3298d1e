// needs: bash rsync
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { fileText } from './support/file-text.ts';
import { blocksOf } from './support/markdown.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder } from './support/scratch.ts';
import { secretSource } from './support/secret-source.ts';
import { folderOf } from './support/write-tree.ts';

const test = suite("DHCP servers in an output tree's README");
const DHCP = 'dhcp:\n      pool: 192.168.178.200-192.168.178.250';

async function readmeOf(...edits: readonly Edit[]): Promise<string> {
  const { tree } = await compile(makeSite(edited(PLANT, ...edits)));
  return fileText(tree, 'README.md') ?? '';
}

test('ISC dhcpd: its file, its interfaces, and the command that tests it', async () => {
  const readme = await readmeOf([DHCP, 'interface: eth0\n    dhcp: { server: isc }']);
  assert.equal(blocksOf(readme, 'sh dhcp-isc'), [
    `install -D -m 0644 /srv/harvgen/plant/dhcpd/dhcpd.conf /etc/dhcp/dhcpd.conf
sed -i 's/^INTERFACESv4=.*/INTERFACESv4="eth0"/' /etc/default/isc-dhcp-server
dhcpd -t -cf /etc/dhcp/dhcpd.conf && systemctl restart isc-dhcp-server
`,
  ]);
  // Without an interface in a network, it listens on all subnets, whatever the file contained before.
  assert.match(await readmeOf([DHCP, 'dhcp: { server: isc }']), '/INTERFACESv4=""/');
  assert.match(readme, 'dnsmasq serves only TFTP here');
  assert.match(readme, '`journalctl -u isc-dhcp-server` shows every DHCP request');
  assert.not.match(readme, 'journalctl -u dnsmasq');
});

test('Kea', async () => {
  const readme = await readmeOf([DHCP, 'dhcp: { server: kea }']);
  assert.equal(blocksOf(readme, 'sh dhcp-kea'), [
    `install -D -m 0644 /srv/harvgen/plant/kea/kea-dhcp4.conf /etc/kea/kea-dhcp4.conf
kea-dhcp4 -t /etc/kea/kea-dhcp4.conf && systemctl restart kea-dhcp4-server
`,
  ]);
});

test('coredhcp, which needs no TFTP, and the alternative for OpenCHAMI', async () => {
  const readme = await readmeOf([DHCP, 'dhcp: { server: coredhcp }']);
  assert.equal(blocksOf(readme, 'sh dhcp-coredhcp'), [
    `install -D -m 0644 /srv/harvgen/plant/coredhcp/config.yaml /etc/coredhcp/config.yml
install -d /var/lib/coredhcp
systemctl restart coredhcp-server
`,
  ]);
  assert.not.match(readme, 'systemctl restart dnsmasq');
  assert.not.match(readme, 'coresmd');
  const withCompat = await readmeOf(
    [DHCP, 'dhcp: { server: coredhcp }'],
    ['server:\n', 'server:\n  compat: [ochami]\n'],
  );
  assert.match(withCompat, '`coredhcp/coresmd.yaml` instead');
});

test('files that dnsmasq reloads, on the boot server and on an external server', async () => {
  const own = await readmeOf([DHCP, 'dhcp: { hosts_files: true }']);
  assert.match(own, '`systemctl kill --signal=HUP dnsmasq` makes it read both again');
  const other = await readmeOf([DHCP, 'dhcp: { server: external, hosts_files: true }']);
  assert.match(other, 'contain the same for an external dnsmasq');
  assert.not.match(other, '--signal=HUP');
  const none = await readmeOf();
  assert.not.match(none, '--signal=HUP');
  assert.not.match(none, 'plant.hosts');
});

test('an external DHCP server gets the values of its network, and all NICs of a bond', async () => {
  const external: Edit = [DHCP, 'dhcp: { server: external }'];
  const readme = await readmeOf(external, [
    '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
    '{ nics: [{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }, { mac: 52:54:00:aa:02:02, network: mgmt }] }',
  ]);
  assert.match(
    readme,
    'On mgmt, the subnet mask is 255.255.255.0, the default route 192.168.178.1, and DNS is 192.168.178.1.\n' +
      'Reserve 192.168.178.42 for all NICs in the bond of harv-2: 52:54:00:aa:01:02, 52:54:00:aa:02:02.\n',
  );
  assert.not.match(await readmeOf(external), 'Reserve ');
  assert.not.match(await readmeOf(), 'External DHCP server');
});

test('machines are switched on in the order that joining needs', async () => {
  assert.match(
    await readmeOf(),
    /^## Boot\n\n.* put the network boot after the disk, and turn Secure Boot off\.\nFirst switch on harv-1\. When the dashboard/m,
  );
});

test('in a tree with values of secrets, dnsmasq and powermand can read only their own files', async () => {
  const inventory = edited(
    PLANT,
    [DHCP, 'dhcp: { hosts_files: true }'],
    ['ip: 192.168.178.42', 'ip: 192.168.178.42, bmc: { address: 192.168.178.142, protocol: redfish }'],
  );
  const secrets = secretSource({ cluster_token: 'Zx81-Spectrum-Ql-Amiga-4000' });
  const { tree } = await compile(makeSite(inventory), { secrets });
  assert.ok(tree);
  const commands = blocksOf(fileText(tree, 'README.md') ?? '', 'sh').filter((block) =>
    block.includes('D751'),
  );
  const served = join(scratchFolder(), 'srv');
  // The user who runs the test cannot change owners.
  const here = commands
    .join('')
    .replaceAll('$SERVER:/srv/harvgen/plant', served)
    .replaceAll(/--chown=\S+/g, '');
  execFileSync('bash', ['-euo', 'pipefail', '-c', `SUDO=\nTREE=${await folderOf(tree)}\n${here}`]);
  const modeOf = (path: string) => (statSync(join(served, path)).mode & 0o777).toString(8);
  const modes = (paths: readonly string[]) => Object.fromEntries(paths.map((path) => [path, modeOf(path)]));
  const config = 'www/config/52-54-00-aa-01-01.yaml';
  assert.equal(modes(['.', 'dnsmasq', 'ops', 'scripts', 'www', config, 'ops/powerman.conf']), {
    '.': '751',
    dnsmasq: '751',
    ops: '751',
    scripts: '751',
    www: '751',
    [config]: '640',
    'ops/powerman.conf': '640',
  });
  assert.equal(
    modes(['dnsmasq/plant.hosts', 'dnsmasq/plant.options', 'ops/redfish.dev', 'scripts/redfish-boot.sh']),
    {
      'dnsmasq/plant.hosts': '644',
      'dnsmasq/plant.options': '644',
      'ops/redfish.dev': '644',
      'scripts/redfish-boot.sh': '755',
    },
  );
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { fileText } from './support/file-text.ts';
import { blocksOf } from './support/markdown.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite("what a tree's README says of DHCP servers");
const DHCP = 'dhcp:\n      pool: 192.168.178.200-192.168.178.250';

async function readmeOf(...edits: readonly Edit[]): Promise<string> {
  const { tree } = await compile(makeSite(edited(PLANT, ...edits)));
  return fileText(tree, 'README.md') ?? '';
}

test("ISC's dhcpd: its file, its interfaces, and what tries it", async () => {
  const readme = await readmeOf([DHCP, 'interface: eth0\n    dhcp: { server: isc }']);
  assert.equal(blocksOf(readme, 'sh dhcp-isc'), [
    `install -D -m 0644 /srv/harvgen/plant/dhcpd/dhcpd.conf /etc/dhcp/dhcpd.conf
sed -i 's/^INTERFACESv4=.*/INTERFACESv4="eth0"/' /etc/default/isc-dhcp-server
dhcpd -t -cf /etc/dhcp/dhcpd.conf && systemctl restart isc-dhcp-server
`,
  ]);
  // Where a network says none, it listens wherever it has a subnet, whatever was said before.
  assert.match(await readmeOf([DHCP, 'dhcp: { server: isc }']), '/INTERFACESv4=""/');
  assert.match(readme, 'dnsmasq has TFTP alone here');
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

test('coredhcp, which needs no TFTP, and the form for OpenCHAMI', async () => {
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

test('lists that are read again, by our dnsmasq and by that of somebody else', async () => {
  const own = await readmeOf([DHCP, 'dhcp: { hosts_files: true }']);
  assert.match(own, '`systemctl kill --signal=HUP dnsmasq` has it read both again');
  const other = await readmeOf([DHCP, 'dhcp: { server: external, hosts_files: true }']);
  assert.match(other, 'say the same to a dnsmasq that is not harvgen');
  assert.not.match(other, '--signal=HUP');
  const none = await readmeOf();
  assert.not.match(none, '--signal=HUP');
  assert.not.match(none, 'plant.hosts');
});

test.run();

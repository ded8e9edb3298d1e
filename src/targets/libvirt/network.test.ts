import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileText } from '../../../test/support/file-text.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const test = suite('the networks of libvirt');

/** Returns a file of the edited common site. */
async function made(path: string, ...edits: readonly Edit[]): Promise<string> {
  const { tree, diagnostics } = await compile(makeSite(edited(NESTED, ...edits)));
  assert.equal(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  return fileText(tree, path) ?? '';
}

const network = (...edits: readonly Edit[]) => made('libvirt/network.xml', ...edits);

/** Returns the dnsmasq options past libvirt. */
const optionsIn = (xml: string) =>
  Array.from(xml.matchAll(/<dnsmasq:option value="(.*)"\/>/g), ([, one]) => one);

/** Returns the content of the first element with a tag. */
const within = (xml: string, tag: string) => new RegExp(`<${tag}>\\n([^]*?)\\n *</${tag}>`).exec(xml)?.[1];

const DHCP = 'dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d }';
const also = (text: string): Edit => ['cluster:', `${text}\ncluster:`];

test('writes a complete network', async () => {
  assert.is(
    await network(),
    `<!-- Made by harvgen: edit the inventory instead. -->
<network xmlns:dnsmasq="http://libvirt.org/schemas/network/dnsmasq/1.0">
  <name>plant-mgmt</name>
  <uuid>8e9a7a4d-8919-8bed-828a-2be7ab673aea</uuid>
  <forward mode="nat"/>
  <bridge name="virbr-mgmt" stp="on" delay="0"/>
  <dns enable="yes"/>
  <ip address="192.168.150.1" netmask="255.255.255.0">
    <tftp root="/srv/harvgen/tftp"/>
    <dhcp>
      <range start="192.168.150.200" end="192.168.150.250">
        <lease expiry="168" unit="hours"/>
      </range>
      <range start="192.168.150.41" end="192.168.150.41">
        <lease expiry="168" unit="hours"/>
      </range>
      <range start="192.168.150.42" end="192.168.150.42">
        <lease expiry="168" unit="hours"/>
      </range>
      <range start="192.168.150.43" end="192.168.150.43">
        <lease expiry="168" unit="hours"/>
      </range>
      <host mac="52:54:00:0c:01:01" ip="192.168.150.41" name="harvester-1">
        <lease expiry="168" unit="hours"/>
      </host>
      <host mac="52:54:00:0c:01:02" ip="192.168.150.42" name="harvester-2">
        <lease expiry="168" unit="hours"/>
      </host>
      <host mac="52:54:00:0c:01:03" ip="192.168.150.43" name="harvester-3">
        <lease expiry="168" unit="hours"/>
      </host>
    </dhcp>
  </ip>
  <dnsmasq:options>
    <dnsmasq:option value="log-dhcp"/>
    <dnsmasq:option value="dhcp-option=tag:virbr-mgmt,option:router,192.168.150.1"/>
    <dnsmasq:option value="dhcp-option=tag:virbr-mgmt,option:dns-server,192.168.150.1"/>
    <dnsmasq:option value="dhcp-userclass=set:ipxe,iPXE"/>
    <dnsmasq:option value="dhcp-match=set:bios,option:client-arch,0"/>
    <dnsmasq:option value="dhcp-match=set:efi-i386,option:client-arch,6"/>
    <dnsmasq:option value="dhcp-match=set:efi-x86_64,option:client-arch,7"/>
    <dnsmasq:option value="dhcp-match=set:efi-x86_64,option:client-arch,9"/>
    <dnsmasq:option value="dhcp-match=set:efi-arm64,option:client-arch,11"/>
    <dnsmasq:option value="dhcp-match=set:http-i386,option:client-arch,15"/>
    <dnsmasq:option value="dhcp-match=set:http-x86_64,option:client-arch,16"/>
    <dnsmasq:option value="dhcp-match=set:http-x86_64,option:client-arch,17"/>
    <dnsmasq:option value="dhcp-match=set:http-arm64,option:client-arch,19"/>
    <dnsmasq:option value="dhcp-vendorclass=set:http-i386,HTTPClient:Arch:00015"/>
    <dnsmasq:option value="dhcp-vendorclass=set:http-x86_64,HTTPClient:Arch:00016"/>
    <dnsmasq:option value="dhcp-vendorclass=set:http-x86_64,HTTPClient:Arch:00017"/>
    <dnsmasq:option value="dhcp-vendorclass=set:http-arm64,HTTPClient:Arch:00019"/>
    <dnsmasq:option value="dhcp-boot=tag:!ipxe,tag:bios,undionly.kpxe"/>
    <dnsmasq:option value="dhcp-boot=tag:!ipxe,tag:efi-i386,snponly-i386.efi"/>
    <dnsmasq:option value="dhcp-boot=tag:!ipxe,tag:efi-x86_64,snponly.efi"/>
    <dnsmasq:option value="dhcp-boot=tag:!ipxe,tag:efi-arm64,snponly-arm64.efi"/>
    <dnsmasq:option value="dhcp-boot=tag:!ipxe,tag:http-i386,http://192.168.150.1/loader/snponly-i386.efi"/>
    <dnsmasq:option value="dhcp-boot=tag:!ipxe,tag:http-x86_64,http://192.168.150.1/loader/snponly.efi"/>
    <dnsmasq:option value="dhcp-boot=tag:!ipxe,tag:http-arm64,http://192.168.150.1/loader/snponly-arm64.efi"/>
    <dnsmasq:option value="dhcp-option-force=tag:!ipxe,tag:http-i386,60,HTTPClient"/>
    <dnsmasq:option value="dhcp-option-force=tag:!ipxe,tag:http-x86_64,60,HTTPClient"/>
    <dnsmasq:option value="dhcp-option-force=tag:!ipxe,tag:http-arm64,60,HTTPClient"/>
    <dnsmasq:option value="dhcp-boot=tag:ipxe,http://192.168.150.1/boot.ipxe"/>
    <dnsmasq:option value="dhcp-option=tag:ipxe,encap:175,176,1b"/>
  </dnsmasq:options>
</network>
`,
  );
});

test('has the same boot options as the dnsmasq of a boot server', async () => {
  const [inXml, onServer] = [
    optionsIn(await network()),
    (
      await made(
        'dnsmasq/plant.conf',
        ['server: libvirt,', 'server: dnsmasq,'],
        ['    gateway', '    interface: br0\n    gateway'],
      )
    )
      .split('\n')
      .filter(
        (line) =>
          /^dhcp-(userclass|vendorclass|match|boot|option-force)=|ipxe/.test(line) && !line.startsWith('#'),
      ),
  ];
  assert.ok(onServer.length > 20);
  assert.equal(inXml.slice(-onServer.length), onServer);
});

test('writes none without a host, and a dnsmasq of the boot server only for its own networks', async () => {
  assert.is(await made('dnsmasq/plant.conf'), '');
  const { tree } = await compile(makeSite(NESTED));
  assert.equal(
    [...(tree?.keys() ?? [])].filter((path) => path.startsWith('libvirt/')),
    [
      'libvirt/domains/harvester-1.xml',
      'libvirt/domains/harvester-2.xml',
      'libvirt/domains/harvester-3.xml',
      'libvirt/network.xml',
    ],
  );
});

test('writes further networks, each in a file: routed, open, isolated, without an IP address', async () => {
  const networks =
    also(`  routed: { subnet: 10.1.0.0/24, mtu: 9000, domain: a.example.org, libvirt: { forward: route, address: 10.1.0.1 } }
  open: { subnet: 10.2.0.0/24, gateway: 10.2.0.1, interface: br-open, libvirt: { forward: open } }
  alone: { subnet: 10.3.0.0/24, libvirt: { forward: isolated } }`);
  const head = (text: string) =>
    text
      .split('\n')
      .slice(2)
      .join('\n')
      .replace(/<uuid>.*<\/uuid>\n {2}/, '');
  assert.is(
    head(await made('libvirt/networks/routed.xml', networks)),
    `  <name>plant-routed</name>
  <forward mode="route"/>
  <bridge name="virbr-routed" stp="on" delay="0"/>
  <mtu size="9000"/>
  <domain name="a.example.org"/>
  <dns enable="no"/>
  <ip address="10.1.0.1" netmask="255.255.255.0">
  </ip>
</network>
`,
  );
  assert.is(
    head(await made('libvirt/networks/open.xml', networks)),
    `  <name>plant-open</name>
  <forward mode="open"/>
  <bridge name="br-open" stp="on" delay="0"/>
  <dns enable="no"/>
  <ip address="10.2.0.1" netmask="255.255.255.0">
  </ip>
</network>
`,
  );
  assert.is(
    head(await made('libvirt/networks/alone.xml', networks)),
    `  <name>plant-alone</name>
  <bridge name="virbr-alone" stp="on" delay="0"/>
  <dns enable="no"/>
</network>
`,
  );
});

for (const [lease, expiry, unit] of [
  ['150s', 150, 'seconds'],
  ['2m', 2, 'minutes'],
  ['45m', 45, 'minutes'],
  ['12h', 12, 'hours'],
  ['7d', 168, 'hours'],
  ['2w', 336, 'hours'],
  ['infinite', 0, 'hours'],
] as const) {
  test(`writes a lease of ${lease}`, async () => {
    const xml = await network(['lease: 7d', `lease: ${lease}`]);
    const leases = Array.from(xml.matchAll(/<lease .*\/>/g), ([text]) => text);
    assert.equal(new Set(leases), new Set([`<lease expiry="${expiry}" unit="${unit}"/>`]));
    assert.is(leases.length, 7);
  });
}

test('reserves the IP address for any NIC of a bond past libvirt', async () => {
  const xml = await network([
    '{ mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }',
    '{ nics: [{ mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }, { mac: 52:54:00:0c:02:02 }] }',
  ]);
  assert.not.match(xml, '<host mac="52:54:00:0c:01:02"');
  assert.match(xml, '<host mac="52:54:00:0c:01:03"');
  assert.ok(
    optionsIn(xml).includes('dhcp-host=52:54:00:0c:01:02,52:54:00:0c:02:02,192.168.150.42,harvester-2,7d'),
  );
  assert.not.match(optionsIn(xml).join('\n'), 'dhcp-range');
});

test('leases nothing to unknown machines without a pool, and enables DHCP without any host', async () => {
  const noPool = await network([DHCP, 'dhcp: { server: libvirt }']);
  assert.match(noPool, '<host mac=');
  assert.not.match(noPool, '<range');
  assert.not.match(noPool, 'dhcp-range');
  const bonds = [1, 2, 3].map(
    (number): Edit => [
      `{ mac: 52:54:00:0c:01:0${number}, ip: 192.168.150.4${number}`,
      `{ nics: [{ mac: 52:54:00:0c:01:0${number}, ip: 192.168.150.4${number} }, { mac: 52:54:00:0c:02:0${number} }]`,
    ],
  );
  const none = await network([DHCP, 'dhcp: { server: libvirt }'], ...bonds);
  assert.is(within(none, 'dhcp'), undefined);
  assert.equal(optionsIn(none).slice(0, 4), [
    'log-dhcp',
    'dhcp-range=192.168.150.0,static,255.255.255.0,12h',
    'dhcp-authoritative',
    'dhcp-no-override',
  ]);
});

test('reserves a VIP with DHCP, without a name', async () => {
  const xml = await network([
    'vip: 192.168.150.40,',
    'vip: 192.168.150.40, vip_mode: dhcp, vip_hw_addr: 02:00:00:03:3d:61,',
  ]);
  assert.match(xml, '<host mac="02:00:00:03:3d:61" ip="192.168.150.40">\n');
});

test('enables DNS if the host is a DNS server, without upstream servers in an air gap', async () => {
  assert.match(await network(), '<dns enable="yes"/>');
  assert.match(await network(['dns: [192.168.150.1]', 'dns: [9.9.9.9]']), '<dns enable="no"/>');
  const sealed = await network(
    ['site: plant', 'site: plant\nair_gapped: true'],
    ['ntp_servers: [0.suse.pool.ntp.org], ', ''],
  );
  assert.match(sealed, '<dns enable="yes"/>');
  assert.match(sealed, '<forward mode="open"/>');
  assert.is(optionsIn(sealed)[0], 'no-resolv');
  assert.ok(optionsIn(sealed).includes('dhcp-option=tag:virbr-mgmt,option:ntp-server,192.168.150.1'));
});

test('sends no options that the network does not set', async () => {
  const xml = await made(
    'libvirt/networks/vms.xml',
    also('  vms: { subnet: 10.1.0.0/24, libvirt: { address: 10.1.0.1 }, dhcp: { server: libvirt } }'),
  );
  assert.ok(optionsIn(xml).includes('dhcp-option=tag:virbr-vms,option:router'));
  assert.ok(optionsIn(xml).includes('dhcp-option=tag:virbr-vms,option:dns-server'));
});

test('derives the UUID from the name, not from the content', async () => {
  const uuid = async (...edits: readonly Edit[]) => /<uuid>(.*)<\/uuid>/.exec(await network(...edits))?.[1];
  assert.is(await uuid(['192.168.150.0/24', '192.168.150.0/23']), await uuid());
  assert.is.not(await uuid(['  mgmt:', '  other:']), await uuid());
});

test.run();

// needs: dhcpd dnsmasq kea-dhcp4

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { quoteDhcpd } from '../../src/values/quoting.ts';
import { fileText } from '../support/file-text.ts';
import { edited, PLANT } from '../support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from '../support/scratch.ts';
import { SPLIT_PLANT } from '../support/split-plant.ts';

const DHCP = 'dhcp:\n      pool: 192.168.178.200-192.168.178.250';
const THIRD = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
const BOND =
  '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, network: mgmt }, { mac: 52:54:00:aa:03:03, ip: 10.0.0.43 }], bmc: { mac: 52:54:00:aa:04:03, address: 10.0.0.143 } }';

/** Sites of one server: a minimal one, and one with every setting for a DHCP server. */
const sitesOf = (server: string): Readonly<Record<string, string>> => ({
  plain: edited(PLANT, [DHCP, `dhcp: { server: ${server} }`]),
  pool: edited(PLANT, [
    DHCP,
    `dhcp: { server: ${server}, pool: 192.168.178.200-192.168.178.250, lease: infinite }`,
  ]),
  everything: edited(
    PLANT,
    [
      DHCP,
      `ntp: [192.168.178.9]
    domain: plant.example.org
    mtu: 9000
    dhcp: { server: ${server}, pool: 192.168.178.200-192.168.178.200, lease: 99999999w }
  storage: { subnet: 10.0.0.0/16, dhcp: { server: ${server} } }`,
    ],
    [THIRD, BOND],
    ['vip: 192.168.178.40', 'vip: 192.168.178.40\n  vip_mode: dhcp\n  vip_hw_addr: 02:00:00:03:3d:61'],
    ['  harv-2:', '  harv-2.plant.example.org:'],
    ['version: v1.4.1', 'version: v1.6.0'],
  ),
  'a port that boots untagged and runs in a VLAN': edited(
    SPLIT_PLANT,
    ['server: dnsmasq', `server: ${server}`],
    ['    vlan: 110\n', `    vlan: 110\n    dhcp: { server: ${server} }\n    boot_server: 10.11.0.7\n`],
    ['mac: 52:54:00:05:01:01', 'mac: 52:54:00:05:00:01'],
  ),
  'iPXE and GRUB': edited(PLANT, [DHCP, `dhcp: { server: ${server} }`]).replace(
    'nodes:\n',
    `nodes:\n${['ipxe', 'grub']
      .map(
        (loader, index) =>
          `  cg0${index}: { mac: "52:54:00:00:00:0${index}", ip: 192.168.178.6${index}, boot: { os: linux, kernel: http://192.168.178.7/k, initrd: http://192.168.178.7/i, loader: ${loader} } }\n`,
      )
      .join('')}`,
  ),
});

const test = suite('configurations of DHCP servers, validated by the servers');

for (const [server, path, argv] of [
  ['isc', 'dhcpd/dhcpd.conf', ['dhcpd', '-t', '-q', '-cf']],
  ['kea', 'kea/kea-dhcp4.conf', ['kea-dhcp4', '-t']],
] as const) {
  for (const [name, text] of Object.entries(sitesOf(server))) {
    test(`${argv.join(' ')}: ${name}`, async () => {
      const { tree, diagnostics } = await compile(makeSite(text));
      assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
      const content = fileText(tree, path) ?? '';
      assert.not.match(content, /undefined|\[object|NaN/);
      const { status, output } = validate(argv, content);
      assert.is(status, 0, output);
      assert.not.match(output, /warning|WARN|error|ERROR/);
    });
  }

  test(`${argv.join(' ')} rejects a wrong configuration`, async () => {
    const { tree } = await compile(makeSite(sitesOf(server).plain ?? ''));
    const content = (fileText(tree, path) ?? '').replaceAll('192.168.178.0', '192.168.178.300');
    assert.is.not(validate(argv, content).status, 0);
  });
}

test('a value quoted for dhcpd is one string', () => {
  for (const value of ['a b', 'a"b', "a'b", 'a\\b', 'a\\', 'a;b', 'a{b}', '#a', 'ä', '$', '\\x41', '"; }']) {
    const statement = `option domain-name ${quoteDhcpd(value)};\nsubnet 10.0.0.0 netmask 255.255.255.0 {}\n`;
    const { status, output } = validate(['dhcpd', '-t', '-q', '-cf'], statement);
    assert.is(status, 0, `${value}: ${output}`);
  }
});

function validate(argv: readonly string[], content: string): { status: number | null; output: string } {
  const folder = writeFiles(scratchFolder(), { conf: content });
  const [program = '', ...rest] = argv;
  const { status, stdout, stderr } = spawnSync(program, [...rest, join(folder, 'conf')], {
    encoding: 'utf8',
    env: { ...process.env, KEA_LOCKFILE_DIR: folder },
  });
  return { status, output: stdout + stderr };
}

test.run();

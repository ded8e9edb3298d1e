import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileText } from '../../../test/support/file-text.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { devicesOf } from './ops.ts';

const test = suite('the files for BMCs');

const HEAD = `site: plant
server: { url: http://10.1.0.1 }
networks:
  mgmt: { subnet: 10.1.0.0/16, gateway: 10.1.0.1, dns: [10.1.0.1], dhcp: {} }
defaults: { boot: { os: linux, kernel: vmlinuz } }
nodes:
`;

async function treeOf(nodes: string) {
  const { tree, diagnostics } = await compile(makeSite(HEAD + nodes));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

const CONFIGURED = ['ops/powerman.conf', 'ops/conman.conf'];
const REDFISH = 'scripts/redfish-boot.sh';
const IPMI = 'scripts/ipmi-boot.sh';
const OPS = [...CONFIGURED, 'ops/redfish.dev', REDFISH, IPMI];

test('generates the files for the protocols in use', async () => {
  const ways: readonly (readonly [bmc: string, files: readonly string[]])[] = [
    ['', []],
    [', bmc: { protocol: ipmi, user: admin }', []],
    [', bmc: { address: 10.9.0.1, protocol: ipmi }', [...CONFIGURED, IPMI]],
    [', bmc: { address: 10.9.0.1, protocol: redfish }', OPS.slice(0, 4)],
    [', bmc: { address: 10.9.0.1 }', [...CONFIGURED, REDFISH, IPMI]],
  ];
  for (const [bmc, files] of ways) {
    const tree = await treeOf(`  a: { mac: 52:54:00:00:00:01, ip: 10.1.0.2${bmc} }\n`);
    assert.equal(
      OPS.filter((path) => tree.has(path)),
      files,
      bmc,
    );
    assert.is(/## Power and consoles/.test(fileText(tree, 'README.md') ?? ''), files.length > 0);
  }
});

test('powerman uses the protocol of each BMC, and ConMan uses IPMI for all', async () => {
  const tree = await treeOf(`  a: { mac: 52:54:00:00:00:01, ip: 10.1.0.2, bmc: { address: 10.9.0.1 } }
  b: { mac: 52:54:00:00:00:02, ip: 10.1.0.3, bmc: { address: bmc-b.example.org, protocol: ipmi } }
  c: { mac: 52:54:00:00:00:03, ip: 10.1.0.4, bmc: { address: 10.9.0.3, protocol: redfish } }
`);
  const lines = (path: string) =>
    (fileText(tree, path) ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  assert.equal(lines('ops/powerman.conf'), [
    'listen "127.0.0.1:10101"',
    'include "/etc/powerman/ipmipower.dev"',
    'include "/srv/harvgen/plant/ops/redfish.dev"',
    'device "ipmi-1" "ipmipower" "/usr/sbin/ipmipower --driver-type=LAN_2_0 -h 10.9.0.1,bmc-b.example.org --wait-until-on --wait-until-off |&"',
    'node "a" "ipmi-1" "10.9.0.1"',
    'node "b" "ipmi-1" "bmc-b.example.org"',
    'device "redfish-1" "redfish-boot" "/srv/harvgen/plant/scripts/redfish-boot.sh --powerman c |&"',
    'node "c" "redfish-1" "c"',
  ]);
  assert.equal(lines('ops/conman.conf').slice(-3), [
    'CONSOLE name="a" dev="ipmi:10.9.0.1"',
    'CONSOLE name="b" dev="ipmi:bmc-b.example.org"',
    'CONSOLE name="c" dev="ipmi:10.9.0.3"',
  ]);
});

test('IPMI supports the first node of a BMC, and Redfish supports each', async () => {
  const two = (more: string) =>
    treeOf(`  a: { mac: 52:54:00:00:00:01, ip: 10.1.0.2, bmc: &bmc { address: 10.1.9.1, mac: 52:54:00:00:09:01${more} } }
  b: { mac: 52:54:00:00:00:02, ip: 10.1.0.3, bmc: *bmc }
`);
  const about = (text = '') =>
    text.split('\n').filter((line) => /^(?:node|CONSOLE) |\bb\b.*shares/.test(line));
  const ipmi = await two('');
  assert.equal(about(fileText(ipmi, 'ops/powerman.conf')), [
    'node "a" "ipmi-1" "10.1.9.1"',
    '# b is not here: it shares the BMC of a, and IPMI supports one node per BMC; Redfish supports each.',
  ]);
  assert.match(fileText(ipmi, 'ops/powerman.conf') ?? '', / -h 10\.1\.9\.1 /);
  assert.equal(about(fileText(ipmi, 'ops/conman.conf')), [
    'CONSOLE name="a" dev="ipmi:10.1.9.1"',
    '# b has no console here: it shares the BMC of a, and IPMI supports one console per BMC.',
  ]);
  assert.equal((fileText(ipmi, IPMI) ?? '').match(/^[ab] 10.*/gm), ['a 10.1.9.1 UEFI']);
  assert.match(fileText(ipmi, REDFISH) ?? '', /^a 10\.1\.9\.1 .*\nb 10\.1\.9\.1 /m);
  const reserved = [...ipmi.keys()].flatMap((path) =>
    (fileText(ipmi, path) ?? '')
      .split('\n')
      .filter((line) => line.includes('52:54:00:00:09:01') && line.includes('10.1.9.1')),
  );
  assert.equal(new Set(reserved).size, 1, reserved.join('\n'));
  assert.match(reserved[0] ?? '', /a-bmc/);
  const redfish = await two(', protocol: redfish');
  assert.equal(about(fileText(redfish, 'ops/powerman.conf')), [
    'node "a" "redfish-1" "a"',
    'node "b" "redfish-1" "b"',
  ]);
});

test('limits the number of machines per program, and the length of their names', () => {
  const named = (count: number, length: number) =>
    Array.from({ length: count }, (_, index) => {
      const address = `b${index}`.padEnd(length, 'x');
      return { node: { name: `n${index}` }, address, protocol: 'ipmi' } as Parameters<typeof devicesOf>[0][0];
    });
  const sizes = (count: number, length: number) =>
    devicesOf(named(count, length), '/s').devices.map(({ nodes }) => nodes.length);
  assert.equal(sizes(130, 9), [64, 64, 2]);
  assert.equal(sizes(40, 250), [15, 15, 10]);
  assert.equal(devicesOf([], '/s').devices, []);
});

test.run();

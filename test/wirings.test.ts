import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { installer } from '../src/plan/kernel-args.ts';
import { isServed } from '../src/plan/medium.ts';
import type { Node, Site } from '../src/site/model.ts';
import { blocksOf } from './support/markdown.ts';
import { makeSite } from './support/scratch.ts';

const page = readFileSync(new URL('../docs/how-to/wiring.md', import.meta.url), 'utf8');

/** The samples of the page by the names of their sites. */
const samples = new Map(
  blocksOf(page, 'yaml site').map((text) => [/^site: (.*)$/m.exec(text)?.[1] ?? '', text] as const),
);

/** A release of each minor version, from the oldest whose media the page's samples may name. */
const RELEASES = ['v1.4.3', 'v1.5.1', 'v1.6.1', 'v1.7.2', 'v1.8.1', 'v1.9.0'];

/** What a node must get: the links of its bond by the ends of their MAC addresses, and how it reaches its two networks. */
interface Wired {
  readonly bond: readonly string[];
  readonly ip?: string;
  readonly vlan?: number;
  readonly args: string;
  /** Whether the installed system keeps the boot NIC down, from v1.7.0 on. */
  readonly down: boolean;
  readonly boots: string;
}

const PORT: Wired = {
  bond: ['0c:01:01', '0c:02:01'],
  ip: '10.11.0.41',
  vlan: 110,
  args: 'BOOTIF=01-52-54-00-0c-00-01 ip=dhcp',
  down: true,
  boots: '10.20.0.41',
};
const LAN = { args: 'ip=dhcp', down: false, boots: '10.20.0.41' };

const WIRINGS: Readonly<Record<string, readonly Wired[]>> = {
  one_nic: [{ ...LAN, bond: ['0a:00:01'] }],
  bond: [{ ...LAN, bond: ['0b:01:01', '0b:02:01'] }],
  third_port: [PORT],
  same_ports: [
    { ...PORT, bond: ['0d:01:01', '0d:02:01'], args: 'BOOTIF=01-52-54-00-0d-01-01 ip=dhcp', down: false },
  ],
  two_clusters: [
    { ...PORT, bond: ['0e:01:01'], args: 'BOOTIF=01-52-54-00-0e-00-01 ip=dhcp' },
    {
      ...PORT,
      ...{ bond: ['0f:01:01'], ip: '10.12.0.51', vlan: 120, boots: '10.20.0.51' },
      args: 'BOOTIF=01-52-54-00-0f-00-01 ip=dhcp',
    },
  ],
  further_nics: [{ ...LAN, bond: ['1a:00:01'] }],
  relay: [{ ...PORT, bond: ['1b:01:01'], args: 'BOOTIF=01-52-54-00-1b-00-01 ip=dhcp' }],
  lab_host: [
    {
      ...{ bond: ['1c:01:01'], ip: '10.11.0.41', args: 'BOOTIF=01-52-54-00-1c-00-01 ip=dhcp' },
      ...{ down: true, boots: '10.20.0.41' },
    },
  ],
};

function wiredOf(site: Site, node: Node): Wired {
  const { interfaces = [], ip, vlan_id: vlan } = node.config.install?.management_interface ?? {};
  const { args } = installer(site, node);
  const files = node.config.os?.write_files ?? [];
  return {
    bond: interfaces.map(({ hwAddr = '' }) => hwAddr.slice(9)),
    ...(ip !== undefined && { ip }),
    ...(vlan !== undefined && { vlan }),
    args: args.filter((arg) => /^(?:BOOTIF|ip)=/.test(arg)).join(' '),
    down: files.some(({ content }) => content?.includes(`match-device=mac:${node.bootNic.mac}`)),
    boots: node.bootNic.ip ?? '',
  };
}

async function siteOf(name: string, release: string, edit = (text: string) => text): Promise<Site> {
  const text = edit(samples.get(name) ?? '').replace('v1.6.1', release);
  const { site, diagnostics } = await compile(makeSite({ 'site.yaml': text }, name));
  assert.equal(
    diagnostics.map(({ code }) => code),
    [],
  );
  return site as Site;
}

const test = suite('the wirings of the page');

test('are those of this test', () => assert.equal([...samples.keys()], Object.keys(WIRINGS)));

for (const [name, wired] of Object.entries(WIRINGS))
  for (const release of RELEASES)
    test(`${name} with ${release}`, async () => {
      const site = await siteOf(name, release);
      const isDown = RELEASES.indexOf(release) >= RELEASES.indexOf('v1.7.2');
      assert.equal(
        site.nodes.map((node) => wiredOf(site, node)),
        wired.map((one) => ({ ...one, down: one.down && isDown })),
      );
    });

for (const release of RELEASES)
  test(`a lease on the management network with ${release}`, async () => {
    const site = await siteOf('third_port', release, (text) =>
      text.replace('vlan: 110,', 'vlan: 110, dhcp: {},').replace('802.3ad', 'active-backup'),
    );
    const [node] = site.nodes as readonly [Node];
    const { method, ip, gateway } = node.config.install?.management_interface ?? {};
    assert.equal([method, ip, gateway], ['dhcp', undefined, undefined]);
    // Before v1.7.0, the boot NIC keeps its lease; then the ISO is fetched over the management network.
    const address = RELEASES.indexOf(release) < 3 ? '10.20.0.7' : '10.11.0.7';
    const url = node.config.install?.iso_url ?? '';
    assert.is(url.split('/')[2], address);
    assert.ok(isServed(site, url));
  });

test.run();

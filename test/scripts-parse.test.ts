import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { textOf } from '../src/tree/tree.ts';
import { NESTED } from './support/nested-plant.ts';
import { OCI_PLANT } from './support/oci-plant.ts';
import { edited } from './support/plant.ts';
import { spread, written } from './support/random-files.ts';
import { sitePlan } from './support/random-plan.ts';
import { buildSite } from './support/random-site.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

/* A shell can parse the scripts of any site: optional parts of a template must not leave an empty block. */

const EXPOSE = '  expose:\n    - { port: 443 }\n    - { port: 6443, allow: [203.0.113.0/24] }\n';
const DISKS = '  disks:\n    data1: { device: /dev/disk/by-id/google-data1, size: 400GB }\n';
const LIBVIRT = 'dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d }';

/** A site with a diskless node; the store and the iSCSI server vary. */
const diskless = (iscsi: string) => `site: plant
server: { url: http://10.20.0.1, iscsi: ${iscsi} }
images:
  rocky9: { source: rocky9.qcow2 }
  tuned: { snapshot_of: cn01 }
networks:
  mgmt: { subnet: 10.20.0.0/24, gateway: 10.20.0.254, dns: [10.20.0.254], dhcp: { server: external } }
nodes:
  cn01: { mac: 52:54:00:aa:01:01, ip: 10.20.0.11, boot: { os: iscsi, image: rocky9, size: 40Gi } }
`;

const SITES: Readonly<Record<string, string>> = {
  'cloud instances': OCI_PLANT,
  'a host with all features': NESTED,
  'unmanaged bridges, no ports': edited(
    NESTED,
    [EXPOSE, ''],
    [DISKS, ''],
    [LIBVIRT, 'interface: br0\n    dhcp: { server: external }'],
  ),
  'unmanaged bridges, exposed ports': edited(NESTED, [
    LIBVIRT,
    'interface: br0\n    dhcp: { server: dnsmasq }',
  ]),
  'air-gapped': edited(NESTED, ['site: plant', 'site: plant\nair_gapped: true'], [EXPOSE, '']),
  'no machine that starts with the host': edited(NESTED, [
    'preset: small,',
    'preset: small, autostart: false,',
  ]),
  'disks as files, by tgt': diskless('{}'),
  'disks as qcow2, by LIO': diskless('{ format: qcow2, driver: lio }'),
  'disks in Ceph, by tgt': diskless('{ rbd: { pool: bmi } }'),
  'disks in Ceph, by LIO': diskless('{ rbd: { pool: bmi, keyring: /etc/ceph/bmi }, driver: lio }'),
  'an open network, media elsewhere': edited(
    NESTED,
    [LIBVIRT, `${LIBVIRT}\n    libvirt: { forward: open }`],
    [
      'url: http://192.168.150.1',
      'url: http://192.168.150.1, media: "https://releases.rancher.com/harvester"',
    ],
  ),
};

const RANDOM = 80;

const test = suite('the scripts of an output tree, parsed by a shell');

for (const [name, inventory] of Object.entries(SITES)) {
  test(`${name}: each can be parsed`, async () =>
    assert.is(errorOf(await scriptsOf(makeSite(inventory))), ''));
}

test('those of random sites can be parsed', async () => {
  const scripts: string[] = [];
  for (const plan of fc.sample(sitePlan, { numRuns: RANDOM, seed: 1 })) {
    const files = written(spread(buildSite(plan).inventory, plan.style), plan.style);
    scripts.push(...(await scriptsOf(join(writeFiles(scratchFolder(), files), 'plant'))));
  }
  assert.ok(scripts.length > RANDOM);
  assert.is(errorOf([...new Set(scripts)]), '');
});

test('detects a script that cannot be parsed', () => {
  assert.match(
    errorOf(['echo one', 'if true; then\nfi', 'echo three']),
    'syntax error near unexpected token `fi',
  );
});

test.run();

async function scriptsOf(folder: string): Promise<string[]> {
  const { tree, diagnostics } = await compile(folder);
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return [...tree].filter(([path]) => path.endsWith('.sh')).map(([, file]) => textOf(file));
}

/** Parses all scripts in one shell, each as the body of a function. Returns its first error, or an empty text. */
function errorOf(scripts: readonly string[]): string {
  const input = scripts.map((script, index) => `script_${index}() {\n${script}\n}\n`).join('');
  const { status, stderr } = spawnSync('bash', ['-n'], { input, encoding: 'utf8' });
  if (status === 0) return '';
  const line = Number(/line (\d+)/.exec(stderr)?.[1]);
  const around = input.split('\n').slice(Math.max(0, line - 6), line + 1);
  return `${stderr}\n${around.join('\n')}`;
}

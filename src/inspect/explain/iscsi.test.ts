import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSite } from '../../../test/support/scratch.ts';
import { resolve } from '../../compile.ts';
import { Report } from '../../source/diagnostics/report.ts';
import { explainNode } from './explain-node.ts';

const test = suite('explain: iSCSI disks');

const SITE = `site: plant
server:
  url: http://10.20.0.1
  iscsi: { address: 10.20.0.2 }
networks:
  boot: { subnet: 10.20.0.0/24, gateway: 10.20.0.1, dhcp: { pool: 10.20.0.200-10.20.0.250 } }
tenants:
  chem: { network: boot }
images:
  rocky9: { source: rocky9.qcow2, public: true }
  gromacs: { snapshot_of: cn01, parent: rocky9, tenant: chem }
nodes:
  cn01: { mac: 52:54:00:20:00:01, ip: 10.20.0.11, tenant: chem, boot: { os: iscsi, image: rocky9 } }
  cn02:
    { mac: 52:54:00:20:00:02, ip: 10.20.0.12, tenant: chem,
      boot: { os: iscsi, image: gromacs, chap: { password: "\${secret:in}", target_user: san, target_password: "\${secret:out}" } } }
`;

/** Returns the values of a node with these keys, each with its line or its derivation. */
async function explained(name: string, ...keys: readonly string[]): Promise<string[]> {
  const { inventory, draft } = resolve(makeSite(SITE), new Report());
  const node = draft?.nodes?.find((one) => one?.name === name);
  assert.ok(inventory && draft && node);
  return explainNode(inventory, draft, node).flatMap(({ path, value, at, derived }) => {
    const key = path.join('.');
    if (!keys.some((one) => key === one || key.startsWith(`${one}.`))) return [];
    const line = at && `line ${at.source.position(at.start).line}`;
    return `${key} = ${value} (${[derived, line].filter(Boolean).join(', ')})`;
  });
}

test('values derived from a name and an image', async () => {
  assert.equal(await explained('cn01', 'tenant', 'boot'), [
    'boot.os = iscsi (line 13)',
    'boot.image = rocky9 (line 13)',
    'boot.target = iqn.2024-07.internal.harvgen:plant:cn01:rocky9 (by default)',
    'boot.server = 10.20.0.2 (the IP address of the iSCSI server, line 4)',
    'boot.port = 3260 (by default)',
    'boot.lun = 1 (by default)',
    'boot.initiator = iqn.2024-07.internal.harvgen:plant:cn01 (by default)',
    'boot.fallback = retry (by default)',
    'boot.stored = plant-cn01.rocky9 (its name in the store: a clone of plant-image.rocky9, made from rocky9.qcow2)',
    "boot.chap.user = plant.cn01 (by default, from the site's and the node's names)",
    "boot.chap.password = ${secret:chap_cn01} (by default, from the site's and the node's names)",
    'tenant = chem (line 13)',
  ]);
});

test('values that the inventory sets, by its keys', async () => {
  assert.equal(await explained('cn02', 'boot.chap', 'boot.stored'), [
    'boot.stored = plant-cn02.gromacs (its name in the store: a clone of plant-image.gromacs, made from the disk of cn01)',
    "boot.chap.user = plant.cn02 (by default, from the site's and the node's names)",
    'boot.chap.password = ${secret:in} (line 16)',
    'boot.chap.target_user = san (line 16)',
    'boot.chap.target_password = ${secret:out} (line 16)',
  ]);
});

test.run();

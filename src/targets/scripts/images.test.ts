import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { textOf } from '../../tree/tree.ts';

const SITE = `site: lab
server: { url: http://10.20.0.1, iscsi: {} }
images:
  rocky9: { source: rocky9.qcow2 }
  tuned: { snapshot_of: cn01 }
  win11: {}
networks:
  mgmt: { subnet: 10.20.0.0/24, gateway: 10.20.0.254, dns: [10.20.0.254], dhcp: { server: external } }
nodes:
  cn01: { mac: 52:54:00:aa:01:01, ip: 10.20.0.11, boot: { os: iscsi, image: rocky9, size: 40Gi } }
  cn02: { mac: 52:54:00:aa:01:02, ip: 10.20.0.12, boot: { os: iscsi, image: win11 } }
  cn03: { mac: 52:54:00:aa:01:03, ip: 10.20.0.13, boot: { os: iscsi, target: "iqn.2015-02.oracle.boot:uefi" } }
`;
const UNIT = 'systemd/harvgen-lab-disk@.service';

const test = suite('the generated scripts/images.sh');

test('contains the images and disks of the inventory, without external targets', async () => {
  const { script, unit } = await emitted(SITE);
  assert.equal(wanted(script), [
    "image rocky9 /srv/harvgen/disks/import/rocky9.qcow2 ''",
    "image tuned '' cn01",
    "image win11 '' ''",
    'disk cn01 lab-cn01.rocky9 rocky9 42949672960',
    'disk cn02 lab-cn02.win11 win11 0',
  ]);
  assert.match(script, /\nfolder=\/srv\/harvgen\/disks\n/);
  assert.not.match(script, 'oracle');
  assert.is(unit, undefined, 'tgt serves raw files directly');
});

test('contains the Ceph settings of the inventory', async () => {
  const { script } = await emitted(
    edited(
      SITE,
      ['iscsi: {}', 'iscsi: { prefix: "5-", snapshot: gold, rbd: { pool: bmi, id: bmi } }'],
      ['source: rocky9.qcow2', 'source: /srv/images/rocky9.qcow2'],
    ),
  );
  assert.equal(wanted(script).slice(0, 4), [
    "image rocky9 /srv/images/rocky9.qcow2 ''",
    "image tuned '' cn01",
    "image win11 '' ''",
    'disk cn01 5-cn01.rocky9 rocky9 42949672960',
  ]);
  assert.match(script, '\nrbd=(rbd --id bmi --conf /etc/ceph/ceph.conf)\n');
  assert.match(script, '\nprefix=5-\n');
  assert.match(script, '\nsnapshot=gold\n');
});

test('exports a qcow2 to tgt by a unit', async () => {
  const { script, unit } = await emitted(
    edited(SITE, ['iscsi: {}', 'iscsi: { format: qcow2, files: /data }']),
  );
  assert.match(script, '  *) printf \'%s/exports/%s.raw\' "$folder" "$1" ;;\n');
  assert.match(unit ?? '', 'filename=/data/%i.qcow2');
  assert.match(unit ?? '', 'mountpoint=/data/exports/%i.raw,writable=on\n');
});

test('is not generated without diskless nodes', async () => {
  assert.is((await emitted(PLANT)).script, '');
});

test.run();

async function emitted(inventory: string) {
  const { tree, diagnostics } = await compile(makeSite(inventory, /^site: (.*)/.exec(inventory)?.[1]));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  const [script, unit] = ['scripts/images.sh', UNIT].map((path) => tree.get(path));
  return { script: script ? textOf(script) : '', unit: unit && textOf(unit) };
}

/** Returns the lines of the wanted images and disks. */
function wanted(script: string): string[] {
  return Array.from(script.matchAll(/^ {2}((?:image|disk) .*)/gm), ([, line = '']) => line);
}

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ISCSI_HARVESTER } from '../../../test/support/iscsi-harvester-plant.ts';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { Tree } from '../../tree/tree.ts';
import { plan } from './plan.ts';

const test = suite('the plan of machines with iSCSI disks');

/** Two diskless machines in a site without Harvester. */
const DISKLESS = `site: plant
server:
  url: http://10.20.0.1
  iscsi: { address: 10.20.0.2 }
networks:
  boot: { subnet: 10.20.0.0/24, gateway: 10.20.0.1, dhcp: { pool: 10.20.0.200-10.20.0.250 } }
images:
  rocky9: { source: rocky9.qcow2, public: true }
  gromacs: { source: gromacs.qcow2, public: true }
nodes:
  cn01: { mac: 52:54:00:20:00:01, ip: 10.20.0.11, boot: { os: iscsi, image: rocky9 } }
  cn02: { mac: 52:54:00:20:00:02, ip: 10.20.0.12, boot: { os: iscsi, image: rocky9 } }
`;

async function treeOf(site: string): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(site));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

const planned = async (site: string, ...edits: readonly Edit[]) =>
  plan(await treeOf(site), await treeOf(edited(site, ...edits)));

/** Returns the consequence and the texts of each node, by its name. */
async function diff(site: string, ...edits: readonly Edit[]): Promise<Record<string, string[]>> {
  const { nodes } = await planned(site, ...edits);
  return Object.fromEntries(
    nodes.map(({ node, consequence, changes }) => [node, [consequence, ...changes.map(({ text }) => text)]]),
  );
}

const CN01 = 'ip: 10.20.0.11, boot: { os: iscsi, image: rocky9 }';
const cn01 = (boot: string): Edit => [CN01, `ip: 10.20.0.11, boot: { ${boot} }`];

test('another image is another disk, and the old one stays in the store', async () => {
  assert.equal(await diff(DISKLESS, cn01('os: iscsi, image: gromacs')), {
    cn01: [
      'boots-otherwise',
      'boots the iSCSI disk plant-cn01.gromacs (a clone of gromacs) instead of the iSCSI disk plant-cn01.rocky9 (a clone of rocky9); the old disk plant-cn01.rocky9 stays in the store until images.sh prune',
    ],
  });
});

test('the local disk matters if the node boots it without its target', async () => {
  const by = (more: string) => edited(DISKLESS, cn01(`os: iscsi, image: rocky9${more}`));
  const drive: Edit = ['fallback: disk', 'fallback: disk, drive: 0x81'];
  assert.equal(await diff(by(', fallback: disk'), drive), {
    cn01: ['boots-otherwise', 'local disk to boot if its target is unreachable: 0x80 → 0x81'],
  });
});

test('a gone node loses its script and its target, and its disk is an orphan', async () => {
  const gone = `  cn01: { mac: 52:54:00:20:00:01, ${CN01} }\n`;
  assert.equal(await diff(DISKLESS, [gone, '']), {
    cn01: [
      'stranger',
      'gone: this build removes its script, put-targets.sh its target while it is off, and images.sh prune its disk plant-cn01.rocky9; a machine with its MAC address is now unknown',
    ],
  });
});

test('a gone node that booted with PXELINUX also loses its menu entry', async () => {
  const bios: Edit = [CN01, `firmware: bios, ${CN01.replace(' }', ', loader: pxelinux }')}`];
  const { cn01: texts } = await diff(edited(DISKLESS, bios), [
    `  cn01: { mac: 52:54:00:20:00:01, ${bios[1]} }\n`,
    '',
  ]);
  assert.match(
    texts?.[1] ?? '',
    'gone: this build removes its script and its menu entry, put-targets.sh its target while it is off, and images.sh prune its disk',
  );
  assert.equal((await diff(DISKLESS, bios)).cn01, [
    'boots-otherwise',
    'boot loader: ipxe → pxelinux',
    'firmware uefi → bios',
  ]);
});

test('an external target, and a target of the store again', async () => {
  const other = cn01('os: iscsi, target: "iqn.2001-05.com.example:lun-7", server: 10.20.0.9, lun: 0');
  assert.equal(await diff(DISKLESS, other), {
    cn01: [
      'boots-otherwise',
      'boots the iSCSI target iqn.2001-05.com.example:lun-7 instead of the iSCSI disk plant-cn01.rocky9 (a clone of rocky9); the old disk plant-cn01.rocky9 stays in the store until images.sh prune',
      'LUN: 1 → 0',
      'no longer authenticates to its target with CHAP',
    ],
  });
  const { cn01: back } = await diff(edited(DISKLESS, other), [other[1], CN01]);
  assert.equal(back?.slice(0, 2), [
    'boots-otherwise',
    'boots the iSCSI disk plant-cn01.rocky9 (a clone of rocky9) instead of the iSCSI target iqn.2001-05.com.example:lun-7',
  ]);
});

test('disks grow and do not shrink', async () => {
  const to = (size: string) => cn01(`os: iscsi, image: rocky9, size: ${size}`);
  assert.equal((await diff(DISKLESS, to('40Gi'))).cn01, [
    'boots-otherwise',
    'size of its disk: not set → 40Gi; scripts/images.sh make enlarges it; the system must grow its partitions and file systems',
  ]);
  const [, large] = to('40Gi');
  assert.equal((await diff(edited(DISKLESS, to('40Gi')), [large, CN01])).cn01, [
    'none',
    'size of its disk: 40Gi → not set; disks do not shrink: it keeps its size until images.sh reset re-creates it',
  ]);
});

test('changes of the login', async () => {
  const { cn01: texts } = await diff(
    DISKLESS,
    cn01('os: iscsi, image: rocky9, lun: 3, initiator: "iqn.2024-07.org.example:one", fallback: disk'),
  );
  assert.equal(texts, [
    'boots-otherwise',
    'LUN: 1 → 3',
    'initiator: iqn.2024-07.internal.harvgen:plant:cn01 → iqn.2024-07.org.example:one',
    'if its target is unreachable: retry → disk',
  ]);
  assert.equal(
    (
      await diff(
        DISKLESS,
        cn01('os: iscsi, image: rocky9, chap: { password: "${secret:a}", target_password: "${secret:b}" }'),
      )
    ).cn01,
    ['boots-otherwise', 'logs in with other CHAP names or secrets; its target now authenticates too'],
  );
});

test('a suffix of every target’s name is reported without the secret’s name', async () => {
  const { changes } =
    (await planned(DISKLESS, ['10.20.0.2 }', '10.20.0.2, suffix: "${secret:end}" }'])).nodes[0] ?? {};
  assert.equal(
    changes?.map(({ text }) => text),
    ['the name of its iSCSI target now ends with a secret'],
  );
});

test('changes between an iSCSI disk, the machine’s own disk and Harvester', async () => {
  assert.equal((await diff(DISKLESS, cn01('os: local'))).cn01, [
    'boots-otherwise',
    'boots its disk instead of its iSCSI disk (a clone of rocky9); the old disk plant-cn01.rocky9 stays in the store until images.sh prune',
  ]);
  assert.equal((await diff(edited(DISKLESS, cn01('os: local')), [cn01('os: local')[1], CN01])).cn01, [
    'boots-otherwise',
    'boots its iSCSI disk (a clone of rocky9) instead of its disk; its disk stays unchanged',
  ]);
});

test('Harvester on another disk is installed there', async () => {
  const node = 'ip: 10.21.0.13 }]';
  const { 'harv-3': local } = await diff(ISCSI_HARVESTER, [
    node,
    `${node}, boot: { disk: local }, config: { install: { device: /dev/disk/by-id/wwn-0x5 } }`,
  ]);
  assert.equal(local?.slice(0, 2), [
    'installs',
    'looks for its system on its local disk instead of the iSCSI disk plant-harv-3.harvester: will install if that disk has no system; the old disk plant-harv-3.harvester stays in the store until images.sh prune',
  ]);
  const { 'harv-3': remote } = await diff(PLANT, [
    'ip: 192.168.178.43 }',
    'ip: 192.168.178.43, boot: { disk: iscsi, target: "iqn.2001-05.com.example:lun-7", server: 192.168.178.9 }, config: { install: { device: /dev/disk/by-id/wwn-0x6 } } }',
  ]);
  assert.equal(remote?.slice(0, 2), [
    'installs',
    'looks for its system on the iSCSI target iqn.2001-05.com.example:lun-7 instead of its local disk, which stays unchanged: will install if that disk has no system',
  ]);
});

test('changes of the iSCSI server, images and tenants', async () => {
  const texts = async (...edits: readonly Edit[]) =>
    (await planned(DISKLESS, ...edits)).changes
      .filter(({ what }) => ['iscsi', 'tenant', 'disk-image'].includes(what))
      .map(({ text }) => text);
  assert.equal(
    await texts([
      '  gromacs: { source: gromacs.qcow2, public: true }\n',
      '  debian12: { source: debian12.qcow2 }\n',
    ]),
    ['image debian12 is new', 'image gromacs is gone; it stays in the store until images.sh prune'],
  );
  assert.equal(await texts(['10.20.0.2 }', '10.20.0.3, prefix: other- }']), [
    'iSCSI server: address 10.20.0.2 → 10.20.0.3; if 10.20.0.3 is another machine, set it up as README.md describes and copy the disks there',
    'iSCSI server: prefix plant- → other-; images and disks are looked for only there: copy those to keep before scripts/images.sh make, which re-creates missing disks from their images',
  ]);
  assert.equal(
    await texts(
      ['images:\n', 'tenants:\n  chem: { network: boot }\nimages:\n'],
      ['ip: 10.20.0.11,', 'ip: 10.20.0.11, tenant: chem,'],
    ),
    ['tenant chem is new'],
  );
});

test('another store is reported once, with disks to make before they are served', async () => {
  const texts = async (...edits: readonly Edit[]) => {
    const { changes } = await planned(DISKLESS, ...edits);
    return changes.flatMap(({ what, text }) => (['iscsi', 'images', 'targets'].includes(what) ? text : []));
  };
  const make =
    'run scripts/images.sh make on the iSCSI server, once the disks to keep are there (image rocky9, image gromacs and 2 more)';
  const put =
    'run scripts/put-targets.sh on the iSCSI server, while the machines whose targets change are off';
  assert.equal(await texts(['10.20.0.2 }', '10.20.0.2, format: qcow2 }']), [
    'iSCSI server: format raw → qcow2; images and disks are looked for only in that format: convert each before scripts/images.sh make (qemu-img convert -f raw -O qcow2 NAME.raw NAME.qcow2)',
    make,
    put,
  ]);
  const rbd = await texts(['10.20.0.2 }', '10.20.0.2, rbd: { pool: bmi } }']);
  assert.is(rbd.filter((text) => text.includes('looked for only there')).length, 1);
  assert.equal(rbd.slice(-2), [make, put]);
  const [port] = await texts(['10.20.0.2 }', '10.20.0.2, port: 3261 }']);
  assert.is(
    port,
    'iSCSI server: port 3260 → 3261; machines connect to this port: start the server with tgtd --iscsi portal=:3261',
  );
  assert.is(
    (await diff(DISKLESS, ['10.20.0.2 }', '10.20.0.2, prefix: other- }'])).cn01?.[1],
    'boots the iSCSI disk other-cn01.rocky9 (a clone of rocky9) instead of the iSCSI disk plant-cn01.rocky9 (a clone of rocky9)',
  );
});

test('an image with another source does not change in the store', async () => {
  const { changes } = await planned(DISKLESS, ['source: gromacs.qcow2', 'source: gromacs-2.qcow2']);
  assert.equal(
    changes.map(({ text }) => text),
    [
      'image gromacs: source /srv/harvgen/disks/import/gromacs.qcow2 → /srv/harvgen/disks/import/gromacs-2.qcow2; an image in the store does not change: rename it, or first remove it from the store (images.sh)',
    ],
  );
});

test('a renamed machine has another disk, and its system stays on the old one', async () => {
  assert.equal((await diff(DISKLESS, ['  cn01:', '  cn09:'])).cn09?.slice(0, 3), [
    'boots-otherwise',
    'renamed, was cn01',
    'boots the iSCSI disk plant-cn09.rocky9 (a clone of rocky9) instead of the iSCSI disk plant-cn01.rocky9 (a clone of rocky9); the old disk plant-cn01.rocky9 stays in the store until images.sh prune',
  ]);
});

test('steps on the iSCSI server', async () => {
  const steps = async (...edits: readonly Edit[]) =>
    (await planned(DISKLESS, ...edits)).changes.flatMap(({ what, text }) => (what === 'targets' ? text : []));
  const run = 'run scripts/put-targets.sh';
  const off = ', while the machines whose targets change are off';
  assert.equal(await steps(cn01('os: iscsi, image: gromacs')), [`${run} on the iSCSI server${off}`]);
  assert.equal(await steps(['10.20.0.1\n', '10.20.0.1:8080\n']), []);
  const another = '  cn03: { mac: 52:54:00:20:00:03, ip: 10.20.0.13, boot: { os: iscsi, image: rocky9 } }\n';
  const copy = 'copy the secrets to the iSCSI server again and';
  assert.equal(await steps(['nodes:\n', `nodes:\n${another}`]), [`${copy} ${run} there`]);
  assert.equal(await steps(['10.20.0.2 }', '10.20.0.2, suffix: "${secret:end}" }']), [
    `${copy} ${run} there${off}`,
  ]);
});

test('another password in a tree with values must be copied to the targets at once', async () => {
  const tree = await treeOf(DISKLESS);
  const changed = new Set(['iscsi/tgt/cn01.conf', 'www/ipxe/52-54-00-20-00-01.ipxe']);
  const { changes } = plan(tree, tree, { isFilled: true, changed, otherValues: ['chap_cn01'] });
  assert.equal(
    changes.map(({ text }) => text),
    [
      'the secret chap_cn01 has another value: machines log in with it from their next boot on and find no disk until scripts/put-targets.sh has updated the iSCSI server',
      'run scripts/put-targets.sh on the iSCSI server, while the machines whose targets change are off',
    ],
  );
});

test.run();

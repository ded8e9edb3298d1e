import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ISCSI_HARVESTER } from '../../../test/support/iscsi-harvester-plant.ts';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { Tree } from '../../tree/tree.ts';
import { plan } from './plan.ts';

const test = suite('the plan of machines with disks by iSCSI');

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

/** What is said of each node, by its name: the consequence, and the texts. */
async function said(site: string, ...edits: readonly Edit[]): Promise<Record<string, string[]>> {
  const { nodes } = await planned(site, ...edits);
  return Object.fromEntries(
    nodes.map(({ node, consequence, changes }) => [node, [consequence, ...changes.map(({ text }) => text)]]),
  );
}

const CN01 = 'ip: 10.20.0.11, boot: { os: iscsi, image: rocky9 }';
const cn01 = (boot: string): Edit => [CN01, `ip: 10.20.0.11, boot: { ${boot} }`];

test('another image is another disk, and the old one stays in the store', async () => {
  assert.equal(await said(DISKLESS, cn01('os: iscsi, image: gromacs')), {
    cn01: [
      'boots-otherwise',
      'gets another disk, a clone of gromacs; the old one, plant-cn01.rocky9, stays in the store until images.sh prune',
    ],
  });
});

test('the local disk counts where the node boots it without its target', async () => {
  const by = (more: string) => edited(DISKLESS, cn01(`os: iscsi, image: rocky9${more}`));
  const drive: Edit = ['fallback: disk', 'fallback: disk, drive: 0x81'];
  assert.equal(await said(by(', fallback: disk'), drive), {
    cn01: ['boots-otherwise', 'the local disk that it boots where its target is away: 0x80 → 0x81'],
  });
});

test('what is gone loses its script and its target, and its disk is an orphan', async () => {
  const gone = `  cn01: { mac: 52:54:00:20:00:01, ${CN01} }\n`;
  assert.equal(await said(DISKLESS, [gone, '']), {
    cn01: [
      'stranger',
      'gone: its script goes with this build, and its target once put-targets.sh runs while it is off; its disk plant-cn01.rocky9 stays in the store until images.sh prune; a machine with its MAC address is a stranger now',
    ],
  });
});

test('what is gone that pxelinux led to its disk loses its menu entry, too', async () => {
  const bios: Edit = [CN01, `firmware: bios, ${CN01.replace(' }', ', loader: pxelinux }')}`];
  const { cn01: told } = await said(edited(DISKLESS, bios), [
    `  cn01: { mac: 52:54:00:20:00:01, ${bios[1]} }\n`,
    '',
  ]);
  assert.match(
    told?.[1] ?? '',
    'gone: its script and its menu entry go with this build, and its target once put-targets.sh runs while it is off; its disk',
  );
  assert.equal((await said(DISKLESS, bios)).cn01, [
    'boots-otherwise',
    'boot loader: ipxe → pxelinux',
    'firmware uefi → bios',
  ]);
});

test('somebody else’s target, and one of the store again', async () => {
  const other = cn01('os: iscsi, target: "iqn.2001-05.com.example:lun-7", server: 10.20.0.9, lun: 0');
  assert.equal(await said(DISKLESS, other), {
    cn01: [
      'boots-otherwise',
      "gets a disk of somebody else's, at iqn.2001-05.com.example:lun-7; the old one, plant-cn01.rocky9, stays in the store until images.sh prune",
      'LUN: 1 → 0',
      'proves to its target no more who it is (CHAP)',
    ],
  });
  const { cn01: back } = await said(edited(DISKLESS, other), [other[1], CN01]);
  assert.equal(back?.slice(0, 2), ['boots-otherwise', 'gets another disk, a clone of rocky9']);
});

test('a larger disk is made larger, and a smaller one is not', async () => {
  const to = (size: string) => cn01(`os: iscsi, image: rocky9, size: ${size}`);
  assert.equal((await said(DISKLESS, to('40Gi'))).cn01, [
    'boots-otherwise',
    "size of its disk: not set → 40Gi; scripts/images.sh make makes it larger; its partitions and file systems are the system's own to grow",
  ]);
  const [, large] = to('40Gi');
  assert.equal((await said(edited(DISKLESS, to('40Gi')), [large, CN01])).cn01, [
    'none',
    'size of its disk: 40Gi → not set; no disk is made smaller: it stays as large as it is, until images.sh reset makes it anew',
  ]);
});

test('where and how it logs in', async () => {
  const { cn01: told } = await said(
    DISKLESS,
    cn01('os: iscsi, image: rocky9, lun: 3, initiator: "iqn.2024-07.org.example:one", fallback: disk'),
  );
  assert.equal(told, [
    'boots-otherwise',
    'LUN: 1 → 3',
    'initiator: iqn.2024-07.internal.harvgen:plant:cn01 → iqn.2024-07.org.example:one',
    'where its target is away: retry → disk',
  ]);
  assert.equal(
    (
      await said(
        DISKLESS,
        cn01('os: iscsi, image: rocky9, chap: { password: "${secret:a}", target_password: "${secret:b}" }'),
      )
    ).cn01,
    ['boots-otherwise', 'logs in by other CHAP names or secrets; its target proves to it who it is'],
  );
});

test('a suffix of every target’s name is said without the secret’s name', async () => {
  const { changes } =
    (await planned(DISKLESS, ['10.20.0.2 }', '10.20.0.2, suffix: "${secret:end}" }'])).nodes[0] ?? {};
  assert.equal(
    changes?.map(({ text }) => text),
    ['the name of its iSCSI target ends with a secret now'],
  );
});

test('between a disk by iSCSI, the machine’s own and Harvester', async () => {
  assert.equal((await said(DISKLESS, cn01('os: local'))).cn01, [
    'boots-otherwise',
    'boots its disk instead of its disk by iSCSI, a clone of rocky9; the old one, plant-cn01.rocky9, stays in the store until images.sh prune',
  ]);
  assert.equal((await said(edited(DISKLESS, cn01('os: local')), [cn01('os: local')[1], CN01])).cn01, [
    'boots-otherwise',
    'boots its disk by iSCSI, a clone of rocky9 instead of its disk; its disk is left alone',
  ]);
});

test('Harvester on another disk than before installs there', async () => {
  const node = 'ip: 10.21.0.13 }]';
  const { 'harv-3': local } = await said(ISCSI_HARVESTER, [
    node,
    `${node}, boot: { disk: local }, config: { install: { device: /dev/disk/by-id/wwn-0x5 } }`,
  ]);
  assert.equal(local?.slice(0, 2), [
    'installs',
    "looks for its system on the machine's own disk, and not on one by iSCSI; will install if there is none; the old one, plant-harv-3.harvester, stays in the store until images.sh prune",
  ]);
  const { 'harv-3': remote } = await said(PLANT, [
    'ip: 192.168.178.43 }',
    'ip: 192.168.178.43, boot: { disk: iscsi, target: "iqn.2001-05.com.example:lun-7", server: 192.168.178.9 }, config: { install: { device: /dev/disk/by-id/wwn-0x6 } } }',
  ]);
  assert.equal(remote?.slice(0, 2), [
    'installs',
    "looks for its system on a disk by iSCSI, iqn.2001-05.com.example:lun-7, and not on the machine's own: what is on that stays; will install if there is none",
  ]);
});

test('what the site says: the iSCSI server, images and tenants', async () => {
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
    'iSCSI server: address 10.20.0.2 → 10.20.0.3; if 10.20.0.3 is another machine, set it up as README.md says, and bring the disks there',
    'iSCSI server: prefix plant- → other-; every image and disk is looked for there alone: bring what is to be kept before scripts/images.sh make, which makes anew of its image what it does not find',
  ]);
  assert.equal(
    await texts(
      ['images:\n', 'tenants:\n  chem: { network: boot }\nimages:\n'],
      ['ip: 10.20.0.11,', 'ip: 10.20.0.11, tenant: chem,'],
    ),
    ['tenant chem is new'],
  );
});

test('what keeps no disk where it was is said once, and what is to be made before it is served', async () => {
  const texts = async (...edits: readonly Edit[]) => {
    const { changes } = await planned(DISKLESS, ...edits);
    return changes.flatMap(({ what, text }) => (['iscsi', 'images', 'targets'].includes(what) ? text : []));
  };
  const make =
    'run scripts/images.sh make on the iSCSI server, once what is to be kept is there (image rocky9, image gromacs and 2 more)';
  const put =
    'run scripts/put-targets.sh on the iSCSI server, while the machines whose targets change are off';
  assert.equal(await texts(['10.20.0.2 }', '10.20.0.2, format: qcow2 }']), [
    'iSCSI server: format raw → qcow2; every image and disk is looked for in that format alone: convert each before scripts/images.sh make (qemu-img convert -f raw -O qcow2 NAME.raw NAME.qcow2)',
    make,
    put,
  ]);
  const rbd = await texts(['10.20.0.2 }', '10.20.0.2, rbd: { pool: bmi } }']);
  assert.is(rbd.filter((text) => text.includes('looked for there alone')).length, 1);
  assert.equal(rbd.slice(-2), [make, put]);
  const [port] = await texts(['10.20.0.2 }', '10.20.0.2, port: 3261 }']);
  assert.is(
    port,
    'iSCSI server: port 3260 → 3261; machines ask there, where nothing listens unless it is started so: tgtd --iscsi portal=:3261',
  );
  assert.is(
    (await said(DISKLESS, ['10.20.0.2 }', '10.20.0.2, prefix: other- }'])).cn01?.[1],
    'its disk is called other-cn01.rocky9 instead of plant-cn01.rocky9',
  );
});

test('an image that is made of another file stays what it is in the store', async () => {
  const { changes } = await planned(DISKLESS, ['source: gromacs.qcow2', 'source: gromacs-2.qcow2']);
  assert.equal(
    changes.map(({ text }) => text),
    [
      'image gromacs: source /srv/harvgen/disks/import/gromacs.qcow2 → /srv/harvgen/disks/import/gromacs-2.qcow2; one that is in the store stays what it is: give it another name, or remove it first (images.sh)',
    ],
  );
});

test('a renamed machine has another disk, and its system stays on the old one', async () => {
  assert.equal((await said(DISKLESS, ['  cn01:', '  cn09:'])).cn09?.slice(0, 3), [
    'boots-otherwise',
    'renamed, was cn01',
    'gets another disk, a clone of rocky9; the old one, plant-cn01.rocky9, stays in the store until images.sh prune',
  ]);
});

test('what is put on the iSCSI server again', async () => {
  const steps = async (...edits: readonly Edit[]) =>
    (await planned(DISKLESS, ...edits)).changes.flatMap(({ what, text }) => (what === 'targets' ? text : []));
  const run = 'run scripts/put-targets.sh';
  const off = ', while the machines whose targets change are off';
  assert.equal(await steps(cn01('os: iscsi, image: gromacs')), [`${run} on the iSCSI server${off}`]);
  assert.equal(await steps(['10.20.0.1\n', '10.20.0.1:8080\n']), []);
  const another = '  cn03: { mac: 52:54:00:20:00:03, ip: 10.20.0.13, boot: { os: iscsi, image: rocky9 } }\n';
  const put = 'put the secrets on the iSCSI server again, and';
  assert.equal(await steps(['nodes:\n', `nodes:\n${another}`]), [`${put} ${run} there`]);
  assert.equal(await steps(['10.20.0.2 }', '10.20.0.2, suffix: "${secret:end}" }']), [
    `${put} ${run} there${off}`,
  ]);
});

test('another password of a tree that holds them is told to the targets at once', async () => {
  const tree = await treeOf(DISKLESS);
  const changed = new Set(['iscsi/tgt/cn01.conf', 'www/ipxe/52-54-00-20-00-01.ipxe']);
  const { changes } = plan(tree, tree, { isFilled: true, changed, otherValues: ['chap_cn01'] });
  assert.equal(
    changes.map(({ text }) => text),
    [
      'the secret chap_cn01 has another value: machines log in by it from their next boot on, and find no disk until scripts/put-targets.sh has told the iSCSI server',
      'run scripts/put-targets.sh on the iSCSI server, while the machines whose targets change are off',
    ],
  );
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import type { Tree } from '../../tree/tree.ts';
import { plan } from './plan.ts';

const test = suite('the plan of machines that boot Linux');

async function treeOf(site: string | Record<string, string>): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(site));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

/** Returns the consequence and the texts of each node, by its name. */
async function diff(site: string, ...edits: readonly Edit[]): Promise<Record<string, string[]>> {
  const { nodes } = plan(await treeOf(site), await treeOf(edited(site, ...edits)));
  return Object.fromEntries(
    nodes.map(({ node, consequence, changes }) => [node, [consequence, ...changes.map(({ text }) => text)]]),
  );
}

const NODE = 'harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
const OTHER = NODE.replace(' }', ', boot: { os: linux, kernel: rocky9/vmlinuz, initrd: initrd.img } }');

test('a node that changes between Harvester and Linux keeps its disk', async () => {
  const { 'harv-3': there } = await diff(PLANT, [NODE, OTHER]);
  assert.equal(there?.slice(0, 2), [
    'boots-otherwise',
    'boots Linux: rocky9/vmlinuz instead of Harvester; its disk stays unchanged',
  ]);
  const { 'harv-3': back } = await diff(edited(PLANT, [NODE, OTHER]), [OTHER, NODE]);
  assert.equal(back?.slice(0, 2), [
    'installs',
    'boots Harvester instead of Linux: rocky9/vmlinuz: will install if its disk has no Harvester',
  ]);
});

test('another kernel, other arguments, another boot loader', async () => {
  const { cg01, cg02 } = await diff(
    LINUX_PLANT,
    ['kernel: rocky9/vmlinuz', 'kernel: rocky9/vmlinuz-new'],
    ['[ip=dhcp, ', '[ip=dhcp, selinux=0, '],
    ['profiles: [compute] }', 'profiles: [compute, grub] }'],
  );
  assert.equal(cg01, [
    'boots-otherwise',
    'boot loader: ipxe → grub',
    'kernel: http://10.1.0.1/images/rocky9/vmlinuz → http://10.1.0.1/images/rocky9/vmlinuz-new',
    'kernel arguments: "selinux=0" is new',
  ]);
  assert.equal(cg02, ['boots-otherwise', ...(cg01?.slice(2) ?? [])]);
});

test('effects of another MAC address or URL are not reported again', async () => {
  const { cg01 } = await diff(LINUX_PLANT, ['52:54:00:7c:52:01', '52:54:00:7c:52:99']);
  assert.equal(cg01?.slice(0, 2), [
    'boots-otherwise',
    'boots from another MAC address: 52:54:00:7c:52:01 → 52:54:00:7c:52:99; a machine with the old MAC address is now unknown',
  ]);
  assert.not.match(cg01?.join(' ') ?? '', 'kernel arguments');
  assert.equal(await diff(LINUX_PLANT, ['http://10.1.0.1', 'http://10.1.0.1:8080']), {});
});

test('numbers and groups are declared and do not affect the boot', async () => {
  const { cg01 } = await diff(LINUX_PLANT, ['nid: 1, xname: x1000c1s7b0n0', 'nid: 7, xname: x1000c1s9b0n0']);
  assert.equal(cg01, ['none', 'xname: x1000c1s7b0n0 → x1000c1s9b0n0', 'nid: 1 → 7']);
});

test('a site template is a change that the inventory does not explain', async () => {
  const own = async (text: string, path: string) =>
    plan(
      await treeOf({ 'site.yaml': LINUX_PLANT }),
      await treeOf({ 'site.yaml': LINUX_PLANT, [`templates/${path}.eta`]: text }),
    ).nodes.map(({ node, consequence }) => `${node} ${consequence}`);
  assert.equal(await own('#!ipxe\nshell\n', 'ipxe/linux.ipxe'), ['cg01 unexplained', 'cg02 unexplained']);
  assert.equal(await own('halt\n', 'grub/node.grub'), ['cg02 unexplained']);
});

test('GRUB must be copied for firmware when a machine starts to load it, and when its configuration changes', async () => {
  const steps = async (...edits: readonly Edit[]) =>
    plan(await treeOf(LINUX_PLANT), await treeOf(edited(LINUX_PLANT, ...edits)))
      .changes.map(({ text }) => text)
      .filter((text) => text.includes('grub'));
  const puts = ['run scripts/put-grub.sh'];
  assert.equal(await steps(['profiles: [compute] }', 'profiles: [compute, grub] }']), puts);
  assert.equal(await steps(['http://10.1.0.1', 'http://10.1.0.1:8080']), puts);
  assert.equal(await steps(['[ip=dhcp, ', '[ip=dhcp, selinux=0, ']), []);
  assert.equal(
    await steps(['[compute, grub] }', '[compute] }'], ['  grub:\n    boot: { loader: grub }\n', '']),
    [],
  );
});

test('new images must be copied, and arguments derived from them are not reported', async () => {
  const change = async (...edits: readonly Edit[]) => {
    const { nodes, changes } = plan(await treeOf(LINUX_PLANT), await treeOf(edited(LINUX_PLANT, ...edits)));
    const texts = nodes.map(({ changes }) => changes.map(({ text }) => text).join('; '));
    return [
      ...new Set(texts),
      ...changes.filter(({ what }) => what === 'linux-images').map(({ text }) => text),
    ];
  };
  const images = 'http://10.1.0.1/images';
  const hint = '(scripts/fetch-media.sh lists the missing files)';
  assert.equal(await change(['rocky9/root.squashfs', 'rocky9.4/root.squashfs']), [
    `root file system: ${images}/rocky9/root.squashfs → ${images}/rocky9.4/root.squashfs`,
    `copy rocky9.4/root.squashfs to /srv/harvgen/images ${hint}`,
  ]);
  assert.equal(
    (await change(['rocky9/root.squashfs', 'rocky9.4/root.squashfs'], ['ip=dhcp, ', 'ip=dhcp, quiet, ']))[0],
    `root file system: ${images}/rocky9/root.squashfs → ${images}/rocky9.4/root.squashfs; kernel arguments: quiet is new`,
  );
  assert.equal(
    (await change(['rocky9/vmlinuz', 'rocky9.4/vmlinuz'], ['rocky9/initramfs', 'rocky9.4/initramfs'])).at(-1),
    `copy rocky9.4/initramfs.img and rocky9.4/vmlinuz to /srv/harvgen/images ${hint}`,
  );
  // Images on other servers need no copy, and images that fewer machines boot already exist.
  assert.is((await change(['rocky9/vmlinuz', 'http://10.1.0.9/vmlinuz'])).length, 1);
  assert.is(
    (await change(['    boot: { loader: grub }', '    boot: { loader: grub, kernel: rocky9/initramfs.img }']))
      .length,
    1,
  );
  assert.match(
    (await change(['url: http://10.1.0.1', 'url: http://10.1.0.1\n  images: /srv/other'])).at(-1) ?? '',
    'to /srv/other',
  );
});

test('a machine that boots Linux keeps no old name', async () => {
  const { cg05 } = await diff(LINUX_PLANT, ['cg01:', 'cg05:']);
  assert.is(cg05?.[0], 'boots-otherwise');
  assert.is(cg05?.[1], 'renamed, was cg01');
});

test.run();

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { mediaOf } from '../../plan/media.ts';
import { formatText } from './format.ts';

const test = suite('the media of machines that boot Linux');

const SITE = edited(
  LINUX_PLANT,
  ['initrd: rocky9/initramfs.img', 'initrd: [microcode.img, "http://10.1.0.9/initrd-${node:nid}"]'],
  ['[ip=dhcp, ', '[ip=dhcp, "inst.ks=http://10.1.0.8/ks", '],
);

async function mediaOfSite(...edits: readonly Edit[]) {
  const folder = makeSite(edited(SITE, ...edits));
  const { site, tree, diagnostics } = await compile(folder);
  if (!site || !tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return { site, folder, media: mediaOf(site, tree) };
}

test('lists each URL once, with the nodes that need it', async () => {
  const { media } = await mediaOfSite();
  assert.equal(
    media
      .filter(({ kind }) => ['kernel', 'initrd', 'rootfs', 'other'].includes(kind))
      .map(({ kind, url, served, nodes }) => [kind, url, served, nodes.join(' ')]),
    [
      ['kernel', 'http://10.1.0.1/images/rocky9/vmlinuz', true, 'cg01 cg02'],
      ['initrd', 'http://10.1.0.1/images/microcode.img', true, 'cg01 cg02'],
      ['initrd', 'http://10.1.0.9/initrd-1', false, 'cg01'],
      ['initrd', 'http://10.1.0.9/initrd-2', false, 'cg02'],
      ['rootfs', 'http://10.1.0.1/images/rocky9/root.squashfs', true, 'cg01 cg02'],
      ['other', 'http://10.1.0.8/ks', false, 'cg01 cg02'],
    ],
  );
});

test('GRUB scripts are scripts', async () => {
  const { media } = await mediaOfSite();
  assert.equal(
    media.filter(({ url }) => url.includes('grub.cfg')).map(({ kind, nodes }) => [kind, ...nodes]),
    [
      ['script', 'cg02'],
      ['script', 'cg02'],
    ],
  );
});

test("cloud-init's files are configurations, without a digest if they contain a secret", async () => {
  const { media } = await mediaOfSite([
    'groups: [compute]',
    'groups: [compute]\n    cloud_init: { user_data: { password: "${secret:p}" } }',
  ]);
  const folder = 'http://10.1.0.1/cloud-init/52-54-00-7c-52-01/';
  assert.equal(
    media
      .filter(({ kind, nodes }) => kind === 'configuration' && nodes.includes('cg01'))
      .map(({ url, served, nodes, sha512 }) => [url, served, nodes, sha512 !== undefined]),
    [
      [`${folder}meta-data`, true, ['cg01'], true],
      [`${folder}network-config`, true, ['cg01'], true],
      [`${folder}user-data`, true, ['cg01'], false],
      [`${folder}vendor-data`, true, ['cg01'], true],
    ],
  );
  assert.not.ok(
    media.some(({ url }) => url === folder),
    'the directory itself is not a medium',
  );
});

test('files of another server have their own title', async () => {
  const text = formatText([await mediaOfSite()]);
  assert.match(text, /\nLinux, from another server:\n {2}initrd {2}http:\/\/10\.1\.0\.9\/initrd-1 +cg01\n/);
});

test.run();

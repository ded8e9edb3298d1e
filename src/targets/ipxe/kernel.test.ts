import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { kernelArgs } from '../../plan/kernel-args.ts';
import { textOf } from '../../tree/tree.ts';

const SITE = `site: plant
server: { url: http://10.1.0.1:8080 }
networks:
  mgmt: { subnet: 10.1.0.0/24, gateway: 10.1.0.1, dns: [10.1.0.1], dhcp: { server: external } }
nodes:
  cg01:
    mac: 52:54:00:7C:52:01
    ip: 10.1.0.11
    boot: { os: linux, kernel: vmlinuz, initrd: initrd.img, args: [ip=dhcp] }
`;

const test = suite('the arguments of the kernel');

const argsOf = async (text: string): Promise<string[]> => {
  const { site, diagnostics } = await compile(makeSite(text));
  const node = site?.nodes[0];
  if (!node) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return kernelArgs(site, node);
};

test('adds the boot NIC and the URL of the cloud-init data', async () => {
  assert.equal(await argsOf(SITE), [
    'ip=dhcp',
    'BOOTIF=01-52-54-00-7c-52-01',
    'ds=nocloud-net;s=http://10.1.0.1:8080/cloud-init/52-54-00-7c-52-01/',
  ]);
});

test('keeps such arguments of the inventory, however they are quoted, and adds no duplicates', async () => {
  for (const ds of ['ds=nocloud', '\'"ds=nocloud-net;s=http://10.1.0.9/a/"\'']) {
    const args = await argsOf(SITE.replace('[ip=dhcp]', `[BOOTIF=01-aa-bb-cc-dd-ee-ff, ${ds}]`));
    assert.equal(args, ['BOOTIF=01-aa-bb-cc-dd-ee-ff', ds.replaceAll("'", '')]);
  }
});

test('supports several arguments in one item, and spaces in quotes', async () => {
  const args = await argsOf(SITE.replace('[ip=dhcp]', `["ro  quiet", 'dyndbg="file a +p" debug']`));
  assert.equal(args.slice(0, -2), ['ro', 'quiet', 'dyndbg="file a +p"', 'debug']);
});

test('adds no MAC for a machine that is identified by its IP address', async () => {
  assert.equal(await argsOf(SITE.replace('    mac: 52:54:00:7C:52:01\n', '')), [
    'ip=dhcp',
    'ds=nocloud-net;s=http://10.1.0.1:8080/cloud-init/10.1.0.11/',
  ]);
});

test('returns no arguments for other systems than Linux', async () => {
  assert.equal(await argsOf(SITE.replace(/boot: .*/, 'boot: { os: local }')), []);
});

test.run();

const script = suite('the script of a node that boots Linux');

async function scriptOf(...edits: readonly Edit[]): Promise<string> {
  const { tree, diagnostics } = await compile(makeSite(edited(LINUX_PLANT, ...edits)));
  const file = tree?.get('www/ipxe/52-54-00-7c-52-01.ipxe');
  if (!file) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return textOf(file);
}

script('contains the whole boot, and accesses no disk', async () => {
  const script = await scriptOf();
  assert.is(
    script
      .split('\n')
      .filter((line) => !/^(#(?!!)|echo)/.test(line))
      .join('\n'),
    `#!ipxe
set node cg01
imgfree
kernel --name kernel http://10.1.0.1/images/rocky9/vmlinuz initrd=initrd root=live:http://10.1.0.1/images/rocky9/root.squashfs rd.live.image rd.live.overlay.overlayfs=1 ip=dhcp console=ttyS0,115200 BOOTIF=01-\${netX/mac:hexhyp} ds=nocloud-net;s=http://10.1.0.1/cloud-init/52-54-00-7c-52-01/ || goto failed
initrd --name initrd http://10.1.0.1/images/rocky9/initramfs.img || goto failed
boot || goto failed

:failed
imgfree
sleep 30
chain --replace --autofree http://10.1.0.1/ipxe/52-54-00-7c-52-01.ipxe || goto failed
`,
  );
  assert.not.match(script, /sanboot|exit|install/);
});

script('each of several initrds has its own name, even if URLs have the same last part', async () => {
  const script = await scriptOf([
    'initrd: rocky9/initramfs.img',
    'initrd: [a/initrd.img, "http://10.1.0.9/b/initrd.img"]',
  ]);
  assert.match(script, ' initrd=initrd0 initrd=initrd1 root=');
  assert.match(script, '\ninitrd --name initrd0 http://10.1.0.1/images/a/initrd.img ||');
  assert.match(script, '\ninitrd --name initrd1 http://10.1.0.9/b/initrd.img ||');
});

script('a kernel without an initrd has no initrd argument', async () => {
  const script = await scriptOf(
    ['      initrd: rocky9/initramfs.img\n', ''],
    ['{ squashfs: rocky9/root.squashfs }', '/dev/sda1'],
  );
  assert.not.match(script, /initrd=|^initrd/m);
});

script('keeps spaces in quotes', async () => {
  const script = await scriptOf(['[ip=dhcp, ', `['dyndbg="file a +p"', `]);
  assert.match(script, ' dyndbg="file a +p" console=ttyS0,115200 ');
});

script.run();

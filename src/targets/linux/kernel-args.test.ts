import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { kernelArgs } from './kernel-args.ts';

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

test('the NIC and the data of cloud-init are added', async () => {
  assert.equal(await argsOf(SITE), [
    'ip=dhcp',
    'BOOTIF=01-52-54-00-7c-52-01',
    'ds=nocloud-net;s=http://10.1.0.1:8080/cloud-init/52-54-00-7c-52-01/',
  ]);
});

test('what is said stays, however it is quoted, and is said once', async () => {
  for (const ds of ['ds=nocloud', '\'"ds=nocloud-net;s=http://10.1.0.9/a/"\'']) {
    const args = await argsOf(SITE.replace('[ip=dhcp]', `[BOOTIF=01-aa-bb-cc-dd-ee-ff, ${ds}]`));
    assert.equal(args, ['BOOTIF=01-aa-bb-cc-dd-ee-ff', ds.replaceAll("'", '')]);
  }
});

test('several arguments in one item, and blanks in quotes', async () => {
  const args = await argsOf(SITE.replace('[ip=dhcp]', `["ro  quiet", 'dyndbg="file a +p" debug']`));
  assert.equal(args.slice(0, -2), ['ro', 'quiet', 'dyndbg="file a +p"', 'debug']);
});

test('a machine that is known by its address has no MAC to say', async () => {
  assert.equal(await argsOf(SITE.replace('    mac: 52:54:00:7C:52:01\n', '')), [
    'ip=dhcp',
    'ds=nocloud-net;s=http://10.1.0.1:8080/cloud-init/10.1.0.11/',
  ]);
});

test('what boots no Linux has none', async () => {
  assert.equal(await argsOf(SITE.replace(/boot: .*/, 'boot: { os: local }')), []);
});

test.run();

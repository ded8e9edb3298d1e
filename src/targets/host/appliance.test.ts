// needs: bash kiwi-ng
import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cloudSite } from '../../../test/support/cloud-sites.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { edited } from '../../../test/support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { textOf } from '../../tree/tree.ts';

const test = suite('the image of a host');

async function imageOf(inventory: string): Promise<Record<'appliance.kiwi' | 'config.sh', string>> {
  const { tree, diagnostics } = await compile(makeSite(inventory));
  if (!tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const text = (name: string) => textOf(tree.get(`host/image/${name}`) ?? { content: '' }) ?? '';
  return { 'appliance.kiwi': text('appliance.kiwi'), 'config.sh': text('config.sh') };
}

/** Returns what KIWI reads of a description, and its errors: it validates the description by its own schema first. */
function byKiwi(files: Record<string, string>) {
  const folder = writeFiles(scratchFolder(), files);
  const { status, stdout, stderr } = spawnSync(
    'kiwi-ng',
    ['--type', 'oem', 'image', 'info', '--description', folder],
    { encoding: 'utf8' },
  );
  return { status, output: `${stdout}${stderr}` };
}

const packagesIn = (text: string) =>
  Array.from(text.matchAll(/<package name="(.*)"\/>/g), ([, name]) => name);

test('KIWI accepts the descriptions of hosts', async () => {
  for (const inventory of [
    NESTED,
    edited(NESTED, ['version: v1.8.1', 'version: v1.8.1, arch: arm64']),
    edited(
      NESTED,
      ['site: plant', 'site: plant\nair_gapped: true'],
      ['os: { ntp_servers: [0.suse.pool.ntp.org], ', 'os: { '],
    ),
    cloudSite('google'),
  ]) {
    const { status, output } = byKiwi(await imageOf(inventory));
    assert.is(status, 0, output);
    assert.match(output, '"image": "harvgen-');
  }
});

test('KIWI rejects the same description with an unknown element', async () => {
  const files = await imageOf(NESTED);
  const damaged = edited(
    files['appliance.kiwi'],
    ['<oemconfig>', '<oem-config>'],
    ['</oemconfig>', '</oem-config>'],
  );
  const { status, output } = byKiwi({ ...files, 'appliance.kiwi': damaged });
  assert.is.not(status, 0);
  assert.match(output, 'oem-config');
});

test('the image has the packages of the host and cloud-init, for its architecture', async () => {
  const amd64 = packagesIn((await imageOf(NESTED))['appliance.kiwi']);
  for (const name of [
    'cloud-init',
    'libvirt',
    'nginx',
    'qemu-x86',
    'ipxe-bootimgs',
    'socat',
    'grub2-i386-pc',
  ])
    assert.ok(amd64.includes(name), name);
  assert.not.ok(amd64.includes('chrony'));
  const arm64 = await imageOf(edited(NESTED, ['version: v1.8.1', 'version: v1.8.1, arch: arm64']));
  const names = packagesIn(arm64['appliance.kiwi']);
  assert.ok(names.includes('qemu-arm') && names.includes('grub2-arm64-efi') && !names.includes('qemu-x86'));
  assert.match(arm64['appliance.kiwi'], 'console=ttyAMA0,115200');
});

test('config.sh enables the services of the first boot', async () => {
  const { 'config.sh': script } = await imageOf(NESTED);
  const { stdout } = spawnSync('bash', ['-c', `systemctl() { echo "$*"; }\n${script}`], { encoding: 'utf8' });
  assert.is(
    stdout,
    'NetworkManager sshd cloud-init-local cloud-init cloud-config cloud-final'.replace(
      /\S+ ?/g,
      (unit) => `enable ${unit.trim()}.service\n`,
    ),
  );
});

test.run();

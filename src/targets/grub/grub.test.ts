import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';
import { grubUrl } from '../../plan/programs.ts';
import { textOf } from '../../tree/tree.ts';

const test = suite('scripts of GRUB');

const NODE = 'www/grub/grub.cfg-01-52-54-00-7c-52-02';

async function scriptsOf(...edits: readonly Edit[]): Promise<Map<string, string>> {
  const { tree, diagnostics } = await compile(makeSite(edited(LINUX_PLANT, ...edits)));
  if (!tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return new Map(
    [...tree].filter(([path]) => path.includes('grub')).map(([path, file]) => [path, textOf(file)]),
  );
}

test('generates a script for each node that boots by GRUB, and an entry script that finds it', async () => {
  const scripts = await scriptsOf();
  assert.equal(
    [...scripts.keys()],
    [
      'scripts/put-grub.sh',
      'tftp/grub/grub.cfg',
      'tftp/grub/grub.cfg-01-52-54-00-7c-52-02',
      'www/grub/grub.cfg',
      NODE,
    ],
  );
  assert.match(
    scripts.get('www/grub/grub.cfg') ?? '',
    "\n    source '(http,10.1.0.1)/grub/grub.cfg'-01-$a-$b-$c-$d-$e-$f\n",
  );
  assert.not.match(scripts.get('www/grub/grub.cfg') ?? '', /cg0|52[-:]54/);
});

test('generates a script for every possible boot NIC, and nginx serves it to the node by each', async () => {
  const edit: Edit = [
    'cg02: { mac: 52:54:00:7c:52:02, ip: 10.1.0.12, ',
    'cg02: { nics: [{ mac: 52:54:00:7c:52:02, ip: 10.1.0.12 }, { mac: 52:54:00:7c:52:12, network: mgmt }], ',
  ];
  const scripts = await scriptsOf(edit);
  const other = 'www/grub/grub.cfg-01-52-54-00-7c-52-12';
  const ofOther = scripts
    .get(NODE)
    ?.replace(/(?<what>BOOTIF=01-|\/cloud-init\/)52-54-00-7c-52-02/g, '$<what>52-54-00-7c-52-12');
  assert.is(scripts.get(other), ofOther);
  assert.ok(scripts.has(other.replace('www/', 'tftp/')));
  const { tree } = await compile(makeSite(edited(LINUX_PLANT, edit)));
  const nginx = tree?.get('nginx/plant.conf');
  assert.ok(nginx);
  assert.match(textOf(nginx), '    10.1.0.12 52-54-00-7c-52-02,52-54-00-7c-52-12; # cg02\n');
});

test('the kernel command line is that of iPXE, quoted', async () => {
  const script = (await scriptsOf()).get(NODE) ?? '';
  assert.match(
    script,
    `if linux '(http,10.1.0.1)/images/rocky9/vmlinuz' 'root=live:http://10.1.0.1/images/rocky9/root.squashfs' rd.live.image 'rd.live.overlay.overlayfs=1' 'ip=dhcp' 'console=ttyS0,115200' 'BOOTIF=01-52-54-00-7c-52-02' 'ds=nocloud-net;s=http://10.1.0.1/cloud-init/52-54-00-7c-52-02/'; then\n`,
  );
});

test('never loads a kernel twice: retries the initrd, and then restarts the machine', async () => {
  const script = (await scriptsOf()).get(NODE) ?? '';
  const loaded = script.slice(script.indexOf('; then\n'), script.indexOf('\nfi\n'));
  assert.match(
    loaded,
    "    if initrd '(http,10.1.0.1)/images/rocky9/initramfs.img'; then\n      boot\n    fi\n",
  );
  assert.ok(loaded.endsWith('\n  reboot'), loaded);
});

test('keeps quotes for GRUB, and loads several initrds by one command', async () => {
  const script =
    (
      await scriptsOf(
        ['[ip=dhcp, ', `['dyndbg="file a +p"', '"a=b;c"', `],
        ['initrd: rocky9/initramfs.img', 'initrd: [a.img, "http://10.1.0.9:8000/b.img"]'],
      )
    ).get(NODE) ?? '';
  assert.match(script, " 'dyndbg=file a +p' 'a=b;c' ");
  assert.match(script, "initrd '(http,10.1.0.1)/images/a.img' '(http,10.1.0.9:8000)/b.img'; then");
});

test('a site without such a node has no scripts of GRUB, and nginx serves none', async () => {
  const edits: Edit[] = [
    ['  grub:\n    boot: { loader: grub }\n', ''],
    ['[compute, grub]', '[compute]'],
  ];
  assert.equal([...(await scriptsOf(...edits)).keys()], []);
  const { tree } = await compile(makeSite(edited(LINUX_PLANT, ...edits)));
  const nginx = tree?.get('nginx/plant.conf');
  assert.ok(nginx);
  assert.not.match(textOf(nginx), 'grub');
});

test('converts a URL to the syntax of GRUB', () => {
  assert.is(grubUrl('http://10.1.0.1:80/images/a'), '(http,10.1.0.1)/images/a');
  assert.is(grubUrl('http://boot.example.org:8080/a/b'), '(http,boot.example.org:8080)/a/b');
});

test.run();

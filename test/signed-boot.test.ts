import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { fileText } from './support/file-text.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('a signed boot');

const SIGNED = edited(PLANT, ['server:\n', 'server:\n  sign: { signer: boot.plant }\n']);
const STATIC = edited(
  SIGNED,
  ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''],
  ['version: v1.4.1', 'version: v1.6.1'],
).replace(/\{ (mac: \S+, ip: [0-9.]+)/g, '{ nics: [{ name: eno1, $1 }]');

const fileOf = async (inventory: string, path: string) => {
  const { tree, diagnostics } = await compile(makeSite(inventory));
  assert.equal(
    diagnostics.map(({ message }) => message),
    [],
  );
  return fileText(tree, path);
};

const tried = (nic: string) =>
  `isset \${${nic}/mac} && imgfetch --name ${nic} ipxe/\${${nic}/mac:hexhyp}.ipxe && imgverify --signer boot.plant ${nic} sign/ipxe/\${${nic}/mac:hexhyp}.ipxe.sig && chain --replace --autofree ${nic} ||`;

test('the entry script requires signatures, and chains only to signed scripts', async () => {
  assert.is(
    await fileOf(SIGNED, 'www/boot.ipxe'),
    `#!ipxe
# plant: the entry script of every machine. It finds the node by the machine's identifiers in the inventory.
set site plant
# From here on iPXE runs only signed images.
imgtrust --permanent || goto unverified
:start
isset \${ip} || dhcp ||
echo \${site}: looking for the script of \${netX/mac} \${ip}
${['netX', 'net0', 'net1', 'net2', 'net3'].map(tried).join('\n')}
# No script: reports the machine to the access log, for harvgen discover. A colon in the URL would end its scheme.
imgfetch --name report boot.ipxe?mac=\${netX/mac:hexhyp}&uuid=\${uuid}&serial=\${serial:uristring}&manufacturer=\${manufacturer:uristring}&product=\${product:uristring}&asset=\${asset:uristring}&hostname=\${hostname:uristring} && imgfree report ||
echo
echo \${site} has no script for this machine that it may fetch, or boot.plant has not signed it.
echo MAC     \${netX/mac}
echo IP      \${ip}
echo UUID    \${uuid}
echo Serial  [\${serial}]
echo If this machine belongs to the site, add its identifier to the inventory: mac,
echo or else ip, uuid or serial. Then build and deploy.
echo Retrying in 30 seconds.
sleep 30
# The machine may be in the inventory now, with its own IP address.
dhcp netX ||
# The entry script may have changed: loads it again.
imgfree
imgfetch --name first boot.ipxe && imgverify --signer boot.plant first sign/boot.ipxe.sig && chain --replace --autofree first || goto start

:unverified
echo \${site} boots only signed images, but this iPXE cannot verify signatures: build one
echo with IMAGE_TRUST_CMD and TRUST. Retrying in 30 seconds.
sleep 30
imgtrust --permanent && goto start || goto unverified
`,
  );
});

test('a node verifies kernel and initrd before it boots them, and its script before it repeats', async () => {
  const script = (await fileOf(SIGNED, 'www/ipxe/52-54-00-aa-01-01.ipxe')) ?? '';
  const stem = 'harvester-v1.4.1';
  const media = `http://192.168.178.7/harvester/v1.4.1/${stem}`;
  const sign = `http://192.168.178.7/sign/harvester/v1.4.1/${stem}`;
  const [, installing = ''] = script.split(':no_disk\n');
  assert.is(
    installing.replace(/(?<=vmlinuz-amd64) initrd=.*(?= \|\|)/, ' ARGS'),
    `echo \${node}: installing Harvester v1.4.1
# The kernel would receive any other image in iPXE, such as an embedded script, as another initrd.
imgfree
kernel ${media}-vmlinuz-amd64 ARGS || goto failed
imgverify --signer boot.plant ${stem}-vmlinuz-amd64 ${sign}-vmlinuz-amd64.sig || goto failed
initrd ${media}-initrd-amd64 || goto failed
imgverify --signer boot.plant ${stem}-initrd-amd64 ${sign}-initrd-amd64.sig || goto failed
boot || goto failed

:failed
echo \${node}: the installer could not be started. Retrying in 30 seconds.
imgfree
sleep 30
imgfetch --name self http://192.168.178.7/ipxe/52-54-00-aa-01-01.ipxe && imgverify --signer boot.plant self http://192.168.178.7/sign/ipxe/52-54-00-aa-01-01.ipxe.sig && chain --replace --autofree self || goto failed
`,
  );
  const unsigned = (await fileOf(PLANT, 'www/ipxe/52-54-00-aa-01-01.ipxe')) ?? '';
  assert.match(unsigned, /\nimgfree\nkernel /);
  assert.is(script.split(':no_disk\n')[0], unsigned.split(':no_disk\n')[0], 'disks are looked for as ever');
});

test('the script embedded in iPXE verifies the entry script, with DHCP and without', async () => {
  for (const inventory of [SIGNED, STATIC]) {
    const script = (await fileOf(inventory, 'embed/plant.ipxe')) ?? '';
    assert.match(script, ':start\nimgtrust --permanent || goto unverified\n');
    assert.match(
      script,
      `:fetch
imgfetch --name first \${first} && imgverify --signer boot.plant first http://192.168.178.7/sign/boot.ipxe.sig && chain --replace --autofree first ||
set why \${first} cannot be fetched, or boot.plant has not signed it
imgfree
`,
    );
    assert.equal(
      Array.from(script.matchAll(/\b(chain|boot|imgexec|shell|sanboot) .*$/gm), ([line]) => line),
      ['chain --replace --autofree first ||', 'sanboot --no-describe --drive 0x80 ||'],
      'nothing starts what is not verified, but for the own disk',
    );
    assert.match(script, ':unverified\necho ${site} boots only signed images');
  }
});

test('every label that a script jumps to is in it, once', async () => {
  for (const inventory of [SIGNED, STATIC, PLANT, STATIC.replace(/ {2}sign: .*\n/, '')]) {
    const { tree } = await compile(makeSite(inventory));
    for (const path of [...(tree?.keys() ?? [])].filter((name) => name.endsWith('.ipxe'))) {
      const text = fileText(tree, path) ?? '';
      const labels = Array.from(text.matchAll(/^:(\S+)$/gm), ([, label]) => label);
      assert.is(new Set(labels).size, labels.length);
      // Another test covers labels that a script composes at run time.
      for (const [, label] of text.matchAll(/^[^#\n]*\bgoto ([\w-]+)(?![\w$-])/gm))
        assert.ok(labels.includes(label), `${path}: ${label}`);
    }
  }
});

test('nginx serves signatures from outside the output tree, and only if there are any', async () => {
  const location =
    '    location ~ "^/sign/((?:[A-Za-z0-9][A-Za-z0-9._+-]*/){0,2}[A-Za-z0-9][A-Za-z0-9._+-]*\\.sig)\\z" {\n        alias /srv/harvgen/signatures/plant/$1;\n';
  assert.match((await fileOf(SIGNED, 'nginx/plant.conf')) ?? '', location);
  assert.not.match((await fileOf(PLANT, 'nginx/plant.conf')) ?? '', '/sign/');
});

test('a site without signatures has no script for them', async () => {
  assert.is(await fileOf(PLANT, 'scripts/sign-media.sh'), undefined);
  assert.not.match((await fileOf(PLANT, 'embed/plant.ipxe')) ?? '', /imgtrust|imgverify/);
  assert.ok(await fileOf(SIGNED, 'scripts/sign-media.sh'));
});

test.run();

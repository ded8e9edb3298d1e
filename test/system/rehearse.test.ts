// needs: root busybox coredhcp cpio dnsmasq grub-mkimage ip kea-dhcp4 mcopy mkfs.fat modprobe nginx qemu-system-x86_64 setpriv tgtd unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/PXELINUX/lpxelinux.0 /usr/lib/grub/x86_64-efi/moddep.lst /usr/lib/ipxe/qemu/pxe-virtio.rom /usr/lib/ipxe/undionly.kpxe /usr/lib/syslinux/modules/bios/menu.c32 /usr/share/OVMF/OVMF_CODE_4M.fd
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hasKvm } from '../../src/rehearse/qemu.ts';
import { BIN, harvgen, harvgenBeside, type Run } from '../support/cli.ts';
import { blocksOf } from '../support/markdown.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { SPLIT_PLANT } from '../support/split-plant.ts';

/* `harvgen rehearse` on the samples, and on sites with errors in templates, MAC addresses, DHCP and nginx. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const test = suite('rehearse');

/** The sites, with the nodes and options of each run, and the boots. */
const SAMPLES: Record<string, readonly string[]> = {
  location_x: [
    'harv-1, UEFI PXE, blank disk',
    'harv-1, UEFI PXE, installed disk',
    'harv-2, UEFI PXE, blank disk',
  ],
  'location_x harv-3 --firmware bios': ['harv-3, BIOS PXE, blank disk', 'harv-3, BIOS PXE, installed disk'],
  'location_x harv-3 --firmware http': [
    'harv-3, UEFI HTTP boot, blank disk',
    'harv-3, UEFI HTTP boot, installed disk',
  ],
  location_y: [
    'y-node-1, iPXE image, blank disk',
    'y-node-1, iPXE image, installed disk',
    'y-node-2, iPXE image, blank disk',
  ],
  location_z: [
    'r5-n1, UEFI PXE, blank disk',
    'r5-n1, UEFI PXE, installed disk',
    'r5-n2, UEFI PXE, blank disk',
  ],
  bmi: [
    'bio01, UEFI PXE, installed disk',
    'phys01, BIOS PXE, installed disk',
    'phys02, UEFI PXE, installed disk',
  ],
  harvester_cloud: [
    'harvester-1, UEFI PXE, blank disk',
    'harvester-1, UEFI PXE, installed disk',
    'harvester-2, UEFI PXE, blank disk',
  ],
  'harvester_cloud_single harvester': [
    'harvester, UEFI PXE, blank disk',
    'harvester, UEFI PXE, installed disk',
  ],
  oci: [
    'oci-1, iPXE image, blank disk',
    'oci-1, iPXE image, installed disk',
    'oci-2, iPXE image, blank disk',
  ],
  ochami: ['cg01, UEFI PXE, blank disk'],
};

/** The output of each run. */
const printed = new Map<string, string>();

for (const [args, boots] of Object.entries(SAMPLES)) {
  test(`passes: ${args}`, async () => {
    const { code, stdout, stderr } = await harvgenBeside(['rehearse', ...`sites/${args}`.split(' ')], ROOT);
    printed.set(args, stdout);
    assert.is(code, 0, stdout + stderr);
    assert.equal(
      [...stdout.matchAll(/^(.* disk): as in the inventory$/gm)].map(([, boot]) => boot).sort(),
      [...boots],
      stdout,
    );
    assert.match(stdout, `\n${boots.length} of ${boots.length} boots as in the inventory\n`);
    if (args.endsWith('http')) assert.match(stdout, /s {2}boot loader +\/loader\/snponly\.efi\n/);
    if (args.endsWith('bios')) assert.match(stdout, /s {2}boot loader +TFTP undionly\.kpxe\n/);
    if (args === 'location_z') {
      assert.match(stdout, /s {2}management network +10\.11\.0\.41 in VLAN 110 asks for 10\.11\.0\.1\n/);
      assert.match(stdout, '\nNot rehearsed: LACP.');
    }
    if (args === 'ochami') assert.match(stdout, /^ochami-vm: not rehearsed: its Secure Boot needs /m);
  });
}

test('the page shows only runs of this test', () => {
  const page = readFileSync(join(ROOT, 'docs/how-to/rehearse.md'), 'utf8');
  const commands = blocksOf(page, 'sh rehearse').join('').trim().split('\n');
  assert.is(commands.length, 3);
  for (const command of commands)
    assert.ok(command.replace('npx harvgen rehearse sites/', '') in SAMPLES, command);
  // Only the times, and whether there is KVM, differ between machines.
  for (const line of blocksOf(page, 'text rehearse').join('').split('\n')) {
    const [, shown = ''] = /^(?: +[\d.]+ s {2})?(.*?)(?:, with KVM)?$/.exec(line) ?? [];
    assert.ok(printed.get('location_x')?.includes(shown), line);
  }
});

const HARVESTER = ['config-url', 'right', 'rootfs', 'hostname'];
const LINUX = ['kernel', 'initrd', 'no-script', 'typo', 'args', 'other-ip', 'new-mac'];
const WITH_DHCP = ['no-lease', 'swap-1', 'swap-2', 'by-dhcp'];
const nodes = (names: readonly string[], mac: string, ip: string, more = '') =>
  names
    .map(
      (name, index) =>
        `  ${name}: { nics: [{ name: eno1, mac: "52:54:00:${mac}:0${index}", ip: ${ip}${index} }]${more} }\n`,
    )
    .join('');

/** A site with a network with DHCP, and one where machines start from an image: there, a boot is short. */
const SITE = `site: plant
harvester: { version: v1.6.1 }
server: { url: "http://10.0.0.1" }
networks:
  lan: { subnet: 10.0.0.0/24, gateway: 10.0.0.1, interface: lan0, dhcp: { pool: 10.0.0.200-10.0.0.250 } }
  static: { subnet: 10.0.1.0/24, gateway: 10.0.1.1, dns: [10.0.1.1] }
cluster: { vip: 10.0.1.40, exists: true, token: "\${secret:cluster_token}" }
defaults:
  config: { os: { ntp_servers: [ntp.example.org], ssh_authorized_keys: ["github:your_name"] }, install: { device: /dev/sda } }
  install: always
profiles:
  linux: { firmware: bios, boot: { os: linux, kernel: tiny/kernel, initrd: tiny/initrd } }
  dhcp: { boot: { args: [ip=dhcp] } }
  static: { boot: { args: ["ip=\${node:ip}::\${node:gateway}:\${node:netmask}:\${node:name}::none", "note=\${node:name}"] } }
nodes:
${nodes(HARVESTER, 'aa:00', '10.0.1.1')}${nodes(LINUX, 'aa:01', '10.0.1.2', ', profiles: [linux, static]')}${nodes(WITH_DHCP, 'aa:02', '10.0.0.2', ', profiles: [linux, dhcp]')}`;

/** An edit of a file of the tree. */
interface Planted {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The errors of one node each: the edits, and what the command prints. */
const OF_NODES: Record<string, readonly [edits: readonly Planted[], result: string, why: RegExp]> = {
  'config-url': [
    [
      {
        file: 'www/ipxe/52-54-00-aa-00-00.ipxe',
        from: 'config/52-54-00-aa-00-00',
        to: 'config/52-54-00-aa-00-01',
      },
    ],
    'FAILED at configuration',
    /^ {2}configuration: requested from http:\/\/10\.0\.0\.1\/config\/52-54-00-aa-00-01\.yaml$/m,
  ],
  rootfs: [
    [{ file: 'www/ipxe/52-54-00-aa-00-02.ipxe', from: 'amd64.squashfs', to: 'amd64.squash' }],
    'FAILED at root file system',
    /^ {2}root file system: the machine has not requested it$/m,
  ],
  hostname: [
    [{ file: 'www/config/52-54-00-aa-00-03.yaml', from: 'hostname: "hostname"', to: 'hostname: "right"' }],
    'DIFFERS',
    /^ {2}configuration\.os\.hostname: right instead of hostname$/m,
  ],
  kernel: [
    [{ file: 'www/ipxe/52-54-00-aa-01-00.ipxe', from: 'tiny/kernel', to: 'tiny/kernal' }],
    'FAILED at kernel',
    /^ {2}kernel: kernel: Linux could not be started/m,
  ],
  initrd: [
    [{ file: 'www/ipxe/52-54-00-aa-01-01.ipxe', from: 'tiny/initrd', to: 'tiny/initrb' }],
    'FAILED at initrd',
    /^ {2}initrd: initrd: Linux could not be started/m,
  ],
  'no-script': [
    [{ file: 'www/ipxe/52-54-00-aa-01-02.ipxe', from: '', to: '' }],
    "FAILED at the node's script",
    /^ {2}the node's script: \/ipxe\/52-54-00-aa-01-02\.ipxe: HTTP status 404$/m,
  ],
  typo: [
    [{ file: 'www/ipxe/52-54-00-aa-01-03.ipxe', from: '\nkernel ', to: '\nkernal ' }],
    'FAILED at kernel',
    /^ {2}kernel: typo: Linux could not be started/m,
  ],
  args: [
    [{ file: 'www/ipxe/52-54-00-aa-01-04.ipxe', from: 'note=args', to: 'note=' }],
    'DIFFERS',
    /^ {2}kernel command line: no note=args$/m,
  ],
  'other-ip': [
    [{ file: 'nginx/plant.conf', from: '    10.0.1.25 52-54-00-aa-01-05; # other-ip\n', to: '' }],
    "FAILED at the node's script",
    /^ {2}the node's script: \/ipxe\/52-54-00-aa-01-05\.ipxe: HTTP status 403$/m,
  ],
  // The inventory has another MAC address since the build.
  'new-mac': [[], 'FAILED at entry script', /^ {2}entry script: Retrying in 2 seconds\./m],
  'no-lease': [
    [{ file: 'dnsmasq/plant.conf', from: '52:54:00:aa:02:00,10', to: '52:54:00:aa:02:ff,10' }],
    'FAILED at DHCP',
    /^ {2}DHCP: 10\.0\.0\.2\d\d from 10\.0\.0\.1, boot file undionly\.kpxe: not 10\.0\.0\.20, the IP address in the inventory$/m,
  ],
  'swap-1': [
    [
      { file: 'dnsmasq/plant.conf', from: '52:54:00:aa:02:01,10.0.0.21', to: '52:54:00:aa:02:01,10.0.0.22' },
      { file: 'dnsmasq/plant.conf', from: '52:54:00:aa:02:02,10.0.0.22', to: '52:54:00:aa:02:02,10.0.0.21' },
    ],
    'FAILED at DHCP',
    /^ {2}DHCP: 10\.0\.0\.22 from 10\.0\.0\.1, boot file undionly\.kpxe: not 10\.0\.0\.21, the IP address in the inventory$/m,
  ],
};

test('names the station of each error in templates, MAC addresses, nginx and DHCP; without root', async () => {
  const folder = built();
  for (const [edits] of Object.values(OF_NODES)) for (const edit of edits) plant(folder, edit);
  const inventory = join(folder, 'plant/site.yaml');
  writeFileSync(
    inventory,
    edited(readFileSync(inventory, 'utf8'), ['52:54:00:aa:01:06', '52:54:00:aa:01:66']),
  );
  const names = ['right', ...Object.keys(OF_NODES)];
  const { code, stdout, stderr } = await asUser(['rehearse', 'plant', ...names, '--keep', 'kept'], folder);
  assert.is(code, 1, stdout + stderr);
  const boots = new Map(stdout.split('\n\n').map((text) => [/^[\w-]+/.exec(text)?.[0], text]));
  for (const [name, [, result, why]] of Object.entries(OF_NODES)) {
    assert.match(boots.get(name) ?? '', ` disk: ${result}\n`, stdout);
    assert.match(boots.get(name) ?? '', why, stdout);
  }
  assert.match(boots.get('right') ?? '', 'right, iPXE image, installed disk: as in the inventory');
  assert.match(stdout, '\n1 of 13 boots as in the inventory\n');
  const kept = readdirSync(join(folder, 'kept'));
  for (const name of ['right-bios-embedded-installed.png', 'dnsmasq.log', 'nginx.log'])
    assert.ok(kept.includes(name), name);
  assert.match(readFileSync(join(folder, 'kept/right-bios-embedded-installed.txt'), 'utf8'), 'STAND-IN end');
  assert.is(
    readFileSync(join(folder, 'kept/right-bios-embedded-installed.png')).toString('latin1', 1, 4),
    'PNG',
  );
});

test('names a machine that looks for its management network in another VLAN', async () => {
  const site = edited(SPLIT_PLANT, ['defaults:\n', 'defaults:\n  install: always\n']);
  const folder = dirname(makeSite(site));
  assert.is(harvgen(['build', 'plant'], folder).code, 0);
  plant(folder, { file: 'www/config/52-54-00-05-00-01.yaml', from: 'vlan_id: 110', to: 'vlan_id: 112' });
  const { code, stdout } = await harvgenBeside(['rehearse', 'plant', 'one'], folder);
  assert.is(code, 1);
  assert.match(stdout, / disk: FAILED at management network$/m);
  assert.match(stdout, /^ {2}configuration\.install\.management_interface\.vlan_id: 112 instead of 110$/m);
});

/** The errors of all nodes: the edit, the node to boot, and what the command prints. */
const OF_SERVERS: Record<string, readonly [edit: Planted, node: string, output: RegExp]> = {
  'nginx: a syntax error': [
    { file: 'nginx/plant.conf', from: 'autoindex off;', to: 'autoindex offf;' },
    'kernel',
    /^harvgen: nginx did not start:\n.*invalid value "offf"/m,
  ],
  'nginx: another port': [
    { file: 'nginx/plant.conf', from: 'listen 80;', to: 'listen 8080;' },
    'kernel',
    /^kernel, iPXE image, blank disk: FAILED at entry script$/m,
  ],
  'nginx: the secrets of another tree': [
    { file: 'nginx/plant.conf', from: '_fills != ', to: '_fills != 0' },
    'right',
    /^ {2}configuration: \/config\/52-54-00-aa-00-01\.yaml: HTTP status 503$/m,
  ],
  'dnsmasq: a syntax error': [
    { file: 'dnsmasq/plant.conf', from: 'enable-tftp', to: 'enable-tftpd' },
    'by-dhcp',
    /^harvgen: dnsmasq did not start:\n.*bad option at line/m,
  ],
  'dnsmasq: another boot file': [
    { file: 'dnsmasq/plant.conf', from: 'tag:bios,undionly.kpxe', to: 'tag:bios,undionly.pxe' },
    'by-dhcp',
    /^ {2}boot loader: .*undionly\.pxe.*$/m,
  ],
  'dnsmasq: iPXE gets iPXE': [
    { file: 'dnsmasq/plant.conf', from: 'tag:ipxe,http://10.0.0.1/boot.ipxe', to: 'tag:ipxe,undionly.kpxe' },
    'by-dhcp',
    /^ {2}entry script: the boot loader loads itself again and again$/m,
  ],
  'dnsmasq: no boot file for iPXE': [
    { file: 'dnsmasq/plant.conf', from: 'dhcp-boot=tag:ipxe', to: '#' },
    'by-dhcp',
    /^by-dhcp, BIOS PXE, blank disk: FAILED at entry script$/m,
  ],
};

for (const [what, [edit, node, output]] of Object.entries(OF_SERVERS)) {
  test(`names the station of an error of ${what}`, async () => {
    const folder = built();
    plant(folder, edit);
    const { code, stdout, stderr } = await harvgenBeside(['rehearse', 'plant', node], folder);
    assert.is(code, 1);
    assert.match(stdout + stderr, output);
  });
}

for (const [server, firmware] of [
  ['kea', 'BIOS PXE'],
  ['coredhcp', 'iPXE image'],
] as const) {
  test(`passes with ${server}`, async () => {
    const folder = built(edited(SITE, ['dhcp: { pool', `dhcp: { server: ${server}, pool`]));
    const { code, stdout, stderr } = await harvgenBeside(['rehearse', 'plant', 'by-dhcp'], folder);
    assert.is(code, 0, stdout + stderr);
    assert.match(stdout, `by-dhcp, ${firmware}, blank disk: as in the inventory\n`);
  });
}

test('a signal leaves nothing behind', async () => {
  const folder = built();
  // Its own /tmp, which holds nothing of other runs, and may hold this program.
  const script = `mount --bind . /mnt && mount --bind "$1" /media && mount -t tmpfs tmpfs /tmp && cd /mnt; shift
"$@" & until ls /tmp/*/stand-in/root-* /tmp/*initramfs-* 2>/dev/null | grep -q .; do kill -0 $! || exit 1; sleep 0.01; done
kill -TERM $!; wait $!; echo $?
n=0; until [ -z "$(ls /tmp)" ] || [ $n = 200 ]; do sleep 0.05; n=$((n + 1)); done; ls /tmp`;
  const argv = ['--mount', 'sh', '-c', script, 'sh', dirname(dirname(BIN)), process.execPath];
  argv.push('/media/bin/harvgen.js', 'rehearse', 'plant', 'by-dhcp');
  const child = spawn('unshare', argv, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  assert.is(
    await text(child.stdout),
    `plant: 1 boot of 1 of 15 nodes, ${hasKvm ? 'with' : 'without'} KVM\n143\n`,
  );
});

test('prints all missing programs, with their packages, before it boots anything', () => {
  const folder = built();
  const { code, stderr } = harvgen(['rehearse', 'plant', 'by-dhcp'], folder, {
    PATH: folder,
  });
  assert.is(code, 1);
  // The directories of root's programs are always searched.
  assert.is(
    stderr,
    `harvgen: the rehearsal needs programs that are missing, with their Debian packages:
  qemu-system-x86_64 (qemu-system-x86)
  unshare (util-linux)
  cpio (cpio)
`,
  );
});

test('rejects a site without an output tree, an unknown node and an unknown firmware', () => {
  const folder = makeSite(SITE);
  const run = (...args: string[]) =>
    harvgen(['rehearse', folder, ...args, '--out', 'nowhere'], dirname(folder));
  assert.match(
    run().stderr,
    /^harvgen: \S*nowhere\/plant is not an output tree: run `harvgen build --out nowhere \S+` first\n$/,
  );
  const known = built();
  assert.match(
    harvgen(['rehearse', 'plant', 'rigth'], known).stderr,
    'plant has no node rigth: did you mean right?',
  );
  assert.match(harvgen(['rehearse', 'plant', '--firmware', 'efi'], known).stderr, 'bios, uefi');
});

test.run();

/** Builds the site in a new directory, which every user can read. Returns the directory. */
function built(inventory = SITE): string {
  const site = makeSite(inventory);
  const folder = dirname(site);
  const { code, stderr } = harvgen(['build', 'plant'], folder);
  assert.is(code, 0, stderr);
  return folder;
}

/** Edits a file of the tree, or removes it. */
function plant(folder: string, { file, from, to }: Planted): void {
  const path = join(folder, 'out/plant', file);
  if (from === '') rmSync(path);
  else {
    const text = readFileSync(path, 'utf8');
    assert.ok(text.includes(from), `${file}: ${from}`);
    writeFileSync(path, text.replace(from, to));
  }
}

/** Runs the command line as a user with no rights outside of a directory. */
async function asUser(args: readonly string[], folder: string): Promise<Run> {
  const user = 12345;
  chmodSync(folder, 0o755);
  chownSync(folder, user, user);
  const drop = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs'];
  const env = { PATH: process.env.PATH, HOME: folder };
  // As on a boot server, where Debian's package has made the directory.
  const host = `mount -t tmpfs tmpfs /mnt && mkdir /mnt/upper /mnt/work &&
mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc && mkdir -p /etc/dnsmasq.d && exec "$@"`;
  const argv = ['--mount', 'sh', '-c', host, 'sh', 'setpriv', ...drop, process.execPath, BIN, ...args];
  const child = spawn('unshare', argv, { cwd: folder, env });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code, stdout, stderr };
}

import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import { sanUri } from '../../src/plan/iscsi.ts';
import { biosDisk } from '../../src/rehearse/disks.ts';
import { type Machine, type MachineOptions, openPlant, type Plant } from '../../src/rehearse/plant.ts';
import type { IscsiBoot, Node, Site } from '../../src/site/model.ts';
import { bootMac } from '../support/boot-mac.ts';
import { edited } from '../support/plant.ts';
import { makeSite, writeFiles } from '../support/scratch.ts';
import { bootableDisk, diskOf, loaderOf } from './bootable-disk.ts';
import { deploy, SECRETS, shortenPauses, siteOf } from './deploy.ts';
import { type IscsiServer, iscsiServer } from './iscsi-server.ts';
import { OTHER } from './other-disks.ts';
// needs: root bash busybox cpio curl dnsmasq grub-mkimage ip iscsistart ldd mcopy mkfs.fat nginx qemu-system-x86_64 rsync tgtd unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/PXELINUX/lpxelinux.0 /usr/lib/grub/i386-pc/moddep.lst /usr/lib/grub/x86_64-efi/moddep.lst /usr/lib/ipxe/undionly.kpxe /usr/lib/ipxe/qemu/pxe-virtio.rom /usr/lib/syslinux/modules/bios/menu.c32 /usr/share/OVMF/OVMF_CODE_4M.fd

import * as assert from 'uvu/assert';

/*
 * Machines without a disk boot: the emitted targets in a real tgtd, and the emitted scripts in real iPXE, by BIOS
 * and UEFI. The system on each disk logs on by itself with the data from iPXE, and reports its owner.
 */

const PXELINUX =
  '  cn03: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43, firmware: bios, boot: { loader: pxelinux } }\n';
const MUTUAL = `  cn02:
    mac: 52:54:00:aa:01:02
    ip: 192.168.178.42
    boot: { chap: { password: "\${secret:chap_cn02}", target_password: "\${secret:chap_of_target}" } }
`;
const SITE = `site: diskless
server:
  url: http://192.168.178.7
  iscsi: { suffix: "\${secret:iscsi_suffix}" }
networks:
  mgmt:
    subnet: 192.168.178.0/24
    gateway: 192.168.178.1
    interface: eno1
    dhcp: {}
images:
  tiny: {}
defaults:
  boot: { os: iscsi, image: tiny }
nodes:
  cn01: { mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }
${MUTUAL}${PXELINUX}  cn04: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, firmware: bios, boot: { loader: pxelinux, fallback: disk } }
`;

const DISKS = '/srv/harvgen/disks';
/** A NIC that is in no inventory. */
const UNKNOWN = '52:54:00:de:ad:01';

const test = suite<{ plant: Plant; folder: string; site: Site; server: IscsiServer }>('iSCSI disks');

test.before(async (context) => {
  context.folder = makeSite(SITE, 'diskless');
  context.site = await siteOf(context.folder);
  context.plant = await openPlant({ interface: 'eno1', address: '192.168.178.7/24' });
  const { plant, site, folder } = context;
  await mkdir(join(plant.folder, 'disks'));
  await plant.bind(join(plant.folder, 'disks'), DISKS);
  const image = await bootableDisk(plant.folder);
  for (const node of site.nodes) await diskOf(image, diskPath(plant, node), node.name);
  await deploy(plant, site, folder);
  await shortenPauses(plant);
  context.server = iscsiServer(plant);
  await context.server.start();
  await context.server.put(folder);
});

test.after(async ({ plant }) => plant?.close());

const WAYS: Record<string, Pick<MachineOptions, 'name' | 'firmware'> & { others?: string[] }> = {
  'by BIOS with iPXE in its ROM, where only its second NIC is in the inventory': {
    name: 'cn01',
    firmware: 'bios-ipxe',
    others: [UNKNOWN],
  },
  'by BIOS with a PXE ROM without iPXE, with mutual CHAP': {
    name: 'cn02',
    firmware: 'bios-pxe',
  },
  'by UEFI, with mutual CHAP': { name: 'cn02', firmware: 'uefi' },
};

for (const [what, { name, firmware, others = [] }] of Object.entries(WAYS)) {
  test(`${name} boots its own disk ${what}`, async ({ plant, site }) => {
    const node = nodeOf(site, name);
    await ownDisk(await start(plant, node, { firmware, macs: [...others, bootMac(node)] }), node);
  });
}

test('a node can log in only at its own target', async ({ plant, site }) => {
  const [one, two] = [nodeOf(site, 'cn01'), nodeOf(site, 'cn02')];
  const script = join(plant.folder, 'refused.ipxe');
  const logOn = (password?: string) => [
    ...(password ? [`set username ${one.iscsi?.chap?.user}`, `set password ${password}`] : []),
    `set initiator-iqn ${one.iscsi?.initiator}`,
    `sanhook ${withSecrets(sanUri(one.iscsi as IscsiBoot))} && echo let in ||`,
    'sanunhook --drive 0x80 ||',
  ];
  const lines = [
    '#!ipxe',
    'ifopen net0',
    'set net0/netmask 255.255.255.0',
    ...[`set net0/ip ${two.ip}`, 'echo with the address of another', ...logOn(SECRETS.chap_cn01)],
    ...[`set net0/ip ${one.ip}`, 'clear username', 'clear password'],
    ...['echo with no password', ...logOn()],
    ...['echo with the password of another', ...logOn(SECRETS.chap_cn02)],
    ...['echo with all that is its own', ...logOn(SECRETS.chap_cn01)],
    ...['echo that was all', 'sleep 1000', ''],
  ];
  await writeFile(script, lines.join('\n'));
  const machine = await plant.boot({ name: 'refused', macs: [UNKNOWN], firmware: 'bios-embedded', script });
  const text = await machine.waitFor('that was all');
  await machine.stop();
  assert.equal(text.match(/^with .*|^let in|(?<=^Could not open SAN device: )[^(]*/gm), [
    'with the address of another',
    'No such device ',
    'with no password',
    'Error 0x430d6601 ',
    'with the password of another',
    'Operation not permitted ',
    'with all that is its own',
    'let in',
  ]);
});

test('PXELINUX loads its file by TFTP, and that file leads to the same disk', async ({ plant, site }) => {
  const node = nodeOf(site, 'cn03');
  await ownDisk(await start(plant, node, { firmware: 'bios-pxe' }), node);
  const log = await plant.dnsmasqLog();
  for (const name of ['lpxelinux.0', 'pxelinux.cfg/01-52-54-00-aa-01-03', 'ipxe.lkrn'])
    assert.match(log, `sent /srv/harvgen/tftp/${name} to 192.168.178.43`);
  // PXELINUX starts iPXE before the last packet of cn03.ipxe is acknowledged, so dnsmasq may not log it. iPXE without that file
  // requests boot.ipxe.
  const fetched = (await plant.run(['cat', '/var/log/nginx/harvgen-diskless.log']))
    .split('\n')
    .filter((line) => line.startsWith('192.168.178.43 '));
  assert.ok(fetched.some((line) => line.includes('"GET /ipxe/52-54-00-aa-01-03.ipxe ')));
  assert.not.ok(fetched.some((line) => line.includes('"GET /boot.ipxe ')));
});

test('a node whose target is unreachable retries until it answers', async ({ plant, site, server }) => {
  const node = nodeOf(site, 'cn01');
  await server.stop();
  const machine = await start(plant, node, { firmware: 'bios-ipxe' });
  // The other tests need the server, even if this test fails.
  await machine.waitFor('cn01: retrying in 30 seconds').finally(() => server.start());
  await ownLoader(machine, node);
});

test('a node whose disk is not bootable boots the local disk, if the inventory sets that', async ({
  plant,
  site,
}) => {
  const node = nodeOf(site, 'cn04');
  const path = diskPath(plant, node);
  await truncate(path, 0);
  await truncate(path, 48 * 1024 * 1024);
  const machine = await start(plant, node, {
    firmware: 'bios-ipxe',
    disks: [biosDisk(plant.folder, 'local', OTHER)],
  });
  const text = await machine.waitFor(OTHER);
  await machine.stop();
  assert.match(text, 'Boot from SAN device 0x80 failed');
  assert.match(text, 'cn04: booting the local disk 0x80');
});

test('a node that is removed from the inventory leaves no traces', async ({ plant, folder, server }) => {
  const gone = /cn0[23]|52-54-00-aa-01-0[23]|52:54:00:aa:01:0[23]|192\.168\.178\.4[23]\b/;
  const paths = '/etc/dnsmasq.d /etc/nginx /etc/tgt /srv/harvgen/diskless /srv/harvgen/tftp';
  /** Returns the traces of such nodes: names of files, lines of files, targets and accounts. */
  const traces = async () => {
    const files = await plant.run(['sh', '-c', `find ${paths} && grep -rI . ${paths}`]);
    const accounts = await plant.run(['tgtadm', '--lld', 'iscsi', '--mode', 'account', '--op', 'show']);
    return [...files.split('\n'), ...(await server.targets()).split('\n'), ...accounts.split('\n')].filter(
      (line) => gone.test(line),
    );
  };
  assert.ok((await traces()).length > 20);
  writeFiles(folder, { 'site.yaml': edited(SITE, [MUTUAL, ''], [PXELINUX, '']) });
  await deploy(plant, await siteOf(folder), folder);
  await server.put(folder, '--force');
  assert.equal(await traces(), []);
  assert.match(await server.targets(), ':cn01:tiny');
  const script = 'http://192.168.178.7/ipxe/52-54-00-aa-01-02.ipxe';
  await plant.run(['ip', 'address', 'add', '192.168.178.42/24', 'dev', 'eno1']);
  const ask = `curl -s -o /dev/null -w %{http_code} --interface 192.168.178.42 ${script}`;
  assert.is(await plant.run(ask.split(' ')), '404');
});

test.run();

function nodeOf(site: Site, name: string): Node {
  const node = site.nodes.find((one) => one.name === name);
  if (!node) throw new Error(`there is no ${name}`);
  return node;
}

/** Returns the path of a node's disk on the host. */
function diskPath({ folder }: Plant, { iscsi }: Node): string {
  return join(folder, 'disks', `${iscsi?.disk}.raw`);
}

function start(
  plant: Plant,
  node: Node,
  options: Pick<MachineOptions, 'firmware' | 'disks'> & { macs?: readonly string[] },
): Promise<Machine> {
  return plant.boot({ name: node.name, macs: [bootMac(node)], memory: 512, ...options });
}

/** Asserts that a machine prints the whole report of the system on a node's disk, and that this disk is the node's. */
async function ownDisk(machine: Machine, node: Node): Promise<void> {
  const text = await machine.waitFor('DISK end');
  await machine.stop();
  assert.equal(text.match(/(?<=^DISK ).*/gm), [
    `who ${node.name}`,
    `initiator ${node.iscsi?.initiator}`,
    `mac ${bootMac(node)}`,
    `address ${node.ip}`,
    `root ${node.name}`,
    'end',
  ]);
}

/** Waits until a machine starts the boot loader of a node's disk. The system behind it does not depend on how that was loaded. */
async function ownLoader(machine: Machine, node: Node): Promise<void> {
  // A BIOS that is short of time breaks lines anywhere.
  await machine.waitFor(new RegExp([...loaderOf(node.name).replaceAll(' ', '')].join('\\s*')));
  await machine.stop();
}

/** Substitutes the values of secrets for placeholders. */
function withSecrets(text: string): string {
  return text.replace(/@@secret:(\w+)@@/g, (_, name) => SECRETS[name] ?? '');
}

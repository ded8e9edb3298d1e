import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import type { Node } from '../../src/site/model.ts';
import { bootMac } from '../support/boot-mac.ts';
import { readReport } from './report.ts';
import type { Sandbox } from './sandbox.ts';
import { buildStandIn } from './stand-in.ts';

/** What the nodes of a diskless site boot, and what cloud-init finds there, as the inventory says it. */
export const DISKLESS = `groups:
  compute:
    cloud_init:
      user_data: { runcmd: [[touch, /run/compute]] }
      meta_data: { rack: r1 }
defaults:
  groups: [compute]
  boot:
    os: linux
    kernel: cluster/vmlinuz
    initrd: cluster/initrd.img
    args: [console=ttyS0, "note=\${node:xname}"]
`;

/** Puts a stand-in's kernel and initrd where the site's boot server has its images. */
export async function placeImages({ folder, bind }: Pick<Sandbox, 'folder' | 'bind'>): Promise<void> {
  const images = join(folder, 'images');
  await mkdir(join(images, 'cluster'), { recursive: true });
  await buildStandIn(join(images, 'cluster'), { kernelName: 'vmlinuz', initrdName: 'initrd.img' });
  await bind(images, '/srv/harvgen/images');
}

/** Asserts that a node of such a site has come, by HTTP alone, to its own kernel line and to its own data for cloud-init. */
export function assertOwnData(console: string, url: string, site: string, node: Node): void {
  assert.match(console, 'Start HTTP Boot over IPv4');
  assert.not.match(console, 'Start PXE');
  const program = node.loader === 'grub' ? 'grubnetx64.efi' : 'snponly.efi';
  assert.match(console, `URI: ${url}/loader/${program}`);
  const { said } = readReport(console);
  assert.is(said('address'), `${node.ip}/24`);
  assert.is(said('hostname-from-dhcp'), node.name);
  const mac = bootMac(node);
  const key = mac.replaceAll(':', '-');
  const seed = `${url}/cloud-init/${key}/`;
  assert.is(said('seed'), seed);
  const words = said('cmdline')?.trim().split(' ') ?? [];
  for (const word of [
    'console=ttyS0',
    `note=${node.xname}`,
    `BOOTIF=01-${key}`,
    `ds=nocloud-net;s=${seed}`,
  ]) {
    assert.ok(words.includes(word), `${word} in ${words.join(' ')}`);
  }
  assert.equal(parse(fileOf(console, 'meta-data')), {
    'instance-id': `${site}.${node.name}`,
    'local-hostname': node.name,
    rack: 'r1',
  });
  assert.match(fileOf(console, 'user-data'), /^#cloud-config\n/);
  assert.equal(parse(fileOf(console, 'user-data')), { runcmd: [['touch', '/run/compute']] });
  assert.is(fileOf(console, 'vendor-data'), '');
  const [nic] = Object.values(parse(fileOf(console, 'network-config')).ethernets);
  assert.equal(nic, { match: { macaddress: mac }, dhcp4: true });
}

/** What the stand-in has fetched of cloud-init's data, by a file's name; throws where it could not. */
function fileOf(console: string, name: string): string {
  const found = new RegExp(`STAND-IN ${name} begin\\r?\\n([\\s\\S]*?)STAND-IN ${name} end`).exec(console);
  if (!found)
    throw new Error(`no ${name}: ${/STAND-IN \S+ failed .*/.exec(console)?.[0] ?? 'nothing was said of it'}`);
  return (found[1] ?? '').replaceAll('\r', '');
}

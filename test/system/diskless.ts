import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { readReport } from '../../src/rehearse/compare-report.ts';
import { buildStandIn } from '../../src/rehearse/initramfs.ts';
import type { Sandbox } from '../../src/rehearse/sandbox.ts';
import type { Node } from '../../src/site/model.ts';
import { bootMac } from '../support/boot-mac.ts';

/** The boot and cloud-init settings of a diskless site, as in its inventory. */
export const DISKLESS = `groups:
  compute:
    cloud_init:
      user_data: |
        ## template: jinja
        #cloud-config
        runcmd: [[touch, "/var/tmp/{{ ds.meta_data.instance_data.v1.vendor_data.groups.compute.rack }}"]]
      meta_data: { rack: r1 }
defaults:
  groups: [compute]
  boot:
    os: linux
    kernel: cluster/vmlinuz
    initrd: cluster/initrd.img
    args: [console=ttyS0, "note=\${node:xname}"]
`;

/** Copies a stand-in's kernel and initrd to the images of the site's boot server. */
export async function placeImages({ folder, bind }: Pick<Sandbox, 'folder' | 'bind'>): Promise<void> {
  const images = join(folder, 'images');
  await mkdir(join(images, 'cluster'), { recursive: true });
  await buildStandIn(join(images, 'cluster'), { kernelName: 'vmlinuz', initrdName: 'initrd.img' });
  await bind(images, '/srv/harvgen/images');
}

/** Asserts that the firmware of a node of such a site loads the node's boot loader by HTTP. */
export function assertByHttp(console: string, url: string, node: Node): void {
  assert.match(console, 'Start HTTP Boot over IPv4');
  assert.not.match(console, 'Start PXE');
  const bootFile = node.loader === 'grub' ? 'grubnetx64.efi' : 'snponly.efi';
  assert.match(console, `URI: ${url}/loader/${bootFile}`);
}

/**
 * Asserts that a node of such a site gets its own kernel command line and its own cloud-init data. The argument
 * `booted` is the MAC of the NIC that it boots from. Returns the command line.
 */
export function assertOwnData(
  console: string,
  url: string,
  site: string,
  node: Node,
  booted: string = bootMac(node),
): string {
  const { reported } = readReport(console);
  assert.is(reported('address'), `${node.ip}/24`);
  assert.is(reported('hostname-from-dhcp'), node.name);
  const key = booted.replaceAll(':', '-');
  const seed = `${url}/cloud-init/${key}/`;
  assert.is(reported('seed'), seed);
  const words = reported('cmdline')?.trim().split(' ') ?? [];
  for (const word of [
    'console=ttyS0',
    `note=${node.xname}`,
    `BOOTIF=01-${key}`,
    `ds=nocloud-net;s=${seed}`,
  ]) {
    assert.ok(words.includes(word), `${word} in ${words.join(' ')}`);
  }
  const { instance_data: instance, ...metaData } = parse(fileOf(console, 'meta-data'));
  assert.equal(metaData, {
    'instance-id': `${site}.${node.name}`,
    'local-hostname': node.name,
    hostname: node.name,
    'cluster-name': site,
    rack: 'r1',
  });
  assert.is(instance.v1.vendor_data.groups.compute.rack, 'r1');
  assert.match(fileOf(console, 'user-data'), /^## template: jinja\n#cloud-config\n/);
  assert.is(fileOf(console, 'vendor-data'), '');
  for (const nic of Object.values<Record<string, unknown>>(
    parse(fileOf(console, 'network-config')).ethernets,
  )) {
    const { macaddress } = nic.match as { readonly macaddress: string };
    const others = macaddress === booted ? { dhcp4: true } : { dhcp4: false, optional: true };
    assert.equal(nic, { match: { macaddress }, ...others });
  }
  return words.join(' ');
}

/** Returns a file of cloud-init that the stand-in has fetched, by its name. Throws if it was not fetched. */
function fileOf(console: string, name: string): string {
  const found = new RegExp(`STAND-IN ${name} begin\\r?\\n([\\s\\S]*?)STAND-IN ${name} end`).exec(console);
  if (!found)
    throw new Error(`no ${name}: ${/STAND-IN \S+ failed .*/.exec(console)?.[0] ?? 'no failure is reported'}`);
  return (found[1] ?? '').replaceAll('\r', '');
}

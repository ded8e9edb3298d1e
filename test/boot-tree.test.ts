import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { harvesterMedia } from '../src/knowledge/harvester.ts';
import type { Site } from '../src/site/model.ts';
import type { Tree } from '../src/tree/tree.ts';
import { textOf } from '../src/tree/tree.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/** Requirements of Harvester's installer and dracut for every script of an output tree. */
const SAMPLES = fileURLToPath(new URL('../sites', import.meta.url));

const release = (version: string): Edit => ['version: v1.4.1', `version: ${version}`];
const SITES: Readonly<Record<string, string>> = {
  'a site with DHCP': join(SAMPLES, 'location_x'),
  'a site without DHCP, with bonds and a serial console': join(SAMPLES, 'location_y'),
  'instances of Oracle Cloud Infrastructure': join(SAMPLES, 'oci'),
  'virtual machines of a libvirt host': join(SAMPLES, 'harvester_cloud'),
  'the oldest release': makeSite(edited(PLANT, release('v1.1.0'))),
  'the newest release, on arm64': makeSite(
    edited(PLANT, ['version: v1.4.1', 'version: v1.9.0\n  arch: arm64']),
  ),
  'media on the internet, another port': makeSite(
    edited(PLANT, [
      'url: http://192.168.178.7',
      'url: http://192.168.178.7:8080\n  media: https://releases.rancher.com/harvester',
    ]),
  ),
};

const test = suite('scripts of an output tree');

for (const [name, folder] of Object.entries(SITES)) {
  test(`${name}: the installer reads each kernel command line as intended`, async () => {
    const { site, tree } = await compile(folder);
    assert.ok(site && tree);
    const lines = kernelLines(tree);
    assert.is(lines.length, site.nodes.filter(({ os }) => os === 'harvester').length);
    for (const { args } of lines) {
      const keys = args.map((arg) => arg.replace(/=.*/, ''));
      const count = (key: string) => keys.filter((one) => one === key).length;
      // With several ip= the choice of the NIC is ambiguous; with a repeated harvester.* key the installer drops all of them.
      for (const key of ['ip', 'root', 'initrd', 'harvester.install.config_url'])
        assert.is(count(key), 1, key);
      // A virtual machine has the installer on its screen, and the messages of the system on its serial port.
      assert.is(count('console'), site.host ? 2 : 1, 'console');
      for (const key of keys.filter((key) => key.startsWith('harvester.'))) assert.is(count(key), 1, key);
      // Releases up to v1.6 search for this exact text.
      assert.ok(args.includes('harvester.install.automatic=true'));
      // Before v1.8.0, a number makes the installer drop all of its keys.
      for (const arg of args) assert.not.match(arg, /^harvester\.[^=]*=\d+$/);
      // iPXE itself inserts the MAC address of a NIC that is not in the inventory.
      for (const arg of args) assert.not.match(arg.replace('hwAddr:${netX/mac}', ''), /["'$#{}\s]/);
    }
  });

  test(`${name}: each URL is in the output tree or is a file of the release`, async () => {
    const { site, tree } = await compile(folder);
    assert.ok(site && tree);
    for (const { kernel, initrd, args } of kernelLines(tree)) {
      assert.ok(args.includes(`initrd=${initrd.replace(/.*\//, '')}`));
      const value = (key: string) =>
        args.find((arg) => arg.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
      assertServed(value('harvester.install.config_url'), site, tree);
      for (const url of [kernel, initrd, value('root').replace(/^live:/, '')]) assertMedia(url, site);
    }
    for (const node of site.nodes) assertMedia(node.config.install?.iso_url ?? '', site);
  });
}

interface KernelLine {
  readonly kernel: string;
  readonly initrd: string;
  readonly args: readonly string[];
}

function kernelLines(tree: Tree): KernelLine[] {
  return [...tree].flatMap(([path, file]) => {
    const content = textOf(file);
    const [, kernel, line] = /^kernel (\S+) (.*) \|\| goto failed$/m.exec(content) ?? [];
    const [, initrd] = /^initrd (\S+) \|\| goto failed$/m.exec(content) ?? [];
    return path.endsWith('.ipxe') && kernel && line && initrd
      ? [{ kernel, initrd, args: line.split(' ') }]
      : [];
  });
}

function assertServed(url: string, { server }: Site, tree: Tree): void {
  assert.ok(url.startsWith(`${server.url}/`), url);
  assert.ok(tree.has(`www${url.slice(server.url.length)}`), url);
}

function assertMedia(url: string, { server, clusters }: Site): void {
  const known = clusters.flatMap(({ version, arch }) =>
    Object.values(harvesterMedia(version.text, arch)).map(
      (file) => `${server.media.url}/${version.text}/${file}`,
    ),
  );
  assert.ok(known.includes(url), url);
}

test.run();

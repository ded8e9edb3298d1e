import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import type { Tree } from '../src/tree/tree.ts';
import { blocksOf } from './support/markdown.ts';
import { edited } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/* What the pages on DHCP and on power say that is in a tree, is in that of their sample. */

const test = suite('the pages on DHCP and on power');
const read = (page: string) =>
  readFileSync(join(fileURLToPath(new URL('../docs/how-to', import.meta.url)), page), 'utf8');

async function treeOf(text: string, name: string): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(text, name));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

test('each DHCP server has the files of its row', async () => {
  const page = read('dhcp.md');
  const [site = ''] = blocksOf(page, 'yaml site');
  const wholes: Readonly<Record<string, string>> = {
    dnsmasq: 'dhcp: { hosts_files: true }',
    isc: 'dhcp: { server: isc }',
    kea: 'dhcp: { server: kea }',
    coredhcp: 'dhcp: { server: coredhcp }',
  };
  for (const [server, dhcp] of Object.entries(wholes)) {
    const [, row = ''] = new RegExp(`^\\| \`${server}\`.*\\|([^|]*)\\|$`, 'm').exec(page) ?? [];
    const paths = Array.from(row.matchAll(/`([a-z]+\/\S+)`/g), ([, path = '']) =>
      path.replace('<site>', 'cluster_a'),
    );
    assert.ok(paths.length > 0, server);
    const compat = ['10.1.0.1 }', '10.1.0.1, compat: [ochami] }'] as const;
    const known = ['    ip:', '    nid: "[1-6]"\n    xname: x1000c0s[1-6]b0n0\n    ip:'] as const;
    const text = edited(site, ['dhcp: { server: isc }', dhcp], compat, known);
    const tree = await treeOf(text, 'cluster_a');
    for (const path of paths) assert.ok(tree.has(path), `${server}: ${path}`);
    const others = [...tree.keys()].filter((path) => /^(dhcpd|kea|coredhcp)\//.test(path));
    assert.equal(
      others.filter((path) => !paths.includes(path)),
      [],
    );
  }
});

test('the commands for power and consoles name what is in the tree', async () => {
  const page = read('power-consoles.md');
  const [nodes = ''] = blocksOf(page, 'yaml');
  const tree = await treeOf(
    `site: cluster
server: { url: http://172.16.0.254 }
${nodes}`,
    'cluster',
  );
  const commands = blocksOf(page, 'sh ops').join('');
  const paths = Array.from(
    commands.matchAll(/(?:\/srv\/harvgen|out)\/cluster\/(\S+)/g),
    ([, path = '']) => path,
  );
  assert.ok(paths.length > 3);
  for (const path of paths) assert.ok(tree.has(path), path);
  for (const [, path = ''] of page.matchAll(/^\| `((?:ops|scripts)\/\S+)`/gm))
    assert.ok(tree.has(path), path);
});

test.run();

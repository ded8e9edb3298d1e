import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { multiSiteRules } from '../src/rules/across/index.ts';
import { rules } from '../src/rules/index.ts';
import { valueRules } from '../src/rules/secrets/secret-values.ts';
import { CODES_BY_SUBJECT } from '../src/source/diagnostics/codes.ts';
import type { Tree } from '../src/tree/tree.ts';
import { blocksOf } from './support/markdown.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/* The pages below docs/how-to name files, scripts, rules and messages that exist. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HOW_TO = join(ROOT, 'docs/how-to');
const NAMES = readdirSync(HOW_TO).filter((name) => name.endsWith('.md'));
const test = suite('the how-to pages');
const read = (page: string) => readFileSync(join(HOW_TO, page), 'utf8');

async function treeOf(text: string, name: string): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(text, name));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

test('each DHCP server has the files of its row', async () => {
  const page = read('dhcp.md');
  const [site = ''] = blocksOf(page, 'yaml site');
  const settings: Readonly<Record<string, string>> = {
    dnsmasq: 'dhcp: { hosts_files: true }',
    isc: 'dhcp: { server: isc }',
    kea: 'dhcp: { server: kea }',
    coredhcp: 'dhcp: { server: coredhcp }',
  };
  for (const [server, dhcp] of Object.entries(settings)) {
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

test('the commands for power and consoles refer to files of the output tree', async () => {
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

test('every script in a page is in an output tree', async () => {
  const signed = edited(PLANT, ['server:\n', 'server:\n  sign: { signer: boot.plant }\n']);
  const scripts = new Set((await treeOf(signed, 'plant')).keys());
  for (const name of ['location_x', 'harvester_cloud', 'oci', 'ochami', 'bmi']) {
    const { tree } = await compile(join(ROOT, 'sites', name));
    assert.ok(tree, name);
    for (const path of tree.keys()) scripts.add(path);
  }
  const named = NAMES.flatMap((name) => read(name).match(/\bscripts\/[\w-]+\.sh/g) ?? []);
  assert.ok(named.length > 30);
  // Only the page on site templates adds this one.
  assert.equal(
    [...new Set(named)].filter((path) => !scripts.has(path)),
    ['scripts/burn-in.sh'],
  );
});

test('every rule in a page exists', () => {
  const { 'Output trees': _output, 'Imported files': _imported, ...ofSites } = CODES_BY_SUBJECT;
  const others = Object.values(ofSites).flat();
  const codes = new Set([...rules, ...multiSiteRules, ...valueRules, ...others].map(({ code }) => code));
  const named = NAMES.flatMap((name) =>
    Array.from(read(name).matchAll(/\(`([a-z]+(?:-[a-z]+)+)`\)/g), ([, code = '']) => `${name}: ${code}`),
  );
  assert.ok(named.length > 20);
  assert.equal(
    named.filter((text) => !codes.has(text.split(': ')[1] ?? '')),
    [],
  );
});

/** Parts of messages that a page quotes, each with the page and the file that prints it. */
const MESSAGES: readonly (readonly [message: string, page: string, file: string])[] = [
  ['has no script for this machine', 'troubleshooting.md', 'targets/ipxe/boot.ipxe.eta'],
  ['found one, so nothing is installed', 'troubleshooting.md', 'targets/ipxe/node.ipxe.eta'],
  ['halting, because the inventory sets', 'troubleshooting.md', 'targets/ipxe/node.ipxe.eta'],
  ['iPXE has no NIC with the MAC', 'troubleshooting.md', 'targets/ipxe/iscsi.ipxe.eta'],
  ['this iPXE cannot verify signatures', 'troubleshooting.md', 'targets/ipxe/boot.ipxe.eta'],
  ['is not empty and has no harvgen manifest', 'troubleshooting.md', 'tree/manifest.ts'],
  ['has no link: cable or switch port', 'troubleshooting.md', 'targets/embed/embed.ipxe.eta'],
  ['This machine is not in the inventory', 'troubleshooting.md', 'targets/embed/embed.ipxe.eta'],
  ['cannot be fetched from', 'troubleshooting.md', 'targets/embed/embed.ipxe.eta'],
  ['is missing: create it with images.sh, then run this again', 'iscsi-disks.md', 'targets/iscsi/put-tgt.sh'],
];

test('the quoted messages are those in the sources', () => {
  for (const [message, page, file] of MESSAGES) {
    assert.match(read(page), message);
    assert.match(readFileSync(join(ROOT, 'src', file), 'utf8'), message);
  }
});

test.run();

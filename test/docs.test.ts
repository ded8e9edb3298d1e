import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { harvesterCloud } from '../src/import/tfvars/variables.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { harvgen } from './support/cli.ts';
import { cloudSite } from './support/cloud-sites.ts';
import { PAGES, readPage as read } from './support/docs.ts';
import { blocksOf } from './support/markdown.ts';
import { NESTED } from './support/nested-plant.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const test = suite('the documentation');

test('commands for a server or host name paths of the output tree', async () => {
  const single = read('sites/harvester_cloud_single/site.yaml').replace(/^site: .*/m, 'site: lab');
  const trees = await Promise.all(
    [makeSite({ 'site.yaml': single }, 'lab'), join(root, 'sites/location_x')].map((folder) =>
      compile(folder),
    ),
  );
  const paths = new Set(trees.flatMap(({ tree }) => [...(tree?.keys() ?? [])]));
  /** Forms of commands, each with the path in the output tree that it refers to. */
  const forms: readonly (readonly [RegExp, (name: string) => string])[] = [
    [/\/srv\/harvgen\/\w+\/(\S+)/g, (path) => path],
    [/\b(harvgen-lab-\S+)/g, (unit) => `systemd/${unit}`],
    [/^virsh \w+ (\S+)/gm, (name) => `libvirt/domains/${name}.xml`],
    [/http:\/\/[0-9.]+\/(\S+)/g, (path) => `www/${path}`],
  ];
  const blocks = PAGES.flatMap((page) => blocksOf(read(page), 'sh server')).join('');
  for (const [form, pathOf] of forms) {
    const named = Array.from(blocks.matchAll(form), ([, name = '']) => pathOf(name));
    assert.ok(named.length > 0, `${form}`);
    assert.equal(
      named.filter((path) => !paths.has(path)),
      [],
    );
  }
});

test('the reference of imports lists every variable once', () => {
  const [, section = ''] = read('docs/reference/import-mappings.md').split('\n## harvester-cloud\n');
  const rows = section
    .split(/^## /m, 1)
    .join()
    .split('\n')
    .flatMap((line) => /^\|([^|]*)\|/.exec(line)?.[1] ?? []);
  const named = rows.flatMap((cell) => Array.from(cell.matchAll(/`(\w+)`/g), ([, name = '']) => name));
  assert.equal(named.sort(), Object.keys(harvesterCloud().variables).sort());
});

test('the programs of the documentation run', () => {
  for (const program of PAGES.flatMap((page) => blocksOf(read(page), 'js run'))) {
    // The package resolves its own name, as in an installation.
    const script = join(root, 'dist', 'docs-example.mjs');
    writeFileSync(script, program);
    const stdout = execFileSync(process.execPath, [script], { cwd: root, encoding: 'utf8' });
    rmSync(script);
    assert.match(stdout, 'harv-1 192.168.178.41 52:54:00:aa:01:01\n');
    assert.match(stdout, /^www\/boot\.ipxe \d+$/m);
  }
});

test('the complete sites of the documentation are valid', async () => {
  const sites = PAGES.flatMap((page) => blocksOf(read(page), 'yaml site'));
  assert.ok(sites.length > 0);
  for (const site of sites) {
    const name = /^site: (.*)$/m.exec(site)?.[1] ?? '';
    assert.is(await errorsOf(writeFiles(join(scratchFolder(), name), { 'site.yaml': site })), '');
  }
});

test('the pieces of inventories in the documentation are valid on top of a complete site', async () => {
  // The settings of a libvirt host require a site that has one.
  // As in the sample, each image is on a data disk.
  const vm = cloudSite(
    'google',
    undefined,
    '{ data1: { size: 350Gi }, data2: { size: 350Gi }, data3: { size: 350Gi } }',
  ).replace('300Gi }]', '300Gi, on: data3 }]');
  const bases = { yaml: PLANT, 'yaml host': NESTED, 'yaml cloud': vm };
  const pieces = Object.entries(bases).flatMap(([info, base]) => {
    const found = PAGES.flatMap((page) => blocksOf(read(page), info));
    assert.ok(found.length > 3, info);
    return found.map((piece) => ({ piece, base }));
  });
  for (const { piece, base } of pieces) {
    const include = piece.includes('include:') ? '' : 'include: [../_shared/defaults.yaml]\n';
    const home = writeFiles(scratchFolder(), {
      'plant/site.yaml': include + piece,
      '_shared/defaults.yaml': base,
    });
    assert.is(await errorsOf(join(home, 'plant')), '', piece);
  }
});

test('the manifests of the documentation are valid on top of a sample', async () => {
  const pieces = PAGES.flatMap((page) => blocksOf(read(page), 'yaml manifests'));
  assert.ok(pieces.length > 1);
  const [bootstrap = ''] = PAGES.flatMap((page) => blocksOf(read(page), 'yaml bootstrap'));
  const [key = ''] = /^ {2}bootstrap: .*$/m.exec(bootstrap) ?? [];
  const site = read('sites/harvester_cloud/site.yaml')
    .replace('site: harvester_cloud', 'site: lab')
    .replace(/^ {2}bootstrap: .*$/m, key);
  const folder = makeSite({ 'site.yaml': site, 'manifests/page.yaml': pieces.join('---\n') }, 'lab');
  assert.is(await errorsOf(folder), '');
});

test('commands for a cluster parse, and name paths and options of the output tree', async () => {
  const trees = await Promise.all(
    ['location_y', 'harvester_cloud'].map((name) => compile(join(root, 'sites', name))),
  );
  const paths = new Set(trees.flatMap(({ tree }) => [...(tree?.keys() ?? [])]));
  const script = 'scripts/apply-cluster.sh';
  const help = outputOf('bash', [join(root, 'out/location_y', script), '--help']);
  for (const block of PAGES.flatMap((page) => blocksOf(read(page), 'sh cluster'))) {
    outputOf('bash', ['-n', '-c', block]);
    for (const [, path = ''] of block.matchAll(/(?<![\w/])(scripts\/\S+)/g)) assert.ok(paths.has(path), path);
    for (const [, options = ''] of block.matchAll(/apply-cluster\.sh(.*)$/gm))
      for (const [option] of options.matchAll(/--[a-z-]+/g)) assert.match(help, option);
    if (block.includes('-k cluster')) assert.ok(paths.has('cluster/kustomization.yaml'));
  }
});

function outputOf(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' });
}

test('the README shows an error as harvgen prints it', () => {
  const [site = ''] = blocksOf(read('README.md'), 'yaml site');
  const home = writeFiles(scratchFolder(), {
    'sites/plant_a/site.yaml': edited(site, [
      "vip: 192.168.10.40                 # a free address: the cluster's dashboard",
      'vip: 192.168.10.240',
    ]),
  });
  const printed = harvgen(['check', 'sites/plant_a'], home).stderr.replace(/\n\n1 error\n$/, '\n');
  assert.ok(blocksOf(read('README.md'), '').includes(printed), printed);
});

test('the documentation shows the output of `harvgen explain`', () => {
  for (const page of ['README.md', 'docs/explanation/layers.md']) {
    const [command = ''] = blocksOf(read(page), 'sh').filter((block) => block.includes('explain '));
    const { stdout } = harvgen(command.trim().split(' ').slice(1).slice(1), root);
    assert.ok(stdout.includes('sites/'), command);
    assert.ok(blocksOf(read(page), 'text').includes(stdout), stdout);
  }
});

test('every diagnostic is listed in docs/reference/rules.md', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const codes = sources
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .flatMap((path) => [
      ...Array.from(read(`src/${path}`).matchAll(/code: '([a-z-]+)'/g), ([, code]) => code),
      ...Array.from(read(`src/${path}`).matchAll(/#error\('([a-z-]+)'/g), ([, code]) => code),
    ]);
  assert.ok(codes.length > 40);
  for (const code of codes) assert.match(read('docs/reference/rules.md'), `\`${code}\``);
});

test('the README links the index, and the index lists every page', () => {
  assert.match(read('README.md'), '](docs/README.md)');
  for (const page of PAGES)
    if (page !== 'docs/README.md') assert.match(read('docs/README.md'), `](${relative('docs', page)})`);
});

test('the paths of sources exist', () => {
  const paths = PAGES.flatMap((page) =>
    Array.from(read(page).matchAll(/`((?:src|test)\/[\w./-]+)`/g), ([, path = '']) => path),
  );
  assert.ok(paths.length > 10);
  assert.equal(
    paths.filter((path) => !existsSync(join(root, path))),
    [],
  );
});

test('the targets of links exist', () => {
  for (const page of PAGES) {
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (/^https?:/.test(target)) continue;
      assert.ok(existsSync(join(root, dirname(page), target)), `${page}: ${target}`);
    }
  }
});

test.run();

async function errorsOf(folder: string): Promise<string> {
  return formatText((await compile(folder)).diagnostics, { color: false, folder });
}

import {
  chmodSync,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { harvgen } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite("a site's own templates and files");

const TARGETS = fileURLToPath(new URL('../src/targets/', import.meta.url));
const SITE = { 'site.yaml': PLANT };
const NODE_SCRIPT = 'www/ipxe/52-54-00-aa-01-02.ipxe';

/** Builds a site of these files, on top of the common one; returns the output tree and standard error. */
function built(files: Readonly<Record<string, string>>): { tree: Record<string, string>; stderr: string } {
  const home = dirname(makeSite({ ...SITE, ...files }));
  const { code, stderr } = harvgen(['build', 'plant'], home);
  assert.is(code, stderr === '' ? 0 : 1, stderr);
  return { tree: readTree(join(home, 'out/plant')), stderr };
}

const { tree: plain } = built({});

test('a site template replaces the built-in one, and all other files are the same', () => {
  const { tree, stderr } = built({
    'templates/ipxe/node.ipxe.eta': '#!ipxe\n<% if (it.installer) { %>\necho <%= it.node.name %>\n<% } %>\n',
  });
  assert.is(stderr, '');
  assert.is(tree[NODE_SCRIPT], '#!ipxe\necho harv-2\n');
  const others = Object.keys(plain).filter((path) => !/^www\/ipxe|manifest/.test(path));
  assert.equal(Object.keys(tree), Object.keys(plain));
  for (const path of others) assert.is(tree[path], plain[path], path);
});

test('copies of all built-in templates produce the same output tree', () => {
  const site = makeSite(SITE);
  cpSync(TARGETS, join(site, 'templates'), { recursive: true, filter: (path) => !path.endsWith('.ts') });
  assert.is(harvgen(['build', 'plant'], dirname(site)).stderr, '');
  assert.equal(readTree(join(dirname(site), 'out/plant')), plain);
});

test('a hostile value in a template is quoted, or rejected at the line of the template', () => {
  const hostile = edited(PLANT, ['    os: {', "    os: { environment: { PROXY: '$(reboot) *x*' },"]);
  const resultOf = (template: string) =>
    built({
      'site.yaml': hostile,
      [`templates/${template}`]: '<%= it.site.nodes[0].config.os.environment.PROXY %>\n',
    });
  assert.is(resultOf('scripts/fetch-media.sh.eta').tree['scripts/fetch-media.sh'], "'$(reboot) *x*'\n");
  assert.is(resultOf('readme/README.md.eta').tree['README.md'], '$(reboot) &#42;x&#42;\n');
  assert.match(
    resultOf('nginx/site.nginx.eta').stderr,
    'plant/templates/nginx/site.nginx.eta:1:5 error template-value\n' +
      '  "$(reboot) *x*" cannot be written in an nginx configuration: $ begins a variable.\n',
  );
});

test('a template cannot change the data of later templates', () => {
  const { stderr } = built({ 'templates/dnsmasq/site.dnsmasq.eta': '<% it.site.nodes.reverse(); %>\n' });
  assert.match(
    stderr,
    "plant/templates/dnsmasq/site.dnsmasq.eta:1:4 error template-fault\n  This fails: Cannot assign to read only property '0'",
  );
});

test('a template cannot change the bytes of a file, in the output or for other templates', () => {
  const { tree, stderr } = built({
    'files/a.txt': 'as it is\n',
    'templates/dnsmasq/site.dnsmasq.eta': '<% it.site.files[0].content[0] = 88; %>#\n',
    'templates/readme/README.md.eta':
      '<% it.site.files[0].content.fill(88); %><%= new TextDecoder().decode(it.site.files[0].content) %>',
  });
  assert.is(stderr, '');
  assert.is(tree['a.txt'], 'as it is\n');
  assert.match(tree['README.md'] ?? '', /^as it is/);
});

test('an error of a template is reported once, with one of its nodes', () => {
  const files = { 'templates/ipxe/node.ipxe.eta': 'ok\n<%= it.node.nme.x %>\n' };
  assert.is(
    built(files).stderr,
    `plant/templates/ipxe/node.ipxe.eta:2:5 error template-fault
  This fails: Cannot read properties of undefined (reading 'x'). It was rendered for harv-1.
  1 | ok
  2 | <%= it.node.nme.x %>
    |     ^^^^^^^^^^^^^
  help: docs/reference/template-data.md lists the contents of \`it\`

1 error: nothing was written
`,
  );
});

test('check reports the same as build, in every format, and explain still works', () => {
  const home = dirname(
    makeSite({ ...SITE, 'templates/readme/README.md.eta': '\n<%= it.nobody %>', 'files/manifest.json': '' }),
  );
  const { code, stdout } = harvgen(['check', '--format', 'json', 'plant'], home);
  assert.is(code, 1);
  const reported = JSON.parse(stdout).diagnostics as {
    file: string;
    line: number;
    column: number;
    code: string;
  }[];
  assert.equal(
    reported.map(({ file, line, column, code }) => [file, line, column, code]),
    [
      ['plant/files/manifest.json', 1, 1, 'file-conflict'],
      ['plant/templates/readme/README.md.eta', 2, 5, 'template-value'],
    ],
  );
  assert.is(harvgen(['explain', 'plant', 'harv-1', 'config.install.device'], home).code, 0);
});

test('a script that iPXE would reject, and an empty file, are rejected at the first line', () => {
  const { stderr } = built({
    'templates/ipxe/node.ipxe.eta': '<% if (it.installer) { %>\n  #!ipxe\n<% } %>\n',
    'templates/readme/README.md.eta': '\n',
  });
  assert.match(
    stderr,
    `plant/templates/ipxe/node.ipxe.eta:1:1 error template-fault
  The output of this template does not begin with #!ipxe: iPXE would reject it with "Exec format error". It was rendered for harv-1.
`,
  );
  assert.match(
    stderr,
    'plant/templates/readme/README.md.eta:1:1 error template-fault\n  This template writes an empty file',
  );
  assert.match(stderr, '2 errors');
});

test('errors of the inventory and of templates are reported together', () => {
  const { stderr } = built({
    'site.yaml': edited(PLANT, ['v1.4.1', '1.4.1']),
    'templates/readme/README.md.eta': '<% a b %>',
    'files/b': '@@secret:x@@',
  });
  assert.match(stderr, '3 errors');
});

test('sites can share templates through a link, which must not leave their common directory', () => {
  const home = writeFiles(scratchFolder(), {
    'sites/_shared/templates/ipxe/node.ipxe.eta': '#!ipxe\necho shared\n',
    'sites/plant/site.yaml': PLANT,
  });
  symlinkSync('../_shared/templates', join(home, 'sites/plant/templates'));
  symlinkSync('/etc', join(home, 'sites/plant/files'));
  assert.match(
    harvgen(['build', 'sites/plant'], home).stderr,
    'sites/plant/files:1:1 error file-link\n  This link leads to /etc, out of',
  );
  rmSync(join(home, 'sites/plant/files'));
  assert.is(harvgen(['build', 'sites/plant'], home).code, 0);
  assert.is(readFileSync(join(home, 'out/plant', NODE_SCRIPT), 'utf8'), '#!ipxe\necho shared\n');
});

test('files are copied to the output tree unchanged, and removed when they are deleted', () => {
  const site = makeSite({ ...SITE, 'files/scripts/mine.sh': '#!/bin/sh\r\n', 'files/notes/.gitkeep': '' });
  const home = dirname(site);
  const bytes = Buffer.from([0xff, 0, 0x0d, 0x0a, 0xfe]);
  writeFileSync(join(site, 'files/www.bin'), bytes);
  chmodSync(join(site, 'files/scripts/mine.sh'), 0o755);
  assert.is(harvgen(['build', 'plant'], home).stdout, 'out/plant: 24 written, 0 unchanged, 0 removed\n');
  assert.equal(readFileSync(join(home, 'out/plant/www.bin')), bytes);
  assert.is(readFileSync(join(home, 'out/plant/scripts/mine.sh'), 'utf8'), '#!/bin/sh\r\n');
  assert.is(statSync(join(home, 'out/plant/scripts/mine.sh')).mode & 0o777, 0o755);
  assert.is(statSync(join(home, 'out/plant/www.bin')).mode & 0o777, 0o644);
  const manifest = JSON.parse(readFileSync(join(home, 'out/plant/manifest.json'), 'utf8'));
  assert.equal(Object.keys(manifest.files), Object.keys(manifest.files).sort());
  assert.ok('www.bin' in manifest.files);
  chmodSync(join(site, 'files/scripts/mine.sh'), 0o644);
  assert.match(harvgen(['build', '--check', 'plant'], home).stdout, 'differs    scripts/mine.sh');
  renameSync(join(site, 'files'), join(site, 'elsewhere'));
  assert.is(harvgen(['build', 'plant'], home).stdout, 'out/plant: 1 written, 21 unchanged, 2 removed\n');
  assert.not(existsSync(join(home, 'out/plant/www.bin')));
});

test('ignored files and .git are not in the output tree, and dotfiles are not public', () => {
  const site = makeSite({
    ...SITE,
    'files/.git/config': 'password',
    'files/www/module/.git': 'gitdir: ../..',
    'files/www/node_modules/x.js': '',
    'files/www/C#': '',
    'files/www/list.tmp': '',
    'files/www/.well-known/security.txt': '',
    'files/.env': '',
  });
  symlinkSync('somebody@host.4711', join(site, 'files/.#notes.txt'));
  const home = dirname(site);
  assert.is(harvgen(['build', 'plant'], home).stderr, '');
  const others = new Set(Object.keys(plain));
  assert.equal(
    Object.keys(readTree(join(home, 'out/plant'))).filter((path) => !others.has(path)),
    ['.env', 'www/.well-known/security.txt', 'www/C#', 'www/list.tmp', 'www/node_modules/x.js'],
  );
  writeFileSync(join(site, 'files/www/.env'), 'TOKEN=x');
  assert.match(
    harvgen(['check', 'plant'], home).stdout + harvgen(['check', 'plant'], home).stderr,
    'plant/files/www/.env:1:1 error file-hidden\n  www/.env would be public',
  );
});

test('files above the size limit are rejected', () => {
  const site = makeSite({ ...SITE, 'files/large': '', 'files/too-large': '' });
  // Sparse files, which need no space on the disk.
  truncateSync(join(site, 'files/large'), 1024 ** 2);
  truncateSync(join(site, 'files/too-large'), 3 * 1024 ** 3);
  assert.is(
    harvgen(['build', 'plant'], dirname(site)).stderr,
    `plant/files/too-large:1:1 error file-size
  This file has 3,072 MiB, but the limit is 100: it would be committed to git with the site.
  help: put it next to the output tree, with the installation media

1 error: nothing was written
`,
  );
  rmSync(join(site, 'files/too-large'));
  assert.is(harvgen(['build', 'plant'], dirname(site)).stderr, '');
});

test('the directory harvester/ is reserved only if nginx serves it from elsewhere', () => {
  const files = { 'files/www/harvester/y': 'y' };
  assert.match(built(files).stderr, 'plant/files/www/harvester/y:1:1 error file-not-served');
  const url = edited(PLANT, [
    '  url: http://192.168.178.7\n',
    '  url: http://192.168.178.7\n  media: http://192.168.178.8/media\n',
  ]);
  const { tree, stderr } = built({ ...files, 'site.yaml': url });
  assert.is(stderr, '');
  assert.match(tree['nginx/plant.conf'] ?? '', 'location = /harvester/y {');
});

test('a name with a backslash is shown unchanged', () => {
  assert.match(
    built({ 'files/www/a\\b': '' }).stderr,
    'plant/files/www/a\\b:1:1 error file-name\n  The name "a\\\\b" contains a backslash',
  );
});

test('YAML in templates/ and files/ is not part of the inventory', () => {
  const { tree, stderr } = built({
    'files/www/cloud/user.yaml': 'site: other\n',
    'files/a.yml': '[',
    'templates/.b/c.yaml': '[',
  });
  assert.is(stderr, '');
  assert.is(tree['www/cloud/user.yaml'], 'site: other\n');
});

test('nginx has a location for each public file, and for no other file', () => {
  const { tree } = built({ 'files/www/a b$.txt': '', 'files/c.txt': '' });
  assert.match(
    tree['nginx/plant.conf'] ?? '',
    '\n    location = "/a b$.txt" {\n        default_type text/plain;\n    }\n',
  );
  assert.not.match(tree['nginx/plant.conf'] ?? '', 'c.txt');
});

test('a compilation lists the templates, files and directories that it read', async () => {
  const site = makeSite({ ...SITE, 'templates/ipxe/boot.ipxe.eta': '#!ipxe\n', 'files/a/b': '' });
  const { files } = await compile(site);
  for (const path of [
    'templates',
    'templates/ipxe',
    'templates/ipxe/boot.ipxe.eta',
    'files',
    'files/a',
    'files/a/b',
  ])
    assert.ok(files.includes(join(site, path)), path);
});

test('each compilation reads templates again', async () => {
  const site = makeSite({ ...SITE, 'templates/ipxe/boot.ipxe.eta': '#!ipxe\n# one' });
  const script = async () => (await compile(site)).tree?.get('www/boot.ipxe')?.content;
  assert.is(await script(), '#!ipxe\n# one');
  writeFileSync(join(site, 'templates/ipxe/boot.ipxe.eta'), '#!ipxe\n# two');
  assert.is(await script(), '#!ipxe\n# two');
  rmSync(join(site, 'templates'), { recursive: true });
  assert.is(await script(), plain['www/boot.ipxe']);
});

test.run();

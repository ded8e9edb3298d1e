import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSite, scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { plainDiagnostic } from '../source/diagnostics/formats.ts';
import { Report } from '../source/diagnostics/report.ts';
import { Disk } from './disk.ts';
import { readFiles } from './files.ts';

const test = suite("finding a site's files");

/** Reads the site in the folder `plant`; paths are given relative to the folder above it. */
async function readSite(site: string) {
  const report = new Report();
  const files = readFiles(site, report, new Disk());
  const home = dirname(site);
  return {
    own: files?.own.map(({ path }) => relative(home, path)),
    included: files?.included.map(({ path }) => relative(home, path)),
    found: report.sorted().map((diagnostic) => {
      assert.ok(diagnostic.help);
      const { severity, code, message, file, line, column } = plainDiagnostic(diagnostic, home);
      return `${file}:${line}:${column} ${severity} ${code} ${message}`;
    }),
  };
}

test('site.yaml is the first, the others follow in the order of their paths', async () => {
  const site = makeSite({
    'zeta.yaml': '{}',
    'site.yaml': 'site: plant\n',
    'nodes/harv-2.yaml': '{}',
    'nodes/harv-10.yaml': '{}',
    'nodes/Harv-1.yaml': '{}',
    'nodes/ä.yaml': '{}',
    'alpha.yaml': '{}',
    'a/b/c.yaml': '{}',
  });
  assert.equal(await readSite(site), {
    own: [
      'plant/site.yaml',
      'plant/a/b/c.yaml',
      'plant/alpha.yaml',
      'plant/nodes/Harv-1.yaml',
      'plant/nodes/harv-10.yaml',
      'plant/nodes/harv-2.yaml',
      'plant/nodes/ä.yaml',
      'plant/zeta.yaml',
    ],
    included: [],
    found: [],
  });
});

test('templates/, files/ and what is no YAML are not read', async () => {
  const site = makeSite({
    'site.yaml': '',
    'templates/x.yaml': '[',
    'templates/deep/x.yaml': '[',
    'files/user-data.yaml': '[',
    'node_modules/p/x.yaml': '[',
    'README.md': '[',
    'x.json': '[',
    'x.yaml.bak': '[',
    '.git/x.yaml': '[',
    '.git/x/y.yml': '[',
  });
  assert.equal(await readSite(site), { own: ['plant/site.yaml'], included: [], found: [] });
});

test('folders of these names further down are read', async () => {
  const site = makeSite({ 'site.yaml': '', 'nodes/files/x.yaml': '', 'nodes/templates/x.yaml': '' });
  assert.equal((await readSite(site)).own, [
    'plant/site.yaml',
    'plant/nodes/files/x.yaml',
    'plant/nodes/templates/x.yaml',
  ]);
});

test('a second site.yaml further down is a file like others', async () => {
  const site = makeSite({ 'site.yaml': '', 'a/site.yaml': '' });
  assert.equal((await readSite(site)).own, ['plant/site.yaml', 'plant/a/site.yaml']);
});

test('a file that ends in .yml is not read, with a warning', async () => {
  const site = makeSite({ 'site.yaml': '', 'nodes/x.yml': '[' });
  assert.equal(await readSite(site), {
    own: ['plant/site.yaml'],
    included: [],
    found: [
      "plant/nodes/x.yml:1:1 warning yml-not-read x.yml is not read: an inventory's files end in .yaml.",
    ],
  });
});

test('a file whose name ends in .yaml in other letters, or begins with a dot, is not read, with a warning', async () => {
  const site = makeSite({
    'site.yaml': '',
    'a.YAML': '[',
    'b.Yml': '[',
    '.c.yaml': '[',
    'nodes/.d.yaml': '[',
    'nodes/.#e.yaml': '[',
    'nodes/.f.yaml.swp': '[',
    'nodes/g.yaml~': '[',
    '.nodes/h.yaml': '[',
  });
  assert.equal(await readSite(site), {
    own: ['plant/site.yaml'],
    included: [],
    found: [
      'plant/.c.yaml:1:1 warning yml-not-read .c.yaml is not read: its name begins with a dot.',
      "plant/a.YAML:1:1 warning yml-not-read a.YAML is not read: an inventory's files end in .yaml.",
      "plant/b.Yml:1:1 warning yml-not-read b.Yml is not read: an inventory's files end in .yaml.",
      'plant/nodes/.d.yaml:1:1 warning yml-not-read .d.yaml is not read: its name begins with a dot.',
    ],
  });
});

test('settings of tools at the top of a repository are no files of a site that lies there', async () => {
  const site = makeSite({ 'site.yaml': '', '.git/HEAD': '', '.gitlab-ci.yml': '', '.sops.yaml': '' });
  assert.equal((await readSite(site)).found, []);
  writeFiles(site, { 'nodes/.x.yaml': '' });
  assert.equal((await readSite(site)).found.length, 1);
});

test("a file of the site's own that says nothing is read, with a warning; its root and what is included are not told", async () => {
  const home = scratchFolder();
  writeFiles(home, {
    'plant/site.yaml': '# include: nothing\ninclude: [../empty.yaml]\n',
    'plant/a.yaml': '',
    'plant/b.yaml': '# harv-1:\n',
    'plant/c.yaml': '---\n',
    'plant/d.yaml': '{}\n',
    'plant/e.yaml': 'nodes: {}\n',
    'empty.yaml': '# nothing yet\n',
  });
  const { own, found } = await readSite(join(home, 'plant'));
  assert.is(own?.length, 6);
  assert.equal(
    found,
    ['a', 'b', 'c'].map(
      (name) =>
        `plant/${name}.yaml:1:1 warning empty-file ${name}.yaml says nothing: a node that stood here would be gone from the output.`,
    ),
  );
  assert.equal((await readSite(makeSite(''))).found, []);
});

test('a site below a folder that begins with a dot is read like another', async () => {
  const site = writeFiles(join(scratchFolder(), '.sites/plant'), { 'site.yaml': '', 'nodes/x.yaml': '{}' });
  assert.equal((await readSite(site)).own, ['plant/site.yaml', 'plant/nodes/x.yaml']);
});

test('a folder that was probably meant for templates or files is told, unless it is read', async () => {
  const site = makeSite({
    'site.yaml': '',
    'template/ipxe/node.ipxe.eta': '',
    'FILES/www/x': '',
    'tempaltes/x': '',
    'flies/.htaccess': '',
    'file/.gitkeep': '',
    'tiles/x.yaml': '{}',
    'tiles/README.md': '',
    'sites/README.md': '',
    'profiles/README.md': '',
    'nodes/template/x': '',
    'templates/template/x.eta': '',
    filse: '',
  });
  const said = (name: string, meant: string) =>
    `plant/${name}:1:1 warning folder-not-read ${name}/ is not read, and what it holds changes nothing: did you mean ${meant}/?`;
  assert.equal((await readSite(site)).found, [
    said('FILES', 'files'),
    said('flies', 'files'),
    said('tempaltes', 'templates'),
    said('template', 'templates'),
  ]);
});

test('a link to the folder of templates, by another name, is none that was misspelt', async () => {
  const site = makeSite({ 'site.yaml': '', 'templates/x.eta': '' });
  symlinkSync('templates', join(site, 'template'));
  assert.equal((await readSite(site)).found, []);
});

test('a folder whose name means something to a glob is read like another', async () => {
  const home = scratchFolder();
  for (const name of ['a[b]', '(x)', '{a,b}', 'st*r', "quo'te", 'blank s', '!not', '+(x)']) {
    const site = writeFiles(join(home, name, 'plant'), { 'site.yaml': '', 'nodes/x.yaml': '{}' });
    assert.equal((await readSite(site)).own, ['plant/site.yaml', 'plant/nodes/x.yaml'], name);
  }
});

test('includes are relative to the file that says them, the lowest first', async () => {
  const home = scratchFolder();
  writeFiles(home, {
    'plant/site.yaml': 'include: [../_shared/a.yaml, ../_shared/b.yaml]\n',
    'plant/nodes/n.yaml': 'include: [../../_shared/c.yaml]\n',
    '_shared/a.yaml': 'include: [deep/d.yaml]\n',
    '_shared/b.yaml': '',
    '_shared/c.yaml': '',
    '_shared/deep/d.yaml': 'include: [../e.yaml]\n',
    '_shared/e.yaml': '',
    '_shared/unused.yaml': '[',
  });
  assert.equal(await readSite(join(home, 'plant')), {
    own: ['plant/site.yaml', 'plant/nodes/n.yaml'],
    included: ['_shared/e.yaml', '_shared/deep/d.yaml', '_shared/a.yaml', '_shared/b.yaml', '_shared/c.yaml'],
    found: [],
  });
});

test('a file that is included twice counts once, below both that include it', async () => {
  const home = scratchFolder();
  writeFiles(home, {
    'plant/site.yaml': 'include: [../a.yaml, ../b.yaml]\n',
    'a.yaml': 'include: [base.yaml]\n',
    'b.yaml': 'include: [./base.yaml]\n',
    'base.yaml': '',
  });
  assert.equal(await readSite(join(home, 'plant')), {
    own: ['plant/site.yaml'],
    included: ['base.yaml', 'a.yaml', 'b.yaml'],
    found: [],
  });
});

test('files that include each other are an error at the include that closes the circle', async () => {
  const home = scratchFolder();
  writeFiles(home, {
    'plant/site.yaml': 'include: [../a.yaml]\n',
    'a.yaml': '# first\ninclude: [b.yaml]\n',
    'b.yaml': 'include:\n  - a.yaml\n',
  });
  assert.equal(await readSite(join(home, 'plant')), {
    own: undefined,
    included: undefined,
    found: ['b.yaml:2:5 error include-cycle These files include each other: a.yaml → b.yaml → a.yaml.'],
  });
});

test('a file that includes itself is an error', async () => {
  const { found } = await readSite(makeSite({ 'site.yaml': 'include: [site.yaml]\n' }));
  assert.equal(found, [
    'plant/site.yaml:1:11 error include-cycle These files include each other: site.yaml → site.yaml.',
  ]);
});

test("a fault in a file that is the site's own and included as well is said once", async () => {
  const site = makeSite({ 'site.yaml': 'include: [nodes/x.yaml]\n', 'nodes/x.yaml': 'a: 1\na: 2\n' });
  assert.equal((await readSite(site)).found, [
    'plant/nodes/x.yaml:2:1 error duplicate-key The key a stands twice in the same map: only one of the two could count.',
  ]);
});

test('a missing include is an error at its place', async () => {
  const { found } = await readSite(makeSite({ 'site.yaml': 'site: plant\ninclude:\n  - ../none.yaml\n' }));
  assert.equal(found, ['plant/site.yaml:3:5 error include-missing There is no file ../none.yaml.']);
});

test('a folder is no file to include', async () => {
  const home = scratchFolder();
  writeFiles(home, { 'plant/site.yaml': 'include: [../x.yaml]\n' });
  mkdirSync(join(home, 'x.yaml'));
  const { found } = await readSite(join(home, 'plant'));
  assert.equal(found, ['plant/site.yaml:1:11 error include-missing There is no file ../x.yaml.']);
});

test('what is no path of a YAML file is left to the check of the shape', async () => {
  const { own, found } = await readSite(
    makeSite({ 'site.yaml': 'include: [/etc/passwd, 5, ../x.txt, ""]\n' }),
  );
  assert.equal(own, ['plant/site.yaml']);
  assert.equal(found, []);
});

test('the faults of all files are said at once', async () => {
  const home = scratchFolder();
  writeFiles(home, {
    'plant/site.yaml': 'include: [../a.yaml, ../none.yaml]\na: [\n',
    'plant/x.yaml': 'a: 1\na: 2\n',
    'a.yaml': '- list\n',
  });
  const { own, found } = await readSite(join(home, 'plant'));
  assert.is(own, undefined);
  assert.equal(
    found.map((line) => line.split(' ').slice(0, 3).join(' ')),
    ['plant/site.yaml:3:1 error yaml-syntax', 'plant/x.yaml:2:1 error duplicate-key'],
  );
});

test('a file that is not UTF-8 is an error', async () => {
  const site = makeSite({ 'site.yaml': '' });
  writeFileSync(join(site, 'latin.yaml'), Buffer.from('site: M\xfcnchen\n', 'latin1'));
  writeFileSync(join(site, 'wide.yaml'), Buffer.from('\ufeffsite: plant\n', 'utf16le'));
  assert.equal((await readSite(site)).found, [
    'plant/latin.yaml:1:1 error unreadable-file The file is not UTF-8.',
    'plant/wide.yaml:1:1 error unreadable-file The file is not UTF-8.',
  ]);
});

test('a byte order mark does no harm', async () => {
  assert.equal((await readSite(makeSite({ 'site.yaml': '\ufeffsite: plant\n' }))).found, []);
});

test('a file that cannot be read is an error', async () => {
  const site = makeSite({ 'site.yaml': '' });
  // Nobody can read the first page of a process's memory, root neither.
  symlinkSync('/proc/self/mem', join(site, 'x.yaml'));
  assert.equal((await readSite(site)).found, [
    'plant/x.yaml:1:1 error unreadable-file The file cannot be read: EIO.',
  ]);
});

test('a link to nothing, or in a circle, is a file that cannot be read; what it leads to is asked for', async () => {
  const site = makeSite({ 'site.yaml': '' });
  symlinkSync('/nonexistent/x.yaml', join(site, 'x.yaml'));
  symlinkSync('y.yaml', join(site, 'y.yaml'));
  symlinkSync('somebody@host.123:456', join(site, '.#x.yaml'));
  symlinkSync('nothing.md', join(site, 'README.md'));
  const because = 'and so to nothing: what it should say would be missing.';
  assert.equal(await readSite(site), {
    own: undefined,
    included: undefined,
    found: [
      `plant/x.yaml:1:1 error unreadable-file This link leads to /nonexistent/x.yaml, ${because}`,
      `plant/y.yaml:1:1 error unreadable-file This link leads to y.yaml, ${because}`,
    ],
  });
  const disk = new Disk();
  readFiles(site, new Report(), disk);
  assert.ok(disk.asked.includes('/nonexistent/x.yaml'));
});

test('a link to a folder that is not there is told', async () => {
  const site = makeSite({ 'site.yaml': '' });
  symlinkSync('../nodes', join(site, 'nodes'));
  assert.equal((await readSite(site)).found, [
    'plant/nodes:1:1 warning folder-not-read This link leads to ../nodes, and so to nothing: what it should say would be missing.',
  ]);
});

test('a link that leads back into the site changes nothing', async () => {
  const site = makeSite({ 'site.yaml': '', 'nodes/x.yaml': '{}', 'nodes/y.yml': '' });
  symlinkSync('.', join(site, 'again'));
  symlinkSync('none.yaml', join(site, 'nodes/z.yaml'));
  const { found } = await readSite(site);
  assert.equal(
    found.map((line) => line.split(' ').slice(0, 3).join(' ')),
    ['plant/nodes/y.yml:1:1 warning yml-not-read', 'plant/nodes/z.yaml:1:1 error unreadable-file'],
  );
});

test('a pipe is not waited for', async () => {
  const site = makeSite({ 'site.yaml': '' });
  execFileSync('mkfifo', [join(site, 'x.yaml')]);
  assert.equal((await readSite(site)).found, [
    'plant/x.yaml:1:1 error unreadable-file This is neither a file nor a folder.',
  ]);
});

test('a folder without site.yaml is no site, and neither is what is not there', async () => {
  const site = makeSite({ 'other.yaml': '' });
  assert.equal(await readSite(site), {
    own: undefined,
    included: undefined,
    found: ['plant:1:1 error no-site This folder is not a site: it has no site.yaml.'],
  });
  assert.equal((await readSite(join(site, 'none'))).found, [
    'none:1:1 error no-site There is no such folder: a site is a folder with a site.yaml.',
  ]);
});

test('a site.yaml that is a folder is no site', async () => {
  const site = makeSite({ 'site.yaml/x.yaml': '' });
  assert.equal((await readSite(site)).found, [
    'plant:1:1 error no-site This folder is not a site: it has no site.yaml.',
  ]);
});

test('a root that ends otherwise is pointed at', async () => {
  for (const name of ['site.yml', 'Site.YAML']) {
    const site = makeSite({ [name]: '' });
    const report = new Report();
    readFiles(site, report, new Disk());
    assert.equal(
      report.sorted().map(({ at, code, message, help }) => [at.source.file, code, message, help]),
      [
        [
          join(site, name),
          'no-site',
          `The folder is not a site: it has no site.yaml, but ${name}, which is not read.`,
          `rename ${join(site, name)} to site.yaml`,
        ],
      ],
    );
  }
});

test('a root that is a link to nothing is a file that cannot be read', async () => {
  const site = makeSite({ 'x.yaml': '' });
  symlinkSync('none.yaml', join(site, 'site.yaml'));
  assert.equal((await readSite(site)).found, [
    'plant/site.yaml:1:1 error unreadable-file This link leads to none.yaml, and so to nothing: what it should say would be missing.',
  ]);
});

test('of a folder of sites, the sites are named', async () => {
  const sites = writeFiles(join(scratchFolder(), 'sites'), {
    'a/site.yaml': '',
    '_shared/site.yaml': '',
    'c/x': '',
  });
  const said = async () => {
    const report = new Report();
    readFiles(sites, report, new Disk());
    return report.sorted().map(({ message, help }) => [message, help]);
  };
  assert.equal(await said(), [
    [
      'This folder is not a site: it has no site.yaml, but holds the site a.',
      `name the site: harvgen build ${sites}/a`,
    ],
  ]);
  writeFiles(sites, { 'b/site.yaml': '' });
  assert.equal(await said(), [
    [
      'This folder is not a site: it has no site.yaml, but holds the sites a and b.',
      `name one of them, or all: harvgen build '${sites}/*'`,
    ],
  ]);
});

test("another site's root is no file to include, and nothing of it is said", async () => {
  const home = scratchFolder();
  writeFiles(home, {
    'north/site.yaml': 'include: [../south/site.yaml, ../_shared/site.yaml]\n',
    'south/site.yaml': 'include: [../north/site.yaml]\nnodes: [\n',
    '_shared/site.yaml': '{}',
  });
  assert.equal((await readSite(join(home, 'north'))).found, [
    'north/site.yaml:1:11 error include-site ../south/site.yaml is the root of another site: all that is in that site would be in this one, too.',
  ]);
});

test.run();

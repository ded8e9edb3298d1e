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

/** Reads the site in the directory `plant`; paths are relative to its parent directory. */
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

test('site.yaml is first, then the other files in the order of their paths', async () => {
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

test('templates/, files/ and files that are not YAML are not read', async () => {
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

test('deeper directories of these names are read', async () => {
  const site = makeSite({ 'site.yaml': '', 'nodes/files/x.yaml': '', 'nodes/templates/x.yaml': '' });
  assert.equal((await readSite(site)).own, [
    'plant/site.yaml',
    'plant/nodes/files/x.yaml',
    'plant/nodes/templates/x.yaml',
  ]);
});

test('a second, deeper site.yaml is an ordinary file', async () => {
  const site = makeSite({ 'site.yaml': '', 'a/site.yaml': '' });
  assert.equal((await readSite(site)).own, ['plant/site.yaml', 'plant/a/site.yaml']);
});

test('a file that ends in .yml is not read, with a warning', async () => {
  const site = makeSite({ 'site.yaml': '', 'nodes/x.yml': '[' });
  assert.equal(await readSite(site), {
    own: ['plant/site.yaml'],
    included: [],
    found: [
      'plant/nodes/x.yml:1:1 warning yml-not-read x.yml is not read: names of inventory files must end in .yaml.',
    ],
  });
});

test('a file whose name ends in .yaml in other case, or begins with a dot, is not read, with a warning', async () => {
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
      'plant/a.YAML:1:1 warning yml-not-read a.YAML is not read: names of inventory files must end in .yaml.',
      'plant/b.Yml:1:1 warning yml-not-read b.Yml is not read: names of inventory files must end in .yaml.',
      'plant/nodes/.d.yaml:1:1 warning yml-not-read .d.yaml is not read: its name begins with a dot.',
    ],
  });
});

test('settings of tools at the top of a repository are not files of a site there', async () => {
  const site = makeSite({ 'site.yaml': '', '.git/HEAD': '', '.gitlab-ci.yml': '', '.sops.yaml': '' });
  assert.equal((await readSite(site)).found, []);
  writeFiles(site, { 'nodes/.x.yaml': '' });
  assert.equal((await readSite(site)).found.length, 1);
});

test('a warning reports an empty file of the site, but not an empty root or included file', async () => {
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
        `plant/${name}.yaml:1:1 warning empty-file ${name}.yaml is empty: nodes that it contained would be missing from the output.`,
    ),
  );
  assert.equal((await readSite(makeSite(''))).found, []);
});

test('a site below a directory that begins with a dot is read', async () => {
  const site = writeFiles(join(scratchFolder(), '.sites/plant'), { 'site.yaml': '', 'nodes/x.yaml': '{}' });
  assert.equal((await readSite(site)).own, ['plant/site.yaml', 'plant/nodes/x.yaml']);
});

test('a warning reports a directory named similarly to templates or files, unless it is read', async () => {
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
  const warning = (name: string, meant: string) =>
    `plant/${name}:1:1 warning folder-not-read ${name}/ is not read, so its content has no effect: did you mean ${meant}/?`;
  assert.equal((await readSite(site)).found, [
    warning('FILES', 'files'),
    warning('flies', 'files'),
    warning('tempaltes', 'templates'),
    warning('template', 'templates'),
  ]);
});

test('a link of another name to the directory templates is not a typo', async () => {
  const site = makeSite({ 'site.yaml': '', 'templates/x.eta': '' });
  symlinkSync('templates', join(site, 'template'));
  assert.equal((await readSite(site)).found, []);
});

test('a directory with glob characters in its name is read', async () => {
  const home = scratchFolder();
  for (const name of ['a[b]', '(x)', '{a,b}', 'st*r', "quo'te", 'blank s', '!not', '+(x)']) {
    const site = writeFiles(join(home, name, 'plant'), { 'site.yaml': '', 'nodes/x.yaml': '{}' });
    assert.equal((await readSite(site)).own, ['plant/site.yaml', 'plant/nodes/x.yaml'], name);
  }
});

test('includes are relative to their file, the lowest layer first', async () => {
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

test('a file that is included twice is read once, as the lower layer of both', async () => {
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

test('files that include each other are an error at the include that closes the cycle', async () => {
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

test('an error in a file of the site that is also included is reported once', async () => {
  const site = makeSite({ 'site.yaml': 'include: [nodes/x.yaml]\n', 'nodes/x.yaml': 'a: 1\na: 2\n' });
  assert.equal((await readSite(site)).found, [
    'plant/nodes/x.yaml:2:1 error duplicate-key The key a is set twice in the same map: only one value can apply.',
  ]);
});

test('a missing include is an error at its location', async () => {
  const { found } = await readSite(makeSite({ 'site.yaml': 'site: plant\ninclude:\n  - ../none.yaml\n' }));
  assert.equal(found, ['plant/site.yaml:3:5 error include-missing There is no file ../none.yaml.']);
});

test('a directory cannot be included', async () => {
  const home = scratchFolder();
  writeFiles(home, { 'plant/site.yaml': 'include: [../x.yaml]\n' });
  mkdirSync(join(home, 'x.yaml'));
  const { found } = await readSite(join(home, 'plant'));
  assert.equal(found, ['plant/site.yaml:1:11 error include-missing There is no file ../x.yaml.']);
});

test('other values than paths of YAML files are left to schema validation', async () => {
  const { own, found } = await readSite(
    makeSite({ 'site.yaml': 'include: [/etc/passwd, 5, ../x.txt, ""]\n' }),
  );
  assert.equal(own, ['plant/site.yaml']);
  assert.equal(found, []);
});

test('the errors of all files are reported at once', async () => {
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
    ['plant/site.yaml:2:4 error yaml-syntax', 'plant/x.yaml:2:1 error duplicate-key'],
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

test('a byte order mark is accepted', async () => {
  assert.equal((await readSite(makeSite({ 'site.yaml': '\ufeffsite: plant\n' }))).found, []);
});

test('a file that cannot be read is an error', async () => {
  const site = makeSite({ 'site.yaml': '' });
  // No user, not even root, can read the first page of a process's memory.
  symlinkSync('/proc/self/mem', join(site, 'x.yaml'));
  assert.equal((await readSite(site)).found, [
    'plant/x.yaml:1:1 error unreadable-file The file cannot be read: EIO.',
  ]);
});

test('a broken link, or one to itself, is an unreadable file; its target is requested', async () => {
  const site = makeSite({ 'site.yaml': '' });
  symlinkSync('/nonexistent/x.yaml', join(site, 'x.yaml'));
  symlinkSync('y.yaml', join(site, 'y.yaml'));
  symlinkSync('somebody@host.123:456', join(site, '.#x.yaml'));
  symlinkSync('nothing.md', join(site, 'README.md'));
  const because = 'which does not exist: its content would be missing from the output.';
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
  assert.ok(disk.requested.includes('/nonexistent/x.yaml'));
});

test('a broken link to a directory is reported', async () => {
  const site = makeSite({ 'site.yaml': '' });
  symlinkSync('../nodes', join(site, 'nodes'));
  assert.equal((await readSite(site)).found, [
    'plant/nodes:1:1 warning folder-not-read This link leads to ../nodes, which does not exist: its content would be missing from the output.',
  ]);
});

test('a link that leads back into the site has no effect', async () => {
  const site = makeSite({ 'site.yaml': '', 'nodes/x.yaml': '{}', 'nodes/y.yml': '' });
  symlinkSync('.', join(site, 'again'));
  symlinkSync('none.yaml', join(site, 'nodes/z.yaml'));
  const { found } = await readSite(site);
  assert.equal(
    found.map((line) => line.split(' ').slice(0, 3).join(' ')),
    ['plant/nodes/y.yml:1:1 warning yml-not-read', 'plant/nodes/z.yaml:1:1 error unreadable-file'],
  );
});

test('reading does not wait for a pipe', async () => {
  const site = makeSite({ 'site.yaml': '' });
  execFileSync('mkfifo', [join(site, 'x.yaml')]);
  assert.equal((await readSite(site)).found, [
    'plant/x.yaml:1:1 error unreadable-file This is neither a file nor a directory: it cannot be read.',
  ]);
});

test('a directory without site.yaml is not a site, nor is a missing one', async () => {
  const site = makeSite({ 'other.yaml': '' });
  assert.equal(await readSite(site), {
    own: undefined,
    included: undefined,
    found: ['plant:1:1 error no-site This directory is not a site: it has no site.yaml.'],
  });
  assert.equal((await readSite(join(site, 'none'))).found, [
    'none:1:1 error no-site This directory does not exist: a site is a directory with a site.yaml.',
  ]);
});

test('a site.yaml that is a directory is not a site', async () => {
  const site = makeSite({ 'site.yaml/x.yaml': '' });
  assert.equal((await readSite(site)).found, [
    'plant:1:1 error no-site This directory is not a site: it has no site.yaml.',
  ]);
});

test('a root with another name or extension is reported', async () => {
  for (const name of ['site.yml', 'Site.YAML', 'inventory.yaml', 'plant.yml']) {
    const site = makeSite({ [name]: '# One plant\nsite: plant\n', 'a.yaml': 'all: { hosts: {} }\n' });
    const report = new Report();
    readFiles(site, report, new Disk());
    assert.equal(
      report.sorted().map(({ at, code, message, help }) => [at.source.file, code, message, help]),
      [
        [
          join(site, name),
          'no-site',
          `This directory is not a site: it has no site.yaml, but ${name}, which is not read.`,
          `mv ${join(site, name)} ${join(site, 'site.yaml')}`,
        ],
      ],
    );
  }
});

test('a root that is a broken link is an unreadable file', async () => {
  const site = makeSite({ 'x.yaml': '' });
  symlinkSync('none.yaml', join(site, 'site.yaml'));
  assert.equal((await readSite(site)).found, [
    'plant/site.yaml:1:1 error unreadable-file This link leads to none.yaml, which does not exist: its content would be missing from the output.',
  ]);
});

test('for a directory of sites, the message names the sites', async () => {
  const sites = writeFiles(join(scratchFolder(), 'sites'), {
    'a/site.yaml': '',
    '_shared/site.yaml': '',
    'c/x': '',
  });
  const found = async () => {
    const report = new Report();
    readFiles(sites, report, new Disk());
    return report.sorted().map(({ message, help }) => [message, help]);
  };
  assert.equal(await found(), [
    [
      'This directory is not a site: it has no site.yaml, but contains the site a.',
      `pass the site: ${sites}/a`,
    ],
  ]);
  writeFiles(sites, { 'b/site.yaml': '' });
  assert.equal(await found(), [
    [
      'This directory is not a site: it has no site.yaml, but contains the sites a and b.',
      `pass a site, such as ${sites}/a, or all: '${sites}/*'`,
    ],
  ]);
});

test("another site's root cannot be included, and its errors are not reported", async () => {
  const home = scratchFolder();
  writeFiles(home, {
    'north/site.yaml': 'include: [../south/site.yaml, ../_shared/site.yaml]\n',
    'south/site.yaml': 'include: [../north/site.yaml]\nnodes: [\n',
    '_shared/site.yaml': '{}',
  });
  assert.equal((await readSite(join(home, 'north'))).found, [
    'north/site.yaml:1:11 error include-site ../south/site.yaml is the site.yaml of another site: this site would contain all its machines and networks.',
  ]);
});

test.run();

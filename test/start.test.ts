import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BIN, harvgen, type Run, runOf } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('starting harvgen');

const root = fileURLToPath(new URL('..', import.meta.url));

/** Installs harvgen in a temporary directory whose path contains a space. */
function installed(): string {
  const folder = join(scratchFolder(), 'with blank');
  for (const path of ['bin', 'dist', 'schema', 'package.json'])
    cpSync(join(root, path), join(folder, path), { recursive: true });
  return join(folder, 'bin/harvgen.js');
}

/** Returns the output and the files of a build. */
function buildBy(bin: string): Run & { readonly tree: object } {
  const home = dirname(makeSite(PLANT));
  const { code, stdout, stderr } = runOf(bin, ['build', 'plant'], home);
  return { code, stdout, stderr, tree: readTree(join(home, 'out')) };
}

const expected = buildBy(BIN);

test('works through a symbolic link, and from a directory whose name contains a space', () => {
  const bin = installed();
  assert.equal(buildBy(bin), expected);
  const link = join(scratchFolder(), 'harvgen');
  symlinkSync(bin, link);
  assert.equal(buildBy(link), expected);
});

test('the built-in templates of the package are compiled, and none fails for a sample', async () => {
  const load = (path: string) => import(join(root, 'dist', path));
  const { PROGRAMS } = (await load('targets/templates/programs.js')) as {
    PROGRAMS: Record<string, string | ((...given: unknown[]) => string)>;
  };
  const { builtInNames } = await load('targets/templates/template.js');
  assert.equal(Object.keys(PROGRAMS).sort(), [...builtInNames()].sort());
  const failed: string[] = [];
  const ran = new Set<string>();
  for (const [name, program] of Object.entries(PROGRAMS)) {
    if (typeof program === 'string') continue; // a script without tags
    PROGRAMS[name] = (...given) => {
      ran.add(name);
      try {
        return program(...given);
      } catch (error) {
        failed.push(`${name}: ${error}`);
        throw error;
      }
    };
  }
  const { compile } = await load('compile.js');
  for (const name of ['bmi', 'harvester_cloud', 'location_x', 'location_y', 'location_z', 'ochami', 'oci'])
    assert.ok((await compile(join(root, 'sites', name))).tree, name);
  assert.equal(failed, []);
  assert.ok(ran.size > 40, String(ran.size));
});

test('works with other flags of V8', () => {
  const home = dirname(makeSite(PLANT));
  const { code, stdout, stderr } = harvgen(['build', 'plant'], home, {
    NODE_OPTIONS: '--max-old-space-size=300',
  });
  assert.equal({ code, stdout, stderr, tree: readTree(join(home, 'out')) }, expected);
});

test('finds sites by a glob that the shell did not expand', () => {
  const bin = installed();
  const home = dirname(makeSite(PLANT));
  // A link is a site as well.
  writeFiles(home, { 'real/other/site.yaml': 'site: [', 'sites/.keep': '' });
  symlinkSync('../real/other', join(home, 'sites/other'));
  symlinkSync('../plant', join(home, 'sites/plant'));
  const checked = (glob: string, folder = home) => {
    const { code, stdout, stderr } = runOf(bin, ['check', glob], folder);
    return [code, stdout, stderr.split('\n')[0]];
  };
  assert.equal(checked('pla*'), [0, '', 'no errors or warnings in plant']);
  assert.equal(checked('../*/plant', join(home, 'sites')).slice(0, 2), [0, '']);
  assert.match(String(checked('sites/*')[2]), 'sites/other/site.yaml:1:');
});

test('parses unusual YAML, and reports an error', () => {
  const home = writeFiles(scratchFolder(), {
    'a/site.yaml': 'site: &name a\nserver: { url: 7 }\nnodes: { b: { ip: *name, frob: 1 } }\n',
  });
  const { code, stderr } = harvgen(['check', 'a'], home);
  assert.is(code, 1);
  assert.match(stderr, 'unknown-key');
});

test('handles texts beyond ASCII as the sources do', () => {
  const home = writeFiles(scratchFolder(), {
    'machines.csv': 'name,mac,ip\na,a4:bf:01:00:00:01,172.16.0.1\nb,a4:bf:01:00:00:02,\u2014\n',
  });
  const args = [
    'import',
    'csv',
    'machines.csv',
    '--server',
    'http://172.16.0.254',
    '--subnet',
    '172.16.0.0/24',
  ];
  const { stdout, stderr } = harvgen([...args, '--site', 'x'], home);
  assert.match(stdout, 'a4:bf:01:00:00:02', stderr);
  assert.not.match(stderr, '\u2014');
});

test('exits with an error if a command never ends', () => {
  const bin = installed();
  writeFileSync(
    join(dirname(bin), '../dist/bin/main.js'),
    'export const main = () => new Promise(() => {});',
  );
  assert.is(runOf(bin, ['--version'], scratchFolder()).code, 13);
});

test('reports that it is not built', () => {
  const bin = installed();
  rmSync(join(dirname(bin), '../dist'), { recursive: true });
  assert.equal(runOf(bin, ['--version'], scratchFolder()), {
    code: 1,
    stdout: '',
    stderr:
      'harvgen: it is not built. From git, install it without --ignore-scripts, or install the file that `npm pack` writes; in a checkout, run npm ci\n',
  });
});

test('shows the location of a bug in harvgen', () => {
  const bin = installed();
  for (const name of ['often', 'texts']) rmSync(join(dirname(bin), `../dist/${name}.json.br`));
  const { stderr } = runOf(bin, ['schema', 'v1.6.1'], scratchFolder(), {
    HARVGEN_DEBUG: '1',
    NODE_OPTIONS: '--enable-source-maps',
  });
  assert.match(stderr, /this is a bug in harvgen: ENOENT/);
  assert.match(stderr, 'dist/source/diagnostics/codes.js:');
});

test('contains the licenses of its dependencies', () => {
  const licenses = readFileSync(join(root, 'dist/bin/LICENSES.txt'), 'utf8');
  for (const name of ['yaml 2', 'cac 7', 'eta 4']) assert.match(licenses, name);
});

test.run();

// needs: git npm tar
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvgen } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

/* The package as users install it: into an empty directory, with install scripts switched on and off. */

const test = suite('the package');
/** Installs all development dependencies, which takes minutes. */
const long = process.env.HARVGEN_EFFORT ? test : test.skip;

const root = fileURLToPath(new URL('..', import.meta.url));
const packed = scratchFolder();
const [{ filename, files, unpackedSize }] = JSON.parse(
  npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', packed).stdout,
) as [{ filename: string; unpackedSize: number; files: { path: string; size: number }[] }];
const tarball = join(packed, filename);
const paths = files.map(({ path }) => path);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Runs npm in a directory. A package without dependencies needs no registry. */
function npm(cwd: string, ...args: string[]): { stdout: string } {
  const run = npmRun(cwd, args);
  assert.is(run.status, 0, `npm ${args.join(' ')}: ${run.stderr}`);
  return run;
}

function npmRun(cwd: string, args: readonly string[]) {
  const env = {
    ...process.env,
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
  return spawnSync('npm', args, { cwd, env, encoding: 'utf8' });
}

const here = dirname(makeSite(PLANT));
assert.is(harvgen(['build', 'plant'], here).code, 0);
const expected = readTree(join(here, 'out'));

/** Asserts that a program builds a site like this checkout. */
function works(program: string): void {
  const home = dirname(makeSite(PLANT));
  const run = spawnSync(program, ['build', 'plant'], { cwd: home, encoding: 'utf8' });
  assert.is(run.status, 0, run.stderr);
  assert.equal(readTree(join(home, 'out')), expected);
}

test('has at most 3 MB in 60 files, and 1.2 MB of documentation', () => {
  const isPage = (path: string) => path.startsWith('docs/');
  const pages = files.filter(({ path }) => isPage(path)).reduce((sum, { size }) => sum + size, 0);
  assert.ok(pages <= 1.2e6, String(pages));
  assert.ok(unpackedSize - pages <= 3e6, String(unpackedSize));
  assert.ok(paths.filter((path) => !isPage(path)).length <= 60, String(paths.length));
});

test('contains what a user needs, no test, and no text twice', () => {
  for (const path of [
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'man/harvgen.1',
    'dist/bin/LICENSES.txt',
    'dist/bin/index.d.ts',
  ])
    assert.ok(paths.includes(path), path);
  assert.equal(
    paths.filter((path) => /test|\.map$|^(src|scripts)\//.test(path)),
    [],
  );
  const hashes = paths.map((path) =>
    createHash('sha256')
      .update(readFileSync(join(root, path)))
      .digest('hex'),
  );
  assert.is(new Set(hashes).size, hashes.length);
});

test('contains each page that a message, a generated file or another page names', () => {
  const named = new Set<string>();
  const textOf = (path: string) => {
    const content = readFileSync(join(root, path));
    return String(path.endsWith('.br') ? brotliDecompressSync(content) : content);
  };
  for (const path of paths.filter((path) => /^dist\/.*\.(?:js|br)$/.test(path)))
    for (const [, page = ''] of textOf(path).matchAll(
      /\b(docs\/(?:explanation|how-to|migrate|reference|tutorials)\/[\w-]+\.md)/g,
    ))
      named.add(page);
  assert.ok(named.size >= 8, [...named].join());
  for (const path of paths.filter((path) => path.endsWith('.md')))
    for (const [, link = ''] of textOf(path).matchAll(/\]\((?![a-z]+:)([^)#\s]+\.(?:md|svg))/g))
      named.add(join(dirname(path), link));
  assert.equal(
    [...named].filter((page) => !paths.includes(page)),
    [],
  );
});

test('depends on no package', () => {
  const { dependencies, optionalDependencies, peerDependencies, scripts } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  assert.equal([dependencies, optionalDependencies, peerDependencies], [undefined, undefined, undefined]);
  for (const hook of ['preinstall', 'install', 'postinstall']) assert.is(scripts[hook], undefined);
});

for (const flags of [[], ['--ignore-scripts']]) {
  const how = flags.join('') || 'with scripts';

  test(`is installed into a project from a file, ${how}`, () => {
    const home = realpathSync(scratchFolder());
    npm(home, 'install', '--offline', '--save-dev', ...flags, tarball);
    works(join(home, 'node_modules/.bin/harvgen'));
    writeFiles(home, {
      'read.mjs':
        "import { compile } from 'harvgen';\nimport schema from 'harvgen/schema/site.schema.json' with { type: 'json' };\nconst { tree } = await compile(process.argv[2]);\nconsole.log(schema.$id, tree.size > 10);\n",
    });
    const output = execFileSync(process.execPath, ['--no-warnings', 'read.mjs', makeSite(PLANT)], {
      cwd: home,
    });
    assert.is(String(output), 'harvgen:/schema/site.schema.json true\n');
  });

  test(`is installed for all directories, ${how}`, () => {
    const prefix = scratchFolder();
    npm(scratchFolder(), 'install', '--offline', '--global', '--prefix', prefix, ...flags, tarball);
    works(join(prefix, 'bin/harvgen'));
    assert.match(readFileSync(join(prefix, 'share/man/man1/harvgen.1'), 'utf8'), '.TH');
  });

  test(`runs by npx, ${how}`, () => {
    const env = [`--cache=${scratchFolder()}`, '--offline', '--yes', ...flags];
    assert.is(
      npm(scratchFolder(), 'exec', ...env, `--package=${tarball}`, '--', 'harvgen', '--version')
        .stdout.split('/')[1]
        ?.split(' ')[0],
      version,
    );
  });
}

test('is installed from the folder of an unpacked package, with scripts', () => {
  const folder = scratchFolder();
  execFileSync('tar', ['-xzf', tarball, '-C', folder]);
  const home = realpathSync(scratchFolder());
  npm(home, 'install', '--offline', join(folder, 'package'));
  works(join(home, 'node_modules/.bin/harvgen'));
});

/** Returns the URL of a git repository with the files of this checkout that git does not ignore. */
function repository(): string {
  const folder = scratchFolder();
  const git = (cwd: string, ...args: string[]) => String(execFileSync('git', args, { cwd }));
  for (const path of git(root, 'ls-files', '-co', '--exclude-standard').trim().split('\n')) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
  git(folder, 'init', '--quiet');
  git(folder, 'add', '--all');
  git(folder, '-c', 'user.name=test', '-c', 'user.email=test@example.org', 'commit', '--quiet', '-m', 'All');
  return `git+file://${folder}`;
}

test('reports what to do after an installation from git with --ignore-scripts, which cannot build it', () => {
  const home = scratchFolder();
  npm(home, 'install', '--offline', '--ignore-scripts', repository());
  const run = spawnSync(join(home, 'node_modules/.bin/harvgen'), ['--version'], { encoding: 'utf8' });
  assert.is(run.status, 1);
  assert.is(
    run.stderr,
    'harvgen: it is not built. From git, install it without --ignore-scripts, or install the file that `npm pack` writes; in a checkout, run npm ci\n',
  );
});

long('is built by an installation from git', () => {
  const home = scratchFolder();
  npm(home, 'install', '--prefer-offline', repository());
  works(join(home, 'node_modules/.bin/harvgen'));
});

test('has the types of the library, for a program in each module system', () => {
  const home = scratchFolder();
  npm(home, 'install', '--offline', tarball);
  writeFiles(home, {
    'good.mts': `import { type Compilation, type CompileOptions, compile, type Diagnostic, type HarvesterConfig, type Node, type Site, type SiteInventory, type Tree } from 'harvgen';
const options: CompileOptions = { templates: false };
const { site, tree, diagnostics, inventory }: Compilation = await compile('sites/plant', options);
const first: Diagnostic | undefined = diagnostics[0];
export const place: string | undefined = first?.at.source.file;
export const names: readonly string[] | undefined = site?.nodes.map((node: Node) => node.name);
export const size = (of: Tree): number => [...of].reduce((sum, [, file]) => sum + file.content.length, 0);
export const config: HarvesterConfig = { install: { device: '/dev/sda' } };
export type Parts = [Site, SiteInventory, typeof tree, typeof inventory];
`,
    'bad.mts': `import { compile, Source } from 'harvgen';
const { site } = await compile('sites/plant');
export const name: number | undefined = site?.name;
export const source = new Source('a', 'b');
`,
  });
  const tsc = (file: string, ...options: string[]) =>
    spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/typescript/bin/tsc'),
        '--noEmit',
        '--pretty',
        'false',
        '--strict',
        '--target',
        'es2022',
        '--types',
        '',
        '--skipLibCheck',
        'false',
        ...options,
        file,
      ],
      { cwd: home, encoding: 'utf8' },
    ).stdout;
  for (const options of [
    ['--module', 'node16'],
    ['--module', 'esnext', '--moduleResolution', 'bundler', '--verbatimModuleSyntax', '--isolatedModules'],
  ])
    assert.is(tsc('good.mts', ...options), '', options.join(' '));
  const wrong = tsc('bad.mts', '--module', 'node16');
  assert.match(
    wrong,
    "bad.mts(3,14): error TS2322: Type 'string | undefined' is not assignable to type 'number | undefined'.",
  );
  // Only its type: the library does not export the class.
  assert.match(wrong, "bad.mts(4,27): error TS1362: 'Source' cannot be used as a value");
});

/** Runs the script of a release in a job of CI with some variables; by default, publishes nothing. */
async function release(job: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const env = { ...process.env, GITHUB_REPOSITORY: '', CI_PROJECT_URL: '', ...job };
  const child = spawn(process.execPath, ['scripts/release.mjs', ...args], { cwd: root, env });
  const [stderr, [status]] = await Promise.all([
    text(child.stderr),
    once(child, 'close'),
    text(child.stdout),
  ]);
  return { status, stderr };
}

test('a release publishes without a warning, and its SBOM lists the packages in the bundles', async () => {
  // A registry without packages: also a dry run rejects a version that the registry has.
  const registry = createServer((_, response) => response.writeHead(404).end('{}')).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  const { port } = registry.address() as AddressInfo;
  const { status, stderr } = await release(
    { CI_PROJECT_URL: 'https://git.example.org/group/harvgen' },
    '--dry-run',
    `--registry=http://127.0.0.1:${port}`,
  );
  registry.close();
  assert.is(status, 0, stderr);
  // Not without an account.
  const warnings = stderr
    .split('\n')
    .filter((line) => line.startsWith('npm warn') && !line.includes('requires you to be logged in'));
  assert.equal(warnings, []);
  assert.not.match(stderr, 'repository');
  const released = execFileSync('tar', [
    ...['-xzOf', join(root, `release/harvgen-${version}.tgz`)],
    'package/package.json',
  ]);
  const { repository, scripts, devDependencies } = JSON.parse(String(released));
  assert.equal(repository, { type: 'git', url: 'git+https://git.example.org/group/harvgen.git' });
  assert.equal([scripts, devDependencies], [undefined, undefined]);
  const { bomFormat, metadata, components } = JSON.parse(
    readFileSync(join(root, `release/harvgen-${version}.cdx.json`), 'utf8'),
  );
  assert.equal(
    [bomFormat, metadata.component.name, metadata.component.version],
    ['CycloneDX', 'harvgen', version],
  );
  const licenses = readFileSync(join(root, 'dist/bin/LICENSES.txt'), 'utf8');
  for (const {
    name,
    version,
    licenses: [{ license }],
  } of components) {
    assert.match(licenses, `${name} ${version}\n`);
    assert.ok(license.id, name);
  }
  assert.equal(
    components.map(({ name }: { name: string }) => name).sort(),
    licenses
      .split(/^-{80}$/m)
      .map((text) => text.trim().split(' ')[0])
      .sort(),
  );
});

test('a release without a repository, which provenance names, runs no npm', async () => {
  const folder = writeFiles(scratchFolder(), { npm: '#!/bin/sh\ntouch "$0.ran"\n' });
  chmodSync(join(folder, 'npm'), 0o755);
  const { status, stderr } = await release({ PATH: `${folder}:${process.env.PATH}` });
  assert.is(status, 1);
  assert.match(
    stderr,
    'release: the repository is unknown, which provenance names: set `repository` in package.json, or run this in GitHub Actions (GITHUB_REPOSITORY) or GitLab CI (CI_PROJECT_URL)\n',
  );
  assert.is(existsSync(join(folder, 'npm.ran')), false);
});

test.run();

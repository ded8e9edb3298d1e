// needs: bash git jq npm openssl
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import { VARIABLES } from '../src/import/tfvars/variables.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { BIN, harvgen } from './support/cli.ts';
import { blocksOf } from './support/markdown.ts';
import { NESTED } from './support/nested-plant.ts';
import { edited, PLANT } from './support/plant.ts';
import { Running } from './support/running.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).flatMap((name) =>
    name.endsWith('.md') ? `docs/${name}` : [],
  ),
];
const read = (page: string) => readFileSync(join(root, page), 'utf8');
const test = suite('the documentation');

/** The command that runs this very test; CI runs it as the README says it. */
const ALL_TESTS = 'npm ci && npm run test:deps && npm test';

test('CI runs the command of the README', () => {
  assert.ok(blocksOf(read('README.md'), 'sh').includes(`${ALL_TESTS}\n`));
  assert.match(read('.ci/run'), `\n${ALL_TESTS}\n`);
});

/** Pages whose commands print what the `text` block behind them contains, each with the minimum number of such blocks. */
const SHOWN = {
  'docs/how-to/change-and-review.md': 7,
  'docs/how-to/cookbook.md': 7,
  'docs/how-to/iscsi-disks.md': 1,
  'docs/how-to/secrets.md': 1,
};

test('the commands of every page work, in their order, in a clean copy of the sources', () => {
  // The commands of pages that show output run below.
  const commands = pages.flatMap((page) => {
    if (page in SHOWN) return [];
    const blocks = blocksOf(read(page), 'sh').filter((block) => block.trim() !== ALL_TESTS);
    return blocks.length > 0 ? [blocks.join('')] : [];
  });
  // Those that install go on in the copy of the first: once is enough.
  const installing = commands.filter((text) => text.startsWith('npm ci'));
  const once = installing.map((text, index) => (index === 0 ? text : text.replace('npm ci\n', '')));
  // `npm test` itself begins with it.
  runInCopy(once.join('').replace('npm run lint\n', ''));
  for (const text of commands) if (!installing.includes(text)) runInCopy(text);
});

for (const [name, least] of Object.entries(SHOWN)) {
  test(`the commands of ${name} print what the page shows`, () => {
    const copy = preparedCopy();
    const steps = read(name).matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm);
    let shown = 0;
    for (const [, commands = '', text] of steps) {
      const stdout = outputOf(commands, copy);
      if (text === undefined) continue;
      shown += 1;
      assert.ok(stdout.includes(text), stdout);
    }
    assert.ok(shown >= least);
  });
}

test('the watch prints what its page shows, and the README shows a diff of that page', async () => {
  const page = read('docs/how-to/change-and-review.md');
  const copy = preparedCopy();
  const [inReadme = 'nothing'] = blocksOf(read('README.md'), 'text diff');
  assert.ok(page.includes(inReadme), 'the README shows the same');
  const [command = ''] = blocksOf(page, 'sh watch');
  const watching = new Running(command.trim().split(' ').slice(2), copy);
  await watching.until(/watching/);
  const file = join(copy, 'sites/location_x/site.yaml');
  writeFileSync(file, edited(readFileSync(file, 'utf8'), ['192.168.178.43', '192.168.178.53']));
  const line = await watching.until(/out\/location_x: 5 written.*\n/);
  assert.ok(blocksOf(page, 'text watch').includes(line.replace(/in \d+ ms/, 'in 12 ms')), line);
  assert.is(await watching.stop('SIGINT'), 0);
});

test('the CI jobs of the page pass for the samples and stop at a reinstallation', () => {
  const [github = '', gitlab = ''] = blocksOf(read('docs/how-to/ci.md'), 'yaml ci');
  const steps: readonly { run?: string }[] = parse(github).jobs.sites.steps;
  const script: readonly string[] = parse(gitlab).sites.script;
  const own = (command: string) => command !== 'npm ci' && command !== 'git fetch origin main';
  const jobs = [steps.flatMap(({ run }) => run ?? []), script].map((lines) => lines.filter(own));
  assert.equal(
    jobs.map(({ length }) => length),
    [4, 4],
  );
  const copy = preparedCopy();
  const identity = '-c user.name=x -c user.email=x@example.org';
  outputOf(`npx harvgen build 'sites/*'\ngit ${identity} commit --allow-empty -qam built\n`, copy);
  const prefix = 'export GITHUB_STEP_SUMMARY=/dev/null\ngit update-ref refs/remotes/origin/main HEAD\n';
  for (const lines of jobs) assert.match(outputOf(prefix + lines.join('\n'), copy), 'nothing changes');
  const edit =
    'npx harvgen set sites/location_x harv-2 install=always && npx harvgen build sites/location_x\n';
  outputOf(edit, copy);
  const stops = `${prefix}! (set -e\n${jobs[0]?.at(-1)})`;
  assert.is(outputOf(stops, copy), 'location_x harv-2: reinstalls\n');
});

test('commands for a server or host name what is in the tree', async () => {
  const single = read('sites/harvester_cloud_single/site.yaml').replace(/^site: .*/m, 'site: lab');
  const trees = await Promise.all(
    [makeSite({ 'site.yaml': single }, 'lab'), join(root, 'sites/location_x')].map((folder) =>
      compile(folder),
    ),
  );
  const paths = new Set(trees.flatMap(({ tree }) => [...(tree?.keys() ?? [])]));
  /** What a command says, and where that is in the tree. */
  const forms: readonly (readonly [RegExp, (name: string) => string])[] = [
    [/\/srv\/harvgen\/\w+\/(\S+)/g, (path) => path],
    [/\b(harvgen-lab-\S+)/g, (unit) => `systemd/${unit}`],
    [/^virsh \w+ (\S+)/gm, (name) => `libvirt/domains/${name}.xml`],
    [/http:\/\/[0-9.]+\/(\S+)/g, (path) => `www/${path}`],
  ];
  const blocks = pages.flatMap((page) => blocksOf(read(page), 'sh server')).join('');
  for (const [form, pathOf] of forms) {
    const named = Array.from(blocks.matchAll(form), ([, name = '']) => pathOf(name));
    assert.ok(named.length > 0, `${form}`);
    assert.equal(
      named.filter((path) => !paths.has(path)),
      [],
    );
  }
});

test('an import prints what its page shows, and the reference has every variable once', () => {
  const copy = copyOfSources();
  for (const name of ['node_modules', 'dist']) symlinkSync(join(root, name), join(copy, name));
  const programs = scratchFolder();
  writeFileSync(join(programs, 'npx'), NPX, { mode: 0o755 });
  const env = { ...process.env, PATH: `${programs}:${process.env.PATH}` };
  const migrations = pages.filter((page) => page.startsWith('docs/migrate/'));
  assert.is(migrations.length, 6);
  for (const page of migrations) {
    // Notes go to standard error.
    const commands = `exec 2>&1\n${blocksOf(read(page), 'sh import').join('')}`;
    const home = scratchFolder();
    const printed = execFileSync('bash', ['-euo', 'pipefail', '-c', commands], {
      cwd: copy,
      env: { ...env, HOME: home },
      encoding: 'utf8',
    }).replaceAll(home, '/home/you');
    const shown = blocksOf(read(page), 'text import');
    assert.ok(shown.length > 0, page);
    for (const block of shown) assert.ok(printed.includes(block), `${page}: ${printed}`);
  }
  const [, section = ''] = read('docs/reference/import-mappings.md').split('\n## harvester-cloud\n');
  const rows = section
    .split(/^## /m, 1)
    .join()
    .split('\n')
    .flatMap((line) => /^\|([^|]*)\|/.exec(line)?.[1] ?? []);
  const named = rows.flatMap((cell) => Array.from(cell.matchAll(/`(\w+)`/g), ([, name = '']) => name));
  assert.equal(named.sort(), Object.keys(VARIABLES).sort());
});

test('the programs of the documentation run', () => {
  for (const program of pages.flatMap((page) => blocksOf(read(page), 'js run'))) {
    // The package finds itself by its own name, as it is found where it is installed.
    const script = join(root, 'dist', 'docs-example.mjs');
    writeFileSync(script, program);
    const stdout = execFileSync(process.execPath, [script], { cwd: root, encoding: 'utf8' });
    rmSync(script);
    assert.match(stdout, 'harv-1 192.168.178.41 52:54:00:aa:01:01\n');
    assert.match(stdout, /^www\/boot\.ipxe \d+$/m);
  }
});

test('the whole sites of the documentation are right', async () => {
  const sites = pages.flatMap((page) => blocksOf(read(page), 'yaml site'));
  assert.ok(sites.length > 0);
  for (const site of sites) {
    const name = /^site: (.*)$/m.exec(site)?.[1] ?? '';
    assert.is(await faultsOf(writeFiles(join(scratchFolder(), name), { 'site.yaml': site })), '');
  }
});

test('the pieces of inventories in the documentation are right, on top of a whole site', async () => {
  // What is said of a libvirt host is for a site that has one.
  const bases = { yaml: PLANT, 'yaml host': NESTED };
  const pieces = Object.entries(bases).flatMap(([info, base]) => {
    const found = pages.flatMap((page) => blocksOf(read(page), info));
    assert.ok(found.length > 3, info);
    return found.map((piece) => ({ piece, base }));
  });
  for (const { piece, base } of pieces) {
    const include = piece.includes('include:') ? '' : 'include: [../_shared/defaults.yaml]\n';
    const home = writeFiles(scratchFolder(), {
      'plant/site.yaml': include + piece,
      '_shared/defaults.yaml': base,
    });
    assert.is(await faultsOf(join(home, 'plant')), '', piece);
  }
});

test('the README shows what harvgen says of a fault', () => {
  const [site = ''] = blocksOf(read('README.md'), 'yaml site');
  const home = writeFiles(scratchFolder(), {
    'sites/plant_a/site.yaml': edited(site, [
      "vip: 192.168.10.40                 # a free address: the cluster's dashboard",
      'vip: 192.168.10.240',
    ]),
  });
  const said = harvgen(['check', 'sites/plant_a'], home).stderr.replace(/\n\n1 error\n$/, '\n');
  assert.ok(blocksOf(read('README.md'), '').includes(said), said);
});

test('what `harvgen explain` prints is what the documentation shows', () => {
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

test('the README links the index, and the index names every page', () => {
  assert.match(read('README.md'), '](docs/README.md)');
  for (const page of pages)
    if (page !== 'docs/README.md') assert.match(read('docs/README.md'), `](${relative('docs', page)})`);
});

test('links lead to files that are there', () => {
  for (const page of pages) {
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (/^https?:/.test(target)) continue;
      assert.ok(existsSync(join(root, dirname(page), target)), `${page}: ${target}`);
    }
  }
});

test.run();

/** Stands in for npx, which takes five times as long as the command line that it starts. */
const NPX = `#!/bin/sh\nshift\nexec ${process.execPath} ${BIN} "$@"\n`;

/**
 * Runs commands as somebody would who has just got the sources: no node_modules, nothing built, nothing ignored. Pages that
 * do not begin with `npm ci` find what that makes, and have a stand-in for npx.
 */
function runInCopy(commands: string): void {
  if (commands.startsWith('npm ci')) outputOf(commands, copyOfSources(), process.env.PATH);
  else outputOf(commands, preparedCopy());
}

/** Returns a copy of the sources with what `npm ci` makes. */
function preparedCopy(): string {
  const copy = copyOfSources();
  for (const name of ['node_modules', 'dist']) symlinkSync(join(root, name), join(copy, name));
  return copy;
}

/** Runs commands in a copy of the sources and returns their standard output. Throws if one fails. */
function outputOf(commands: string, copy: string, PATH = `${programs()}:${process.env.PATH}`): string {
  // What pages put into a home folder, such as secrets, is gone afterwards; what npm has fetched is fetched once.
  const npm = { npm_config_userconfig: join(homedir(), '.npmrc'), npm_config_cache: join(homedir(), '.npm') };
  const env = { ...process.env, ...npm, PATH, HOME: scratchFolder() };
  const options = { cwd: copy, env, encoding: 'utf8', stdio: 'pipe' } as const;
  return execFileSync('bash', ['-euo', 'pipefail', '-c', commands], options);
}

let standIns: string | undefined;

/** Returns the folder with the stand-in for npx. */
function programs(): string {
  if (!standIns) {
    standIns = scratchFolder();
    writeFileSync(join(standIns, 'npx'), NPX, { mode: 0o755 });
  }
  return standIns;
}

let sources: string | undefined;

/** Copies what git knows of the project, or would, and commits it; into a folder of its own, since pages write beside the sources, too. */
function copyOfSources(): string {
  sources ??= committedSources();
  const copy = join(scratchFolder(), 'sources');
  cpSync(sources, copy, { recursive: true });
  return copy;
}

function committedSources(): string {
  const copy = join(scratchFolder(), 'sources');
  mkdirSync(copy);
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0');
  for (const file of files)
    if (file && existsSync(join(root, file))) cpSync(join(root, file), join(copy, file));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], { cwd: copy });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'the sources');
  return copy;
}

async function faultsOf(folder: string): Promise<string> {
  return formatText((await compile(folder)).diagnostics, { color: false, folder });
}

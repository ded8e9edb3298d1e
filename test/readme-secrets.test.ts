import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { nginxInclude } from '../src/targets/nginx/nginx.ts';
import { BIN } from './support/cli.ts';
import { fileText } from './support/file-text.ts';
import { blocksOf } from './support/markdown.ts';
import { edited, PLANT, RUNNING } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite("the command in an output tree's README that copies the secrets to the boot server");

/** Stand-ins for the boot server's shell and for npx: both run here. */
const SSH = '#!/bin/sh\nshift\nexec sh -c "$*"\n';
const NPX = `#!/bin/sh\nshift\nexec ${process.execPath} ${BIN} "$@"\n`;
const VALUE = 'a token: "$(id)" \\ \' `x` %s &';

interface Run {
  readonly status: number | null;
  readonly stderr: string;
  /** The path of the include on the boot server. */
  readonly file: string;
}

/** Returns a site whose secrets are in a temporary directory, and a function that runs the README's commands with stand-ins. */
async function prepare() {
  const home = scratchFolder();
  const file = join(home, 'etc/nginx/harvgen/plant.conf');
  const inventory = edited(PLANT, ['  url: http', `  secrets: ${file}\n  url: http`]);
  writeFiles(home, {
    'sites/plant/site.yaml': inventory,
    'secrets.yaml': `cluster_token: ${JSON.stringify(VALUE)}\n`,
    'bin/ssh': SSH,
    'bin/npx': NPX,
  });
  chmodSync(join(home, 'secrets.yaml'), 0o600);
  const { site, tree } = await compile(join(home, 'sites/plant'));
  assert.ok(site && tree);
  const [variables = '', command = ''] = blocksOf(fileText(tree, 'README.md') ?? '', 'sh');
  assert.match(command, /^ {2}printf .* \| ssh /m);
  const run = (standIns: Readonly<Record<string, string>> = {}, secrets = 'secrets.yaml', sudo = ''): Run => {
    const programs = { ssh: SSH, npx: NPX, ...standIns };
    writeFiles(join(home, 'bin'), programs);
    for (const name of Object.keys(programs)) chmodSync(join(home, 'bin', name), 0o755);
    const named = variables.replace(/^SECRETS=.*$/m, `SECRETS=${secrets}`);
    const script = named.replace(/^SUDO=.*$/m, `SUDO=${sudo}`) + command;
    const env = { PATH: `${join(home, 'bin')}:${process.env.PATH}`, HOME: home };
    const { status, stderr } = spawnSync('bash', ['-c', script], { cwd: home, encoding: 'utf8', env });
    return { status, stderr, file };
  };
  const create = (name: string) => {
    const [block = ''] = blocksOf(fileText(tree, 'README.md') ?? '', 'sh new-secrets');
    const path = join(home, name);
    const { status } = spawnSync('bash', ['-c', `SECRETS=${path}\n${block}`]);
    return { status, text: readFileSync(path, 'utf8'), mode: statSync(path).mode & 0o777 };
  };
  return { run, create, site };
}

test('writes the include, readable only by root, any number of times', async () => {
  const { run, site } = await prepare();
  for (let times = 0; times < 2; times += 1) {
    const { status, stderr, file } = run();
    assert.equal({ status, stderr }, { status: 0, stderr: '' });
    assert.is(readFileSync(file, 'utf8'), nginxInclude(site, new Map([['cluster_token', VALUE]])));
    assert.is(statSync(file).mode & 0o777, 0o600);
    assert.not.ok(existsSync(`${file}.new`));
  }
});

test('SUDO makes it run as root, and values are made once', async () => {
  const { run, create, site } = await prepare();
  const { status, stderr, file } = run(
    { sudo: '#!/bin/sh\necho by sudo >&2\nexec "$@"\n' },
    undefined,
    'sudo',
  );
  assert.equal({ status, stderr }, { status: 0, stderr: 'by sudo\n' });
  assert.is(readFileSync(file, 'utf8'), nginxInclude(site, new Map([['cluster_token', VALUE]])));
  const made = create('new.yaml');
  assert.is(made.status, 0);
  assert.match(made.text, /^cluster_token: [0-9a-f]{64}\n$/);
  assert.is(made.mode, 0o600);
  const again = create('new.yaml');
  assert.is.not(again.status, 0);
  assert.is(again.text, made.text);
});

test('the token of a cluster that exists is asked for, not generated; its nodes wait for nothing else', async () => {
  const { tree } = await compile(makeSite(edited(PLANT, ...RUNNING)));
  const text = fileText(tree, 'README.md') ?? '';
  assert.match(text, /^cluster_token: {4}# add the token of the running cluster plant$/m);
  assert.match(text, /^\| harv-1 \|.*\| joins plant, Harvester v1\.4\.1 \|$/m);
  assert.match(
    text,
    '\nThe machines join their cluster at its VIP, so its dashboard must answer before you switch them on.\n',
  );
});

test('on a failure or a lost connection, the existing include stays', async () => {
  const { run } = await prepare();
  const before = readFileSync(run().file, 'utf8');
  const failures: Record<string, () => Run> = {
    'no secrets file': () => run({}, 'none.yaml'),
    'no harvgen': () => run({ npx: '#!/bin/sh\nexit 127\n' }),
    'no output': () => run({ npx: '#!/bin/sh\n' }),
    'no connection': () => run({ ssh: '#!/bin/sh\nexit 255\n' }),
    'cut at once': () => run({ ssh: '#!/bin/sh\nshift\nsh -c "$*" </dev/null\n' }),
    'cut in the middle': () => run({ ssh: '#!/bin/sh\nshift\nhead -c 150 | sh -c "$*"\n' }),
    'cut before the end': () => run({ ssh: `#!/bin/sh\nshift\nhead -c ${before.length - 3} | sh -c "$*"\n` }),
  };
  for (const [failure, result] of Object.entries(failures)) {
    const { status, file } = result();
    assert.is.not(status, 0, failure);
    assert.is(readFileSync(file, 'utf8'), before, failure);
  }
});

test.run();

import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npxStandIn } from './npx.ts';
import { scratchFolder } from './scratch.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The pages of the documentation, as paths. */
export const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).flatMap((name) =>
    name.endsWith('.md') ? `docs/${name}` : [],
  ),
];

/** Returns the text of a page, or of another file of the repository. */
export function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** The command that runs all tests. CI runs it as the README shows it. */
export const ALL_TESTS = 'npm ci && npm run test:deps && npm test';

/** Replaces npm, which would replace the packages that prepared copies share. */
const NPM = '#!/bin/sh\necho "this page must begin with npm ci" >&2\nexit 1\n';

/** Returns a copy of the sources with what `npm ci` makes. */
export function preparedCopy(): string {
  const copy = copyOfSources();
  for (const name of ['node_modules', 'dist']) symlinkSync(join(root, name), join(copy, name));
  return copy;
}

/** Runs commands in a copy of the sources, which has its own home directory. Returns their standard output; throws if one fails. */
export function outputOf(commands: string, copy: string, PATH = `${programs()}:${process.env.PATH}`): string {
  // Pages write to the home directory, such as secrets. npm's cache is kept.
  const npm = { npm_config_userconfig: join(homedir(), '.npmrc'), npm_config_cache: join(homedir(), '.npm') };
  const HOME = dirname(copy);
  const env = { ...process.env, ...npm, PATH, HOME };
  // bash reads /etc/bash.bashrc if its standard input is a socket, as Node's pipes are.
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd: copy,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  };
  // Pages show the home directory of a user.
  return execFileSync('bash', ['-euo', 'pipefail', '-c', commands], options).replaceAll(HOME, '/home/you');
}

let standIns: string | undefined;

/** Returns the directory with the stand-ins for npx and npm. */
function programs(): string {
  if (!standIns) {
    standIns = scratchFolder();
    writeFileSync(join(standIns, 'npx'), npxStandIn(), { mode: 0o755 });
    writeFileSync(join(standIns, 'npm'), NPM, { mode: 0o755 });
  }
  return standIns;
}

let sources: string | undefined;

/** Copies the files that git tracks or would add, and commits them. Separate, since pages also write next to the sources. */
export function copyOfSources(): string {
  sources ??= committedSources();
  const copy = join(scratchFolder(), 'sources');
  // A fifth of the time of Node's own.
  execFileSync('cp', ['-a', sources, copy]);
  return copy;
}

function committedSources(): string {
  const copy = join(scratchFolder(), 'sources');
  mkdirSync(copy);
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0');
  for (const file of files)
    if (file && existsSync(join(root, file))) cpSync(join(root, file), join(copy, file));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: copy });
  git('init', '-q');
  // Pages commit, too.
  git('config', 'user.name', 'x');
  git('config', 'user.email', 'x@example.org');
  git('add', '-A');
  git('commit', '-qm', 'the sources');
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  return copy;
}

import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { VARIABLE_PREFIX } from '../values/identifiers.ts';
import { isWithin } from './output-folder.ts';

/** Files that a git work tree tracks, or would add with the next `git add`. */
interface GitTracking {
  /** The directory of the work tree. */
  readonly workTree: string;
  /** The paths that git takes; all paths in the work tree if that cannot be determined. */
  readonly paths: readonly string[];
  /** The reason why it cannot be determined. */
  readonly fault?: string;
}

/** The variables that select a repository: in a hook that runs harvgen, they may name a different one. */
const REPOSITORY_VARIABLES =
  /^GIT_(ALTERNATE_OBJECT_DIRECTORIES|CEILING_DIRECTORIES|COMMON_DIR|DIR|IMPLICIT_WORK_TREE|INDEX_FILE|INTERNAL_SUPER_PREFIX|NAMESPACE|OBJECT_DIRECTORY|PREFIX|WORK_TREE)$/;

/**
 * Returns the files of a directory that git tracks or would add: those that are in a work tree and not ignored.
 * Takes paths with forward slashes, relative to the directory; neither the directory nor the files need to exist. A work tree
 * is recognized by its `.git`, or belongs to the repository that the environment names. Without a work tree, git is not run
 * and not needed. If git cannot answer, all files are returned.
 */
export function gitTracked(folder: string, paths: readonly string[]): GitTracking[] {
  const around = new Map<string, Map<string, string>>();
  const named = new Map<string, string>();
  const places = new Map<string, ReturnType<typeof locate>>();
  const other = workTreeOfEnvironment();
  for (const path of paths) {
    const parent = dirname(join(resolve(folder), path));
    const place = places.get(parent) ?? locate(parent);
    places.set(parent, place);
    const { real, workTree } = place;
    const file = join(real, basename(path));
    if (workTree !== undefined)
      around.set(workTree, (around.get(workTree) ?? new Map()).set(gitPath(file, workTree), path));
    // Of nested work trees, the innermost applies.
    if (other !== undefined && isWithin(file, other) && (!workTree || isWithin(other, workTree)))
      named.set(gitPath(file, other), path);
  }
  const taken = [...around].flatMap(([workTree, byPath]) => takenIn(workTree, byPath, withoutRepository()));
  // In a hook both are the same work tree, which must be listed once.
  const same = taken.find(({ workTree }) => workTree === other)?.paths ?? [];
  const left = new Map([...named].filter(([, path]) => !same.includes(path)));
  return other && left.size > 0 ? [...taken, ...takenIn(other, left, withRepository(other))] : taken;
}

/** Returns a path in a work tree that starts with `./`: a leading colon would have a special meaning to git. */
export function gitPath(file: string, workTree: string): string {
  return `./${relative(workTree, file).split(sep).join('/')}`;
}

/** `map` links each path within the work tree to the path of the caller. */
function takenIn(workTree: string, map: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv): GitTracking[] {
  // Git does not report a tracked file as ignored, whatever .gitignore contains.
  const args = ['-C', workTree, 'check-ignore', '-v', '-n', '-z', '--stdin'];
  const { error, status, stdout, stderr } = git(args, env, [...map.keys()]);
  const all = [...map.values()];
  // If git ends before it has read all paths, there is an error as well; git's own message is more specific.
  if (error && status === null) return [{ workTree, paths: all, fault: whyNotRun(error) }];
  if (status !== 0 && status !== 1) return [{ workTree, paths: all, fault: whyFailed(stderr, status) }];
  const ignored = ignoredIn(stdout);
  const paths = [...map].flatMap(([gitPath, path]) => (ignored.has(gitPath) ? [] : [path]));
  return paths.length > 0 ? [{ workTree, paths }] : [];
}

/**
 * Parses the output of `git check-ignore -v -n -z`: the file, line and pattern that decide on each path, all empty if none
 * does, and the path. A pattern with `!` includes the path again; git before 2.26 also lists such paths without `-v`.
 */
function ignoredIn(output: string): Set<string> {
  const fields = output.split('\0');
  return new Set(fields.filter((_, index) => index % 4 === 3 && /^[^!]/.test(fields[index - 1] ?? '')));
}

/** Returns the work tree of the repository that the environment names, as git finds it from here, or undefined. */
function workTreeOfEnvironment(): string | undefined {
  if (!process.env.GIT_DIR && !process.env.GIT_WORK_TREE) return undefined;
  const { status, stdout } = git(['rev-parse', '--show-toplevel'], forGit(process.env));
  const folder = stdout?.replace(/\n$/, '');
  return status === 0 && folder && existsSync(folder) ? realpathSync(folder) : undefined;
}

/** Runs git with paths on its standard input. */
export function git(args: readonly string[], env: NodeJS.ProcessEnv, paths: readonly string[] = []) {
  // Loaded here, because most builds run no git.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  return spawnSync('git', ['-c', 'core.fsmonitor=false', ...args], {
    input: paths.map((path) => `${path}\0`).join(''),
    env,
    encoding: 'utf8',
    maxBuffer: Number.MAX_SAFE_INTEGER,
  });
}

/** Returns the environment for git without a repository that the environment names, and without values of secrets. */
export function withoutRepository(): NodeJS.ProcessEnv {
  const env = Object.entries(process.env).filter(([name]) => !REPOSITORY_VARIABLES.test(name));
  return forGit(Object.fromEntries(env));
}

/** Returns the environment with the repository that it names, for use at the top of its work tree. */
function withRepository(workTree: string): NodeJS.ProcessEnv {
  const { GIT_DIR, GIT_COMMON_DIR, GIT_INDEX_FILE } = process.env;
  const named = Object.entries({ GIT_DIR, GIT_COMMON_DIR, GIT_INDEX_FILE });
  const absolute = named.flatMap(([name, path]) => (path ? [[name, resolve(path)]] : []));
  return { ...forGit(process.env), ...Object.fromEntries(absolute), GIT_WORK_TREE: workTree };
}

function forGit(from: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  // Keeps the values of secrets away from any program that git runs.
  const env = Object.entries(from).filter(([name]) => !name.startsWith(VARIABLE_PREFIX));
  // Git adds a directory on another mounted file system like any other one.
  return { ...Object.fromEntries(env), GIT_DISCOVERY_ACROSS_FILESYSTEM: '1', LC_ALL: 'C' };
}

/** Returns why git could not be started. */
export function whyNotRun(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'git is not installed' : `git cannot be run: ${code ?? error.message}`;
}

/** Returns why git failed, from its error output. */
export function whyFailed(stderr: string, status: number | null): string {
  const line = stderr.split('\n').find((text) => /^(fatal|error): /.test(text));
  return line ? `git reports: ${line.replace(/^\w+: /, '')}` : `git exited with ${status ?? 'a signal'}`;
}

/** Returns the real path of a directory, with all links resolved, and the work tree around it. The directory need not exist. */
export function locate(folder: string): { readonly real: string; readonly workTree: string | undefined } {
  let there = folder;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const real = realpathSync(there);
  return { real: join(real, relative(there, folder)), workTree: workTreeAround(real) };
}

/** Returns the directory at or above a path that contains `.git`: a directory, or the file of a submodule or linked work tree. */
function workTreeAround(path: string): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    if (lstatSync(join(folder, '.git'), { throwIfNoEntry: false })) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

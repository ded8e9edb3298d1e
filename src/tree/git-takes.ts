import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { VARIABLE_PREFIX } from '../values/identifiers.ts';
import { isWithin } from './output-folder.ts';

/** Files that a work tree of git tracks, or would take up with the next `git add`. */
interface TakenByGit {
  /** The folder of the work tree. */
  readonly workTree: string;
  /** The paths that are taken; all that lie there where that could not be found out. */
  readonly paths: readonly string[];
  /** Why it could not be found out which are taken. */
  readonly fault?: string;
}

/** What tells git where a repository is: a hook that runs harvgen has it set for another one, maybe. */
const PLACES =
  /^GIT_(ALTERNATE_OBJECT_DIRECTORIES|CEILING_DIRECTORIES|COMMON_DIR|DIR|IMPLICIT_WORK_TREE|INDEX_FILE|INTERNAL_SUPER_PREFIX|NAMESPACE|OBJECT_DIRECTORY|PREFIX|WORK_TREE)$/;

/**
 * Says which files of a folder git tracks or would take up: those that lie in a work tree, and that it does not ignore.
 * Takes paths with forward slashes, relative to the folder; neither it nor they need to be there. A work tree is told by
 * its `.git`, or is that of the repository that the environment names; where there is none, git is not asked, nor needed.
 * What git cannot tell counts as taken.
 */
export function gitTracked(folder: string, paths: readonly string[]): TakenByGit[] {
  const around = new Map<string, Map<string, string>>();
  const named = new Map<string, string>();
  const places = new Map<string, ReturnType<typeof placeOf>>();
  const other = workTreeOfEnvironment();
  for (const path of paths) {
    const parent = dirname(join(resolve(folder), path));
    const place = places.get(parent) ?? placeOf(parent);
    places.set(parent, place);
    const { real, workTree } = place;
    const file = join(real, basename(path));
    if (workTree !== undefined)
      around.set(workTree, (around.get(workTree) ?? new Map()).set(wayTo(file, workTree), path));
    // Of work trees within each other the innermost counts.
    if (other !== undefined && isWithin(file, other) && (!workTree || isWithin(other, workTree)))
      named.set(wayTo(file, other), path);
  }
  const taken = [...around].flatMap(([workTree, ways]) => takenIn(workTree, ways, withoutPlaces()));
  // In a hook that is the same work tree, which is named once.
  const same = taken.find(({ workTree }) => workTree === other)?.paths ?? [];
  const left = new Map([...named].filter(([, path]) => !same.includes(path)));
  return other && left.size > 0 ? [...taken, ...takenIn(other, left, withPlaces(other))] : taken;
}

/** What begins with a colon would mean something else to git. */
function wayTo(file: string, workTree: string): string {
  return `./${relative(workTree, file).split(sep).join('/')}`;
}

/** `ways` has the paths by how they are called within the work tree. */
function takenIn(workTree: string, ways: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv): TakenByGit[] {
  // It does not call ignored what is tracked, whatever .gitignore says.
  const args = ['-C', workTree, 'check-ignore', '-v', '-n', '-z', '--stdin'];
  const { error, status, stdout, stderr } = git(args, env, [...ways.keys()]);
  const all = [...ways.values()];
  // Where it ends before it has read the paths, there is an error too: what it says itself says more.
  if (error && status === null) return [{ workTree, paths: all, fault: whyNotRun(error) }];
  if (status !== 0 && status !== 1) return [{ workTree, paths: all, fault: whyFailed(stderr, status) }];
  const ignored = ignoredIn(stdout);
  const paths = [...ways].flatMap(([way, path]) => (ignored.has(way) ? [] : [path]));
  return paths.length > 0 ? [{ workTree, paths }] : [];
}

/**
 * Reads what `git check-ignore -v -n -z` says: of each path the file, the line and the pattern that decides, all empty
 * where none does, and the path. A pattern with `!` takes in again; Git before 2.26 lists such paths without `-v`, too.
 */
function ignoredIn(said: string): Set<string> {
  const fields = said.split('\0');
  return new Set(fields.filter((_, index) => index % 4 === 3 && /^[^!]/.test(fields[index - 1] ?? '')));
}

/** The work tree of the repository that the environment names, as git sees it from here; undefined where there is none. */
function workTreeOfEnvironment(): string | undefined {
  if (!process.env.GIT_DIR && !process.env.GIT_WORK_TREE) return undefined;
  const { status, stdout } = git(['rev-parse', '--show-toplevel'], forGit(process.env));
  const folder = stdout?.replace(/\n$/, '');
  return status === 0 && folder && existsSync(folder) ? realpathSync(folder) : undefined;
}

function git(args: readonly string[], env: NodeJS.ProcessEnv, paths: readonly string[] = []) {
  return spawnSync('git', ['-c', 'core.fsmonitor=false', ...args], {
    input: paths.map((path) => `${path}\0`).join(''),
    env,
    encoding: 'utf8',
    maxBuffer: Number.MAX_SAFE_INTEGER,
  });
}

function withoutPlaces(): NodeJS.ProcessEnv {
  const env = Object.entries(process.env).filter(([name]) => !PLACES.test(name));
  return forGit(Object.fromEntries(env));
}

/** The environment with the repository that it names, to be asked from the top of its work tree. */
function withPlaces(workTree: string): NodeJS.ProcessEnv {
  const { GIT_DIR, GIT_COMMON_DIR, GIT_INDEX_FILE } = process.env;
  const named = Object.entries({ GIT_DIR, GIT_COMMON_DIR, GIT_INDEX_FILE });
  const absolute = named.flatMap(([name, path]) => (path ? [[name, resolve(path)]] : []));
  return { ...forGit(process.env), ...Object.fromEntries(absolute), GIT_WORK_TREE: workTree };
}

function forGit(from: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  // Whatever git runs has no business with values of secrets.
  const env = Object.entries(from).filter(([name]) => !name.startsWith(VARIABLE_PREFIX));
  // A folder that another disk is mounted at is taken up like any other, from above it.
  return { ...Object.fromEntries(env), GIT_DISCOVERY_ACROSS_FILESYSTEM: '1', LC_ALL: 'C' };
}

function whyNotRun(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'there is no git here to ask' : `git cannot be run: ${code ?? error.message}`;
}

function whyFailed(stderr: string, status: number | null): string {
  const line = stderr.split('\n').find((text) => /^(fatal|error): /.test(text));
  return line ? `git says: ${line.replace(/^\w+: /, '')}` : `git ended with ${status ?? 'a signal'}`;
}

/** Where a folder is, without links on the way, and the work tree around it. The folder itself need not be there. */
function placeOf(folder: string) {
  let there = folder;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const real = realpathSync(there);
  return { real: join(real, relative(there, folder)), workTree: workTreeAround(real) };
}

/** The folder at or above a path that holds `.git`: a folder, or the file of a submodule or of another work tree. */
function workTreeAround(path: string): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    if (lstatSync(join(folder, '.git'), { throwIfNoEntry: false })) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

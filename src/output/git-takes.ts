import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/** Files that a work tree of git tracks, or would take up with the next `git add`. */
export interface TakenByGit {
  /** The folder of the work tree. */
  readonly workTree: string;
  /** The paths that are taken; all that lie there where that could not be found out. */
  readonly paths: readonly string[];
  /** Why it could not be found out which are taken. */
  readonly fault?: string;
}

/** What tells git where a repository is: a hook that runs harvgen has it set for another one, maybe. */
const PLACES = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_CEILING_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_DIR',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_WORK_TREE',
];

/**
 * Says which files of a folder git tracks or would take up: those that lie in a work tree, and that it does not ignore.
 * Takes paths with forward slashes, relative to the folder; neither it nor they need to be there. Where there is no work
 * tree around them, git is not asked, nor needed. What git cannot tell counts as taken.
 */
export function gitTakes(folder: string, paths: readonly string[]): TakenByGit[] {
  const asked = new Map<string, Map<string, string>>();
  const places = new Map<string, Place>();
  for (const path of paths) {
    const parent = dirname(join(resolve(folder), path));
    const place = places.get(parent) ?? placeOf(parent);
    places.set(parent, place);
    if (place.workTree === undefined) continue;
    const way = relative(place.workTree, join(place.real, basename(path)));
    // What begins with a colon would mean something else to git.
    const ways = asked.get(place.workTree) ?? new Map<string, string>();
    asked.set(place.workTree, ways.set(`./${way.split(sep).join('/')}`, path));
  }
  return [...asked].flatMap(([workTree, ways]) => takenIn(workTree, ways));
}

/** `ways` has the paths by how they are called within the work tree. */
function takenIn(workTree: string, ways: ReadonlyMap<string, string>): TakenByGit[] {
  // It does not call ignored what is tracked, whatever .gitignore says.
  const args = ['-c', 'core.fsmonitor=false', '-C', workTree, 'check-ignore', '-z', '--stdin'];
  const { error, status, stdout, stderr } = spawnSync('git', args, {
    input: [...ways.keys()].map((path) => `${path}\0`).join(''),
    env: environment(),
    encoding: 'utf8',
    maxBuffer: Number.MAX_SAFE_INTEGER,
  });
  const all = [...ways.values()];
  // Where it ends before it has read the paths, there is an error too: what it says itself says more.
  if (error && status === null) return [{ workTree, paths: all, fault: whyNotRun(error) }];
  if (status !== 0 && status !== 1) return [{ workTree, paths: all, fault: whyFailed(stderr, status) }];
  const ignored = new Set(stdout.split('\0'));
  const paths = [...ways].flatMap(([way, path]) => (ignored.has(way) ? [] : [path]));
  return paths.length > 0 ? [{ workTree, paths }] : [];
}

function environment(): NodeJS.ProcessEnv {
  const env = Object.entries(process.env).filter(([name]) => !PLACES.includes(name));
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

/** Where a folder is, without links on the way, and the work tree around it. */
interface Place {
  readonly real: string;
  readonly workTree: string | undefined;
}

/** The folder itself need not be there. */
function placeOf(folder: string): Place {
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

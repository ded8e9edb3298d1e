import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { orUndefined } from '../values/or-undefined.ts';
import { UserError } from '../values/user-error.ts';

/** Its own network, mount and process namespace, and a scratch directory on the host. */
export interface Sandbox {
  /** Scratch directory; removed with the sandbox. */
  readonly folder: string;
  /** Whether it belongs to the real root. Otherwise root inside is the user, and there are no other users. */
  readonly isRoot: boolean;
  /** Starts argv inside. The returned process is a go-between: end it with stop(). */
  spawn(argv: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Terminates the command of spawn() and waits until it has ended; does nothing if it already has. */
  stop(child: ChildProcess): Promise<void>;
  /** Runs argv inside. Returns its stdout. Throws an Error with its stderr if it fails. */
  run(argv: readonly string[]): Promise<string>;
  /** Mounts the host's file or directory `source` at the absolute path `target`, which need not exist. */
  bind(source: string, target: string): Promise<void>;
  /** Kills every process inside, and removes the namespaces and the scratch directory. */
  close(): Promise<void>;
}

/** Directories that daemons write to by default: inside, they are private copies from the start. */
const WRITTEN_BY_DAEMONS = ['/etc', '/run', '/srv', '/var'];

/*
 * The holder is the first process of the namespaces and lives as long as our end of its stdin.
 * However this process ends (even by SIGKILL), the kernel then closes that pipe, and the holder ends.
 * The kernel then kills all other processes in the process namespace, and the shell removes the directory.
 * The holder is a shell, because a shell reaps the orphans of the first process: libvirt waits 40 seconds until
 * a process that it has killed is gone.
 */
const HOLDER = `folder=$1; shift; unshare "$@" --net --mount --propagation private --pid --fork --kill-child --mount-proc \
sh -c 'echo ready; cat; exit'; rm -rf "$folder"`;

/** Opens a sandbox. Without root, root inside is the user. Throws UserError if the kernel refuses namespaces. */
export async function openSandbox(): Promise<Sandbox> {
  const isRoot = process.getuid?.() === 0;
  const folder = await mkdtemp('/tmp/harvgen-plant-');
  const user = isRoot ? [] : ['--user', '--map-root-user'];
  // detached: a Ctrl-C on the terminal must not reach the shell before it has cleaned up
  const holder = spawn('sh', ['-c', HOLDER, 'sh', folder, ...user], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: ENV,
  });
  const errors: Buffer[] = [];
  holder.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const closed = once(holder, 'close');
  await Promise.race([once(holder.stdout, 'data'), closed]);
  if (holder.exitCode !== null) throw new UserError(refused(Buffer.concat(errors).toString().trim()));
  holder.stdout.resume();

  // the shell's child is unshare, whose child is the first process inside
  const inside = String(await childOf(await childOf(holder.pid)));
  const credentials = isRoot ? [] : ['--user', '--preserve-credentials'];
  const namespaces = ['--mount', '--net', '--pid', '--target', inside];
  const enter = [...credentials, ...namespaces, 'setpriv', '--pdeathsig', 'KILL'];
  const base = join(folder, 'mounts');
  const copied = new Set<string>();

  const sandbox: Sandbox = {
    folder,
    isRoot,
    spawn: (argv, options = {}) => spawn('nsenter', [...enter, ...argv], { env: ENV, ...options }),
    run: (argv) => output(sandbox.spawn(argv, { stdio: ['ignore', 'pipe', 'pipe'] }), argv),
    async stop(child) {
      const gone = () => child.exitCode !== null || child.signalCode !== null;
      if (gone()) return;
      const closed = once(child, 'close');
      // repeatedly, as the command may not have started yet
      while (!gone()) {
        const command = await childOf(child.pid);
        // it may just have ended by itself
        if (command !== undefined) orUndefined(() => process.kill(Number(command)));
        await Promise.race([closed, sleep(200)]);
      }
      await closed;
    },
    async bind(source, target) {
      await copyTop(target);
      const made = (await stat(source)).isDirectory()
        ? ['mkdir', '-p', target]
        : ['install', '-D', '/dev/null', target];
      await sandbox.run(made);
      // through the unchanged host tree, as the source may be in a directory that is a copy inside
      await sandbox.run(['mount', '--bind', `${base}/host${await realpath(source)}`, target]);
    },
    async close() {
      holder.stdin.end();
      await closed;
    },
  };

  /**
   * Mounts a writable copy (overlay on tmpfs) over the top-level directory of path: the host stays unchanged. Without root, only
   * the user's own files could be changed in an overlay: the copy is empty, or has links to the configuration of programs.
   */
  async function copyTop(path: string): Promise<void> {
    const top = `/${path.split('/')[1]}`;
    if (copied.has(top)) return;
    copied.add(top);
    if (!isRoot) {
      await sandbox.run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', top]);
      if (top === '/etc') await sandbox.run(['sh', '-c', LINK_ETC, 'sh', `${base}/host/etc`]);
      return;
    }
    const [upper, work] = [`${base}/upper${top}`, `${base}/work${top}`];
    await sandbox.run(['mkdir', '-p', upper, work]);
    const layers = `lowerdir=${top},upperdir=${upper},workdir=${work}`;
    await sandbox.run(['mount', '-t', 'overlay', 'overlay', '-o', layers, top]);
  }

  try {
    await mkdir(base);
    await sandbox.run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', base]);
    await sandbox.run(['mkdir', `${base}/host`]);
    await sandbox.run(['mount', '--rbind', '/', `${base}/host`]);
    for (const top of WRITTEN_BY_DAEMONS) await copyTop(top);
    await sandbox.run(['ip', 'link', 'set', 'lo', 'up']);
    return sandbox;
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

/** Links the files of the host's /etc in directories that servers can write to, without the secrets of a boot server. */
const LINK_ETC = `cd "$1"
find . -mindepth 1 -maxdepth 1 -type d -exec mkdir /etc/{} \\;
find . -mindepth 1 -maxdepth 2 \\( -path "./*/*" -o ! -type d \\) -exec ln -s "$1"/{} /etc/{} \\;
rm -f /etc/nginx/harvgen`;

/** The environment of programs, which may be in directories of root's PATH only. */
const ENV = { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` };

/** The settings by which a kernel refuses namespaces to users: the file, the value that refuses, and the value to set. */
const REFUSALS = [
  [
    '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    '1',
    'kernel.apparmor_restrict_unprivileged_userns=0',
  ],
  ['/proc/sys/kernel/unprivileged_userns_clone', '0', 'kernel.unprivileged_userns_clone=1'],
  ['/proc/sys/user/max_user_namespaces', '0', 'user.max_user_namespaces=10000'],
] as const;

/** Returns the message for refused namespaces, with the setting that refuses them. */
function refused(error: string): string {
  const setting = REFUSALS.find(
    ([file, value]) => orUndefined(() => readFileSync(file, 'utf8'))?.trim() === value,
  );
  const remedy = setting ? `run it as root, or allow it with \`sysctl -w ${setting[2]}\`` : 'run it as root';
  return `the kernel refuses a private network (${error}): ${remedy}`;
}

/** Returns the only child of a process, or undefined if it has none. */
async function childOf(pid: string | number | undefined): Promise<string | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return children.trim() || undefined;
}

/** Returns the output of a process. Throws with all its output if it fails. */
async function output(child: ChildProcess, argv: readonly string[]): Promise<string> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${signal ?? code}: ${Buffer.concat([...out, ...err])}`);
  return Buffer.concat(out).toString();
}

import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { orUndefined } from '../values/or-undefined.ts';
import { textBesideCode } from '../values/package.ts';
import { UserError } from '../values/user-error.ts';

const execute = promisify(execFile);

/** A small Linux: its first process, and its files besides a busybox. */
export interface SmallLinux {
  /** The script that is its first process. Only busybox is in /bin. */
  readonly init: string;
  /** The names of the kernel's modules. Those that they need are inserted, too. */
  readonly modules: readonly string[];
  /** Programs of this machine, copied to the same paths with their libraries. */
  readonly programs?: readonly string[];
}

/** The drivers of a virtual machine's NICs. */
export const VIRTIO_MODULES = ['virtio_pci', 'virtio_net'];

/** Returns the versions of this machine's kernels that have modules and that the user may read, the smallest ones first. */
export function kernels(): string[] {
  const versions = orUndefined(() => readdirSync('/lib/modules')) ?? [];
  const isReadable = (version: string) =>
    orUndefined(() => {
      accessSync(join('/boot', `vmlinuz-${version}`), constants.R_OK);
      return true;
    }) ?? false;
  const size = (version: string) => statSync(join('/boot', `vmlinuz-${version}`)).size;
  return versions.filter(isReadable).sort((one, other) => size(one) - size(other));
}

/**
 * Writes the kernel and the initramfs of a small Linux to two paths. The kernel is one of this machine. Throws UserError without
 * one, or if a driver is missing.
 */
export async function buildLinux(linux: SmallLinux, kernelPath: string, initrdPath: string): Promise<void> {
  const [kernel] = kernels();
  if (kernel === undefined)
    throw new UserError('no kernel in /boot that you may read: install linux-image-cloud-amd64');
  await copyFile(join('/boot', `vmlinuz-${kernel}`), kernelPath);
  await chmod(kernelPath, 0o644);

  // Beside the initramfs: a signal may end the process, and the directory above is removed with the plant.
  const root = await mkdtemp(join(dirname(initrdPath), 'root-'));
  try {
    for (const name of ['bin', 'dev', 'modules', 'proc', 'run', 'sys']) await mkdir(join(root, name));
    await cp('/usr/bin/busybox', join(root, 'bin/busybox'), { dereference: true });
    await symlink('busybox', join(root, 'bin/sh'));
    await writeFile(join(root, 'init'), linux.init, { mode: 0o755 });
    for (const [index, path] of (await modulesOf(kernel, linux.modules)).entries()) {
      // in the order of the shell
      const target = join(root, 'modules', `${String(index).padStart(2, '0')}.ko`);
      const [, packed] = /\.ko\.(\w+)$/.exec(path) ?? [];
      if (packed === undefined) await copyFile(path, target);
      else await execute('sh', ['-c', `${UNPACK[packed]} <"$1" >"$2"`, 'sh', path, target]);
    }
    for (const program of linux.programs ?? []) {
      for (const path of [program, ...(await librariesOf(program))]) {
        await mkdir(join(root, dirname(path)), { recursive: true });
        await cp(path, join(root, path), { dereference: true });
      }
    }
    const pack = 'cd "$1" && find . | cpio --quiet --create --format=newc --owner=0:0 | gzip -1 >"$2"';
    await execute('sh', ['-c', pack, 'sh', root, initrdPath]);
  } finally {
    await rm(root, { recursive: true });
  }
}

/**
 * Writes a stand-in for the operating system's installer to an existing directory. It is a small Linux that reports (on the serial port)
 * how it was started and configured, and then switches off. stand-in-init.sh lists its reports. Throws UserError without a kernel.
 */
export async function buildStandIn(
  folder: string,
  { kernelName, initrdName }: { readonly kernelName: string; readonly initrdName: string },
): Promise<void> {
  const init = textBesideCode('rehearse/stand-in-init.sh');
  const modules = [...VIRTIO_MODULES, 'virtio_blk', 'iscsi_ibft', '8021q'];
  await buildLinux({ init, modules }, join(folder, kernelName), join(folder, initrdName));
}

/** The commands that unpack modules, by the ends of their names. */
const UNPACK: Readonly<Record<string, string>> = { gz: 'gzip -d', xz: 'xz -d', zst: 'zstd -d' };

/** Returns the paths of modules, each after those that it needs. Built-in modules have none. */
async function modulesOf(kernel: string, names: readonly string[]): Promise<string[]> {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const modprobe = ['--set-version', kernel, '--show-depends', '--ignore-install'];
  const found = names.map(async (name) => {
    const { stdout } = await execute('modprobe', [...modprobe, name], { env });
    return Array.from(stdout.matchAll(/^insmod (\S+)/gm), ([, path = '']) => path);
  });
  return [...new Set((await Promise.all(found)).flat())];
}

/** Returns the paths of the libraries that a program is linked with, including the loader. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await execute('ldd', [program]);
  return stdout.match(/\/\S+(?= \(0x)/g) ?? [];
}

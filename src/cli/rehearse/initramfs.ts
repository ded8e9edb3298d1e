import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A small Linux: its first process, and its files besides a busybox. */
export interface SmallLinux {
  /** The script that is its first process. Only busybox is in /bin. */
  readonly init: string;
  /** The kernel's modules, as paths below its `kernel` directory without `.ko`, in the order in which they must be inserted. */
  readonly modules: readonly string[];
  /** Programs of this machine, copied to the same paths with their libraries. */
  readonly programs?: readonly string[];
}

/** In the order in which they must be inserted. */
export const VIRTIO_MODULES = [
  'drivers/virtio/virtio_ring',
  'drivers/virtio/virtio',
  'drivers/virtio/virtio_pci_legacy_dev',
  'drivers/virtio/virtio_pci_modern_dev',
  'drivers/virtio/virtio_pci',
  'net/core/failover',
  'drivers/net/net_failover',
  'drivers/net/virtio_net',
];

/**
 * Writes the kernel and the initramfs of a small Linux to two paths. Throws if Debian's cloud kernel or the static busybox is
 * not installed.
 */
export async function buildLinux(linux: SmallLinux, kernelPath: string, initrdPath: string): Promise<void> {
  const kernel = (await readdir('/boot'))
    .filter((name) => /^vmlinuz-.*-cloud-amd64$/.test(name))
    .sort()
    .at(-1);
  if (kernel === undefined)
    throw new Error('no /boot/vmlinuz-*-cloud-amd64: install linux-image-cloud-amd64');
  await copyFile(join('/boot', kernel), kernelPath);
  await chmod(kernelPath, 0o644);

  const root = await mkdtemp('/tmp/harvgen-initramfs-');
  try {
    for (const name of ['bin', 'dev', 'modules', 'proc', 'run', 'sys']) await mkdir(join(root, name));
    await cp('/usr/bin/busybox', join(root, 'bin/busybox'), { dereference: true });
    await symlink('busybox', join(root, 'bin/sh'));
    await copyFile(linux.init, join(root, 'init'));
    await chmod(join(root, 'init'), 0o755);
    const modules = join('/lib/modules', kernel.replace('vmlinuz-', ''), 'kernel');
    for (const [index, path] of linux.modules.entries()) {
      // in the order of the shell
      const name = `${String(index).padStart(2, '0')}.ko`;
      await copyFile(join(modules, `${path}.ko`), join(root, 'modules', name));
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

/** Returns the paths of the libraries that a program is linked with, including the loader. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await execute('ldd', [program]);
  return stdout.match(/\/\S+(?= \(0x)/g) ?? [];
}

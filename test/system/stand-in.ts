import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The names that the kernel and the initramfs get. */
export interface StandInNames {
  kernelName: string;
  initrdName: string;
}

/** In the order in which they must be inserted. */
const MODULES = [
  'drivers/virtio/virtio_ring',
  'drivers/virtio/virtio',
  'drivers/virtio/virtio_pci_legacy_dev',
  'drivers/virtio/virtio_pci_modern_dev',
  'drivers/virtio/virtio_pci',
  'net/core/failover',
  'drivers/net/net_failover',
  'drivers/net/virtio_net',
  'drivers/block/virtio_blk',
  'drivers/scsi/iscsi_boot_sysfs',
  'drivers/firmware/iscsi_ibft',
];

/**
 * Writes a stand-in for the operating system's installer: a small Linux that reports (on the serial port)
 * how it was started and configured, and then switches off. What it reports is said in stand-in-init.sh.
 * Takes an existing folder and the file names, gives nothing; throws if Debian's cloud kernel or the static
 * busybox is not installed.
 */
export async function buildStandIn(folder: string, { kernelName, initrdName }: StandInNames): Promise<void> {
  const kernel = (await readdir('/boot'))
    .filter((name) => /^vmlinuz-.*-cloud-amd64$/.test(name))
    .sort()
    .at(-1);
  if (kernel === undefined)
    throw new Error('no /boot/vmlinuz-*-cloud-amd64: install linux-image-cloud-amd64');
  await copyFile(join('/boot', kernel), join(folder, kernelName));
  await chmod(join(folder, kernelName), 0o644);

  const root = await mkdtemp('/tmp/harvgen-stand-in-');
  try {
    for (const name of ['bin', 'dev', 'modules', 'proc', 'run', 'sys']) await mkdir(join(root, name));
    await cp('/usr/bin/busybox', join(root, 'bin/busybox'), { dereference: true });
    await symlink('busybox', join(root, 'bin/sh'));
    await copyFile(join(import.meta.dirname, 'stand-in-init.sh'), join(root, 'init'));
    await chmod(join(root, 'init'), 0o755);
    const modules = join('/lib/modules', kernel.replace('vmlinuz-', ''), 'kernel');
    for (const [index, path] of MODULES.entries()) {
      await copyFile(
        join(modules, `${path}.ko`),
        join(root, 'modules', `${String(index).padStart(2, '0')}.ko`),
      );
    }
    const pack = 'cd "$1" && find . | cpio --quiet --create --format=newc --owner=0:0 | gzip -1 >"$2"';
    await execute('sh', ['-c', pack, 'sh', root, join(folder, initrdName)]);
  } finally {
    await rm(root, { recursive: true });
  }
}

import { join } from 'node:path';
import { textBesideCode } from '../values/package.ts';
import { buildLinux, VIRTIO_MODULES } from './initramfs.ts';

/** The file names of the kernel and the initramfs. */
export interface StandInNames {
  kernelName: string;
  initrdName: string;
}

/**
 * Writes a stand-in for the operating system's installer to an existing directory. It is a small Linux that reports (on the
 * serial port) how it was started and configured, and then switches off. stand-in-init.sh lists its reports.
 * Throws UserError without a kernel.
 */
export async function buildStandIn(folder: string, { kernelName, initrdName }: StandInNames): Promise<void> {
  const linux = {
    init: textBesideCode('rehearse/stand-in-init.sh'),
    modules: [...VIRTIO_MODULES, 'virtio_blk', 'iscsi_ibft'],
  };
  await buildLinux(linux, join(folder, kernelName), join(folder, initrdName));
}

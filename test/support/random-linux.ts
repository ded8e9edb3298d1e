import * as fc from 'fast-check';
import { cloudInitPlan } from './random-cloud-init.ts';
import type { Json, JsonMap } from './random-fields.ts';

/** A plan of a machine that boots Linux. */
export const linuxPlan = fc.record({
  grub: fc.boolean(),
  root: fc.nat(3),
  initrds: fc.nat(2),
  args: fc.array(
    fc.constantFrom(
      'ro quiet',
      'console=ttyS0,115200',
      'hostname=${node:name}',
      'dyndbg="file a +p; file b +p"',
      'a=${node:mac-hyphens}/${node:netmask}',
    ),
    { maxLength: 3 },
  ),
  seed: fc.nat(5),
  cloudInit: cloudInitPlan,
  /** Whether a second NIC is on another network, if there is one. */
  second: fc.boolean(),
});

export type LinuxPlan = typeof linuxPlan extends fc.Arbitrary<infer Plan> ? Plan : never;

/** Returns the boot settings of a machine; `dhcp`: whether it can request its IP address. */
export function linuxOf({ grub, root, initrds, args, seed }: LinuxPlan, dhcp: boolean): JsonMap {
  const initrd: Json[] = [
    'initramfs-${node:arch}.img',
    ['microcode.img', 'rocky9/initramfs.img'],
    'http://10.0.0.9/initrd',
  ];
  const roots: (Json | undefined)[] = [
    undefined,
    '/dev/nfs',
    { squashfs: 'rocky9/root.squashfs' },
    { squashfs: 'http://10.0.0.9:9000/root.squashfs', overlay: 'overlayroot' },
  ];
  const live = roots[root];
  const address = dhcp ? 'ip=dhcp' : 'ip=${node:ip}::${node:gateway}:${node:netmask}:${node:name}::none';
  return {
    os: 'linux',
    kernel: grub ? 'http://10.0.0.9/vmlinuz' : 'rocky9/vmlinuz-${node:arch}',
    initrd: initrd[initrds] ?? null,
    ...(live === undefined ? {} : { root: live }),
    args: [address, ...args, ...(seed === 0 ? ['"ds=nocloud-net;s=http://10.0.0.9/${node:name}/"'] : [])],
    ...(grub && { loader: 'grub' }),
  };
}

import type { SiteInventory } from '../inventory/site-inventory.gen.ts';
import { type Place, placeOf } from '../origin.ts';
import { build, saidOr } from './build.ts';
import type { Draft } from './draft.ts';
import type { LinuxBoot, Server } from './model.ts';
import type { NodeValues } from './node-values.ts';

export type BootInventory = NonNullable<NonNullable<Draft<SiteInventory>['defaults']>['boot']>;

/** What makes a live root writable, as its initrd wants it told. */
const OVERLAYS = {
  // dracut: modules.d/90dmsquash-live, dmsquash-live-root.sh
  dracut: ['rd.live.image', 'rd.live.overlay.overlayfs=1'],
  // cloud-initramfs-tools: overlayroot, as OpenCHAMI's demo has it
  overlayroot: ['overlayroot=tmpfs', 'overlayroot_cfgdisk=disabled'],
  none: [],
} as const;

/** Makes what a node that boots Linux boots, with its own values filled in. */
export function resolveLinux(
  boot: BootInventory,
  server: Draft<Server> | undefined,
  values: NodeValues,
): Draft<LinuxBoot> {
  const image = (text: string, at: Place) => {
    const filled = values.fill(text, at);
    return /^https?:/.test(filled) ? filled : `${server?.images?.url}/${filled}`;
  };
  const root = typeof boot.root === 'object' ? boot.root : undefined;
  const squashfs = root?.squashfs && image(root.squashfs, placeOf(root, 'squashfs'));
  const overlay = root && saidOr(root, 'overlay', 'dracut');
  const initrds = typeof boot.initrd === 'string' ? [boot.initrd] : (boot.initrd ?? []);
  const from: object = typeof boot.initrd === 'string' ? boot : initrds;
  return build<Draft<LinuxBoot>>(
    {
      kernel: boot.kernel && image(boot.kernel, placeOf(boot, 'kernel')),
      initrds: initrds.flatMap((text, index) =>
        text === undefined
          ? []
          : image(text, from === boot ? placeOf(boot, 'initrd') : placeOf(initrds, index)),
      ),
      squashfs,
      args: [
        ...(typeof boot.root === 'string' ? [`root=${values.fill(boot.root, placeOf(boot, 'root'))}`] : []),
        ...(squashfs ? [`root=live:${squashfs}`, ...(overlay ? OVERLAYS[overlay] : [])] : []),
        ...(boot.args ?? []).flatMap((arg, index) =>
          arg === undefined ? [] : values.fill(arg, placeOf(boot.args ?? [], index)),
        ),
      ],
      loader: saidOr(boot, 'loader', 'ipxe'),
    },
    boot,
    { initrds: 'initrd', squashfs: 'root' },
  );
}

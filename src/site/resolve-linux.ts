import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import { inherit, located, type Place, placeOf, selfPlace, setPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { build, saidOr } from './build.ts';
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

/** A text with the node's values in it, and where it stands, or what it follows from. */
interface Filled {
  readonly text: string;
  readonly at: Place;
}

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
  const linux = build<Draft<LinuxBoot>>(
    {
      kernel: boot.kernel && image(boot.kernel, placeOf(boot, 'kernel')),
      initrds: list(
        boot,
        initrdsOf(boot).map(({ text, at }) => ({ text: image(text, at), at })),
      ),
      squashfs,
      args: list(boot, [...rootArgs(boot, squashfs, values), ...saidArgs(boot, values)]),
    },
    boot,
    { initrds: 'initrd', squashfs: 'root' },
  );
  if (root) inherit(linux, 'squashfs', root);
  return linux;
}

function initrdsOf(boot: BootInventory): Filled[] {
  const { initrd } = boot;
  if (typeof initrd === 'string') return [{ text: initrd, at: placeOf(boot, 'initrd') }];
  return itemsOf(initrd);
}

/** What the kernel is told of its root file system. */
function rootArgs(boot: BootInventory, squashfs: string | undefined, values: NodeValues): Filled[] {
  const { root } = boot;
  const at = placeOf(boot, 'root');
  if (typeof root === 'string') return [{ text: `root=${values.fill(root, at)}`, at }];
  if (!root || !squashfs) return [];
  const overlay = saidOr(root, 'overlay', 'dracut');
  const writable = (overlay ? OVERLAYS[overlay] : []).map((text) => ({ text, at }));
  return [{ text: `root=live:${squashfs}`, at: placeOf(root, 'squashfs') }, ...writable];
}

function saidArgs({ args }: BootInventory, values: NodeValues): Filled[] {
  return itemsOf(args).map(({ text, at }) => ({ text: values.fill(text, at), at }));
}

function itemsOf(items: readonly (string | undefined)[] = []): Filled[] {
  return items.flatMap((text, index) => (text === undefined ? [] : [{ text, at: placeOf(items, index) }]));
}

/** Makes a list of texts, each of which knows where it stands. */
function list(boot: BootInventory, filled: readonly Filled[]): string[] {
  const texts = located<string[]>([], selfPlace(boot));
  for (const { text, at } of filled) {
    setPlace(texts, texts.length, at);
    texts.push(text);
  }
  return texts;
}

import { likelySecrets } from '../../secrets/likely.ts';
import type { Notes } from '../notes.ts';
import type { GatheredBoot, Said } from './gathered.ts';

/** What a kernel line makes in an inventory. */
export interface KernelParams {
  /** What `root=live:` names. */
  readonly squashfs?: string | undefined;
  readonly overlay?: 'dracut' | 'overlayroot' | 'none' | undefined;
  /** Any other `root=`. */
  readonly root?: string | undefined;
  readonly args: readonly string[];
}

/**
 * Splits a kernel line as the kernel does: at blanks, but for those between double quotes. Quotes around what has no blank
 * are taken off. Source: Linux, lib/cmdline.c (next_arg).
 */
function splitParams(text: string): string[] {
  const words = text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
  return words
    .map((word) => (/\s/.test(word) ? word : word.replaceAll('"', '')))
    .filter((word) => word !== '');
}

/** What each pair of arguments says that harvgen writes for an overlay. */
const OVERLAYS = [
  ['overlayroot', ['overlayroot=tmpfs', 'overlayroot_cfgdisk=disabled']],
  ['dracut', ['rd.live.image', 'rd.live.overlay.overlayfs=1']],
] as const;

/** What harvgen adds by itself, or what was of the old server alone. Source: OpenCHAMI/bss, default_api.go (buildParams). */
const ADDED: readonly (readonly [form: RegExp, why: string])[] = [
  [/^ds=nocloud/, "harvgen adds it for each node, with the URL of the node's own data"],
  [/^BOOTIF=/i, 'harvgen adds it for each node'],
  [/^initrd=/, 'harvgen adds it where the firmware needs it'],
  [/^bss_referral_token=/, 'only BSS asked for it'],
];

/** What is the node's own value. */
const OWN: readonly (readonly [form: RegExp, value: string])[] = [
  [/^xname=x\d+c\d+s\d+b\d+n\d+$/, 'xname=${node:xname}'],
  [/^nid=\d+$/, 'nid=${node:nid}'],
];

/** Takes a kernel line apart into what an inventory has for it; notes what is left out or written otherwise. */
export function kernelParams(params: Said<string>, notes: Notes): KernelParams {
  const { at } = params;
  const args: string[] = [];
  let squashfs: string | undefined;
  let root: string | undefined;
  for (const word of splitParams(params.value)) {
    const [, live] = /^root=live:(https?:\/\/\S+|s3:\/\/\S+)$/.exec(word) ?? [];
    const [, other] = /^root=(\S+)$/.exec(word) ?? [];
    const added = ADDED.find(([form]) => form.test(word));
    const own = OWN.find(([form]) => form.test(word));
    if (added) notes.add('changed', nameOf(word), added[1], at);
    else if (own) {
      notes.add('changed', nameOf(word), `it is ${own[1]}, the node's own`, at);
      args.push(own[1]);
    } else if (live !== undefined) squashfs = live;
    else if (other !== undefined) root = other;
    else if (likelySecrets(word).length > 0)
      notes.add(
        'open',
        nameOf(word),
        'an argument with a secret, which whoever fetches the script reads: have the node fetch it otherwise',
        at,
      );
    else if (isArg(word)) args.push(word);
    else
      notes.add(
        'left',
        nameOf(word),
        /\$\{/.test(word)
          ? 'the old server filled it in, and nothing of a site does'
          : 'an argument is of printable ASCII',
        at,
      );
  }
  if (squashfs === undefined) return { root, args };
  const [overlay, known] = OVERLAYS.find(([, all]) => all.every((arg) => args.includes(arg))) ?? ['none', []];
  return { squashfs, overlay, args: args.filter((arg) => !(known as readonly string[]).includes(arg)) };
}

/** Whether an inventory takes it as an argument: what refers to something would be filled in. */
function isArg(word: string): boolean {
  return /^[ -~]+$/.test(word) && !/\$\{/.test(word) && !word.includes('@@secret:');
}

function nameOf(word: string): string {
  const [name = ''] = /^[^=\s]+/.exec(word) ?? [];
  return name === '' ? 'params' : name;
}

/** Gives the kernel line of an entry, with what BSS adds of entries that are for a kernel or an initrd alone. */
export function paramsOf(boot: GatheredBoot, images: readonly GatheredBoot[]): Said<string> | undefined {
  const further = images.filter(
    ({ kernel, initrd }) =>
      (kernel && kernel.value === boot.kernel?.value) || (initrd && initrd.value === boot.initrd?.value),
  );
  const all = [boot, ...further.filter((one) => one !== boot)].flatMap(({ params }) => params ?? []);
  const [first] = all;
  return first && { value: all.map(({ value }) => value).join(' '), at: first.at };
}

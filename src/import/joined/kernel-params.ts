import { likelySecrets } from '../../source/likely.ts';
import { quoteGrubArg, quoteIpxe, Unquotable } from '../../values/quoting.ts';
import { isQuoteOpen } from '../../values/text.ts';
import { quoteVisibly } from '../names.ts';
import type { Notes } from '../notes.ts';
import type { GatheredBoot, Said } from './gathered.ts';
import { calledAs, type Machine } from './machine.ts';

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
 * are taken off, unless one is left open. Source: Linux, lib/cmdline.c (next_arg).
 */
function splitParams(text: string): string[] {
  const words = text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
  return words
    .map((word) => (/\s/.test(word) || isQuoteOpen(word) ? word : word.replaceAll('"', '')))
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

/**
 * Takes a kernel line apart into what an inventory has for it, for machines whose boot loader is given; notes what is left out
 * or written otherwise.
 */
export function kernelParams(params: Said<string>, loader: 'grub' | undefined, notes: Notes): KernelParams {
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
    else if (likelySecrets(word).length > 0)
      notes.add(
        'open',
        nameOf(word),
        'an argument with a secret, which whoever fetches the script reads: have the node fetch it otherwise',
        at,
      );
    else {
      const fault = faultOf(word, loader);
      if (fault !== undefined) notes.add('left', nameOf(word), fault, at);
      else if (other !== undefined) root = other;
      else args.push(word);
    }
  }
  if (squashfs === undefined) return { root, args };
  const [overlay, known] = OVERLAYS.find(([, all]) => all.every((arg) => args.includes(arg))) ?? ['none', []];
  return { squashfs, overlay, args: args.filter((arg) => !(known as readonly string[]).includes(arg)) };
}

/** Why an inventory, or a boot loader, does not take it as an argument; undefined for one that it takes. */
function faultOf(word: string, loader: 'grub' | undefined): string | undefined {
  if (/\$\{/.test(word)) return 'the old server filled it in, and nothing of a site does';
  if (!/^[ -~]+$/.test(word) || word.includes('@@secret:')) return 'an argument is of printable ASCII';
  if (isQuoteOpen(word))
    return 'its double quote is left open, so that the kernel took all that follows for the same argument: close it, and add it to the args of the profile';
  if (word.split(' ').some((part) => isRefused(() => quoteIpxe(part))))
    return 'a script of iPXE cannot say it: a word that begins with # or is ||, && or ; ends a command there, and several blanks become one. Have it in the image itself';
  if (loader === 'grub' && isRefused(() => quoteGrubArg(word)))
    return 'GRUB, which these machines boot by, puts a backslash before each quote and backslash: have it in the image itself';
  return undefined;
}

function isRefused(quote: () => string): boolean {
  try {
    quote();
    return false;
  } catch (error) {
    if (!(error instanceof Unquotable)) throw error;
    return true;
  }
}

function nameOf(word: string): string {
  const [name = ''] = /^[^=\s]+/.exec(word.replaceAll('"', '')) ?? [];
  return /^[\w.-]+$/.test(name) ? name : name === '' ? 'params' : quoteVisibly(name);
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

/** What the firmware of a machine has to load; undefined for what it loads anyway. Firmware with Secure Boot runs no iPXE. */
export function loaderOf({ vm, firmware }: Machine): 'grub' | undefined {
  return vm?.secureBoot?.value && firmware?.value !== 'bios' ? 'grub' : undefined;
}

/** Notes machines that boot otherwise than the rest, and why. */
export function noteLoaders(machines: readonly Machine[], notes: Notes): void {
  for (const machine of machines)
    if (loaderOf(machine))
      notes.add(
        'changed',
        calledAs(machine),
        'its firmware has Secure Boot, and runs only what is signed: it loads GRUB by shim, boot.loader: grub, since nobody has signed iPXE',
        machine.vm?.secureBoot?.at,
      );
}

import type { NodeChange } from './change.ts';
import type { LinuxFacts, NodeFacts } from './facts.ts';
import { followsInText } from './follows.ts';
import { isSame } from './leaf-changes.ts';
import { turn } from './words.ts';

/** What a node boots Linux by, in the order of the boot, in words. */
const WORDS = {
  loader: 'boot loader',
  kernel: 'kernel',
  initrds: 'initrds',
  squashfs: 'root file system',
  args: 'kernel arguments',
} as const satisfies Partial<Record<keyof LinuxFacts, string>>;

/** Says what a node boots Linux by that it did not, but for what follows from what else is told of it or of the site. */
export function linuxChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [old, now] = [before.linux, after.linux];
  if (!old || !now) return [];
  return Object.entries(WORDS).flatMap(([name, words]): NodeChange[] => {
    const key = name as keyof typeof WORDS;
    const [from, to] = key === 'args' ? argsBeside(old, now) : [old[key], now[key]];
    if (isSame(from, to) || followsInText(lines(from), lines(to), before, after)) return [];
    const change = { what: 'linux', key, before: old[key], after: now[key], effect: 'boot' } as const;
    return [{ ...change, text: `${words}: ${turn(from, to)}` }];
  });
}

/** The kernel's arguments but for that of the root file system, where another one is told of by itself. */
function argsBeside(old: LinuxFacts, now: LinuxFacts): (readonly string[])[] {
  const roots = old.squashfs === now.squashfs ? [] : [old.squashfs, now.squashfs];
  return [old, now].map(({ args }) => args.filter((arg) => !roots.some((url) => url && arg.includes(url))));
}

/** Says which Linux a node boots: its kernel, as the inventory has it. */
export function linuxText({ linux, url }: NodeFacts): string {
  const images = `${url}/images/`;
  const { kernel } = linux ?? {};
  if (kernel === undefined) return 'Linux';
  return `Linux: ${kernel.startsWith(images) ? kernel.slice(images.length) : kernel}`;
}

function lines(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : (value ?? []).join('\n');
}

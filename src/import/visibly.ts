import { visible } from '../values/quoting/visible.ts';

/** Longer names are cut off where they are shown. */
const LONGEST = 60;

/** Gives a name of somebody else's file as it can be shown on one line and in a comment of YAML. */
export function quoteVisibly(name: string): string {
  const text = visible(name);
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return /^[\w-]+$/.test(cut) ? cut : `"${cut}"`;
}

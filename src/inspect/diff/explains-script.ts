import { builtInScript, mediaOf } from './built-in-script.ts';
import { compareLines } from './compare-lines.ts';
import type { NodeFacts } from './facts.ts';
import { followsInText } from './follows.ts';

/** Lines that a script has otherwise than the built-in one, and the lines around them. */
interface Deviation {
  readonly edit: string;
  readonly above: string | undefined;
  readonly below: string | undefined;
}

/**
 * Says whether a node's script changes by no more than what is known of the node: what the built-in template makes of
 * that before and after, the script is, or it deviates from it in the same places by the same lines. What a template of
 * the site's own does cannot be known; that it does the same as before can.
 */
export function explainsScript(old: string, now: string, before: NodeFacts, after: NodeFacts): boolean {
  const was = deviations(old, before, mediaOf(before, old));
  return was.some((one) =>
    deviations(now, after, mediaOf(after, old)).some((other) => isSameDeviation(one, other, before, after)),
  );
}

function deviations(script: string, node: NodeFacts, media: readonly string[]): Deviation[][] {
  return media.flatMap((place) => {
    const plain = builtInScript(node, place);
    return plain === undefined ? [] : [deviationsFrom(plain, script)];
  });
}

function deviationsFrom(plain: string, script: string): Deviation[] {
  const runs = compareLines(plain, script).filter(({ lines }) => lines.length > 0);
  return runs.flatMap(({ mark, lines }, index): Deviation[] => {
    if (mark === ' ') return [];
    const [above, below] = [runs[index - 1], runs[index + 1]];
    return [{ edit: mark + lines.join(mark), above: above?.lines.at(-1), below: below?.lines[0] }];
  });
}

/** A line above or below may be one that comes or goes with what the node installs, but not both. */
function isSameDeviation(
  old: readonly Deviation[],
  now: readonly Deviation[],
  before: NodeFacts,
  after: NodeFacts,
): boolean {
  const isSame = (a = '', b = '') => a === b || followsInText(a, b, before, after);
  return (
    old.length === now.length &&
    old.every(({ edit, above, below }, index) => {
      const other = now[index] as Deviation;
      return isSame(edit, other.edit) && (isSame(above, other.above) || isSame(below, other.below));
    })
  );
}

import type { Chap } from '../site/model.ts';
import { markSecrets } from '../source/marks.ts';

/** Gives by what a node and its target prove who they are, with marks for passwords; undefined where neither does. */
export function markChap(chap: Chap | undefined): Chap | undefined {
  return (
    chap && {
      ...chap,
      password: markSecrets(chap.password),
      targetPassword: chap.targetPassword && markSecrets(chap.targetPassword),
    }
  );
}

import { type Place, placeOf } from '../source/origin.ts';
import { kernelWords, setsParameter } from '../values/kernel-words.ts';
import type { Rule } from './rule.ts';

export const kernelRootTwice: Rule = {
  code: 'kernel-root-twice',
  severity: 'error',
  what: 'A kernel is told once what its root file system is: by `boot.root`, or by `root=` in `boot.args`.',
  why: 'What stands last on its line counts: what `boot.root` says comes before the arguments, and would be passed over.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const args = node?.linux?.args ?? [];
      let before: Place | undefined;
      for (const [index, arg] of args.entries()) {
        const count = kernelWords(arg ?? '').filter((word) => setsParameter(word, 'root')).length;
        if (!node || count === 0) continue;
        const at = placeOf(args, index);
        if (before || count > 1)
          report({
            node,
            oncePerPlace: true,
            message: `The kernel of ${node.name} is told twice what its root is: this root= comes last, and would count alone.`,
            at,
            related: [{ message: 'the first one is at', at: before ?? at }],
            help: 'keep one of the two: boot.root, or root= in boot.args',
          });
        before ??= at;
      }
    }
  },
};

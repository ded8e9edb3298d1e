import { posix } from 'node:path';
import { type Place, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const writeFileTwice: Rule = {
  code: 'write-file-twice',
  severity: 'error',
  what: 'No two entries of `os.write_files` write the same file.',
  why: 'The installed system writes them in their order at every boot: of the first nothing is left.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node) continue;
      const first = new Map<string, Place>();
      for (const entry of node.said?.os?.write_files ?? []) {
        if (entry?.path === undefined || entry.path.includes('${secret:')) continue;
        const path = posix.normalize(entry.path);
        const at = placeOf(entry, 'path');
        const before = first.get(path);
        if (!before) {
          first.set(path, at);
          continue;
        }
        report({
          node,
          message: `os.write_files writes ${path} twice: what this entry holds replaces what an earlier one does.`,
          at,
          related: [{ message: 'it is written first at', at: before }],
          help: 'keep one of the two',
        });
      }
    }
  },
};

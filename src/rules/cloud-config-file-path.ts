import { cloudInitFiles, isFileMap } from '../site/written-files.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const cloudConfigFilePath: Rule = {
  code: 'cloud-config-file-path',
  severity: 'error',
  what: 'An entry of `write_files` of cloud-init is a map that says the path of the file, from `/` on.',
  why: 'Without one cloud-init writes nothing, with a warning in a log on the machine, and a path without the `/` counts from wherever it was started; over an entry that is no map the whole module fails.',
  check(site, report) {
    for (const { node, name, entry, at } of cloudInitFiles(site)) {
      const path = isFileMap(entry) ? entry.path : undefined;
      if (typeof path !== 'string' || path === '') {
        report({
          node,
          message: `This entry of write_files of ${name} has no path: cloud-init would write it nowhere.`,
          at,
          help: 'write { path: /etc/example, content: … }',
        });
      } else if (!path.startsWith('/') && !path.startsWith('${secret:')) {
        report({
          node,
          message: `The path ${path} of write_files of ${name} does not begin with /: it counts from wherever cloud-init was started.`,
          at: placeOf(entry as { path: string }, 'path'),
          help: `write /${path}`,
        });
      }
    }
  },
};

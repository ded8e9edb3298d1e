import { placeOf } from '../origin.ts';
import { eachCloudInitPart } from '../site/each-cloud-init-part.ts';
import type { Rule } from './rule.ts';

export const cloudConfigFilePath: Rule = {
  code: 'cloud-config-file-path',
  severity: 'error',
  what: 'An entry of `write_files` of cloud-init is a map that says the path of the file.',
  why: 'Without one cloud-init writes nothing, with a warning in a log on the machine; over an entry that is no map the whole module fails.',
  check(site, report) {
    for (const { node, name, part } of eachCloudInitPart(site)) {
      if (typeof part !== 'object' || !Array.isArray(part.write_files)) continue;
      const entries: readonly unknown[] = part.write_files;
      for (const [index, entry] of entries.entries()) {
        if (hasPath(entry)) continue;
        report({
          node,
          message: `This entry of write_files of ${name} has no path: cloud-init would write it nowhere.`,
          at: placeOf(entries, index),
          help: 'write { path: /etc/example, content: … }',
        });
      }
    }
  },
};

function hasPath(entry: unknown): boolean {
  if (typeof entry !== 'object' || entry === null) return false;
  const { path } = entry as { readonly path?: unknown };
  return typeof path === 'string' && path !== '';
}

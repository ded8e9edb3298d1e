import { isYamlFile } from '../secrets/mark-config.ts';
import { writtenFiles } from '../site/written-files.ts';
import { strayReferences } from '../source/mark-yaml.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const secretInYamlFile: Rule = {
  code: 'secret-in-yaml-file',
  severity: 'error',
  essential: true,
  what: 'A file of YAML in `write_files`, of Harvester or of cloud-init, refers to secrets in its values, and not in its comments and keys.',
  why: 'A value is quoted, whatever it says. What is filled into a comment or a key would be YAML: a value of several lines brings keys of its own with it.',
  check(site, report) {
    // Nodes share most of their files.
    const known = new Map<string, readonly number[]>();
    for (const { node, entry } of writtenFiles(site)) {
      const { content, path } = entry;
      if (!content?.includes('${secret:') || !isYamlFile(entry)) continue;
      const strays = known.get(content) ?? strayReferences(content);
      known.set(content, strays);
      for (const stray of strays) {
        report({
          node,
          message: `The content of ${path} refers to a secret in a comment or a key: what is filled in there would be read as YAML.`,
          at: placeOfReference(placeOf(entry, 'content'), content, stray),
          help: 'take the reference out of the comment; write the key out',
        });
      }
    }
  },
};

/** The place in the inventory of a reference within a text of it: as many stand before it there as in the text. */
function placeOfReference(at: Place, text: string, offset: number): Place {
  const before = text.slice(0, offset).split('${secret:').length - 1;
  const written = at.source.text.slice(at.start, at.end);
  const found = [...written.matchAll(/\$\{secret:[^}]*\}/g)][before];
  if (!found) return at;
  const start = at.start + found.index;
  return { source: at.source, start, end: start + found[0].length };
}

import { decodeFile } from '../knowledge/harvester/file-content.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const undecodableFile: Rule = {
  code: 'undecodable-file',
  severity: 'error',
  what: 'The content of every file in `os.write_files` is of the encoding that its entry says.',
  why: 'The installer does not look into it. The installed system makes the file, fails to decode what belongs into it, and leaves it empty.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node) continue;
      for (const entry of node.said?.os?.write_files ?? []) {
        const { path, content, encoding } = entry ?? {};
        if (!entry || content === undefined || encoding === undefined) continue;
        if (content.includes('${secret:')) continue;
        const decoded = decodeFile(content, encoding);
        if (!('fault' in decoded)) continue;
        report({
          node,
          message: `The content${path === undefined ? '' : ` of ${path}`} is not of the encoding ${encoding} (${decoded.fault}): the file would be left empty.`,
          at: placeOf(entry, 'content'),
          related: [{ message: 'the encoding is set at', at: placeOf(entry, 'encoding') }],
          help: encoding.startsWith('gz')
            ? 'make it with: gzip -cn FILE | base64, and encoding: gz+b64'
            : 'make it with: base64 FILE; or remove the encoding where the content is plain text',
        });
      }
    }
  },
};

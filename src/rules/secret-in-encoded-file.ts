import { decodeFile } from '../harvester/file-content.ts';
import { placeOf } from '../origin.ts';
import { referenceIn } from '../secrets/marks.ts';
import type { Rule } from './rule.ts';

export const secretInEncodedFile: Rule = {
  code: 'secret-in-encoded-file',
  severity: 'error',
  essential: true,
  what: 'The content of a file in `os.write_files` that is encoded refers to no secret once it is decoded.',
  why: 'What fills secrets in does not decode: within base64 the reference would reach the machine as it stands.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      for (const entry of node?.said?.os?.write_files ?? []) {
        const { content, encoding } = entry ?? {};
        if (!entry || content === undefined || encoding === undefined) continue;
        if (referenceIn(content) !== undefined) continue;
        const decoded = decodeFile(content, encoding);
        if (!('bytes' in decoded) || referenceIn(decoded.bytes.toString('latin1')) === undefined) continue;
        report({
          node,
          message: `The content of ${entry.path ?? 'this file'} refers to a secret once it is decoded, and nothing fills it in there.`,
          at: placeOf(entry, 'content'),
          help: 'write the content as it is, without an encoding; or make the whole encoded content a secret',
        });
      }
    }
  },
};

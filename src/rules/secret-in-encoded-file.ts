import { decodeFile } from '../harvester/file-content.ts';
import { placeOf } from '../origin.ts';
import { referenceIn } from '../secrets/marks.ts';
import { writtenFiles } from '../site/written-files.ts';
import type { Rule } from './rule.ts';

export const secretInEncodedFile: Rule = {
  code: 'secret-in-encoded-file',
  severity: 'error',
  essential: true,
  what: 'The content of a file in `write_files`, of Harvester or of cloud-init, that is encoded refers to no secret once it is decoded.',
  why: 'What fills secrets in does not decode: within base64 the reference would reach the machine as it stands.',
  check(site, report) {
    for (const { node, entry } of writtenFiles(site)) {
      const { content, encoding } = entry;
      if (content === undefined || encoding === undefined) continue;
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
  },
};

import { decodeFile } from '../knowledge/harvester/file-content.ts';
import { writtenFiles } from '../site/written-files.ts';
import { referenceIn } from '../source/marks.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

/** An encoding that has to be decoded. */
const ENCODED = /b64|base64|gz/i;

/** A content that is nothing but one secret, whose value is encoded itself. */
const WHOLE = /^\s*\$\{secret:[^}]*\}\s*$/;

export const secretInEncodedFile: Rule = {
  code: 'secret-in-encoded-file',
  severity: 'error',
  essential: true,
  what: 'The content of a file in `write_files`, of Harvester or of cloud-init, that is encoded refers to no secret, neither in a part of it nor once it is decoded.',
  why: 'What fills secrets in neither encodes nor decodes: within base64 the reference would reach the machine as it stands, and a value between base64 spoils it. A secret may be the whole content: its value is base64 then.',
  check(site, report) {
    for (const { node, entry } of writtenFiles(site)) {
      const { content, encoding } = entry;
      if (content === undefined || encoding === undefined) continue;
      if (referenceIn(content) !== undefined) {
        if (!ENCODED.test(encoding) || WHOLE.test(content)) continue;
        report({
          node,
          message: `A part of the content of ${entry.path ?? 'this file'} is a secret, and the content is encoded: the two would not fit together.`,
          at: placeOf(entry, 'content'),
          help: 'write the content as it is, without an encoding; or make the whole encoded content a secret',
        });
        continue;
      }
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

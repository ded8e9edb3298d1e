import { writtenFiles } from '../site/written-files.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

/** A mode that is written in octal digits, without a sign that these are octal. */
const OCTAL_DIGITS = /^0?[0-7]{3,4}$/;

export const cloudConfigPermissions: Rule = {
  code: 'cloud-config-permissions',
  severity: 'error',
  what: 'The permissions of a file in `write_files` of cloud-config are a text of octal digits, or a number that begins with `0o`.',
  why: 'An inventory is YAML 1.2, in which 0644 is the number 644: cloud-init would take that for the mode 01204. Of a text that is no number it makes 0644, which all may read.',
  check(site, report) {
    for (const { node, entry } of writtenFiles(site)) {
      const { permissions } = entry as { readonly permissions?: unknown };
      if (!node.cloudInit || permissions === undefined || permissions === null) continue;
      const at = placeOf(entry as { permissions: unknown }, 'permissions');
      if (typeof permissions !== 'number') {
        if (isMode(permissions)) continue;
        report({
          node,
          message: `The permissions of ${entry.path ?? 'this file'} are no octal digits: cloud-init would make it 0644, for all to read.`,
          at,
          help: "write '0600', in quotes",
        });
        continue;
      }
      const text = textAt(at);
      if (!OCTAL_DIGITS.test(text)) continue;
      report({
        node,
        message: `The permissions of ${entry.path ?? 'this file'} are the number ${permissions}, which is the mode 0${permissions.toString(8)}.`,
        at,
        help: `write '${text.startsWith('0') ? text : `0${text}`}', in quotes`,
      });
    }
  },
};

/** Whether Python reads it as a number by base 8, as cloud-init has it do. */
function isMode(value: unknown): boolean {
  return typeof value === 'string' && (value.includes('${secret:') || /^\s*(0o)?[0-7]+\s*$/i.test(value));
}

function textAt({ source, start, end }: Place): string {
  return source.text.slice(start, end);
}

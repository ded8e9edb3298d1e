import { decodeFile } from '../knowledge/harvester/file-content.ts';
import { type ReleaseKey, releaseKeys } from '../site/release-keys.ts';
import { keyPlaceOf, type Place, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

/** What the template engine itself turns into two braces. */
const ESCAPE = /\{\{ *`\{\{` *\}\}/g;

export const templateInValue: Rule = {
  code: 'template-in-value',
  severity: 'error',
  what: 'No value of a configuration, encoded files included, holds `{{`.',
  why: 'The installed system reads its configuration through a template engine, files after their decoding: what follows `{{` is replaced by what it evaluates to (harvester/harvester#10367).',
  check(site, report) {
    for (const key of releaseKeys(site)) {
      // Webhooks are the installer's, and have templates of their own: webhook-template.
      if (key.available !== 'present' || key.path.startsWith('install.webhooks')) continue;
      for (const { message, at } of templatesIn(key)) {
        report({
          node: key.node,
          message: `${message}: the installed system takes it for a template, and replaces what follows.`,
          at,
          help: 'write {{`{{`}} where {{ is meant; silence the rule where the template is meant',
        });
      }
    }
  },
};

function* templatesIn({ path, key, holder, value }: ReleaseKey): Iterable<{ message: string; at: Place }> {
  if (opensTemplate(key)) yield { message: `The name ${path} holds {{`, at: keyPlaceOf(holder, key) };
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (opensTemplate(item)) yield { message: `${path}[${index}] holds {{`, at: placeOf(value, index) };
    }
  } else if (opensTemplate(value)) {
    yield { message: `${path} holds {{`, at: placeOf(holder, key) };
  } else if (opensTemplate(decoded(path, holder))) {
    yield { message: `${path} holds {{ once it is decoded`, at: placeOf(holder, key) };
  }
}

function decoded(path: string, { content, encoding }: ReleaseKey['holder']): string | undefined {
  if (!/^os\.write_files\[\d+\]\.content$/.test(path)) return undefined;
  if (typeof content !== 'string' || typeof encoding !== 'string') return undefined;
  const file = decodeFile(content, encoding);
  return 'bytes' in file ? file.bytes.toString('latin1') : undefined;
}

/** Says whether a value is a text in which a template begins, by more than the escape of two braces. */
export function opensTemplate(value: unknown): boolean {
  return typeof value === 'string' && value.replace(ESCAPE, '').includes('{{');
}

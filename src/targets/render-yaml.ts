import { Document, visit } from 'yaml';
import { AS_IS } from './yaml-scalars.ts';

/** A key that is text to every reader of YAML, without quotes. Others, such as `on` and `0x10`, are quoted. */
const PLAIN_KEY = /^(?!(true|false|yes|no|on|off|null|y|n)$)[a-z_][a-z0-9_./-]*$/i;

/** What is a line break or a control to YAML 1.1 must not stand inside of quotes as it is. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/**
 * Renders a value as a YAML document that readers of YAML 1.1 and of YAML 1.2 take for the same: strings, with marks of
 * secrets, in double quotes, bare booleans and integers.
 */
export function renderYaml(value: unknown): string {
  const document = new Document(value, AS_IS);
  visit(document, {
    Scalar(key, node) {
      if (typeof node.value !== 'string') return;
      if (key !== 'key' || !PLAIN_KEY.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString(AS_IS).replace(UNPRINTABLE, escapeUnicode);
}

function escapeUnicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

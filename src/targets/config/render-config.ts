import { type CreateNodeOptions, Document, type ToStringOptions, visit } from 'yaml';
import type { HarvesterConfig } from '../../inventory/harvester-config.gen.ts';
import { markConfig } from '../../secrets/mark-config.ts';

/**
 * How every Harvester release reads the same: strings in double quotes, bare booleans and integers, one document. Up to
 * v1.2.1 the installer reads YAML 1.1, later ones YAML 1.2.
 */
const PORTABLE: CreateNodeOptions & ToStringOptions = {
  lineWidth: 0,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  aliasDuplicateObjects: false,
};

/** A key that is text to every reader of YAML, without quotes. Others, such as `on` and `0x10`, are quoted. */
const PLAIN_KEY = /^(?!(true|false|yes|no|on|off|null|y|n)$)[a-z_][a-z0-9_./-]*$/i;

/** What is a line break or a control to YAML 1.1 must not stand inside of quotes as it is. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/**
 * Renders a Harvester configuration as YAML. Secrets become the marks that the boot server fills in; a map as the value
 * of a system setting becomes JSON, since the installer takes nothing but strings there.
 */
export function renderConfig(config: HarvesterConfig): string {
  const document = new Document(markConfig(config), PORTABLE);
  visit(document, {
    Scalar(key, node) {
      if (typeof node.value !== 'string') return;
      if (key !== 'key' || !PLAIN_KEY.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString(PORTABLE).replace(UNPRINTABLE, escapeUnicode);
}

function escapeUnicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

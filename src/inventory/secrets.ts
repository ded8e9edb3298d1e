import { schemaOf } from '../knowledge/schemas.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { endOfBlock, isReference } from '../source/guess-secrets.ts';
import {
  keyLocationOf,
  locationOf,
  takeOut,
  type Value,
  type ValueMap,
  writtenLocationOf,
} from '../source/origin.ts';
import { secretNames } from '../source/placeholders.ts';
import type { SourceLocation } from '../source/source.ts';
import { isSecretName } from '../values/identifiers.ts';
import type { Span } from '../values/spans.ts';
import { controlIn, nearest } from '../values/text.ts';

/** A text that was probably intended as a reference. */
const NEARLY = /\$\{\s*secrets?\s*[:.][^{}]*\}/gi;

/** Keys whose values are the content of files, which may have control characters. */
const CONTENTS: readonly string[] = ['cloud_init', 'write_files'];

/**
 * Reports malformed references to secrets, references in keys, where secrets are not substituted, and text that the boot server
 * would read as a placeholder. Also reports control characters, unless the value is the content of a file (`isContent`). Removes
 * these values and marks them as broken.
 */
export function checkSecrets(value: Value, report: Report, isContent = false): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const item = (value as ValueMap)[key];
    const written = `${key} ${typeof item === 'string' ? item : ''}`;
    const control = isContent ? undefined : controlIn(written);
    if (control === undefined && typeof item === 'string' && isFree(written)) continue;
    if (control !== undefined) {
      reportControl(control, locationOf(value as ValueMap, key), report);
      takeOut(value, key);
    } else if (!Array.isArray(value) && !checkKey(value as ValueMap, key, report)) takeOut(value, key);
    else if (typeof item === 'string') {
      if (!checkText(item, value as ValueMap, key, report)) takeOut(value, key);
    } else if (item) checkSecrets(item, report, isContent || CONTENTS.includes(key));
  }
}

/** Whether a text contains no reference to a secret, valid or not. A quick test for most texts. */
function isFree(text: string): boolean {
  return !text.includes('${') && !text.includes('@@');
}

function reportControl(character: string, at: SourceLocation, report: Report): void {
  report.error({
    code: 'control-character',
    message: `This contains the control character ${character}: programs and terminals that show it would obey it.`,
    at,
    help: 'remove it, or write the intended text',
  });
}

function checkKey(map: ValueMap, key: string, report: Report): boolean {
  const isMark = key.includes('@@secret:');
  if (!isMark && !key.match(NEARLY)) return true;
  report.error({
    code: isMark ? 'secret-mark' : 'secret-out-of-place',
    message: isMark
      ? 'This key contains @@secret:, which marks a placeholder in the output.'
      : 'This key refers to a secret, but secrets are substituted only in values: the machine would receive it as text.',
    at: keyLocationOf(map, key),
    help: 'write the key literally, and put the secret in a value',
  });
  return false;
}

function checkText(text: string, container: ValueMap, key: string, report: Report): boolean {
  const marked = text.includes('@@secret:');
  if (marked) {
    report.error({
      code: 'secret-mark',
      message:
        'This contains @@secret:, which marks a placeholder in the output: the boot server would substitute it.',
      at: locationOf(container, key),
      help: 'write "${secret:name}"',
    });
  }
  const meant = text.match(NEARLY)?.find((reference) => !reference.startsWith('${secret:'));
  if (meant !== undefined) {
    const isHidden = concealNames(container, key);
    report.error({
      code: 'secret-name',
      message: `${isHidden ? 'This' : meant} is not a reference to a secret: the machine would receive it as text.`,
      at: locationOf(container, key),
      help: 'write "${secret:name}", in lower case and with a colon',
    });
    return false;
  }
  if (!text.includes('${secret:')) return !marked;
  const names = secretNames(text);
  const begun = text.split('${secret:').length - 1;
  if (names.length === begun && names.every(isSecretName)) return !marked;
  concealNames(container, key);
  report.error({
    code: 'secret-name',
    message: 'This reference to a secret contains no valid name: the machine would receive it as text.',
    at: locationOf(container, key),
    help: 'write "${secret:name}", with a name of lower-case letters, digits and _, such as ${secret:cluster_token}',
  });
  return false;
}

/** Hides invalid names in references of a value: they may be the secrets themselves. Returns whether there are any. */
function concealNames(container: ValueMap, key: string): boolean {
  const { source, start, end } = writtenLocationOf(container, key);
  const names = Array.from(
    source.text.slice(start, end).matchAll(/\$\{\s*secrets?\s*[:.]([^}]*)/gi),
    ({ index, 0: whole, 1: name = '' }) => ({ name, end: start + index + whole.length }),
  ).filter(({ name }) => !isSecretName(name.trim()));
  for (const { name, end } of names) source.conceal({ start: end - name.length, end });
  return names.length > 0;
}

/** A key at the margin of a file. Other lines at the margin belong to the value above. */
const KEY = /^(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#'"{}[\],&*!|>%@`-][^\n:]*?))[ \t]*:(?=\s)[ \t]*/gm;

/** Names of files of secrets: secrets.yaml, plant.secret.yaml. */
const NAME = /(^|[._-])(secrets?|credentials?|passwords?)([._-]|$)/i;

/** A key at the margin of a YAML file, with the position of its value. */
interface Entry extends Span {
  readonly key: string;
  readonly isText: boolean;
}

/**
 * Returns the values of unknown keys at the margin, even if the file does not parse: in a file of secrets within a site's
 * directory, these are all values. A key similar to one of an inventory is a typo if its value is not a text. References and
 * placeholders are not values.
 */
export function unknownKeyValues(text: string): Span[] {
  const known = knownKeys();
  return entries(text).filter(
    ({ key, start, end, isText }) =>
      !known.includes(key) &&
      (isText || nearest(key, known) === undefined) &&
      !isReference(text.slice(start, end)),
  );
}

/** Whether a file in a site's directory contains secrets: by its name, or because it has only unknown keys, and texts. */
export function isFileOfSecrets(path: string, text: string): boolean {
  if (NAME.test(path.replace(/^.*[/\\]/, ''))) return true;
  const known = knownKeys();
  const all = entries(text);
  return all.some(({ isText }) => isText) && all.every(({ key }) => !known.includes(key));
}

function knownKeys(): string[] {
  return Object.keys((schemaOf('site.schema.json') as { properties: object }).properties);
}

function entries(text: string): Entry[] {
  const found: Entry[] = [];
  for (const { index, 0: whole, 1: double, 2: single, 3: plain } of text.matchAll(KEY)) {
    const start = index + whole.length;
    const end = endOfBlock(text, 0, start);
    const isText = /^[^\s{[#&]/.test(text.slice(start, start + 1));
    found.push({ key: double ?? single ?? plain ?? '', start, end, isText });
  }
  return found;
}

import { schemaOf } from '../knowledge/schemas.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { endOfBlock, isReference, type Span } from '../source/likely.ts';
import { secretNames } from '../source/marks.ts';
import { keyLocationOf, locationOf, takeOut, type Value, type ValueMap } from '../source/origin.ts';
import { isSecretName } from '../values/identifiers.ts';
import { nearest } from '../values/text.ts';

/** What was meant for a reference. */
const NEARLY = /\$\{\s*secrets?\s*[:.][^}]*\}/gi;

/**
 * Reports references to secrets that are not well-formed or stand in a key, where nothing fills them in, and text that the
 * boot server would take for one. What is at fault is taken out and marked as broken.
 */
export function checkSecrets(value: Value, report: Report): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const item = (value as ValueMap)[key];
    if (typeof item === 'string' && isFree(item) && isFree(key)) continue;
    if (!Array.isArray(value) && !checkKey(value as ValueMap, key, report)) takeOut(value, key);
    else if (typeof item === 'string') {
      if (!checkText(item, value as ValueMap, key, report)) takeOut(value, key);
    } else if (item) checkSecrets(item, report);
  }
}

/** Says of most texts that they refer to no secret, neither well nor badly. */
function isFree(text: string): boolean {
  return !text.includes('${') && !text.includes('@@');
}

function checkKey(map: ValueMap, key: string, report: Report): boolean {
  const isMark = key.includes('@@secret:');
  if (!isMark && !key.match(NEARLY)) return true;
  report.error({
    code: isMark ? 'secret-mark' : 'secret-out-of-place',
    message: isMark
      ? 'This key holds @@secret:, which marks a secret in the output.'
      : 'This key refers to a secret, and secrets are filled into values alone: it would reach the machine as it stands.',
    at: keyLocationOf(map, key),
    help: 'write the key out; what is secret belongs into a value',
  });
  return false;
}

function checkText(text: string, container: ValueMap, key: string, report: Report): boolean {
  const marked = text.includes('@@secret:');
  if (marked) {
    report.error({
      code: 'secret-mark',
      message: '@@secret: marks a secret in the output; in the inventory it would be filled in unseen.',
      at: locationOf(container, key),
      help: 'write ${secret:name}',
    });
  }
  const meant = text.match(NEARLY)?.find((reference) => !reference.startsWith('${secret:'));
  if (meant !== undefined) {
    report.error({
      code: 'secret-name',
      message: `${meant} is no reference to a secret: it would reach the machine as it stands.`,
      at: locationOf(container, key),
      help: 'write ${secret:name}, in lower case and with a colon',
    });
    return false;
  }
  if (!text.includes('${secret:')) return !marked;
  const names = secretNames(text);
  const begun = text.split('${secret:').length - 1;
  if (names.length === begun && names.every(isSecretName)) return !marked;
  report.error({
    code: 'secret-name',
    message: 'This refers to a secret by something that is not a name.',
    at: locationOf(container, key),
    help: 'write ${secret:name}, with a name of lower-case letters, digits and _, such as ${secret:cluster_token}',
  });
  return false;
}

/** A key at the margin of a file; what begins a line at the margin and is none belongs to what stands above. */
const KEY = /^(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#'"{}[\],&*!|>%@`-][^\n:]*?))[ \t]*:(?=\s)[ \t]*/gm;

/** How files of secrets are called: secrets.yaml, plant.secret.yaml. */
const NAME = /(^|[._-])(secrets?|credentials?|passwords?)([._-]|$)/i;

/** A key at the margin of a file of YAML, and where its value stands. */
interface Entry extends Span {
  readonly key: string;
  readonly isText: boolean;
}

/**
 * Gives the values of the keys at the margin that an inventory does not know, whether the file can be read or not: of a
 * file of secrets that lies in a site's folder that is all. What is nearly a key of an inventory is one with a slip, where
 * it holds more than a text. References and marks are no values.
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

/** Says whether a file in a site's folder is one of secrets: by its name, or since it says nothing of a site, and texts. */
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

import type { Report } from '../source/diagnostics/report.ts';
import { secretNames } from '../source/marks.ts';
import { keyPlaceOf, markBroken, placeOf } from '../source/origin.ts';
import type { Value, ValueMap } from '../source/value.ts';
import { isSecretName } from '../values/secret-name.ts';

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
    if (!Array.isArray(value) && !checkKey(value as ValueMap, key, report)) {
      delete (value as ValueMap)[key];
      markBroken(value, key);
    } else if (typeof item === 'string') {
      if (checkText(item, value as ValueMap, key, report)) continue;
      if (Array.isArray(value)) (value as unknown[])[Number(key)] = undefined;
      else delete (value as ValueMap)[key];
      markBroken(value, key);
    } else if (item) checkSecrets(item, report);
  }
}

/** Says of most texts that they refer to no secret, neither well nor badly. */
function isFree(text: string): boolean {
  return !text.includes('${') && !text.includes('@@');
}

/** Says whether a key is right. */
function checkKey(map: ValueMap, key: string, report: Report): boolean {
  const isMark = key.includes('@@secret:');
  if (!isMark && !key.match(NEARLY)) return true;
  report.error({
    code: isMark ? 'secret-mark' : 'secret-out-of-place',
    message: isMark
      ? 'This key holds @@secret:, which marks a secret in the output.'
      : 'This key refers to a secret, and secrets are filled into values alone: it would reach the machine as it stands.',
    at: keyPlaceOf(map, key),
    help: 'write the key out; what is secret belongs into a value',
  });
  return false;
}

/** Says whether a text is right. */
function checkText(text: string, container: ValueMap, key: string, report: Report): boolean {
  const marked = text.includes('@@secret:');
  if (marked) {
    report.error({
      code: 'secret-mark',
      message: '@@secret: marks a secret in the output; in the inventory it would be filled in unseen.',
      at: placeOf(container, key),
      help: 'write ${secret:name}',
    });
  }
  const meant = text.match(NEARLY)?.find((reference) => !reference.startsWith('${secret:'));
  if (meant !== undefined) {
    report.error({
      code: 'secret-name',
      message: `${meant} is no reference to a secret: it would reach the machine as it stands.`,
      at: placeOf(container, key),
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
    at: placeOf(container, key),
    help: 'write ${secret:name}, with a name of lower-case letters, digits and _, such as ${secret:cluster_token}',
  });
  return false;
}

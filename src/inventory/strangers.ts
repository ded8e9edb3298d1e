import { schemaOf } from '../knowledge/tables/schemas.ts';
import { endOfBlock, isReference, type Span } from '../source/likely.ts';
import { nearest } from '../values/nearest.ts';

/** A key at the margin of a file; what begins a line at the margin and is none belongs to what stands above. */
const KEY = /^(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#'"{}[\],&*!|>%@`-][^\n:]*?))[ \t]*:(?=\s)[ \t]*/gm;

/** How files of secrets are called: secrets.yaml, plant.secret.yaml. */
const NAME = /(^|[._-])(secrets?|credentials?|passwords?)([._-]|$)/i;

/** A key at the margin of a file of YAML, and where its value stands. */
interface Entry extends Span {
  readonly key: string;
  /** Whether nothing but a text stands there. */
  readonly isText: boolean;
}

/**
 * Gives the values of the keys at the margin that an inventory does not know, whether the file can be read or not: of a
 * file of secrets that lies in a site's folder that is all. What is nearly a key of an inventory is one with a slip, where
 * it holds more than a text. References and marks are no values.
 */
export function strangers(text: string): Span[] {
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

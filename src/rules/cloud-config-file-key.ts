import { cloudInitFiles, isFileMap } from '../site/written-files.ts';
import { keyPlaceOf, placeOf } from '../source/origin.ts';
import { nearest } from '../values/nearest.ts';
import type { Rule } from './rule.ts';

/** What an entry may say. Source: cloud-init, cc_write_files.py; `source` is of 24.4 and later. */
const KEYS: readonly string[] = [
  'path',
  'content',
  'encoding',
  'owner',
  'permissions',
  'append',
  'defer',
  'source',
];

/** What cloud-init fails at where it is no text. */
const TEXTS = ['content', 'owner'] as const;

/** Source: cloud-init, cc_write_files.py (canonicalize_extraction). */
const ENCODINGS: readonly string[] = [
  '',
  'text/plain',
  'b64',
  'base64',
  'gz',
  'gzip',
  'gz+b64',
  'gz+base64',
  'gzip+b64',
  'gzip+base64',
];

interface Fault {
  readonly key: string;
  readonly what: string;
  readonly help: string;
  /** Whether it is the key that is wrong, and not its value. */
  readonly ofKey?: true;
}

export const cloudConfigFileKey: Rule = {
  code: 'cloud-config-file-key',
  severity: 'error',
  what: 'An entry of `write_files` of cloud-init has keys that cloud-init reads, an encoding that it knows, and text as its content and owner.',
  why: 'What it does not know it drops, and what has an unknown encoding it writes as it stands, with a warning in a log on the machine at most; over a content that is no text it fails, and writes no file after it.',
  check(site, report) {
    for (const { node, name, entry } of cloudInitFiles(site)) {
      if (!isFileMap(entry)) continue;
      const file = typeof entry.path === 'string' ? entry.path : 'a file';
      for (const { key, what, help, ofKey } of faultsOf(entry)) {
        report({
          node,
          message: `${file} in write_files of ${name} ${what}`,
          at: ofKey ? keyPlaceOf(entry, key) : placeOf(entry, key),
          help,
        });
      }
    }
  },
};

function* faultsOf(entry: Readonly<Record<string, unknown>>): Iterable<Fault> {
  for (const key of Object.keys(entry)) {
    if (KEYS.includes(key)) continue;
    const meant = nearest(key, KEYS);
    yield {
      key,
      ofKey: true,
      what: `has the key ${key}, which cloud-init does not read${meant ? `: did you mean ${meant}?` : '.'}`,
      help: `there are ${KEYS.join(', ')}`,
    };
  }
  for (const key of TEXTS) {
    const value = entry[key];
    if (value === undefined || value === null || typeof value === 'string') continue;
    const isTree = typeof value === 'object';
    yield {
      key,
      what: `has as its ${key} ${isTree ? (Array.isArray(value) ? 'a list' : 'a map') : `${value}`}, which is no text: cloud-init would fail, and write no file after it.`,
      help: isTree ? `write it as a text below ${key}: |` : 'write it in quotes',
    };
  }
  const { encoding } = entry;
  if (encoding === undefined || encoding === null || isEncoding(encoding)) return;
  const meant = typeof encoding === 'string' ? nearest(encoding, ENCODINGS) : undefined;
  yield {
    key: 'encoding',
    what: `has an encoding that cloud-init does not know${meant ? `: did you mean ${meant}?` : ': it would write the content as it stands.'}`,
    help: `there are ${ENCODINGS.filter(Boolean).join(', ')}`,
  };
}

function isEncoding(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return value.includes('${secret:') || ENCODINGS.includes(value.toLowerCase().trim());
}

import { createHash } from 'node:crypto';
import { encodeSecret } from '../../src/source/placeholders.ts';

const DIGESTS = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];

/**
 * Returns the texts by which a leaked value can be recognized: unchanged, as a piece of it, and as other formats encode it.
 * A digest is included, because guesses can be tested against it.
 */
export function secretForms(value: string): string[] {
  const bytes = Buffer.from(value);
  return [
    value,
    ...pieces(value),
    JSON.stringify(value).slice(1, -1),
    ...(['text', 'json', 'yaml'] as const).map((format) => encodeSecret(value, format)),
    encodeURIComponent(value),
    bytes.toString('hex'),
    ...base64(bytes),
    ...DIGESTS.flatMap((name) => {
      const digest = createHash(name).update(bytes).digest();
      // Of a truncated digest, the beginning remains.
      return [digest.toString('hex').slice(0, 16), digest.toString('base64').slice(0, 16)];
    }),
  ];
}

/** Returns the beginnings and ends of its words: messages truncate long texts, and files break lines. */
function pieces(value: string): string[] {
  const words = value.match(/[A-Za-z0-9]{12,}/g) ?? [];
  return words.flatMap((word) => [word.slice(0, 10), word.slice(-10)]);
}

/** Returns the base64 of bytes at each of the three offsets within a longer text. */
function base64(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(before === 0 ? 0 : 4, text.length - 2);
  });
}

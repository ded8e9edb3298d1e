import { likelySecrets } from '../../source/likely.ts';
import { type Place, placeOf, type Source, writtenPlaceOf } from '../../source/origin.ts';
import type { Value } from '../../source/value.ts';
import { isSecretKey } from '../../values/secret-key.ts';

/** Keeps what most probably is a secret from being shown beside a fault, whether the file can be read or not. */
export function concealLikely(source: Source): void {
  for (const span of likelySecrets(source.text)) source.conceal(span);
}

/** Keeps the values of keys that name secrets from being shown, wherever in a file they stand. */
export function concealValues(value: Value, seen = new Set<object>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  for (const [key, item] of Object.entries(value)) {
    if (!Array.isArray(value) && isSecretKey(key) && item !== null) {
      conceal(placeOf(value, key));
      conceal(writtenPlaceOf(value, key));
    }
    concealValues(item, seen);
  }
}

function conceal(at: Place): void {
  at.source.conceal(at);
}

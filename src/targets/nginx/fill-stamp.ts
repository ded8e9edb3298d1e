import { createHash } from 'node:crypto';
import { type Mark, markOf } from '../../source/marks.ts';

/**
 * Gives what names a set of marks, sixteen hexadecimal digits. By it nginx tells whether what it fills in is what the
 * tree wants: both change when a secret comes, goes, or gets another name.
 */
export function fillStamp(marks: readonly Mark[]): string {
  const text = marks.map(markOf).sort().join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

import { createHash } from 'node:crypto';

/** Source: Kubernetes, IsConfigMapKey (k8s.io/apimachinery/pkg/util/validation). */
const LONGEST = 253;

/**
 * Gives the key that stands for a path in a ConfigMap, where a key has letters, digits, `-`, `_` and `.` alone: `__` for a
 * slash, and the hexadecimal code of each byte of what else it cannot have. No two paths have one key.
 */
export function configMapKey(path: string): string {
  const key = path.replace(/[^A-Za-z0-9.-]/gu, (character) => (character === '/' ? '__' : codeOf(character)));
  if (key.length <= LONGEST) return key;
  const digest = createHash('sha256').update(path).digest('hex');
  return `${key.slice(0, LONGEST - digest.length - 2)}_.${digest}`;
}

function codeOf(character: string): string {
  return [...Buffer.from(character)].map((byte) => `_${byte.toString(16).padStart(2, '0')}`).join('');
}

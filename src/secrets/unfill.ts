import type { FilledSecret } from '../tree/tree.ts';

/** A secret that stands in a file, by its mark, with the bytes that stand for it. */
export interface FoundSecret {
  readonly mark: string;
  readonly bytes: Buffer;
}

/** Puts the marks back where secrets are filled in. Undefined where the places are not such of this content. */
export function unfill(content: Uint8Array, secrets: readonly FilledSecret[]): Buffer | undefined {
  const pieces: Uint8Array[] = [];
  let end = 0;
  for (const { start, length, mark } of secrets) {
    if (start < end || length < 0 || start + length > content.length) return undefined;
    pieces.push(content.subarray(end, start), Buffer.from(mark));
    end = start + length;
  }
  return Buffer.concat([...pieces, content.subarray(end)]);
}

/** Gives the secrets that are filled into a file, for places of which `unfill` has given something. */
export function foundSecrets(content: Uint8Array, secrets: readonly FilledSecret[]): FoundSecret[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return secrets.map(({ start, length, mark }) => ({ mark, bytes: bytes.subarray(start, start + length) }));
}

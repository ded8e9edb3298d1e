/**
 * Freezes data with everything in it, and gives it back. What is frozen already is not looked into again. Bytes cannot
 * be frozen: whoever asks for them from now on gets a copy.
 */
export function deepFreeze<T>(data: T): T {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data) || ArrayBuffer.isView(data))
    return data;
  const entries = Object.entries(data);
  for (const [key, value] of entries) if (value instanceof Uint8Array) giveCopies(data, key, value);
  Object.freeze(data);
  for (const [, value] of entries) deepFreeze(value);
  return data;
}

/** Most templates never look at a file's bytes: they are copied when they are asked for, and not before. */
function giveCopies(data: object, key: string, bytes: Uint8Array): void {
  Object.defineProperty(data, key, { get: () => new Uint8Array(bytes), enumerable: true });
}

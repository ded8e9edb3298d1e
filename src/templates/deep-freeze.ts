/** Freezes data with everything in it, and gives it back. What is frozen already is not looked into again. */
export function deepFreeze<T>(data: T): T {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data) || ArrayBuffer.isView(data))
    return data;
  Object.freeze(data);
  for (const value of Object.values(data)) deepFreeze(value);
  return data;
}

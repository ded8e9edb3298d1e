/** Gives a path without doubled slashes, `/.`, and a slash at its end: two that are equal are one. */
export function plainPath(path: string): string {
  return path
    .replace(/\/+/g, '/')
    .replace(/(\/\.)+(?=\/|$)/g, '')
    .replace(/\/$/, '');
}

import { readFileSync } from 'node:fs';

/**
 * Gives where a file of harvgen's own package lies, by its path there, such as `schema/site.schema.json`. Like this one,
 * all code that asks lies two folders below the package: as sources, as modules, and as bundles.
 */
export function fileOfPackage(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}

/** Gives where a file lies that is no code and stands beside it, by its path below `src`. */
export function fileBesideCode(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}

const { version } = JSON.parse(readFileSync(fileOfPackage('package.json'), 'utf8')) as {
  version: string;
};

/** harvgen's own version. */
export const VERSION = version;

/** How harvgen names itself in what it writes. */
export const GENERATOR = `harvgen ${version}`;

import { readFileSync } from 'node:fs';

/**
 * Returns the URL of a file in harvgen's own package by its path there, such as `schema/site.schema.json`. Like this module,
 * all callers are two directories below the package: as sources, as modules, and as bundles.
 */
export function fileOfPackage(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}

/** Returns the URL of a data file next to the code by its path below `src`. */
export function fileBesideCode(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}

const { version } = JSON.parse(readFileSync(fileOfPackage('package.json'), 'utf8')) as {
  version: string;
};

/** harvgen's own version. */
export const VERSION = version;

/** How harvgen names itself in generated files. */
export const GENERATOR = `harvgen ${version}`;

/** Returns where the package describes a diagnostic: a path there, with an anchor. */
export function placeOfCode(code: string): string {
  return `docs/reference/rules.md#${code}`;
}

/** Returns the URL of a diagnostic that is the same on every machine: harvgen has no site of its own. */
export function urlOfCode(code: string): string {
  return `harvgen:/${placeOfCode(code)}`;
}

/* The files of harvgen's own package. scripts/build-executable.mjs replaces this module: an executable has no files. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * Returns the URL of a file in harvgen's own package by its path there, such as `schema/site.schema.json`. Like this module,
 * all callers are two directories below the package: as sources, as modules, and as bundles.
 */
export function fileOfPackage(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}

function fileBesideCode(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}

/** Returns the text of data next to the code by its path below `src`. In the package, a schema has no descriptions and examples. */
export function dataBesideCode(path: string): string {
  const file = fileBesideCode(path);
  return existsSync(file) ? readFileSync(file, 'utf8') : textBesideCode(path);
}

/** The texts next to the code by path: the build writes them into one file. Undefined in the sources. */
let texts: Readonly<Record<string, string>> | undefined;

function builtTexts(): typeof texts {
  const archive = fileBesideCode('texts.json.br');
  if (!texts && existsSync(archive)) {
    const { brotliDecompressSync } = process.getBuiltinModule('node:zlib');
    texts = JSON.parse(brotliDecompressSync(readFileSync(archive)).toString()) as Record<string, string>;
  }
  return texts;
}

/** Returns the text of a file next to the code by its path below `src`: a template, a page, a script, a schema. */
export function textBesideCode(path: string): string {
  return builtTexts()?.[path] ?? readFileSync(fileBesideCode(path), 'utf8');
}

/** Returns the paths below a directory of `src` of the texts in it with one of some extensions, sorted. */
export function textsBesideCode(folder: string, extensions: RegExp): string[] {
  const inFolder = (path: string) => (path.startsWith(folder) ? [path.slice(folder.length)] : []);
  const built = builtTexts();
  const paths = built
    ? Object.keys(built).flatMap(inFolder)
    : readdirSync(fileBesideCode(folder), { recursive: true, encoding: 'utf8' });
  return paths
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => extensions.test(path))
    .sort();
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

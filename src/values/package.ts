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

/** The files next to the code by path, in archives that the build writes; undefined for the sources. */
const archives = new Map<string, Readonly<Record<string, string>> | undefined>();

function archived(name: string): Readonly<Record<string, string>> | undefined {
  if (!archives.has(name)) {
    const file = fileBesideCode(`${name}.json.br`);
    archives.set(name, existsSync(file) ? JSON.parse(decompressed(file)) : undefined);
  }
  return archives.get(name);
}

function decompressed(file: URL): string {
  return process.getBuiltinModule('node:zlib').brotliDecompressSync(readFileSync(file)).toString();
}

/** Returns the text of data next to the code by its path below `src`. In the package, a schema has no descriptions and examples. */
export function dataBesideCode(path: string): string {
  return archived('often')?.[path] ?? textBesideCode(path);
}

/** Returns the text of a file next to the code by its path below `src`: a template, a page, a script, a schema. */
export function textBesideCode(path: string): string {
  return archived('texts')?.[path] ?? readFileSync(fileBesideCode(path), 'utf8');
}

/** Returns the paths below a directory of `src` of the texts in it with one of some extensions, sorted. */
export function textsBesideCode(folder: string, extensions: RegExp): string[] {
  const inFolder = (path: string) => (path.startsWith(folder) ? [path.slice(folder.length)] : []);
  const built = archived('texts');
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

/** Returns the URL of a diagnostic that is the same on every machine: harvgen has no site of its own. */
export function urlOfCode(code: string): string {
  return `harvgen:/docs/reference/rules.md#${code}`;
}

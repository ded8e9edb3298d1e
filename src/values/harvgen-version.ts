import { readFileSync } from 'node:fs';
import { fileOfPackage } from './package-files.ts';

const { version } = JSON.parse(readFileSync(fileOfPackage('package.json'), 'utf8')) as {
  version: string;
};

/** harvgen's own version. */
export const VERSION = version;

/** How harvgen names itself in what it writes. */
export const GENERATOR = `harvgen ${version}`;
